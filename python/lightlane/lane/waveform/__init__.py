"""The sampled lane model: bits, fiber, DSP, bits, on the links and the levels of the budget."""

from __future__ import annotations

"""How a lane is evaluated: the options that every way into the budget model takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetOptions:
    """Options of the analytic lane models; the same words are keys of a scenario and flags of the command line."""

    fiber_limits: bool = False
    """Take each fiber's limit figures instead of its typical ones."""


DEFAULT_OPTIONS = BudgetOptions()

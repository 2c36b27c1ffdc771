"""The plan of quick chunks, for tests of the store."""

from __future__ import annotations

import sys
from pathlib import Path

# The same module by the same name in subprocesses and workers, which unpickle plans.
sys.path.insert(0, str(Path(__file__).parents[1] / "execution"))

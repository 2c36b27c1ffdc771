"""Progress and cancellation of a running kernel, and what the extension was built for."""

from __future__ import annotations

from typing import Any

from lightlane._core import Task
from lightlane._core import build_info as _build_info

__all__ = ["Task", "build_info"]


def build_info() -> dict[str, Any]:
    """Return version, target, optimization and instruction set of the Rust build."""
    return _build_info()

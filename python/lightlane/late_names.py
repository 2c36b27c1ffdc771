"""Public names whose modules are loaded when they are first used: to import a package costs next to nothing."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

Loader = tuple[Callable[[str], Any], Callable[[], list[str]]]


def load_late(module: str, homes: Mapping[str, str], *, package: str = "") -> Loader:
    """Return what serves a module as its ``__getattr__`` and ``__dir__``.

    Parameters
    ----------
    homes
        For each name the module that it lives in, below ``package``.
    package
        Absent: the module itself.
    """
    base = package or module

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{base}.{homes[name]}"), name)
        setattr(sys.modules[module], name, value)
        return value

    def list_names() -> list[str]:
        return sorted({*vars(sys.modules[module]), *homes})

    return find, list_names

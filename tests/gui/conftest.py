"""Tests of the desktop application: real widgets on Qt's offscreen platform."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

EXAMPLES = Path(__file__).parents[2] / "examples"
METRO = EXAMPLES / "09_years_of_a_metro" / "scenario.toml"


@pytest.fixture
def metro_path() -> Path:
    """Return a scenario of four links, with events and a variant."""
    return METRO


@pytest.fixture
def workbench(qtbot: object) -> Iterator[object]:
    """Return a workbench without a window, whose threads end with the test."""
    from lightlane_gui.workbench import Workbench

    found = Workbench()
    yield found
    found.close()

"""Opening files: fabrics and scenarios."""

from __future__ import annotations

from pathlib import Path

from lightlane import LiveScenario
from lightlane_gui.session.document import Document


def open_document(path: Path) -> Document:
    """Read a fabric or a scenario.

    Raises
    ------
    FormatError
        With every problem of the file.
    ParameterError
        If what a scenario says does not hold for its fabric.
    """
    live = LiveScenario.open(path)
    return Document(live.scenario, live.fabric, live.catalog, path)

"""Opening what the user names: a fabric, a scenario, a session."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from lightlane import LiveScenario, ParameterError
from lightlane_gui.session.document import GIVEN, Document, Edited
from lightlane_gui.session.session_file import SUFFIX, Opened, read_session

DEMO = "scenario.toml"


def open_file(path: Path) -> Opened:
    """Read a file, whatever it is.

    Raises
    ------
    FormatError
        With every problem of the file.
    ParameterError
        If there is no such file, or what a scenario says does not hold for its fabric.
    """
    if not path.exists():
        raise ParameterError(
            f"{path}: there is no such file; allowed: a fabric, a scenario, a session or a results folder"
        )
    if path.suffix == SUFFIX:
        return read_session(path)
    live = LiveScenario.open(path)
    scenario = live.scenario
    if scenario.fabric == GIVEN:
        # A fabric by itself: the scenario around it names its file, so that it can be saved and run.
        scenario = scenario.model_copy(update={"fabric": str(path.resolve())})
    return Opened(Document(scenario, live.fabric, live.catalog, path), Edited(scenario))


def demo_path() -> Path:
    """Return the scenario that comes with the application."""
    return Path(str(resources.files("lightlane_gui").joinpath("data", DEMO)))


def open_document(path: Path) -> Document:
    """Read a file and return its document alone; errors as of :func:`open_file`."""
    return open_file(path).document

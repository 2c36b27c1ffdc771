"""Session files: the scenario as it is edited, and where the user was in it, as readable text."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from lightlane import Fabric, LiveScenario, Scenario, load_catalog
from lightlane.toolkit import format_toml, place_scenario, read_toml, scenario_to_data, validate, write_atomically
from lightlane_gui.session.document import BASE, GIVEN, Document, Edited
from lightlane_gui.session.selection import Kind
from lightlane_gui.session.session import Session

SUFFIX = ".lightlane"


class View(BaseModel):
    """Where the user was."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    variant: str = BASE
    time_days: float = 0.0
    compared_with: str | None = None
    selected_kind: Kind = ""
    selected_name: str = ""
    opened_from: str | None = None
    """The file that the session began with."""


class SessionFile(BaseModel):
    """What a session file holds."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    format: Literal[1]
    kind: Literal["session"]
    view: View = View.model_construct()
    scenario: Scenario
    fabric: Fabric | None = None
    """Where the fabric has no file of its own."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A document that was read, and where the user was in it."""

    document: Document
    form: Edited
    view: View = field(default_factory=View)

    def put_into(self, session: Session) -> None:
        """Open it in a session."""
        session.open(self.document, form=self.form, time_days=self.view.time_days)
        if self.view.compared_with in self.form.names():
            session.compare_with(self.view.compared_with)
        if self.view.selected_kind:
            session.select(self.view.selected_kind, self.view.selected_name)


def session_to_toml(session: Session, folder: Path) -> str:
    """Return the text of a session's file in ``folder``; session must hold a document."""
    document, form = session.document, session.form
    assert document is not None
    scenario = scenario_to_data(form.scenario, folder)
    data = {"format": 1, "kind": "session"}
    selection = session.selection
    view = View(
        variant=form.variant,
        time_days=session.time_days,
        compared_with=session.reference_variant,
        selected_kind=selection.kind,
        selected_name=selection.name,
        opened_from=None if document.path is None else str(document.path.resolve()),
    )
    out = {**data, "view": view.model_dump(exclude_none=True, exclude_defaults=True), "scenario": scenario}
    if form.scenario.fabric == GIVEN:
        scenario["fabric"] = GIVEN
        out["fabric"] = document.fabric.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True)
    return format_toml(out)


def save_session(session: Session, path: Path) -> None:
    """Write a session, all of it or nothing.

    Raises
    ------
    ParameterError
        If the file cannot be written.
    """
    write_atomically(path, session_to_toml(session, path.resolve().parent))


def read_session(path: Path) -> Opened:
    """Read a session file.

    Raises
    ------
    FormatError
        With every problem of the file.
    ParameterError
        If the scenario does not hold for its fabric.
    """
    held = validate(read_toml(path), SessionFile)
    opened_from = None if held.view.opened_from is None else Path(held.view.opened_from)
    if held.fabric is not None:
        scenario = held.scenario
        catalog = load_catalog([str(path.resolve().parent / name) for name in scenario.catalog])
        document = Document(scenario, held.fabric, catalog, opened_from)
    else:
        live = LiveScenario.open(place_scenario(held.scenario, path.resolve().parent))
        document = Document(live.scenario, live.fabric, live.catalog, opened_from)
    form = Edited(document.scenario)
    return Opened(document, form.show(held.view.variant) if held.view.variant in form.names() else form, held.view)

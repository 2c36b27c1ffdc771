"""Showing a point or a draw of a results folder on the map, and opening the scenario of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lightlane import Fabric, LightlaneError, Scenario, Variant, open_results
from lightlane.toolkit import RecordedScenario, recall_scenario
from lightlane_gui.batch.results_reader import Picked
from lightlane_gui.session.document import BASE, Document, Edited
from lightlane_gui.session.drawn import Drawn
from lightlane_gui.session.session import Session

_NOT_OF_A_STATE = {
    "name", "fabric", "imported", "catalog", "sweep", "variant", "draws_count", "keep_draws", "keep_lanes", "waveform",
    "objectives", "worst_case", "frame_loss",
}  # fmt: skip
"""Keys of a scenario that do not change what a state of its base is."""


def open_results_folder(path: Path) -> tuple[Document, tuple[str, ...]]:
    """Return the scenario of a results folder as a document, and what is not as it was in the run, in words.

    Raises
    ------
    FormatError
        If it is no results folder of this format, or keeps no scenario.
    """
    return document_of(recall_scenario(open_results(path)))


def document_of(recalled: RecordedScenario) -> tuple[Document, tuple[str, ...]]:
    """Return what was recalled as a document, and its notes."""
    return Document(recalled.scenario, recalled.fabric, recalled.catalog), recalled.notes


def show_pick(session: Session, picked: Picked) -> None:
    """Show a state of a folder: its point as a variant that is added, its instant, and its draw over it.

    Raises
    ------
    LightlaneError
        If the folder is of another fabric or scenario than what is open.
    """
    document = session.document
    if document is None or not _stands_on(document.fabric, session.form.scenario, picked.recalled):
        raise LightlaneError(
            "these results are of another fabric or scenario than what is open: press “Open its scenario” first"
        )
    form = _with_state(session.form, picked)
    if form.scenario is not session.form.scenario:
        session.edit(form, f"show point {picked.pick.point}")
    session.show_variant(form.variant)
    session.set_time(picked.time_days)
    if picked.pick.link:
        session.select("link", picked.pick.link)
    if picked.margin_db is not None:
        label = f"draw {picked.pick.draw} of {picked.pick.path.name}"
        session.show_draw(Drawn(label, picked.links, picked.margin_db, picked.status, picked.limited_by))
        session.notice(f"Margins are those of {label}; powers, OSNR and latencies are nominal")


def _stands_on(fabric: Fabric, scenario: Scenario, recalled: RecordedScenario) -> bool:
    def plain(item: Scenario) -> dict[str, Any]:
        return item.model_dump(mode="json", exclude=_NOT_OF_A_STATE)

    return fabric == recalled.fabric and plain(scenario) == plain(recalled.scenario)


def _with_state(form: Edited, picked: Picked) -> Edited:
    """Return a form with a variant that is this state's; one that there is already is not made again."""
    ran = picked.recalled.scenario
    variant = next((item for item in ran.variant if item.name == picked.pick.variant), None)
    if variant is None and not picked.fields:
        return form.show(BASE)
    wanted = Edited(ran.model_copy(update={"variant": ()})).add(variant or Variant(name="point"))
    for field, value in picked.fields:
        wanted = wanted.set_field(field, value)
    made = wanted.find(wanted.variant)
    assert made is not None
    known = next((item for item in form.scenario.variant if _same(item, made)), None)
    if known is not None:
        return form.show(known.name)
    stem = made.name if not picked.fields else f"{picked.pick.variant[:40]}-point-{picked.pick.point}"
    return form.add(made.model_copy(update={"name": form.free_name(stem)}))


def _same(one: Variant, other: Variant) -> bool:
    return one.model_copy(update={"name": other.name}) == other

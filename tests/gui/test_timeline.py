"""The timeline as a user has it: play, step, scrub, inject, drag, undo; charts that are the headless numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit

from lightlane import FormatError, LiveScenario, Timeline
from lightlane_gui.charts.export import save_svg
from lightlane_gui.session.document import Document, Edited
from lightlane_gui.session.opening import open_document
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.timeline.figures import FiguresRequest, FiguresWorker
from lightlane_gui.timeline.history import list_instants
from lightlane_gui.timeline.injecting import inject_event
from lightlane_gui.timeline.margin_strip import HIGHEST_DB, LOWEST_DB, hold_steps
from lightlane_gui.timeline.markers import (
    DURATION_MAX_DAYS,
    list_markers,
    list_stops,
    move_event,
    remove_event,
)
from lightlane_gui.timeline.player import next_time
from lightlane_gui.timeline.timeline_panel import TimelinePanel
from lightlane_gui.workbench import Workbench
from lightlane_gui.workers.mailbox import Mailbox

EXAMPLE = Path(__file__).parents[2] / "examples" / "09_years_of_a_metro" / "scenario.toml"


@pytest.fixture(scope="module")
def document() -> Document:
    """Return the example with a coarse grid: a history of few instants."""
    found = open_document(EXAMPLE)
    timeline = Timeline(duration_days=2190, step_days=365)
    scenario = found.scenario.model_copy(update={"timeline": timeline})
    return Document(scenario, found.fabric, found.catalog, found.path)


@pytest.fixture
def bench(qapp: Any) -> Iterator[Workbench]:
    bench = Workbench()
    yield bench
    bench.close()


@pytest.fixture
def panel(bench: Workbench, document: Document, qtbot: Any) -> Iterator[TimelinePanel]:
    panel = TimelinePanel(bench.session)
    qtbot.addWidget(panel)
    panel.resize(1000, 330)
    panel.show()
    bench.session.open(document)
    settle(panel, qtbot)
    yield panel
    panel.close_workers()


def settle(panel: TimelinePanel, qtbot: Any) -> None:
    session = panel.session
    qtbot.waitUntil(lambda: not session.is_stale and session.picture.routed, timeout=20_000)
    qtbot.waitUntil(lambda: panel.strip._history is not None and panel.strip._history.form is session.form)
    qtbot.waitUntil(lambda: panel.strip._history.is_complete, timeout=20_000)


# --- models ---------------------------------------------------------------------------------------------------------


def test_clock_lands_on_what_happens_and_never_beyond() -> None:
    stops = (0.0, 300.0, 300.5, 2190.0)
    assert next_time(299.0, 30.0, stops) == 300.0
    assert next_time(300.0, 30.0, stops) == 300.5
    assert next_time(300.5, 30.0, stops) == 330.5
    assert next_time(2180.0, 30.0, stops) == 2190.0
    assert next_time(2190.0, 30.0, stops) == 2190.0


def test_markers_are_what_the_variant_runs(document: Document) -> None:
    form = Edited(document.scenario, "careless").set_field("event.3.start_days", 250.0)
    live = LiveScenario(document.scenario, document.fabric, document.catalog)
    ground = live.ground(form.scenario, variant="careless")
    assert tuple(marker.event for marker in list_markers(form)) == ground.scenario.event
    assert [marker.is_own for marker in list_markers(form)].count(True) == 1
    assert set(list_stops(form)) <= {*live.times_days(form.scenario, variant="careless"), 2190.0}


def test_event_moves_with_its_end_in_both_directions(document: Document) -> None:
    live = LiveScenario(document.scenario, document.fabric, document.catalog)
    base = Edited(document.scenario)
    marker = next(item for item in list_markers(base) if item.event.kind == "amplifier_failure")
    for start in (1700.0, 20.0):
        form = move_event(base, marker, start)
        event = live.ground(form.scenario, variant=form.variant).scenario.event[marker.place]
        assert (event.start_days, event.end_days) == (start, pytest.approx(start + 0.3))
        assert form.scenario.event == document.scenario.event  # the base stays as its file has it
        back = move_event(form, list_markers(form)[marker.place], 1300.0)
        moved = live.ground(back.scenario, variant=back.variant).scenario.event[marker.place]
        assert (moved.start_days, moved.end_days) == (1300.0, pytest.approx(1300.3))


def test_removed_event_takes_its_settings_along(document: Document) -> None:
    form = Edited(document.scenario, "careless")
    for duct in ("avus", "havel"):
        form = form.add_event(form.scenario.event[3].model_copy(update={"duct": duct, "start_days": 5.0}))
    count = len(document.scenario.event)
    form = form.set_field(f"event.{count + 2}.note", "kept").set_field(f"event.{count + 1}.note", "gone")
    left = list_markers(remove_event(form, list_markers(form)[count + 1]))
    assert [marker.event.note for marker in left[count:]] == ["", "kept"]
    assert left[-1].event.duct == "havel"


def test_longest_timeline_is_that_of_scenarios() -> None:
    Timeline(duration_days=DURATION_MAX_DAYS)
    with pytest.raises(ValueError, match="duration_days"):
        Timeline(duration_days=DURATION_MAX_DAYS + 1)


def test_instants_without_grid_are_those_of_a_run_and_more(document: Document) -> None:
    form = Edited(document.scenario.model_copy(update={"timeline": Timeline(duration_days=600)}))
    instants = list_instants(form, (0.0, 300.0, 300.5, 700.0))
    assert {0.0, 300.0, 300.5, 600.0} <= set(instants.tolist())
    assert instants.max() == 600.0
    assert len(instants) == 61 + 1  # 300 is on the grid, 300.5 is not


def test_held_curve_falls_at_an_instant() -> None:
    x, y = hold_steps(np.array([0.0, 1.0, 3.0]), np.array([5.0, 2.0, 4.0]))
    assert list(zip(x.tolist(), y.tolist(), strict=True)) == [(0, 5), (1, 5), (1, 2), (3, 2), (3, 4)]


# --- window ---------------------------------------------------------------------------------------------------------


def test_figures_of_the_base_are_found_once_for_an_instant(
    document: Document, monkeypatch: pytest.MonkeyPatch, qapp: Any
) -> None:
    base, changed = Edited(document.scenario), Edited(document.scenario).set_field("conditions.connector_loss_db", 3.0)
    live = LiveScenario(document.scenario, document.fabric, document.catalog)
    known = {time_days: live.state(time_days=time_days).figures for time_days in (0.0, 365.0)}
    evaluated: list[float] = []
    state_of = LiveScenario.state
    monkeypatch.setattr(
        LiveScenario, "state", lambda *args, **keys: evaluated.append(keys["time_days"]) or state_of(*args, **keys)
    )
    mailbox = Mailbox()
    worker = FiguresWorker(mailbox)
    other = LiveScenario(document.scenario, document.fabric, document.catalog)
    for form, time_days, evaluations in ((base, 0.0, 0), (changed, 0.0, 0), (changed, 365.0, 1), (changed, 365.0, 1)):
        state = state_of(other, form.scenario, variant=form.variant, time_days=time_days)
        picture = FabricPicture(1, form.variant, time_days, state, routed=True, elapsed_ms=0.0)
        worker.submit(FiguresRequest(document, form, picture))
        assert worker.wait()
        found = mailbox.take()["figures"]
        assert (found.figures, found.base) == (state.figures, known[time_days])
        assert len(evaluated) == evaluations
    assert found.figures["least_margin_db"] < found.base["least_margin_db"]
    worker.close()


def test_strip_shows_the_headless_margins_with_gaps_and_edges(panel: TimelinePanel, document: Document) -> None:
    live = LiveScenario(document.scenario, document.fabric, document.catalog)
    times = live.times_days()
    history = panel.strip._history
    assert history is not None
    assert tuple(history.times_days.tolist()) == times
    rows = []
    for time_days in times:
        links = live.state(time_days=time_days).tables["links"]
        rows.append(dict(zip(links["link"], links["margin_db"], strict=True)))
    for link in history.links:
        np.testing.assert_array_equal(history.of_link(link), [row[link] for row in rows])
    worst = [np.nanmin(list(row.values())) for row in rows]
    np.testing.assert_array_equal(history.ranked(0.0), worst)
    panel.session.select("link", "berlin-potsdam")
    shown = {series.key: series for series in panel.strip.series}
    assert np.isnan(shown["link:berlin-potsdam"].y).any()  # cut from day 300 to 300.5
    assert np.nanmin(shown["worst"].y) >= LOWEST_DB
    assert np.nanmax(shown["worst"].y) <= HIGHEST_DB


def test_space_plays_from_picture_to_picture_and_pauses(panel: TimelinePanel, qtbot: Any) -> None:
    seen: list[tuple[float, bool]] = []
    session = panel.session
    session.time_changed.connect(lambda time_days: seen.append((time_days, session.is_stale)))
    panel.player.speed_days_per_s = 2000.0
    panel.track.setFocus()
    qtbot.keyClick(panel.track, Qt.Key.Key_Space)
    assert panel.player.is_playing
    qtbot.waitUntil(lambda: session.time_days > 310.0, timeout=20_000)
    qtbot.keyClick(panel.track, Qt.Key.Key_Space)
    assert not panel.player.is_playing
    times = [time_days for time_days, _ in seen]
    assert times == sorted(times)
    assert {300.0, 300.5} <= set(times)  # half a day of cut is not passed over at 2000 days a second


def test_clock_waits_for_the_picture(panel: TimelinePanel) -> None:
    panel.player.play()
    panel.session.version += 1  # nobody has been asked for this one
    before = panel.session.time_days
    for _ in range(5):
        panel.player._tick()
    assert panel.session.time_days == before
    panel.player.pause()


def test_steps_go_from_event_to_event(panel: TimelinePanel, qtbot: Any) -> None:
    actions = panel.actions_by_name
    for expected in (300.0, 300.5, 700.0):
        actions["next"].trigger()
        assert panel.session.time_days == expected
    actions["previous"].trigger()
    assert panel.session.time_days == 300.5
    panel.transport.day.setValue(512.0)
    assert panel.session.time_days == 512.0


def test_cut_is_injected_seen_dragged_undone_and_removed(panel: TimelinePanel, qtbot: Any) -> None:
    session, track = panel.session, panel.track
    session.set_time(500.0)
    panel.ask_event("fiber_cut", duct="avus")
    dialog = panel.dialog
    assert dialog is not None
    assert dialog.button_ok.isEnabled()
    assert dialog.rows["lasting"].text == "12"
    edit = dialog.rows["lasting"].editor
    assert isinstance(edit, QLineEdit)
    edit.clear()
    qtbot.keyClicks(edit, "2400")
    qtbot.mouseClick(dialog.button_ok, Qt.MouseButton.LeftButton)
    settle(panel, qtbot)
    qtbot.waitUntil(lambda: panel.figures._figures.version == session.version)
    assert session.form.variant == "what-if"
    assert panel.figures.values["links_down_count"].text() == "1"
    assert panel.figures.changes["links_down_count"].text() == "+1"
    live = session.picture.state
    broken = [item for item in live.judge() if not item.met]
    expected = f"{len(broken)} of 2 broken" if broken else "2 met"
    assert panel.figures.objectives.text() == expected
    assert "demands_late_count" in panel.figures.objectives.toolTip()
    assert panel.figures._figures.figures == live.figures

    marker = list_markers(session.form)[-1]
    assert (marker.is_own, marker.event.end_days) == (True, 600.0)
    panel._align()
    at = track.place_of(marker).toPoint()
    count = session.undo_stack.count()
    qtbot.mousePress(track, Qt.MouseButton.LeftButton, pos=at)
    for step in range(1, 4):
        qtbot.mouseMove(track, at + QPoint(20 * step, 0))
    qtbot.mouseRelease(track, Qt.MouseButton.LeftButton, pos=at + QPoint(60, 0))
    moved = list_markers(session.form)[-1].event
    assert moved.start_days > 550
    assert moved.end_days == pytest.approx(moved.start_days + 100)
    assert session.undo_stack.count() == count + 1
    session.undo_stack.undo()
    assert list_markers(session.form)[-1].event.start_days == 500.0
    track.selected_place = marker.place
    qtbot.keyClick(track, Qt.Key.Key_Delete)
    assert len(list_markers(session.form)) == marker.place


def test_scrubbing_moves_time_and_base_events_stay(panel: TimelinePanel, qtbot: Any) -> None:
    track, session = panel.track, panel.session
    panel._align()
    at = QPoint(round(track.x_of(1234.0)), track.height() - 2)
    qtbot.mouseClick(track, Qt.MouseButton.LeftButton, pos=at)
    assert session.time_days == pytest.approx(1234.0, abs=3.0)
    notices: list[str] = []
    session.noticed.connect(lambda _, text: notices.append(text))
    track.selected_place = 0
    track.delete_selected()
    assert session.undo_stack.count() == 0
    assert "of the base" in notices[0]


def test_move_that_does_not_fit_is_refused_in_words(panel: TimelinePanel) -> None:
    track = panel.track
    repair = next(marker for marker in list_markers(panel.session.form) if marker.event.kind == "fiber_repair")
    track.selected_place = repair.place
    track._move_selected(200.0)  # the duct is cut on day 300
    assert "a duct that was cut before" in panel.message.text()
    assert panel.session.undo_stack.count() == 0


def test_history_that_cannot_be_computed_says_why_until_it_can(panel: TimelinePanel, qtbot: Any) -> None:
    session = panel.session
    cut = next(event for event in session.form.scenario.event if event.kind == "fiber_cut")
    session.edit(session.form.add_event(cut.model_copy(update={"duct": "nowhere"})), "a wrong cut")
    qtbot.waitUntil(lambda: "'nowhere'" in panel.message.text(), timeout=20_000)
    session.undo_stack.undo()
    settle(panel, qtbot)
    assert panel.message.text() == ""


def test_dialog_says_what_is_wrong_beside_the_field(panel: TimelinePanel, qtbot: Any) -> None:
    panel.session.select("duct", "south-east")
    panel.ask_event("connector_contamination")
    dialog = panel.dialog
    assert dialog is not None
    assert dialog.rows["duct"].text == "south-east"
    assert dialog.rows["site"].problem.text() == "needed: the name of a site"
    assert not dialog.button_ok.isEnabled()
    for name, text in (("site", "Potsdam"), ("loss_db", "-1")):
        edit = dialog.rows[name].editor
        assert isinstance(edit, QLineEdit)
        edit.clear()
        qtbot.keyClicks(edit, text)
    assert "a number at least 0" in dialog.rows["loss_db"].problem.text()
    edit.clear()
    qtbot.keyClicks(edit, "1.5")
    assert "Potsdam" in dialog.rows["site"].problem.text()  # no end of this duct
    site = dialog.rows["site"].editor
    assert isinstance(site, QLineEdit)
    site.clear()
    qtbot.keyClicks(site, "Adlershof")
    assert dialog.button_ok.isEnabled()
    dialog.reject()


def test_injecting_without_a_dialog_refuses_all_that_is_wrong(panel: TimelinePanel) -> None:
    with pytest.raises(FormatError) as caught:
        inject_event(panel.session, {"kind": "fiber_cut", "duct": "nowhere"})
    assert [problem.key for problem in caught.value.problems] == ["duct"]
    assert panel.session.undo_stack.count() == 0
    event = inject_event(panel.session, {"kind": "sop_storm", "sop_rate_krad_per_s": 50.0})
    assert event.start_days == panel.session.time_days


def test_strip_exports_axes_as_vectors(panel: TimelinePanel, tmp_path: Path) -> None:
    assert save_svg(panel.strip.plot, tmp_path / "strip.svg", "Margin", "#000000", "#ffffff")
    text = (tmp_path / "strip.svg").read_text()
    assert "<image" not in text
    assert ">500<" in text  # a tick of the time axis


def test_pinned_links_stay_in_the_chart(panel: TimelinePanel) -> None:
    session, pin = panel.session, panel.actions_by_name["pin"]
    assert not pin.isEnabled()
    session.select("link", "adlershof")
    pin.trigger()
    session.select("link", "berlin-potsdam")
    assert {"link:adlershof", "link:berlin-potsdam"} <= {series.key for series in panel.strip.series}
    session.select("link", "adlershof")
    pin.trigger()
    session.select("link", "berlin-potsdam")
    assert "link:adlershof" not in {series.key for series in panel.strip.series}
    panel.actions_by_name["show_worst"].trigger()
    assert "worst" not in {series.key for series in panel.strip.series}


def test_duration_makes_a_timeline(panel: TimelinePanel, qtbot: Any) -> None:
    spin = panel.transport.duration
    spin.setFocus()
    spin.setValue(3000.0)
    spin.editingFinished.emit()
    assert panel.session.form.scenario.timeline.duration_days == 3000.0
    spin.setValue(10.0)
    assert spin.value() == 1800.0  # the last event begins then
    panel.session.undo_stack.undo()
    assert panel.session.form.scenario.timeline.duration_days == 2190.0


def test_every_control_has_a_name_and_a_meaning(panel: TimelinePanel) -> None:
    for widget in (panel.transport.day, panel.transport.speed, panel.transport.duration, panel.track):
        assert widget.accessibleName()
        assert widget.toolTip()
    assert all(action.toolTip() and action.text() for action in panel.actions_offered())

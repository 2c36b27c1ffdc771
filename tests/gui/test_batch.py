"""Batches as a user has them: set up, run, cancel, retry, look, click; numbers are those of a headless run."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from lightlane import LightlaneError, ParameterError, ResultsFolder, Sweep, Timeline, open_results, run
from lightlane_gui.batch.batch_panel import BatchPanel
from lightlane_gui.batch.child import RunRequest
from lightlane_gui.batch.jobs import JobManager
from lightlane_gui.batch.results_reader import Pick, read_pick
from lightlane_gui.batch.setups import build_scenario, build_sweep, suggest_folder
from lightlane_gui.batch.showing import open_results_folder, show_pick
from lightlane_gui.session.document import Document, Edited
from lightlane_gui.session.opening import open_document
from lightlane_gui.workbench import Workbench

EXAMPLE = Path(__file__).parents[2] / "examples" / "09_years_of_a_metro" / "scenario.toml"
FIELD = "duct.havel.extra_loss_db"


@pytest.fixture(scope="module")
def document() -> Document:
    """Return the example with few instants and no draws."""
    found = open_document(EXAMPLE)
    kinds = ("demand_growth", "fiber_cut", "fiber_repair", "amplifier_failure")
    events = tuple(event for event in found.scenario.event if event.kind in kinds)
    changes = {"timeline": Timeline(duration_days=2190), "draws_count": 0, "keep_draws": False, "event": events}
    return Document(found.scenario.model_copy(update=changes), found.fabric, found.catalog, found.path)


@pytest.fixture(scope="module")
def swept(document: Document, tmp_path_factory: pytest.TempPathFactory) -> ResultsFolder:
    """Return a sweep of three points, with three draws at each state."""
    sweep = Sweep(field=FIELD, values=(0.0, 1.0, 4.0))
    scenario = build_scenario(Edited(document.scenario), sweep=sweep, draws_count=3)
    scenario = scenario.model_copy(update={"event": scenario.event[:2]})
    folder = tmp_path_factory.mktemp("swept") / "sweep"
    return run(scenario, folder, fabric=document.fabric, catalog=document.catalog)


@pytest.fixture
def jobs(qapp: Any) -> Iterator[JobManager]:
    jobs = JobManager(most_at_once=1)
    yield jobs
    jobs.close()


@pytest.fixture
def bench(qapp: Any) -> Iterator[Workbench]:
    bench = Workbench()
    yield bench
    bench.close()


@pytest.fixture
def panel(bench: Workbench, jobs: JobManager, qtbot: Any) -> Iterator[BatchPanel]:
    panel = BatchPanel(bench.session, jobs)
    qtbot.addWidget(panel)
    panel.resize(1000, 600)
    panel.show()
    yield panel
    panel.close_workers()


def request_of(document: Document, folder: Path, *, draws_count: int) -> RunRequest:
    """Return draws of one link without demands at one instant: one chunk beside those of the single evaluation."""
    changes = {"event": (), "variant": (), "timeline": None, "draws_count": draws_count, "keep_draws": True}
    fabric = document.fabric.model_copy(update={"demand": (), "link": document.fabric.link[:1]})
    return RunRequest("draws", document.scenario.model_copy(update=changes), fabric, document.catalog, folder)


def count_chunks(folder: Path) -> int:
    return len(open_results(folder).chunks())


def digest(rows: list[dict[str, Any]]) -> str:
    """Return the hash of a table as JSON, keys of the state left out: a live state has no step."""
    left_out = {"variant", "point_index", "step_index", "time_days"}
    plain = [{key: value for key, value in row.items() if key not in left_out} for row in rows]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def no_nan(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: None if value != value else value for key, value in row.items()} for row in rows]  # noqa: PLR0124


# --- models ---------------------------------------------------------------------------------------------------------


def test_sweeps_of_texts() -> None:
    assert build_sweep(FIELD, values="0, 1.5,  2").values == (0, 1.5, 2)
    assert build_sweep("fiber_limits", values="true, false").values == (True, False)
    assert build_sweep(FIELD, start="−1", stop="1", count=3).list_values() == (-1.0, 0.0, 1.0)  # noqa: RUF001
    for field, given, words in (
        ("", {"values": "1"}, "field: found nothing"),
        (FIELD, {"start": "a", "stop": "1", "count": 3}, "from: found 'a'"),
        (FIELD, {"start": "1", "stop": "", "count": 3}, "to: found nothing"),
        (FIELD, {"start": "1", "stop": "2", "count": 1}, "count: found 1"),
    ):
        with pytest.raises(ParameterError, match=words):
            build_sweep(field, **given)  # type: ignore[arg-type]


def test_batch_leaves_out_variants_that_are_not_shown(document: Document) -> None:
    form = Edited(document.scenario)
    assert build_scenario(form, shown_variant_only=True).variant == ()
    assert build_scenario(form.show("careless"), shown_variant_only=True).variant == document.scenario.variant
    assert build_scenario(form).variant == document.scenario.variant
    drawn = build_scenario(form, draws_count=7, seed=3)
    assert (drawn.draws_count, drawn.keep_draws, drawn.seed) == (7, True, 3)


def test_suggested_folders_are_not_there_yet(document: Document, tmp_path: Path) -> None:
    beside = Document(document.scenario, document.fabric, document.catalog, tmp_path / "scenario.toml")
    first = suggest_folder(beside, "sweep")
    assert first.parent == tmp_path / "results"
    first.mkdir(parents=True)
    assert suggest_folder(beside, "sweep").name == first.name[:-1] + "2"


# --- jobs -----------------------------------------------------------------------------------------------------------


def test_job_gives_what_a_headless_run_gives_and_the_screen_shows(
    panel: BatchPanel, bench: Workbench, jobs: JobManager, document: Document, tmp_path: Path, qtbot: Any
) -> None:
    session = bench.session
    session.open(document)
    session.set_field("duct.havel.extra_loss_db", 3.0, "more loss")
    session.set_time(1300.0)
    qtbot.waitUntil(lambda: not session.is_stale and session.picture.routed, timeout=20_000)
    panel.setup.tabs.setCurrentIndex(2)
    panel.setup.folder.setText(str(tmp_path / "run"))
    qtbot.mouseClick(panel.setup.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(jobs.jobs) and jobs.jobs[0].is_over, timeout=30_000)
    job = jobs.jobs[0]
    assert (job.state, job.done_count) == ("done", job.total_count)
    headless = run(
        build_scenario(session.form, shown_variant_only=True), tmp_path / "headless", fabric=document.fabric,
        catalog=document.catalog,
    )  # fmt: skip
    by_job = open_results(tmp_path / "run")
    assert by_job.fingerprint == headless.fingerprint
    state = session.picture.state
    for name in ("links", "demands"):
        where = f"select * from {name} where variant = 'what-if' and time_days = 1300"
        assert by_job.query(where) == headless.query(where)
        rows = no_nan(headless.query(where).to_pylist())
        assert len(rows) == len(state.tables[name]) > 0
        assert digest(no_nan(state.tables[name].rows())) == digest(rows)


@pytest.mark.slow
def test_results_are_shown_while_the_run_goes_on_and_when_it_is_done(
    panel: BatchPanel, bench: Workbench, jobs: JobManager, document: Document, tmp_path: Path, qtbot: Any
) -> None:
    bench.session.open(document)
    setup = panel.setup
    qtbot.keyClicks(setup.field, FIELD)
    qtbot.keyClicks(setup.begin, "0")
    qtbot.keyClicks(setup.end, "4")
    setup.count.setValue(3)
    setup.folder.setText(str(tmp_path / "sweep"))
    qtbot.mouseClick(setup.start, Qt.MouseButton.LeftButton)
    assert setup.problem.text() == ""
    assert panel.results.path == tmp_path / "sweep"
    panel.results.view.setCurrentIndex(1)
    qtbot.waitUntil(lambda: jobs.jobs[0].is_over, timeout=30_000)
    qtbot.waitUntil(lambda: panel.results.picture is not None and panel.results.picture.is_complete, timeout=10_000)
    points = next(series for series in panel.results.plot.chart.series if series.key == "points")
    least = open_results(tmp_path / "sweep").query(
        "select point_index, min(margin_db) m from links where step_index = 0 and variant = 'baseline' "
        "and not isnan(margin_db) group by 1 order by 1"
    )
    assert points.x.tolist() == [0.0, 2.0, 4.0]
    assert points.y.tolist() == least["m"].to_pylist()


def test_job_that_is_cancelled_at_once_leaves_nothing(
    jobs: JobManager, document: Document, tmp_path: Path, qtbot: Any
) -> None:
    number = jobs.start(request_of(document, tmp_path / "draws", draws_count=500_000))
    jobs.cancel(number)
    qtbot.waitUntil(lambda: jobs.find(number).is_over, timeout=10_000)
    assert jobs.find(number).state == "cancelled"
    assert not (tmp_path / "draws").exists()


@pytest.mark.slow
def test_cancelled_job_ends_soon_keeps_its_reason_and_is_gone_on_with(
    jobs: JobManager, document: Document, tmp_path: Path, qtbot: Any
) -> None:
    folder = tmp_path / "draws"
    number = jobs.start(request_of(document, folder, draws_count=500_000))
    waiting = jobs.start(request_of(document, tmp_path / "other", draws_count=10))
    qtbot.waitUntil(lambda: (folder / "manifest.json").exists() and count_chunks(folder) == 2, timeout=30_000)
    assert jobs.find(waiting).state == "waiting"
    jobs.cancel(waiting)
    jobs.cancel(number)
    qtbot.waitUntil(lambda: jobs.find(number).is_over and jobs.find(waiting).is_over, timeout=5_000)
    assert jobs.find(number).state == jobs.find(waiting).state == "cancelled"
    assert jobs.find(number).text
    assert not (tmp_path / "other").exists()
    opened = open_results(folder)
    assert (len(opened.chunks()), opened.planned_count) == (2, 3)
    written = {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}
    again = jobs.retry(number)
    qtbot.waitUntil(lambda: jobs.find(again).done_count == 2, timeout=30_000)
    jobs.cancel(again)
    qtbot.waitUntil(lambda: jobs.find(again).is_over, timeout=5_000)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")} == written  # nothing was done again


def test_failed_job_says_why(jobs: JobManager, document: Document, tmp_path: Path, qtbot: Any) -> None:
    (tmp_path / "taken").write_text("no folder")
    number = jobs.start(request_of(document, tmp_path / "taken", draws_count=10))
    qtbot.waitUntil(lambda: jobs.find(number).is_over, timeout=30_000)
    job = jobs.find(number)
    assert job.state == "failed"
    assert "taken" in job.text
    assert "Traceback" not in job.text
    assert str(tmp_path / "taken") in job.details


def test_form_says_what_the_fabric_does_not_take(panel: BatchPanel, bench: Workbench, document: Document) -> None:
    bench.session.open(document)
    setup = panel.setup
    for field, begin, words in (
        ("duct.havil.extra_loss_db", "0", "did you mean 'havel'"),
        (FIELD, "-3", "at least 0"),
        ("", "0", "field: found nothing"),
    ):
        setup.field.setText(field)
        setup.begin.setText(begin)
        setup.end.setText("4")
        setup.start.click()
        assert words in setup.problem.text()
    assert panel.jobs.jobs == ()
    assert FIELD in setup._names.stringList()


# --- results --------------------------------------------------------------------------------------------------------


def test_every_view_draws_and_a_broken_folder_is_said_in_words(
    panel: BatchPanel, swept: ResultsFolder, tmp_path: Path, qtbot: Any
) -> None:
    results = panel.results
    panel.open_folder(swept.path)
    qtbot.waitUntil(lambda: results.picture is not None)
    for index in range(results.view.count()):
        results.view.setCurrentIndex(index)
        results.look()
        key = results.view.currentData()
        qtbot.waitUntil(lambda key=key: results.picture.request.view == key)
        assert results.plot.chart.series
        assert results.message.text() == ""
    panel.open_folder(tmp_path)
    qtbot.waitUntil(lambda: "no manifest.json" in results.message.text())
    (tmp_path / "manifest.json").write_text('{"format": 1}')
    panel.open_folder(tmp_path)
    qtbot.waitUntil(lambda: "found 1; allowed: 2" in results.message.text())


def test_clicked_point_is_the_state_on_the_map(
    panel: BatchPanel, bench: Workbench, swept: ResultsFolder, qtbot: Any
) -> None:
    session, results = bench.session, panel.results
    panel.open_folder(swept.path)
    qtbot.waitUntil(lambda: results.picture is not None)
    qtbot.mouseClick(results.take_up, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.document is not None)
    results.view.setCurrentIndex(1)
    results.look()
    qtbot.waitUntil(lambda: results.picture.request.view == "scatter")
    results.plot.chart.clicked.emit(3.6, 0.0)  # nearest to 4 dB
    qtbot.waitUntil(lambda: session.form.variant != "baseline")
    qtbot.waitUntil(lambda: not session.is_stale, timeout=20_000)
    rows = swept.query(
        "select link, margin_db from links where point_index = 2 and step_index = 0 and variant = 'baseline'"
    ).to_pylist()
    expected = {row["link"]: row["margin_db"] for row in rows}
    for link, margin_db in zip(session.picture.links, session.picture.margin_db, strict=True):
        assert margin_db == pytest.approx(expected[link], abs=0)
    assert session.undo_stack.count() == 1
    results.plot.chart.clicked.emit(3.9, 0.0)  # the same again makes no second variant
    results.reader.wait()
    qtbot.wait(50)
    assert session.undo_stack.count() == 1


def test_clicked_draw_is_shown_until_something_changes(bench: Workbench, swept: ResultsFolder, qtbot: Any) -> None:
    session = bench.session
    document, notes = open_results_folder(swept.path)
    assert notes == ()
    session.open(document)
    show_pick(session, read_pick(swept, Pick(swept.path, "careless", 1, 1, draw=2)))
    qtbot.waitUntil(lambda: not session.is_stale and session.picture.routed, timeout=20_000)
    where = "variant = 'careless' and point_index = 1 and step_index = 1 and draw_index = 2"
    rows = swept.query(f"select * from draws where {where}").to_pylist()
    picture = session.picture
    assert len(rows) == len(picture.links)
    for row in rows:
        at = picture.row_by_link[row["link"]]
        expected = np.nan if row["margin_db"] is None else row["margin_db"]
        np.testing.assert_equal(picture.margin_db[at], expected)
        assert (picture.status[at], picture.limited_by[at]) == (row["status"], row["limited_by"])
    nominal = picture.state.tables["links"]["margin_db"]
    assert not np.array_equal(nominal, picture.margin_db, equal_nan=True)
    session.set_time(1.0)
    qtbot.waitUntil(lambda: not session.is_stale, timeout=20_000)
    assert type(session.picture).__name__ == "FabricPicture"


def test_results_of_another_fabric_are_refused_in_words(
    bench: Workbench, swept: ResultsFolder, document: Document
) -> None:
    longer = document.fabric.duct[0].model_copy(update={"length_km": 99.0})
    fabric = document.fabric.model_copy(update={"duct": (longer, *document.fabric.duct[1:])})
    bench.session.open(Document(document.scenario, fabric, document.catalog))
    with pytest.raises(LightlaneError, match="of another fabric or scenario"):
        show_pick(bench.session, read_pick(swept, Pick(swept.path, "baseline", 1, 0)))


def test_every_control_has_a_name_and_a_meaning(panel: BatchPanel) -> None:
    setup, results = panel.setup, panel.results
    for widget in (
        setup.field, setup.begin, setup.end, setup.count, setup.values, setup.draws_count, setup.seed, setup.folder,
        panel.jobs_view.list, panel.jobs_view.cancel, results.view, results.variant, results.link, results.point,
    ):  # fmt: skip
        assert widget.accessibleName()
        assert widget.toolTip()
    assert all(action.text() and action.toolTip() for action in panel.actions_offered())


def test_process_of_a_run_starts_without_a_window_library() -> None:
    code = "import sys, lightlane_gui.batch.child; print([m for m in sys.modules if 'PySide' in m or 'pyqtgraph' in m])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"

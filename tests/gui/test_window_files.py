"""Files in the window: open, drop, refuse, save, recover, export; closing asks only if something would be lost."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton

from lightlane import LiveScenario, Sweep, open_results, run
from lightlane_gui.batch.setups import build_scenario
from lightlane_gui.session.autosave import Autosave
from lightlane_gui.session.document import Document, Edited
from lightlane_gui.session.opening import open_document
from lightlane_gui.session.session import Session
from lightlane_gui.session.session_file import SUFFIX, save_session

LEFT = Qt.MouseButton.LeftButton
BROKEN = """format = 1
name = "broken"

[[site]]
name = "A"
role = "kore"
latitude_deg = 99.0
longitude_deg = 8.0

[[duct]]
name = "d"
a = "A"
b = "B"
length_km = -3
fiber = "g652d"
"""
"""Mistakes in lines 6, 7 and 14."""


@pytest.fixture(autouse=True)
def fresh(user: Any) -> Iterator[None]:
    """Begin each test with the example, unchanged and without a banner."""
    user.begin()
    yield
    user.end()


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a list of what was asked about unsaved edits; the answer is its attribute."""

    class Asked(list[str]):
        answer = QMessageBox.StandardButton.Cancel

    asked = Asked()

    def question(_parent: Any, _title: str, text: str, *_: Any) -> QMessageBox.StandardButton:
        asked.append(text)
        return asked.answer

    monkeypatch.setattr(QMessageBox, "question", question)
    return asked


@pytest.fixture
def chooses(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Return what lets every file dialog name a path."""

    def choose(path: Path) -> None:
        for name in ("getOpenFileName", "getSaveFileName"):
            monkeypatch.setattr(QFileDialog, name, lambda *_a, **_k: (str(path), ""))
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a, **_k: str(path))

    return choose


def edit(user: Any) -> None:
    """Change something that could be lost."""
    user.session.set_field("conditions.connector_loss_db", 0.4, "Connector loss")
    assert not user.session.undo_stack.isClean()


def button(user: Any, text: str) -> QPushButton:
    (found,) = [
        item for item in user.window.banner.findChildren(QPushButton) if item.text() == text and item.isVisible()
    ]
    return found


def copy_example(folder: Path, metro_path: Path) -> Path:
    """Return a copy of the example that can be written to."""
    for path in metro_path.parent.glob("*.toml"):
        shutil.copy(path, folder)
    return folder / metro_path.name


# --- opening --------------------------------------------------------------------------------------------------------


def test_dropped_file_is_opened(user: Any, tmp_path: Path, metro_path: Path) -> None:
    path = copy_example(tmp_path, metro_path)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place, window = QPoint(700, 300), user.window
    enter = QDragEnterEvent(place, Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(place), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, drop)
    assert user.session.document.path == path
    user.settle()
    assert len(user.views.map.scene.picture.links) == 4
    assert window.settings.recent[0] == path
    assert user.session.document.title in window.windowTitle()


def test_text_that_is_dropped_is_not_taken(user: Any) -> None:
    data = QMimeData()
    data.setText("hello")
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    enter.setAccepted(False)
    QApplication.sendEvent(user.window, enter)
    assert not enter.isAccepted()


def test_file_chosen_in_the_dialog_is_opened(
    user: Any, tmp_path: Path, metro_path: Path, chooses: Callable[[Path], None]
) -> None:
    chooses(path := copy_example(tmp_path, metro_path))
    user.press("Ctrl+O")
    assert user.session.document.path == path
    chooses(path.with_name("fabric.toml"))
    user.choose("File", "Open…")
    assert user.session.document.path == path.with_name("fabric.toml")
    user.settle()


def test_bad_file_is_a_list_of_problems_by_line_and_the_old_state_stays(
    user: Any, tmp_path: Path, metro_path: Path
) -> None:
    path, banner, window = tmp_path / "broken.toml", user.window.banner, user.window
    path.write_text(BROKEN)
    document, form, picture = user.session.document, user.session.form, user.session.picture
    recent = window.settings.recent
    assert not window.files.open(path)
    assert banner.isVisible()
    said = banner.details.toPlainText().splitlines()
    assert len(said) == 3
    assert "3 problems" in banner.title.text()
    for line, word in ((6, "kore"), (7, "99"), (14, "-3")):
        assert any(f"broken.toml:{line}" in item and word in item for item in said), (line, said)
    assert (user.session.document, user.session.form, user.session.picture) == (document, form, picture)
    assert window.settings.recent == recent
    button(user, "Copy").click()
    assert QApplication.clipboard().text().count("\n") == 3
    # Mended, it is opened by the button, and the banner goes.
    path.write_text(metro_path.with_name("fabric.toml").read_text())
    QTest.mouseClick(button(user, "Try again"), LEFT)
    assert not banner.isVisible()
    assert user.session.document.path == path
    user.settle()


def test_file_that_is_not_there_is_told_and_may_come(user: Any, tmp_path: Path, metro_path: Path) -> None:
    path = tmp_path / metro_path.name
    document = user.session.document
    assert not user.window.files.open(path)
    assert "no such file" in user.window.banner.details.toPlainText()
    assert user.session.document is document
    copy_example(tmp_path, metro_path)
    QTest.mouseClick(button(user, "Try again"), LEFT)
    assert user.session.document.path == path
    user.settle()


def test_nothing_is_asked_before_it_is_known_that_a_file_can_be_opened(user: Any, tmp_path: Path, asks: Any) -> None:
    edit(user)
    path = tmp_path / "broken.toml"
    path.write_text(BROKEN)
    user.window.files.open(path)
    assert asks == []
    assert not user.session.undo_stack.isClean()


# --- results folders ------------------------------------------------------------------------------------------------


def make_results(user: Any, folder: Path) -> Path:
    """Run a sweep of three points headless."""
    document = user.session.document
    scenario = document.scenario.model_copy(
        update={"event": (), "timeline": None, "draws_count": 0, "keep_draws": False}
    )
    sweep = Sweep(field="duct.havel.extra_loss_db", values=(0.0, 1.0, 4.0))
    scenario = build_scenario(Edited(scenario), sweep=sweep)
    run(scenario, folder, fabric=document.fabric, catalog=document.catalog)
    return folder


def test_results_folder_is_shown_and_the_edits_stay(
    user: Any, tmp_path: Path, asks: Any, chooses: Callable[[Path], None]
) -> None:
    folder = make_results(user, tmp_path / "sweep")
    edit(user)
    document, results = user.session.document, user.views.batch.results
    chooses(folder)
    user.press("Ctrl+Shift+O")
    user.wait(lambda: results.picture is not None and results.path == folder)
    assert asks == [], "nothing is lost by looking at results"
    assert user.session.document is document
    QApplication.processEvents()
    assert results.isVisible()
    assert not user.window.docks["batch"].visibleRegion().isEmpty()
    # Its scenario in place of what is open would lose the edits.
    QTest.mouseClick(results.take_up, LEFT)
    user.wait(lambda: asks)
    assert user.session.document is document
    asks.answer = QMessageBox.StandardButton.Discard
    QTest.mouseClick(results.take_up, LEFT)
    user.wait(lambda: user.session.document is not document)
    user.settle()


def test_folder_without_results_is_told_in_the_banner(user: Any, tmp_path: Path) -> None:
    recent = user.window.settings.recent
    assert not user.window.files.open(tmp_path)
    assert user.window.banner.isVisible()
    assert "manifest.json" in user.window.banner.details.toPlainText()
    assert user.window.settings.recent == recent


def test_scenario_of_results_is_not_saved_over_the_session_before(
    user: Any, tmp_path: Path, asks: Any, chooses: Callable[[Path], None]
) -> None:
    folder = make_results(user, tmp_path / "sweep")
    edit(user)
    chooses(tmp_path / f"mine{SUFFIX}")
    user.press("Ctrl+S")
    assert user.window.files.path == tmp_path / f"mine{SUFFIX}"
    before = user.window.files.path.read_text()
    document, results = user.session.document, user.views.batch.results
    user.window.files.open(folder)
    user.wait(lambda: results.picture is not None and results.path == folder)
    QTest.mouseClick(results.take_up, LEFT)
    user.wait(lambda: user.session.document is not document)
    user.settle()
    chooses(tmp_path / f"other{SUFFIX}")
    user.press("Ctrl+S")
    assert (tmp_path / f"mine{SUFFIX}").read_text() == before
    assert (tmp_path / f"other{SUFFIX}").exists()


# --- saving and closing ---------------------------------------------------------------------------------------------


def test_saved_session_is_what_was_left(user: Any, tmp_path: Path, chooses: Callable[[Path], None]) -> None:
    edit(user)
    user.session.set_time(300.0)
    user.session.select("link", user.session.picture.links[1])
    user.settle()
    form, margins = user.session.form, user.session.picture.margin_db.copy()
    chooses(path := tmp_path / f"work{SUFFIX}")
    user.press("Ctrl+S")
    assert user.session.undo_stack.isClean()
    assert " *" not in user.window.windowTitle()
    user.window.files.open_demo()
    assert user.window.files.open(path)
    user.settle()
    assert user.session.form.scenario.variant == form.scenario.variant
    assert (user.session.time_days, user.session.selection.link) == (300.0, user.session.picture.links[1])
    assert np.array_equal(user.session.picture.margin_db, margins, equal_nan=True)


def test_saved_scenario_runs_headless(user: Any, tmp_path: Path, chooses: Callable[[Path], None]) -> None:
    edit(user)
    chooses(path := tmp_path / "mine.toml")
    user.press("Ctrl+Shift+S")
    saved = LiveScenario.open(path).scenario
    (variant,) = [item for item in saved.variant if item.name == user.session.form.variant]
    assert variant == user.session.form.find(variant.name)


def test_leaving_edits_asks_and_leaving_nothing_does_not(user: Any, metro_path: Path, asks: Any) -> None:
    window, document = user.window, user.session.document
    assert window.files.open(metro_path)
    assert asks == []
    user.settle()
    edit(user)
    document = user.session.document
    assert not window.files.open(metro_path)
    assert len(asks) == 1
    assert document.title in asks[0]
    assert user.session.document is document
    assert not window.close()
    assert window.isVisible()
    assert len(asks) == 2
    user.press("Ctrl+Z")
    assert user.session.undo_stack.isClean(), "what is undone is not lost"
    assert window.files.may_leave()
    assert len(asks) == 2


def test_edits_of_a_window_that_ended_are_offered_and_come_back(user: Any, asks: Any) -> None:
    window, autosave = user.window, user.window.autosave
    edit(user)
    form = user.session.form
    left = autosave.path.with_name(f"1{SUFFIX}")
    left.parent.mkdir(parents=True, exist_ok=True)
    save_session(user.session, left)  # as a window writes it that is no more
    user.session.undo_stack.undo()
    assert autosave.left_behind() == [left]
    window.files.offer_recovery()
    assert str(left) in window.banner.details.toPlainText()
    QTest.mouseClick(button(user, "Recover"), LEFT)
    user.settle()
    assert user.session.form.scenario.variant == form.scenario.variant
    assert not window.banner.isVisible()
    assert not left.exists()
    assert autosave.path.exists(), "a crash right after loses nothing"
    assert window.files.path is None
    assert not window.files.may_leave()
    assert len(asks) == 1, "recovered edits are nowhere saved"
    user.session.undo_stack.setClean()
    autosave.save()
    assert not autosave.path.exists()


def test_edits_of_a_window_that_ended_can_be_discarded(user: Any) -> None:
    left = user.window.autosave.path.with_name(f"1{SUFFIX}")
    left.parent.mkdir(parents=True, exist_ok=True)
    save_session(user.session, left)
    user.window.files.offer_recovery()
    QTest.mouseClick(button(user, "Discard"), LEFT)
    assert not left.exists()
    assert not user.window.banner.isVisible()
    user.window.files.offer_recovery()
    assert not user.window.banner.isVisible()


def test_file_of_a_window_that_lives_is_not_offered(user: Any, qapp: Any, tmp_path: Path, metro_path: Path) -> None:
    session = Session()
    session.open(open_document(metro_path))
    session.set_field("conditions.connector_loss_db", 0.4, "Connector loss")
    other = Autosave(session, tmp_path)
    assert other.save()
    mine = Autosave(Session(), tmp_path)
    mine.path = tmp_path / f"mine{SUFFIX}"
    assert mine.left_behind() == []
    other._lock.unlock()  # as it is when its process is gone
    assert mine.left_behind() == [other.path]


# --- exports --------------------------------------------------------------------------------------------------------


def has_drawing(image: QImage) -> bool:
    """Tell whether a picture has ground, lines and text: many colors, the most frequent not everything."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), dtype=np.uint32)
    colors, counts = np.unique(pixels & 0xFFFFFF, return_counts=True)
    return len(colors) > 30 and 0.5 < counts.max() / len(pixels) < 0.999


def test_map_is_exported_as_picture_and_drawing(user: Any, tmp_path: Path, chooses: Callable[[Path], None]) -> None:
    user.settle()
    chooses(png := tmp_path / "map.png")
    user.press("Ctrl+E", user.views.map.canvas)
    image = QImage(str(png))
    assert has_drawing(image)
    # Drawn at its size, not magnified, and without the frame of the focus.
    assert image.width() == 2 * user.views.map.canvas.width()
    assert image.pixelColor(0, 0) == image.pixelColor(4, 4) == QColor(user.session.theme.plot)
    chooses(svg := tmp_path / "map.svg")
    user.choose("File", "Export the map…")
    renderer = QSvgRenderer(str(svg))
    assert renderer.isValid()
    drawn = QImage(renderer.defaultSize(), QImage.Format.Format_RGB32)
    drawn.fill(0)
    painter = QPainter(drawn)
    renderer.render(painter)
    painter.end()
    assert has_drawing(drawn)
    assert ">Potsdam</text>" in svg.read_text()
    assert "<image" not in svg.read_text()


def test_export_that_cannot_be_written_is_told(user: Any, tmp_path: Path, chooses: Callable[[Path], None]) -> None:
    chooses(tmp_path / "no-such-folder" / "map.png")
    user.press("Ctrl+E", user.views.map.canvas)
    assert user.window.banner.isVisible()
    assert "could not be written" in user.window.banner.title.text()


def test_chart_is_exported_as_the_numbers_that_it_shows(
    user: Any, tmp_path: Path, chooses: Callable[[Path], None]
) -> None:
    strip = user.views.timeline.strip
    user.wait(lambda: strip._history is not None and strip._history.is_complete and strip.series)
    chooses(path := tmp_path / "margin.csv")
    user.press("Ctrl+E", strip)
    header, *lines = path.read_text().splitlines()
    assert header.count(",") >= 1
    numbers = [float(cell) for line in lines for cell in line.split(",")[-1:] if cell]
    history = strip._history
    worst = history.ranked(0.0)
    finite = {round(value, 6) for value in worst.tolist() if math.isfinite(value)}
    assert finite <= {round(value, 6) for value in numbers}


def test_table_is_exported_as_it_is_filtered(user: Any, tmp_path: Path, chooses: Callable[[Path], None]) -> None:
    browser = user.views.fabric
    browser.show_filtered("link", "link = berlin-potsdam")
    page = browser.pages["link"]
    user.wait(lambda: len(page.model.rows) == 1)
    chooses(path := tmp_path / "links.csv")
    user.press("Ctrl+Alt+E", page.view)
    lines = path.read_text().splitlines()
    assert len(lines) == 2
    assert "berlin-potsdam" in lines[1]
    browser.show_filtered("link", "")


def digest(rows: list[dict[str, Any]]) -> str:
    """Return the hash of a table as JSON, what is not a number as null; a state on screen has no number of its step."""
    left_out = {"variant", "point_index", "step_index", "time_days"}
    plain = [
        {key: None if value != value else value for key, value in row.items() if key not in left_out}  # noqa: PLR0124
        for row in rows
    ]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


@pytest.mark.slow
def test_everything_exported_has_the_numbers_of_the_screen(
    user: Any, tmp_path: Path, chooses: Callable[[Path], None], metro_path: Path
) -> None:
    document = open_document(metro_path)
    changes = {"draws_count": 4, "timeline": None, "event": document.scenario.event[:3]}
    scenario = document.scenario.model_copy(update=changes)
    user.session.open(Document(scenario, document.fabric, document.catalog, document.path))
    edit(user)
    user.settle()
    chooses(folder := tmp_path / "all")
    folder.mkdir()
    ended: list[bool] = []
    user.window.export.ended.connect(ended.append)
    user.choose("File", "Export everything…")
    user.wait(lambda: ended, 120.0)
    assert ended == [True], user.window.banner.details.toPlainText()
    assert {path.name for path in folder.iterdir()} >= {
        "fabric.toml",
        "scenario.toml",
        "results",
        "report.html",
        "repeat.sh",
    }
    variant, results = user.session.form.variant, open_results(folder / "results")
    for name in ("links", "demands"):
        made = results.query(f"select * from {name} where variant = '{variant}' and step_index = 0").to_pylist()
        shown = user.session.picture.state.tables[name].rows()
        assert len(shown) == len(made) > 0
        assert digest(shown) == digest(made)

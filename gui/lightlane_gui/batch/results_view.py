"""What a results folder holds: choices above, a drawing below; it grows while the run does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from lightlane import LightlaneError
from lightlane_gui.batch.results_plot import ResultsPlot
from lightlane_gui.batch.results_reader import (
    VIEWS,
    FolderPicture,
    Pick,
    Picked,
    ReadFailure,
    ReadRequest,
    ResultsReader,
    View,
)
from lightlane_gui.batch.showing import document_of, show_pick
from lightlane_gui.session.session import Session
from lightlane_gui.workers.mailbox import Mailbox

LOOK_MS = 500
"""Time between two looks at a folder that grows."""
WORST = "worst link"
TRIES_MAX = 20
"""Looks at a folder that is not there yet: its run may just begin."""


class ResultsView(QWidget):
    """Shows one folder at a time."""

    opened = Signal(object)
    """A scenario was put into the session."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.may_replace: Callable[[], bool] = lambda: True
        """Asked before a scenario takes the place of what is open; the window asks for unsaved edits."""
        self.path: Path | None = None
        self.picture: FolderPicture | None = None
        self._tries_left = 0
        self._wants_scenario = False
        self._mailbox = Mailbox(self)
        self.reader = ResultsReader(self._mailbox)
        self._mailbox.arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._build()
        session.theme_changed.connect(self._show_choices)

    def _build(self) -> None:
        self.heading = QLabel("Results")
        self.view = _box("View", "How the results are drawn")
        for key, (label, meaning) in VIEWS.items():
            self.view.addItem(label, key)
            self.view.setItemData(self.view.count() - 1, meaning, Qt.ItemDataRole.ToolTipRole)
        self.variant = _box("Variant", "Base or variant of the scenario")
        self.link = _box("Link", "The link that is drawn; worst: whichever has the least margin")
        self.link.setEditable(True)
        self.link.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.point = _slider("Point of the sweep")
        self.step = _slider("Step of the timeline")
        self.point_text, self.step_text = QLabel(), QLabel()
        for box in (self.view, self.variant, self.link):
            box.activated.connect(lambda _: self.look())
        for slider in (self.point, self.step):
            slider.valueChanged.connect(lambda _: self.look())
        self.take_up = QPushButton("Open its scenario")
        self.take_up.setToolTip("Put the scenario that these results were made of in place of what is open")
        self.take_up.clicked.connect(self._open_scenario)
        self.plot = ResultsPlot(self._session)
        self.plot.picked.connect(self.reader.pick)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.hide()
        top = QHBoxLayout()
        top.addWidget(self.heading, 1)
        top.addWidget(self.take_up)
        choices = QHBoxLayout()
        for label, box, stretch in (("View", self.view, 0), ("Variant", self.variant, 0), ("Link", self.link, 1)):
            text = QLabel(label)
            text.setBuddy(box)
            choices.addWidget(text)
            choices.addWidget(box, stretch)
        places = QHBoxLayout()
        for slider, text in ((self.point, self.point_text), (self.step, self.step_text)):
            places.addWidget(text)
            places.addWidget(slider, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        for row in (top, choices, places):
            layout.addLayout(row)
        layout.addWidget(self.message)
        layout.addWidget(self.plot, 1)
        self._show_choices()

    def open(self, path: Path, *, is_starting: bool = False) -> None:
        """Show a folder, complete or growing; ``is_starting``: it may not be there yet."""
        self.path, self.picture = path, None
        self._tries_left = TRIES_MAX if is_starting else 0
        self.plot.say(f"Reading {path.name}…")
        self._say("")
        self._show_choices()
        self.look()

    def look(self) -> None:
        """Read again."""
        if self.path is None:
            return
        link = self.link.currentText() if self.link.currentIndex() > 0 else ""
        view: View = self.view.currentData()
        self.reader.read(
            ReadRequest(self.path, view, self.variant.currentText(), self.point.value(), self.step.value(), link)
        )

    def close_workers(self) -> None:
        """End the threads."""
        self._timer.stop()
        self.reader.close()

    # --- answers ----------------------------------------------------------------------------------------------------

    def _take(self) -> None:
        for value in self._mailbox.take().values():
            if isinstance(value, FolderPicture) and value.request.path == self.path:
                self._take_picture(value)
            elif isinstance(value, Picked):
                self._take_picked(value)
            elif isinstance(value, ReadFailure) and value.path == self.path:
                self._take_failure(value)

    def _take_picture(self, picture: FolderPicture) -> None:
        self.picture = picture
        self._say("")
        self._show_choices()
        self.plot.show_picture(picture)
        if not picture.is_complete:
            self._timer.start()

    def _take_failure(self, failure: ReadFailure) -> None:
        self._wants_scenario = False
        if self._tries_left > 0 and self.picture is None and not self._is_there():
            self._tries_left -= 1
            self.plot.say("The run begins…")
            self._timer.start()
            return
        text = str(failure.error)
        self._say(text)
        if self.picture is None:
            self.plot.say(f"This folder cannot be shown.\n{text}")

    def _is_there(self) -> bool:
        return self.path is not None and (self.path / "manifest.json").exists()

    def _take_picked(self, picked: Picked) -> None:
        try:
            if self._wants_scenario:
                self._wants_scenario = False
                document, notes = document_of(picked.recalled)
                if not self.may_replace():
                    return
                self._session.open(document)
                for note in notes:
                    self._session.notice(note, "warning")
                self.opened.emit(document)
                return
            show_pick(self._session, picked)
            self._say("")
        except LightlaneError as error:
            self._say(str(error))

    def _open_scenario(self) -> None:
        if self.path is not None and self.picture is not None and self.picture.request.variant:
            self._wants_scenario = True
            self.reader.pick(Pick(self.path, self.picture.request.variant, 0, 0))

    # --- choices ----------------------------------------------------------------------------------------------------

    def _show_choices(self) -> None:
        picture, theme = self.picture, self._session.theme
        self.take_up.setEnabled(picture is not None)
        for widget in (self.view, self.variant, self.link, self.point, self.step):
            widget.setEnabled(picture is not None)
        if picture is None:
            self.heading.setText("Results" if self.path is None else f"Results of {self.path.name}")
            self.point_text.setText("Point")
            self.step_text.setText("Step")
            return
        request, states = picture.request, picture.states
        words = picture.name or request.path.name
        if not picture.is_complete:
            words += f": {picture.done_count} of {picture.planned_count} chunks"
        self.heading.setText(words)
        self.heading.setToolTip(str(request.path))
        self.heading.setStyleSheet(f"color: {theme.ink}; font-weight: 600;")
        _fill(self.variant, states.variants, request.variant)
        _fill(self.link, (WORST, *picture.links), request.link or WORST)
        times = states.times_days.get(request.variant, (0.0,))
        for slider, count, value in (
            (self.point, len(states.points), request.point),
            (self.step, len(times), request.step),
        ):
            with QSignalBlocker(slider):
                slider.setMaximum(max(count - 1, 0))
                slider.setValue(value)
                slider.setEnabled(count > 1)
        point = ", ".join(f"{field.rpartition('.')[2]} = {value}" for field, value in states.points[request.point])
        self.point_text.setText(f"Point {request.point}" + (f" ({point})" if point else ""))
        self.step_text.setText(f"Day {times[request.step]:.10g}" if times else "Step")

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setStyleSheet(f"color: {self._session.theme.error};")
        self.message.setVisible(bool(text))


def _box(name: str, meaning: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(meaning)
    box.setMinimumWidth(90)
    return box


def _slider(name: str) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setAccessibleName(name)
    slider.setToolTip(name)
    slider.setMaximum(0)
    return slider


def _fill(box: QComboBox, texts: tuple[str, ...], chosen: str) -> None:
    with QSignalBlocker(box):
        if tuple(box.itemText(index) for index in range(box.count())) != texts:
            box.clear()
            box.addItems(list(texts))
        box.setCurrentText(chosen)
        box.setCurrentIndex(max(box.findText(chosen), 0))

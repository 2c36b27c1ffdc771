"""The bar above the track: play, step, day, speed, duration, what the charts show, and adding events."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from lightlane.toolkit import list_event_kinds
from lightlane_gui.session.session import Session
from lightlane_gui.timeline.markers import DURATION_MAX_DAYS, duration_days, list_markers, set_duration
from lightlane_gui.timeline.player import DEFAULT_SPEED_DAYS_PER_S, Player

SPEEDS_DAYS_PER_S = (1.0, 7.0, 30.0, DEFAULT_SPEED_DAYS_PER_S, 365.0)
_SHOWN_FIRST = (
    "fiber_cut", "amplifier_failure", "connector_contamination", "site_failure", "maintenance", "sop_storm",
    "temperature_ramp", "channels_add", "channels_drop", "module_swap", "demand_growth",
)  # fmt: skip
"""Of the menu of events; the others follow behind a line."""


class Transport(QWidget):
    """The bar; ``day``, ``speed`` and ``duration`` follow the session."""

    def __init__(self, session: Session, player: Player, actions: dict[str, QAction]) -> None:
        super().__init__()
        self._session, self._player = session, player
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(4)
        for name in ("previous", "play", "next"):
            row.addWidget(_button(actions[name]))
        self.day = _spin("Day (d)", "The instant that is looked at, in days from the start of the timeline", 2)
        self.day.valueChanged.connect(session.set_time)
        self.speed = QComboBox()
        self.speed.setAccessibleName("Speed (d/s)")
        self.speed.setToolTip("How many days pass in a second of playing")
        for speed in SPEEDS_DAYS_PER_S:
            self.speed.addItem(f"{speed:g} d/s", speed)
        self.speed.setCurrentIndex(SPEEDS_DAYS_PER_S.index(DEFAULT_SPEED_DAYS_PER_S))
        self.speed.currentIndexChanged.connect(lambda _: self._set_speed())
        self.duration = _spin("Duration (d)", "How much time the scenario covers; setting it makes a timeline", 0)
        self.duration.setMinimum(1.0)
        self.duration.editingFinished.connect(self._set_duration)
        for text, widget in (("Day", self.day), ("Speed", self.speed), ("of", self.duration)):
            label = QLabel(text)
            label.setBuddy(widget)
            row.addSpacing(6)
            row.addWidget(label)
            row.addWidget(widget)
        row.addStretch(1)
        for name in ("show_link", "show_worst", "show_low"):
            row.addWidget(_button(actions[name]))
        row.addSpacing(6)
        row.addWidget(_button(actions["pin"]))
        self.add_button = _button(actions["add"])
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row.addWidget(self.add_button)
        for signal in (session.document_opened, session.edited):
            signal.connect(self._show)
        session.time_changed.connect(lambda _: self._show())
        self._show()

    def _show(self) -> None:
        is_open = self._session.document is not None
        self.setEnabled(is_open)
        if not is_open:
            return
        last = duration_days(self._session.form)
        with QSignalBlocker(self.day), QSignalBlocker(self.duration):
            self.day.setMaximum(max(last, self._session.time_days))
            self.day.setValue(self._session.time_days)
            starts = [marker.event.start_days for marker in list_markers(self._session.form)]
            self.duration.setMinimum(max([1.0, *starts]))
            if not self.duration.hasFocus():
                self.duration.setValue(last)

    def _set_speed(self) -> None:
        self._player.speed_days_per_s = float(self.speed.currentData())

    def _set_duration(self) -> None:
        form, days = self._session.form, self.duration.value()
        if self._session.document is not None and days != duration_days(form):
            self._session.edit(set_duration(form, days), f"duration {days:g} days")
            if self._session.time_days > days:
                self._session.set_time(days)


def build_event_menu(parent: QWidget, choose: Callable[[str], object]) -> QMenu:
    """Return the menu of the kinds of events that a dialog can ask for, the usual ones first."""
    menu = QMenu(parent)
    menu.setToolTipsVisible(True)
    # What the kinds are called is read from the schema of scenarios, which takes longer than a whole window.
    menu.aboutToShow.connect(lambda: None if menu.actions() else _fill_event_menu(menu, choose))
    return menu


def _fill_event_menu(menu: QMenu, choose: Callable[[str], object]) -> None:
    kinds = {kind.kind: kind for kind in list_event_kinds() if kind.is_flat}
    for name in (*_SHOWN_FIRST, "", *(name for name in kinds if name not in _SHOWN_FIRST)):
        if not name:
            menu.addSeparator()
            continue
        action = menu.addAction(f"{kinds[name].label}…")
        action.setToolTip(kinds[name].text)
        action.triggered.connect(lambda _=False, kind=name: choose(kind))


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setAccessibleName(action.text())
    return button


def _spin(name: str, meaning: str, decimals: int) -> QDoubleSpinBox:
    spin = QDoubleSpinBox()
    spin.setRange(0.0, DURATION_MAX_DAYS)
    spin.setDecimals(decimals)
    spin.setSuffix(" d")
    spin.setAccessibleName(name)
    spin.setToolTip(meaning)
    spin.setKeyboardTracking(False)
    spin.setMinimumWidth(96)
    return spin

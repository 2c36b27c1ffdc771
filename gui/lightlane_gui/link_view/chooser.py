"""Which lane of the link is looked at: the deciding one, or one by direction, channel and lane."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from lightlane_gui.charts.number_text import format_number
from lightlane_gui.session.link_rows import DIRECTIONS
from lightlane_gui.session.session import Session
from lightlane_gui.workers.link_desk import LinkDesk

ARROWS = {"a_to_b": "a \N{RIGHTWARDS ARROW} b", "b_to_a": "b \N{RIGHTWARDS ARROW} a"}
DECIDING = "Deciding"


class LaneChooser(QWidget):
    """Buttons for the direction, boxes for channel and lane; the session holds what is chosen."""

    def __init__(self, session: Session, desk: LinkDesk) -> None:
        super().__init__()
        self._session, self._desk = session, desk
        self.buttons = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 4)
        layout.setSpacing(3)
        for number, (text, tip) in enumerate(
            (
                (DECIDING, "The lane that decides the link (D)"),
                *((ARROWS[name], f"The direction from {name.replace('_', ' ')}") for name in DIRECTIONS),
            )
        ):
            button = QToolButton()
            button.setText(text)
            button.setCheckable(True)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.buttons.addButton(button, number)
            layout.addWidget(button)
        layout.addSpacing(4)
        self.channel, self.lane = QComboBox(), QComboBox()
        self._captions: list[QLabel] = []
        for box, text, tip in (
            (self.channel, "Channel", "Channel: , previous, . next"),
            (self.lane, "Lane", "Lane: [ previous, ] next"),
        ):
            label = QLabel(text)
            label.setBuddy(box)
            self._captions.append(label)
            box.setAccessibleName(text)
            box.setToolTip(tip)
            # A frequency may be cut where the dock is narrow, the row of controls not.
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(2)
            layout.addWidget(label)
            layout.addWidget(box, 3 if box is self.channel else 1)
        self.channel.setMaximumWidth(150)
        self.lane.setMaximumWidth(70)
        layout.addStretch(1)
        self.buttons.idClicked.connect(self._choose_direction)
        self.channel.activated.connect(self._choose_boxes)
        self.lane.activated.connect(self._choose_boxes)
        desk.link_changed.connect(self.show_lane)
        self.show_lane()

    def show_lane(self) -> None:
        """Bring buttons and boxes in line with the session."""
        rows = self._desk.rows
        self.setVisible(rows is not None)
        if rows is None:
            return
        channel, direction, lane = rows.address(self._desk.row)
        is_deciding = self._session.selection.channel_index < 0
        self.buttons.button(0 if is_deciding else 1 + DIRECTIONS.index(_known(direction))).setChecked(True)
        frequencies_thz = dict(
            zip(rows.column("channel_index").astype(int).tolist(), rows.column("frequency_thz").tolist(), strict=True)
        )
        channels, lanes = rows.channels(), rows.lanes()
        is_coherent = rows.link.mode.detection == "coherent"
        texts = [f"{c}  ({format_number(frequencies_thz[c], 3)} THz)" if is_coherent else str(c) for c in channels]
        for part in (self._captions[1], self.lane):
            part.setVisible(not is_coherent)  # a coherent channel is one lane
        _fill(self.channel, channels, texts, channel)
        _fill(self.lane, lanes, [str(value) for value in lanes], lane)

    def step(self, name: str, by: int) -> None:
        """Go to the next channel or lane, around the end."""
        box = self.channel if name == "channel" else self.lane
        if self._desk.rows is not None and box.count() > 1:
            box.setCurrentIndex((box.currentIndex() + by) % box.count())
            self._choose_boxes()

    def turn(self) -> None:
        """Look at the other direction."""
        if self._desk.rows is not None:
            _, direction, _ = self._desk.rows.address(self._desk.row)
            self._choose_direction(2 if direction == DIRECTIONS[0] else 1)

    def decide(self) -> None:
        """Look at the lane that decides."""
        self._choose_direction(0)

    def actions_offered(self, parent: QWidget) -> list[QAction]:
        """Return what the command palette and the keys of the view offer."""
        found = []
        for text, keys, done in (
            ("Next channel", ".", lambda: self.step("channel", 1)),
            ("Previous channel", ",", lambda: self.step("channel", -1)),
            ("Next lane", "]", lambda: self.step("lane", 1)),
            ("Previous lane", "[", lambda: self.step("lane", -1)),
            ("Other direction", "B", self.turn),
            ("Deciding lane", "D", self.decide),
        ):
            action = QAction(text, parent)
            action.setShortcut(keys)
            # Only with the focus inside: single keys must not take letters from fields elsewhere.
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(done)
            found.append(action)
        return found

    def _choose_direction(self, number: int) -> None:
        rows = self._desk.rows
        if rows is None:
            return
        if number == 0:
            self._session.select_lane(channel_index=-1)
        else:
            channel, _, lane = rows.address(self._desk.row)
            self._session.select_lane(channel_index=channel, direction=DIRECTIONS[number - 1], lane=lane)
        self.show_lane()

    def _choose_boxes(self) -> None:
        rows = self._desk.rows
        if rows is not None:
            _, direction, _ = rows.address(self._desk.row)
            self._session.select_lane(
                channel_index=self.channel.currentData(), direction=direction, lane=self.lane.currentData()
            )


def _known(direction: str) -> str:
    return direction if direction in ARROWS else DIRECTIONS[0]


def _fill(box: QComboBox, values: list[int], texts: list[str], chosen: int) -> None:
    """Show values with their texts; what is shown already is left alone, so that an open list stays open."""
    blocker = QSignalBlocker(box)
    if [box.itemData(place) for place in range(box.count())] != values or box.itemText(0) != texts[0]:
        box.clear()
        for value, text in zip(values, texts, strict=True):
            box.addItem(text, value)
    box.setCurrentIndex(values.index(chosen))
    box.setEnabled(len(values) > 1)
    blocker.unblock()

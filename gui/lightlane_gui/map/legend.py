"""The strip under the map: classes with their counts, which filter; what lines and markers mean; scale and source."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from lightlane_gui.map.camera import MapCamera
from lightlane_gui.map.flow import FlowLayout
from lightlane_gui.map.painting import duct_color
from lightlane_gui.map.samples import (
    LINE_SIZE,
    Sample,
    ScaleBar,
    sample_line,
    sample_link,
    sample_ring,
    sample_site,
    to_icon,
)
from lightlane_gui.map.scene import MapScene
from lightlane_gui.map.strokes import Stroke
from lightlane_gui.theme import Theme


class Legend(QWidget):
    """Says what is seen; a class that is chosen dims all that are not."""

    filtered = Signal(object)
    """The classes that are chosen, a frozenset of their indexes; empty: all."""

    def __init__(self, camera: MapCamera, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Legend of the map")
        self.setStyleSheet("QToolButton { padding: 1px 2px; }")
        self._flow = FlowLayout(self, across_px=2)
        self._flow.setContentsMargins(6, 4, 6, 4)
        self._buttons: list[QToolButton] = []
        self._keys: tuple[str, ...] = ()
        self._total = -1
        self._samples = {
            "direct": Sample(
                "direct-detect", "A double line is a direct-detect link, a single one a coherent link", self
            ),
            "duct": Sample("duct", "A thin line: a civil route between two sites", self),
            "core": Sample("core", "A square: a core site", self),
            "edge": Sample("edge", "A circle: an edge site", self),
            "hut": Sample("hut", "A triangle: a hut, which holds amplifiers only", self),
            "ring": Sample("sites", "Sites too close to part at this scale, in the color of their worst link", self),
        }
        self._bar = ScaleBar(camera, theme, self)
        self._source = QLabel(self)
        self._source.setFixedHeight(24)
        self._source.setEnabled(False)

    @property
    def buttons(self) -> Sequence[QToolButton]:
        """One per class."""
        return self._buttons

    def chosen(self) -> frozenset[int]:
        """Return the classes that are chosen."""
        return frozenset(index for index, button in enumerate(self._buttons) if button.isChecked())

    def choose(self, classes: frozenset[int]) -> None:
        """Choose classes."""
        for index, button in enumerate(self._buttons):
            button.setChecked(index in classes)
        self.filtered.emit(self.chosen())

    def refresh(self, scene: MapScene, *, stale: bool) -> None:
        """Take over classes and counts of a scene."""
        theme, ratio = scene.theme, self.devicePixelRatioF()
        keys = (theme.name, *(stroke.key for stroke in scene.strokes))
        if keys != self._keys:
            if keys[1:] != self._keys[1:]:
                self._make_buttons(scene.strokes)
            self._keys = keys
            self._recolor(scene.strokes, theme, ratio)
        self._reserve(scene.strokes, len(scene.classes))
        counts = np.bincount(scene.classes, minlength=len(scene.strokes)).tolist()
        for button, stroke, count in zip(self._buttons, scene.strokes, counts, strict=True):
            text = f"{stroke.label}  {count}{'?' if stale else ''}"
            if text != button.text():
                button.setText(text)
                button.setAccessibleName(f"{stroke.label}: {count} links")
        self._show_what_is_there(scene)

    def _make_buttons(self, strokes: Sequence[Stroke]) -> None:
        self._total = -1
        had_filter = bool(self.chosen())
        while self._flow.takeAt(0) is not None:
            pass
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = []
        for stroke in strokes:
            button = QToolButton(self)
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIconSize(LINE_SIZE)
            button.setToolTip(f"Links, {stroke.label}: click to dim all others, again to undo")
            button.setFixedHeight(24)
            button.clicked.connect(self._clicked)
            self._buttons.append(button)
            self._flow.addWidget(button)
        for widget in (*self._samples.values(), self._bar, self._source):
            self._flow.addWidget(widget)
        if had_filter:
            self.filtered.emit(frozenset())

    def _reserve(self, strokes: Sequence[Stroke], total: int) -> None:
        """Give each button the room of its longest text, so that nothing moves while counts change."""
        if total == self._total:
            return
        self._total = total
        for button, stroke in zip(self._buttons, strokes, strict=True):
            button.setText(f"{stroke.label}  {'0' * len(str(total))}?")
            # Of a fixed size: else each count would have the whole window laid out anew.
            button.setFixedWidth(button.sizeHint().width())

    def _clicked(self) -> None:
        self.filtered.emit(self.chosen())

    def _recolor(self, strokes: Sequence[Stroke], theme: Theme, ratio: float) -> None:
        for button, stroke in zip(self._buttons, strokes, strict=True):
            button.setIcon(to_icon(sample_link(stroke, theme, ratio)))
        solid = Stroke("", "", theme.classes["good"], 1.6, "solid", 0)
        self._samples["direct"].show_picture(sample_link(solid, theme, ratio, double=True))
        self._samples["duct"].show_picture(sample_line(duct_color(theme), 1.0, ratio))
        self._samples["ring"].show_picture(sample_ring(theme, ratio))
        for role in ("core", "edge", "hut"):
            self._samples[role].show_picture(sample_site(role, theme, ratio))
        self._bar.theme = theme
        self._bar.update()

    def _show_what_is_there(self, scene: MapScene) -> None:
        layout = scene.geometry.layout if scene.geometry is not None else None
        clusters = scene.clusters()
        roles = set(layout.places.roles) if layout is not None else set()
        wanted = {role: role in roles for role in ("core", "edge", "hut")}
        wanted["direct"] = scene.picture is not None and bool(scene.picture.is_direct.any())
        wanted["duct"] = layout is not None and bool(layout.ducts)
        wanted["ring"] = clusters is not None and len(clusters.rings()) > 0
        changed = False
        for key, sample in self._samples.items():
            if sample.isHidden() == wanted[key]:
                sample.setVisible(wanted[key])
                changed = True
        if layout is not None:
            self._source.setText(layout.attribution)
        self._bar.setVisible(layout is not None)
        if changed:
            self._flow.invalidate()

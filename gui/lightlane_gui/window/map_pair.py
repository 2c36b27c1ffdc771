"""The map in the middle, and beside it that of the variant that it is compared with, over one legend."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from lightlane_gui.map.view import MapView
from lightlane_gui.session.session import Session


class MapPair(QWidget):
    """Two maps that share camera and legend; the second is there while something is compared."""

    def __init__(self, session: Session, shown: MapView, reference: MapView) -> None:
        super().__init__()
        self._session, self._reference = session, reference
        self._captions = (QLabel(), QLabel())
        maps = QSplitter(Qt.Orientation.Horizontal)
        maps.setChildrenCollapsible(False)
        self._sides = []
        for caption, view in zip(self._captions, (shown, reference), strict=True):
            side = QWidget()
            column = QVBoxLayout(side)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            caption.setContentsMargins(10, 4, 10, 4)
            caption.hide()
            column.addWidget(caption)
            column.addWidget(view, 1)
            maps.addWidget(side)
            self._sides.append(side)
        reference.has_legend = False
        reference.legend.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(maps, 1)
        layout.addWidget(shown.legend)
        self._sides[1].hide()
        shown.filter_changed.connect(self._filter)
        session.reference_changed.connect(self._refresh)
        session.edited.connect(self._refresh)

    def _refresh(self) -> None:
        against = self._session.reference_variant
        self._sides[1].setVisible(against is not None)
        for caption, text in zip(self._captions, (self._session.form.variant, against or ""), strict=True):
            caption.setVisible(against is not None)
            caption.setText(f"<b>{text}</b>")

    def _filter(self, classes: object) -> None:
        if isinstance(classes, frozenset):
            self._reference.legend.choose(classes)

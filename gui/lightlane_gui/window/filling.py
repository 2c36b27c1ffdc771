"""Filling the docks: the map is on the screen first, the views around it come one by one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QWidget

from lightlane_gui.window.views import Views

PATIENCE_MS = 2_000
"""So long after the window is shown the docks are filled even where no map has come."""


class DockFiller(QObject):
    """Makes the views of docks when the map has painted a fabric, in turns of the event loop; those in sight first."""

    filled = Signal()
    """All views are there."""

    def __init__(self, views: Views, docks: dict[str, QDockWidget], parent: QObject) -> None:
        super().__init__(parent)
        self._views, self._docks = views, docks
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._fill_one)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._next.start)
        views.made.connect(self._put)
        views.map.canvas.installEventFilter(self)
        for key, dock in docks.items():
            if views.is_made(key):
                _hold(dock, views.docked(key))
            else:
                dock.setWidget(QWidget())

    def fill(self) -> None:
        """Make all that is not there yet."""
        for key in self._docks:
            self._views.docked(key)

    def stop(self) -> None:
        """Make no more: the window is closed, and nobody would end the threads of what came after it."""
        self._views.map.canvas.removeEventFilter(self)
        self._patience.stop()
        self._next.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Wait for the first map."""
        if event.type() == QEvent.Type.Show:
            self._patience.start()
        elif event.type() == QEvent.Type.Paint and self._views.map.scene.picture is not None:
            watched.removeEventFilter(self)
            self._next.start()
        return False

    def _fill_one(self) -> None:
        missing = [key for key in self._docks if not self._views.is_made(key)]
        if missing:
            self._views.docked(min(missing, key=lambda key: self._docks[key].visibleRegion().isEmpty()))
            self._next.start()
        else:
            self.filled.emit()

    def _put(self, key: str, view: object) -> None:
        assert isinstance(view, QWidget)
        before = self._docks[key].widget()
        _hold(self._docks[key], view)
        before.deleteLater()


def _hold(dock: QDockWidget, view: QWidget) -> None:
    """Put a view into its dock, and hide it while the dock is behind another.

    Qt only moves a dock that is behind another away: with the focus in it keys would go where nobody looks.
    """
    dock.setWidget(view)
    kept = view.sizePolicy()
    kept.setRetainSizeWhenHidden(True)
    view.setSizePolicy(kept)
    dock.visibilityChanged.connect(view.setVisible)
    if dock.isVisible():
        view.setVisible(not dock.visibleRegion().isEmpty())

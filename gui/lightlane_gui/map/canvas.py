"""The widget that the map is painted on: what mouse and keys do."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from lightlane_gui.map.camera import MapCamera
from lightlane_gui.map.scene import MapScene

Target = tuple[str, str]
"""Kind and name; empty: nothing."""
NOWHERE: Target = ("", "")
_SITE_REACH_PX, _LINK_REACH_PX, _DUCT_REACH_PX = 9.0, 7.0, 6.0
_SETTLE_MS = 90
_WHEEL_STEP = 1.0015
"""Magnification per eighth of a degree of the wheel: a notch is 120 of them."""
_KEY_ZOOM = 1.4
_KEY_PAN_PX = 60.0
_ARROWS = {
    Qt.Key.Key_Left: (1, 0), Qt.Key.Key_Right: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1),
}  # fmt: skip


class MapCanvas(QWidget):
    """Paints a scene; turns mouse and keys into signals and moves of the camera."""

    pointed = Signal(str, str, QPoint)
    """Kind and name of what is under the pointer, empty for nothing, and where that is."""
    clicked = Signal(str, str)
    activated = Signal(str, str)
    """Double click, or Enter on what is selected."""
    menu_wanted = Signal(str, str, QPoint)

    def __init__(self, scene: MapScene, camera: MapCamera, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene, self.camera = scene, camera
        self.message: tuple[str, ...] = ()
        """Said in the middle in place of a map: a headline and lines below it."""
        self._pressed: QPointF | None = None
        self._dragged_from: QPointF | None = None
        self._box: QRectF | None = None
        self._under: Target = NOWHERE
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._come_to_rest)
        camera.changed.connect(self._camera_moved)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setMinimumSize(240, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Fabric map")

    # --- what others ask for ----------------------------------------------------------------------------------------

    def show_anew(self, *, moved: bool) -> None:
        """Paint after the scene took something else; ``moved``: things lie elsewhere."""
        if moved:
            if self.camera.is_fitted:
                self.fit()
            self._come_to_rest()
        self.update()

    def rest_soon(self) -> None:
        """Choose names anew when nothing has moved for a moment."""
        self._settle.start()

    def fit(self) -> None:
        """Show all sites."""
        if self.scene.geometry is not None:
            self.camera.fit(self.scene.geometry.layout.bounds_km(), self.width(), self.height())

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Magnify about a point; absent: the middle."""
        at = QPointF(self.width() / 2, self.height() / 2) if at is None else at
        self.camera.zoom_at(factor, self.camera.viewport(self.width(), self.height()), at.x(), at.y())

    def zoom_in(self) -> None:
        """Magnify by one step."""
        self.zoom(_KEY_ZOOM)

    def zoom_out(self) -> None:
        """Show more by one step."""
        self.zoom(1 / _KEY_ZOOM)

    def target_at(self, at: QPointF) -> Target:
        """Return what lies at a point: a site before a link before a duct."""
        geometry, clusters = self.scene.geometry, self.scene.clusters()
        if geometry is None or clusters is None:
            return NOWHERE
        view = self.camera.viewport(self.width(), self.height())
        shown = clusters.center == np.arange(len(clusters.center))
        site = geometry.nearest_site(view, at.x(), at.y(), _SITE_REACH_PX, shown)
        if site >= 0:
            return "site", geometry.layout.places.names[site]
        stretch = geometry.nearest_stretch(view, at.x(), at.y(), _LINK_REACH_PX, self.scene.shown_stretches())
        if stretch >= 0:
            return "link", geometry.layout.links[geometry.layout.stretch_link[stretch]]
        duct = geometry.nearest_duct(view, at.x(), at.y(), _DUCT_REACH_PX)
        return ("duct", geometry.layout.ducts[duct]) if duct >= 0 else NOWHERE

    # --- painting ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the layers, then what lies over them."""
        painter = QPainter(self)
        painter.setClipRect(event.rect())
        self.scene.paint(painter, self.width(), self.height(), self.devicePixelRatioF(), self.font())
        theme = self.scene.theme
        if self._box is not None:
            fill = QColor(theme.accent)
            fill.setAlpha(40)
            painter.fillRect(self._box, fill)
            painter.setPen(QPen(QColor(theme.accent), 1))
            painter.drawRect(self._box)
        if self.message:
            self._paint_message(painter)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(theme.accent), 1))
            painter.drawRect(0, 0, self.width() - 1, self.height() - 1)

    def _paint_message(self, painter: QPainter) -> None:
        theme, font = self.scene.theme, self.font()
        top = self.height() / 2 - 12 * len(self.message)
        for number, line in enumerate(self.message):
            font.setBold(number == 0)
            font.setPointSizeF(self.font().pointSizeF() + (3 if number == 0 else 1))
            painter.setFont(font)
            painter.setPen(QColor(theme.ink if number == 0 else theme.muted))
            box = QRectF(24, top + 26 * number, self.width() - 48, 24)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, line)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fit again unless the user has chosen a place."""
        super().resizeEvent(event)
        if self.camera.is_fitted:
            self.fit()
        self._settle.start()

    def _camera_moved(self) -> None:
        self.scene.is_moving = True
        self._settle.start()
        self.update()

    def _come_to_rest(self) -> None:
        self._settle.stop()
        self.scene.is_moving = False
        self.scene.place_names(self.width(), self.height(), self.font())
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show that keys go here."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show that keys go elsewhere."""
        super().focusOutEvent(event)
        self.update()

    # --- mouse ------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin a click, a drag or a box."""
        self._pressed = self._dragged_from = event.position()
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Drag the map, draw a box, or tell what is under the pointer."""
        at = event.position()
        if self._pressed is None or self._dragged_from is None:
            self._point(at)
            return
        far = (at - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        if event.buttons() & Qt.MouseButton.RightButton and (far or self._box is not None):
            self._box = QRectF(self._pressed, at).normalized()
            self.update()
        elif event.buttons() & (Qt.MouseButton.LeftButton | Qt.MouseButton.MiddleButton) and (
            far or self._dragged_from != self._pressed
        ):
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._tell(NOWHERE, at)
            step = at - self._dragged_from
            self._dragged_from = at
            self.camera.pan_px(step.x(), step.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """End a click, a drag or a box."""
        if self._pressed is None:
            return  # after a double click, or a box that was given up
        was_drag = self._dragged_from != self._pressed
        box, self._box = self._box, None
        self._pressed = self._dragged_from = None
        self.unsetCursor()
        at = event.position()
        if box is not None:
            if min(box.width(), box.height()) >= QApplication.startDragDistance():
                view = self.camera.viewport(self.width(), self.height())
                west, north = view.to_km(box.left(), box.top())
                east, south = view.to_km(box.right(), box.bottom())
                self.camera.fit_box((west, south, east, north), self.width(), self.height())
            self.update()
        elif event.button() == Qt.MouseButton.RightButton:
            kind, name = self.target_at(at)
            self._tell(NOWHERE, at)
            self.menu_wanted.emit(kind, name, at.toPoint())
        elif event.button() == Qt.MouseButton.LeftButton and not was_drag:
            self.clicked.emit(*self.target_at(at))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Open what is there; on empty ground show all."""
        kind, name = self.target_at(event.position())
        if kind:
            self.activated.emit(kind, name)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Magnify at the pointer."""
        delta = event.angleDelta().y() or event.angleDelta().x()
        if delta:
            self.zoom(_WHEEL_STEP**delta, event.position())
            self._point(event.position())
        event.accept()

    def leaveEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
        """Nothing is under the pointer any more."""
        self._tell(NOWHERE, QPointF())

    def _point(self, at: QPointF) -> None:
        target = self.target_at(at)
        self.setCursor(Qt.CursorShape.PointingHandCursor if target[0] else Qt.CursorShape.ArrowCursor)
        self._tell(target, at)

    def _tell(self, target: Target, at: QPointF) -> None:
        if target != NOWHERE or target != self._under:
            self.pointed.emit(*target, at.toPoint())
        self._under = target

    # --- keys -------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Keep Escape to give up a box; else it is the window's."""
        if self._box is not None and event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.setAccepted(event.key() == Qt.Key.Key_Escape)
            return event.isAccepted()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Move by arrows, ask for the menu; the rest are shortcuts of the view."""
        key = Qt.Key(event.key())
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in _ARROWS:
            step_px = _KEY_PAN_PX * (4 if shifted else 1)
            right, down = _ARROWS[key]
            self.camera.pan_px(right * step_px, down * step_px)
        elif key == Qt.Key.Key_Escape and self._box is not None:
            self._box = self._pressed = self._dragged_from = None
            self.update()
        elif key == Qt.Key.Key_Menu or (key == Qt.Key.Key_F10 and shifted):
            selection = self.scene.accents.selection
            self.menu_wanted.emit(selection.kind, selection.name, QPoint(self.width() // 2, self.height() // 2))
        else:
            super().keyPressEvent(event)

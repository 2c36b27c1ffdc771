"""The chart that every view draws with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from lightlane_gui.charts.area import AXIS_WIDTH, PlotArea
from lightlane_gui.charts.colors import resolve
from lightlane_gui.charts.cursor import Cursor, ReadOut
from lightlane_gui.charts.guides import Along, Guides
from lightlane_gui.charts.heading import Heading
from lightlane_gui.charts.items import Axis, PixelItem
from lightlane_gui.charts.legend import Legend
from lightlane_gui.charts.menu import ChartMenu
from lightlane_gui.charts.series import Ranges, Series, Style, fit_ranges, off_axis
from lightlane_gui.session.session import Session

Floats = NDArray[np.float64]
_LEAST_SIZE = QSize(160, 84)
_LABELED_FROM_PX = 170


class Chart(QWidget):
    """A plot with title, labeled axes, legend, crosshair, markers and export.

    Parameters
    ----------
    session
        Whose theme it follows.
    title
        Short; also what a screen reader says.
    x, y
        The axes: quantity names, or more of them.
    empty_text
        In place of the plot while there is nothing to draw: what to do about it.
    is_compact
        Without read-outs.
    is_square
        A length along x is as long along y.
    """

    clicked = Signal(float, float)
    """Where the plot was clicked, in values."""

    def __init__(
        self,
        session: Session,
        title: str,
        x: Axis | str,
        y: Axis | str,
        *,
        empty_text: str = "No data",
        is_compact: bool = False,
        is_square: bool = False,
    ) -> None:
        super().__init__()
        self.session, self.title = session, title
        self.x_axis = Axis(x) if isinstance(x, str) else x
        self.y_axis = Axis(y) if isinstance(y, str) else y
        self._series: dict[str, Series] = {}
        self._pictures: dict[str, tuple[PixelItem, tuple[float, float, float, float]]] = {}
        self._is_fitted, self._is_stale, self._is_updating, self._is_labeled = True, False, False, True
        self._is_compact = is_compact
        self._linked: list[Chart] = []
        self._build(empty_text)
        self.view.setAspectLocked(is_square)
        self.menu = ChartMenu(self)
        session.theme_changed.connect(self._take_theme)
        self._take_theme()
        self._show()

    def _build(self, empty_text: str) -> None:
        self.setAccessibleName(self.title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plot = PlotArea(self.x_axis, self.y_axis)
        self.view = self.plot.view
        self.view.sigRangeChangedManually.connect(self._leave_fit)
        self.view.sigXRangeChanged.connect(self._redraw_long)
        self.guides = Guides(self.plot, (self.x_axis, self.y_axis))
        self.crosshair = Cursor(self.plot, (self.x_axis, self.y_axis), self._read_out)
        self.plot.scene().sigMouseMoved.connect(self._hover)
        self.plot.scene().sigMouseClicked.connect(self._click)
        self.plot.viewport().installEventFilter(self)
        self.heading = Heading(self.title)
        self.heading.setToolTip(f"{self.y_axis.text} over {self.x_axis.text}")
        self.legend = Legend(self.show_series)
        self.read_out = ReadOut(self.plot, AXIS_WIDTH)
        self.empty = QLabel(empty_text)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.plot)
        self.stack.addWidget(self.empty)
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 2)
        head.setSpacing(12)
        head.addWidget(self.heading)
        head.addWidget(self.legend, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.stack, 1)

    # --- data -------------------------------------------------------------------------------------------------------

    def set_curve(
        self, key: str, x: Floats, y: Floats, label: str = "", *, color: str = "trace:0", style: Style = "solid",
        marks: bool = False, column: str = "",
    ) -> None:  # fmt: skip
        """Draw or replace a line through points, x rising; gaps where y is NaN.

        Parameters
        ----------
        key
            Name of the series: a second call with it replaces the first.
        label
            In the legend; empty: not there.
        color
            Role, see :func:`lightlane_gui.charts.colors.resolve`.
        marks
            Whether its points are marked.
        column
            Quantity name in an exported table; empty: made of key and axis.
        """
        self._put(
            Series(
                key=key, form="curve", x=np.asarray(x, dtype=float), y=np.asarray(y, dtype=float), label=label,
                color=color, style=style, marks=marks, column=column,
            )
        )  # fmt: skip

    def set_points(
        self, key: str, x: Floats, y: Floats, label: str = "", *, color: str = "trace:0",
        point_colors: tuple[str, ...] = (), symbol: str = "o",
    ) -> None:  # fmt: skip
        """Draw or replace single points, up to some thousand; parameters as of :meth:`set_curve`."""
        self._put(
            Series(
                key=key, form="points", x=np.asarray(x, dtype=float), y=np.asarray(y, dtype=float), label=label,
                color=color, point_colors=point_colors, symbol=symbol,
            )
        )  # fmt: skip

    def set_bars(
        self, key: str, x: Floats, y: Floats, label: str = "", *, color: str = "trace:0",
        point_colors: tuple[str, ...] = (), width: float = 0.8, base: float = 0.0,
    ) -> None:  # fmt: skip
        """Draw or replace bars of ``width`` from ``base`` to y; parameters as of :meth:`set_curve`."""
        self._put(
            Series(
                key=key, form="bars", x=np.asarray(x, dtype=float), y=np.asarray(y, dtype=float), label=label,
                color=color, point_colors=point_colors, width=width, base=base,
            )
        )  # fmt: skip

    def set_image(self, key: str, pixels: NDArray[np.uint32], bounds: tuple[float, float, float, float]) -> None:
        """Draw or replace RGB32 pixels, the first row at the bottom, between left, right, bottom and top."""
        known = self._pictures.get(key)
        item = PixelItem() if known is None else known[0]
        if known is None:
            item.setZValue(-50)
            self.plot.addItem(item, ignoreBounds=True)
        item.set_pixels(pixels, bounds)
        self._pictures[key] = (item, bounds)
        self._show()

    def set_line(self, key: str, value: float, label: str = "", *, along: Along = "x", color: str = "warning") -> None:
        """Draw or replace a dashed line, a limit, at a value of y (``along="x"``) or of x (``along="y"``)."""
        self.guides.set_line(key, value, label, along, color)

    def set_band(self, key: str, low: float, high: float, *, along: Along = "x", color: str = "warning") -> None:
        """Draw or replace a band between two values of y (``along="x"``) or of x (``along="y"``)."""
        self.guides.set_band(key, low, high, along, color)

    def remove(self, key: str) -> None:
        """Take something away, if it is there."""
        series, picture = self._series.pop(key, None), self._pictures.pop(key, None)
        self.guides.remove(key)
        for item in (series and series.item, picture and picture[0]):
            if item is not None:
                self.plot.removeItem(item)
        if series is not None:
            self._show()

    def clear(self, empty_text: str | None = None) -> None:
        """Take everything away; ``empty_text``: why, and what to do."""
        for key in [*self._series, *self._pictures, *self.guides.keys()]:
            self.remove(key)
        if empty_text is not None:
            self.empty.setText(empty_text)
        self._is_fitted = True
        self._show()

    @property
    def series(self) -> list[Series]:
        """What is drawn and not hidden by its entry in the legend."""
        return [item for item in self._series.values() if item.is_shown]

    def set_limits(self, *, x: tuple[float, float] | None = None, y: tuple[float, float] | None = None) -> None:
        """Let :meth:`fit` show just these parts of the axes; None: what there is."""
        if (x, y) == (self.x_axis.limits, self.y_axis.limits):
            return
        self.x_axis, self.y_axis = replace(self.x_axis, limits=x), replace(self.y_axis, limits=y)
        if self._is_fitted:
            self.fit()

    def set_stale(self, is_stale: bool) -> None:
        """Dim what was computed from other parameters than these, and mark it in the title."""
        if is_stale != self._is_stale:
            self._is_stale = is_stale
            self.view.setOpacity(0.45 if is_stale else 1.0)
            self._write_heading()

    def set_title(self, title: str) -> None:
        """Change the title."""
        self.title = title
        self._write_heading()
        self.setAccessibleName(title)

    def _write_heading(self) -> None:
        self.heading.write(self.title, "" if self._is_labeled else self.y_axis.unit, is_stale=self._is_stale)

    def show_series(self, key: str, is_shown: bool) -> None:
        """Show or hide a series."""
        if key in self._series:
            self._series[key].is_shown = is_shown
            self._draw(self._series[key])
            self._show()

    # --- view -------------------------------------------------------------------------------------------------------

    def fit(self) -> None:
        """Show everything, and go on doing so when data change."""
        self._is_fitted = True
        boxes = [box for item in self.series if (box := item.bounds(self.x_axis, self.y_axis)) is not None]
        boxes += [bounds for _, bounds in self._pictures.values()]
        if not boxes:
            return
        is_tight = bool(self._pictures) and not self.series
        ranges = self.frame(fit_ranges(boxes, (self.x_axis, self.y_axis), is_tight=is_tight))
        if self.view.state["targetRange"] != [list(item) for item in ranges]:
            self.view.setRange(xRange=ranges[0], yRange=ranges[1], padding=0)

    def frame(self, ranges: Ranges) -> Ranges:
        """Return what :meth:`fit` shows, for the ranges of x and y that hold all there is."""
        return ranges

    def fit_linked(self) -> None:
        """Do so here and in charts that show the same part of x."""
        for chart in (self, *self._linked):
            chart.fit()

    def link_x(self, other: Chart) -> None:
        """Show the same part of x as another chart, and let it show the same as this one."""
        # The library's own link compares pixels, which is wrong while one of both is not laid out yet.
        for one, two in ((self, other), (other, self)):
            one._linked.append(two)
            one.view.sigXRangeChanged.connect(partial(two._follow, one))

    def _follow(self, other: Chart, _view: Any, _ends: Any) -> None:
        ends = other.view.viewRange()[0]
        if ends != self.view.viewRange()[0]:
            self.view.setXRange(*ends, padding=0)

    def _put(self, series: Series) -> None:
        known = self._series.get(series.key)
        if known is not None and (known.form, known.marks) == (series.form, series.marks):
            series.item, series.is_shown = known.item, known.is_shown
        elif known is not None:
            self.remove(series.key)
        is_new = series.item is None
        self._series[series.key] = series
        self._draw(series)
        if is_new:
            self.plot.addItem(series.item, ignoreBounds=True)
        self._show()

    def _draw(self, series: Series) -> None:
        low, high = self.view.viewRange()[0]
        if self._is_fitted or not series.is_long:
            low, high = -np.inf, np.inf
        series.draw(self.session.theme, self.x_axis, self.y_axis, (low, high))

    def _redraw_long(self) -> None:
        for series in self._series.values():
            if series.is_long:
                self._draw(series)

    @contextmanager
    def updating(self) -> Iterator[None]:
        """Draw several things and fit once, at the end of a ``with`` block."""
        self._is_updating = True
        try:
            yield
        finally:
            self._is_updating = False
            self._show()

    def _show(self) -> None:
        """Bring legend, view and read-out in line with the data."""
        if self._is_updating:
            return
        has_some = bool(self._series or self._pictures)
        self.stack.setCurrentWidget(self.plot if has_some else self.empty)
        theme, named = self.session.theme, [series for series in self._series.values() if series.label]
        self.legend.set_entries([(s.key, s.label, resolve(theme, s.color), s.is_shown) for s in named], theme)
        if self._is_fitted:
            self.fit()
        self._read_out()

    def _read_out(self) -> None:
        self.read_out.show_text("" if self._is_compact else self.crosshair.read(self.series))

    def _leave_fit(self) -> None:
        for chart in (self, *self._linked):
            chart._is_fitted = False
            chart._redraw_long()

    def _take_theme(self) -> None:
        theme = self.session.theme
        self.plot.setBackground(theme.plot)
        for side in ("bottom", "left"):
            axis = self.plot.getAxis(side)
            axis.setPen(theme.rule)
            axis.setTextPen(theme.muted)
            axis.setLabel(axis.axis.text, color=theme.muted)
        self._show_labels()
        self.heading.setStyleSheet(f"color: {theme.ink}; font-weight: 600;")
        self.read_out.set_theme(theme)
        self.empty.setStyleSheet(f"color: {theme.muted}; background: {theme.plot}; padding: 12px;")
        self.crosshair.set_theme(theme)
        for series in self._series.values():
            self._draw(series)
        self.guides.set_theme(theme)
        self._show()

    # --- hand -------------------------------------------------------------------------------------------------------

    def _hover(self, place: QPointF) -> None:
        inside = self.view.sceneBoundingRect().contains(place)
        self.crosshair.move(float(self.view.mapSceneToView(place).x()) if inside else None)

    def _click(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            self.menu.popup(event.screenPos().toPoint())
            return
        if event.button() != Qt.MouseButton.LeftButton or not self.view.sceneBoundingRect().contains(event.scenePos()):
            return
        place = self.view.mapSceneToView(event.scenePos())
        if event.double():
            self.fit_linked()
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.crosshair.mark_next(float(place.x()))
        else:
            self.clicked.emit(off_axis(place.x(), self.x_axis), off_axis(place.y(), self.y_axis))

    def eventFilter(self, watched: Any, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Take the crosshair away when the mouse leaves."""
        if event.type() == QEvent.Type.Leave:
            self.crosshair.move(None)
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the labels of the axes away where ticks need the room; the tooltip of the title has them."""
        super().resizeEvent(event)
        self._show_labels()
        self.read_out.place()

    def _show_labels(self) -> None:
        self._is_labeled = self.height() >= _LABELED_FROM_PX
        for side in ("left", "bottom"):
            self.plot.getAxis(side).showLabel(self._is_labeled)
        self._write_heading()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Ask for what a small multiple needs."""
        return _LEAST_SIZE

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Let no wrapped text decide about the height of a plot."""
        return False

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Open the menu by the keyboard; a click of the mouse may begin a drag and is answered when it ends."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.menu.popup(self.mapToGlobal(self.rect().center()))

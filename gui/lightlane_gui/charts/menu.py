"""What can be done with a chart besides looking at it: its context menu and its keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu

from lightlane_gui.charts.export import save_png, save_svg, write_table

if TYPE_CHECKING:
    from lightlane_gui.charts.chart import Chart

FILTERS = "PNG picture (*.png);;SVG drawing (*.svg);;CSV table (*.csv)"
_STEP = 0.02
"""Of the width, by which an arrow key moves the crosshair."""
Key = Qt.Key


class ChartMenu(QMenu):
    """The menu, and the same by the keys that the chart gets."""

    def __init__(self, chart: Chart) -> None:
        super().__init__(chart)
        self._chart = chart
        self._add("Fit", "F", chart.fit_linked)
        self._add("Put a marker at the crosshair", "M", self._mark)
        self._add("Clear markers", "Esc", chart.crosshair.clear_marks)
        self.addSeparator()
        self._add("Copy values", "Ctrl+C", self.copy_values)
        self._add("Export\N{HORIZONTAL ELLIPSIS}", "Ctrl+E", self.ask_export)
        chart.installEventFilter(self)

    def _add(self, text: str, keys: str, done: Callable[[], None]) -> None:
        # Written, not bound: a shortcut of the window would take the letter from every field.
        action = QAction(f"{text}\t{QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)}", self)
        action.triggered.connect(done)
        self.addAction(action)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Let the keyboard do what the mouse does, before keys of the window that are the same."""
        if isinstance(event, QKeyEvent) and watched is self._chart:
            if event.type() == QEvent.Type.ShortcutOverride and self._is_own(event):
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                return self.take_key(event)
        return super().eventFilter(watched, event)

    def _is_own(self, event: QKeyEvent) -> bool:
        """Tell whether a key that works in the whole window means the chart while that has the focus."""
        if event.key() == Key.Key_Escape:
            return any(place is not None for place in self._chart.crosshair.marks)
        return event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.key() == Key.Key_E

    def take_key(self, event: QKeyEvent) -> bool:
        """Answer a key; return whether it was one of these."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_values()
            return True
        if event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.key() == Key.Key_E:
            self.ask_export()
            return True
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return False
        marks = [place for place in self._chart.crosshair.marks if place is not None]
        if event.key() == Key.Key_Escape and not marks:
            return False
        answers: dict[int, Callable[[], None]] = {
            Key.Key_F: self._chart.fit_linked,
            Key.Key_M: self._mark,
            Key.Key_Escape: self._chart.crosshair.clear_marks,
            Key.Key_Left: lambda: self._move(-_STEP),
            Key.Key_Right: lambda: self._move(_STEP),
            Key.Key_Plus: lambda: self._zoom(0.8),
            Key.Key_Equal: lambda: self._zoom(0.8),
            Key.Key_Minus: lambda: self._zoom(1.25),
        }
        answer = answers.get(event.key())
        if answer is None:
            return False
        answer()
        return True

    def copy_values(self) -> None:
        """Put what the crosshair reads, or where there is none the whole table, on the clipboard."""
        read = self._chart.crosshair.read(self._chart.series)
        QGuiApplication.clipboard().setText(read or self.table())

    def table(self) -> str:
        """Return the data as CSV."""
        chart = self._chart
        return write_table(chart.series, chart.x_axis.name, chart.y_axis.name)

    def ask_export(self) -> None:
        """Ask for a file and write it."""
        start = self._chart.title.lower().replace(" ", "-") + ".png"
        name, _ = QFileDialog.getSaveFileName(self._chart, f"Export {self._chart.title}", start, FILTERS)
        if name:
            self.export(Path(name))

    def export(self, path: Path) -> None:
        """Write the chart, in the form that the file's ending names, and tell the log."""
        chart, ending = self._chart, path.suffix.lower()
        theme = chart.session.theme
        try:
            if ending == ".csv":
                path.write_text(self.table(), encoding="utf-8")
                is_written = True
            elif ending == ".svg":
                is_written = save_svg(chart.plot, path, chart.title, theme.ink, theme.plot)
            elif ending == ".png":
                is_written = save_png(chart, path)
            else:
                chart.session.notice(f"{path} ends in {ending or 'nothing'}; allowed: .png, .svg, .csv", "error")
                return
        except OSError as error:
            chart.session.notice(f"{path} was not written: {error.strerror}", "error")
            return
        chart.session.notice(*((f"{path} written", "info") if is_written else (f"{path} was not written", "error")))

    def _mark(self) -> None:
        x = self._chart.crosshair.x
        low, high = self._chart.view.viewRange()[0]
        self._chart.crosshair.mark_next(0.5 * (low + high) if x is None else x)

    def _move(self, share: float) -> None:
        low, high = self._chart.view.viewRange()[0]
        x = 0.5 * (low + high) if self._chart.crosshair.x is None else self._chart.crosshair.x
        self._chart.crosshair.move(min(max(x + share * (high - low), low), high))

    def _zoom(self, factor: float) -> None:
        self._chart.view.scaleBy((factor, factor))
        self._chart.view.sigRangeChangedManually.emit(self._chart.view.state["mouseEnabled"])

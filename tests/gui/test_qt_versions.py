"""What bindings of Qt must not do, tried on those that are installed.

PySide6 6.12.0 loses a reference to None with nearly every call on Python 3.10 and 3.11, which ends the interpreter
after some thousand calls; with 6.11 the export of pyqtgraph 0.14.0 raises. Before the range in
``gui/pyproject.toml`` is widened, these tests are run with the newer pair: they pass if it is safe.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pyqtgraph
import pyqtgraph.exporters
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QPainterPath, QPalette
from PySide6.QtWidgets import QLabel, QWidget

CALLS = 300


def test_calls_that_return_nothing_keep_none_alive(qtbot: Any) -> None:
    label, widget, timer, path, palette = QLabel(), QWidget(), QTimer(), QPainterPath(), QPalette()
    calls: list[Any] = [
        lambda: label.setText("x"),
        lambda: widget.resize(10, 10),
        widget.update,
        lambda: timer.setInterval(5),
        lambda: path.moveTo(0.0, 0.0),
        lambda: palette.setColor(QPalette.ColorRole.Window, "red"),
        lambda: QObject().setObjectName("x"),
    ]
    for call in calls:
        call()
        before = sys.getrefcount(None)
        for _ in range(CALLS):
            call()
        # Others come and go meanwhile; what is lost with every call would be hundreds. From 3.12 on None is immortal.
        assert sys.getrefcount(None) > before - CALLS // 2


def test_the_plot_library_exports(qtbot: Any, tmp_path: Path) -> None:
    plot = pyqtgraph.PlotWidget()
    qtbot.addWidget(plot)
    plot.plot([0, 1, 2], [1, 3, 2])
    plot.resize(300, 200)
    plot.show()
    path = tmp_path / "plot.svg"
    pyqtgraph.exporters.SVGExporter(plot.plotItem).export(str(path))
    assert "<svg" in path.read_text("utf-8")

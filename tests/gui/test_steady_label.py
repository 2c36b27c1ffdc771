"""Labels that change with every step: their texts have room, and nothing around them is laid out for most of them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QWidget

from lightlane_gui.charts.steady_label import write_steady


class LayoutCount(QObject):
    """Counts how often a widget lays out what is in it."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count."""
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def test_a_text_has_room_and_the_window_stays_as_it_is(qtbot: Any) -> None:
    window, label = QWidget(), QLabel()
    layout = QHBoxLayout(window)
    layout.addWidget(label)
    layout.addStretch(1)
    qtbot.addWidget(window)
    window.resize(600, 60)
    window.show()
    write_steady(label, "+12.34 dB ?")
    QApplication.processEvents()
    counted = LayoutCount()
    window.installEventFilter(counted)
    for text in ("+12.34 dB", "+9.87 dB", "+1.23 dB ?"):
        write_steady(label, text)
        QApplication.processEvents()
        assert label.text() == text
        assert label.width() >= label.sizeHint().width()
    assert counted.count == 0
    for text in ("a text that is a good deal longer than the one before", "short"):
        write_steady(label, text)
        QApplication.processEvents()
        assert label.sizeHint().width() <= label.width() <= label.sizeHint().width() + 60
    assert counted.count > 0

"""The banner above the map: what went wrong, in words, without stopping anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from lightlane_gui.theme import Theme

Button = tuple[str, Callable[[], object]]
TIPS = {
    "Copy": "Put the message on the clipboard",
    "Close": "Close this message",
    "Try again": "Open the file once more",
}


class Banner(QFrame):
    """A title, details that can be copied, and buttons; stays until it is closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.title = QLabel()
        self.title.setWordWrap(True)
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details = QPlainTextEdit(readOnly=True)
        self.details.setAccessibleName("Details")
        self.details.setToolTip("One problem a line; they can be selected and copied")
        self._buttons = QHBoxLayout()
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addLayout(self._buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.addLayout(head)
        layout.addWidget(self.details)
        self.hide()

    def tell(self, title: str, details: Sequence[str] = (), *, buttons: Sequence[Button] = (), theme: Theme) -> None:
        """Show a message.

        Parameters
        ----------
        details
            One problem a line.
        buttons
            Beside Copy and Close; each closes the banner.
        """
        self.setStyleSheet(f"#banner {{ background: {theme.panel}; border-left: 4px solid {theme.warning}; }}")
        self.title.setText(title)
        self.title.setAccessibleName(title)
        self.details.setPlainText("\n".join(details))
        self.details.setVisible(bool(details))
        lines = sum(1 + len(line) // 110 for line in details)
        self.details.setFixedHeight(12 + self.fontMetrics().lineSpacing() * min(8, lines))
        while (item := self._buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        text = "\n".join([title, *details])
        copy: list[Button] = [("Copy", lambda: QGuiApplication.clipboard().setText(text))] if details else []
        for label, run in (*buttons, *copy, ("Close", self.hide)):
            self._add_button(label, run)
        self.show()

    def _add_button(self, label: str, run: Callable[[], object]) -> None:
        def press() -> None:
            if label != "Copy":
                self.hide()
            run()

        button = QPushButton(label)
        button.setToolTip(TIPS.get(label, f"{label}, and close this message"))
        button.clicked.connect(press)
        self._buttons.addWidget(button)

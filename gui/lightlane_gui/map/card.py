"""The card beside the pointer."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from lightlane_gui.map.facts import Card
from lightlane_gui.theme import Theme

_AWAY_PX = 16


class HoverCard(QFrame):
    """Shows a card near a point and keeps inside its parent."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setObjectName("hover-card")
        self.setAccessibleName("What is under the pointer")
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.RichText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(9, 7, 9, 7)
        layout.addWidget(self._label)
        self.hide()

    @property
    def text(self) -> str:
        """What it says, as rich text."""
        return self._label.text()

    def show_card(self, card: Card, at: QPoint, theme: Theme) -> None:
        """Show facts near a point of the parent."""
        self.say(card, theme)
        self.follow(at)
        self.show()
        self.raise_()

    def say(self, card: Card, theme: Theme) -> None:
        """Show other facts in the same place."""
        self.setStyleSheet(
            f"#hover-card {{ background: {theme.panel}; border: 1px solid {theme.rule}; border-radius: 4px; }}"
            f"QLabel {{ color: {theme.ink}; }}"
        )
        self._label.setText(card.to_html(theme))
        self.setAccessibleDescription(card.to_text())
        self.adjustSize()

    def follow(self, at: QPoint) -> None:
        """Move beside a point, to the other side of it where the edge is near."""
        parent = self.parentWidget()
        assert parent is not None
        room = parent.size()
        x, y = at.x() + _AWAY_PX, at.y() + _AWAY_PX
        if x + self.width() > room.width() - 4:
            x = at.x() - _AWAY_PX - self.width()
        if y + self.height() > room.height() - 4:
            y = at.y() - _AWAY_PX - self.height()
        self.move(max(4, x), max(4, y))

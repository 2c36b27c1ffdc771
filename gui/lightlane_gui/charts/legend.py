"""The legend of a chart: a click on an entry hides its curve."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from lightlane_gui.theme import Theme

Entry = tuple[str, str, str, bool]
"""Key, label, color and whether it is shown."""


class Legend(QLabel):
    """Chips in a line that wraps."""

    def __init__(self, toggled: Callable[[str, bool], None]) -> None:
        super().__init__()
        self._toggled = toggled
        self._entries: list[Entry] = []
        self._seen: tuple[object, ...] = ()
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.setAccessibleName("Legend")
        self.setToolTip("Click an entry to hide or show its curve")
        self.linkActivated.connect(self._toggle)

    def set_entries(self, entries: list[Entry], theme: Theme) -> None:
        """Show these."""
        if (*entries, theme.name) == self._seen:
            return
        self._entries, self._seen = entries, (*entries, theme.name)
        chips = []
        for key, label, color, is_shown in entries:
            mark = "\N{BLACK SQUARE}" if is_shown else "\N{WHITE SQUARE}"
            ink = theme.ink if is_shown else theme.muted
            text = escape(label).replace(" ", "&nbsp;")
            chips.append(
                f'<a href="{escape(key)}" style="text-decoration:none;color:{ink}">'
                f'<span style="color:{color}">{mark}</span>&nbsp;{text}</a>'
            )
        self.setText(" &nbsp; ".join(chips))
        self.setVisible(bool(chips))

    def _toggle(self, key: str) -> None:
        for name, _, _, is_shown in self._entries:
            if name == key:
                self._toggled(key, not is_shown)
                return

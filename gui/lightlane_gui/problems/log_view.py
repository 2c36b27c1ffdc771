"""The log: what the application had to say, newest below."""

from __future__ import annotations

import html
from collections import deque
from datetime import datetime

from PySide6.QtWidgets import QTextBrowser, QWidget

from lightlane_gui.theme import Theme

LINES_MAX = 1000


class LogView(QTextBrowser):
    """Lines with time and level; the same line again is counted and not repeated."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.lines: deque[tuple[str, str, str, int]] = deque(maxlen=LINES_MAX)
        """Time, level, text, how often in a row."""
        self.setAccessibleName("Log")
        self.setToolTip("What happened, the latest at the end")
        self.setPlaceholderText("Nothing has happened yet.")
        self.document().setMaximumBlockCount(LINES_MAX)

    def add(self, level: str, text: str) -> None:
        """Write a line."""
        time = datetime.now().astimezone().strftime("%H:%M:%S")
        if self.lines and self.lines[-1][1:3] == (level, text):
            count = self.lines.pop()[3] + 1
            self.lines.append((time, level, text, count))
            self._rewrite()
            return
        self.lines.append((time, level, text, 1))
        self.append(self._format(*self.lines[-1]))

    def set_theme(self, theme: Theme) -> None:
        """Change the colors."""
        self._theme = theme
        self._rewrite()

    def text(self) -> str:
        """Return the log as plain text."""
        return "".join(f"{time} {level}: {text}{_times(count)}\n" for time, level, text, count in self.lines)

    def _rewrite(self) -> None:
        self.setHtml("".join(f"<div>{self._format(*line)}</div>" for line in self.lines))
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _format(self, time: str, level: str, text: str, count: int) -> str:
        theme = self._theme
        color = {"error": theme.error, "warning": theme.warning}.get(level, theme.muted)
        body = html.escape(text + _times(count)).replace("\n", "<br>&nbsp;&nbsp;")
        return f'<span style="color:{theme.muted}">{time}</span> <b style="color:{color}">{level}</b> {body}'


def _times(count: int) -> str:
    return f" ({count} times)" if count > 1 else ""


__all__ = ["LogView"]

"""The title of a chart."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel


class Heading(QLabel):
    """The title, the unit of y where its axis has no room to say it, and a mark while what is drawn is late."""

    def write(self, title: str, unit: str, *, is_stale: bool) -> None:
        """Show a title; a unit that the title has already is not said twice."""
        self.setText(title + (f" ({unit})" if unit and "(" not in title else "") + (" ?" if is_stale else ""))

"""Rows of parameters that nobody looks at: kept for the next parameters instead of being thrown away."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtWidgets import QWidget

from lightlane import Parameter
from lightlane_gui.theme import Theme
from lightlane_gui.what_if.number_row import NumberRow
from lightlane_gui.what_if.rows import Check, ChoiceRow, ParameterRow, SwitchRow


class RowStore(QWidget):
    """Hands out rows and takes them back.

    Under a style sheet Qt does not give back all memory of a field for numbers or choices that goes: 0.4 to 1.2 kB of
    each, and every link that is selected has dozens of them.

    Parameters
    ----------
    parent
        Under whose style sheet all rows are, here and in their groups.
    check
        Tells what is allowed in place of a value.
    connect
        Called with each row that is made, once.
    """

    def __init__(self, parent: QWidget, check: Check, connect: Callable[[ParameterRow], None]) -> None:
        super().__init__(parent)
        self._check, self._connect = check, connect
        self._spare: dict[type[ParameterRow], list[ParameterRow]] = {ChoiceRow: [], SwitchRow: [], NumberRow: []}
        self.hide()

    def take(self, parameter: Parameter, theme: Theme) -> ParameterRow:
        """Return the row of a parameter; it still has to be put where it is seen, and shown a value."""
        wanted = {"choice": ChoiceRow, "switch": SwitchRow}.get(parameter.kind, NumberRow)
        if not self._spare[wanted]:
            made = wanted(parameter, self._check, theme)
            self._connect(made)
            return made
        row = self._spare[wanted].pop()
        row.take(parameter)
        if row.theme is not theme:
            row.set_theme(theme)
        return row

    def give_back(self, rows: Iterable[ParameterRow]) -> None:
        """Take rows that are no longer shown."""
        for row in rows:
            if row.put_away():
                row.setParent(self)
                self._spare[type(row)].append(row)


__all__ = ["RowStore"]

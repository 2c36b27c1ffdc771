"""Steps that can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtGui import QUndoCommand

if TYPE_CHECKING:
    from lightlane_gui.session.document import Edited
    from lightlane_gui.session.session import Session

_DRAG_ID = 1


class EditCommand(QUndoCommand):
    """An edit of the scenario: the form before and after. Steps of one drag merge into one."""

    drag: ClassVar[int] = 0
    """Counts drags: steps of different ones do not merge."""

    def __init__(self, session: Session, before: Edited, after: Edited, text: str, key: str) -> None:
        super().__init__(text)
        self._session, self._before, self._after = session, before, after
        self._key, self._drag = key, EditCommand.drag

    def id(self) -> int:
        """Tell Qt which commands may merge."""
        return _DRAG_ID if self._key else -1

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802 - Qt's name
        """Take the next step of the same drag into this one."""
        if not isinstance(other, EditCommand) or (other._key, other._drag) != (self._key, self._drag):
            return False
        self._after = other._after
        self.setText(other.text())
        self.setObsolete(self._after == self._before)
        return True

    def redo(self) -> None:
        """Do it, or do it again."""
        self._session.apply(self._after)

    def undo(self) -> None:
        """Take it back."""
        self._session.apply(self._before)

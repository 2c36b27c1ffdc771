"""The session: the one place that knows what is open, changed, selected and shown; views ask it and listen to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from lightlane import LightlaneError
from lightlane.toolkit import StateProblem
from lightlane_gui.session.commands import EditCommand
from lightlane_gui.session.document import BASE, Document, Edited
from lightlane_gui.session.drawn import Drawn
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.session.selection import NOTHING, Kind, Selection
from lightlane_gui.theme import DARK, Theme


class Session(QObject):
    """State of the application. Widgets never talk to each other: they change the session and listen to its signals."""

    document_opened = Signal()
    """Another document: everything is new."""
    edited = Signal()
    """Scenario or variant changed; what is shown is stale until a picture of this version comes."""
    time_changed = Signal(float)
    selection_changed = Signal()
    picture_came = Signal()
    """A picture of the variant on display came: for the map, which a slider moves; all else follows it."""
    picture_changed = Signal()
    """The same, once the map shows it."""
    reference_changed = Signal()
    """What is compared with changed or came."""
    pins_changed = Signal()
    problems_changed = Signal()
    """What is wrong with the state on display was found."""
    theme_changed = Signal()
    reading_changed = Signal()
    """A file is being read, or no longer."""
    noticed = Signal(str, str)
    """A line for the log: level (info, warning, error) and text."""

    def __init__(self, theme: Theme = DARK, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.document: Document | None = None
        self.reading = ""
        """Name of the file that is being read."""
        self.undo_stack = QUndoStack(self)
        self.selection: Selection = NOTHING
        self.pinned_links: tuple[str, ...] = ()
        self.time_days = 0.0
        self.version = 0
        self.picture: FabricPicture | None = None
        self.reference_variant: str | None = None
        self.reference: FabricPicture | None = None
        self.problems: tuple[StateProblem, ...] | None = None
        self.problems_version = 0
        self._form: Edited | None = None
        self._drawn: tuple[int, Drawn] | None = None

    # --- document ---------------------------------------------------------------------------------------------------

    def open(self, document: Document, *, form: Edited | None = None, time_days: float = 0.0) -> None:
        """Put another document in place of the one that is open."""
        self.document, self.reading = document, ""
        self._form = Edited(document.scenario) if form is None else form
        self.undo_stack.clear()
        self.selection, self.time_days, self.pinned_links = NOTHING, time_days, ()
        self.picture = self.reference = self.reference_variant = self.problems = None
        self.version += 1
        self.document_opened.emit()
        self.selection_changed.emit()
        self.time_changed.emit(time_days)
        self.edited.emit()

    def announce(self, name: str) -> None:
        """Say that a file is being read; empty: none is."""
        self.reading = name
        self.reading_changed.emit()

    @property
    def form(self) -> Edited:
        """The scenario as it is edited, and the variant that is looked at.

        Raises
        ------
        LightlaneError
            If nothing is open.
        """
        if self._form is None:
            raise LightlaneError("nothing is open")
        return self._form

    @property
    def is_stale(self) -> bool:
        """Whether what is shown was computed from other parameters than these."""
        return self.picture is None or self.picture.version < self.version

    # --- edits ------------------------------------------------------------------------------------------------------

    def edit(self, form: Edited, text: str, *, key: str = "") -> None:
        """Change the scenario, so that it can be undone.

        Parameters
        ----------
        form
            What it becomes.
        text
            What was done, in a few words.
        key
            Edits that follow each other with the same key are one step, until :meth:`end_drag`.
        """
        if form != self.form:
            self.undo_stack.push(EditCommand(self, self.form, form, text, key))

    def set_field(self, path: str, value: Any, text: str, *, key: str = "") -> None:
        """Give a field another value in the variant on display; on the base a variant is made first."""
        self.edit(self.form.set_field(path, value), text, key=key)

    def end_drag(self) -> None:
        """Let the next edit be a step of its own, whatever its key."""
        EditCommand.drag += 1

    def apply(self, form: Edited) -> None:
        """Take a form over without a step to undo; commands do."""
        self._form = form
        if self.reference_variant is not None and self.reference_variant not in form.names():
            self.compare_with(None)
        self.version += 1
        self.edited.emit()

    def show_variant(self, name: str) -> None:
        """Look at another variant."""
        if self._form is not None and name != self._form.variant:
            self.apply(self._form.show(name))

    # --- view -------------------------------------------------------------------------------------------------------

    def set_time(self, time_days: float) -> None:
        """Go to another instant."""
        if time_days != self.time_days:
            self.time_days = time_days
            self.version += 1
            self.time_changed.emit(time_days)
            self.edited.emit()

    def select(self, kind: Kind, name: str = "", **lane: Any) -> None:
        """Point at a record of the fabric; ``lane``: fields of :class:`Selection` of a link's lane."""
        self._set_selection(Selection(kind, name, **lane) if kind else NOTHING)

    def select_lane(self, **lane: Any) -> None:
        """Point at another lane of the selected link."""
        self._set_selection(replace(self.selection, **lane))

    def _set_selection(self, selection: Selection) -> None:
        if selection != self.selection:
            self.selection = selection
            self.selection_changed.emit()

    def toggle_pin(self, link: str) -> None:
        """Keep a link in the charts whatever is selected, or let go of it."""
        kept = tuple(name for name in self.pinned_links if name != link)
        self.pinned_links = kept if len(kept) < len(self.pinned_links) else (*kept, link)
        self.pins_changed.emit()

    def show(self, picture: FabricPicture) -> None:
        """Take a picture that a worker made; one of an older version may be shown but stays stale."""
        if self.picture is not None and picture.version < self.picture.version:
            return
        # An edit or another instant takes the draw away.
        if self._drawn is not None and self._drawn[0] == picture.version:
            picture = self._drawn[1].lay_over(picture)
        self.picture = picture
        self.picture_came.emit()
        self.picture_changed.emit()

    def show_draw(self, drawn: Drawn) -> None:
        """Show a draw in place of the margins of the state on display, until something is changed."""
        self._drawn = (self.version, drawn)
        if self.picture is not None and not self.is_stale:
            self.show(self.picture)

    def compare_with(self, variant: str | None) -> None:
        """Put another variant beside the one on display; None: none."""
        if variant != self.reference_variant:
            self.reference_variant, self.reference = variant, None
            self.version += 1
            self.reference_changed.emit()
            self.edited.emit()

    def show_reference(self, picture: FabricPicture) -> None:
        """Take a picture of the variant that is compared with."""
        if picture.variant == self.reference_variant:
            self.reference = picture
            self.reference_changed.emit()

    def show_problems(self, version: int, problems: tuple[StateProblem, ...]) -> None:
        """Take what a worker found to be wrong with a state."""
        self.problems, self.problems_version = problems, version
        self.problems_changed.emit()

    def set_theme(self, theme: Theme) -> None:
        """Change the colors."""
        self.theme = theme
        self.theme_changed.emit()

    def notice(self, text: str, level: str = "info") -> None:
        """Write a line into the log."""
        self.noticed.emit(level, text)


__all__ = ["BASE", "Session"]

"""The variants of the scenario: choose, make, name, compare."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QMenu, QStackedWidget, QToolButton, QWidget

from lightlane import Variant
from lightlane_gui.session.document import BASE
from lightlane_gui.session.session import Session

NOTHING_COMPARED = "nothing"
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class VariantBar(QWidget):
    """Which variant is looked at, and which it is compared with."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.choice = QComboBox()
        self.choice.setAccessibleName("Variant on display")
        self.choice.setToolTip("Variant on display. Changes made on the baseline go to a new variant.")
        self.name_line = QLineEdit()
        self.name_line.setAccessibleName("New name of the variant")
        self.name_line.setToolTip("Enter takes the name, Escape keeps the old one")
        self.name_line.installEventFilter(self)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.choice)
        self.stack.addWidget(self.name_line)
        self.stack.setFixedHeight(self.choice.sizeHint().height() + 2)
        self.reference = QComboBox()
        self.reference.setAccessibleName("Variant to compare with")
        self.reference.setToolTip("Shown beside the variant on display: ghosts in plots, changes in tables")
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.hide()
        self._make_actions()
        self._lay_out()
        self.choice.activated.connect(lambda place: session.show_variant(self.choice.itemText(place)))
        self.reference.activated.connect(self._compare)
        for signal in (session.document_opened, session.edited, session.reference_changed):
            signal.connect(self.refresh)
        session.theme_changed.connect(self._recolor)
        self._recolor()
        self.refresh()

    def _lay_out(self) -> None:
        self.more = QToolButton()
        self.more.setText(ELLIPSIS)
        self.more.setAccessibleName("More about variants")
        self.more.setToolTip("Duplicate, rename, reset or delete the variant")
        self.more.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        menu.addActions([self.duplicate_action, self.rename_action, self.reset_action, self.delete_action])
        self.more.setMenu(menu)
        self.new = QToolButton()
        self.new.setDefaultAction(self.new_action)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 6, 6, 4)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        labels = QLabel("&Variant"), QLabel("Compare &with")
        for row, (label, buddy) in enumerate(zip(labels, (self.choice, self.reference), strict=True)):
            label.setBuddy(buddy)
            grid.addWidget(label, row, 0)
        grid.addWidget(self.stack, 0, 1)
        grid.addWidget(self.new, 0, 2)
        grid.addWidget(self.more, 0, 3)
        grid.addWidget(self.reference, 1, 1)
        grid.addWidget(self.problem, 2, 0, 1, 4)
        grid.setColumnStretch(1, 1)

    def _make_actions(self) -> None:
        def make(text: str, tip: str, slot: object, shortcut: str = "") -> QAction:
            action = QAction(text, self)
            action.setToolTip(f"{tip} ({shortcut})" if shortcut else tip)
            action.setShortcut(QKeySequence(shortcut))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(slot)
            self.addAction(action)
            return action

        self.new_action = make("New", "New variant that changes nothing yet", self.make_new)
        self.duplicate_action = make("Duplicate", "New variant with the same changes", self.duplicate)
        self.rename_action = make(f"Rename{ELLIPSIS}", "Another name for the variant", self.start_renaming, "F2")
        self.reset_action = make("Reset", "Take all changes of the variant back", self.reset)
        self.delete_action = make("Delete", "Remove the variant", self.delete)

    def actions_offered(self) -> list[QAction]:
        """Return what can be done here, for menus and the command palette."""
        return [self.new_action, self.duplicate_action, self.rename_action, self.reset_action, self.delete_action]

    # --- what is shown -----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show what the session has."""
        is_open = self.session.document is not None
        names = self.session.form.names() if is_open else ()
        current = self.session.form.variant if is_open else ""
        _fill(self.choice, names, current)
        others = [name for name in names if name != current]
        _fill(self.reference, [NOTHING_COMPARED, *others], self.session.reference_variant or NOTHING_COMPARED)
        is_variant = is_open and current != BASE
        self.new_action.setEnabled(is_open)
        self.duplicate_action.setEnabled(is_open)
        for action in (self.rename_action, self.reset_action, self.delete_action):
            action.setEnabled(is_variant)
        for widget in (self.choice, self.reference):
            widget.setEnabled(is_open)

    def _recolor(self) -> None:
        self.problem.setStyleSheet(f"color: {self.session.theme.error};")

    # --- what the user does ------------------------------------------------------------------------------------------

    def make_new(self) -> None:
        """Add a variant without changes."""
        if self.session.document is None:
            return
        form = self.session.form
        self.session.edit(form.add(Variant(name=form.free_name())), "New variant")

    def duplicate(self) -> None:
        """Add a variant with the changes of the one on display."""
        form = self.session.form
        variant = form.find(form.variant)
        copy = Variant(name=form.free_name()) if variant is None else variant
        name = form.free_name(f"{copy.name}-copy"[:60])
        self.session.edit(form.add(copy.model_copy(update={"name": name})), f"Duplicate {form.variant}")

    def reset(self) -> None:
        """Take all changes of the variant back."""
        if self.session.document is None:
            return
        form = self.session.form
        if form.find(form.variant) is not None:
            self.session.edit(form.put(Variant(name=form.variant)), f"Reset {form.variant}")

    def delete(self) -> None:
        """Remove the variant on display."""
        form = self.session.form
        if form.variant != BASE:
            self.session.edit(form.remove(form.variant), f"Delete {form.variant}")

    def start_renaming(self) -> None:
        """Put a line for the name in place of the choice."""
        if self.session.form.variant != BASE:
            self.name_line.setText(self.session.form.variant)
            self.stack.setCurrentWidget(self.name_line)
            self.name_line.setFocus()
            self.name_line.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Take the name on Enter, leave it on Escape or when the line is left."""
        if watched is self.name_line:
            if event.type() == QEvent.Type.KeyPress:
                assert isinstance(event, QKeyEvent)
                if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                    self._rename(self.name_line.text().strip())
                    return True
                if event.key() == Qt.Key.Key_Escape:
                    self._end_renaming()
                    return True
            elif event.type() == QEvent.Type.FocusOut:
                self._end_renaming()
        return super().eventFilter(watched, event)

    def _rename(self, name: str) -> None:
        form = self.session.form
        variant = form.find(form.variant)
        if variant is None or name == form.variant:
            self._end_renaming()
            return
        if name in form.names():
            self._complain(f"There is a variant {name!r} already.")
            return
        try:
            renamed = Variant(**{**dict(variant), "name": name})
        except ValueError:
            self._complain("A name is of letters, digits, '.', '_' and '-', begins with a letter or digit, at most 60.")
            return
        compared = self.session.reference_variant
        self.session.edit(form.put(renamed, in_place_of=form.variant), f"Rename {form.variant} to {name}")
        if compared is not None and compared in self.session.form.names():
            self.session.compare_with(compared)
        self._end_renaming()

    def _complain(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.show()

    def _end_renaming(self) -> None:
        self.problem.hide()
        if self.stack.currentWidget() is self.name_line:
            self.stack.setCurrentWidget(self.choice)
            self.choice.setFocus()

    def _compare(self, place: int) -> None:
        self.session.compare_with(self.reference.itemText(place) if place > 0 else None)


def _fill(box: QComboBox, names: object, current: str) -> None:
    """Put names into a box, without closing it where they are there already."""
    wanted = [str(name) for name in names]  # type: ignore[attr-defined]
    if [box.itemText(place) for place in range(box.count())] != wanted:
        box.clear()
        box.addItems(wanted)
    box.setCurrentIndex(box.findText(current))


__all__ = ["VariantBar"]

"""The dialog that asks for an event: one row for each field, what is wrong beside it in words."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from lightlane.toolkit import EventField
from lightlane_gui.session.session import Session
from lightlane_gui.timeline.injecting import (
    LASTING,
    add_event,
    begin_texts,
    find_kind,
    lasts_in_hours,
    list_targets,
    read_entry,
)

WIDTH = 460
_ABSENT = "(absent)"


class FieldRow:
    """The widgets of one field: label, editor, unit, and what is wrong."""

    def __init__(self, session: Session, field: EventField, text: str, *, hours: bool = False) -> None:
        self.name = LASTING if field.name == "end_days" else field.name
        label = field.label if field.required else f"{field.label}"
        meaning, unit = field.text or field.label, field.unit
        if self.name == LASTING:
            label, unit = "Over after", "h" if hours else "d"
            meaning = "How long it holds; empty: it stays."
        self.label = QLabel(f"{label} *" if field.required else label)
        self.editor = self._make_editor(session, field, text)
        self.editor.setAccessibleName(f"{label} ({unit})" if unit else label)
        allowed = "a number above 0" if self.name == LASTING else field.allowed
        self.editor.setToolTip(f"{meaning}\nAllowed: {allowed}{f', in {unit}' if unit else ''}")
        self.label.setBuddy(self.editor)
        self.unit = QLabel(unit)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.hide()

    def _make_editor(self, session: Session, field: EventField, text: str) -> QWidget:
        if field.kind == "choice":
            box = QComboBox()
            box.addItems([*([] if field.required else [_ABSENT]), *field.choices])
            box.setCurrentText(text or (field.choices[0] if field.required else _ABSENT))
            return box
        line = QLineEdit(text)
        names = list_targets(session, field)
        if names:
            completer = QCompleter(list(names), line)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            line.setCompleter(completer)
            line.setPlaceholderText("type to search" if field.required else "")
        if field.kind in ("number", "integer"):
            line.setAlignment(Qt.AlignmentFlag.AlignRight)
        return line

    @property
    def text(self) -> str:
        """What stands in it."""
        if isinstance(self.editor, QComboBox):
            return "" if self.editor.currentText() == _ABSENT else self.editor.currentText()
        assert isinstance(self.editor, QLineEdit)
        return self.editor.text()

    def connect(self, changed: Any) -> None:
        """Call a function when it is edited."""
        if isinstance(self.editor, QComboBox):
            self.editor.currentTextChanged.connect(changed)
        elif isinstance(self.editor, QLineEdit):
            self.editor.textChanged.connect(changed)

    def show_problem(self, text: str, color: str) -> None:
        """Say what is wrong; empty: nothing."""
        self.problem.setText(text)
        self.problem.setStyleSheet(f"color: {color};")
        self.problem.setVisible(bool(text))
        self.editor.setStyleSheet(f"border-color: {color};" if text else "")


class EventDialog(QDialog):
    """Asks for an event of a kind and adds it to the variant on display; what is missing is not called wrong yet."""

    def __init__(self, session: Session, kind: str, given: dict[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._kind = session, find_kind(kind)
        self.setWindowTitle(self._kind.label)
        self.setAccessibleName(self._kind.label)
        texts = begin_texts(session, self._kind, given)
        hours = lasts_in_hours(kind)
        self.rows: dict[str, FieldRow] = {}
        meaning = QLabel(self._kind.text)
        meaning.setWordWrap(True)
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        for number, field in enumerate(self._kind.fields):
            if field.kind == "table":
                continue
            text = texts.get(LASTING, "") if field.name == "end_days" else texts.get(field.name, "")
            row = FieldRow(session, field, text, hours=hours)
            self.rows[row.name] = row
            grid.addWidget(row.label, 2 * number, 0)
            grid.addWidget(row.editor, 2 * number, 1)
            grid.addWidget(row.unit, 2 * number, 2)
            grid.addWidget(row.problem, 2 * number + 1, 1, 1, 2)
            row.connect(self._check)
        self.general = QLabel()
        self.general.setWordWrap(True)
        where = QLabel(f"Goes to the variant “{session.form.open_variant().variant}”; undo takes it back.")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.button_ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.button_ok.setText("Add event")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(10)
        layout.addWidget(meaning)
        layout.addLayout(grid)
        layout.addWidget(self.general)
        layout.addWidget(where)
        layout.addWidget(buttons)
        where.setStyleSheet(f"color: {session.theme.muted};")
        self.setMinimumWidth(WIDTH)
        self._check()

    def _texts(self) -> dict[str, str]:
        return {name: row.text for name, row in self.rows.items()}

    def _check(self) -> None:
        entry = read_entry(self._session, self._kind, self._texts())
        theme = self._session.theme
        for name, row in self.rows.items():
            # An empty field is not wrong while it is being filled in: it is muted, and the button waits.
            row.show_problem(entry.problems.get(name, ""), theme.error if row.text else theme.muted)
        rest = [text for name, text in entry.problems.items() if name not in self.rows]
        self.general.setText("\n".join(rest))
        self.general.setStyleSheet(f"color: {theme.error};")
        self.general.setVisible(bool(rest))
        self.button_ok.setEnabled(entry.event is not None)

    def accept(self) -> None:
        """Add the event, if nothing is wrong with it."""
        entry = read_entry(self._session, self._kind, self._texts())
        if entry.event is None:
            self._check()
            return
        add_event(self._session, entry.event)
        super().accept()


def open_event_dialog(
    session: Session, kind: str, *, parent: QWidget | None = None, **given: Any
) -> EventDialog | None:
    """Ask for an event, some of whose fields are known; None, with a line in the log, where nothing is open.

    Parameters
    ----------
    kind
        Key of a kind of event, such as ``fiber_cut``.
    given
        Fields that are known, such as ``duct="d12"``.
    """
    if session.document is None:
        session.notice("Open a fabric or a scenario first: there is nothing that an event could happen to", "warning")
        return None
    dialog = EventDialog(session, kind, given, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog

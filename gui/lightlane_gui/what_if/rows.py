"""One parameter as a form shows it: what all rows have, a choice, a switch. A number is in its own file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QGridLayout,
    QLabel,
    QToolButton,
    QWidget,
)

from lightlane import Parameter
from lightlane_gui.theme import Theme
from lightlane_gui.what_if.number_box import asks_undo
from lightlane_gui.what_if.settings import show_value

Check = Callable[[str, Any], str]
"""Tells for a path and a value what is allowed instead; empty: the value is accepted."""


class ParameterRow(QWidget):
    """Label, editor, button that takes the change back, and a line for what there is to say."""

    moved = Signal(str, object)
    """The user wants another value: path and value."""
    let_go = Signal()
    """A drag is over."""
    reset = Signal(str)
    """The user wants the base's value back."""
    outlined = "QWidget"
    """Qt's name of the editor that gets an outline where its value is not taken."""

    def __init__(self, parameter: Parameter, check: Check, theme: Theme) -> None:
        super().__init__()
        self.parameter = parameter
        self._check = check
        self._is_showing = False
        self._shown_last: tuple[Any, Any, bool] | None = None
        self.editor: QWidget | None = None
        self.label = QLabel()
        self.label.setMinimumWidth(40)
        self.label.setWordWrap(True)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.hide()
        self.undo = QToolButton()
        self.undo.setText("\N{ANTICLOCKWISE OPEN CIRCLE ARROW}")
        self.undo.setAutoRaise(True)
        self.undo.setToolTip("Back to the value of the baseline")
        self.undo.clicked.connect(lambda: self.reset.emit(self.parameter.path))
        # Its room stays, so that nothing moves when it appears.
        policy = self.undo.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.undo.setSizePolicy(policy)
        self.undo.hide()
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(10, 3, 4, 3)
        self.grid.setHorizontalSpacing(4)
        self.grid.setVerticalSpacing(1)
        self.grid.setColumnStretch(0, 1)
        self.grid.addWidget(self.label, 0, 0)
        self.grid.addWidget(self.undo, 0, 2)
        self.grid.addWidget(self.note, 3, 0, 1, 3)
        self.set_theme(theme)

    def take(self, parameter: Parameter) -> None:
        """Be the row of a parameter of this kind, as one that was just made for it; :meth:`show_value` follows."""
        self.parameter = parameter
        self._shown_last = None
        self.label.setText(parameter.label)
        self.label.setToolTip(self._tip())
        self.undo.setAccessibleName(f"Reset {parameter.label}")
        if self.editor is not None:
            self.editor.setAccessibleName(f"{parameter.group}: {parameter.label}")
            self.editor.setToolTip(self._tip())
        self._say("")
        self._is_showing = True
        self._fit()
        self._is_showing = False

    def _fit(self) -> None:
        """Fit the editor to the parameter: what there is to choose from, the range."""

    def put_away(self) -> bool:
        """End what is under way; return whether the row can be that of another parameter now."""
        return True

    def _tip(self) -> str:
        item = self.parameter
        words = [item.help, f"Allowed: {item.allowed}." if item.allowed else "", item.path]
        return "\n".join(word for word in words if word)

    def add_editor(self, editor: QWidget) -> None:
        """Put the editor beside the label."""
        self.editor = editor
        self.label.setBuddy(editor)
        self.grid.addWidget(editor, 0, 1)

    def tab_stops(self) -> list[QWidget]:
        """Return what takes the focus, in the order of the eye."""
        return [self.undo] if self.editor is None else [self.editor, self.undo]

    def set_theme(self, theme: Theme) -> None:
        """Change the colors."""
        self.theme = theme
        self._paint_note(is_error=self.note.property("error") is True)

    def show_value(self, value: Any, base: Any, *, changed: bool) -> None:
        """Show what the parameter is; ``changed``: the variant sets it, and the base has ``base``."""
        shown = value, base, changed
        # A drag moves one of many rows; one that was refused something is put right all the same.
        if shown == self._shown_last and self.note.property("error") is not True:
            return
        self._shown_last = shown
        self._is_showing = True
        self._show(value)
        self._is_showing = False
        font = self.label.font()
        if font.bold() != changed:
            font.setBold(changed)
            self.label.setFont(font)
        self.undo.setVisible(changed)
        if changed:
            is_mixed = base is None and self.parameter.is_mixed
            was = "different values" if is_mixed else show_value(base, self.parameter.unit)
            self._say(f"baseline: {was}")
        elif self.parameter.is_mixed:
            self._say("different values; a change sets all of them")
        else:
            self._say("")

    def _show(self, value: Any) -> None:
        raise NotImplementedError

    def _move(self, value: Any) -> bool:
        """Ask for another value, if it is one that is accepted; return whether it is."""
        if self._is_showing:
            return False
        allowed = self._check(self.parameter.path, value)
        if allowed:
            self._say(f"Not taken. Allowed: {allowed}.", is_error=True)
            return False
        self.moved.emit(self.parameter.path, value)
        return True

    def _say(self, text: str, *, is_error: bool = False) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))
        if self.note.property("error") is not is_error:
            self._paint_note(is_error=is_error)

    def _paint_note(self, *, is_error: bool) -> None:
        self.note.setProperty("error", is_error)
        colors = self.note.palette()
        colors.setColor(self.note.foregroundRole(), QColor(self.theme.error if is_error else self.theme.muted))
        self.note.setPalette(colors)
        if self.editor is not None:
            style = f"{self.outlined} {{ border-color: {self.theme.error}; }}" if is_error else ""
            if style != self.editor.styleSheet():
                self.editor.setStyleSheet(style)


class ChoiceRow(ParameterRow):
    """A choice of parts or words; typing searches."""

    outlined = "QComboBox"

    def __init__(self, parameter: Parameter, check: Check, theme: Theme) -> None:
        super().__init__(parameter, check, theme)
        self.box = QComboBox()
        self._shown: Any = None
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.box.setFixedWidth(176)
        self.box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.box.setMaxVisibleItems(16)
        self.box.installEventFilter(self)
        completer = self.box.completer()
        assert completer is not None
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.add_editor(self.box)
        self.box.activated.connect(lambda place: self._choose(self.box.itemText(place)))
        line = self.box.lineEdit()
        assert line is not None
        line.setPlaceholderText("not set")
        line.editingFinished.connect(lambda: self._choose(line.text()))
        self.take(parameter)

    def _fit(self) -> None:
        self._shown = None
        self.box.clear()
        self.box.addItems(list(self.parameter.choices))

    def eventFilter(self, watched: Any, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Leave the wheel to the panel, a part is not chosen by scrolling past it; and undo to the window."""
        is_typed = self.box.currentText() != (self._shown or "")
        if event.type() == QEvent.Type.Wheel or (asks_undo(event) and not is_typed):
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _choose(self, text: str) -> None:
        if self._is_showing or text == (self._shown or "") or not text:
            return
        if text not in self.parameter.choices:
            self._say(f"{text!r} is none of the choices that fit.", is_error=True)
        elif self._move(text):
            self.let_go.emit()

    def _show(self, value: Any) -> None:
        if value is None and not self.parameter.is_mixed:
            value = self.parameter.effective
        self._shown = value
        self.box.setCurrentIndex(self.box.findText(value) if value is not None else -1)
        if value is None:
            self.box.setEditText("")


class SwitchRow(ParameterRow):
    """On or off."""

    def __init__(self, parameter: Parameter, check: Check, theme: Theme) -> None:
        super().__init__(parameter, check, theme)
        self.box = QCheckBox()
        self.add_editor(self.box)
        self.box.toggled.connect(self._toggle)
        self.set_theme(theme)
        self.take(parameter)

    def set_theme(self, theme: Theme) -> None:
        """Change the colors."""
        super().set_theme(theme)
        if self.editor is not None:
            # The frame of the box is a darker shade of this; that of the window itself is not seen on dark.
            colors = self.editor.palette()
            colors.setColor(QPalette.ColorRole.Window, QColor(theme.muted))
            self.editor.setPalette(colors)

    def _toggle(self, on: bool) -> None:
        if self._move(on):
            self.let_go.emit()

    def _show(self, value: Any) -> None:
        self.box.setChecked(bool(value))


__all__ = ["ChoiceRow", "ParameterRow", "SwitchRow"]

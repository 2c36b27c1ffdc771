"""One parameter as a form shows it: a number with its slider, a choice, a switch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QWidget,
)

from lightlane import Parameter
from lightlane.toolkit import slider_range
from lightlane_gui.charts.number_text import MINUS
from lightlane_gui.theme import Theme
from lightlane_gui.what_if.number_box import NumberBox, QuietSlider, asks_undo, read_number
from lightlane_gui.what_if.settings import show_value

STEPS_COUNT = 1000
"""Places of a slider."""
END_NAME = "slider-end"
"""Qt's name of the fields of a slider's ends."""
ROW_STYLE = f"#{END_NAME} {{ border: none; background: transparent; padding: 0; font-size: 8pt; }}"
"""For the widget that holds the rows: one sheet for all is quicker than one for each."""
KEYS_PAUSE_MS = 700
"""Keys pressed on a slider within this time are one step to undo."""
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
        self.label = QLabel(parameter.label)
        self.label.setMinimumWidth(40)
        self.label.setWordWrap(True)
        self.label.setToolTip(self._tip())
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.hide()
        self.undo = QToolButton()
        self.undo.setText("\N{ANTICLOCKWISE OPEN CIRCLE ARROW}")
        self.undo.setAutoRaise(True)
        self.undo.setToolTip("Back to the value of the baseline")
        self.undo.setAccessibleName(f"Reset {parameter.label}")
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

    def _tip(self) -> str:
        item = self.parameter
        words = [item.help, f"Allowed: {item.allowed}." if item.allowed else "", item.path]
        return "\n".join(word for word in words if word)

    def add_editor(self, editor: QWidget) -> None:
        """Put the editor beside the label."""
        self.editor = editor
        editor.setAccessibleName(f"{self.parameter.group}: {self.parameter.label}")
        editor.setToolTip(self._tip())
        self.label.setBuddy(editor)
        self.grid.addWidget(editor, 0, 1)

    def tab_stops(self) -> list[QWidget]:
        """Return what takes the focus, in the order of the eye."""
        return [self.undo] if self.editor is None else [self.editor, self.undo]

    def set_theme(self, theme: Theme) -> None:
        """Change the colors."""
        self._theme = theme
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
        colors.setColor(self.note.foregroundRole(), QColor(self._theme.error if is_error else self._theme.muted))
        self.note.setPalette(colors)
        if self.editor is not None:
            style = f"{self.outlined} {{ border-color: {self._theme.error}; }}" if is_error else ""
            if style != self.editor.styleSheet():
                self.editor.setStyleSheet(style)


class NumberRow(ParameterRow):
    """A number: field and slider, whose ends can be typed."""

    outlined = "QDoubleSpinBox"

    def __init__(self, parameter: Parameter, check: Check, theme: Theme) -> None:
        super().__init__(parameter, check, theme)
        self.box = NumberBox()
        self.is_sure: Callable[[str], bool] = lambda _: True
        """Tells whether what was tried for a path when the row was made still holds."""
        self.low, self.high = slider_range(parameter)
        self._sure = (self.low, self.high)
        self.box.setSuffix(f" {parameter.unit_label}" if parameter.unit_label else "")
        if parameter.effective is not None:
            self.box.setSpecialValueText(f"({show_value(parameter.effective, parameter.unit)})")
        self.box.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.box.setFixedWidth(132)
        self.box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.box.setButtonSymbols(NumberBox.ButtonSymbols.NoButtons)
        self.add_editor(self.box)
        self.slider = QuietSlider(Qt.Orientation.Horizontal)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.slider.setAccessibleName(f"Slider of {parameter.group}: {parameter.label}")
        self.slider.setToolTip(self._tip())
        self.ends = (self._make_end("Least value of the slider"), self._make_end("Greatest value of the slider"))
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.ends[0])
        line.addWidget(self.slider, 1)
        line.addWidget(self.ends[1])
        self.grid.addLayout(line, 1, 0, 1, 3)
        self._set_range(self.low, self.high)
        self._pause = QTimer(self, singleShot=True, interval=KEYS_PAUSE_MS)
        self._pause.timeout.connect(self.let_go)
        self.slider.valueChanged.connect(self._slide)
        self.slider.sliderReleased.connect(self._release)
        self.box.valueChanged.connect(self._type)
        self.ends[0].editingFinished.connect(self._take_ends)
        self.ends[1].editingFinished.connect(self._take_ends)

    def tab_stops(self) -> list[QWidget]:
        """Return what takes the focus, in the order of the eye."""
        return [*super().tab_stops(), self.ends[0], self.slider, self.ends[1]]

    @property
    def _is_whole(self) -> bool:
        return self.parameter.kind == "integer"

    def _make_end(self, words: str) -> QLineEdit:
        end = QLineEdit()
        end.setFrame(False)
        end.setFixedWidth(52)
        end.setAlignment(Qt.AlignmentFlag.AlignCenter)
        end.setAccessibleName(f"{words} of {self.parameter.label}")
        end.setToolTip(f"{words}; type another one")
        end.setObjectName(END_NAME)
        return end

    def _set_range(self, low: float, high: float) -> None:
        self.low, self.high = low, high
        self._is_showing = True
        count = STEPS_COUNT
        if self._is_whole:
            count = max(1, round(high - low))
            self.box.set_whole()
        else:
            value = self.box.number()
            self.box.set_resolution(low, high, self.parameter.effective if value is None else value)
        self.slider.setRange(0, count)
        self.slider.setPageStep(max(1, count // 10))
        for end, value in zip(self.ends, (low, high), strict=True):
            end.setText(f"{value:.6g}".replace("-", MINUS))
        self._is_showing = False

    def _take_ends(self) -> None:
        typed = [read_number(end.text()) for end in self.ends]
        low, high = (
            known if value is None else value for value, known in zip(typed, (self.low, self.high), strict=True)
        )
        if self._is_whole:
            low, high = round(low), round(high)
        if low < high and (low, high) != (self.low, self.high):
            self._set_range(low, high)
            self._place_slider(self.box.number())
        else:
            self._set_range(self.low, self.high)

    def _slide(self, place: int) -> None:
        if self._is_showing:
            return
        value = self.low + (self.high - self.low) * place / max(1, self.slider.maximum())
        if self._is_whole:
            self._move(round(value))
        else:
            # As many digits as the field shows: what is read is what is computed with.
            self._move(self._round(value))
        if not self.slider.isSliderDown():
            self._pause.start()

    def _release(self) -> None:
        # Where the value was not taken, the slider goes back to the one that holds.
        self._place_slider(self.box.number())
        self.let_go.emit()

    def _round(self, value: float) -> float:
        text = self.box.show_number(value).replace(MINUS, "-")
        return min(max(float(text), self.low), self.high)

    def _type(self) -> None:
        value = self.box.number()
        if self._is_showing or value is None:
            return
        if self._is_whole and value != round(value):
            self._say("Not taken. Allowed: a whole number.", is_error=True)
        elif self._move(int(value) if self._is_whole else value):
            self.let_go.emit()

    def _move(self, value: Any) -> bool:
        # Both ends of the first range were tried when it was made, and what is between them is as good, as long as
        # nothing else was set since.
        if self._sure[0] <= value <= self._sure[1] and not self._is_showing and self.is_sure(self.parameter.path):
            self.moved.emit(self.parameter.path, value)
            return True
        return super()._move(value)

    def _show(self, value: Any) -> None:
        if value is not None:
            own = len(f"{value:.4f}".rstrip("0").partition(".")[2])
            if not self._is_whole and own > self.box._decimals:
                self.box.set_resolution(self.low, self.high, value)
        self.box.set_number(value)
        self._place_slider(value)

    def _place_slider(self, value: float | None) -> None:
        self.slider.blockSignals(True)
        shown = self.parameter.effective if value is None else value
        share = 0.5 if shown is None else (shown - self.low) / (self.high - self.low)
        self.slider.setValue(round(min(max(share, 0.0), 1.0) * self.slider.maximum()))
        self.slider.blockSignals(False)


class ChoiceRow(ParameterRow):
    """A choice of parts or words; typing searches."""

    outlined = "QComboBox"

    def __init__(self, parameter: Parameter, check: Check, theme: Theme) -> None:
        super().__init__(parameter, check, theme)
        self.box = QComboBox()
        self._shown: Any = None
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.box.addItems(list(parameter.choices))
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


def make_row(parameter: Parameter, check: Check, theme: Theme) -> ParameterRow:
    """Return the row that fits a parameter."""
    if parameter.kind == "choice":
        return ChoiceRow(parameter, check, theme)
    return (SwitchRow if parameter.kind == "switch" else NumberRow)(parameter, check, theme)


__all__ = ["ROW_STYLE", "ChoiceRow", "NumberRow", "ParameterRow", "SwitchRow", "make_row"]

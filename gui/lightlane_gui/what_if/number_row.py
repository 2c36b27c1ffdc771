"""A number as a form shows it: field and slider."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from lightlane import Parameter
from lightlane.toolkit import slider_range
from lightlane_gui.charts.number_text import MINUS
from lightlane_gui.theme import Theme
from lightlane_gui.what_if.number_box import NumberBox, QuietSlider, read_number
from lightlane_gui.what_if.rows import Check, ParameterRow
from lightlane_gui.what_if.settings import show_value

STEPS_COUNT = 1000
"""Places of a slider."""
END_NAME = "slider-end"
"""Qt's name of the fields of a slider's ends."""
ROW_STYLE = f"#{END_NAME} {{ border: none; background: transparent; padding: 0; font-size: 8pt; }}"
"""For the widget that holds the rows: one sheet for all is quicker than one for each."""
KEYS_PAUSE_MS = 700
"""Keys pressed on a slider within this time are one step to undo."""


class NumberRow(ParameterRow):
    """A number: field and slider, whose ends can be typed."""

    outlined = "QDoubleSpinBox"

    def __init__(self, parameter: Parameter, check: Check, theme: Theme) -> None:
        super().__init__(parameter, check, theme)
        self.box = NumberBox()
        self.is_sure: Callable[[str], bool] = lambda _: True
        """Tells whether what was tried for a path when its parameter was taken still holds."""
        self.low, self.high = self._sure = slider_range(parameter)
        self.box.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.box.setFixedWidth(132)
        self.box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.box.setButtonSymbols(NumberBox.ButtonSymbols.NoButtons)
        self.add_editor(self.box)
        self.slider = QuietSlider(Qt.Orientation.Horizontal)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.ends = (self._make_end(), self._make_end())
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.ends[0])
        line.addWidget(self.slider, 1)
        line.addWidget(self.ends[1])
        self.grid.addLayout(line, 1, 0, 1, 3)
        self._pause = QTimer(self, singleShot=True, interval=KEYS_PAUSE_MS)
        self._pause.timeout.connect(self.let_go)
        self.slider.valueChanged.connect(self._slide)
        self.slider.sliderReleased.connect(self._release)
        self.box.valueChanged.connect(self._type)
        self.ends[0].editingFinished.connect(self._take_ends)
        self.ends[1].editingFinished.connect(self._take_ends)
        self.take(parameter)

    def _fit(self) -> None:
        parameter = self.parameter
        self._sure = slider_range(parameter)
        self.box.setSuffix(f" {parameter.unit_label}" if parameter.unit_label else "")
        is_open = parameter.effective is not None
        self.box.setSpecialValueText(
            f"({show_value(parameter.effective, parameter.unit)})" if is_open else NumberBox.NOT_SET
        )
        self.box.set_number(0.0)
        self.slider.setAccessibleName(f"Slider of {parameter.group}: {parameter.label}")
        self.slider.setToolTip(self._tip())
        for end, words in zip(self.ends, ("Least value of the slider", "Greatest value of the slider"), strict=True):
            end.setAccessibleName(f"{words} of {parameter.label}")
            end.setToolTip(f"{words}; type another one")
        self._set_range(*self._sure)

    def put_away(self) -> bool:
        """End what is under way; one that is dragged must not go on under another name."""
        self._pause.stop()
        return not self.slider.isSliderDown()

    def tab_stops(self) -> list[QWidget]:
        """Return what takes the focus, in the order of the eye."""
        return [*super().tab_stops(), self.ends[0], self.slider, self.ends[1]]

    @property
    def _is_whole(self) -> bool:
        return self.parameter.kind == "integer"

    def _make_end(self) -> QLineEdit:
        end = QLineEdit()
        end.setFrame(False)
        end.setFixedWidth(52)
        end.setAlignment(Qt.AlignmentFlag.AlignCenter)
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
        # Both ends of the first range were tried when the parameters were listed, and what is between them is as good,
        # as long as nothing else was set since.
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


__all__ = ["ROW_STYLE", "NumberRow"]

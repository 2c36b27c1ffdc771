"""A field for a number with its unit, and a slider that leaves the wheel to whom it belongs."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QKeySequence, QValidator, QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QSlider, QWidget

from lightlane_gui.charts.number_text import MINUS

_FAR = 1e15
_TINY = 1e-4
"""Below this figures are written with an exponent."""


class NumberBox(QDoubleSpinBox):
    """Takes any number: what is allowed is said beside it and not by refusing to type.

    A value that is not set shows as such and stays until a number is typed.
    """

    NOT_SET = "not set"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._decimals = 2
        self._is_tiny = False
        super().setDecimals(24)
        self.setRange(-_FAR, _FAR)
        self.setKeyboardTracking(False)
        self.setAccelerated(True)
        self.setSpecialValueText(self.NOT_SET)

    def set_resolution(self, low: float, high: float, value: float | None) -> None:
        """Show as many digits as a range and a value ask for; the step is a hundredth of the range."""
        width = high - low
        self._is_tiny = 0 < max(abs(low), abs(high)) < _TINY
        exponent = math.floor(math.log10(width)) if width > 0 else 0
        own = 0 if value is None else len(f"{value:.4f}".rstrip("0").partition(".")[2])
        self._decimals = max(0, 2 - exponent, own)
        self.setSingleStep(10.0 ** (exponent - 1) if width > 0 else 1.0)

    def set_whole(self) -> None:
        """Show whole numbers."""
        self._decimals = 0
        self._is_tiny = False
        self.setSingleStep(1.0)

    def set_number(self, value: float | None) -> None:
        """Show a number; None: not set."""
        self.setValue(-_FAR if value is None else value)

    def number(self) -> float | None:
        """Return what is shown."""
        value = self.value()
        return None if value == -_FAR else value

    def show_number(self, value: float) -> str:
        """Return a number in the digits of this field."""
        return self.textFromValue(value)

    def textFromValue(self, value: float) -> str:  # noqa: N802 - Qt's name
        """Write a number."""
        text = f"{value:.3g}" if self._is_tiny else f"{value:.{self._decimals}f}"
        return text.replace("-", MINUS) if not self._is_tiny else text

    def valueFromText(self, text: str) -> float:  # noqa: N802 - Qt's name
        """Read a number, with or without its unit."""
        number = read_number(text.removesuffix(self.suffix()))
        return self.value() if number is None else number

    def validate(self, text: str, place: int) -> object:
        """Let everything be typed that could become a number."""
        bare = text.removesuffix(self.suffix()).strip()
        if bare == self.specialValueText() or read_number(bare) is not None:
            return QValidator.State.Acceptable, text, place
        is_begun = all(mark in f"0123456789.,+-eE{MINUS}" for mark in bare)
        state = QValidator.State.Intermediate if is_begun else QValidator.State.Invalid
        return state, text, place

    def stepBy(self, steps: int) -> None:  # noqa: N802 - Qt's name
        """Go steps; from what is not set nowhere."""
        if self.number() is not None:
            super().stepBy(steps)

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the window, unless a number is half typed."""
        if asks_undo(event) and self.valueFromText(self.text()) == self.value():
            event.ignore()
            return False
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Turn the value only where the field has the focus: else the panel scrolls."""
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


class QuietSlider(QSlider):
    """Scrolls the panel instead of changing its value, unless it has the focus."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the wheel to the panel."""
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


def asks_undo(event: QEvent) -> bool:
    """Tell whether a field is asked if it wants the keys of undo or redo for itself."""
    return (
        event.type() == QEvent.Type.ShortcutOverride
        and isinstance(event, QKeyEvent)
        and (event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo))
    )


def read_number(text: str) -> float | None:
    """Return the number that a person wrote; None: it is none."""
    try:
        value = float(text.strip().replace(MINUS, "-").replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) < _FAR else None


__all__ = ["NumberBox", "QuietSlider", "asks_undo", "read_number"]

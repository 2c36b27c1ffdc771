"""Numbers as people read them: fixed decimals, a real minus, units, and words where there is none."""

from __future__ import annotations

import math

from lightlane.toolkit import UNIT_LABELS, unit_of

MINUS = "\N{MINUS SIGN}"
NO_DATA = "No data"
STALE = " ?"
LEAST_RATIO = 1e-30
"""Smaller ratios of errors are written as less than it: nobody lives to see one."""


def format_number(value: float, decimals: int = 2, *, signed: bool = False) -> str:
    """Return a number with so many decimals; what is not known is ``No data``."""
    if math.isnan(value):
        return NO_DATA
    if math.isinf(value):
        return ("" if value > 0 else MINUS) + "\N{INFINITY}"
    text = f"{abs(value):,.{decimals}f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    if float(f"{abs(value):.{decimals}f}") == 0.0:
        return text
    return (MINUS if value < 0 else "+" if signed else "") + text


def format_power_of_ten(value: float, digits: int = 1) -> str:
    """Return a ratio such as a bit error ratio as a power of ten."""
    if math.isnan(value):
        return NO_DATA
    if value == 0.0:
        return "0"
    if value < LEAST_RATIO:
        return f"<{format_power_of_ten(LEAST_RATIO, 0)}"
    mantissa, power = f"{value:.{digits}e}".split("e")
    return f"{mantissa}e{int(power)}".replace("-", MINUS)


def format_quantity(name: str, value: float, decimals: int = 2) -> str:
    """Return a value with the unit that its name ends in; ratios of errors as powers of ten."""
    if name.endswith("_ber") or name in ("symbol_error_ratio", "frame_loss_ratio"):
        return format_power_of_ten(value)
    text = format_number(value, decimals)
    unit = unit_of(name)
    return text if not unit or text == NO_DATA else f"{text}\N{NO-BREAK SPACE}{UNIT_LABELS[unit]}"

"""One parameter of a scenario: a field that a variant can set, with what a form needs to offer it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from lightlane.errors import ParameterError
from lightlane.units import UNIT_LABELS

ParameterKind = Literal["number", "integer", "choice", "switch"]

_WINDOWS = {"db": 6.0, "dbm": 6.0, "dbm_per_ghz": 6.0, "dbc": 10.0, "db_per_hz": 10.0, "c": 40.0, "thz": 1.0,
            "nm": 20.0, "deg": 1.0}  # fmt: skip
"""Half the width of a slider for quantities whose zero means nothing, by unit."""
_FIRST_ENDS = {"db_per_km": 0.1, "km": 100.0, "ms": 10.0, "gbps": 800.0, "krad_per_s": 100.0, "ppm_per_c": 20.0,
               "nm_per_c": 0.1, "ps_per_sqrt_km": 0.2}  # fmt: skip
"""Upper end of a slider for what is zero or not given, by unit; else 1."""
_WHOLE_SHARE = 0.1
"""A slider goes over all that is allowed where its window would be at least this share of it."""
_INTEGERS_MAX = 1000
"""Integers of so many values are offered whole."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A field that takes a number, a choice or a switch.

    Attributes
    ----------
    path
        As sweeps and variants name it; ``*`` in place of a name: of all records.
    label
        In words, without the unit.
    unit
        Key of :data:`lightlane.UNIT_LABELS`; empty: none.
    group
        What the field belongs to, for people: ``Link berlin-1``, ``Conditions``.
    value
        As it stands; None where it is left open or, ``is_mixed``, where records have different ones.
    effective
        What holds where it is left open, as far as one figure says it; else as ``value``.
    low, high
        Least and greatest value that is accepted, None: no bound. They follow from the schema and, where that is
        closer, from the figures beside the field.
    is_low_excluded, is_high_excluded
        Whether the bounds themselves are not allowed.
    choices
        Kind ``choice``: values that fit.
    allowed
        What the schema allows, in words.
    help
        What the field means, in a few sentences; may be empty.
    """

    path: str
    label: str
    unit: str
    kind: ParameterKind
    group: str
    value: Any = None
    effective: Any = None
    is_mixed: bool = False
    low: float | None = None
    high: float | None = None
    is_low_excluded: bool = False
    is_high_excluded: bool = False
    choices: tuple[str, ...] = ()
    allowed: str = ""
    help: str = ""

    @property
    def unit_label(self) -> str:
        """The unit as people write it."""
        return UNIT_LABELS.get(self.unit, "")

    def holds(self, value: float) -> bool:
        """Tell whether a number is within the bounds."""
        above = self.low is None or (value > self.low if self.is_low_excluded else value >= self.low)
        below = self.high is None or (value < self.high if self.is_high_excluded else value <= self.high)
        return math.isfinite(value) and above and below


def slider_range(parameter: Parameter) -> tuple[float, float]:
    """Return sensible ends of a slider; every value between them is within the parameter's bounds.

    Algorithm
    ---------
    1. Levels, temperatures and places on a scale get a window about their value, as wide as is usual for the unit.
       Other quantities go from zero to twice their value, to a figure by unit where that is zero or not known.
    2. The window is cut to the bounds; both bounds are the ends where the window is at least a tenth of what is
       between them, and for integers of up to a thousand values.
    3. The ends are rounded inwards to a hundredth of the range's power of ten, so that they can be read.

    Raises
    ------
    ParameterError
        If the parameter is no number.
    """
    if parameter.kind not in ("number", "integer"):
        raise ParameterError(f"{parameter.path} is a {parameter.kind}; only numbers have a range")
    value = parameter.effective
    low, high = _open_window(parameter.unit, None if value is None else float(value), parameter)
    bounds = (parameter.low, parameter.high)
    if bounds[0] is not None and bounds[1] is not None:
        width = bounds[1] - bounds[0]
        whole = width <= _INTEGERS_MAX if parameter.kind == "integer" else high - low >= _WHOLE_SHARE * width
        if whole:
            low, high = bounds[0], bounds[1]
    if bounds[0] is not None:
        low = max(low, bounds[0])
    if bounds[1] is not None:
        high = min(high, bounds[1])
    return _round_inwards(parameter, low, high)


def _open_window(unit: str, value: float | None, parameter: Parameter) -> tuple[float, float]:
    half = _WINDOWS.get(unit)
    if half is not None:
        middle = value if value is not None else _nearest(0.0, parameter)
        return middle - half, middle + half
    if not value:
        first = 10.0 if parameter.kind == "integer" else _FIRST_ENDS.get(unit, 1.0)
        start = _nearest(0.0, parameter)
        return start, start + first
    return min(0.0, 2 * value), max(0.0, 2 * value)


def _nearest(value: float, parameter: Parameter) -> float:
    """Return the value within the bounds, which may be excluded, that is nearest."""
    low = -math.inf if parameter.low is None else parameter.low
    high = math.inf if parameter.high is None else parameter.high
    return min(max(value, low), high)


def _round_inwards(parameter: Parameter, low: float, high: float) -> tuple[float, float]:
    if high <= low:
        return low, high
    exponent = 0 if parameter.kind == "integer" else math.floor(math.log10(high - low)) - 2
    step = 10.0**exponent

    def place(count: float) -> float:
        return round(count * step, -exponent)

    # Rounding noise must not move an end that is a whole number of steps by one of them.
    first_count, last_count = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    first_count += parameter.is_low_excluded and parameter.low is not None and place(first_count) <= parameter.low
    last_count -= parameter.is_high_excluded and parameter.high is not None and place(last_count) >= parameter.high
    first, last = place(first_count), place(last_count)
    # The noise may also have left a bound by its last digits.
    first = first if parameter.holds(first) else low
    last = last if parameter.holds(last) else high
    value = parameter.effective
    if isinstance(value, int | float) and parameter.holds(float(value)):
        first, last = min(first, float(value)), max(last, float(value))
    return first, last


__all__ = ["Parameter", "ParameterKind", "slider_range"]

"""The conversion of engineering units to SI, by the suffix of a column's name."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane.units import unit_of

SI_UNITS: dict[str, tuple[str, float]] = {
    "km": ("m", 1e3),
    "nm": ("m", 1e-9),
    "db_per_km": ("db_per_m", 1e-3),
    "ps_per_nm": ("s_per_m", 1e-3),
    "ps_per_nm_km": ("s_per_m2", 1e-6),
    "ps_per_nm2_km": ("s_per_m3", 1e3),
    "ps_per_sqrt_km": ("s_per_sqrt_m", 1e-12 / math.sqrt(1e3)),
    "per_w_km": ("per_w_m", 1e-3),
    "per_w_km_thz": ("per_w_m_hz", 1e-15),
    "thz": ("hz", 1e12),
    "ghz": ("hz", 1e9),
    "gbd": ("hz", 1e9),
    "um2": ("m2", 1e-12),
    "mw": ("w", 1e-3),
    "us": ("s", 1e-6),
    "ps": ("s", 1e-12),
    "na": ("a", 1e-9),
    "khz": ("hz", 1e3),
    "krad_per_s": ("rad_per_s", 1e3),
    "mrad": ("rad", 1e-3),
}
"""Suffix, SI suffix, factor. A suffix that is not here crosses the border as it is: decibels, ratios, A/W."""


@dataclass(frozen=True, slots=True)
class Curves:
    """Points of many piecewise-linear curves in flat arrays; curve ``i`` has ``offsets[i]:offsets[i + 1]``."""

    offsets: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def pack_curves(curves: list[tuple[tuple[float, float], ...] | None]) -> Curves:
    """Lay curves out one after the other; None becomes an empty curve."""
    lengths = [0 if curve is None else len(curve) for curve in curves]
    points = np.fromiter(chain.from_iterable(chain.from_iterable(filter(None, curves))), np.float64).reshape(-1, 2)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Curves(offsets, np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1]))


@cache
def _scale(name: str) -> tuple[str, float]:
    unit = unit_of(name)
    if not unit or unit not in SI_UNITS:
        return name, 1.0
    si_unit, factor = SI_UNITS[unit]
    return f"{name[: -len(unit)]}{si_unit}", factor


@cache
def _plan(kind: type) -> tuple[tuple[str, str, float, float], ...]:
    """Return for each column of a table its name, its name in SI and its factor, and of curves that of x as well."""
    plan = []
    for field in fields(kind):
        kernel_name, _, axes = field.name.partition("__")
        if axes:
            y_name, _, x_name = axes.partition("_by_")
            plan.append((field.name, kernel_name, _scale(y_name)[1], _scale(x_name)[1]))
        else:
            plan.append((field.name, *_scale(field.name), 1.0))
    return tuple(plan)


def to_si_columns(table: Any) -> dict[str, NDArray[Any]]:
    """Convert a dataclass of columns in engineering units to a dictionary of SI columns.

    A field that holds :class:`Curves` is named ``<kernel name>__<y>_by_<x>``, where y and x end in their units.
    """
    out: dict[str, NDArray[Any]] = {}
    for column, name, factor, x_factor in _plan(table.__class__):
        value = getattr(table, column)
        if isinstance(value, Curves):
            out[f"{name}_offsets"] = value.offsets
            out[f"{name}_x"] = value.x * x_factor
            out[f"{name}_y"] = value.y * factor
        else:
            out[name] = value if factor == 1.0 else value * factor
    return out

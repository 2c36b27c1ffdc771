"""Refusal of figures that a formula would turn into nonsense without saying so."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane.errors import ParameterError


def require_positive(**figures: float) -> None:
    """Raise ParameterError for the first figure that is not a finite number above 0."""
    for name, value in figures.items():
        if not (np.isfinite(value) and value > 0.0):
            raise ParameterError(f"{name} is {value:g}; allowed: a finite number above 0")


def as_ratios(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return ``values`` as an array, where NaN marks what is absent; raise ParameterError if one is not in 0 to 1."""
    ratios = np.asarray(values, dtype=np.float64)
    wrong = ratios[(ratios < 0.0) | (ratios > 1.0)]
    if wrong.size:
        raise ParameterError(f"{name} is {wrong.flat[0]:g}; allowed: numbers from 0 to 1")
    return ratios


def require_bits(name: str, values: NDArray[Any]) -> None:
    """Raise ParameterError with the first value that is neither 0 nor 1."""
    if values.size and not (is_bit := np.isin(values, (0, 1))).all():
        raise ParameterError(f"{name} is {values[~is_bit].flat[0]}; allowed: 0 and 1")

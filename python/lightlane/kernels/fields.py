"""Complex columns and fields as the kernels take them: contiguous, of the right shape."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane.errors import ParameterError

Field = NDArray[np.complex128]


def as_column(name: str, samples: ArrayLike) -> Field:
    """Return samples as a contiguous complex column; raise ParameterError for another shape and what is not finite."""
    column = np.ascontiguousarray(samples, dtype=np.complex128)
    if column.ndim != 1:
        raise ParameterError(f"{name} has the shape {column.shape}; allowed: one dimension")
    if not np.isfinite(column).all():
        raise ParameterError(f"{name} holds a number that is not finite; allowed: finite numbers")
    return column


def as_field(name: str, field: ArrayLike, *, scalar: bool = False) -> Field:
    """Return ``field`` as contiguous rows of two polarizations, or of one where ``scalar`` fields are allowed too.

    Raises
    ------
    ParameterError
        If it has another shape.
    """
    array = np.ascontiguousarray(field, dtype=np.complex128)
    allowed = (1, 2) if scalar else (2,)
    if array.ndim != 2 or array.shape[0] not in allowed:
        shapes = " or ".join(f"({rows}, samples)" for rows in allowed)
        raise ParameterError(f"{name} is an array of shape {array.shape}; allowed: {shapes}")
    return array

"""Test patterns of PAM4 lanes as levels 0 to 3, and the codes between bits and levels."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.signal import as_bits

Levels = NDArray[np.uint8]
PatternName = Literal["ssprq", "prbs7q", "prbs9q", "prbs11q", "prbs13q", "prbs15q"]

SSPRQ_SYMBOLS_COUNT = 65_535


def prbs_bits(order: int, count: int, *, state: int | None = None, inverted: bool | None = None) -> NDArray[np.uint8]:
    """Return bits of a pseudo-random binary sequence.

    Parameters
    ----------
    order
        7, 9, 11, 13, 15, 23 or 31.
    state
        The bits before, the latest one the least significant; None for all ones.
    inverted
        Whether the output is inverted; None for what the standard of the sequence says (orders 15, 23 and 31 are).

    Raises
    ------
    ParameterError
        If there is no such sequence or the state is 0.

    References
    ----------
    ITU-T O.150; IEEE 802.3-2022, 49.2.8 and 94.3.10.8.
    """
    _require_count(count)
    return _core.prbs_bits(order, count, state=(1 << order) - 1 if state is None else state, inverted=inverted)


def quaternary_prbs(order: int, count: int | None = None, *, state: int | None = None) -> Levels:
    """Return levels of a quaternary pattern such as PRBS13Q: the repeated binary sequence in Gray code.

    Parameters
    ----------
    count
        Symbols; None for one period of 2^order - 1.

    Raises
    ------
    ParameterError
        If there is no such sequence.

    References
    ----------
    IEEE 802.3-2022, 120.5.11.2.
    """
    symbols = (1 << order) - 1 if count is None else count
    _require_count(symbols)
    return _core.quaternary_prbs(order, symbols, state=(1 << order) - 1 if state is None else state)


def ssprq() -> Levels:
    """Return one period of the short stress pattern random quaternary: 65,535 symbols.

    References
    ----------
    IEEE 802.3-2022, 120.5.11.2.3.
    """
    return _core.ssprq()


def named_pattern(name: str) -> Levels:
    """Return one period of a pattern by its name.

    Raises
    ------
    ParameterError
        If no pattern has the name.
    """
    known = get_args(PatternName)
    if name not in known:
        raise ParameterError(f"pattern is {name!r}; allowed: {', '.join(known)}")
    return ssprq() if name == "ssprq" else quaternary_prbs(int(name.removeprefix("prbs").removesuffix("q")))


def gray_levels(bits: ArrayLike) -> Levels:
    """Return the levels of pairs of bits: 00, 01, 11, 10 from the lowest up.

    Raises
    ------
    ParameterError
        If the number of bits is odd, or one is neither 0 nor 1.
    """
    return _core.gray_levels(as_bits(bits))


def gray_bits(levels: ArrayLike) -> NDArray[np.uint8]:
    """Return the bits of levels, the more significant first.

    Raises
    ------
    ParameterError
        If a level is not 0 to 3.
    """
    return _core.gray_bits(as_levels("levels", levels))


def precode(levels: ArrayLike, *, before: int = 0) -> Levels:
    """Return levels after 1/(1+D) precoding, modulo 4.

    Parameters
    ----------
    before
        The precoded level ahead of the first.

    Raises
    ------
    ParameterError
        If a level is not 0 to 3.

    References
    ----------
    IEEE 802.3-2022, 135.5.7.2.
    """
    return _core.precode(as_levels("levels", levels), before=before)


def undo_precoding(levels: ArrayLike, *, before: int = 0) -> Levels:
    """Return the levels that :func:`precode` was given.

    Raises
    ------
    ParameterError
        If a level is not 0 to 3.
    """
    return _core.undo_precoding(as_levels("levels", levels), before=before)


def as_levels(name: str, levels: ArrayLike) -> Levels:
    """Return levels as a contiguous column; raise ParameterError for what is no level from 0 to 3."""
    column = np.ascontiguousarray(levels).ravel()
    wrong = ~np.isin(column, (0, 1, 2, 3))
    if wrong.any():
        raise ParameterError(f"{name} hold {column[wrong][0]}; allowed: levels 0, 1, 2 and 3")
    return column.astype(np.uint8)


def _require_count(count: int) -> None:
    if not 0 <= count <= 1 << 28:
        raise ParameterError(f"count is {count}; allowed: 0 to {1 << 28}")

"""The columns that the budget kernels fill with the answers of lanes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane.kernels.tables import Integers

Columns = dict[str, NDArray[Any]]

_NUMBERS = (
    "launch_power_dbm", "received_power_dbm", "osnr_db", "snr_nli_db", "gsnr_db", "snr_db", "dispersion_s_per_m",
    "dgd_mean_s", "dgd_outage_ratio", "pdl_db", "pdl_outage_ratio", "tdecq_db", "tecq_db", "oma_outer_dbm",
    "sensitivity_oma_dbm", "symbol_error_ratio", "pre_fec_ber", "post_fec_ber", "frame_loss_ratio",
    "required_osnr_db", "osnr_margin_db", "power_margin_db", "fec_margin_db", "margin_db", "latency_s", "blocked_value",
    "blocked_end",
)  # fmt: skip
_CODES = ("limited_by", "blocked", "unknown")
_DIRECT = ("tdecq_db", "tecq_db", "oma_outer_dbm", "sensitivity_oma_dbm", "symbol_error_ratio")
"""Numbers that coherent lanes do not have."""
_BLOCKED = ("blocked_value", "blocked_end")
"""Numbers of lanes that pass a limit; 0 of others."""
_FROM_SI = {
    "dispersion_s_per_m": ("chromatic_dispersion_ps_per_nm", 1e3),
    "dgd_mean_s": ("dgd_mean_ps", 1e12),
    "latency_s": ("latency_us", 1e6),
}


class LaneAnswers:
    """Columns for the answers of many lanes, which kernels fill call by call, each call its own rows.

    Parameters
    ----------
    direct
        Whether there are columns for the numbers of direct-detect lanes alone. Without them kernels of coherent lanes
        alone may fill the rows; answers of others are taken, and these numbers kept by their rows: where most lanes are
        coherent, they would fill a sixth of the memory with NaN.
    """

    __slots__ = ("_rows_count", "_si_columns", "_taken")

    def __init__(self, rows_count: int, *, direct: bool = True) -> None:
        self._rows_count = rows_count
        self._si_columns: Columns = {
            name: np.empty(rows_count) for name in _NUMBERS if (direct or name not in _DIRECT) and name not in _BLOCKED
        }
        # Few lanes pass a limit: memory of zeros that nobody writes to is none.
        self._si_columns |= {name: np.zeros(rows_count) for name in _BLOCKED}
        self._si_columns |= {name: np.empty(rows_count, dtype=np.uint8) for name in _CODES}
        self._taken: list[tuple[Integers, Columns]] = []

    def between(self, start: int, end: int) -> LaneAnswers:
        """Return the rows from ``start`` to before ``end`` as answers that another kernel may fill at the same time."""
        part = LaneAnswers(0)
        part._si_columns = {name: column[start:end] for name, column in self._si_columns.items()}
        return part

    def take(self, others: LaneAnswers, rows: Integers) -> None:
        """Put answers that a kernel filled elsewhere into these rows."""
        theirs = others._si_columns
        blocked = theirs["blocked"] > 0
        for name, column in self._si_columns.items():
            if name in _BLOCKED:
                column[rows[blocked]] = theirs[name][blocked]
            else:
                column[rows] = theirs[name]
        if _DIRECT[0] not in self._si_columns:
            self._taken.append((rows, {name: theirs[name] for name in _DIRECT}))

    def at(self, rows: Integers) -> Columns:
        """Return the columns with the row of each answer of one call."""
        return self._si_columns | {"row": rows}

    def late_columns(self) -> dict[str, Callable[[], NDArray[np.float64]]]:
        """Return what makes the columns of numbers that only some rows have, once all of them are filled."""
        if _DIRECT[0] in self._si_columns:
            return {}
        return {name: partial(_spread, name, self._rows_count, tuple(self._taken)) for name in _DIRECT}

    def finish(self) -> Columns:
        """Return the columns in engineering units, once all rows are filled; they are the caller's from then on.

        Those of :meth:`late_columns` are not among them.
        """
        columns, self._si_columns = self._si_columns, {}
        for si_name, (name, factor) in _FROM_SI.items():
            columns[name] = columns.pop(si_name)
            columns[name] *= factor
        return columns


def _spread(name: str, rows_count: int, parts: tuple[tuple[Integers, Columns], ...]) -> NDArray[np.float64]:
    """Return a column with the numbers of some rows, NaN elsewhere."""
    out = np.full(rows_count, np.nan)
    for rows, columns in parts:
        out[rows] = columns[name]
    return out

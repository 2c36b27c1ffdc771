"""The columns that the budget kernels fill with the answers of lanes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane.columns import Column, FoundColumn, number_rows
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
_BY_PATH = ("launch_power_dbm", "dgd_mean_s", "dgd_outage_ratio", "pdl_db", "pdl_outage_ratio", "latency_s")
"""Numbers that all channels of one mode on a path share."""
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
    paths_count
        Keep the numbers that the channels of a path share once for each of so many paths, and those of direct-detect
        lanes apart by their rows, with the numbers that such lanes alone have: where most lanes are coherent, columns
        for all of them would be nearly half of the memory. Kernels of coherent lanes may fill the rows then, and
        answers of others are taken. Absent: one row for each lane.
    """

    __slots__ = ("_by_path", "_rows_count", "_si_columns", "_taken")

    def __init__(self, rows_count: int, *, paths_count: int | None = None) -> None:
        self._rows_count = rows_count
        apart = _BLOCKED if paths_count is None else (*_BLOCKED, *_DIRECT, *_BY_PATH)
        self._si_columns: Columns = {name: np.empty(rows_count) for name in _NUMBERS if name not in apart}
        # Few lanes pass a limit: memory of zeros that nobody writes to is none.
        self._si_columns |= {name: np.zeros(rows_count) for name in _BLOCKED}
        self._si_columns |= {name: np.empty(rows_count, dtype=np.uint8) for name in _CODES}
        self._by_path: Columns = {} if paths_count is None else {name: np.empty(paths_count) for name in _BY_PATH}
        self._taken: list[tuple[Integers, Columns]] = []

    def between(self, start: int, end: int, paths_count: int) -> LaneAnswers:
        """Return the rows from ``start`` to before ``end`` as answers that another kernel may fill at the same time.

        Numbers of its own paths are the batch's once they are given to :meth:`take_paths`.
        """
        part = LaneAnswers(0, paths_count=paths_count)
        part._si_columns = {name: column[start:end] for name, column in self._si_columns.items()}
        return part

    def take_paths(self, others: LaneAnswers, paths: Integers) -> None:
        """Put the numbers of the paths of other answers to these paths."""
        for name, column in self._by_path.items():
            column[paths] = others._by_path[name]

    def take(self, others: LaneAnswers, rows: Integers) -> None:
        """Put answers that a kernel filled elsewhere into these rows."""
        theirs = others._si_columns
        blocked = theirs["blocked"] > 0
        for name, column in self._si_columns.items():
            if name in _BLOCKED:
                column[rows[blocked]] = theirs[name][blocked]
            else:
                column[rows] = theirs[name]
        self._taken.append((rows, {name: theirs[name] for name in (*_DIRECT, *_BY_PATH)}))

    def at(self, rows: Integers) -> dict[str, Any]:
        """Return the columns with the row of each answer of one call."""
        return self._si_columns | {"row": rows, "units": self._by_path}

    def late_columns(self, paths_of: Callable[[Any], Integers]) -> dict[str, FoundColumn]:
        """Return the columns that are kept apart, in engineering units, once all of them are filled.

        Parameters
        ----------
        paths_of
            Gives the paths of rows.
        """
        if not self._by_path:
            return {}
        count = self._rows_count
        direct = _DirectRows(self._taken, count)

        def of_direct(name: str, rows: Any) -> NDArray[np.float64]:
            return direct.put(name, rows, np.full(len(number_rows(rows, count)), np.nan))

        def of_path(name: str, factor: float, column: NDArray[np.float64], rows: Any) -> NDArray[np.float64]:
            found = direct.put(name, rows, column[paths_of(rows)])
            found *= factor
            return found

        late = {name: FoundColumn(partial(of_direct, name)) for name in _DIRECT}
        for si_name, column in self._by_path.items():
            name, factor = _FROM_SI.get(si_name, (si_name, 1.0))
            late[name] = FoundColumn(partial(of_path, si_name, factor, column))
        return late

    def finish(self) -> Columns:
        """Return the columns in engineering units, once all rows are filled; they are the caller's from then on.

        Those of :meth:`late_columns` are not among them.
        """
        columns, self._si_columns = self._si_columns, {}
        for si_name, (name, factor) in _FROM_SI.items():
            if si_name in columns:
                columns[name] = columns.pop(si_name)
                columns[name] *= factor
        return columns


class _DirectRows:
    """Numbers of direct-detect lanes, by their rows in a batch."""

    def __init__(self, parts: Sequence[tuple[Integers, Columns]], rows_count: int) -> None:
        self._parts, self._rows_count = tuple(parts), rows_count

    def put(self, name: str, rows: Any, column: Column) -> Column:
        """Put a number into a column over some rows of the batch, where these are of direct-detect lanes."""
        if isinstance(rows, slice) and rows == slice(None):
            for own, columns in self._parts:
                column[own] = columns[name]
        elif self._parts:
            known_rows, order = self._rows
            numbers = number_rows(rows, self._rows_count)
            places = np.minimum(np.searchsorted(known_rows, numbers), len(known_rows) - 1)
            known = known_rows[places] == numbers
            if known.any():
                values = np.concatenate([columns[name] for _, columns in self._parts])
                column[known] = values[order[places[known]]]
        return column

    @cached_property
    def _rows(self) -> tuple[Integers, Integers]:
        """Rows, rising, and the place of each among those of all parts."""
        rows = np.concatenate([rows for rows, _ in self._parts])
        order = np.argsort(rows)
        return rows[order], order

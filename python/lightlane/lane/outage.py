"""Links out of service: what their lanes answer while nothing comes through, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lightlane.columns import CodedTexts, ColumnSet, StoredColumn
from lightlane.lane.batch import Explained, LaneBatch
from lightlane.lane.lowering import DIRECTIONS

STILL_KNOWN = frozenset({"frequency_thz", "wavelength_nm", "symbol_rate_gbd", "launch_power_dbm", "latency_us"})
"""Figures of a lane that do not depend on light that arrives."""

Outages = Mapping[int, Mapping[str, str]]
"""Why the directions of some links carry nothing, by the link's place in the batch and the direction."""


def take_out_of_service(batch: LaneBatch, outages: Outages) -> LaneBatch:
    """Return the batch with the lanes of ``outages`` down, without figures, and their ``blocked_by`` saying why."""
    if not outages:
        return batch
    rows_by_reason = _rows_by_reason(batch, outages)
    rows = np.concatenate([*rows_by_reason.values(), np.zeros(0, dtype=np.int64)])
    columns: dict[str, StoredColumn] = {}
    for name in batch.columns:
        column = batch.columns.stored(name)
        if isinstance(column, CodedTexts):
            columns[name] = column
        elif column.dtype == np.float64 and name not in STILL_KNOWN:
            columns[name] = column.copy()
            columns[name][rows] = np.nan  # type: ignore[index]
        else:
            columns[name] = column
    same = {"status": "down", "limited_by": "none", "unknown_because": "", "outside_domain": ""}
    for name, text in same.items():
        columns[name] = _write(columns[name], {text: rows})
    columns["blocked_by"] = _write(columns["blocked_by"], rows_by_reason)
    links = list(outages)
    link_columns = {name: column.copy() for name, column in batch.link_columns.items()}
    for name, column in link_columns.items():
        column[links] = 1.0 if name == "outage_ratio" else np.nan
    return replace(
        batch,
        columns=ColumnSet(columns),
        link_columns=link_columns,
        _explain=partial(_explain_the_others, batch, frozenset(rows.tolist())),
        _explained={},
    )


def _explain_the_others(batch: LaneBatch, dark: frozenset[int], rows: Sequence[int]) -> Explained:
    """Explain the lanes that have a margin; those that are dark have nothing to add up."""
    lit = [row for row in rows if row not in dark]
    return dict.fromkeys(rows, ()) | dict(zip(lit, batch.explain_rows(lit), strict=True))


def _rows_by_reason(batch: LaneBatch, outages: Outages) -> dict[str, NDArray[np.int64]]:
    bounds = batch.link_bounds()
    direction = batch.columns.stored("direction")
    assert isinstance(direction, CodedTexts)
    found: dict[str, list[NDArray[np.int64]]] = {}
    for link, reasons in outages.items():
        rows = np.arange(bounds[link], bounds[link + 1])
        for name, reason in reasons.items():
            found.setdefault(reason, []).append(rows[direction.codes[rows] == DIRECTIONS.index(name)])
    return {reason: np.concatenate(parts) for reason, parts in found.items()}


def _write(column: StoredColumn, rows_by_text: Mapping[str, NDArray[np.int64]]) -> CodedTexts:
    assert isinstance(column, CodedTexts)
    texts = dict.fromkeys(column.texts)
    texts |= dict.fromkeys(rows_by_text)
    places = {text: place for place, text in enumerate(texts)}
    codes = column.codes.astype(np.int32)
    for text, rows in rows_by_text.items():
        codes[rows] = places[text]
    return CodedTexts(codes, tuple(places))

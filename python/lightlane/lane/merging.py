"""Batches put together: links that were evaluated apart, as one batch in an order of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lightlane.columns import CodedTexts, ColumnSet, StoredColumn
from lightlane.lane.assumptions import AssumedColumn
from lightlane.lane.batch import Explained, LaneBatch
from lightlane.link import Link

Place = tuple[int, int]
"""Which batch, and which of its links."""


def merge_batches(batches: Sequence[LaneBatch], places: Sequence[Place]) -> LaneBatch:
    """Return a batch whose link ``i`` is that at ``places[i]``, with its lanes, figures and contributions.

    All batches have the same columns. A link may be taken from a batch in which others stand that are left out.
    """
    source = np.array([batch for batch, _ in places], dtype=np.int64)
    number = np.array([link for _, link in places], dtype=np.int64)
    links: list[Link] = [batches[batch].links[link] for batch, link in places]
    starts, counts = np.zeros((2, len(places)), dtype=np.int64)
    for index, batch in enumerate(batches):
        chosen = source == index
        bounds = batch.link_bounds()
        starts[chosen] = bounds[:-1][number[chosen]]
        counts[chosen] = np.diff(bounds)[number[chosen]]
    link_index = np.repeat(np.arange(len(places)), counts)
    offsets = np.cumsum(counts) - counts
    from_row = np.arange(len(link_index)) - offsets[link_index] + starts[link_index]
    row_source = source[link_index]
    first = batches[0]
    columns: dict[str, StoredColumn | Callable[[], StoredColumn]] = {
        name: partial(_gather, name, batches, row_source, from_row) for name in first.columns
    }
    columns["link"] = CodedTexts(link_index, tuple(link.name for link in links))
    columns["assumed"] = AssumedColumn(links, link_index)
    link_columns = {name: np.full(len(places), np.nan) for name in first.link_columns}
    for index, batch in enumerate(batches):
        chosen = source == index
        for name, column in link_columns.items():
            column[chosen] = batch.link_columns[name][number[chosen]]
    return LaneBatch(
        tuple(links),
        ColumnSet(columns),
        link_index,
        partial(_explain, tuple(batches), row_source, from_row),
        _recall_explained(batches, places, link_index),
        link_columns,
        first.quantiles,
        tuple(batches[batch].fidelities[link] for batch, link in places) if first.fidelities else (),
    )


def _recall_explained(
    batches: Sequence[LaneBatch], places: Sequence[Place], link_index: NDArray[np.int64]
) -> Explained:
    """Return the contributions that the batches know already, by their rows in the merged one."""
    new_number = {place: number for number, place in enumerate(places)}
    new_starts = np.searchsorted(link_index, np.arange(len(places))).tolist()
    out: Explained = {}
    for index, batch in enumerate(batches):
        starts, numbers = batch.link_bounds().tolist(), batch.link_index
        for row, steps in batch.explained.items():
            link = int(numbers[row])
            new = new_number.get((index, link))
            if new is not None:
                out[new_starts[new] + row - starts[link]] = steps
    return out


def _gather(
    name: str, batches: Sequence[LaneBatch], source: NDArray[np.int64], rows: NDArray[np.int64]
) -> StoredColumn:
    parts = [batch.columns.stored(name) for batch in batches]
    if all(isinstance(part, CodedTexts) for part in parts):
        return _gather_texts([part for part in parts if isinstance(part, CodedTexts)], source, rows)
    out = np.empty(len(rows), dtype=parts[0].dtype)  # type: ignore[union-attr]
    for index, part in enumerate(parts):
        chosen = source == index
        out[chosen] = part[rows[chosen]]  # type: ignore[index]
    return out


def _gather_texts(parts: Sequence[CodedTexts], source: NDArray[np.int64], rows: NDArray[np.int64]) -> CodedTexts:
    codes_by_text: dict[str, int] = {}
    out = np.empty(len(rows), dtype=np.int32)
    for index, part in enumerate(parts):
        chosen = source == index
        own = np.array([codes_by_text.setdefault(text, len(codes_by_text)) for text in part.texts], dtype=np.int32)
        out[chosen] = own[part.codes[rows[chosen]]]
    return CodedTexts(out, tuple(codes_by_text))


def _explain(
    batches: Sequence[LaneBatch], source: NDArray[np.int64], from_row: NDArray[np.int64], rows: Sequence[int]
) -> Explained:
    out: Explained = {}
    wanted = np.asarray(rows, dtype=np.int64)
    for index, batch in enumerate(batches):
        chosen = wanted[source[wanted] == index]
        steps = batch.explain_rows(from_row[chosen].tolist())
        out |= dict(zip(chosen.tolist(), steps, strict=True))
    return out

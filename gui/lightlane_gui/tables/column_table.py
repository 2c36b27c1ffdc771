"""A table of columns that sorts and is filtered as arrays: quick at a hundred thousand rows."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lightlane.toolkit import UNIT_LABELS, unit_of
from lightlane_gui.charts.number_text import MINUS

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]
_DIGITS = re.compile(r"(\d+)")
_NATURAL_MAX = 5000
"""Of so many texts the numbers in them are sorted as numbers; of more, as letters."""
_WORD_BYTES, _WORDS_MAX = 8, 12
_PLACE_BITS, _PLACE_MASK = np.uint64(32), np.uint64(2**32 - 1)


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """What a column holds.

    Attributes
    ----------
    key
        Name of the column, with its unit: what filters call it, and the header of exports.
    decimals
        Digits behind the point.
    is_searched
        Whether plain words of a filter are looked for in it.
    is_live
        Whether it is of the state on display, so that it may be stale.
    """

    key: str
    label: str
    kind: Literal["text", "number"] = "number"
    decimals: int = 2
    help: str = ""
    is_searched: bool = False
    is_live: bool = False

    @property
    def unit(self) -> str:
        """Key of the unit; empty: none."""
        return (unit_of(self.key) or "") if self.kind == "number" else ""

    @property
    def header(self) -> str:
        """Label with unit."""
        return f"{self.label} ({UNIT_LABELS[self.unit]})" if self.unit else self.label


class TextColumn:
    """Texts that may repeat: a code for each row and the texts that the codes stand for."""

    def __init__(self, values: Sequence[str]) -> None:
        index: dict[str, int] = {}
        codes = (index.setdefault(value, len(index)) for value in values)
        self.codes: NDArray[np.int32] = np.fromiter(codes, dtype=np.int32, count=len(values))
        self.texts = tuple(index)

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str:
        return self.texts[int(self.codes[row])]

    @cached_property
    def lowered(self) -> tuple[str, ...]:
        """The texts in lower case."""
        return tuple(text.lower() for text in self.texts)

    @cached_property
    def ranks(self) -> NDArray[np.int32]:
        """Place of each text in their order; numbers in texts count as numbers where there are not too many."""
        order: NDArray[np.intp] | list[int]
        if len(self.texts) <= _NATURAL_MAX:
            keys = [[(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in _DIGITS.split(text)]
                    for text in self.lowered]  # fmt: skip
            order = sorted(range(len(keys)), key=keys.__getitem__)
        else:
            order = _order_letters(self.texts)
        ranks = np.empty(len(order), dtype=np.int32)
        ranks[order] = np.arange(len(order), dtype=np.int32)
        return ranks


def _order_letters(texts: Sequence[str]) -> NDArray[np.intp] | list[int]:
    """Return many texts' order by their letters in lower case; as numbers of eight letters, half as long as by text."""
    # In UTF-8 the order of bytes is that of letters.
    encoded = "\n".join(texts).lower().encode().split(b"\n")
    words = -(-max(map(len, encoded)) // _WORD_BYTES)
    if len(encoded) != len(texts) or words > _WORDS_MAX:  # line breaks within; as much room for all as for the longest
        lowered = [text.lower() for text in texts]
        return sorted(range(len(texts)), key=lowered.__getitem__)
    numbers = np.array(encoded, dtype=f"S{words * _WORD_BYTES}").view(">u8").reshape(-1, words).astype(np.uint64)
    return np.lexsort(numbers.T[::-1])


Column = Numbers | TextColumn


@dataclass(frozen=True, eq=False)
class ColumnTable:
    """Columns of one length.

    Attributes
    ----------
    names
        What a row is called by in selections.
    class_index
        Class of margin of each row, see :data:`lightlane_gui.theme.CLASS_KEYS`; None: rows have none.
    made_of
        What the columns that are not live follow from: a table of the same can take them over.
    """

    specs: tuple[ColumnSpec, ...]
    columns: Mapping[str, Column]
    names: Sequence[str]
    class_index: NDArray[np.uint8] | None = None
    made_of: object = None

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def row_by_name(self) -> dict[str, int]:
        """Place of each name."""
        return {name: row for row, name in enumerate(self.names)}

    def find(self, key: str) -> ColumnSpec:
        """Return the column of a key."""
        return next(spec for spec in self.specs if spec.key == key)

    def numbers(self, key: str) -> Numbers:
        """Return a column of numbers."""
        column = self.columns[key]
        assert not isinstance(column, TextColumn)
        return column

    def texts(self, key: str) -> TextColumn:
        """Return a column of texts."""
        column = self.columns[key]
        assert isinstance(column, TextColumn)
        return column

    def order(self, key: str, *, descending: bool, mask: Mask | None = None) -> NDArray[np.intp]:
        """Return the rows in the order of a column, those without a value last; ``mask``: only these."""
        rows = np.arange(len(self)) if mask is None else np.flatnonzero(mask)
        if not key:
            return rows
        column = self.columns[key]
        if isinstance(column, TextColumn):
            ranks = column.ranks[column.codes[rows]].astype(np.uint64)
            # Sorted with their places behind them, which is six times as quick as a stable sort that finds these.
            keys = (len(column.texts) - ranks if descending else ranks) << _PLACE_BITS | np.arange(
                len(rows), dtype=np.uint64
            )
            keys.sort()
            return rows[(keys & _PLACE_MASK).astype(np.intp)]
        numbers = column[rows]
        return rows[np.argsort(-numbers if descending else numbers, kind="stable")]

    def changed_rows(self, before: ColumnTable, spec: ColumnSpec) -> NDArray[np.intp]:
        """Return the rows of a column whose cells look otherwise than those of another table of as many rows."""
        mine, other = self.columns[spec.key], before.columns.get(spec.key)
        if spec.key == "margin_db" and not _is_same(self.class_index, before.class_index):
            return np.arange(len(self))
        if mine is other:
            return np.zeros(0, dtype=np.intp)
        if isinstance(mine, TextColumn):
            is_known = isinstance(other, TextColumn) and mine.texts == other.texts
            return np.flatnonzero(mine.codes != other.codes) if is_known else np.arange(len(self))  # type: ignore[union-attr]
        if other is None or isinstance(other, TextColumn):
            return np.arange(len(self))
        return np.flatnonzero((mine != other) & ~(np.isnan(mine) & np.isnan(other)))

    def show(self, spec: ColumnSpec, row: int) -> str:
        """Return a cell as people read it."""
        column = self.columns[spec.key]
        return column[row] if isinstance(column, TextColumn) else format_number(float(column[row]), spec.decimals)

    def export(self, rows: Sequence[int], separator: str) -> str:
        """Return rows as text, full precision, with a header of the columns' keys."""
        lines = [separator.join(spec.key for spec in self.specs)]
        for row in rows:
            cells = []
            for spec in self.specs:
                column = self.columns[spec.key]
                cells.append(_quote(column[row], separator) if isinstance(column, TextColumn) else _plain(column[row]))
            lines.append(separator.join(cells))
        return "\n".join(lines) + "\n"


EMPTY_TABLE = ColumnTable((), {}, ())


def _is_same(one: NDArray[np.uint8] | None, other: NDArray[np.uint8] | None) -> bool:
    return one is other or (one is not None and other is not None and np.array_equal(one, other))


def format_number(value: float, decimals: int) -> str:
    """Return a number with fixed decimals and a real minus sign; a dash where there is none."""
    if math.isnan(value):
        return "\N{EN DASH}"
    text = f"{value:.{decimals}f}"
    # What rounds to zero has no sign.
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)


def _plain(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.12g}"


def _quote(text: str, separator: str) -> str:
    if separator == "\t":
        return " ".join(text.split())
    needs = any(mark in text for mark in (separator, '"', "\n", "\r"))
    return '"' + text.replace('"', '""') + '"' if needs else text

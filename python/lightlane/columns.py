"""Columns of a table: numbers as arrays, repeating texts as codes that are spelled out where somebody reads them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class CodedTexts:
    """A column of texts that repeat.

    Attributes
    ----------
    codes
        For each row, the index of its text in ``texts``.
    texts
        The texts.
    """

    codes: NDArray[Any]
    texts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def decode(self, rows: Any = slice(None)) -> Column:
        """Return the texts of some rows, by default of all, as an array of Python strings."""
        texts = np.empty(len(self.texts), dtype=object)
        texts[:] = self.texts
        return np.asarray(texts[self.codes[rows]])

    def compact(self) -> CodedTexts:
        """Return the same column with only the texts that occur, in the order of their codes."""
        used = np.flatnonzero(np.bincount(self.codes, minlength=len(self.texts)))
        if len(used) == len(self.texts):
            return self
        new = np.zeros(len(self.texts), dtype=np.int32)
        new[used] = np.arange(len(used), dtype=np.int32)
        return CodedTexts(new[self.codes], tuple(self.texts[index] for index in used))


def code_texts(texts: Sequence[str]) -> CodedTexts:
    """Find the distinct texts, in the order in which they first occur, and code each row."""
    index: dict[str, int] = {}
    codes = np.fromiter((index.setdefault(text, len(index)) for text in texts), dtype=np.int32, count=len(texts))
    return CodedTexts(codes, tuple(index))


StoredColumn = Column | CodedTexts


class LateColumn(ABC):
    """A column that is made when it is first read; some rows can be had without making the others."""

    @abstractmethod
    def __call__(self) -> StoredColumn:
        """Return the whole column."""

    @abstractmethod
    def decode(self, rows: Any) -> Column:
        """Return some rows as an array, texts as Python strings."""


class FoundColumn(LateColumn):
    """A column whose values any rows can be asked for.

    Parameters
    ----------
    find
        Gives the values of rows: a slice, places or a mask.
    texts
        What the values are codes of; without any they are the column.
    """

    def __init__(self, find: Callable[[Any], Column], texts: tuple[str, ...] = ()) -> None:
        self._find, self._texts = find, texts

    def __call__(self) -> StoredColumn:
        """Return the whole column."""
        return self._spell(self._find(slice(None)))

    def decode(self, rows: Any) -> Column:
        """Return some rows, texts as Python strings."""
        column = self._spell(self._find(rows))
        return column.decode() if isinstance(column, CodedTexts) else column

    def _spell(self, column: Column) -> StoredColumn:
        return CodedTexts(column, self._texts) if self._texts else column


def number_rows(rows: Any, count: int) -> NDArray[np.int64]:
    """Return the numbers of rows of so many: of a slice, of places, or of a mask."""
    if isinstance(rows, slice):
        return np.arange(*rows.indices(count))
    places = np.asarray(rows)
    return np.flatnonzero(places) if places.dtype == np.bool_ else places.astype(np.int64)


class ColumnSet(Mapping[str, Column]):
    """Named columns of one length, read as arrays.

    Texts may be stored as :class:`CodedTexts`. A column may be stored as the function that makes it; it is called when
    the column is first read; of a :class:`LateColumn`, :meth:`part` and :meth:`take` make no more than is asked for.
    """

    __slots__ = ("_decoded", "_stored")

    def __init__(self, columns: Mapping[str, StoredColumn | Callable[[], StoredColumn]]) -> None:
        self._stored = dict(columns)
        self._decoded: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        stored = self.stored(name)
        if not isinstance(stored, CodedTexts):
            return stored
        if name not in self._decoded:
            self._decoded[name] = stored.decode()
        return self._decoded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)

    def made(self) -> list[str]:
        """Return the names of the columns that are there; the others are made when they are first read."""
        return [name for name, column in self._stored.items() if not callable(column)]

    def stored(self, name: str) -> StoredColumn:
        """Return a column as it is stored: texts that repeat stay coded."""
        column = self._stored[name]
        if callable(column):
            column = self._stored[name] = column()
        return column

    def part(self, name: str, rows: Any) -> Column:
        """Return some rows of a column, without making or spelling out the others where that can be."""
        late = self._stored[name]
        column = late if isinstance(late, LateColumn) else self.stored(name)
        return column[rows] if isinstance(column, np.ndarray) else column.decode(rows)

    def take(self, rows: Any) -> dict[str, Column]:
        """Return some rows of every column; see :meth:`part`."""
        return {name: self.part(name, rows) for name in self._stored}

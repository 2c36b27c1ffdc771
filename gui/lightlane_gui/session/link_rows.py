"""Which rows of a batch are a link's lanes, and which of them is looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lightlane import LaneBatch
from lightlane.toolkit import ComposedLink
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.session.selection import Selection

Direction = Literal["a_to_b", "b_to_a"]
DIRECTIONS: tuple[Direction, ...] = ("a_to_b", "b_to_a")


@dataclass(frozen=True, eq=False)
class LinkRows:
    """The lanes of one link in a batch.

    Attributes
    ----------
    place
        Of the link among all.
    first, last
        Its rows are those from the first to before the last.
    deciding
        Row of the lane that decides the link.
    """

    batch: LaneBatch
    link: ComposedLink
    place: int
    first: int
    last: int
    deciding: int
    _read: dict[str, NDArray[Any]] = field(default_factory=dict, repr=False)

    @classmethod
    def find(cls, picture: FabricPicture | None, name: str) -> LinkRows | None:
        """Return the rows of a link; None where the picture has none of the name."""
        place = None if picture is None or not name else picture.row_by_link.get(name)
        if picture is None or place is None:
            return None
        batch = picture.state.batch
        first, last = np.searchsorted(batch.link_index, [place, place + 1]).tolist()
        return cls(batch, batch.links[place], place, first, last, int(picture.deciding_rows[place]))

    def column(self, name: str) -> NDArray[np.float64]:
        """Return a column of numbers, one for each lane."""
        return np.asarray(self._lanes(name), dtype=np.float64)

    def words(self, name: str) -> list[str]:
        """Return a column of texts, one for each lane."""
        return list(self._lanes(name).tolist())

    def value(self, row: int, name: str) -> float:
        """Return a number of one row of the link."""
        return float(self._lanes(name)[self._place(row)])

    def word(self, row: int, name: str) -> str:
        """Return a text of one row of the link."""
        return str(self._lanes(name)[self._place(row)])

    def _lanes(self, name: str) -> NDArray[Any]:
        """Return a column, one entry for each lane; the batch has them for all of its links."""
        found = self._read.get(name)
        if found is None:
            found = self._read[name] = self.batch.columns.part(name, slice(self.first, self.last))
        return found

    def _place(self, row: int) -> int:
        if not self.first <= row < self.last:
            raise IndexError(f"row {row} is none of the link's, {self.first} to {self.last - 1}")
        return row - self.first

    def choose(self, selection: Selection) -> int:
        """Return the row that a selection points at; the deciding one where it points at none that there is."""
        if selection.channel_index < 0:
            return self.deciding
        return self.find_row(selection.channel_index, selection.direction, selection.lane, self.deciding)

    def find_row(self, channel_index: int, direction: str, lane: int, otherwise: int) -> int:
        """Return the row of a lane, or another one where there is no such lane."""
        matches = (
            (self.column("channel_index") == channel_index)
            & (self.column("lane") == lane)
            & (np.array(self.words("direction")) == direction)
        )
        return self.first + int(np.argmax(matches)) if matches.any() else otherwise

    def channels(self) -> list[int]:
        """Return the channels that there are."""
        return sorted({int(value) for value in self.column("channel_index")})

    def lanes(self) -> list[int]:
        """Return the lanes of a channel."""
        return sorted({int(value) for value in self.column("lane")})

    def address(self, row: int) -> tuple[int, str, int]:
        """Return channel, direction and lane of a row."""
        return int(self.value(row, "channel_index")), self.word(row, "direction"), int(self.value(row, "lane"))

    def opposite(self, row: int) -> int:
        """Return the row of the same lane of the other direction."""
        channel, direction, lane = self.address(row)
        return self.find_row(channel, DIRECTIONS[direction == DIRECTIONS[0]], lane, row)

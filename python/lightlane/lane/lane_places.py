"""Where the lanes of a batch are: channel, direction, lane and frequency, which follow from the order of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import DirectMode, WavelengthLane
from lightlane.columns import FoundColumn, number_rows
from lightlane.lane.lowering import DIRECTIONS, stack_once
from lightlane.link import Link
from lightlane.units import SPEED_OF_LIGHT_M_PER_S

Integers = NDArray[np.int64]

_NM_THZ = SPEED_OF_LIGHT_M_PER_S * 1e-3
"""Wavelength in nm times frequency in THz."""


@dataclass(frozen=True, slots=True)
class _LinkFigures:
    """Figures of each link, and tables that several links share.

    Attributes
    ----------
    lanes_count
        Lanes of one channel in one direction.
    lit_start
        Where the channels of a link's ranks start in ``lit_channels``; -1 where channels and ranks are one.
    grid_start, grid_lanes_count, channel_step
        Channel ``c`` and lane ``l`` of a link stand in row ``grid_start + channel_step c + l % grid_lanes_count`` of
        the table of places in the spectrum.
    frequency_thz, wavelength_nm
        Table of places in the spectrum.
    """

    lanes_count: Integers
    lit_start: Integers
    lit_channels: Integers
    grid_start: Integers
    grid_lanes_count: Integers
    channel_step: Integers
    frequency_thz: NDArray[np.float64]
    wavelength_nm: NDArray[np.float64]
    symbol_rate_gbd: NDArray[np.float64]


class LanePlaces:
    """The places of all lanes of some links, by the rows of a batch: ordered by link, channel, direction and lane.

    Parameters
    ----------
    bounds
        Where the lanes of each link start in the batch, and at the end how many lanes there are.
    link_index
        For each lane, its link.
    """

    def __init__(self, links: Sequence[Link], bounds: Integers, link_index: Integers) -> None:
        self._links, self._bounds, self.link_index = links, bounds, link_index

    def columns(self) -> dict[str, FoundColumn]:
        """Return the columns of places, each made when it is read."""
        return {
            "channel_index": FoundColumn(self._channel),
            "direction": FoundColumn(self._direction, DIRECTIONS),
            "lane": FoundColumn(self._lane),
            "frequency_thz": FoundColumn(lambda rows: self._figures.frequency_thz[self._spectrum(rows)]),
            "wavelength_nm": FoundColumn(lambda rows: self._figures.wavelength_nm[self._spectrum(rows)]),
            "symbol_rate_gbd": FoundColumn(lambda rows: self._figures.symbol_rate_gbd[self.link_index[rows]]),
        }

    def paths(self, rows: Any) -> Integers:
        """Return the paths of some lanes: two for each link, from a to b first."""
        links, _, direction, _ = self._split(rows)
        return len(DIRECTIONS) * links + direction

    @cached_property
    def _figures(self) -> _LinkFigures:
        lit_channels: list[int] = []
        rows = []
        grids: list[Sequence[float | WavelengthLane]] = []
        for link in self._links:
            lit = link.lit_channels
            lit_start = -1 if lit is None else len(lit_channels)
            lit_channels += lit or ()
            if isinstance(link.mode, DirectMode):
                grids.append(link.mode.lanes)
                rows.append((len(link.mode.lanes) * link.module.engines_count, lit_start, len(link.mode.lanes), 0))
            else:
                grids.append(link.frequencies_thz)
                rows.append((1, lit_start, 1, 1))
        places, grid_starts = stack_once(grids)
        lanes_count, lit_starts, grid_lanes_count, channel_steps = np.array(rows, dtype=np.int64).T
        spectrum = np.array([_place_of(place) for place in places])
        return _LinkFigures(
            lanes_count,
            lit_starts,
            np.array(lit_channels, dtype=np.int64),
            np.array(grid_starts, dtype=np.int64),
            grid_lanes_count,
            channel_steps,
            spectrum[:, 0],
            spectrum[:, 1],
            np.array([link.mode.symbol_rate_gbd for link in self._links]),
        )

    def _split(self, rows: Any) -> tuple[Integers, Integers, Integers, Integers]:
        """Return links of rows, and within them the rank of the channel, the direction and the lane."""
        links = self.link_index[rows]
        within = number_rows(rows, len(self.link_index)) - self._bounds[links]
        order, lane = np.divmod(within, self._figures.lanes_count[links])
        rank, direction = np.divmod(order, len(DIRECTIONS))
        return links, rank, direction, lane

    def _lane(self, rows: Any) -> NDArray[np.int32]:
        return self._split(rows)[3].astype(np.int32)

    def _direction(self, rows: Any) -> NDArray[np.uint8]:
        return self._split(rows)[2].astype(np.uint8)

    def _channel(self, rows: Any) -> NDArray[np.int32]:
        links, rank, _, _ = self._split(rows)
        return self._light(links, rank).astype(np.int32)

    def _light(self, links: Integers, rank: Integers) -> Integers:
        """Return the channels of ranks, counting the lit ones."""
        starts = self._figures.lit_start[links]
        some = starts >= 0
        if not some.any():
            return rank
        channel = rank.copy()
        channel[some] = self._figures.lit_channels[starts[some] + rank[some]]
        return channel

    def _spectrum(self, rows: Any) -> Integers:
        """Return for each row its row in the table of places in the spectrum."""
        figures = self._figures
        links, rank, _, lane = self._split(rows)
        channel = figures.channel_step[links] * self._light(links, rank)
        place: Integers = figures.grid_start[links] + channel + lane % figures.grid_lanes_count[links]
        return place


def _place_of(place: float | WavelengthLane) -> tuple[float, float]:
    """Return frequency (THz) and wavelength (nm) of a channel or of a lane of a mode, each as it is stated."""
    if isinstance(place, WavelengthLane):
        return _NM_THZ / place.center_nm, place.center_nm
    return place, _NM_THZ / place

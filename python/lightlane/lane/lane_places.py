"""Where the lanes of a batch are: channel, direction, lane and frequency, which follow from the order of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import DirectMode
from lightlane.columns import FoundColumn, number_rows
from lightlane.lane.lowering import DIRECTIONS
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
            "channel_index": FoundColumn(lambda rows: self._channel(rows).astype(np.int32)),
            "direction": FoundColumn(self._direction, DIRECTIONS),
            "lane": FoundColumn(lambda rows: self._lane(rows).astype(np.int32)),
            "frequency_thz": FoundColumn(lambda rows: self._figures.frequency_thz[self._spectrum(rows)]),
            "wavelength_nm": FoundColumn(lambda rows: self._figures.wavelength_nm[self._spectrum(rows)]),
            "symbol_rate_gbd": FoundColumn(lambda rows: self._figures.symbol_rate_gbd[self.link_index[rows]]),
        }

    def paths(self, rows: Any) -> Integers:
        """Return the paths of some lanes: two for each link, from a to b first."""
        path: Integers = len(DIRECTIONS) * self.link_index[rows] + self._direction(rows)
        return path

    @cached_property
    def _figures(self) -> _LinkFigures:
        starts: dict[int, int] = {}
        frequencies_thz: list[float] = []
        wavelengths_nm: list[float] = []
        lit_channels: list[int] = []
        rows = []
        for link in self._links:
            # The links keep their modes and combs alive, so that identities are theirs alone.
            if isinstance(link.mode, DirectMode):
                key, grid, engines, channel_step = id(link.mode), len(link.mode.lanes), link.module.engines_count, 0
            else:
                key, grid, engines, channel_step = id(link.frequencies_thz), 1, 1, 1
            if key not in starts:
                starts[key] = len(frequencies_thz)
                own_thz, own_nm = _spectrum_of(link)
                frequencies_thz += own_thz
                wavelengths_nm += own_nm
            lit = link.lit_channels
            lit_start = -1 if lit is None else len(lit_channels)
            rows.append((grid * engines, lit_start, starts[key], grid, channel_step))
            lit_channels += lit or ()
        lanes_count, lit_starts, grid_start, grid_lanes_count, channel_steps = np.array(rows, dtype=np.int64).T
        return _LinkFigures(
            lanes_count,
            lit_starts,
            np.array(lit_channels, dtype=np.int64),
            grid_start,
            grid_lanes_count,
            channel_steps,
            np.array(frequencies_thz),
            np.array(wavelengths_nm),
            np.array([link.mode.symbol_rate_gbd for link in self._links]),
        )

    def _within(self, rows: Any) -> Integers:
        """Return how many rows of its link come before each row."""
        within: Integers = number_rows(rows, len(self.link_index)) - self._bounds[self.link_index[rows]]
        return within

    def _lane(self, rows: Any) -> Integers:
        lane: Integers = self._within(rows) % self._figures.lanes_count[self.link_index[rows]]
        return lane

    def _direction(self, rows: Any) -> NDArray[np.uint8]:
        order: Integers = self._within(rows) // self._figures.lanes_count[self.link_index[rows]]
        direction: NDArray[np.uint8] = (order % len(DIRECTIONS)).astype(np.uint8)
        return direction

    def _channel(self, rows: Any) -> Integers:
        links, figures = self.link_index[rows], self._figures
        rank: Integers = self._within(rows) // (len(DIRECTIONS) * figures.lanes_count[links])
        starts = figures.lit_start[links]
        some = starts >= 0
        if some.any():
            rank[some] = figures.lit_channels[starts[some] + rank[some]]
        return rank

    def _spectrum(self, rows: Any) -> Integers:
        """Return for each row its row in the table of places in the spectrum."""
        links, figures = self.link_index[rows], self._figures
        lanes = self._lane(rows) % figures.grid_lanes_count[links]
        place: Integers = figures.grid_start[links] + figures.channel_step[links] * self._channel(rows) + lanes
        return place


def _spectrum_of(link: Link) -> tuple[list[float], list[float]]:
    """Return frequencies (THz) and wavelengths (nm): of a comb, or of the lanes of a mode, each as it is stated."""
    if isinstance(link.mode, DirectMode):
        wavelengths_nm = [lane.center_nm for lane in link.mode.lanes]
        return [_NM_THZ / nm for nm in wavelengths_nm], wavelengths_nm
    return list(link.frequencies_thz), [_NM_THZ / thz for thz in link.frequencies_thz]

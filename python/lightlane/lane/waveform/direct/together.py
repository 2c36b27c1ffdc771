"""The other lanes of a fiber: what the Kerr effect makes of them in a lane, and what the demultiplexer lets through."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import DirectMode
from lightlane.errors import ParameterError
from lightlane.kernels.direct import Pam4Transmitter
from lightlane.kernels.direct_waveform import (
    SAMPLES_PER_SYMBOL,
    Pam4Drive,
    SampledPath,
    launch_pam4,
    normal_numbers,
    propagate_pam4,
    uniform_numbers,
)
from lightlane.kernels.lit_lanes import mix_lanes
from lightlane.lane.mixing import merge_fibers
from lightlane.lane.model import LaneResult
from lightlane.lane.waveform.address import LANE_PLACE, stream_of
from lightlane.link import Link

Floats = NDArray[np.float64]
Field = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class LitLane:
    """A lane of the fiber: its levels and dispersion by the budget, its symbols, and its path without echoes.

    Attributes
    ----------
    skew_samples_count
        By how much its symbols come later than those of the lane that is looked at, for which it is 0.
    """

    budget: LaneResult
    symbols: NDArray[np.uint8]
    drive: Pam4Drive
    path: SampledPath
    skew_samples_count: int


@dataclass(frozen=True, slots=True)
class LitFiber:
    """All lanes of one engine in one direction, the one that is looked at among them."""

    link: Link
    mode: DirectMode
    transmitter: Pam4Transmitter
    lanes: Sequence[LitLane]
    own: int
    seed: int

    def joining_ratio(self, zero_dispersion_nm: float | None) -> Field:
        """Return the field that the Kerr effect adds to the lane, over the root of its outer OMA at launch.

        Parameters
        ----------
        zero_dispersion_nm
            Of the fiber; absent: drawn in the range of its type, as the lanes' wavelengths are in theirs and their
            polarizations among all.

        Raises
        ------
        ParameterError
            If the fiber's zero-dispersion wavelength is not known.
        ModelError
            If what is added passes a tenth of the lane's power.
        """
        mode = self.mode
        fiber, (low_nm, high_nm) = merge_fibers(self.link, float(np.mean([lane.center_nm for lane in mode.lanes])))
        text = f"{self.link.name} {self.lanes[self.own].budget.direction}"
        stream = stream_of(text, "fiber", self.lanes[self.own].budget.channel_index, "lit lanes")
        draws = uniform_numbers(1 + len(mode.lanes), seed=self.seed, stream=stream, purpose=LANE_PLACE)
        if zero_dispersion_nm is None:
            zero_dispersion_nm = low_nm + (high_nm - low_nm) * float(draws[0])
        wavelengths_nm = [
            lane.min_nm + (lane.max_nm - lane.min_nm) * float(draw)
            for lane, draw in zip(mode.lanes, draws[1:], strict=True)
        ]
        parts = normal_numbers(4 * len(mode.lanes), seed=self.seed, stream=stream, purpose=LANE_PLACE + 1)
        states = parts.reshape(-1, 4).view(np.complex128)
        fields, units_w = [], []
        for lane in self.lanes:
            field = np.roll(launch_pam4(lane.symbols, self.transmitter, drive=lane.drive), lane.skew_samples_count)
            units_w.append(1e-3 * 10.0 ** (lane.budget.launch_power_dbm / 10.0) / float(np.mean(np.abs(field) ** 2)))
            fields.append(field * math.sqrt(units_w[-1]))
        added = mix_lanes(
            np.array(fields),
            wavelengths_nm,
            states / np.linalg.norm(states, axis=1, keepdims=True),
            victim_index=self.own,
            fiber=fiber,
            zero_dispersion_nm=zero_dispersion_nm,
            sample_rate_ghz=mode.symbol_rate_gbd * SAMPLES_PER_SYMBOL,
            window_ghz=mode.symbol_rate_gbd,
        )
        return np.asarray(added / math.sqrt(units_w[self.own]))

    def leaked_power_ratio(self) -> Floats:
        """Return the power of the other lanes behind the demultiplexer, over the lane's own outer OMA there.

        The lanes' beat notes lie far outside the receiver: powers add. An isolation that the mode does not state lets
        nothing pass, as in the budget.
        """
        own = self.lanes[self.own].budget
        total = np.zeros(len(self.lanes[self.own].symbols) * SAMPLES_PER_SYMBOL)
        for index, lane in enumerate(self.lanes):
            is_near = abs(index - self.own) == 1
            mode = self.mode
            isolation_db = mode.demux_isolation_adjacent_db if is_near else mode.demux_isolation_non_adjacent_db
            if index == self.own or isolation_db is None:
                continue
            power_ratio = propagate_pam4(lane.symbols, self.transmitter, lane.path, drive=lane.drive)
            level_db = lane.budget.oma_outer_dbm - own.oma_outer_dbm - isolation_db
            total += 10.0 ** (level_db / 10.0) * np.roll(power_ratio, lane.skew_samples_count)
        return total


def lanes_of_fiber(mode: DirectMode, link: Link, own: LaneResult, known: Sequence[LaneResult]) -> list[LaneResult]:
    """Return the budget's results of all lanes that share a fiber with one, in their order.

    Raises
    ------
    ParameterError
        If each lane has a fiber of its own, or a level of one is not known.
    """
    if mode.parallel_fibers:
        raise ParameterError(
            f"lanes of mode {mode.id!r} have a fiber each; allowed: lanes_together for modes whose lanes share one"
        )
    first = own.lane - own.lane % len(mode.lanes)
    found = [
        lane
        for lane in known
        if (lane.direction, lane.channel_index) == (own.direction, own.channel_index)
        and first <= lane.lane < first + len(mode.lanes)
    ]
    found.sort(key=lambda lane: lane.lane)
    for lane in found:
        levels = (lane.launch_power_dbm, lane.oma_outer_dbm, lane.chromatic_dispersion_ps_per_nm)
        if not np.isfinite(levels).all():
            raise ParameterError(
                f"link {link.name!r}: a level or the dispersion of lane {lane.lane} is not known; "
                "allowed: lanes_together where all lanes have theirs"
            )
    return found


def skew_of(lane: LaneResult, link: Link, samples_count: int, seed: int) -> int:
    """Return by how many samples the symbols of another lane are late, drawn over the whole period."""
    stream = stream_of(link.name, lane.direction, lane.channel_index, f"{lane.lane} skew")
    return int(samples_count * uniform_numbers(1, seed=seed, stream=stream, purpose=LANE_PLACE + 2)[0])

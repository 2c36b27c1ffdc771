"""Which channels share the sampled field, and the grid of samples on which they lie."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.errors import ParameterError
from lightlane.lane.trace import PathTrace

SAMPLES_MIN_RATIO = 1.25
"""Sampled bandwidth over that of the comb: products of mixing that fall outside come back in where nothing is."""
SAMPLES_PER_SYMBOL_MIN = 2.0
SAMPLES_MAX = 2**24


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledComb:
    """The grid of a periodic block: ``samples_count`` samples in the time of ``symbols_count`` symbols of the lane.

    Attributes
    ----------
    rows
        Of the trace: the simulated channels by rising frequency.
    lane
        Which of them is the lane.
    bins
        Offset of each from the lane's carrier, in bins of the block; carriers lie on the nearest bin.
    """

    symbols_count: int
    samples_count: int
    symbol_rate_gbd: float
    roll_off: float
    rows: NDArray[np.int64]
    lane: int
    bins: NDArray[np.int64]
    center_thz: float

    @property
    def sample_rate_ghz(self) -> float:
        """Samples per nanosecond."""
        return self.samples_count / self.symbols_count * self.symbol_rate_gbd

    @property
    def bin_ghz(self) -> float:
        """Spacing of the block's spectral lines."""
        return self.symbol_rate_gbd / self.symbols_count

    @property
    def half_band_ghz(self) -> float:
        """From the lane's carrier to the furthest edge of a channel."""
        return float(np.max(np.abs(self.bins)) * self.bin_ghz) + 0.5 * self.symbol_rate_gbd * (1.0 + self.roll_off)

    def bin_offsets_ghz(self) -> NDArray[np.float64]:
        """Offset of every spectral line of the block from the lane's carrier, in the order of an FFT."""
        return np.asarray(np.fft.fftfreq(self.samples_count, 1.0 / self.sample_rate_ghz))


def choose_comb(
    trace: PathTrace, row: int, *, symbols_count: int, neighbors_count: int, roll_off: float
) -> SampledComb:
    """Choose the channels around one of a trace and the samples that hold them.

    Raises
    ------
    ParameterError
        If the block would have more than 2^24 samples.
    """
    order = np.argsort(trace.frequency_thz, kind="stable")
    place = int(np.flatnonzero(order == row)[0])
    rows = order[max(place - neighbors_count, 0) : place + neighbors_count + 1]
    rate = trace.symbol_rate_gbd
    offsets_ghz = (trace.frequency_thz[rows] - trace.frequency_thz[row]) * 1e3
    half_ghz = float(np.max(np.abs(offsets_ghz))) + 0.5 * rate * (1.0 + roll_off)
    # The lane is at the center of the field; a comb that reaches further to one side needs room for that side.
    wanted_ratio = max(SAMPLES_PER_SYMBOL_MIN, SAMPLES_MIN_RATIO * 2.0 * half_ghz / rate if len(rows) > 1 else 0.0)
    samples_count = 2 ** math.ceil(math.log2(symbols_count * wanted_ratio) - 1e-9)
    if samples_count > SAMPLES_MAX:
        raise ParameterError(
            f"symbols_count is {symbols_count} with neighbors_count {neighbors_count}; allowed: a block of at most "
            f"{SAMPLES_MAX} samples, this one has {samples_count}"
        )
    bins = np.rint(offsets_ghz / (rate / symbols_count)).astype(np.int64)
    return SampledComb(
        symbols_count=symbols_count,
        samples_count=samples_count,
        symbol_rate_gbd=rate,
        roll_off=roll_off,
        rows=rows,
        lane=int(np.flatnonzero(rows == row)[0]),
        bins=bins,
        center_thz=float(trace.frequency_thz[row]),
    )

"""What a simulated direct-detect lane leaves to be seen: eyes, histograms, taps, waterfall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.kernels.pam4_decisions import Pam4Taps
from lightlane.lane.model import Direction
from lightlane.lane.waveform.coding import DecodedPayload

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectCounts:
    """Errors that were counted, and what the noise of each decision makes of them.

    Attributes
    ----------
    symbols_count, symbol_errors_count, bit_errors_count
        Counted.
    low_pre_fec_ber, high_pre_fec_ber
        Ends of two standard deviations of the counted ratio.
    symbol_error_ratio
        Of Gaussian noise by decision, far below what can be counted.
    burst_lengths_count
        Runs of wrong symbols by length, from one on; the last counts all longer ones.
    """

    symbols_count: int
    symbol_errors_count: int
    bit_errors_count: int
    low_pre_fec_ber: float
    high_pre_fec_ber: float
    symbol_error_ratio: float
    burst_lengths_count: tuple[int, ...]

    @property
    def pre_fec_ber(self) -> float:
        """Counted bit error ratio."""
        return self.bit_errors_count / (2.0 * self.symbols_count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """Symbol error ratio over received outer OMA, of the same waveform in more and less light."""

    oma_outer_dbm: Floats
    symbol_error_ratio: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Bathtub:
    """Symbol error ratio over the time of the decision, of the first symbols, with the taps of the sampling time."""

    time_ui: Floats
    symbol_error_ratio: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectWaveform:
    """One direct-detect lane of one direction, simulated.

    Attributes
    ----------
    current_ua
        Received current without noise behind the receiver's response, ``samples_per_symbol`` by symbol, of the first
        symbols; sample ``samples_per_symbol * k`` is the middle of symbol k.
    samples_per_symbol
        Of ``current_ua``.
    average_ua, oma_outer_ua
        Average current and that of the outer OMA: 0 and 1 of the decisions.
    symbols
        Sent symbols, 0 to 3, of the whole period.
    decision_ratio
        Equalized noisy values, 0 for the average and 1 for the outer OMA, feedback taken off; one per symbol.
    threshold_ratio
        On the scale of ``decision_ratio``.
    level_mean_ratio
        Of the four levels, without noise.
    taps
        Of the equalizer.
    sampling_offset_ui
        Where in the symbol the equalizer's samples lie.
    pulse_response_ratio, pulse_time_ui
        What one symbol becomes behind transmitter, fiber and receiver, by least squares on the simulated current.
    margin_db
        Light that can be lost before the mode's target; NaN where no light reaches it.
    payload
        What the link's FEC leaves of the lane's bits; None where they are too few for it.
    notes
        What a reader must know of this lane.
    """

    direction: Direction
    channel_index: int
    lane: int
    symbol_rate_gbd: float
    wavelength_nm: float
    dispersion_ps_per_nm: float
    counts: DirectCounts
    current_ua: Floats
    samples_per_symbol: int
    average_ua: float
    oma_outer_ua: float
    symbols: NDArray[np.uint8]
    decision_ratio: Floats
    threshold_ratio: Floats
    level_mean_ratio: Floats
    taps: Pam4Taps
    sampling_offset_ui: float
    pulse_response_ratio: Floats
    pulse_time_ui: Floats
    waterfall: Waterfall
    bathtub: Bathtub
    margin_db: float
    target_ser_ratio: float
    payload: DecodedPayload | None
    echoes_count: int
    durations_s: dict[str, float]
    seed: int
    notes: tuple[str, ...] = ()

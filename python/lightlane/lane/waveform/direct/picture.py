"""What there is to draw of a simulated direct-detect lane, small enough to keep with results."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.lane.model import Direction
from lightlane.lane.waveform.direct.record import DirectWaveform

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

FINE = 8
"""Steps of a drawn eye in each of the simulation's samples."""
UPSAMPLED = 4
"""Of these so many are exact, by a transform; the rest is straight."""
LEVELS_COUNT = 160
"""Rows of a drawn eye."""
HISTOGRAM_BINS_COUNT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EyeDensity:
    """How often a waveform passes each place.

    Attributes
    ----------
    count
        Shape (:data:`LEVELS_COUNT`, places), the lowest level first.
    first_ui, last_ui
        Time of the first and the last place after the middle of a symbol.
    low, high
        Edges of the levels.
    """

    count: Counts
    first_ui: float
    last_ui: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectPicture:
    """The figures of a simulated direct-detect lane as numbers.

    Attributes
    ----------
    received
        Eye of the current before the equalizer (microampere).
    equalized
        Eye behind it, over the outer OMA.
    histogram_count
        Decisions by sent level, shape (4, :data:`HISTOGRAM_BINS_COUNT`), from ``histogram_low_ratio`` to
        ``histogram_high_ratio``.
    main_index
        Place of the main tap.
    """

    direction: Direction
    channel_index: int
    lane: int
    wavelength_nm: float
    symbol_rate_gbd: float
    dispersion_ps_per_nm: float
    margin_db: float
    target_ser_ratio: float
    symbol_error_ratio: float
    pre_fec_low_ber: float
    pre_fec_high_ber: float
    bit_errors_count: int
    bits_count: int
    received: EyeDensity
    equalized: EyeDensity
    histogram_count: Counts
    histogram_low_ratio: float
    histogram_high_ratio: float
    threshold_ratio: Floats
    tap_ratio: Floats
    main_index: int
    feedback_ratio: float
    sampling_offset_ui: float
    pulse_time_ui: Floats
    pulse_response_ratio: Floats
    fall_oma_outer_dbm: Floats
    fall_symbol_error_ratio: Floats
    bathtub_time_ui: Floats
    bathtub_symbol_error_ratio: Floats


def picture_direct(lane: DirectWaveform) -> DirectPicture:
    """Return what there is to draw of a lane: waveforms and decisions counted by place."""
    counts = lane.counts
    low, high = float(lane.decision_ratio.min()), float(lane.decision_ratio.max())
    edges = np.linspace(low, high, HISTOGRAM_BINS_COUNT + 1)
    histograms = [np.histogram(lane.decision_ratio[lane.symbols == level], bins=edges)[0] for level in range(4)]
    current = lane.current_ua.reshape(-1, lane.samples_per_symbol)
    return DirectPicture(
        direction=lane.direction,
        channel_index=lane.channel_index,
        lane=lane.lane,
        wavelength_nm=lane.wavelength_nm,
        symbol_rate_gbd=lane.symbol_rate_gbd,
        dispersion_ps_per_nm=lane.dispersion_ps_per_nm,
        margin_db=lane.margin_db,
        target_ser_ratio=lane.target_ser_ratio,
        symbol_error_ratio=counts.symbol_error_ratio,
        pre_fec_low_ber=counts.low_pre_fec_ber,
        pre_fec_high_ber=counts.high_pre_fec_ber,
        bit_errors_count=counts.bit_errors_count,
        bits_count=2 * counts.symbols_count,
        received=count_eye(current),
        equalized=count_eye(_equalize(lane, current)),
        histogram_count=np.stack(histograms).astype(np.int64),
        histogram_low_ratio=low,
        histogram_high_ratio=high,
        threshold_ratio=lane.threshold_ratio,
        tap_ratio=lane.taps.taps,
        main_index=lane.taps.main_index,
        feedback_ratio=lane.taps.feedback_ratio,
        sampling_offset_ui=lane.sampling_offset_ui,
        pulse_time_ui=lane.pulse_time_ui,
        pulse_response_ratio=lane.pulse_response_ratio,
        fall_oma_outer_dbm=lane.waterfall.oma_outer_dbm,
        fall_symbol_error_ratio=lane.waterfall.symbol_error_ratio,
        bathtub_time_ui=lane.bathtub.time_ui,
        bathtub_symbol_error_ratio=lane.bathtub.symbol_error_ratio,
    )


def _equalize(lane: DirectWaveform, current_ua: Floats) -> Floats:
    """Return the current behind the taps at every phase of the symbol, feedback by the sent symbols taken off."""
    scaled = (current_ua - lane.average_ua) / lane.oma_outer_ua
    flat, samples = scaled.ravel(), scaled.shape[1]
    step = samples // lane.taps.per_symbol
    columns = np.stack([lane.taps.feed_forward(np.roll(flat, -phase)[::step]) for phase in range(samples)], axis=1)
    symbols = lane.symbols[: len(columns)]
    return np.asarray(columns - lane.taps.feedback_ratio * lane.level_mean_ratio[np.roll(symbols, 1)][:, None])


def count_eye(values: Floats) -> EyeDensity:
    """Count how often a waveform, given by symbol and phase, passes each place of two symbols around one's middle."""
    per_symbol = values.shape[1] * UPSAMPLED
    flat = _upsample(values.ravel())
    half = per_symbol // 2
    count = (len(flat) - 2 * per_symbol) // per_symbol
    places = np.arange(-half, 2 * per_symbol - half, UPSAMPLED / FINE)
    base = np.floor(places).astype(int)
    share = places - base
    starts = per_symbol * np.arange(1, count)
    traces = flat[starts[:, None] + base] * (1.0 - share) + flat[starts[:, None] + base + 1] * share
    low, high = float(traces.min()), float(traces.max())
    edges = np.linspace(low - 0.04 * (high - low), high + 0.04 * (high - low), LEVELS_COUNT + 1)
    rows = np.clip(np.digitize(traces, edges) - 1, 0, LEVELS_COUNT - 1)
    density = np.zeros((LEVELS_COUNT, len(places)), dtype=np.int64)
    np.add.at(density, (rows, np.broadcast_to(np.arange(len(places)), rows.shape)), 1)
    return EyeDensity(
        count=density,
        first_ui=float(places[0] / per_symbol),
        last_ui=float(places[-1] / per_symbol),
        low=float(edges[0]),
        high=float(edges[-1]),
    )


def _upsample(values: Floats) -> Floats:
    """Return a periodic waveform at so many times its rate."""
    spectrum = np.fft.rfft(values)
    return np.asarray(np.fft.irfft(spectrum, UPSAMPLED * len(values)) * UPSAMPLED)

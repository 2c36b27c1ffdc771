"""A simulated direct-detect lane: eyes, decisions, pulse, taps, error ratio over light."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lightlane.lane.waveform.direct.record import DirectWaveform
from lightlane.plots.style import (
    COHERENT,
    DIRECT,
    LOSS,
    MUTED,
    RULE,
    SMALL_SIZE_PT,
    lightlane_style,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
FINE = 8
"""Steps of a drawn eye in each of the simulation's samples."""
UPSAMPLED = 4
"""Of these so many are exact, by a transform; the rest is straight."""
LEVELS_COUNT = 160
SER_LEAST = 1e-15


def plot_direct_waveform(lane: DirectWaveform, *, title: str | None = None) -> Figure:
    """Draw what a simulated direct-detect lane shows.

    Parameters
    ----------
    lane
        Of :func:`lightlane.simulate_link`.
    title
        Written above; absent: none.
    """
    with lightlane_style():
        figure = new_figure(7.0)
        if title:
            figure.text(0.008, 0.988, title, weight="bold", size=9.5, va="top")
        figure.text(0.008, 0.958 if title else 0.988, _headline(lane), color=MUTED, va="top", linespacing=1.35)
        _draw_eye(
            figure.add_axes((0.085, 0.6, 0.39, 0.26)),
            _current(lane),
            "Received current (µA)",
            "Eye before the equalizer",
            lane,
        )
        _draw_eye(
            figure.add_axes((0.575, 0.6, 0.39, 0.26)),
            _equalized(lane),
            "Equalized (outer OMA)",
            "Eye behind the equalizer",
            lane,
        )
        _draw_decisions(figure.add_axes((0.085, 0.335, 0.39, 0.17)), lane)
        _draw_taps(figure.add_axes((0.085, 0.07, 0.39, 0.165)), lane)
        _draw_pulse(figure.add_axes((0.575, 0.335, 0.39, 0.17)), lane)
        _draw_waterfall(figure.add_axes((0.575, 0.07, 0.39, 0.165)), lane)
    return figure


def _headline(lane: DirectWaveform) -> str:
    counts = lane.counts
    low, high = counts.low_pre_fec_ber, counts.high_pre_fec_ber
    margin = "no light reaches the target" if np.isnan(lane.margin_db) else f"{lane.margin_db:.2f} dB of light to spare"
    return (
        f"Lane {lane.lane}, {lane.direction.replace('_', ' ')}, {lane.wavelength_nm:.2f} nm, "
        f"{lane.symbol_rate_gbd:g} GBd, {lane.dispersion_ps_per_nm:+.1f} ps/nm: {margin}\n"
        f"{counts.bit_errors_count:,} errors in {2 * counts.symbols_count:,} bits, BER {low:.1e} to {high:.1e}; "
        f"by the noise of each decision SER {counts.symbol_error_ratio:.1e}"
    )


def _current(lane: DirectWaveform) -> Floats:
    return lane.current_ua.reshape(-1, lane.samples_per_symbol)


def _equalized(lane: DirectWaveform) -> Floats:
    """Return the current behind the taps at every phase of the symbol, feedback by the sent symbols taken off."""
    scaled = (_current(lane) - lane.average_ua) / lane.oma_outer_ua
    columns = np.stack([lane.taps.feed_forward(phase) for phase in scaled.T], axis=1)
    symbols = lane.symbols[: len(columns)]
    return np.asarray(columns - lane.taps.feedback_ratio * lane.level_mean_ratio[np.roll(symbols, 1)][:, None])


def _draw_eye(axes: Axes, columns: Floats, label: str, title: str, lane: DirectWaveform) -> None:
    """Draw the density of a waveform, given by symbol and phase, over two symbols around the first's middle."""
    per_symbol = columns.shape[1] * UPSAMPLED
    flat = _upsample(columns.ravel())
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
    density = np.zeros((LEVELS_COUNT, len(places)))
    np.add.at(density, (rows, np.broadcast_to(np.arange(len(places)), rows.shape)), 1.0)
    shown = np.ma.masked_equal(np.log1p(density), 0.0)
    axes.imshow(
        shown,
        origin="lower",
        aspect="auto",
        extent=(places[0] / per_symbol, places[-1] / per_symbol, edges[0], edges[-1]),
        cmap="viridis",
        interpolation="nearest",
    )
    axes.axvline(lane.sampling_offset_ui, color=LOSS, lw=0.9, ls="--")
    axes.axvline(lane.sampling_offset_ui + 1.0, color=LOSS, lw=0.9, ls="--")
    axes.set_xticks((-0.5, 0.0, 0.5, 1.0, 1.5))
    axes.set_xlabel("Time (symbols); dashed: where samples are taken")
    axes.set_ylabel(label)
    axes.set_title(title, loc="left")


def _upsample(values: Floats) -> Floats:
    """Return a periodic waveform at so many times its rate."""
    spectrum = np.fft.rfft(values)
    return np.asarray(np.fft.irfft(spectrum, UPSAMPLED * len(values)) * UPSAMPLED)


def _write_powers(axes: Axes) -> None:
    """Write the powers of ten of a logarithmic axis without mathematics, which the style does not read."""
    axes.yaxis.set_major_formatter(lambda value, _: f"1e{round(np.log10(value))}" if value > 0.0 else "")


def _draw_decisions(axes: Axes, lane: DirectWaveform) -> None:
    edges = np.linspace(float(lane.decision_ratio.min()), float(lane.decision_ratio.max()), 201)
    for level, color in zip(range(4), (COHERENT, DIRECT, COHERENT, DIRECT), strict=True):
        axes.hist(lane.decision_ratio[lane.symbols == level], bins=edges.tolist(), color=color, alpha=0.75)
    for number, threshold in enumerate(lane.threshold_ratio):
        axes.axvline(threshold, color=LOSS, lw=0.9, ls="--", label=None if number else "threshold")
    axes.set_yscale("log")
    _write_powers(axes)
    axes.set_ylim(bottom=0.8)
    axes.set_xlabel("Decision (outer OMA)")
    axes.set_ylabel("Symbols")
    axes.set_title("Decisions by sent level", loc="left")
    axes.legend(frameon=False, fontsize=SMALL_SIZE_PT, loc="upper right", bbox_to_anchor=(1.0, 1.22))


def _draw_taps(axes: Axes, lane: DirectWaveform) -> None:
    places = np.arange(len(lane.taps.taps)) - lane.taps.main_index
    axes.axhline(0.0, color=RULE, lw=0.6, zorder=0)
    axes.vlines(places, 0.0, lane.taps.taps, color=COHERENT, lw=1.4)
    axes.plot(places, lane.taps.taps, "o", color=COHERENT, ms=3.5, label="feed forward")
    if lane.taps.feedback_ratio != 0.0:
        axes.plot([1], [lane.taps.feedback_ratio], "D", color=DIRECT, ms=4, label="feedback")
        axes.legend(frameon=False, fontsize=SMALL_SIZE_PT)
    axes.set_xticks(places[:: max(1, len(places) // 8)])
    axes.set_xlabel("Tap (symbols behind the main one)")
    axes.set_ylabel("Weight")
    axes.set_title("Equalizer", loc="left")


def _draw_pulse(axes: Axes, lane: DirectWaveform) -> None:
    axes.axhline(0.0, color=RULE, lw=0.6, zorder=0)
    axes.plot(lane.pulse_time_ui, lane.pulse_response_ratio, color=COHERENT, lw=1.1)
    whole = np.arange(np.ceil(lane.pulse_time_ui[0]), lane.pulse_time_ui[-1])
    taken = whole + lane.sampling_offset_ui
    inside = (taken >= lane.pulse_time_ui[0]) & (taken <= lane.pulse_time_ui[-1])
    axes.plot(
        taken[inside],
        np.interp(taken[inside], lane.pulse_time_ui, lane.pulse_response_ratio),
        "o",
        color=LOSS,
        ms=3,
        label="where samples are taken",
    )
    axes.set_xlabel("Time (symbols)")
    axes.set_ylabel("Over the symbol sent")
    axes.set_title("Pulse response", loc="left")
    axes.legend(frameon=False, fontsize=SMALL_SIZE_PT, loc="upper right")


def _draw_waterfall(axes: Axes, lane: DirectWaveform) -> None:
    fall = lane.waterfall
    shown = fall.symbol_error_ratio > SER_LEAST
    axes.semilogy(fall.oma_outer_dbm[shown], fall.symbol_error_ratio[shown], color=COHERENT, lw=1.1)
    axes.axhline(lane.target_ser_ratio, color=LOSS, lw=0.9, ls="--")
    axes.text(
        1.0, lane.target_ser_ratio, "target of the mode", color=LOSS, fontsize=SMALL_SIZE_PT, ha="right", va="bottom",
        transform=axes.get_yaxis_transform(),
    )  # fmt: skip
    here = (
        len(fall.oma_outer_dbm)
        - 1
        - int(np.argmin(np.abs(fall.symbol_error_ratio[::-1] - lane.counts.symbol_error_ratio)))
    )
    if fall.symbol_error_ratio[here] > SER_LEAST:
        axes.plot(fall.oma_outer_dbm[here], fall.symbol_error_ratio[here], "o", color=DIRECT, ms=4.5, label="this lane")
        axes.legend(frameon=False, fontsize=SMALL_SIZE_PT, loc="lower left")
    axes.set_ylim(SER_LEAST, 1.0)
    axes.set_yticks([10.0**power for power in range(-15, 1, 3)])
    _write_powers(axes)
    axes.set_xlabel("Outer OMA at the receiver (dBm)")
    axes.set_ylabel("Symbol error ratio")
    axes.set_title("Error ratio over light", loc="left")

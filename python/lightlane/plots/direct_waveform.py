"""A simulated direct-detect lane: eyes, decisions, pulse, taps, error ratio over light."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lightlane.lane.waveform.direct.picture import DirectPicture, EyeDensity, picture_direct
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

SER_LEAST = 1e-15


def plot_direct_waveform(lane: DirectWaveform | DirectPicture, *, title: str | None = None) -> Figure:
    """Draw what a simulated direct-detect lane shows.

    Parameters
    ----------
    lane
        Of :func:`lightlane.simulate_link`, or what results have kept of it.
    title
        Written above; absent: none.
    """
    lane = lane if isinstance(lane, DirectPicture) else picture_direct(lane)
    with lightlane_style():
        figure = new_figure(8.6)
        if title:
            figure.text(0.008, 0.988, title, weight="bold", size=9.5, va="top")
        figure.text(0.008, 0.958 if title else 0.988, _headline(lane), color=MUTED, va="top", linespacing=1.35)
        left, right, wide = 0.085, 0.575, 0.39
        for place, eye, label, name in (
            (left, lane.received, "Received current (µA)", "Eye before the equalizer"),
            (right, lane.equalized, "Equalized (outer OMA)", "Eye behind the equalizer"),
        ):
            _draw_eye(figure.add_axes((place, 0.675, wide, 0.215)), eye, label, name, lane)
        _draw_decisions(figure.add_axes((left, 0.46, wide, 0.135)), lane)
        _draw_pulse(figure.add_axes((right, 0.46, wide, 0.135)), lane)
        _draw_taps(figure.add_axes((left, 0.255, wide, 0.13)), lane)
        _draw_waterfall(figure.add_axes((right, 0.255, wide, 0.13)), lane)
        _draw_bathtub(figure.add_axes((left, 0.052, wide, 0.13)), lane)
    return figure


def _headline(lane: DirectPicture) -> str:
    low, high = lane.pre_fec_low_ber, lane.pre_fec_high_ber
    margin = "no light reaches the target" if np.isnan(lane.margin_db) else f"{lane.margin_db:.2f} dB of light to spare"
    return (
        f"Lane {lane.lane}, {lane.direction.replace('_', ' ')}, {lane.wavelength_nm:.2f} nm, "
        f"{lane.symbol_rate_gbd:g} GBd, {lane.dispersion_ps_per_nm:+.1f} ps/nm: {margin}\n"
        f"{lane.bit_errors_count:,} errors in {lane.bits_count:,} bits, BER {low:.1e} to {high:.1e}; "
        f"by the noise of each decision SER {lane.symbol_error_ratio:.1e}"
    )


def _draw_eye(axes: Axes, eye: EyeDensity, label: str, title: str, lane: DirectPicture) -> None:
    """Draw the density of a waveform over two symbols around the first's middle."""
    shown = np.ma.masked_equal(np.log1p(eye.count), 0.0)
    axes.imshow(
        shown,
        origin="lower",
        aspect="auto",
        extent=(eye.first_ui, eye.last_ui, eye.low, eye.high),
        cmap="viridis",
        interpolation="nearest",
    )
    axes.axvline(lane.sampling_offset_ui, color=LOSS, lw=0.9, ls="--")
    axes.axvline(lane.sampling_offset_ui + 1.0, color=LOSS, lw=0.9, ls="--")
    axes.set_xticks((-0.5, 0.0, 0.5, 1.0, 1.5))
    axes.set_xlabel("Time (symbols); dashed: where samples are taken")
    axes.set_ylabel(label)
    axes.set_title(title, loc="left")


def _write_powers(axes: Axes) -> None:
    """Write the powers of ten of a logarithmic axis without mathematics, which the style does not read."""
    axes.yaxis.set_major_formatter(lambda value, _: f"1e{round(np.log10(value))}" if value > 0.0 else "")


def _draw_decisions(axes: Axes, lane: DirectPicture) -> None:
    edges = np.linspace(lane.histogram_low_ratio, lane.histogram_high_ratio, lane.histogram_count.shape[1] + 1)
    for count, color in zip(lane.histogram_count, (COHERENT, DIRECT, COHERENT, DIRECT), strict=True):
        axes.stairs(count, edges, fill=True, color=color, alpha=0.75)
    for number, threshold in enumerate(lane.threshold_ratio):
        axes.axvline(threshold, color=LOSS, lw=0.9, ls="--", label=None if number else "threshold")
    axes.set_yscale("log")
    _write_powers(axes)
    axes.set_ylim(bottom=0.8)
    axes.set_xlabel("Decision (outer OMA)")
    axes.set_ylabel("Symbols")
    axes.set_title("Decisions by sent level", loc="left")
    axes.legend(frameon=False, fontsize=SMALL_SIZE_PT, loc="upper right", bbox_to_anchor=(1.0, 1.22))


def _draw_taps(axes: Axes, lane: DirectPicture) -> None:
    places = np.arange(len(lane.tap_ratio)) - lane.main_index
    axes.axhline(0.0, color=RULE, lw=0.6, zorder=0)
    axes.vlines(places, 0.0, lane.tap_ratio, color=COHERENT, lw=1.4)
    axes.plot(places, lane.tap_ratio, "o", color=COHERENT, ms=3.5, label="feed forward")
    if lane.feedback_ratio != 0.0:
        axes.plot([1], [lane.feedback_ratio], "D", color=DIRECT, ms=4, label="feedback")
        axes.legend(frameon=False, fontsize=SMALL_SIZE_PT)
    axes.set_xticks(places[:: max(1, len(places) // 8)])
    axes.set_xlabel("Tap (symbols behind the main one)")
    axes.set_ylabel("Weight")
    axes.set_title("Equalizer", loc="left")


def _draw_pulse(axes: Axes, lane: DirectPicture) -> None:
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


def _draw_waterfall(axes: Axes, lane: DirectPicture) -> None:
    oma_outer_dbm, ratio = lane.fall_oma_outer_dbm, lane.fall_symbol_error_ratio
    shown = ratio > SER_LEAST
    axes.semilogy(oma_outer_dbm[shown], ratio[shown], color=COHERENT, lw=1.1)
    axes.axhline(lane.target_ser_ratio, color=LOSS, lw=0.9, ls="--")
    axes.text(
        1.0, lane.target_ser_ratio, "target of the mode", color=LOSS, fontsize=SMALL_SIZE_PT, ha="right", va="bottom",
        transform=axes.get_yaxis_transform(),
    )  # fmt: skip
    here = len(ratio) - 1 - int(np.argmin(np.abs(ratio[::-1] - lane.symbol_error_ratio)))
    if ratio[here] > SER_LEAST:
        axes.plot(oma_outer_dbm[here], ratio[here], "o", color=DIRECT, ms=4.5, label="this lane")
        axes.legend(frameon=False, fontsize=SMALL_SIZE_PT, loc="lower left")
    axes.set_ylim(SER_LEAST, 1.0)
    axes.set_yticks([10.0**power for power in range(-15, 1, 3)])
    _write_powers(axes)
    axes.set_xlabel("Outer OMA at the receiver (dBm)")
    axes.set_ylabel("Symbol error ratio")
    axes.set_title("Error ratio over light", loc="left")


def _draw_bathtub(axes: Axes, lane: DirectPicture) -> None:
    shown = lane.bathtub_symbol_error_ratio > SER_LEAST
    axes.semilogy(lane.bathtub_time_ui[shown], lane.bathtub_symbol_error_ratio[shown], color=COHERENT, lw=1.1)
    axes.axhline(lane.target_ser_ratio, color=LOSS, lw=0.9, ls="--")
    axes.set_xlim(-0.5, 0.5)
    axes.set_ylim(SER_LEAST, 1.0)
    axes.set_yticks([10.0**power for power in range(-15, 1, 3)])
    _write_powers(axes)
    axes.set_xlabel("Decision after the sampling time (symbols)")
    axes.set_ylabel("Symbol error ratio")
    axes.set_title("Bathtub", loc="left")

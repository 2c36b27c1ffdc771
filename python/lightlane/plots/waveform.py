"""A simulated lane: spectra, constellations, equalizer taps, carrier phase, levels and OSNR along the path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lightlane.lane.waveform.record import LaneWaveform
from lightlane.plots.style import (
    COHERENT,
    DIRECT,
    INK,
    LOSS,
    MUTED,
    PAPER,
    RULE,
    SMALL_SIZE_PT,
    lightlane_style,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DENSITY_BINS_COUNT = 110
DENSITY_REACH = 1.75
"""Of the picture of a constellation, in root mean square amplitudes."""
SPECTRUM_DEPTH_DB = 45.0


def plot_waveform(lane: LaneWaveform, *, title: str | None = None) -> Figure:
    """Draw what a simulated lane shows.

    Parameters
    ----------
    lane
        Of :func:`lightlane.simulate_lanes`.
    title
        Written above; absent: none.
    """
    with lightlane_style():
        figure = new_figure(7.4)
        if title:
            figure.text(0.008, 0.988, title, weight="bold", size=9.5, va="top")
        figure.text(0.008, 0.96 if title else 0.988, _headline(lane), color=MUTED, va="top", linespacing=1.35)
        _draw_spectra(figure.add_axes((0.075, 0.685, 0.4, 0.19)), lane)
        _draw_path(figure.add_axes((0.575, 0.685, 0.335, 0.19)), lane)
        for side, left in ((0, 0.075), (1, 0.37)):
            _draw_constellation(figure.add_axes((left, 0.365, 0.225, 0.219)), lane, side)
        _draw_taps(figure.add_axes((0.695, 0.365, 0.28, 0.219)), lane)
        _draw_phase(figure.add_axes((0.075, 0.06, 0.9, 0.2)), lane)
    return figure


def _headline(lane: LaneWaveform) -> str:
    counted = lane.counted
    monitors = lane.monitors
    way = lane.direction.replace("_", " ")
    return (
        f"Channel {lane.channel_index}, {way}: SNR {counted.snr_db:.2f} dB, EVM {counted.evm_percent:.1f} %, pre-FEC "
        f"BER {counted.pre_fec_ber:.2e} ({counted.bit_errors_count:,} of {counted.bits_count:,} bits), NGMI "
        f"{counted.ngmi_ratio:.3f}\nReceiver: CD {monitors.cd_ps_per_nm:,.0f} ps/nm, DGD {monitors.dgd_ps:.1f} ps, PDL "
        f"{monitors.pdl_db:.2f} dB, carrier offset {monitors.cfo_mhz:,.0f} MHz"
    )


def _draw_spectra(axes: Axes, lane: LaneWaveform) -> None:
    top = -np.inf
    for spectrum, color, label in (
        (lane.spectrum_sent, COHERENT, "launched"),
        (lane.spectrum_received, DIRECT, "received"),
    ):
        axes.plot(spectrum.offset_ghz, spectrum.density_dbm_per_ghz, color=color, lw=0.9, label=label)
        top = max(top, float(spectrum.density_dbm_per_ghz.max()))
    axes.set_ylim(top - SPECTRUM_DEPTH_DB, top + 4.0)
    axes.set_xlim(lane.spectrum_sent.offset_ghz[0], lane.spectrum_sent.offset_ghz[-1])
    axes.set_xlabel("Offset from carrier (GHz)")
    axes.set_ylabel("Power density (dBm/GHz)")
    axes.set_title("Spectra", loc="left")
    axes.legend(loc="lower center", ncols=2, frameon=False, fontsize=SMALL_SIZE_PT)


def _draw_path(axes: Axes, lane: LaneWaveform) -> None:
    trace = lane.trace
    row = int(np.flatnonzero(trace.channel_indices == lane.channel_index)[0])
    km, level, osnr = [0.0], [float(trace.launch_power_dbm[row])], [np.nan]
    own = (
        -10.0 * np.log10(trace.receivers[row].transmitter_ratio) if trace.receivers[row].transmitter_ratio > 0 else None
    )
    osnr_db = trace.osnr_db(own)[row]
    here = 0.0
    for place, element in enumerate(trace.elements):
        here += element.length_km if element.kind == "fiber" else 0.0
        km.append(here)
        level.append(float(trace.level_dbm[row, place]))
        osnr.append(float(osnr_db[place]))
    axes.plot(km, level, color=COHERENT, lw=1.1, label="level")
    axes.set_xlabel("Distance (km)")
    axes.set_ylabel("Level (dBm)")
    axes.set_title("Along the path", loc="left")
    other = axes.twinx()
    other.plot(km, osnr, color=LOSS, lw=1.1, ls="--", label="OSNR")
    other.set_ylabel("OSNR (dB in 0.1 nm)")
    other.spines["top"].set_visible(False)
    lines = [*axes.get_lines(), *other.get_lines()]
    # Beside the title: a line of many spans leaves no free corner.
    axes.legend(
        lines,
        [str(line.get_label()) for line in lines],
        loc="lower right",
        bbox_to_anchor=(1.0, 0.98),
        borderaxespad=0.0,
        fontsize=SMALL_SIZE_PT,
        ncols=2,
    )


def _draw_constellation(axes: Axes, lane: LaneWaveform, side: int) -> None:
    symbols = lane.symbols[side]
    reach = DENSITY_REACH if lane.form.modulation != "pcs16qam" else 1.25 * DENSITY_REACH
    edges = np.linspace(-reach, reach, DENSITY_BINS_COUNT + 1)
    density, _, _ = np.histogram2d(symbols.imag, symbols.real, bins=(edges, edges))
    shown = np.ma.masked_equal(density, 0.0)
    axes.imshow(shown, origin="lower", extent=(-reach, reach, -reach, reach), cmap="viridis", interpolation="nearest")
    axes.plot(lane.points[side].real, lane.points[side].imag, "+", color=PAPER, ms=3.5, mew=0.7)
    axes.set_xticks((-1, 0, 1))
    axes.set_yticks((-1, 0, 1))
    axes.set_xlabel("In phase (over mean amplitude)")
    if side == 0:
        axes.set_ylabel("Quadrature")
    axes.set_title(f"{'XY'[side]} polarization, {lane.quality[side].snr_db:.2f} dB", loc="left")


def _draw_taps(axes: Axes, lane: LaneWaveform) -> None:
    places = np.arange(lane.taps.shape[-1]) - lane.taps.shape[-1] // 2
    for out in range(2):
        for into in range(2):
            color = COHERENT if out == into else DIRECT
            style = "-" if out == 0 else "--"
            name = f"{'XY'[into]} to {'XY'[out]}"
            axes.plot(places, np.abs(lane.taps[out, into]), style, color=color, lw=1.0, marker=".", ms=3, label=name)
    axes.set_xlabel("Tap (half symbols)")
    axes.set_ylabel("Magnitude")
    axes.set_title("Equalizer", loc="left")
    axes.legend(frameon=False, fontsize=SMALL_SIZE_PT, loc="upper right")


def _draw_phase(axes: Axes, lane: LaneWaveform) -> None:
    time_us = np.arange(lane.phase_rad.shape[-1]) * lane.phase_symbols_count / lane.symbol_rate_gbd * 1e-3
    for side, color in ((0, COHERENT), (1, DIRECT)):
        axes.plot(time_us, lane.phase_rad[side], color=color, lw=0.7, label=f"{'XY'[side]} polarization")
    axes.axhline(0.0, color=RULE, lw=0.6, zorder=0)
    axes.set_xlim(0.0, max(float(time_us[-1]), 1e-9))
    axes.set_xlabel("Time (µs)")
    axes.set_ylabel("Phase (rad)")
    axes.set_title("Carrier phase taken off, frequency offset removed", loc="left", color=INK)
    axes.legend(frameon=False, fontsize=SMALL_SIZE_PT, loc="upper right", ncols=2)

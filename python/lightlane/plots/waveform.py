"""A simulated lane: spectra, constellations, equalizer taps, carrier phase, levels and OSNR along the path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lightlane.lane.waveform.picture import LanePicture, picture_lane
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

SPECTRUM_DEPTH_DB = 45.0


def plot_waveform(lane: LaneWaveform | LanePicture, *, title: str | None = None) -> Figure:
    """Draw what a simulated lane shows.

    Parameters
    ----------
    lane
        Of :func:`lightlane.simulate_link`, or what results have kept of it.
    title
        Written above; absent: none.
    """
    lane = lane if isinstance(lane, LanePicture) else picture_lane(lane)
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


def _headline(lane: LanePicture) -> str:
    way = lane.direction.replace("_", " ")
    return (
        f"Channel {lane.channel_index}, {way}: SNR {lane.snr_db:.2f} dB, EVM {lane.evm_percent:.1f} %, pre-FEC "
        f"BER {lane.pre_fec_ber:.2e} ({lane.bit_errors_count:,} of {lane.bits_count:,} bits), NGMI "
        f"{lane.ngmi_ratio:.3f}\nReceiver: CD {lane.cd_ps_per_nm:,.0f} ps/nm, DGD {lane.dgd_ps:.1f} ps, PDL "
        f"{lane.pdl_db:.2f} dB, carrier offset {lane.cfo_mhz:,.0f} MHz"
    )


def _draw_spectra(axes: Axes, lane: LanePicture) -> None:
    top = -np.inf
    for density, color, label in (
        (lane.sent_dbm_per_ghz, COHERENT, "launched"),
        (lane.received_dbm_per_ghz, DIRECT, "received"),
    ):
        axes.plot(lane.offset_ghz, density, color=color, lw=0.9, label=label)
        top = max(top, float(density.max()))
    axes.set_ylim(top - SPECTRUM_DEPTH_DB, top + 4.0)
    axes.set_xlim(lane.offset_ghz[0], lane.offset_ghz[-1])
    axes.set_xlabel("Offset from carrier (GHz)")
    axes.set_ylabel("Power density (dBm/GHz)")
    axes.set_title("Spectra", loc="left")
    axes.legend(loc="lower center", ncols=2, frameon=False, fontsize=SMALL_SIZE_PT)


def _draw_path(axes: Axes, lane: LanePicture) -> None:
    axes.plot(lane.path_km, lane.level_dbm, color=COHERENT, lw=1.1, label="level")
    axes.set_xlabel("Distance (km)")
    axes.set_ylabel("Level (dBm)")
    axes.set_title("Along the path", loc="left")
    other = axes.twinx()
    other.plot(lane.path_km, lane.osnr_db, color=LOSS, lw=1.1, ls="--", label="OSNR")
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


def _draw_constellation(axes: Axes, lane: LanePicture, side: int) -> None:
    reach, count = lane.reach_ratio, lane.density_count[side]
    shown = np.ma.masked_equal(count, 0)
    axes.imshow(shown, origin="lower", extent=(-reach, reach, -reach, reach), cmap="viridis", interpolation="nearest")
    axes.plot(lane.points[side].real, lane.points[side].imag, "+", color=PAPER, ms=3.5, mew=0.7)
    axes.set_xticks((-1, 0, 1))
    axes.set_yticks((-1, 0, 1))
    axes.set_xlabel("In phase (over mean amplitude)")
    if side == 0:
        axes.set_ylabel("Quadrature")
    axes.set_title(f"{'XY'[side]} polarization, {(lane.snr_x_db, lane.snr_y_db)[side]:.2f} dB", loc="left")


def _draw_taps(axes: Axes, lane: LanePicture) -> None:
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


def _draw_phase(axes: Axes, lane: LanePicture) -> None:
    time_us = np.arange(lane.phase_rad.shape[-1]) * lane.phase_spacing_us
    for side, color in ((0, COHERENT), (1, DIRECT)):
        axes.plot(time_us, lane.phase_rad[side], color=color, lw=0.7, label=f"{'XY'[side]} polarization")
    axes.axhline(0.0, color=RULE, lw=0.6, zorder=0)
    axes.set_xlim(0.0, max(float(time_us[-1]), 1e-9))
    axes.set_xlabel("Time (µs)")
    axes.set_ylabel("Phase (rad)")
    axes.set_title("Carrier phase taken off, frequency offset removed", loc="left", color=INK)
    axes.legend(frameon=False, fontsize=SMALL_SIZE_PT, loc="upper right", ncols=2)

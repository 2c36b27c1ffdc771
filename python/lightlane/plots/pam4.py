"""A measured PAM4 waveform: eyes before and behind the equalizer, histograms, what TDECQ is made of, pulse, taps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lightlane.errors import ParameterError
from lightlane.kernels.metrics import pam4_target_q_ratio
from lightlane.kernels.tdecq import EyeWaveform, TdecqMeasurement
from lightlane.plots.style import COHERENT, DIRECT, INK, LOSS, MUTED, RULE, SMALL_SIZE_PT, lightlane_style, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EYE_ROWS_COUNT = 200
EYE_REACH = 0.75
"""Of the picture of an eye above and below the average, in outer OMA."""
FLOOR_RATIO = 1e-7
HISTOGRAM_BINS_COUNT = 240


def plot_tdecq(found: TdecqMeasurement, *, title: str | None = None, measure: str = "TDECQ") -> Figure:
    """Draw what a measurement of TDECQ saw and how its number comes about.

    Parameters
    ----------
    found
        Measured with ``samples_per_symbol``, so that it holds its waveforms.
    title
        Written above; absent: none.
    measure
        Name of the number.

    Raises
    ------
    ParameterError
        If the measurement holds no waveforms.
    """
    if found.waveform is None:
        raise ParameterError("samples_per_symbol of the measurement is 0; allowed for a picture: 2 to 64")
    with lightlane_style():
        figure = new_figure(7.6)
        if title:
            figure.text(0.008, 0.988, title, weight="bold", size=9.5, va="top")
        figure.text(
            0.008, 0.962 if title else 0.988, _headline(found, measure), color=MUTED, va="top", linespacing=1.35
        )
        left, right = figure.add_axes((0.075, 0.61, 0.4, 0.265)), figure.add_axes((0.565, 0.61, 0.4, 0.265))
        _draw_eye(left, found, found.waveform, found.waveform.received_w, "Behind the receiver's filter")
        _draw_eye(right, found, found.waveform, found.waveform.equalized_w, "Behind the equalizer")
        _draw_windows(right, found)
        _draw_histograms(figure.add_axes((0.075, 0.335, 0.4, 0.185)), found)
        _draw_construction(figure.add_axes((0.565, 0.335, 0.4, 0.185)), found, measure)
        _draw_pulse(figure.add_axes((0.075, 0.06, 0.4, 0.185)), found.waveform)
        _draw_taps(figure.add_axes((0.565, 0.06, 0.4, 0.185)), found)
    return figure


def _headline(found: TdecqMeasurement, measure: str) -> str:
    return (
        f"{measure} {found.tdecq_db:.2f} dB at a symbol error ratio of {found.target_ser_ratio:.1e}, 10 log10 Ceq "
        f"{found.noise_enhancement_db:.2f} dB, R_LM {found.level_mismatch_ratio:.3f}\n{found.judged_symbols_count:,} "
        f"symbols at {found.symbol_rate_gbd:g} GBd; overshoot {found.overshoot_percent:.1f} %, transition "
        f"{found.transition_time_ps:.1f} ps"
    )


def _relative(found: TdecqMeasurement, power_w: NDArray[np.float64]) -> NDArray[np.float64]:
    return (power_w - found.average_power_w) / found.oma_outer_w


def _draw_eye(
    axes: Axes, found: TdecqMeasurement, waveform: EyeWaveform, power_w: NDArray[np.float64], title: str
) -> None:
    """Draw two symbols' width of all traces as a density, the middle of the eye in the middle."""
    per_symbol = waveform.samples_per_symbol_count
    start = round((found.sampling_time_ratio - 1.0) * per_symbol)
    guard = (found.symbols_count - found.judged_symbols_count) // 2 * per_symbol
    values = np.roll(_relative(found, power_w), -start)[guard : power_w.size - guard]
    edges = np.linspace(-EYE_REACH, EYE_REACH, EYE_ROWS_COUNT + 1)
    columns = [
        np.histogram(values[place % per_symbol :: per_symbol], bins=edges)[0] for place in range(2 * per_symbol + 1)
    ]
    density = np.asarray(columns, dtype=float).T
    # Steep edges spread one symbol's traces over many rows: the root keeps them in sight.
    shown = np.ma.masked_equal(np.sqrt(density), 0.0)
    half = 0.5 / per_symbol
    axes.imshow(
        shown,
        origin="lower",
        aspect="auto",
        extent=(-1.0 - half, 1.0 + half, -EYE_REACH, EYE_REACH),
        cmap="viridis",
        interpolation="nearest",
    )
    for threshold_w in found.thresholds_w:
        axes.axhline((threshold_w - found.average_power_w) / found.oma_outer_w, color=LOSS, lw=0.7, ls="--")
    axes.set_xlim(-1.0, 1.0)
    axes.set_xlabel("Time (UI from the middle of the eye)")
    axes.set_ylabel("Power less mean (outer OMA)")
    axes.set_title(title)


def _draw_windows(axes: Axes, found: TdecqMeasurement) -> None:
    for middle in (-0.05, 0.05):
        axes.axvspan(middle - 0.02, middle + 0.02, color=LOSS, alpha=0.25, lw=0)
    limit = (found.high_level_w - found.average_power_w) / found.oma_outer_w
    for level in (limit, limit - 1.0):
        axes.axhline(level, color=MUTED, lw=0.6, ls=":")


def _draw_histograms(axes: Axes, found: TdecqMeasurement) -> None:
    """Draw the equalized levels in both windows on a logarithmic scale, which shows what errs."""
    edges = np.linspace(-EYE_REACH, EYE_REACH, HISTOGRAM_BINS_COUNT + 1)
    middles = 0.5 * (edges[1:] + edges[:-1])
    for values, color, name in (
        (found.early_values_ratio, COHERENT, "early"),
        (found.late_values_ratio, DIRECT, "late"),
    ):
        share = np.histogram(values, bins=edges)[0] / values.size
        axes.plot(middles, np.where(share > 0.0, share, np.nan), color=color, lw=0.9, drawstyle="steps-mid", label=name)
    for threshold_w in found.thresholds_w:
        axes.axvline((threshold_w - found.average_power_w) / found.oma_outer_w, color=LOSS, lw=0.7, ls="--")
    _count_in_powers(axes)
    axes.set_xlim(-EYE_REACH, EYE_REACH)
    axes.set_xlabel("Equalized power less mean (outer OMA)")
    axes.set_ylabel("Share per bin")
    axes.set_title("Levels and thresholds")
    _put_legend(axes, 2)


def _count_in_powers(axes: Axes) -> None:
    """Make the vertical axis logarithmic, with labels that need no mathematical type."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"1e{round(math.log10(value))}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _put_legend(axes: Axes, columns_count: int) -> None:
    """Put the legend beside the title, which no curve crosses."""
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1.0, 0.99),
        borderaxespad=0.0,
        ncols=columns_count,
        fontsize=SMALL_SIZE_PT,
        handlelength=1.2,
        columnspacing=1.0,
    )


def _error_ratio(found: TdecqMeasurement, values: NDArray[np.float64], sigma: float) -> float:
    """Return the error ratio of equalized values in Gaussian noise over the outer OMA."""
    thresholds = (np.asarray(found.thresholds_w) - found.average_power_w) / found.oma_outer_w
    distances = []
    for level in range(4):
        own = values[found.window_levels == level]
        distances += [own - thresholds[level - 1]] if level > 0 else []
        distances += [thresholds[level] - own] if level < 3 else []
    x = np.concatenate(distances) / (sigma * math.sqrt(2.0))
    # Bins of a hundredth of the noise: the error function is taken of each once.
    places, counts = np.unique(np.round(np.clip(x, -8.0, 8.0) * 100.0), return_counts=True)
    tails = np.asarray([0.5 * math.erfc(place / 100.0) for place in places])
    return float(np.sum(tails * counts) / values.size)


def _draw_construction(axes: Axes, found: TdecqMeasurement, measure: str) -> None:
    """Draw the error ratio over the noise: how far the target is from that of ideal levels is the number."""
    ideal = 1.0 / (6.0 * pam4_target_q_ratio(found.target_ser_ratio))
    added = found.bearable_noise_w / found.oma_outer_w
    enhancement = 10.0 ** (found.noise_enhancement_db / 10.0)
    less_db = np.linspace(-1.0, max(6.0, found.tdecq_db + 3.0), 60)
    sigma = ideal * 10.0 ** (-less_db / 10.0)
    for values, color, name in (
        (found.early_values_ratio, COHERENT, "early"),
        (found.late_values_ratio, DIRECT, "late"),
    ):
        curve = [max(_error_ratio(found, values, one * enhancement), FLOOR_RATIO) for one in sigma]
        axes.plot(less_db, curve, color=color, lw=1.0, label=name)
    reference = [1.5 * 0.5 * math.erfc(1.0 / (6.0 * one) / math.sqrt(2.0)) for one in sigma]
    axes.plot(less_db, reference, color=MUTED, lw=0.9, ls=":", label="ideal levels")
    axes.axhline(found.target_ser_ratio, color=RULE, lw=0.8, zorder=0)
    borne_db = -10.0 * math.log10(added / ideal)
    axes.annotate(
        "",
        xy=(borne_db, found.target_ser_ratio),
        xytext=(0.0, found.target_ser_ratio),
        arrowprops={"arrowstyle": "<->", "color": INK, "lw": 0.9, "shrinkA": 0.0, "shrinkB": 0.0},
    )
    axes.text(
        0.97,
        0.86,
        f"{measure} {borne_db:.2f} dB at the target",
        ha="right",
        transform=axes.transAxes,
        size=SMALL_SIZE_PT,
        color=INK,
    )
    _count_in_powers(axes)
    axes.set_ylim(FLOOR_RATIO, 0.3)
    axes.set_xlim(less_db[0], less_db[-1])
    axes.set_xlabel("Noise below that of ideal levels (dB)")
    axes.set_ylabel("Symbol error ratio")
    axes.set_title("Construction")
    _put_legend(axes, 3)


def _draw_pulse(axes: Axes, waveform: EyeWaveform) -> None:
    time = np.arange(waveform.pulse_ratio.size) / waveform.samples_per_symbol_count - waveform.pulse_before_count
    axes.axhline(0.0, color=RULE, lw=0.6, zorder=0)
    axes.plot(time, waveform.pulse_ratio, color=COHERENT, lw=1.1)
    axes.set_xlim(time[0], time[-1])
    axes.set_xlabel("Time (UI from the start of the symbol)")
    axes.set_ylabel("Response (to one level)")
    axes.set_title("Pulse behind the receiver's filter")


def _draw_taps(axes: Axes, found: TdecqMeasurement) -> None:
    places = np.arange(found.taps.size) - found.main_index
    axes.axhline(0.0, color=RULE, lw=0.6, zorder=0)
    axes.vlines(places, 0.0, found.taps, color=COHERENT, lw=1.6)
    axes.plot(places, found.taps, "o", color=COHERENT, ms=3.5)
    if found.feedback_ratio:
        axes.vlines([1.15], 0.0, [found.feedback_ratio], color=DIRECT, lw=1.6)
        axes.plot([1.15], [found.feedback_ratio], "s", color=DIRECT, ms=3.5, label="feedback, subtracted")
        axes.legend(loc="upper right", fontsize=SMALL_SIZE_PT)
    if found.taps.size <= 7:
        for place, tap in zip(places, found.taps, strict=True):
            axes.annotate(
                f"{tap:.3f}", (place, tap), xytext=(0, 4 if tap >= 0 else -10), textcoords="offset points", ha="center",
                size=SMALL_SIZE_PT, color=INK,
            )  # fmt: skip
    low, high = float(found.taps.min()), float(found.taps.max())
    axes.set_ylim(min(low, 0.0) - 0.15 * (high - low), high + 0.18 * (high - low))
    axes.set_xlim(places[0] - 0.6, places[-1] + 0.6)
    axes.set_xlabel("Tap (symbols after the main one)")
    axes.set_ylabel("Weight")
    axes.set_title("Equalizer")

"""The waterfall of a code: what it leaves over the pre-FEC BER."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightlane.plots.style import GAIN, LOSS, MUTED, RULE, lightlane_style, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lightlane.fec_waterfall import Waterfall

LABELS = {"post_fec_ber": "post-FEC BER", "kp4_symbol_error_ratio": "symbol error ratio handed to KP4"}


def plot_fec_waterfall(waterfall: Waterfall, *, threshold_pre_fec_ber: float, width_in: float = 5.0) -> Figure:
    """Draw counted points with their intervals, others hollow, and the threshold.

    Parameters
    ----------
    threshold_pre_fec_ber
        Where a line stands.
    """
    with lightlane_style():
        figure = new_figure(0.75 * width_in, width_in=width_in)
        axes = figure.add_subplot()
        points = [point for point in waterfall.points if point.ratio]
        axes.plot([p.pre_fec_ber for p in points], [p.ratio or 0.0 for p in points], color=RULE, lw=1.0, zorder=1)
        for point in points:
            if point.low_ratio is not None and point.high_ratio is not None:
                axes.plot([point.pre_fec_ber] * 2, [point.low_ratio, point.high_ratio], color=GAIN, lw=1.0)
        for counted, label in ((True, "counted, 95 %"), (False, "not counted")):
            chosen = [p for p in points if (p.basis == "counted") == counted]
            if chosen:
                axes.plot(
                    [p.pre_fec_ber for p in chosen],
                    [p.ratio or 0.0 for p in chosen],
                    "o",
                    ms=4,
                    color=GAIN,
                    mfc=GAIN if counted else "none",
                    label=label,
                )
        axes.axvline(threshold_pre_fec_ber, color=LOSS, lw=1.0, ls="--", label="threshold")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.grid(visible=True, which="major", color=RULE, lw=0.5)
        axes.set_xlabel("pre-FEC BER", color=MUTED)
        axes.set_ylabel(LABELS[waterfall.quantity], color=MUTED)
        axes.set_title(waterfall.code, loc="left")
        axes.legend(frameon=False)
    return figure

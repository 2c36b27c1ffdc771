"""Two results beside each other: the margins of the links before and after."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lightlane.plots.classes import MARGIN_CLASSES
from lightlane.plots.style import (
    GAIN,
    INK,
    MUTED,
    RULE,
    SMALL_SIZE_PT,
    add_axes_in,
    display_name,
    lightlane_style,
    new_figure,
    note,
)
from lightlane.results.difference import ResultsDifference

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WORSE = MARGIN_CLASSES[1].color
_DOWN = MARGIN_CLASSES[0].color


def plot_difference(
    difference: ResultsDifference, *, names: tuple[str, str], title: str | None = None, most: int = 16
) -> Figure:
    """Draw the links whose margin changed, the greatest loss first, from the first result to the second.

    Parameters
    ----------
    names
        What the two results are called.
    most
        So many links; how many more there are is said below.
    """
    shown = difference.links[:most]
    with lightlane_style():
        title_in = 0.3 if title else 0.08
        figure = new_figure(0.2 * max(len(shown), 3) + title_in + 0.75)
        if title:
            figure.text(0.008, 1 - 0.08 / figure.get_figheight(), title, weight="bold", size=9.5, va="top")
        if not shown:
            axes = add_axes_in(figure, 0.1, 0.3, 6.8, 0.6)
            note(axes, f"All {difference.same_links_count} links are the same in {names[0]} and {names[1]}.")
            return figure
        height_in = 0.2 * max(len(shown), 3)
        axes = add_axes_in(figure, 1.9, 0.62, 4.1, height_in)
        for row, item in enumerate(shown):
            ends = (item.first_margin_db, item.second_margin_db)
            known = [value for value in ends if math.isfinite(value)]
            color = GAIN if item.margin_change_db > 0 else _DOWN if item.second_status == "down" else _WORSE
            if len(known) == 2:
                axes.plot(ends, [row, row], color=color, lw=2.2, solid_capstyle="butt", zorder=2)
            axes.plot(ends[0], row, marker="o", ms=4.5, mfc="white", mec=INK, mew=0.9, ls="", zorder=3)
            axes.plot(ends[1], row, marker="o", ms=4.5, color=color, ls="", zorder=4)
            words = f"{item.margin_change_db:+.2f} dB" if math.isfinite(item.margin_change_db) else item.second_status
            axes.annotate(
                words.replace("-", "\N{MINUS SIGN}"), (1.0, row), xycoords=("axes fraction", "data"), xytext=(5, 0),
                textcoords="offset points", va="center", size=SMALL_SIZE_PT, color=INK, annotation_clip=False,
            )  # fmt: skip
        axes.set_yticks(range(len(shown)), [display_name(item.link, 26) for item in shown])
        axes.set_ylim(max(len(shown), 3) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.axvline(0, color=INK, lw=0.9)
        axes.grid(axis="x", color=RULE)
        axes.set_xlabel(f"Margin (dB): ring {names[0]}, dot {names[1]}")
        more = len(difference.links) - len(shown)
        words = f"{difference.same_links_count} links are the same" + (f", {more} more differ" if more else "")
        figure.text(0.008, 0.06 / figure.get_figheight(), words, size=SMALL_SIZE_PT, color=MUTED, va="bottom")
    return figure

"""A run over time: margins, events, and what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lightlane.plots.classes import MARGIN_CLASSES
from lightlane.plots.style import (
    COHERENT,
    GAIN,
    INK,
    LOSS,
    MUTED,
    RULE,
    SMALL_SIZE_PT,
    add_axes_in,
    display_name,
    lightlane_style,
    new_figure,
    note,
)
from lightlane.results.history import FAN_PROBABILITIES, DrawnHistory, History
from lightlane.units import DAYS_PER_YEAR

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_YEARS_FROM_DAYS = 3 * DAYS_PER_YEAR
"""Longer timelines are drawn in years."""
_GROWING = ("growth", "ageing", "drift", "ramp")
"""How the words for events end that go on until something ends them."""
_MOST_KINDS = 12
"""Rows of events."""
_LOST = MARGIN_CLASSES[0].color


def plot_timeline(history: History, *, title: str | None = None, most: int = 4) -> Figure:
    """Draw the margins of the links that fall lowest, the events, and the traffic that is not carried.

    Parameters
    ----------
    history
        One variant at one point.
    title
        Written above; absent: none.
    most
        So many links have a line of their own; the range of the others is shaded.
    """
    with lightlane_style():
        rows = _event_rows(history)
        events_in = 0.22 * max(1, len(rows)) + 0.1
        heights = (1.75, events_in, 0.85)
        title_in = 0.3 if title else 0.1
        figure = new_figure(sum(heights) + title_in + 0.95)
        if title:
            figure.text(0.008, 1 - 0.08 / figure.get_figheight(), title, weight="bold", size=9.5, va="top")
        if len(history.time_days) < 2:
            note(add_axes_in(figure, 0.1, 0.1, 6.8, 0.8), "The run has one instant: there is no time to draw.")
            return figure
        bottom = figure.get_figheight() - title_in - heights[0] - 0.12
        margins = add_axes_in(figure, 0.6, bottom, 4.9, heights[0])
        bottom -= events_in + 0.12
        events = add_axes_in(figure, 0.6, bottom, 4.9, events_in)
        bottom -= heights[2] + 0.12
        lost = add_axes_in(figure, 0.6, bottom, 4.9, heights[2])
        _draw_margins(margins, history, most)
        _draw_events(events, history, rows)
        _draw_lost(lost, history)
        for axes in (margins, events, lost):
            axes.set_xlim(*scale_days(history.time_days[[0, -1]]))
        for axes in (margins, events):
            axes.tick_params(labelbottom=False, bottom=False)
        lost.set_xlabel(time_label(history.time_days))
    return figure


def scale_days(days: np.ndarray) -> np.ndarray:
    """Return days, or years where they are many; the same for all instants of a timeline that ends with them."""
    return days / DAYS_PER_YEAR if days[-1] > _YEARS_FROM_DAYS else days


def time_label(days: np.ndarray) -> str:
    """Return the label of a time axis that :func:`scale_days` fills."""
    return "Time (years)" if days[-1] > _YEARS_FROM_DAYS else "Time (days)"


def _draw_margins(axes: Axes, history: History, most: int) -> None:
    time = scale_days(history.time_days)
    named = history.least_lasting(most)
    others = [place for place, link in enumerate(history.links) if link not in named]
    if others:
        rows = history.margin_db[others]
        seen = np.isfinite(rows).any(axis=0)
        low = np.where(seen, np.min(np.where(np.isfinite(rows), rows, np.inf), axis=0), np.nan)
        high = np.where(seen, np.max(np.where(np.isfinite(rows), rows, -np.inf), axis=0), np.nan)
        axes.fill_between(time, low, high, step="post", color=RULE, alpha=0.7, lw=0, label=f"{len(others)} other links")
    styles = ("-", (0, (4, 1.5)), (0, (1.5, 1.2)), (0, (5, 1.2, 1.2, 1.2)))
    colors = (COHERENT, LOSS, GAIN, INK)
    for number, link in enumerate(named):
        margin_db = history.margin_db[history.links.index(link)]
        axes.step(
            time, margin_db, where="post", color=colors[number % 4], ls=styles[number % 4], lw=1.4,
            label=display_name(link, 24),
        )  # fmt: skip
    axes.axhline(0, color=INK, lw=0.9)
    axes.set_ylabel("Margin (dB)")
    axes.grid(axis="y")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.02), handlelength=1.8, borderaxespad=0)


def _event_rows(history: History) -> list[tuple[str, list[int]]]:
    """Return the kinds of events with their places in the table, in the order in which they first happen."""
    last = history.time_days[-1] if len(history.time_days) else 0.0
    rows: dict[str, list[int]] = {}
    for place in np.argsort(history.events["time_days"], kind="stable").tolist() if len(history.events) else ():
        if history.events["time_days"][place] <= last:
            rows.setdefault(str(history.events["kind"][place]).replace("_", " "), []).append(place)
    return list(rows.items())[:_MOST_KINDS]


def _draw_events(axes: Axes, history: History, rows: list[tuple[str, list[int]]]) -> None:
    axes.spines["bottom"].set_visible(False)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    if not rows:
        axes.text(0.0, 0.5, "no events", transform=axes.transAxes, color=MUTED, size=SMALL_SIZE_PT, va="center")
        return
    axes.set_ylim(len(rows) - 0.5, -0.5)
    end = history.time_days[-1]
    for row, (kind, places) in enumerate(rows):
        axes.annotate(
            kind, (1.0, row), xycoords=("axes fraction", "data"), xytext=(5, 0), textcoords="offset points",
            va="center", size=SMALL_SIZE_PT, color=INK, annotation_clip=False,
        )  # fmt: skip
        days = history.events["time_days"][places]
        # What grows goes on; anything else without an end has happened and is over.
        stays = end if kind.endswith(_GROWING) else days
        ends = history.events["end_days"][places]
        ends = np.minimum(np.where(np.isnan(ends), stays, ends), end)
        starts, stops = (scale_days(np.array([*values, end]))[:-1] for values in (days, ends))
        for start, stop in zip(starts, stops, strict=True):
            axes.plot([start, stop], [row, row], color=MUTED, lw=2.2, solid_capstyle="butt", alpha=0.55)
        axes.plot(starts, [row] * len(starts), ls="", marker="|", ms=7, mew=1.4, color=INK)
    axes.grid(axis="x", color=RULE)


def _draw_lost(axes: Axes, history: History) -> None:
    time = scale_days(history.time_days)
    steps = history.steps
    not_carried = np.maximum(0.0, steps["demand_gbps"] - steps["carried_gbps"]) * 1e-3
    lost = steps["capacity_lost_gbps"] * 1e-3
    axes.fill_between(time, lost, step="post", color=RULE, lw=0, label="capacity of links down")
    axes.fill_between(time, not_carried, step="post", color=_LOST, lw=0, label="demand not carried")
    axes.set_ylabel("Lost (Tb/s)")
    axes.set_ylim(0, max(0.1, 1.1 * float(max(lost.max(), not_carried.max()))))
    axes.grid(axis="y")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.02), handlelength=1.2, borderaxespad=0)


def plot_margin_fan(drawn: DrawnHistory, *, links: tuple[str, ...], title: str | None = None) -> Figure:
    """Draw the quantiles of the margins of some links over time, from all draws.

    Parameters
    ----------
    links
        One panel each, at most six.
    """
    links = links[:6]
    with lightlane_style():
        columns = min(3, max(1, len(links)))
        rows = -(-len(links) // columns)
        title_in = 0.36 if title else 0.24
        figure = new_figure(1.65 * max(rows, 1) + title_in + 0.25)
        if title:
            figure.text(0.008, 1 - 0.08 / figure.get_figheight(), title, weight="bold", size=9.5, va="top")
        if not links or len(drawn.time_days) < 2:
            note(add_axes_in(figure, 0.1, 0.1, 6.8, 0.8), "There is no link with draws over time.")
            return figure
        width_in = (7.1 - 0.45 * columns) / columns
        low, high = _fan_range(drawn, links)
        for number, link in enumerate(links):
            left = 0.45 + (number % columns) * (width_in + 0.4)
            bottom = figure.get_figheight() - title_in - 1.65 * (number // columns + 1) + 0.3
            axes = add_axes_in(figure, left, bottom, width_in, 1.13)
            _draw_fan(axes, drawn, link)
            axes.set_ylim(low, high)
            if number % columns == 0:
                axes.set_ylabel("Margin (dB)")
            if number // columns == rows - 1:
                axes.set_xlabel(time_label(drawn.time_days), labelpad=1)
        words = ", ".join(
            f"{FAN_PROBABILITIES[number]:.0%} to {FAN_PROBABILITIES[-1 - number]:.0%}"
            for number in range(len(FAN_PROBABILITIES) // 2)
        )
        text = f"line: median of {drawn.draws_count} draws; shades: {words}"
        figure.text(0.99, 1 - 0.1 / figure.get_figheight(), text, size=SMALL_SIZE_PT, color=MUTED, ha="right", va="top")
    return figure


def _fan_range(drawn: DrawnHistory, links: tuple[str, ...]) -> tuple[float, float]:
    values = drawn.fan_db[[drawn.links.index(link) for link in links]]
    known = values[np.isfinite(values)]
    if not known.size:
        return -1.0, 1.0
    low, high = min(0.0, float(known.min())), max(0.0, float(known.max()))
    return low - 0.06 * (high - low) - 0.05, high + 0.06 * (high - low) + 0.05


def _draw_fan(axes: Axes, drawn: DrawnHistory, link: str) -> None:
    time = scale_days(drawn.time_days)
    fan = drawn.fan_db[drawn.links.index(link)]
    half = len(FAN_PROBABILITIES) // 2
    for number in range(half):
        shade = 0.22 + 0.2 * number
        axes.fill_between(time, fan[:, number], fan[:, -1 - number], step="post", color=COHERENT, alpha=shade, lw=0)
    axes.step(time, fan[:, half], where="post", color=COHERENT, lw=1.4)
    axes.axhline(0, color=INK, lw=0.9)
    axes.set_xlim(time[0], time[-1])
    axes.set_title(display_name(link, 28), size=SMALL_SIZE_PT + 0.5, pad=3)
    axes.grid(axis="y")


def plot_survival(drawn: DrawnHistory, *, title: str | None = None, most: int = 4) -> Figure:
    """Draw in which share of the draws all links, and those that fail first, have carried traffic so far.

    Parameters
    ----------
    most
        So many links have a curve of their own.
    """
    with lightlane_style():
        title_in = 0.3 if title else 0.1
        figure = new_figure(2.2 + title_in)
        if title:
            figure.text(0.008, 1 - 0.08 / figure.get_figheight(), title, weight="bold", size=9.5, va="top")
        if len(drawn.time_days) < 2:
            note(add_axes_in(figure, 0.1, 0.1, 6.8, 0.8), "The run has one instant: there is no time to draw.")
            return figure
        axes = add_axes_in(figure, 0.6, 0.45, 3.9, 1.65)
        time = scale_days(drawn.time_days)
        axes.step(time, 100 * drawn.all_lasting_ratio, where="post", color=INK, lw=1.8, label="all links")
        styles = ((COHERENT, "-"), (LOSS, (0, (4, 1.5))), (GAIN, (0, (1.5, 1.2))), (MUTED, (0, (5, 1.2, 1.2, 1.2))))
        for (link, share), (color, style) in zip(drawn.first_failures[:most], styles, strict=False):
            row = drawn.lasting_ratio[drawn.links.index(link)]
            words = f"{display_name(link, 22)}: first in {share:.0%}"
            axes.step(time, 100 * row, where="post", color=color, ls=style, lw=1.3, label=words)
        axes.set_xlim(time[0], time[-1])
        least = 100 * float(drawn.all_lasting_ratio.min())
        # Where hardly any fails, what does must be seen.
        low = 0.0 if least < 60 else 10 * np.floor(least / 10) - 10
        axes.set_ylim(low, 100 + 0.03 * (100 - low))
        axes.set_ylabel("Draws without a failure (%)")
        axes.set_xlabel(time_label(drawn.time_days))
        axes.grid(axis="y")
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.02), handlelength=1.8, borderaxespad=0)
    return figure

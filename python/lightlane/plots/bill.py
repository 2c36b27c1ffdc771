"""What is built: how many modules and amplifiers, and what they draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lightlane.plots.style import (
    AMPLIFIER,
    COHERENT,
    INK,
    MUTED,
    SMALL_SIZE_PT,
    display_name,
    lightlane_style,
    new_figure,
    note,
    text_width_pt,
)
from lightlane.results.records import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_ROWS = 20


def plot_bill(results: Results, *, title: str | None = None) -> Figure:
    """Draw count and power of each module and amplifier type; a power that nobody knows is said, not drawn as zero.

    Parameters
    ----------
    results
        The run; its manifest's ``module_bill`` and ``amplifier_bill`` are drawn.
    title
        Written above; absent: none.
    """
    rows: list[tuple[str, int, float | None, str]] = []
    for key, color in (("module_bill", COHERENT), ("amplifier_bill", AMPLIFIER)):
        items: list[dict[str, Any]] = sorted(results.manifest.get(key) or [], key=lambda item: -item["count"])
        for item in items:
            power_w = None if item["power_w"] is None else item["power_w"] * item["count"]
            rows.append((display_name(item["name"], 60), int(item["count"]), power_w, color))
    hidden, rows = max(0, len(rows) - _MOST_ROWS), rows[:_MOST_ROWS]
    with lightlane_style():
        if not rows:
            figure = new_figure(0.6)
            note(figure.add_axes((0.02, 0.1, 0.9, 0.8)), "Nothing is built: the fabric has no links.")
            return figure
        above_in, below_in = (0.36 if title else 0.1), 0.34
        height_in = above_in + below_in + 0.22 * len(rows)
        figure = new_figure(height_in)
        if title:
            figure.text(0.008, 1 - 0.06 / height_in, title, weight="bold", size=9.5, va="top")
        left = (max(text_width_pt(figure, row[0], SMALL_SIZE_PT) for row in rows) + 16) / 518.4
        share = (1 - left) / 2
        box = (below_in / height_in, 0.22 * len(rows) / height_in)
        counts = figure.add_axes((left, box[0], share - 0.09, box[1]))
        powers = figure.add_axes((left + share, box[0], share - 0.09, box[1]))
        _draw_bars(counts, [(row[1], f"{row[1]:,}".replace(",", " "), row[3]) for row in rows])
        _draw_bars(powers, [(row[2] or 0.0, _power_text(row[2]), row[3]) for row in rows])
        counts.set_yticks(range(len(rows)), [row[0] for row in rows], size=SMALL_SIZE_PT)
        powers.set_yticks([])
        counts.set_xlabel("Count" + (f"; {hidden} more types are in the table only" if hidden else ""))
        powers.set_xlabel("Power of all, typical (W)")
    return figure


def _power_text(power_w: float | None) -> str:
    return "not known" if power_w is None else f"{power_w:,.0f}".replace(",", " ")


def _draw_bars(axes: Axes, bars: list[tuple[float, str, str]]) -> None:
    for row, (value, text, color) in enumerate(bars):
        axes.barh(row, value, 0.66, color=color)
        known = text != "not known"
        axes.annotate(
            text, (value, row), xytext=(3, 0), textcoords="offset points", va="center_baseline", size=SMALL_SIZE_PT,
            color=INK if known else MUTED, style="normal" if known else "italic",
        )  # fmt: skip
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_xlim(0, max(1.0, *(value for value, _, _ in bars)) * 1.05)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    axes.spines["bottom"].set_visible(False)
    axes.xaxis.label.set_color(MUTED)

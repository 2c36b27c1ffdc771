"""How long demands and links are down in a year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lightlane.plots.style import (
    COHERENT,
    INK,
    LOSS,
    MUTED,
    SMALL_SIZE_PT,
    display_name,
    lightlane_style,
    new_figure,
    note,
    text_width_pt,
)
from lightlane.results.studies import Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_ROWS = 20
_ROW_IN = 0.19
_LEAST_DECADES = 3.0


def plot_availability(study: Study, *, title: str | None = None) -> Figure:
    """Draw the minutes a year of the worst demands and links, and the target; Monte Carlo with its 95 % interval.

    Parameters
    ----------
    study
        A study of availability; of each kind the 20 worst are drawn.
    title
        Written above; absent: none.
    """
    rows = study.table.rows()
    panels = [(kind, [row for row in rows if row["kind"] == kind]) for kind in ("demand", "link")]
    panels = [(kind, found) for kind, found in panels if found]
    with lightlane_style():
        if not panels:
            figure = new_figure(0.6)
            note(figure.add_axes((0.02, 0.1, 0.9, 0.8)), "The fabric has neither demands nor links.")
            return figure
        above_in, below_in, gap_in = (0.46 if title else 0.2), 0.42, 0.62
        heights_in = [_ROW_IN * min(len(found), _MOST_ROWS) for _, found in panels]
        height_in = above_in + below_in + sum(heights_in) + gap_in * (len(panels) - 1) + 0.1
        figure = new_figure(height_in)
        if title:
            figure.text(0.008, 1 - 0.06 / height_in, title, weight="bold", size=9.5, va="top")
        labels = [_label(row) for _, found in panels for row in found[:_MOST_ROWS]]
        left = (max(text_width_pt(figure, label, SMALL_SIZE_PT) for label in labels) + 14) / 518.4
        target = float(study.summary["target_min_per_year"])
        bounds = _find_bounds([row for _, found in panels for row in found[:_MOST_ROWS]], target)
        top_in = height_in - above_in
        for (kind, found), panel_in in zip(panels, heights_in, strict=True):
            box = (left, (top_in - panel_in) / height_in, 0.9 - left, panel_in / height_in)
            axes = figure.add_axes(box)
            _draw_bars(axes, found[:_MOST_ROWS], target, bounds)
            hidden = len(found) - _MOST_ROWS
            more = f"; {hidden:,} better ones are in the table only" if hidden > 0 else ""
            axes.set_xlabel(f"{kind.capitalize()}s: down (min/year){more}", color=MUTED)
            top_in -= panel_in + gap_in
    return figure


def _find_bounds(rows: Sequence[dict[str, Any]], target_min_per_year: float) -> tuple[float, float]:
    values = [row["down_min_per_year"] for row in rows if row["down_min_per_year"] > 0]
    high = 2.5 * max([*values, target_min_per_year])
    return min([*values, target_min_per_year, high / 10**_LEAST_DECADES]) / 2.0, high


def _label(row: dict[str, Any]) -> str:
    service = f" ({row['service']})" if row["service"] else ""
    return display_name(f"{row['name']}{service}", 44)


def _draw_bars(
    axes: Axes, rows: Sequence[dict[str, Any]], target_min_per_year: float, bounds_min_per_year: tuple[float, float]
) -> None:
    from matplotlib.ticker import FuncFormatter

    low, high = bounds_min_per_year
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.set_xlim(low, high)
    for number, row in enumerate(rows):
        minutes = row["down_min_per_year"]
        axes.barh(number, max(minutes, low) - low, 0.62, left=low, color=COHERENT if row["target_met"] else LOSS)
        mean, lowest, highest = (row[f"simulated_{name}min_per_year"] for name in ("", "low_", "high_"))
        end = minutes
        if mean is not None and highest is not None and mean > 0:
            axes.plot([max(lowest, low), highest], [number, number], color=INK, lw=0.9)
            axes.plot([mean], [number], marker="|", color=INK, ms=6)
            end = max(end, highest)
        axes.annotate(
            f"{minutes:,.0f}" if minutes >= 100 else f"{minutes:.3g}", (max(end, low), number), xytext=(3, 0),
            textcoords="offset points", va="center_baseline", size=SMALL_SIZE_PT, annotation_clip=False,
        )  # fmt: skip
    axes.axvline(target_min_per_year, color=INK, lw=0.9, ls=(0, (3, 2)))
    axes.annotate(
        f"target: {target_min_per_year:.3g}", (target_min_per_year, 1.0), xycoords=("data", "axes fraction"),
        xytext=(3, 1), textcoords="offset points", size=SMALL_SIZE_PT, va="bottom", annotation_clip=False,
    )  # fmt: skip
    axes.set_yticks(range(len(rows)), [_label(row) for row in rows], size=SMALL_SIZE_PT)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.minorticks_off()
    axes.grid(axis="x")

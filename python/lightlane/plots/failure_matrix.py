"""What two cuts at once take: ducts by ducts, colored by the rate that is not carried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lightlane.plots.style import (
    LOSS,
    MUTED,
    PAPER,
    RULE,
    SMALL_SIZE_PT,
    display_name,
    lightlane_style,
    new_figure,
    note,
    text_width_pt,
)
from lightlane.results.records import Table
from lightlane.results.studies import Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_CUTS = 40
_LABEL_CHARACTERS = 28
_PT_PER_IN = 72.0


def plot_failure_matrix(study: Study, *, title: str | None = None) -> Figure:
    """Draw for every pair of cuts the rate that is not carried, single cuts on the diagonal, the worst cuts first.

    Cuts that take the same links, such as those of the pieces of one duct between huts, have one row.

    Parameters
    ----------
    study
        A study of failures; of more than 40 cuts those that lose most are drawn.
    title
        Written above; absent: none.
    """
    names, lost_gbps, hidden = _arrange(study.table)
    with lightlane_style():
        if len(names) < 2:
            figure = new_figure(0.6)
            note(figure.add_axes((0.02, 0.1, 0.9, 0.8)), "No two cuts were looked at.")
            return figure
        labels = [display_name(name, _LABEL_CHARACTERS) for name in names]
        probe = new_figure(1.0)
        label_in = max(text_width_pt(probe, label, SMALL_SIZE_PT) for label in labels) / _PT_PER_IN + 0.2
        above_in = 0.38 if title else 0.14
        side_in = min(7.2 - label_in - 0.85, 0.3 * len(names))
        height_in = above_in + side_in + label_in + (0.22 if hidden else 0.08)
        figure = new_figure(height_in)
        width_in = 7.2
        if title:
            figure.text(0.008, 1 - 0.06 / height_in, title, weight="bold", size=9.5, va="top")
        bottom = (label_in + (0.22 if hidden else 0.08)) / height_in
        axes = figure.add_axes((label_in / width_in, bottom, side_in / width_in, side_in / height_in))
        bar = figure.add_axes(((label_in + side_in + 0.15) / width_in, bottom, 0.1 / width_in, side_in / height_in))
        _draw(axes, bar, labels, lost_gbps)
        if hidden:
            text = f"{hidden} more cuts that lose less are in the table only."
            figure.text(0.008, 0.05 / height_in, text, size=SMALL_SIZE_PT, color=MUTED)
    return figure


def _arrange(table: Table) -> tuple[list[str], NDArray[np.float64], int]:
    """Return the cuts, the worst first, what each pair (and each alone) loses, and how many are left out."""
    rows = [row for row in table.rows() if row["kind"] in ("duct", "risk_group", "pair")]
    # Cuts that take the same links are one: their first name stands for all.
    stands_for: dict[str, str] = {}
    by_links: dict[str, list[str]] = {}
    for row in rows:
        if row["kind"] != "pair":
            by_links.setdefault(row["links_down"], []).append(row["elements"])
    for links, same in by_links.items():
        if links:
            same.sort()
            stands_for.update(dict.fromkeys(same, _name_all(same)))
    for row in rows:
        if row["kind"] == "pair" and not by_links:
            stands_for.update({name: name for name in row["elements"].split(";")})
    names = sorted(set(stands_for.values()))
    index = {name: number for number, name in enumerate(names)}
    lost_gbps = np.full((len(names), len(names)), np.nan)
    for row in rows:
        parts = [stands_for.get(name) for name in row["elements"].split(";")]
        if None in parts:
            continue
        one, two = index[str(parts[0])], index[str(parts[-1])]
        if row["kind"] != "pair" or one != two:
            lost_gbps[one, two] = lost_gbps[two, one] = row["not_carried_gbps"]
    total = np.nansum(lost_gbps, axis=1)
    order = np.argsort(-total, kind="stable")[:_MOST_CUTS]
    return [names[number] for number in order], lost_gbps[np.ix_(order, order)], len(names) - len(order)


def _name_all(same: list[str]) -> str:
    """Name cuts that are one: the pieces of a duct by what their names begin with."""
    stems = {name.rpartition(".")[0] for name in same}
    if len(same) > 1 and len(stems) == 1 and "" not in stems:
        return stems.pop()
    return same[0] if len(same) == 1 else f"{same[0]} and {len(same) - 1} more"


def _draw(axes: Axes, bar: Axes, labels: list[str], lost_gbps: NDArray[np.float64]) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    count = len(labels)
    colors = LinearSegmentedColormap.from_list("lost", [PAPER, "#f6d3a8", LOSS, "#7a2c06"])
    lower = np.where(np.tri(count, dtype=bool), lost_gbps, np.nan)
    top = float(np.nanmax(lower)) if np.isfinite(lower).any() else 0.0
    mesh = axes.pcolormesh(lower, cmap=colors, vmin=0.0, vmax=top or 1.0, edgecolors=RULE, linewidth=0.2)
    axes.set_ylim(count, 0)
    axes.set_xticks(np.arange(count) + 0.5, labels, rotation=90, size=SMALL_SIZE_PT)
    axes.set_yticks(np.arange(count) + 0.5, labels, size=SMALL_SIZE_PT)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    scale = axes.figure.colorbar(mesh, cax=bar)
    scale.outline.set_visible(False)
    scale.ax.tick_params(length=2, labelsize=SMALL_SIZE_PT)
    scale.set_label("Not carried (Gb/s)", color=MUTED)
    if top == 0.0:
        axes.text(
            0.98, 0.98, "No pair of cuts loses anything.", transform=axes.transAxes, ha="right", va="top", color=MUTED
        )

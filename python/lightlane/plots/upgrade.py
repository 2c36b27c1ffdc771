"""Margins before and after an upgrade, link by link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lightlane.plots.style import (
    COHERENT,
    INK,
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
from lightlane.results.studies import Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_ROWS = 40
_ROW_IN = 0.19


def plot_upgrade(study: Study, *, title: str | None = None) -> Figure:
    """Draw the margin of every link that gets new modules, before and after; broken links first.

    Parameters
    ----------
    study
        A study of an upgrade; 40 links at most are drawn, those with the least margin after it.
    title
        Written above; absent: none.
    """
    rows = [row for row in study.table.rows() if row["outcome"] != "kept"]
    rows.sort(key=lambda row: -1e9 if row["margin_after_db"] is None else row["margin_after_db"])
    hidden, rows = max(0, len(rows) - _MOST_ROWS), rows[:_MOST_ROWS]
    with lightlane_style():
        if not rows:
            figure = new_figure(0.6)
            note(figure.add_axes((0.02, 0.1, 0.9, 0.8)), "No link gets new modules.")
            return figure
        above_in, below_in = (0.62 if title else 0.36), 0.42
        height_in = above_in + below_in + _ROW_IN * len(rows)
        figure = new_figure(height_in)
        if title:
            figure.text(0.008, 1 - 0.06 / height_in, title, weight="bold", size=9.5, va="top")
        labels = [display_name(row["link"], 40) for row in rows]
        left = (max(text_width_pt(figure, label, SMALL_SIZE_PT) for label in labels) + 14) / 518.4
        right = (max(text_width_pt(figure, _new_module(row), SMALL_SIZE_PT) for row in rows) + 14) / 518.4
        box = (left, below_in / height_in, 1 - left - right, _ROW_IN * len(rows) / height_in)
        axes = figure.add_axes(box)
        _draw(axes, rows, labels, float(study.manifest["settings"]["wanted_margin_db"]))
        more = f"; {hidden} more links are in the table only" if hidden else ""
        axes.set_xlabel(f"Margin of the worst lane (dB){more}", color=MUTED)
    return figure


def _new_module(row: dict[str, Any]) -> str:
    return display_name(str(row["module_after"]), 30)


def _draw(axes: Axes, rows: Sequence[dict[str, Any]], labels: list[str], wanted_margin_db: float) -> None:
    margins = [row[name] for row in rows for name in ("margin_before_db", "margin_after_db") if row[name] is not None]
    low, high = min([*margins, 0.0]) - 0.8, max([*margins, wanted_margin_db]) + 0.8
    axes.set_xlim(low, high)
    for number, row in enumerate(rows):
        before, after = row["margin_before_db"], row["margin_after_db"]
        color = LOSS if row["outcome"] == "broken" else COHERENT
        if before is not None and after is not None:
            axes.plot([before, after], [number, number], color=RULE, lw=2.5, solid_capstyle="round", zorder=1)
        if before is not None:
            axes.plot([before], [number], "o", ms=4.5, mfc=PAPER, mec=MUTED, mew=1.0, zorder=2)
        if after is not None:
            axes.plot([after], [number], "o", ms=5, color=color, zorder=3)
        else:
            axes.annotate(
                "no margin: " + display_name(str(row["reason"]), 34), (low, number), xytext=(4, 0),
                textcoords="offset points", va="center_baseline", size=SMALL_SIZE_PT, color=LOSS, style="italic",
                bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.5},
            )  # fmt: skip
        axes.annotate(
            _new_module(row), (1.0, number), xycoords=("axes fraction", "data"), xytext=(6, 0),
            textcoords="offset points", va="center_baseline", size=SMALL_SIZE_PT, annotation_clip=False,
            color=color if row["outcome"] == "broken" else INK,
        )  # fmt: skip
    axes.axvline(0, color=INK, lw=0.9, zorder=0)
    axes.axvline(wanted_margin_db, color=INK, lw=0.9, ls=(0, (3, 2)), zorder=0)
    axes.set_yticks(range(len(rows)), labels, size=SMALL_SIZE_PT)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    styles: list[tuple[str, dict[str, Any]]] = [
        ("before", {"mfc": PAPER, "mec": MUTED, "mew": 1.0, "ms": 4.5}),
        ("after", {"color": COHERENT, "ms": 5}),
        ("broken", {"color": LOSS, "ms": 5}),
    ]
    handles = [axes.plot([], [], "o", label=label, **style)[0] for label, style in styles]
    wanted = axes.plot([], [], color=INK, lw=0.9, ls=(0, (3, 2)), label=f"wanted: {wanted_margin_db:g} dB")
    axes.legend(
        handles=[*handles, *wanted], loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4, handletextpad=0.4,
        columnspacing=1.2,
    )  # fmt: skip

"""Who is served from where, and what the latency is made of, over the objective."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lightlane.plots.style import (
    AMPLIFIER,
    COHERENT,
    DIRECT,
    GAIN,
    INK,
    LOSS,
    MUTED,
    PAPER,
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
_ROW_IN = 0.2
_TERMS = (("network", COHERENT), ("transfer", GAIN), ("queue", DIRECT), ("compute", AMPLIFIER))


def plot_placement(study: Study, *, title: str | None = None) -> Figure:
    """Draw for every service and site of its users where it is served from, and its latency over the objective.

    Parameters
    ----------
    study
        A study of placement; 40 rows at most are drawn, those that are not served first.
    title
        Written above; absent: none.
    """
    rows = sorted(study.table.rows(), key=lambda row: row["status"] == "served")
    hidden, rows = max(0, len(rows) - _MOST_ROWS), rows[:_MOST_ROWS]
    with lightlane_style():
        above_in, below_in = (0.62 if title else 0.36), 0.42
        height_in = above_in + below_in + _ROW_IN * max(1, len(rows))
        figure = new_figure(height_in)
        if not rows:
            note(figure.add_axes((0.02, 0.1, 0.9, 0.8)), "There are no services.")
            return figure
        if title:
            figure.text(0.008, 1 - 0.06 / height_in, title, weight="bold", size=9.5, va="top")
        labels = [display_name(f"{row['service']} at {row['users_at']}", 40) for row in rows]
        left = (max(text_width_pt(figure, label, SMALL_SIZE_PT) for label in labels) + 14) / 518.4
        texts = [_place(row) for row in rows]
        right = (max(text_width_pt(figure, text, SMALL_SIZE_PT) for text in texts) + 14) / 518.4
        box = (left, below_in / height_in, 1 - left - right, _ROW_IN * len(rows) / height_in)
        axes = figure.add_axes(box)
        _draw(axes, rows, texts)
        axes.set_yticks(range(len(rows)), labels, size=SMALL_SIZE_PT)
        more = f"; {hidden} more rows are in the table only" if hidden else ""
        axes.set_xlabel(f"Latency over the objective (%){more}", color=MUTED)
    return figure


def _place(row: dict[str, Any]) -> str:
    if row["status"] != "served":
        return "not served"
    latency = row["latency_ms"]
    # Three figures, but a thousand milliseconds and more are whole ones and no power of ten.
    shown = f"{latency:.0f}" if latency >= 1000 else f"{latency:.3g}"
    return display_name(f"from {row['served_from']}, {shown} of {row['objective_ms']:.4g} ms", 44)


def _draw(axes: Axes, rows: Sequence[dict[str, Any]], texts: list[str]) -> None:
    for number, (row, text) in enumerate(zip(rows, texts, strict=True)):
        served = row["status"] == "served"
        base = 0.0
        for name, color in _TERMS if served else ():
            share = 100.0 * row[f"{name}_ms"] / row["objective_ms"]
            axes.barh(number, share, 0.62, left=base, color=color, edgecolor=PAPER, linewidth=0.3)
            base += share
        if served and row["worst_latency_ms"] is not None:
            worst = 100.0 * row["worst_latency_ms"] / row["objective_ms"]
            axes.plot([worst], [number], marker="|", color=INK, ms=8, mew=1.2)
        axes.annotate(
            text, (1.0, number), xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
            va="center_baseline", size=SMALL_SIZE_PT, color=INK if served else LOSS, annotation_clip=False,
        )  # fmt: skip
        if not served:
            axes.annotate(
                display_name(str(row["reason"]), 64), (0.0, number), xytext=(3, 0), textcoords="offset points",
                va="center_baseline", size=SMALL_SIZE_PT, color=MUTED, style="italic",
            )  # fmt: skip
    axes.set_xlim(0, 102)
    axes.axvline(100, color=INK, lw=0.9, ls=(0, (3, 2)))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    words = {"queue": "wait"}
    handles: list[Any] = [axes.barh(0, 0, color=color, label=words.get(name, name)) for name, color in _TERMS]
    if any(row["worst_latency_ms"] is not None for row in rows):
        handles += axes.plot([], [], marker="|", ls="", color=INK, ms=8, mew=1.2, label="worst cut")
    axes.legend(
        handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=5, handlelength=1.0, columnspacing=1.2
    )

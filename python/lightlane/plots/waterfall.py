"""What adds up to a margin: one bar for each contribution, each starting where the last one ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lightlane.plots.classes import classify_margin
from lightlane.plots.style import (
    GAIN,
    LOSS,
    MUTED,
    RULE,
    SMALL_SIZE_PT,
    display_name,
    lightlane_style,
    new_figure,
    note,
    text_width_pt,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Steps = Sequence[tuple[str, float]]
"""(label, dB) in order."""
_MINUS = "\N{MINUS SIGN}"


def format_db(value_db: float, *, signed: bool = False, digits: int = 2) -> str:
    """Return a value as figures and texts show it: a true minus, no negative zero."""
    text = f"{abs(value_db):.{digits}f}"
    if float(text) == 0:
        return text
    return (_MINUS if value_db < 0 else "+" if signed else "") + text


def shorten_steps(steps: Steps, most: int) -> list[tuple[str, float]]:
    """Merge the smallest contributions so that at most ``most`` remain; the sum stays the same.

    The merged ones become one step at the place of the first of them.
    """
    if len(steps) <= most:
        return list(steps)
    small = sorted(range(len(steps)), key=lambda index: (abs(steps[index][1]), index))[: len(steps) - most + 1]
    merged = (f"{len(small)} smaller contributions", sum(steps[index][1] for index in small))
    first = min(small)
    return [
        merged if index == first else step for index, step in enumerate(steps) if index == first or index not in small
    ]


def plot_waterfall(
    steps: Steps, *, status: str = "up", title: str | None = None, width_in: float = 7.2, most: int = 16
) -> Figure:
    """Draw the contributions to a margin from top to bottom, the margin itself last.

    Parameters
    ----------
    steps
        (label, dB) in order; they add up to the margin.
    status
        Of the link; with the margin it gives the color of the last bar.
    title
        Written above; absent: none.
    width_in
        Width of the figure.
    most
        More contributions than this are merged, the smallest first.
    """
    with lightlane_style():
        if not steps:
            figure = new_figure(0.6, width_in=width_in)
            note(figure.add_axes((0.02, 0.1, 0.9, 0.8)), "No margin in dB: there are no contributions to add up.")
            return figure
        shown = shorten_steps(steps, most)
        margin_db = sum(value for _, value in steps)
        rows = len(shown) + 1
        above_in, below_in = (0.34 if title else 0.06), 0.42
        height_in = above_in + below_in + rows * 0.185
        figure = new_figure(height_in, width_in=width_in)
        labels = [display_name(label, 46) for label, _ in shown] + ["margin"]
        left_in = max(text_width_pt(figure, label, SMALL_SIZE_PT) for label in labels) / 72 + 0.15
        axes = figure.add_axes(
            (left_in / width_in, below_in / height_in, 1 - (left_in + 0.08) / width_in, rows * 0.185 / height_in)
        )
        if title:
            figure.text(0.01, 1 - 0.06 / height_in, title, weight="bold", size=9, va="top")
        _draw_bars(axes, shown, classify_margin(margin_db, status).color)
        axes.set_yticks(range(rows), labels, size=SMALL_SIZE_PT)
        axes.get_yticklabels()[-1].set_fontweight("bold")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x")
        axes.set_xlabel("dB")
    return figure


def _draw_bars(axes: Axes, shown: Steps, margin_color: str) -> None:
    """Draw each step from the level of the last one, and the margin below them."""
    level = 0.0
    lows, highs = [0.0], [0.0]
    for row, (_, value) in enumerate(shown):
        axes.barh(row, value, 0.64, left=level, color=GAIN if value >= 0 else LOSS)
        axes.plot([level + value] * 2, [row - 0.32, row + 1.32], color=MUTED, lw=0.6)
        lows.append(min(level, level + value))
        highs.append(max(level, level + value))
        level += value
    rows = len(shown) + 1
    axes.barh(rows - 1, level, 0.64, color=margin_color)
    # The value of the longest bar stands right of it and must fit.
    room_pt = axes.get_window_extent().width * 72 / axes.figure.dpi
    span = max(max(highs) - min(lows), 1e-9)
    axes.set_xlim(min(lows) - 0.04 * span, max(highs) + span * 34 / max(room_pt - 34, 34))
    axes.set_ylim(rows - 0.5, -0.5)
    axes.axvline(0, color=MUTED, lw=0.8)
    axes.axhline(rows - 1.5, color=RULE, lw=0.6)
    ends = [*highs[1:], max(level, 0.0)]
    for row, value in enumerate([*(value for _, value in shown), level]):
        axes.annotate(
            format_db(value, signed=True), (ends[row], row), xytext=(3, 0), textcoords="offset points",
            va="center_baseline", size=SMALL_SIZE_PT, weight="bold" if row == rows - 1 else "normal",
        )  # fmt: skip

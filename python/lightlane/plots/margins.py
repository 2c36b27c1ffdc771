"""How much margin the links have, and what limits them."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lightlane.plots.classes import MARGIN_CLASSES
from lightlane.plots.style import COHERENT, DIRECT, INK, MUTED, PAPER, SMALL_SIZE_PT, lightlane_style, new_figure, note
from lightlane.results.records import Results, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FAMILIES: tuple[tuple[str, str, str], ...] = (("coherent", "coherent", COHERENT), ("direct", "direct-detect", DIRECT))
"""Value of the column ``detection``, what a legend says, color."""
FloatArray = NDArray[np.float64]
_MOST_BINS = 28


def plot_margins(results: Results, *, title: str | None = None) -> Figure:
    """Draw the histogram of the links' margins beside the count of what limits them, both stacked by family.

    Parameters
    ----------
    results
        The run.
    title
        Written above; absent: none.
    """
    with lightlane_style():
        figure = new_figure(2.9 if title else 2.65)
        if len(results.links) == 0:
            note(figure.add_axes((0.02, 0.1, 0.9, 0.8)), "The fabric has no links.")
            return figure
        top = 0.84 if title else 0.89
        if title:
            figure.text(0.008, 0.97, title, weight="bold", size=9.5, va="top")
        _draw_histogram(
            figure.add_axes((0.07, 0.2, 0.53, top - 0.2)), results.links, results.manifest.get("wanted_margin_db")
        )
        _draw_limits(figure.add_axes((0.76, 0.2, 0.2, top - 0.2)), results.links)
    return figure


def bin_edges_db(margins_db: FloatArray) -> FloatArray:
    """Return bins whose edges fall on the class limits: the finest of 0.25, 0.5, 1, 2, 5 … dB that needs few enough."""
    low, high = float(np.floor(margins_db.min())), float(np.ceil(margins_db.max()))
    for step in (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0):
        first, last = math.floor(low / step), max(math.ceil(high / step), math.floor(low / step) + 1)
        if last - first <= _MOST_BINS or step == 50.0:
            break
    edges: FloatArray = np.arange(first, last + 1, dtype=np.float64) * step
    return edges


def _draw_histogram(axes: Axes, links: Table, wanted_db: float | None) -> None:
    from matplotlib.ticker import MaxNLocator

    margins = links["margin_db"]
    known = np.isfinite(margins)
    if not known.any():
        note(axes, "No link has a margin in dB.")
        return
    # Zero and the wanted margin belong in the picture even where no link is near them.
    drawn = links["margin_5_percent_db"] if "margin_5_percent_db" in links.columns else np.empty(0)
    drawn = drawn[np.isfinite(drawn)]
    shown = [*margins[known].tolist(), *drawn.tolist(), 0.0, *([] if wanted_db is None else [wanted_db])]
    edges = bin_edges_db(np.array(shown))
    # The top edge belongs to the last bin, so that a margin that equals it is not lost.
    base = np.zeros(len(edges) - 1)
    for key, label, color in FAMILIES:
        counts, _ = np.histogram(margins[known & (links["detection"] == key)], edges)
        if counts.any():
            axes.bar(
                edges[:-1], counts, np.diff(edges), bottom=base, align="edge", color=color, label=label,
                edgecolor=PAPER, linewidth=0.5,
            )  # fmt: skip
        base += counts
    if len(drawn):
        counts, _ = np.histogram(drawn, edges)
        axes.stairs(counts, edges, color=INK, lw=1.0, label="5 % of draws have no more")
        base = np.maximum(base, counts)
    axes.set_ylim(0, max(1.0, base.max() * 1.18))
    axes.set_xlim(edges[0], edges[-1])
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set_ylabel("Links")
    axes.set_xlabel("Margin of the worst lane (dB)", labelpad=9)
    axes.grid(axis="y")
    axes.axvline(0, color=INK, lw=0.9)
    if wanted_db is not None:
        axes.axvline(wanted_db, color=INK, lw=0.9, ls=(0, (3, 2)))
        axes.annotate(
            f"wanted: {wanted_db:g} dB", (wanted_db, 1.0), xycoords=("data", "axes fraction"), xytext=(3, -2),
            textcoords="offset points", size=SMALL_SIZE_PT, color=INK, va="top",
        )  # fmt: skip
    _draw_class_strip(axes, float(edges[0]), float(edges[-1]))
    # Above the axes, where no bar reaches.
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, handlelength=1.0, borderaxespad=0.1)


def _draw_class_strip(axes: Axes, low_db: float, high_db: float) -> None:
    """Underline the axis with the colors of the margin classes, as the map has them."""
    axes.tick_params(axis="x", pad=8)
    for item in MARGIN_CLASSES:
        left, right = max(item.lower_db, low_db), min(item.upper_db, high_db)
        if left < right:
            axes.plot(
                [left, right], [-0.035, -0.035], transform=axes.get_xaxis_transform(), color=item.color, lw=4,
                clip_on=False, solid_capstyle="butt",
            )  # fmt: skip


def _draw_limits(axes: Axes, links: Table) -> None:
    """Count what limits the links; a passed limit without dB scale and an unknown verdict have rows of their own."""
    words: list[str] = []
    for limit, blocked, status in zip(links["limited_by"], links["blocked_by"], links["status"], strict=True):
        words.append("unknown" if status == "unknown" else f"{limit} (blocked)" if blocked else str(limit))
    detections = links["detection"].tolist()
    totals = Counter(words)
    order = sorted(totals, key=lambda word: (word == "unknown", -totals[word], word))[::-1]
    base = np.zeros(len(order))
    for key, _, color in FAMILIES:
        counts = Counter(word for word, family in zip(words, detections, strict=True) if family == key)
        widths = np.array([counts[word] for word in order], dtype=float)
        axes.barh(range(len(order)), widths, 0.66, left=base, color=color)
        base += widths
    for row, word in enumerate(order):
        axes.annotate(
            str(totals[word]), (float(base[row]), row), xytext=(3, 0), textcoords="offset points", va="center_baseline",
            size=SMALL_SIZE_PT,
        )  # fmt: skip
    axes.set_yticks(range(len(order)), order)
    axes.set_ylim(len(order) - max(len(order), 5) - 0.6, len(order) - 0.4)
    axes.set_xticks([])
    axes.set_xlim(0, float(base.max()) * 1.15)
    axes.tick_params(axis="y", length=0)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlabel("Links by what limits them", color=MUTED, labelpad=9)

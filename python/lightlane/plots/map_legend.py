"""The legend of the map: a strip of its own below it, where it covers nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lightlane.plots.basemap import ATTRIBUTION
from lightlane.plots.classes import ALL_CLASSES, MarginClass
from lightlane.plots.style import (
    FIGURE_WIDTH_IN,
    INK,
    MUTED,
    PAPER,
    SMALL_SIZE_PT,
    add_axes_in,
    text_width_pt,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEGEND_HEIGHT_IN = 0.62
_SWATCH_PT = 15.0
_WIDTH_PT = (FIGURE_WIDTH_IN - 0.1) * 72


def draw_legend(
    figure: Figure,
    classes: Sequence[MarginClass],
    direct: Sequence[bool],
    roles: Sequence[str],
    *,
    rings: bool,
    insets: bool,
) -> None:
    """Draw the margin classes with their counts, then lines and markers; only what the map shows.

    Parameters
    ----------
    figure
        Gets the strip at its lower edge.
    classes, direct
        Of each link.
    roles
        Of each site.
    rings
        Whether metros have rings.
    insets
        Whether there are more metros than enlarged panels.
    """
    axes = add_axes_in(figure, 0.05, 0.0, _WIDTH_PT / 72, LEGEND_HEIGHT_IN)
    axes.set_axis_off()
    axes.set_xlim(0, _WIDTH_PT)
    axes.set_ylim(0, LEGEND_HEIGHT_IN * 72)
    first_pt = LEGEND_HEIGHT_IN * 72 - 11
    _draw_classes(axes, first_pt, Counter(item.key for item in classes))
    _draw_symbols(axes, first_pt - 14, direct, roles, rings=rings)
    text = f"Enlarged: the metros with the least margin. {ATTRIBUTION}" if insets else ATTRIBUTION
    _write(axes, 0.0, first_pt - 27, text, color=MUTED, size_pt=SMALL_SIZE_PT - 1)


def _draw_classes(axes: Axes, y_pt: float, counts: Counter[str]) -> None:
    shown = [item for item in ALL_CLASSES if item.key != "unknown" or counts[item.key]]
    texts = [f"{item.label}: {counts[item.key]}" for item in shown]
    x_pt = _write(axes, 0.0, y_pt, "Margin (links)", color=MUTED) + 7
    used_pt = sum(text_width_pt(axes.figure, text, SMALL_SIZE_PT) + _SWATCH_PT + 4 for text in texts)
    gap_pt = min(12.0, (_WIDTH_PT - x_pt - used_pt) / max(1, len(shown) - 1))
    for item, text in zip(shown, texts, strict=True):
        dashes: Any = {"down": (0, (1.6, 0.95)), "unknown": (0, (1.0, 1.2))}.get(item.key, "solid")
        _line(axes, x_pt, y_pt, color=item.color, lw=item.width_pt + 0.8, ls=dashes)
        x_pt = _write(axes, x_pt + _SWATCH_PT + 4, y_pt, text) + gap_pt


def _draw_symbols(axes: Axes, y_pt: float, direct: Sequence[bool], roles: Sequence[str], *, rings: bool) -> None:
    x_pt = 0.0
    if not all(direct):
        _line(axes, x_pt, y_pt, color=INK, lw=1.6)
        x_pt = _write(axes, x_pt + _SWATCH_PT + 4, y_pt, "coherent") + 12
    if any(direct):
        _line(axes, x_pt, y_pt, color=INK, lw=2.8)
        _line(axes, x_pt, y_pt, color=PAPER, lw=1.0)
        x_pt = _write(axes, x_pt + _SWATCH_PT + 4, y_pt, "direct-detect") + 12
    names = {"core": "core site", "edge": "edge site", "hut": "amplifier hut"}
    for role, marker, size, face in (("core", "s", 4.6, INK), ("edge", "o", 3.0, PAPER), ("hut", "D", 2.8, PAPER)):
        if role in roles:
            _marker(axes, x_pt + 4, y_pt, marker=marker, ms=size, mfc=face, mec=INK, mew=0.7)
            x_pt = _write(axes, x_pt + 11, y_pt, names[role]) + 12
    if rings:
        _marker(axes, x_pt + 6, y_pt, marker="o", ms=8.5, mfc="none", mec=MUTED, mew=1.6)
        _write(axes, x_pt + 16, y_pt, "metro: worst of the short links around")


def _line(axes: Axes, x_pt: float, y_pt: float, **style: Any) -> None:
    axes.plot([x_pt, x_pt + _SWATCH_PT], [y_pt, y_pt], solid_capstyle="butt", dash_capstyle="butt", **style)


def _marker(axes: Axes, x_pt: float, y_pt: float, **style: Any) -> None:
    axes.plot([x_pt], [y_pt], ls="none", **style)


def _write(
    axes: Axes, x_pt: float, y_pt: float, text: str, *, color: str = INK, size_pt: float = SMALL_SIZE_PT
) -> float:
    """Write and return where the text ends."""
    axes.text(x_pt, y_pt, text, color=color, size=size_pt, va="center_baseline", ha="left")
    return x_pt + text_width_pt(axes.figure, text, size_pt)

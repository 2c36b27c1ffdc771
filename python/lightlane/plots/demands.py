"""How late demands are: each one's latency against its objective."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lightlane.plots.style import (
    GAIN,
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
from lightlane.results.records import Results, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]
_MOST_ROWS = 12
_DOT_PT = 3.4


@dataclass(frozen=True, slots=True)
class _Group:
    """The demands of one service with one objective."""

    service: str
    objective_us: float
    rows: tuple[int, ...]


def plot_demand_latency(results: Results, *, title: str | None = None) -> Figure:
    """Draw one dot per demand at its one-way latency, one row per service and objective, the objective as a bar.

    Late demands are open orange dots beyond the bar; blocked ones have no latency and are counted at the right.

    Parameters
    ----------
    results
        The run.
    title
        Written above; absent: none.
    """
    demands = results.demands
    with lightlane_style():
        if len(demands) == 0:
            figure = new_figure(0.6)
            note(figure.add_axes((0.02, 0.1, 0.9, 0.8)), "The fabric has no demands.")
            return figure
        groups = _group_demands(demands)
        shown = groups[:_MOST_ROWS]
        above_in, below_in, row_in = (0.62 if title else 0.34), 0.55, 0.5
        height_in = above_in + below_in + row_in * len(shown)
        figure = new_figure(height_in)
        labels = [_label(group) for group in shown]
        left = (max(text_width_pt(figure, line, 8.0) for text in labels for line in text.split("\n")) + 14) / 518.4
        axes = figure.add_axes((left, below_in / height_in, 0.86 - left, row_in * len(shown) / height_in))
        if title:
            figure.text(0.008, 1 - 0.06 / height_in, title, weight="bold", size=9.5, va="top")
        _set_scale(axes, demands)
        for row, group in enumerate(shown):
            _draw_group(axes, row, group, demands)
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.set_yticks(range(len(shown)), labels)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("One-way latency (ms)" + _rest(len(groups) - len(shown)))
        axes.grid(axis="x")
        _draw_key(axes, above_in - (0.28 if title else 0.0), row_in * len(shown))
    return figure


def _group_demands(demands: Table) -> list[_Group]:
    """Group by service and objective: worst group first, by late and blocked demands."""
    rows: dict[tuple[str, float], list[int]] = {}
    for index, (service, objective) in enumerate(
        zip(demands["service"], demands["objective_us"].tolist(), strict=True)
    ):
        # NaN is not equal to itself and would make a group for each demand.
        rows.setdefault((str(service), -1.0 if math.isnan(objective) else objective), []).append(index)
    groups = [
        _Group(service, math.nan if objective < 0 else objective, tuple(members))
        for (service, objective), members in rows.items()
    ]
    bad = demands["status"] != "met"
    groups.sort(key=lambda group: (-int(bad[list(group.rows)].sum()), -len(group.rows), group.service))
    return groups


def _label(group: _Group) -> str:
    name = display_name(group.service, 24) or "no service named"
    if math.isnan(group.objective_us):
        return f"{name}\nno objective"
    return f"{name}\nwithin {group.objective_us / 1000:g} ms"


def _rest(hidden: int) -> str:
    return f"; {hidden} more groups are in the table only" if hidden > 0 else ""


def _set_scale(axes: Axes, demands: Table) -> None:
    """Choose a logarithmic axis where latencies and objectives differ by more than a factor of 30."""
    from matplotlib.ticker import LogLocator, NullFormatter

    values = np.concatenate([demands["latency_us"], demands["objective_us"]]) / 1000
    values = values[np.isfinite(values) & (values > 0)]
    if len(values) == 0:
        axes.set_xlim(0, 1)
        return
    low, high = float(values.min()), float(values.max())
    if high > 30 * low:
        axes.set_xscale("log")
        axes.set_xlim(low / 1.3, high * 1.3)
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0) if high > 1000 * low else (1.0, 2.0, 5.0)))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.set_xlim(0, high * 1.08)


def _draw_group(axes: Axes, row: int, group: _Group, demands: Table) -> None:
    members = list(group.rows)
    latencies = demands["latency_us"][members] / 1000
    late = demands["status"][members] == "late"
    placed = np.isfinite(latencies)
    shifts = np.zeros(len(members))
    shifts[placed] = _swarm(axes, latencies[placed])
    for chosen, face, edge in ((placed & ~late, GAIN, GAIN), (placed & late, PAPER, LOSS)):
        axes.plot(
            latencies[chosen], row + shifts[chosen], ls="none", marker="o", ms=_DOT_PT, mfc=face, mec=edge, mew=1.0,
            zorder=3, alpha=0.9,
        )  # fmt: skip
    if not math.isnan(group.objective_us):
        axes.plot([group.objective_us / 1000] * 2, [row - 0.42, row + 0.42], color=INK, lw=1.6, zorder=2)
    blocked = int((demands["status"][members] == "blocked").sum())
    words = [f"{len(members) - blocked - int(late.sum())} met"]
    words += [f"{int(late.sum())} late"] if late.any() else []
    words += [f"{blocked} blocked"] if blocked else []
    axes.annotate(
        "\n".join(words), (1.0, row), xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points",
        va="center", size=SMALL_SIZE_PT, linespacing=1.15,
    )  # fmt: skip
    axes.axhline(row + 0.5, color=RULE, lw=0.5, zorder=0)


def _swarm(axes: Axes, latencies_ms: FloatArray) -> FloatArray:
    """Return shifts within -0.38 to 0.38 that keep dots of nearly equal latency apart."""
    width_pt = axes.get_window_extent().width * 72 / axes.figure.dpi
    low, high = axes.get_xlim()
    if axes.get_xscale() == "log":
        share = (np.log(latencies_ms) - math.log(low)) / (math.log(high) - math.log(low))
    else:
        share = (latencies_ms - low) / (high - low)
    columns = np.floor(share * width_pt / (_DOT_PT + 0.6)).astype(int)
    shifts = np.zeros(len(columns))
    for column in np.unique(columns):
        members = np.flatnonzero(columns == column)
        step = min(0.14, 0.76 / max(1, len(members) - 1))
        # 0, +1, -1, +2, -2 …: the pile grows from the middle.
        places = np.arange(len(members))
        shifts[members] = np.where(places % 2 == 1, (places + 1) // 2, -(places // 2)) * step
    return shifts.clip(-0.4, 0.4)


def _draw_key(axes: Axes, above_in: float, height_in: float) -> None:
    y = 1 + above_in / height_in * 0.5
    for x, marker, text in ((0.0, "met", "met"), (0.12, "late", "late"), (0.25, "objective", "objective")):
        style: dict[str, Any] = {
            "met": {"marker": "o", "ms": _DOT_PT, "mfc": GAIN, "mec": GAIN},
            "late": {"marker": "o", "ms": _DOT_PT, "mfc": PAPER, "mec": LOSS},
            "objective": {"marker": "|", "ms": 8, "mfc": INK, "mec": INK, "mew": 1.6},
        }[marker]
        axes.plot([x], [y], transform=axes.transAxes, clip_on=False, ls="none", **style)
        axes.annotate(
            text, (x, y), xycoords="axes fraction", xytext=(6, 0), textcoords="offset points", va="center_baseline",
            size=SMALL_SIZE_PT, color=MUTED,
        )  # fmt: skip

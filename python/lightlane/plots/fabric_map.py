"""The fabric on a map: every link in the color of its margin, small metros enlarged beside it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from lightlane.plots.classes import MarginClass, badness, classify_links
from lightlane.plots.geography import (
    Course,
    Metro,
    Places,
    Points,
    draw_course,
    find_metros,
    locate_sites,
    spread_parallels,
    trace_links,
)
from lightlane.plots.labels import Box, place_labels
from lightlane.plots.map_layout import project_basemap
from lightlane.plots.map_legend import LEGEND_HEIGHT_IN, draw_legend
from lightlane.plots.style import (
    BORDER,
    COAST,
    FIGURE_WIDTH_IN,
    FONT_SIZE_PT,
    INK,
    MUTED,
    PAPER,
    RULE,
    SMALL_SIZE_PT,
    add_axes_in,
    display_name,
    draw_haloed_text,
    lightlane_style,
    new_figure,
    note,
    text_width_pt,
)
from lightlane.results.records import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LINK_GID = "link-"
"""A link's line has the SVG id ``link-<row>``; in an enlarged metro ``link-<row>-metro``."""
_SMALLEST_VISIBLE_PT = 14.0
_MOST_INSETS = 4
_MARGIN_FRACTION = 0.05
_PARALLEL_SPACING_PT = 3.0
_MOST_PARALLEL_PT = 12.0


@dataclass(frozen=True, slots=True)
class _Panel:
    """One map panel: what it shows and at what scale."""

    axes: Axes
    places: Places
    classes: list[MarginClass]
    direct: list[bool]
    km_per_pt: float
    frame_km: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Crowd:
    """Which sites a panel shows and names."""

    sites: frozenset[int]
    nameless: frozenset[int] = frozenset()
    ringed: frozenset[int] = frozenset()
    """Names keep clear of the rings."""


def plot_fabric_map(results: Results, *, title: str | None = None) -> Figure:
    """Draw sites and links over coasts and borders.

    Links are colored by margin class, worst on top; a direct-detect link is a double line, a link that is down is
    dashed, an unknown one dotted. Links too short to be seen at the map's scale are drawn again in enlarged panels (the
    worst and then the densest metros), and every such metro has a ring in the color of its worst link.

    Parameters
    ----------
    results
        The run.
    title
        Written above the map; absent: none.
    """
    fabric = results.manifest["fabric"]
    with lightlane_style():
        if not fabric["site"]:
            figure = new_figure(1.0)
            note(add_axes_in(figure, 0.1, 0.1, 7.0, 0.8), "The fabric has no sites: there is no map to draw.")
            return figure
        places = locate_sites(fabric)
        courses = trace_links(fabric, places)
        classes = classify_links(results.links)
        direct = [detection == "direct" for detection in results.links["detection"].tolist()]
        return _compose(places, courses, classes, direct, title)


def _compose(
    places: Places, courses: list[Course], classes: list[MarginClass], direct: list[bool], title: str | None
) -> Figure:
    width_km, height_km = max(np.ptp(places.x_km), 4.0), max(np.ptp(places.y_km), 4.0)
    aspect = float(np.clip(width_km / height_km, 0.5, 2.4))
    beside = aspect < 1.25
    # The scale decides which links are too short, and these decide how much room is left: assume that there are some.
    guess_in = _main_size_in(aspect, beside=beside, insets=True)
    scale = max(width_km / guess_in[0], height_km / guess_in[1]) * (1 + 2 * _MARGIN_FRACTION) / 72
    metros = find_metros(courses, places, _SMALLEST_VISIBLE_PT * scale)
    worth = [metro for metro in metros if len(metro.sites) < len(places.names)]
    worth.sort(key=lambda metro: (-max(badness(classes[c.row]) for c in metro.courses), -len(metro.courses)))
    shown = worth[:_MOST_INSETS]
    main_in = _main_size_in(aspect, beside=beside, insets=bool(shown))
    title_in = 0.3 if title else 0.05
    inset_row_in = 1.75 if shown and not beside else 0.0
    figure = new_figure(title_in + main_in[1] + inset_row_in + LEGEND_HEIGHT_IN)
    if title:
        figure.text(0.008, 1 - 0.08 / figure.get_figheight(), title, weight="bold", size=FONT_SIZE_PT + 1.5, va="top")
    axes = add_axes_in(figure, 0.05, LEGEND_HEIGHT_IN + inset_row_in, *main_in)
    panel = _open_panel(axes, places, range(len(places.names)), classes, direct)
    _draw_basemap(panel)
    _draw_links(panel, courses, suffix="")
    first = [metro.center for metro in shown]
    _draw_rings(panel, metros)
    bar = _draw_scale_bar(panel)
    # On the large map, what is inside a ring and the leaves of the network would only crowd the names of the rest.
    everyone = frozenset(range(len(places.names)))
    quiet = {site for metro in metros for site in metro.sites if places.roles[site] != "core"}
    quiet |= {site for site in everyone if metros and places.roles[site] == "edge" and places.degrees[site] < 2}
    crowd = _Crowd(everyone, nameless=frozenset(quiet), ringed=frozenset(metro.center for metro in metros))
    _draw_sites(panel, crowd, first, bar)
    for number, metro in enumerate(shown):
        if beside:
            room_in = FIGURE_WIDTH_IN - main_in[0] - 0.1
            cell = (room_in, main_in[1] / max(3, len(shown)))
            left = 0.05 + main_in[0]
            bottom = LEGEND_HEIGHT_IN + main_in[1] - (number + 1) * cell[1]
        else:
            cell = ((FIGURE_WIDTH_IN - 0.05) / _MOST_INSETS, inset_row_in)
            left, bottom = number * cell[0], LEGEND_HEIGHT_IN
        _draw_inset(figure, (left, bottom, *cell), metro, places, classes, direct)
    draw_legend(figure, classes, direct, places.roles, rings=bool(metros), insets=len(shown) < len(worth))
    return figure


def _main_size_in(aspect: float, *, beside: bool, insets: bool) -> tuple[float, float]:
    """Return width and height of the main panel."""
    if not beside:
        return FIGURE_WIDTH_IN - 0.1, (FIGURE_WIDTH_IN - 0.1) / aspect
    widest_in = 4.5 if insets else FIGURE_WIDTH_IN - 0.1
    width_in = min(widest_in, 6.6 * aspect) if insets else widest_in
    return width_in, min(width_in / aspect, 6.6)


def _open_panel(
    axes: Axes, places: Places, sites: range | tuple[int, ...], classes: list[MarginClass], direct: list[bool]
) -> _Panel:
    """Fit the axes about ``sites`` at equal scale in both directions."""
    box = axes.get_window_extent()
    width_pt, height_pt = (side * 72.0 / axes.figure.dpi for side in (box.width, box.height))
    xs, ys = places.x_km[list(sites)], places.y_km[list(sites)]
    pad = 1 + 2 * _MARGIN_FRACTION
    # Names and rings need room of their own beside the outermost sites.
    km_per_pt = max(
        max(float(np.ptp(xs)), 2.0) * pad / (width_pt - 40), max(float(np.ptp(ys)), 2.0) * pad / (height_pt - 24)
    )
    x0, y0 = float(xs.min() + xs.max()) / 2, float(ys.min() + ys.max()) / 2
    half = (width_pt * km_per_pt / 2, height_pt * km_per_pt / 2)
    frame = (x0 - half[0], y0 - half[1], x0 + half[0], y0 + half[1])
    axes.set_xlim(frame[0], frame[2])
    axes.set_ylim(frame[1], frame[3])
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(RULE)
    return _Panel(axes, places, classes, direct, km_per_pt, frame)


def _draw_basemap(panel: _Panel) -> None:
    from matplotlib.collections import LineCollection

    layers = project_basemap(panel.places.projection, panel.frame_km)
    drawn = zip(layers, (("coast", COAST, 0.8), ("border", BORDER, 0.8), ("state", RULE, 0.4)), strict=True)
    for lines, (layer, color, width_pt) in reversed(list(drawn)):
        vertices = np.column_stack([lines.x_km, lines.y_km])
        panel.axes.add_collection(
            LineCollection(
                np.split(vertices, lines.offsets[1:-1]) if len(lines.offsets) > 1 else [],
                colors=color, linewidths=width_pt, zorder=0.5, gid=f"base-{layer}",
            ),
            autolim=False,
        )  # fmt: skip


def _draw_links(panel: _Panel, courses: list[Course], *, suffix: str) -> None:
    offsets = spread_parallels(courses, _PARALLEL_SPACING_PT, _MOST_PARALLEL_PT)
    for course in sorted(courses, key=lambda course: (badness(panel.classes[course.row]), course.row)):
        item = panel.classes[course.row]
        points = draw_course(course, panel.places, offsets, panel.km_per_pt)
        double = panel.direct[course.row]
        width_pt = item.width_pt + (1.2 if double else 0.0)
        zorder = 2 + badness(item) * 0.1
        dashes: str | tuple[float, tuple[float, ...]] = "solid"
        if item.key == "down":
            dashes = (0, (2.6, 1.5))
        elif item.key == "unknown":
            dashes = (0, (1.0, 1.2))
        draw: dict[str, Any] = {"solid_capstyle": "butt", "dash_capstyle": "butt", "solid_joinstyle": "round"}
        gid = f"{LINK_GID}{course.row}{suffix}"
        panel.axes.plot(*points.T, color=PAPER, lw=width_pt + 1.6, zorder=zorder, **draw)
        panel.axes.plot(*points.T, color=item.color, lw=width_pt, ls=dashes, zorder=zorder, gid=gid, **draw)
        if double:
            panel.axes.plot(*points.T, color=PAPER, lw=width_pt * 0.36, zorder=zorder, **draw)


def _draw_rings(panel: _Panel, metros: list[Metro]) -> None:
    for metro in metros:
        worst = max((panel.classes[course.row] for course in metro.courses), key=badness)
        x_km, y_km = panel.places.x_km[metro.center], panel.places.y_km[metro.center]
        for color, width_pt in ((PAPER, 3.4), (worst.color, 1.8)):
            panel.axes.plot(
                [x_km], [y_km], marker="o", ms=11, mfc="none", mec=color, mew=width_pt, ls="none", zorder=3.5,
                gid=f"ring-{metro.center}-{worst.key}" if color != PAPER else None,
            )  # fmt: skip


def _draw_sites(panel: _Panel, crowd: _Crowd, named_first: list[int], reserved: Box) -> None:
    """Draw the sites and as many names as fit: enlarged metros first, then core sites, then by number of links."""
    places, axes = panel.places, panel.axes
    left, bottom, right, top = panel.frame_km
    chosen = sorted(crowd.sites)
    for role, marker, size, face in (("hut", "D", 2.6, PAPER), ("edge", "o", 2.6, PAPER), ("core", "s", 4.6, INK)):
        of_role = [site for site in chosen if places.roles[site] == role]
        axes.plot(
            places.x_km[of_role], places.y_km[of_role], marker=marker, mfc=face, mec=INK, mew=0.7, ls="none", zorder=4,
            ms=size, gid=f"sites-{role}",
        )  # fmt: skip
    anchors = np.column_stack([(places.x_km - left) / panel.km_per_pt, (places.y_km - bottom) / panel.km_per_pt])
    anchors = anchors[chosen]
    names = [display_name(places.names[site], 26) for site in chosen]
    first = {site: place for place, site in enumerate(named_first)}
    order = [k for k, site in enumerate(chosen) if site not in crowd.nameless and places.roles[site] != "hut"]
    order.sort(key=lambda k: (first.get(chosen[k], len(first)), places.roles[chosen[k]], -places.degrees[chosen[k]], k))
    labels = place_labels(
        anchors,
        [
            text_width_pt(axes.figure, name, SMALL_SIZE_PT, bold=site in first) + 1
            for name, site in zip(names, chosen, strict=True)
        ],
        order,
        (2.0, 2.0, (right - left) / panel.km_per_pt - 2, (top - bottom) / panel.km_per_pt - 2),
        height_pt=SMALL_SIZE_PT * 1.1,
        gaps_pt=[7.5 if site in crowd.ringed else 5.0 for site in chosen],
        line_points_pt=_points_along_lines(panel),
        reserved_pt=[reserved],
    )
    for label in labels:
        x_km, y_km = left + label.x_pt * panel.km_per_pt, bottom + label.y_pt * panel.km_per_pt
        draw_haloed_text(
            axes, x_km, y_km, names[label.index], gid=f"name-{chosen[label.index]}", size=SMALL_SIZE_PT,
            ha=label.align, va="center_baseline", weight="bold" if chosen[label.index] in first else "normal",
        )  # fmt: skip


def _points_along_lines(panel: _Panel) -> Points:
    """Return a point every 3 pt along each drawn link, in points from the lower left corner."""
    left, bottom = panel.frame_km[:2]
    pieces = []
    for line in panel.axes.lines:
        if not str(line.get_gid() or "").startswith(LINK_GID):
            continue
        xy = (np.asarray(line.get_xydata(), dtype=float) - (left, bottom)) / panel.km_per_pt
        for start, end in pairwise(xy):
            count = max(2, int(np.hypot(*(end - start)) / 3))
            pieces.append(start + np.linspace(0, 1, count)[:, None] * (end - start))
    return np.concatenate(pieces) if pieces else np.empty((0, 2))


def _draw_scale_bar(panel: _Panel, *, share: float = 0.22) -> Box:
    """Draw the scale in the lower left corner and return the place that it takes, in points."""
    left, bottom, right, _ = panel.frame_km
    room = (right - left) * share
    length = max(step * 10.0**power for power in range(-2, 5) for step in (1, 2, 5) if step * 10.0**power <= room)
    x0, y0 = left + 7 * panel.km_per_pt, bottom + 7 * panel.km_per_pt
    tick = 2.2 * panel.km_per_pt
    panel.axes.plot(
        [x0, x0, x0 + length, x0 + length], [y0 + tick, y0, y0, y0 + tick], color=MUTED, lw=0.9, zorder=6, gid="scale"
    )
    panel.axes.text(
        x0 + length / 2, y0 + tick, f"{length:g} km", size=SMALL_SIZE_PT - 0.5, color=MUTED, ha="center", va="bottom"
    )
    return (0.0, 0.0, 14 + length / panel.km_per_pt, 20.0)


def _draw_inset(
    figure: Figure,
    cell_in: tuple[float, float, float, float],
    metro: Metro,
    places: Places,
    classes: list[MarginClass],
    direct: list[bool],
) -> None:
    left, bottom, width, height = cell_in
    axes = add_axes_in(figure, left + 0.06, bottom + 0.04, width - 0.08, height - 0.26)
    panel = _open_panel(axes, places, metro.sites, classes, direct)
    title = display_name(places.names[metro.center], 24)
    axes.set_title(title, size=SMALL_SIZE_PT + 0.5, pad=3)
    _draw_links(panel, list(metro.courses), suffix="-metro")
    bar = _draw_scale_bar(panel, share=0.45)
    # The center's name is the panel's title.
    _draw_sites(panel, _Crowd(frozenset(metro.sites), nameless=frozenset({metro.center})), [], bar)

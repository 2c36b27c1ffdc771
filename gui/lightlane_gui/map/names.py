"""Names beside sites, as many as fit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from lightlane.toolkit import MapLayout, place_labels
from lightlane_gui.map.camera import Viewport
from lightlane_gui.map.clusters import Clusters
from lightlane_gui.map.geometry import MapGeometry
from lightlane_gui.map.stamps import Stamps
from lightlane_gui.theme import Theme

NAMES_MAX = 60
_LINE_POINTS_MAX = 4_000
_LINE_STEP_PX = 4.0
_EDGE_PX = 4.0
_RING_ROOM_PX = 9.0
"""Names stand over no ring."""
_PART_PX, _NAMES_PER_TURN = 110.0, 2
_RANK = {"core": 0, "edge": 1, "hut": 2}


@dataclass(frozen=True, slots=True)
class PlacedName:
    """The name of a site, where it stands beside it in logical pixels: left end and base line."""

    site: int
    text: str
    right_px: float
    down_px: float


def choose_sites(layout: MapLayout, clusters: Clusters, points: np.ndarray, inside: np.ndarray) -> list[int]:
    """Return the sites that deserve a name, the weightiest first: core sites, large clusters, many links; no huts.

    Of each part of the map the first few come before the rest of any other: where sites crowd, few names find a place.
    """
    places = layout.places
    shown = inside & (clusters.center == np.arange(len(places.names)))
    sites = [site for site in np.flatnonzero(shown).tolist() if places.roles[site] != "hut"]
    sites.sort(key=lambda k: (_RANK[places.roles[k]], -clusters.site_count[k], -places.degrees[k], k))
    turn: dict[int, int] = {}
    seen: Counter[tuple[int, int]] = Counter()
    for site in sites:
        column, row = (points[site] // _PART_PX).tolist()
        turn[site] = seen[column, row] // _NAMES_PER_TURN
        seen[column, row] += 1
    return sorted(sites, key=turn.__getitem__)[:NAMES_MAX]


def place_names(
    geometry: MapGeometry, clusters: Clusters, view: Viewport, font: QFont, first: tuple[str, ...] = ()
) -> list[PlacedName]:
    """Choose names and find a place for each.

    Parameters
    ----------
    view
        In logical pixels.
    first
        Sites that come before all others.
    """
    layout = geometry.layout
    points = geometry.site_px(view)
    inside = np.asarray(((points >= 0) & (points <= (view.width_px, view.height_px))).all(axis=1))
    chosen = choose_sites(layout, clusters, points, inside)
    wanted = [geometry.site_index[name] for name in first if name in geometry.site_index]
    wanted = [site for site in wanted if inside[site]]
    chosen = [*wanted, *(site for site in chosen if site not in wanted)]
    if not chosen:
        return []
    # What is hidden behind another site is no obstacle, and a hut is a small one: as a piece of line.
    huts = np.array([role == "hut" for role in layout.places.roles], dtype=bool)
    seen = inside & (clusters.center == np.arange(len(points)))
    others = seen & ~huts
    others[chosen] = False
    anchors = np.concatenate([np.array(chosen), np.flatnonzero(others)])
    lines = np.concatenate([_points_along(geometry, clusters, view), np.repeat(points[seen & huts], 3, axis=0)])
    metrics = QFontMetricsF(font)
    names = [layout.places.names[site] for site in chosen]
    widths = [metrics.horizontalAdvance(name) + 2 for name in names]
    height_px = metrics.height() * 0.92
    gaps = [12.0 if clusters.site_count[site] > 1 else 8.0 for site in chosen]
    rings = clusters.rings()
    labels = place_labels(
        points[anchors],
        widths,
        range(len(chosen)),
        (_EDGE_PX, _EDGE_PX, view.width_px - _EDGE_PX, view.height_px - _EDGE_PX),
        height_pt=height_px,
        gaps_pt=gaps,
        line_points_pt=lines,
        reserved_pt=[
            (x - _RING_ROOM_PX, y - _RING_ROOM_PX, x + _RING_ROOM_PX, y + _RING_ROOM_PX)
            for x, y in points[rings[inside[rings]]].tolist()
        ],
    )
    base_px = height_px / 2 - metrics.descent()
    placed = []
    for label in labels:
        site = chosen[label.index]
        left = {"left": 0.0, "right": -widths[label.index], "center": -widths[label.index] / 2}[label.align]
        right_px, down_px = label.x_pt + left - points[site, 0], label.y_pt + base_px - points[site, 1]
        placed.append(PlacedName(site, names[label.index], float(right_px), float(down_px)))
    return placed


def _points_along(geometry: MapGeometry, clusters: Clusters, view: Viewport) -> np.ndarray:
    """Return points along the links that are seen, as dense as their number allows."""
    lines = geometry.stretch_px(view)[~clusters.hidden_stretch]
    x, y = lines[:, [0, 2]], lines[:, [1, 3]]
    seen = (x.max(axis=1) >= 0) & (x.min(axis=1) <= view.width_px) & (y.max(axis=1) >= 0)
    lines = lines[seen & (y.min(axis=1) <= view.height_px)]
    if not len(lines):
        return np.empty((0, 2))
    # Off the map a line covers nothing, and may be very long.
    length_px = np.hypot(*(lines[:, 2:] - lines[:, :2]).T).clip(max=2 * (view.width_px + view.height_px))
    apart_px = max(_LINE_STEP_PX, float(length_px.sum()) / _LINE_POINTS_MAX)
    counts = 1 + (length_px / apart_px).astype(np.intp)
    first = np.cumsum(counts) - counts
    along = (np.arange(counts.sum()) - np.repeat(first, counts)) / np.repeat(counts, counts)
    start = np.repeat(lines[:, :2], counts, axis=0)
    return np.asarray(start + along[:, None] * (np.repeat(lines[:, 2:], counts, axis=0) - start))


def draw_names(
    painter: QPainter, view: Viewport, ratio: float, names: list[PlacedName], points: np.ndarray, stamps: Stamps,
    font: QFont, theme: Theme,
) -> None:  # fmt: skip
    """Draw placed names beside their sites, in device pixels."""
    for name in names:
        x, y = points[name.site] + (name.right_px * ratio, name.down_px * ratio)
        if -400 * ratio < x < view.width_px and 0 < y < view.height_px + 20 * ratio:
            stamps.put_text(painter, x, y, name.text, font, ratio, theme)

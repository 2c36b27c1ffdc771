"""The picture of a fabric on the map: what is drawn, in which layers, without any widget."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QFont, QPainter

from lightlane.toolkit import MapLayout
from lightlane_gui.map.camera import MapCamera, Viewport
from lightlane_gui.map.clusters import ClusterLevels, Clusters
from lightlane_gui.map.geometry import MapGeometry
from lightlane_gui.map.layers import Layer
from lightlane_gui.map.names import PlacedName, draw_names, place_names
from lightlane_gui.map.overlays import (
    draw_breaks,
    draw_casing,
    draw_ring,
    draw_route,
    draw_wide,
    route_of,
    stretches_of,
)
from lightlane_gui.map.painting import LinkMarks, draw_basemap, draw_ducts, draw_links, draw_sites
from lightlane_gui.map.stamps import Stamps
from lightlane_gui.map.strokes import Mode, Stroke, change_strokes, classify_changes, margin_strokes
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.session.selection import NOTHING, Selection
from lightlane_gui.theme import Theme

RING_BREAK_PX = (12.0, -12.0)
"""From the middle of a ring, which holds a number: beside it."""


@dataclass
class Accents:
    """What is marked for now.

    Attributes
    ----------
    changed
        Links that just changed class.
    glow
        How bright these are, 1 to 0.
    beacon
        Kind and name of what the view was led to, and how bright its ring is.
    """

    selection: Selection = NOTHING
    hovered: tuple[str, str] = ("", "")
    changed: tuple[str, ...] = ()
    glow: float = 0.0
    beacon: tuple[str, str] = ("", "")
    beacon_glow: float = 0.0


@dataclass(eq=False)
class MapScene:
    """Draws a picture with a camera."""

    theme: Theme
    camera: MapCamera
    mode: Mode = "margin"
    picture: FabricPicture | None = None
    against: FabricPicture | None = None
    wanted: frozenset[int] = frozenset()
    """Classes that are not dimmed; empty: all."""
    accents: Accents = field(default_factory=Accents)
    geometry: MapGeometry | None = None
    is_moving: bool = False
    """The camera has not come to rest: the base map may be an enlarged image."""

    def __post_init__(self) -> None:
        self._base, self._links, self._sites = Layer(opaque=True), Layer(), Layer()
        self._stamps = Stamps()
        self._levels: ClusterLevels | None = None
        self._names: list[PlacedName] = []
        self._names_version = self._links_version = 0
        self._links_drawn: tuple[int, frozenset[int]] = (-1, frozenset())
        self._double = np.zeros(0, dtype=bool)
        self._roles = np.zeros(0, dtype="U4")
        self.classes: NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
        self.strokes: tuple[Stroke, ...] = margin_strokes(self.theme)

    def show(self, picture: FabricPicture | None, against: FabricPicture | None) -> bool:
        """Take another picture; return whether things lie elsewhere than before."""
        self.picture, self.against = picture, against
        layout = picture.layout if picture is not None else None
        moved = layout is not (self.geometry.layout if self.geometry else None)
        if moved:
            self._lay_out(layout)
        self.restyle()
        return moved

    def _lay_out(self, layout: MapLayout | None) -> None:
        self.geometry = MapGeometry(layout) if layout is not None else None
        self._levels = ClusterLevels(layout) if layout is not None else None
        self._roles = np.array(layout.places.roles if layout is not None else [], dtype="U4")
        self._names = []
        for layer in (self._base, self._links, self._sites):
            layer.clear()

    def restyle(self) -> None:
        """Take over theme, mode and what is compared with."""
        self._links_version += 1
        comparing = self.mode == "difference" and self.picture is not None and self.against is not None
        self.strokes = change_strokes(self.theme) if comparing else margin_strokes(self.theme)
        if self.picture is None or self.geometry is None:
            self.classes, self._double = np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=bool)
            return
        picture = self.picture
        by_row = classify_changes(picture, self.against) if comparing and self.against else picture.class_index
        self.classes, self._double = by_row, picture.is_direct
        if picture.links != self.geometry.layout.links:
            rows = np.array([picture.row_by_link[name] for name in self.geometry.layout.links], dtype=np.intp)
            self.classes, self._double = by_row[rows], picture.is_direct[rows]

    @property
    def is_comparing(self) -> bool:
        """Whether colors are of changes."""
        return len(self.strokes) != len(margin_strokes(self.theme)) or self.strokes[0].key == "lost"

    def clusters(self) -> Clusters | None:
        """Return the sites that are drawn as one at the scale of now."""
        return self._levels.at(self.camera.km_per_px) if self._levels is not None else None

    def _laid_out(self) -> tuple[MapGeometry, Clusters]:
        """Return where things are; only where there is a picture."""
        clusters = self.clusters()
        assert self.geometry is not None
        assert clusters is not None
        return self.geometry, clusters

    def place_names(self, width: int, height: int, font: QFont) -> None:
        """Choose names anew; for when the camera has come to rest."""
        clusters = self.clusters()
        if self.geometry is None or clusters is None:
            return
        selection = self.accents.selection
        first = (selection.name,) if selection.kind == "site" else ()
        found = place_names(self.geometry, clusters, self.camera.viewport(width, height), font, first)
        if found != self._names:
            self._names = found
            self._names_version += 1

    def shown_stretches(self) -> NDArray[np.bool_]:
        """Return which stretches of links can be pointed at."""
        geometry, clusters = self._laid_out()
        lit = ~clusters.hidden_stretch
        if self.wanted:
            lit &= np.isin(self.classes[geometry.layout.stretch_link], list(self.wanted))
        return lit

    # --- drawing ----------------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, width: int, height: int, ratio: float, font: QFont) -> None:
        """Draw everything onto a widget of this size."""
        if self.geometry is None:
            painter.fillRect(0, 0, width, height, self.theme.plot)
            return
        self._refresh((width, height), ratio, font)
        view = self.camera.viewport(width, height)
        if self.is_moving:
            painter.fillRect(0, 0, width, height, self.theme.plot)  # where a stretched base map ends
        self._base.draw(painter, self.camera, width, height, ratio)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_under(painter, view)
        self._draw_links(painter, (width, height), ratio)
        self._sites.draw(painter, self.camera, width, height, ratio)
        self._paint_breaks(painter, view)
        self._paint_over(painter, view, ratio)

    def paint_vectors(self, painter: QPainter, width: int, height: int, font: QFont) -> None:
        """Draw everything onto a sheet of this size without images of layers; for files."""
        painter.fillRect(0, 0, width, height, self.theme.plot)
        if self.geometry is None:
            return
        view = self.camera.viewport(width, height)
        painter.setClipRect(0, 0, width, height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        kept, self._stamps = self._stamps, Stamps(are_kept=False)
        try:
            self._paint_base(painter, view, 1.0)
            self._paint_under(painter, view)
            self._paint_links(painter, view, 1.0)
            self._paint_sites(painter, view, 1.0, font)
            self._paint_breaks(painter, view)
            self._paint_over(painter, view, 1.0)
        finally:
            self._stamps = kept

    def _refresh(self, size: tuple[int, int], ratio: float, font: QFont) -> None:
        """Draw the layers anew that do not hold any more."""
        theme, camera = self.theme, self.camera
        key: tuple[object, ...] = (theme.name,)
        stretched = self.is_moving and self._base.can_stretch(key, camera, *size, ratio)
        if not stretched and not self._base.is_fresh(key, camera, *size, ratio):
            self._base.render(key, camera, size, ratio, theme.plot, self._paint_base)
        key = (theme.name, self._names_version)
        if not self._sites.is_fresh(key, camera, *size, ratio):

            def paint(painter: QPainter, view: Viewport, ratio: float) -> None:
                self._paint_sites(painter, view, ratio, font)

            self._sites.render(key, camera, size, ratio, None, paint)

    def _draw_links(self, painter: QPainter, size: tuple[int, int], ratio: float) -> None:
        """Draw the links: new colors at once, since others may follow; what is drawn again becomes an image."""
        key = (self._links_version, self.wanted)
        if self._links.is_fresh(key, self.camera, *size, ratio):
            self._links.draw(painter, self.camera, *size, ratio)
        elif key != self._links_drawn:
            self._links_drawn = key
            painter.save()
            painter.scale(1 / ratio, 1 / ratio)
            camera, (wide, high) = self.camera, (size[0] * ratio, size[1] * ratio)
            view = Viewport(camera.center_x_km, camera.center_y_km, camera.km_per_px / ratio, wide, high)
            self._paint_links(painter, view, ratio)
            painter.restore()
        else:
            self._links.render(key, self.camera, size, ratio, None, self._paint_links)
            self._links.draw(painter, self.camera, *size, ratio)

    def _paint_base(self, painter: QPainter, view: Viewport, ratio: float) -> None:
        geometry, _ = self._laid_out()
        draw_basemap(painter, view, ratio, geometry.layout, self.theme)
        draw_ducts(painter, view, ratio, geometry.duct_px(view), self.theme)

    def _paint_links(self, painter: QPainter, view: Viewport, ratio: float) -> None:
        geometry, clusters = self._laid_out()
        rows = geometry.layout.stretch_link
        kept = ~clusters.hidden_stretch
        lines, rows = geometry.stretch_px(view, ratio=ratio)[kept], rows[kept]
        classes = self.classes[rows]
        dimmed = ~np.isin(classes, list(self.wanted)) if self.wanted else np.zeros(len(rows), dtype=bool)
        marks = LinkMarks(classes, self._double[rows], dimmed)
        draw_links(painter, view, ratio, lines, marks, self.strokes, self.theme)

    def _paint_sites(self, painter: QPainter, view: Viewport, ratio: float, font: QFont) -> None:
        geometry, clusters = self._laid_out()
        points = geometry.site_px(view)
        own = clusters.center == np.arange(len(points))
        inside = ((points > -20) & (points < (view.width_px + 20, view.height_px + 20))).all(axis=1)
        shown = own & inside & (clusters.site_count < 2)
        draw_sites(painter, ratio, points[shown], self._roles[shown], self._stamps, self.theme)
        names = [name for name in self._names if own[name.site]]
        draw_names(painter, view, ratio, names, points, self._stamps, font, self.theme)

    def _paint_under(self, painter: QPainter, view: Viewport) -> None:
        geometry, _ = self._laid_out()
        accents, theme = self.accents, self.theme
        kind, name = accents.selection.kind, accents.selection.name
        if not kind and not accents.hovered[0] and accents.glow == 0.0:
            return
        lines = geometry.stretch_px(view)
        if accents.glow > 0:
            rows = stretches_of(geometry, accents.changed)
            classes = self.classes[geometry.layout.stretch_link[rows]]
            for index in np.flatnonzero(np.bincount(classes)).tolist():
                color = self.strokes[index].color
                draw_wide(painter, lines[rows[classes == index]], color, 14.0, opacity=0.55 * accents.glow)
        if kind == "demand":
            links, rerouted = route_of(self.picture, name)
            draw_route(painter, lines[stretches_of(geometry, links)], theme, rerouted=rerouted)
        for (what, which), opacity in ((accents.hovered, 0.4), ((kind, name), 1.0)):
            if what == "link":
                draw_casing(painter, lines[stretches_of(geometry, [which])], theme, opacity=opacity)
            elif what == "duct" and which in geometry.duct_index:
                row = geometry.duct_index[which]
                draw_casing(painter, geometry.duct_px(view)[row : row + 1], theme, opacity=opacity)

    def _paint_breaks(self, painter: QPainter, view: Viewport) -> None:
        geometry, clusters = self._laid_out()
        assert self.picture is not None
        index = geometry.duct_index
        plant = self.picture.state.plant
        rows = [index[name] for name, item in plant.ducts.items() if item.out_of_service and name in index]
        if rows:
            lines = geometry.duct_px(view)[rows]
            draw_breaks(painter, (lines[:, :2] + lines[:, 2:]) / 2, self.theme)
        sites = [geometry.site_index[name] for name in plant.sites if name in geometry.site_index]
        if sites:
            centers = np.unique(clusters.center[sites])
            together = clusters.site_count[centers, None] > 1
            draw_breaks(painter, geometry.site_px(view)[centers] + together * RING_BREAK_PX, self.theme)

    def _paint_over(self, painter: QPainter, view: Viewport, ratio: float) -> None:
        geometry, clusters = self._laid_out()
        points = geometry.site_px(view)
        rings = clusters.rings()
        near = points[rings]
        rings = rings[((near > -20) & (near < (view.width_px + 20, view.height_px + 20))).all(axis=1)]
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)  # stamps are in device pixels
        colors, counts = self._ring_colors(clusters, rings), clusters.site_count[rings].tolist()
        self._stamps.put_rings(painter, points[rings] * ratio, colors, counts, ratio, self.theme)
        painter.restore()
        accents = self.accents
        for (kind, name), opacity in (
            ((accents.selection.kind, accents.selection.name), 1.0), (accents.hovered, 0.5),
        ):  # fmt: skip
            if kind == "site" and name in geometry.site_index:
                x, y = points[clusters.center[geometry.site_index[name]]].tolist()
                radius_px = 9.0 if geometry.layout.places.roles[geometry.site_index[name]] == "hut" else 14.0
                draw_ring(painter, x, y, radius_px, self.theme.selection, opacity=opacity)
        if accents.selection.kind == "demand":
            self._paint_ends(painter, points[clusters.center], accents.selection.name)
        bounds = geometry.bounds_of(*accents.beacon) if accents.beacon_glow > 0 else None
        if bounds is not None:
            x, y = view.to_px(np.array([(bounds[0] + bounds[2]) / 2]), np.array([(bounds[1] + bounds[3]) / 2]))
            radius_px = 18 + 22 * (1 - accents.beacon_glow)
            draw_ring(painter, float(x[0]), float(y[0]), radius_px, self.theme.accent, opacity=accents.beacon_glow)

    def _paint_ends(self, painter: QPainter, points: NDArray[np.float64], demand: str) -> None:
        """Mark where a demand begins and ends."""
        geometry, _ = self._laid_out()
        assert self.picture is not None
        demands = self.picture.state.fabric.demand
        if demand.isdigit() and int(demand) < len(demands):
            record = demands[int(demand)]
            for name in (record.from_site, record.to_site):
                x, y = points[geometry.site_index[name]].tolist()
                draw_ring(painter, x, y, 14.0, self.theme.accent)

    def _ring_colors(self, clusters: Clusters, rings: NDArray[np.intp]) -> list[str]:
        """Return the color of the worst link inside each cluster; without any, that of what is not known."""
        geometry, _ = self._laid_out()
        layout = geometry.layout
        inside = np.flatnonzero(clusters.hidden_stretch)
        by_rank = {stroke.rank: stroke.color for stroke in self.strokes} | {-1: self.theme.muted}
        ranks = np.array([stroke.rank for stroke in self.strokes])
        worst = np.full(len(clusters.center), -1)
        centers = clusters.center[layout.stretch_sites[inside, 0]]
        np.maximum.at(worst, centers, ranks[self.classes[layout.stretch_link[inside]]])
        return [by_rank[rank] for rank in worst[rings].tolist()]

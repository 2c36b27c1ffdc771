"""The lane along its path: level and a second quantity over the kilometers, the elements drawn below."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout

from lightlane.toolkit import PathProfile
from lightlane_gui.charts import Axis, Chart
from lightlane_gui.link_view.chooser import ARROWS
from lightlane_gui.link_view.page import Page
from lightlane_gui.link_view.schematic import Schematic
from lightlane_gui.session.session import Session
from lightlane_gui.workers.link_desk import LinkDesk

Floats = NDArray[np.float64]
QUANTITIES = (
    ("osnr_db", "OSNR", "Signal over ASE in 12.5 GHz (0.1 nm), the transmitter's own noise included"),
    ("gsnr_db", "GSNR", "Signal over all noise in the symbol rate, nonlinear interference included"),
    ("chromatic_dispersion_ps_per_nm", "Dispersion", "Accumulated chromatic dispersion"),
)
NO_LINK = "No link selected.\nClick one on the map or in the table, or press N for the worst one."


class PathPage(Page):
    """Two charts with one scale of kilometers, and the strip of elements."""

    def __init__(self, session: Session, desk: LinkDesk) -> None:
        super().__init__()
        self._session, self._desk = session, desk
        kilometers = Axis("distance_km", "Distance from a (km)")
        self.level = Chart(session, "Level", kilometers, "level_dbm", empty_text=NO_LINK)
        self.second: dict[str, Chart] = {}
        self.schematic = Schematic(session)
        self.quantity = QComboBox()
        self.quantity.setAccessibleName("Second quantity along the path")
        self.quantity.setToolTip("What is drawn below the level")
        for name, label, tip in QUANTITIES:
            self.quantity.addItem(label, name)
            self.quantity.setItemData(self.quantity.count() - 1, tip, 3)  # Qt's role of tooltips
        self._wanted = 0
        self.quantity.activated.connect(self._want)
        caption = QLabel("Below:")
        caption.setBuddy(self.quantity)
        row = QHBoxLayout()
        row.setContentsMargins(8, 2, 8, 2)
        row.addWidget(caption)
        row.addWidget(self.quantity)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.level, 1)
        layout.addWidget(self.schematic)
        layout.addLayout(row)
        self._layout = layout
        self.schematic.pointed.connect(self._point)
        desk.shot_changed.connect(self.refresh)
        desk.link_changed.connect(self._take_link)
        desk.stale_changed.connect(self._mark_stale)
        self.refresh()

    def draw(self) -> None:
        """Bring charts and strip up to date."""
        shot, rows = self._desk.shot, self._desk.rows
        is_direct = rows is not None and rows.link.mode.detection == "direct"
        self._offer(is_direct=is_direct)
        chosen = self.quantity.currentData()
        charts = {"level_dbm": self.level, chosen: self._chart_of(chosen)}
        for name, chart in self.second.items():
            chart.setVisible(name == chosen)
        if shot is None or not shot.paths:
            self.schematic.set_paths(())
            why = NO_LINK if rows is None else "Loading\N{HORIZONTAL ELLIPSIS}"
            if shot is not None:
                why = f"No data: {shot.why_no_path or 'nothing arrives'}."
            for chart in (self.level, *self.second.values()):
                chart.clear(why)
            return
        self.schematic.set_paths(shot.paths)
        for name, chart in charts.items():
            with chart.updating():
                for direction in ARROWS:
                    path = next((item for item in shot.paths if item.direction == direction), None)
                    if path is None:
                        chart.remove(direction)
                    else:
                        self._draw(chart, name, path, is_chosen=direction == shot.lane.direction)
                self._draw_reference(chart, name, shot.reference_path)
        self._mark_stale()

    def _chart_of(self, name: str) -> Chart:
        """Return the chart of a second quantity, made when it is first wanted."""
        if name not in self.second:
            label = next(label for key, label, _ in QUANTITIES if key == name)
            axis = Axis(name, decimals=1 if name.endswith("ps_per_nm") else 2)
            chart = Chart(self._session, label, self.level.x_axis, axis, empty_text=NO_LINK)
            chart.link_x(self.level)
            self._layout.addWidget(chart, 1)
            self.second[name] = chart
        return self.second[name]

    def _mark_stale(self) -> None:
        for chart in (self.level, *self.second.values()):
            chart.set_stale(self._desk.shot is not None and self._desk.is_stale)

    def _draw(self, chart: Chart, name: str, path: PathProfile, *, is_chosen: bool) -> None:
        x, y = _from_a(path, getattr(path, name))
        if not np.isfinite(y).any():
            chart.remove(path.direction)
            return
        chart.set_curve(
            path.direction, x, y, ARROWS[path.direction], color=f"trace:{int(path.direction == 'b_to_a')}",
            style="solid" if is_chosen else "dashed", marks=len(x) <= 60, column=f"{path.direction}_{name}",
        )  # fmt: skip

    def _draw_reference(self, chart: Chart, name: str, path: PathProfile | None) -> None:
        """Draw the lane in what is compared with as a ghost."""
        if path is None or self._session.reference is None or not np.isfinite(getattr(path, name)).any():
            chart.remove("reference")
            return
        x, y = _from_a(path, getattr(path, name))
        label = self._session.reference_variant or "reference"
        chart.set_curve("reference", x, y, label, color="muted", style="dotted", column=f"reference_{name}")

    def _offer(self, *, is_direct: bool) -> None:
        """Offer what the link has: a direct-detect one has no OSNR along its path."""
        for place, (name, _, _) in enumerate(QUANTITIES):
            is_offered = not is_direct or name == "chromatic_dispersion_ps_per_nm"
            item = self.quantity.model().item(place)  # type: ignore[attr-defined] # a box's own model
            item.setEnabled(is_offered)
        self.quantity.setCurrentIndex(len(QUANTITIES) - 1 if is_direct else self._wanted)

    def _take_link(self) -> None:
        """Say that another link is being looked into; its own path comes with the shot."""
        if self._desk.shot is None:
            self.refresh()

    def _want(self, place: int) -> None:
        self._wanted = place
        self.refresh()

    def _point(self, distance_km: float) -> None:
        for chart in (self.level, *self.second.values()):
            chart.crosshair.move(None if math.isnan(distance_km) else distance_km)


def _from_a(path: PathProfile, values: Floats) -> tuple[Floats, Floats]:
    """Return kilometers from a, rising, and values at them."""
    x = path.distance_km
    return (x[-1] - x[::-1], values[::-1]) if path.direction == "b_to_a" else (x, values)

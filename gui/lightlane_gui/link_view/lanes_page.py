"""All lanes of the link side by side: margin, level, noise or eye, errors; a click chooses one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QVBoxLayout

from lightlane.toolkit import classify_margin
from lightlane_gui.charts import Axis, Chart
from lightlane_gui.link_view.chooser import ARROWS
from lightlane_gui.link_view.page import Page
from lightlane_gui.link_view.path_page import NO_LINK
from lightlane_gui.session.link_rows import DIRECTIONS, LinkRows
from lightlane_gui.session.session import Session
from lightlane_gui.workers.link_desk import LinkDesk

Floats = NDArray[np.float64]
_OFFSET, _WIDTH = 0.2, 0.36
"""Of the bars of both directions around a lane's place."""
LANES_SHOWN_MIN = 4


class LanesPage(Page):
    """Four small charts over the lanes, in the order of channel and lane."""

    def __init__(self, session: Session, desk: LinkDesk) -> None:
        super().__init__()
        self._session, self._desk = session, desk
        place = Axis("lane_index", "Lane, in the order of channels", decimals=0)
        self.charts = {
            "margin_db": Chart(session, "Margin: a to b left, b to a right", place, "margin_db", empty_text=NO_LINK),
            "received_power_dbm": Chart(session, "Received power", place, "received_power_dbm", empty_text=NO_LINK),
            "osnr_db": Chart(session, "OSNR", place, "osnr_db", empty_text=NO_LINK),
            "tdecq_db": Chart(session, "TDECQ", place, "tdecq_db", empty_text=NO_LINK),
            "pre_fec_ber": Chart(
                session, "Pre-FEC BER", place, Axis("pre_fec_ber", "Pre-FEC BER", is_log=True), empty_text=NO_LINK
            ),
        }
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for chart in self.charts.values():
            layout.addWidget(chart, 1)
            chart.clicked.connect(self._choose)
            chart.setToolTip("Click a lane to look at it")
        first = self.charts["margin_db"]
        for chart in list(self.charts.values())[1:]:
            chart.link_x(first)
        desk.link_changed.connect(self.refresh)
        desk.stale_changed.connect(self._mark_stale)
        self.refresh()

    def draw(self) -> None:
        """Bring the charts up to date."""
        rows = self._desk.rows
        self._show_fitting(rows)
        if rows is None:
            for chart in self.charts.values():
                chart.clear(NO_LINK)
            return
        addresses = self._addresses(rows)
        places = {address: place for place, address in enumerate(addresses)}
        directions = np.array(rows.words("direction"))
        statuses = rows.words("status")
        at = np.array(
            [
                places[int(channel), int(lane)]
                for channel, lane in zip(rows.column("channel_index"), rows.column("lane"), strict=True)
            ],
            dtype=float,
        )
        channel, _, lane = rows.address(self._desk.row)
        chosen = places[channel, lane]
        for name, chart in self.charts.items():
            if chart.isHidden():
                continue
            # Single lanes do not fill the width: a bar stays a bar.
            chart.set_limits(x=(-0.6, max(len(addresses), LANES_SHOWN_MIN) - 0.4))
            values = rows.column(name)
            if not np.isfinite(values).any():
                chart.clear("No data: the link's model has no such figure for it.")
                continue
            with chart.updating():
                for side, direction in enumerate(DIRECTIONS):
                    mine = np.flatnonzero(directions == direction)
                    x = at[mine] + (side - 0.5) * 2 * _OFFSET
                    _draw_direction(chart, name, side, x, values[mine], [statuses[i] for i in mine.tolist()])
            self._draw_reference(chart, name, rows)
            chart.set_band("chosen", chosen - 0.48, chosen + 0.48, along="y", color="accent")
        self._mark_stale()

    def _draw_reference(self, chart: Chart, name: str, rows: LinkRows) -> None:
        """Mark what the lanes have in what is compared with, where it has the same lanes."""
        others = LinkRows.find(self._session.reference, rows.link.name)
        if others is None or others.last - others.first != rows.last - rows.first:
            chart.remove("reference")
            return
        places = {address: place for place, address in enumerate(self._addresses(rows))}
        values = others.column(name)
        addresses = [others.address(row) for row in range(others.first, others.last)]
        sides = np.array([item[1] == DIRECTIONS[1] for item in addresses], dtype=float)
        x = np.array([places.get((item[0], item[2]), np.nan) for item in addresses]) + (sides - 0.5) * 2 * _OFFSET
        label = self._session.reference_variant or "reference"
        chart.set_points("reference", x, values, label, color="ink", symbol="d")

    def _show_fitting(self, rows: LinkRows | None) -> None:
        is_direct = rows is not None and rows.link.mode.detection == "direct"
        self.charts["osnr_db"].setVisible(not is_direct)
        self.charts["tdecq_db"].setVisible(is_direct)

    def _mark_stale(self) -> None:
        for chart in self.charts.values():
            chart.set_stale(self._desk.rows is not None and self._desk.is_stale)

    @staticmethod
    def _addresses(rows: LinkRows) -> list[tuple[int, int]]:
        """Return channel and lane of each place."""
        pairs = zip(rows.column("channel_index").tolist(), rows.column("lane").tolist(), strict=True)
        return sorted({(int(channel), int(lane)) for channel, lane in pairs})

    def _choose(self, x: float, y: float) -> None:
        rows = self._desk.rows
        if rows is None:
            return
        addresses = self._addresses(rows)
        place = min(max(round(x), 0), len(addresses) - 1)
        channel, lane = addresses[place]
        direction = DIRECTIONS[0] if x < place else DIRECTIONS[1]
        self._session.select_lane(channel_index=channel, lane=lane, direction=direction)


def _draw_direction(chart: Chart, name: str, side: int, x: Floats, y: Floats, statuses: list[str]) -> None:
    """Draw the lanes of one direction: bars, of errors points, since those have no place to begin at."""
    direction, color = DIRECTIONS[side], f"trace:{side}"
    if name == "pre_fec_ber":
        chart.set_points(direction, x, y, ARROWS[direction], color=color)
        return
    colors: tuple[str, ...] = ()
    if name == "margin_db":
        colors = tuple(
            f"class:{classify_margin(value, status).key}" for value, status in zip(y.tolist(), statuses, strict=True)
        )
    chart.set_bars(
        direction, x, y, "" if colors else ARROWS[direction], color=color, point_colors=colors, width=_WIDTH,
        base=_base(name, y),
    )  # fmt: skip


def _base(name: str, values: Floats) -> float:
    """Return where bars begin: levels below zero hang from the bottom, so that more is higher."""
    if name != "received_power_dbm":
        return 0.0
    known = values[np.isfinite(values)]
    return float(np.floor(known.min() - 1.0)) if len(known) else 0.0

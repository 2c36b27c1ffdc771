"""Name, verdict and facts of the link that is looked at."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from lightlane.toolkit import MARGIN_CLASSES, find_remedy
from lightlane_gui.charts.number_text import NO_DATA, STALE, format_number
from lightlane_gui.charts.steady_label import write_steady
from lightlane_gui.link_view.chip import Chip
from lightlane_gui.link_view.figures import FIGURE_BY_NAME
from lightlane_gui.session.link_rows import LinkRows
from lightlane_gui.session.session import Session
from lightlane_gui.theme import CLASS_KEYS
from lightlane_gui.workers.link_desk import LinkDesk

_LABELS = {item.key: item.label for item in MARGIN_CLASSES} | {"unknown": "unknown"}
LIMIT_WORDS = {
    "osnr": "OSNR", "pmd": "PMD", "pdl": "PDL", "fec": "noise of the module", "sop": "rotation of polarization",
    "power": "too little power", "overload": "too much power",
}  # fmt: skip
"""For people; other words of ``limited_by`` are words already."""
_DOT = " \N{MIDDLE DOT} "


class LinkHeader(QWidget):
    """Three lines: name and margin, verdict, facts."""

    def __init__(self, session: Session, desk: LinkDesk) -> None:
        super().__init__()
        self._session, self._desk = session, desk
        self.chip = Chip(session)
        self.name, self.margin, self.verdict, self.facts = QLabel(), QLabel(), QLabel(), QLabel()
        self.name.setAccessibleName("Link")
        self.margin.setAccessibleName("Margin of the link")
        self.margin.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        for label in (self.verdict, self.facts):
            label.setWordWrap(True)
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self.chip)
        first.addWidget(self.name, 1)
        first.addWidget(self.margin)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 4)
        layout.setSpacing(2)
        layout.addLayout(first)
        layout.addWidget(self.verdict)
        layout.addWidget(self.facts)
        session.theme_changed.connect(self._color)
        desk.stale_changed.connect(self.show_link)
        desk.link_changed.connect(self.show_link)
        self._color()
        self.show_link()

    def show_link(self) -> None:
        """Bring it up to date."""
        rows, picture = self._desk.rows, self._session.picture
        self.setVisible(rows is not None)
        if rows is None or picture is None:
            return
        key = CLASS_KEYS[int(picture.class_index[rows.place])]
        self.chip.set_class(key, f"Margin class: {_LABELS[key]}")
        record = next((item for item in picture.state.fabric.link if item.name == rows.link.name), None)
        ends = "" if record is None else f"{record.a} \N{LEFT RIGHT ARROW} {record.b}"
        self.name.setText(rows.link.name)
        self.name.setToolTip(f"{rows.link.name}: {ends}")
        margin_db = rows.value(rows.deciding, "margin_db")
        mark = STALE if self._desk.is_stale else ""
        number = format_number(margin_db, signed=True)
        write_steady(self.margin, NO_DATA if math.isnan(margin_db) else f"{number}\N{NO-BREAK SPACE}dB{mark}")
        self.margin.setToolTip(FIGURE_BY_NAME["margin_db"].explain(rows.link.mode.detection) + "\nOf the deciding lane")
        self.verdict.setText(describe_verdict(rows, self._wanted_db()) + mark)
        self.facts.setText(_DOT.join(([ends] if ends else []) + list_facts(rows)))
        self.facts.setToolTip("\n".join(rows.link.notes))

    def _wanted_db(self) -> float:
        picture = self._session.picture
        return math.nan if picture is None else picture.state.wanted_margin_db

    def _color(self) -> None:
        theme = self._session.theme
        self.name.setStyleSheet(f"color: {theme.ink}; font-weight: 700; font-size: 12pt;")
        self.margin.setStyleSheet(f"color: {theme.ink}; font-weight: 700; font-size: 12pt;")
        self.verdict.setStyleSheet(f"color: {theme.ink};")
        self.facts.setStyleSheet(f"color: {theme.muted};")


def describe_verdict(rows: LinkRows, wanted_db: float) -> str:
    """Return status, what limits or blocks, and what would help."""
    row = rows.deciding
    status = rows.word(row, "status")
    blocked, unknown = rows.word(row, "blocked_by"), rows.word(row, "unknown_because")
    limit = rows.word(row, "limited_by")
    text = status.capitalize()
    if blocked:
        text += f": {blocked}"
    elif status == "unknown" and unknown:
        text += f": {unknown}"
    elif limit != "none":
        text += f", limited by {LIMIT_WORDS.get(limit, limit)}"
    if status == "degraded":
        text += f"; {format_number(wanted_db, 1)} dB are wanted"
    remedy = find_remedy(rows.link.mode.detection, limit)
    if remedy and status in ("down", "degraded"):
        text += f". What would help: {remedy}"
    return text


def list_facts(rows: LinkRows) -> list[str]:
    """Return module, mode, length, channels, rate and latency in words."""
    link = rows.link
    channels = len(link.lit_channels) if link.lit_channels is not None else link.channels
    facts = [link.module.name]
    if link.mode.name != link.module.name:
        facts.append(link.mode.name)
    facts.append(f"{format_number(link.length_km, 1)} km")
    facts.append(f"{channels} channel{'s' if channels != 1 else ''}")
    if link.mode.detection == "direct":
        facts.append(f"{len(rows.lanes())} lanes")
    facts.append(f"{format_number(link.rate_gbps, 0)} Gb/s")
    latency_us = max(rows.column("latency_us").tolist())
    facts.append("no latency known" if math.isnan(latency_us) else f"{format_number(latency_us, 1)} µs")
    return facts

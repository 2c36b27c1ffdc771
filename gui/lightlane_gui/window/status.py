"""The status bar: how the fabric is, whether numbers are of the parameters on screen, what it took to compute them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStatusBar

from lightlane_gui.charts.steady_label import write_steady
from lightlane_gui.session.session import Session

COMPUTING = "computing \N{HORIZONTAL ELLIPSIS}"
STATUS_WORDS = ("up", "degraded", "down", "unknown")


class StatusBar(QStatusBar):
    """Counts of links by status, demands, version, compute time; messages pass at the left."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.variant, self.links, self.demands, self.compute = (QLabel() for _ in range(4))
        for label, name in (
            (self.variant, "Variant and instant"),
            (self.links, "Links"),
            (self.demands, "Demands"),
            (self.compute, "Computation"),
        ):
            label.setAccessibleName(name)
            label.setContentsMargins(8, 0, 8, 0)
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.addPermanentWidget(label)
        self.setSizeGripEnabled(False)
        session.picture_changed.connect(self.refresh)
        session.edited.connect(self.refresh)
        session.noticed.connect(self._tell)
        self.refresh()

    def refresh(self) -> None:
        """Write the figures of the picture on display."""
        session, picture = self._session, self._session.picture
        if session.document is None:
            for label in (self.variant, self.links, self.demands, self.compute):
                write_steady(label, "")
            return
        write_steady(self.variant, f"{session.form.variant}, day {session.time_days:,.6g}")
        mark = " ?" if session.is_stale else ""
        if picture is None:
            write_steady(self.compute, COMPUTING)
            return
        counts = {word: picture.status.count(word) for word in STATUS_WORDS}
        write_steady(self.links, ", ".join(f"{count} {word}" for word, count in counts.items() if count) + mark)
        if picture.routed:
            outcomes = picture.state.routing.status
            words = ", ".join(
                f"{outcomes.count(word)} {word}" for word in ("met", "late", "blocked") if word in outcomes
            )
            write_steady(self.demands, f"demands {words}{mark}" if words else "no demands")
        write_steady(self.compute, COMPUTING if session.is_stale else f"{picture.elapsed_ms:.0f} ms")
        self.compute.setToolTip("Time that the worker took for what is shown: composing, evaluating, routing")

    def _tell(self, level: str, text: str) -> None:
        first = text.splitlines()[0] if text else ""
        self.showMessage(first if level == "info" else f"{level}: {first}", 6000)

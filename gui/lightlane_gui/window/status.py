"""The status bar: how the fabric is, whether numbers are of the parameters on screen, what it took to compute them."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QStatusBar

from lightlane_gui.session.session import Session

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
                label.clear()
            return
        self.variant.setText(f"{session.form.variant}, day {session.time_days:,.6g}")
        mark = " ?" if session.is_stale else ""
        if picture is None:
            self.compute.setText("computing …")
            return
        counts = {word: picture.status.count(word) for word in STATUS_WORDS}
        self.links.setText(", ".join(f"{count} {word}" for word, count in counts.items() if count) + mark)
        if picture.routed:
            outcomes = picture.state.routing.status
            words = ", ".join(
                f"{outcomes.count(word)} {word}" for word in ("met", "late", "blocked") if word in outcomes
            )
            self.demands.setText(f"demands {words}{mark}" if words else "no demands")
        self.compute.setText("computing …" if session.is_stale else f"{picture.elapsed_ms:.0f} ms")
        self.compute.setToolTip("Time that the worker took for what is shown: composing, evaluating, routing")

    def _tell(self, level: str, text: str) -> None:
        first = text.splitlines()[0] if text else ""
        self.showMessage(first if level == "info" else f"{level}: {first}", 6000)

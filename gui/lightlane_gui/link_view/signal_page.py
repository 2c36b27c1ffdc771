"""The signal of the lane: its waveform, simulated in rounds beside the window."""

from __future__ import annotations

import math
from functools import cached_property

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QStackedWidget, QVBoxLayout

from lightlane import LaneResult
from lightlane.toolkit import LanePicture
from lightlane_gui.charts.number_text import STALE, format_number, format_power_of_ten
from lightlane_gui.link_view.coherent_panel import CoherentPanel
from lightlane_gui.link_view.direct_panel import DirectPanel
from lightlane_gui.link_view.page import Page
from lightlane_gui.session.session import Session
from lightlane_gui.workers.lane_worker import LaneShot
from lightlane_gui.workers.link_desk import LinkDesk

PROGRESS_MS = 250
RUN_TIP = "Simulate the lane from the first round"
_DOT = " \N{MIDDLE DOT} "


class SignalPage(Page):
    """What runs, what it found, and the pictures of it."""

    def __init__(self, session: Session, desk: LinkDesk) -> None:
        super().__init__()
        self._session, self._desk = session, desk
        self.state, self.numbers = QLabel(), QLabel()
        self.state.setAccessibleName("State of the simulation")
        self.numbers.setAccessibleName("What the simulation found")
        self.numbers.setWordWrap(True)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(90, 10)
        self.progress.setAccessibleName("Progress of the simulation")
        self.progress.setToolTip("Share of the round in work; a moving bar: it cannot be told")
        self.button = QPushButton("Run")
        self._name_button(RUN_TIP)
        self.button.clicked.connect(self._press)
        first = QHBoxLayout()
        first.setContentsMargins(8, 4, 8, 0)
        first.addWidget(self.state, 1)
        first.addWidget(self.progress)
        first.addWidget(self.button)
        self.panels = QStackedWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(first)
        layout.addWidget(self.numbers)
        layout.addWidget(self.panels, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(PROGRESS_MS)
        self._timer.timeout.connect(self._show_progress)
        self._drawn: tuple[LaneShot | None, bool] = (None, True)
        desk.waveform_changed.connect(self.refresh_now)
        for signal in (desk.shot_changed, desk.link_changed, desk.stale_changed):
            signal.connect(self.refresh)
        session.theme_changed.connect(self._color)
        self._color()
        self.refresh()

    # Made when first needed: a window that shows no signal is open sooner.
    @cached_property
    def coherent(self) -> CoherentPanel:
        """Charts of coherent lanes."""
        panel = CoherentPanel(self._session)
        self.panels.addWidget(panel)
        return panel

    @cached_property
    def direct(self) -> DirectPanel:
        """Charts of direct-detect lanes."""
        panel = DirectPanel(self._session)
        self.panels.addWidget(panel)
        return panel

    def draw(self) -> None:
        """Bring everything up to date."""
        desk, rows = self._desk, self._desk.rows
        is_running = desk.running is not None
        if is_running and not self._timer.isActive():
            self._timer.start()
        elif not is_running:
            self._timer.stop()
        self.progress.setVisible(is_running)
        self.button.setEnabled(rows is not None)
        self.button.setText("Cancel" if is_running else "Run again" if desk.waveform is not None else "Run")
        self._name_button("Stop the simulation; what has come stays" if is_running else RUN_TIP)
        self.state.setText(self._describe_state())
        shot = desk.waveform
        is_stale = desk.is_waveform_stale
        numbers = "" if shot is None or shot.result is None else write_numbers(shot, shot.result, is_stale=is_stale)
        self.numbers.setText(numbers)
        self.numbers.setVisible(bool(numbers))
        self.numbers.setToolTip("" if shot is None or shot.result is None else explain_numbers(shot))
        if rows is not None:
            panel = self.coherent if rows.link.mode.detection == "coherent" else self.direct
            self.panels.setCurrentWidget(panel)
            # Pictures cost more than texts: they are drawn anew only when they have changed.
            if (shot, is_stale) != self._drawn or shot is None:
                panel.show_shot(shot, is_stale=is_stale)
                self._drawn = (shot, is_stale)
        self._show_progress()

    def _name_button(self, tip: str) -> None:
        self.button.setToolTip(tip)
        self.button.setAccessibleName(tip)

    def _describe_state(self) -> str:
        desk = self._desk
        if desk.rows is None:
            return "No link selected"
        if desk.running is not None:
            number, _ = desk.lane_worker.progress()
            return f"Round {number + 1} of {len(desk.rounds)}: {_count(desk.rounds[number])} symbols"
        if desk.has_failed:
            return "Failed: the log says why"
        if desk.waveform is None:
            return "Cancelled" if desk.was_cancelled else "Beginning\N{HORIZONTAL ELLIPSIS}"
        return self._describe_shot(desk.waveform)

    def _describe_shot(self, shot: LaneShot) -> str:
        if self._desk.is_waveform_stale:
            return "Of earlier parameters" + STALE
        if shot.reason:
            return "Not simulated"
        end = "" if shot.is_last else ", cancelled"
        return f"{_count(shot.symbols_count)} symbols in {format_number(shot.elapsed_s, 1)} s{end}"

    def _show_progress(self) -> None:
        if self._desk.running is None:
            return
        _, share = self._desk.lane_worker.progress()
        self.progress.setRange(0, 1000 if share > 0.0 else 0)
        self.progress.setValue(int(1000 * share))
        self.state.setText(self._describe_state())

    def _press(self) -> None:
        if self._desk.running is not None:
            self._desk.cancel()
        else:
            self._desk.run()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Have the lane simulated while the page is seen."""
        super().showEvent(event)
        self._desk.watch("signal", is_seen=True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Let no simulation begin unseen."""
        super().hideEvent(event)
        self._desk.watch("signal", is_seen=False)

    def _color(self) -> None:
        theme = self._session.theme
        self.state.setStyleSheet(f"color: {theme.muted};")
        self.numbers.setStyleSheet(f"color: {theme.ink}; padding: 0 8px;")


def _count(symbols_count: int) -> str:
    return f"{symbols_count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def write_numbers(shot: LaneShot, result: LaneResult, *, is_stale: bool) -> str:
    """Return what the simulation found in a line, beside what the budget says."""
    budget, mark = shot.budget, STALE if is_stale else ""
    parts = [f"FEC margin {format_number(result.fec_margin_db, signed=True)} dB (budget {_db(budget.fec_margin_db)})"]
    ratios = [format_power_of_ten(item.pre_fec_ber) for item in (result, budget)]
    parts.append(f"pre\N{NON-BREAKING HYPHEN}FEC BER {ratios[0]} (budget {ratios[1]})")
    if isinstance(shot.picture, LanePicture):
        picture = shot.picture
        parts.append(f"SNR {format_number(picture.snr_db)} dB (budget {_db(budget.snr_db)})")
        parts.append(f"EVM {format_number(picture.evm_percent, 1)} %")
        parts.append(f"{_count(picture.bit_errors_count)} errors in {_count(picture.bits_count)} bits")
    elif shot.picture is not None:
        if shot.is_last:
            parts.append(f"TDECQ {format_number(result.tdecq_db)} dB (budget {_db(budget.tdecq_db)})")
        parts.append(f"{_count(shot.picture.bit_errors_count)} errors in {_count(shot.picture.bits_count)} bits")
    return _DOT.join((part + mark).replace(" ", "\N{NO-BREAK SPACE}") for part in parts)


def explain_numbers(shot: LaneShot) -> str:
    """Return where the numbers come from."""
    is_coherent = shot.key.link.mode.detection == "coherent"
    page = "docs/models/coherent-waveform.md" if is_coherent else "docs/models/direct-waveform.md"
    return (
        f"Simulated symbol by symbol: {page}\n"
        "With fewer than 20 counted errors the BER is that of the measured noise.\n"
        "In brackets: the analytic budget."
    )


def _db(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{format_number(value, signed=False)} dB"

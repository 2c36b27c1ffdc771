"""What a simulated PAM4 lane shows: eyes, levels, equalizer, and how errors fall with light and with time."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from lightlane.toolkit import DirectPicture, EyeDensity
from lightlane_gui.charts import Axis, Chart
from lightlane_gui.charts.palettes import shade_density
from lightlane_gui.link_view.fec_chart import FecChart
from lightlane_gui.link_view.signal_panel import EMPTY, SignalPanel
from lightlane_gui.session.session import Session

WINDOWS_UI = (-0.05, 0.05)
WINDOW_WIDTH_UI = 0.04
"""Histograms of TDECQ: 0.04 UI wide around 0.45 and 0.55 UI of the eye (IEEE 802.3-2022, 121.8.5.3)."""
SER_LEAST = 1e-15
_TARGET = "target of the mode"


class DirectPanel(SignalPanel[DirectPicture]):
    """Eight charts."""

    def __init__(self, session: Session) -> None:
        time = Axis("time_ui", "Time (UI)")
        ratio = Axis("symbol_error_ratio", "Symbol error ratio", is_log=True)
        self.received = Chart(
            session, "Received eye", time, Axis("current_ua", "Current (µA)", decimals=1), empty_text=EMPTY,
        )  # fmt: skip
        self.equalized = Chart(
            session, "Equalized eye", time, Axis("equalized_ratio", "Over outer OMA"), empty_text=EMPTY,
        )  # fmt: skip
        self.levels = Chart(
            session, "Levels", Axis("decision_ratio", "Decision (over outer OMA)"),
            Axis("symbols_count", "Symbols", is_log=True, decimals=0), empty_text=EMPTY,
        )  # fmt: skip
        self.fall = Chart(
            session, "Errors over light", Axis("oma_outer_dbm", "Received outer OMA (dBm)"), ratio, empty_text=EMPTY,
        )  # fmt: skip
        self.taps = Chart(
            session, "Equalizer", Axis("tap_index", "Tap (behind the main one)", decimals=0),
            Axis("tap_ratio", "Weight", decimals=3), empty_text=EMPTY,
        )  # fmt: skip
        self.bathtub = Chart(
            session, "Bathtub", Axis("time_ui", "Decision after the sampling time (UI)", limits=(-0.5, 0.5)), ratio,
            empty_text=EMPTY,
        )  # fmt: skip
        self.pulse = Chart(
            session, "Pulse response", Axis("time_ui", "Time (UI)"), Axis("pulse_ratio", "Over the symbol sent"),
            empty_text=EMPTY,
        )  # fmt: skip
        fec = FecChart(session, EMPTY)
        charts: list[QWidget] = [
            self.received, self.equalized, self.levels, self.fall, fec, self.taps, self.pulse, self.bathtub,
        ]  # fmt: skip
        super().__init__(session, DirectPicture, charts, fec)

    def draw(self, picture: DirectPicture) -> None:
        """Draw marks on the eyes, levels, equalizer and errors."""
        self._draw_marks(picture)
        self._draw_levels(picture)
        self._draw_equalizer(picture)
        self._draw_errors(picture)

    def shade(self, picture: DirectPicture) -> None:
        """Draw the eyes."""
        theme = self._session.theme
        for chart, eye in ((self.received, picture.received), (self.equalized, picture.equalized)):
            chart.set_image("density", shade_density(eye.count, theme.density, theme.plot), _bounds(eye))

    def _draw_marks(self, picture: DirectPicture) -> None:
        """Draw thresholds and the windows of TDECQ on the equalized eye, and where samples are taken on the other."""
        offset_ui = picture.sampling_offset_ui
        self.received.set_line("sample", offset_ui, "sampled", along="y", color="accent")
        for number, middle_ui in enumerate(WINDOWS_UI):
            at_ui = offset_ui + middle_ui
            self.equalized.set_band(
                f"window-{number}", at_ui - WINDOW_WIDTH_UI / 2, at_ui + WINDOW_WIDTH_UI / 2, along="y", color="accent"
            )
        for number, threshold in enumerate(picture.threshold_ratio.tolist()):
            self.equalized.set_line(f"threshold-{number}", threshold)
        self.equalized.heading.setToolTip(
            "Behind the lane's own equalizer. Bands: the histogram windows of TDECQ, 0.45 and 0.55 UI.\n"
            "Dashed: thresholds of the decision."
        )

    def _draw_levels(self, picture: DirectPicture) -> None:
        edges = np.linspace(
            picture.histogram_low_ratio, picture.histogram_high_ratio, picture.histogram_count.shape[1] + 1
        )
        middles = 0.5 * (edges[1:] + edges[:-1])
        for level, count in enumerate(picture.histogram_count):
            shown = np.where(count > 0, count.astype(float), np.nan)
            self.levels.set_curve(
                f"level-{level}", middles, shown, str(level), color=f"trace:{level}",
                column=f"level_{level}_symbols_count",
            )  # fmt: skip
        for number, threshold in enumerate(picture.threshold_ratio.tolist()):
            self.levels.set_line(f"threshold-{number}", threshold, along="y")

    def _draw_equalizer(self, picture: DirectPicture) -> None:
        places = np.arange(len(picture.tap_ratio), dtype=float) - picture.main_index
        self.taps.set_bars("taps", places, picture.tap_ratio, "feed forward", width=0.35)
        if picture.feedback_ratio != 0.0:
            self.taps.set_points(
                "feedback", np.array([1.0]), np.array([picture.feedback_ratio]), "feedback", color="trace:1"
            )
        else:
            self.taps.remove("feedback")
        self.pulse.set_curve("pulse", picture.pulse_time_ui, picture.pulse_response_ratio)
        whole = np.arange(np.ceil(picture.pulse_time_ui[0]), picture.pulse_time_ui[-1]) + picture.sampling_offset_ui
        inside = whole[(whole >= picture.pulse_time_ui[0]) & (whole <= picture.pulse_time_ui[-1])]
        taken = np.interp(inside, picture.pulse_time_ui, picture.pulse_response_ratio)
        self.pulse.set_points("taken", inside, taken, "samples", color="trace:1")

    def _draw_errors(self, picture: DirectPicture) -> None:
        ratio = picture.fall_symbol_error_ratio
        self.fall.set_curve("ratio", picture.fall_oma_outer_dbm, np.where(ratio > SER_LEAST, ratio, np.nan))
        here = len(ratio) - 1 - int(np.argmin(np.abs(ratio[::-1] - picture.symbol_error_ratio)))
        if picture.symbol_error_ratio > SER_LEAST:
            at = (np.array([picture.fall_oma_outer_dbm[here]]), np.array([picture.symbol_error_ratio]))
            self.fall.set_points("here", *at, "this lane", color="trace:1")
        else:
            self.fall.remove("here")
        ratio = picture.bathtub_symbol_error_ratio
        self.bathtub.set_curve("ratio", picture.bathtub_time_ui, np.where(ratio > SER_LEAST, ratio, np.nan))
        for chart in (self.fall, self.bathtub):
            chart.set_line("target", picture.target_ser_ratio, _TARGET)


def _bounds(eye: EyeDensity) -> tuple[float, float, float, float]:
    """Return the edges of a picture whose first and last columns stand at the ends of its time."""
    half = 0.5 * (eye.last_ui - eye.first_ui) / max(eye.count.shape[1] - 1, 1)
    return eye.first_ui - half, eye.last_ui + half, eye.low, eye.high

"""What a simulated coherent lane shows: constellations, spectra, equalizer, phase, and its point on the FEC's curve."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from lightlane.toolkit import LanePicture
from lightlane_gui.charts import Axis, Chart
from lightlane_gui.charts.number_text import format_number
from lightlane_gui.charts.palettes import shade_density
from lightlane_gui.link_view.fec_chart import FecChart
from lightlane_gui.link_view.signal_panel import EMPTY, SignalPanel
from lightlane_gui.session.session import Session

SPECTRUM_DEPTH_DB = 45.0
_NAMES = ("X", "Y")


class CoherentPanel(SignalPanel[LanePicture]):
    """Six charts."""

    def __init__(self, session: Session) -> None:
        plane = (Axis("in_phase_ratio", "In phase"), Axis("quadrature_ratio", "Quadrature"))
        self.constellations = [
            Chart(session, f"{name} polarization", *plane, empty_text=EMPTY, is_square=True) for name in _NAMES
        ]
        self.spectrum = Chart(
            session, "Spectrum", Axis("offset_ghz", "Offset from the carrier (GHz)", decimals=1),
            Axis("density_dbm_per_ghz", "Power density (dBm/GHz)", decimals=1), empty_text=EMPTY,
        )  # fmt: skip
        self.taps = Chart(
            session, "Equalizer", Axis("tap_index", "Tap (half symbols)", decimals=0),
            Axis("magnitude_ratio", "Magnitude", decimals=3), empty_text=EMPTY,
        )  # fmt: skip
        self.phase = Chart(session, "Carrier phase", "time_us", "phase_rad", empty_text=EMPTY)
        fec = FecChart(session, EMPTY)
        charts: list[QWidget] = [*self.constellations, self.spectrum, fec, self.taps, self.phase]
        super().__init__(session, LanePicture, charts, fec)

    def draw(self, picture: LanePicture) -> None:
        """Draw ideal points, spectra, taps and phase."""
        for side, chart in enumerate(self.constellations):
            snr_db = (picture.snr_x_db, picture.snr_y_db)[side]
            chart.set_title(f"{_NAMES[side]} polarization, {format_number(snr_db)} dB")
            points = picture.points[side]
            chart.set_points("sent", points.real, points.imag, color="ink", symbol="+")
        self._draw_spectrum(picture)
        self._draw_taps(picture)
        time_us = np.arange(picture.phase_rad.shape[-1], dtype=np.float64) * picture.phase_spacing_us
        for side, name in enumerate(_NAMES):
            self.phase.set_curve(name, time_us, picture.phase_rad[side], name, color=f"trace:{side}")

    def shade(self, picture: LanePicture) -> None:
        """Draw the densities of the constellations."""
        theme, reach = self._session.theme, picture.reach_ratio
        for side, chart in enumerate(self.constellations):
            pixels = shade_density(picture.density_count[side], theme.density, theme.plot)
            chart.set_image("density", pixels, (-reach, reach, -reach, reach))

    def _draw_spectrum(self, picture: LanePicture) -> None:
        top = max(float(picture.sent_dbm_per_ghz.max()), float(picture.received_dbm_per_ghz.max()))
        floor = top - SPECTRUM_DEPTH_DB
        for key, density, label, color in (
            ("sent", picture.sent_dbm_per_ghz, "launched", "trace:0"),
            ("received", picture.received_dbm_per_ghz, "received", "trace:1"),
        ):
            # What lies far below is the floor of the simulation's numbers, not of the line.
            shown = np.where(density >= floor, density, np.nan)
            self.spectrum.set_curve(key, picture.offset_ghz, shown, label, color=color, column=f"{key}_dbm_per_ghz")

    def _draw_taps(self, picture: LanePicture) -> None:
        magnitude = np.abs(picture.taps).astype(np.float64)
        places = np.arange(picture.taps.shape[-1]) - picture.taps.shape[-1] // 2
        for out in range(2):
            for into in range(2):
                name = f"{_NAMES[into]} to {_NAMES[out]}"
                self.taps.set_curve(
                    f"{_NAMES[into]}{_NAMES[out]}", places.astype(float), magnitude[out, into], name,
                    color=f"trace:{int(out != into)}", style="solid" if out == 0 else "dashed",
                )  # fmt: skip

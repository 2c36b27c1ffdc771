"""The way of a sampled comb through the elements of a line, at the levels of the budget."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.line_parts import choose_attenuation
from lightlane.catalog.parts import Amplifier, CoherentMode, Fiber
from lightlane.elements import Element
from lightlane.errors import ParameterError
from lightlane.kernels.coherent_hardware import complex_normals
from lightlane.kernels.gn_integral import PowerProfile
from lightlane.kernels.optics import Passband, cascade_transmission_db
from lightlane.kernels.propagation import propagate_fiber
from lightlane.kernels.raman import RamanPump, solve_raman
from lightlane.kernels.sampled_field import (
    NumberAddress,
    draw_waveplates,
    filter_field,
    pass_polarization_loss,
    pass_waveplates,
    random_axis,
)
from lightlane.kernels.signal import Field
from lightlane.kernels.task import Task
from lightlane.lane.trace import PathTrace
from lightlane.lane.waveform.address import LINE_NOISE, POLARIZATION_AXIS
from lightlane.lane.waveform.comb import SampledComb
from lightlane.lane.waveform.settings import WaveformSettings
from lightlane.units import REFERENCE_BANDWIDTH_GHZ, SPEED_OF_LIGHT_M_PER_S

Floats = NDArray[np.float64]
FLAT_DB = 1e-6
"""Gains of neighbors that differ by less are one."""


@dataclass(slots=True)
class LineReport:
    """What the fibers took."""

    steps_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledLine:
    """Everything that the way of one comb along one direction needs.

    ``rest_ratio`` is the nonlinear interference that channels outside the sampled field make in each element, in the
    symbol rate over the lane's power.
    """

    trace: PathTrace
    comb: SampledComb
    mode: CoherentMode
    settings: WaveformSettings
    rest_ratio: Floats
    stream: int
    task: Task

    @property
    def row(self) -> int:
        """Of the lane in the trace."""
        return int(self.comb.rows[self.comb.lane])

    def pass_elements(self, comb_field: Field) -> tuple[Field, LineReport]:
        """Send a field (square root of W) through all elements.

        Raises
        ------
        ParameterError
            If a fiber has no figure at the lane's frequency.
        Cancelled
            If the task was cancelled.
        """
        report = LineReport()
        for place, element in enumerate(self.trace.elements):
            if element.kind == "fiber":
                comb_field = self._pass_fiber(comb_field, place, element, report)
            comb_field = self._change_levels(comb_field, self._gain_db(place, element))
            comb_field = self._filter(comb_field, element)
            comb_field = self._disperse(comb_field, place, element)
            if self.settings.polarization_effects:
                comb_field = self._turn(comb_field, place, element)
            comb_field = self._add_noise(comb_field, place)
        return comb_field, report

    def _pass_fiber(self, comb_field: Field, place: int, element: Element, report: LineReport) -> Field:
        """Propagate through a fiber; extra loss and what Raman scattering moves between channels follow at its end."""
        fiber, trace = element.part, self.trace
        if not isinstance(fiber, Fiber):
            raise TypeError(f"{element.label} is no fiber")
        attenuation_db = float(trace.attenuation_db[self.row, place])
        dispersion_ps_per_nm_km = float(trace.chromatic_dispersion_ps_per_nm[self.row, place]) / element.length_km
        if not np.isfinite(attenuation_db + dispersion_ps_per_nm_km):
            raise ParameterError(f"{element.label} has no attenuation or dispersion at {self.comb.center_thz:.4f} THz")
        profile = pumped_profile(trace, place, self.row)
        propagation = propagate_fiber(
            comb_field,
            sample_rate_ghz=self.comb.sample_rate_ghz,
            length_km=element.length_km,
            attenuation_db_per_km=attenuation_db / element.length_km if profile is None else None,
            profile=profile,
            dispersion_ps_per_nm_km=dispersion_ps_per_nm_km,
            dispersion_wavelength_nm=SPEED_OF_LIGHT_M_PER_S * 1e-3 / self.comb.center_thz,
            slope_ps_per_nm2_km=fiber.dispersion_slope_ps_per_nm2_km or 0.0,
            gamma_per_w_km=fiber.nonlinear_coefficient_per_w_km,
            reference_thz=self.comb.center_thz,
            error_fraction=10.0 ** (self.settings.max_error_db / 20.0),
            precision=self.settings.precision,
            task=self.task,
        )
        report.steps_count += propagation.report.steps_count
        return propagation.field

    def _gain_db(self, place: int, element: Element) -> Floats:
        """Return what an element changes of the levels, less what the fiber's propagation has done already."""
        rows = self.comb.rows
        gain_db = self.trace.level_step_db[rows, place]
        if element.kind == "fiber":
            gain_db = gain_db + self.trace.attenuation_db[rows, place]
            profile = pumped_profile(self.trace, place, self.row)
            if profile is not None:
                gain_db = gain_db - self.trace.attenuation_db[rows, place] - profile.relative_power_db[0, -1]
        return np.asarray(gain_db)

    def _change_levels(self, comb_field: Field, gain_db: Floats) -> Field:
        """Apply a gain that is the same for all channels, or straight over frequency between their centers."""
        if np.ptp(gain_db) < FLAT_DB:
            return np.asarray(comb_field * 10.0 ** (gain_db[self.comb.lane] / 20.0))
        offsets_ghz = self.comb.bins * self.comb.bin_ghz
        response = 10.0 ** (np.interp(self.comb.bin_offsets_ghz(), offsets_ghz, gain_db) / 20.0)
        return filter_field(comb_field, response)

    def _filter(self, comb_field: Field, element: Element) -> Field:
        """Apply a part's passband to every channel, its center off by its tolerance, the laser to the other side."""
        if not (np.isfinite(element.passband_3db_ghz) and np.isfinite(element.passband_10db_ghz)):
            return comb_field
        laser_ghz = self.mode.frequency_tolerance_ghz or 0.0
        part_ghz = element.frequency_tolerance_ghz if np.isfinite(element.frequency_tolerance_ghz) else 0.0
        passband = Passband(element.passband_3db_ghz, element.passband_10db_ghz, part_ghz + laser_ghz)
        offset_ghz = self.comb.bin_offsets_ghz()
        centers_ghz = self.comb.bins * self.comb.bin_ghz
        if self._is_receiving(element):
            nearest_ghz: Floats = offset_ghz
        else:
            # Each channel has a port of its own: what lies nearer to another center goes through that one.
            edges = 0.5 * (centers_ghz[1:] + centers_ghz[:-1])
            nearest_ghz = offset_ghz - centers_ghz[np.searchsorted(edges, offset_ghz)]
        return filter_field(comb_field, 10.0 ** (cascade_transmission_db(nearest_ghz, [passband]) / 20.0))

    def _is_receiving(self, element: Element) -> bool:
        """Whether the part is the one before the receivers, whose port lets one channel pass."""
        return element is self.trace.elements[-1]

    def _disperse(self, comb_field: Field, place: int, element: Element) -> Field:
        """Apply the dispersion of a part that is no fiber."""
        dispersion_ps_per_nm = float(self.trace.chromatic_dispersion_ps_per_nm[self.row, place])
        if element.kind == "fiber" or dispersion_ps_per_nm == 0.0:
            return comb_field
        wavelength_nm = SPEED_OF_LIGHT_M_PER_S * 1e-3 / self.comb.center_thz
        # Group delay falls with frequency where dispersion is positive: beta2 L = -D lambda^2/(2 pi c).
        turns_per_ghz2 = dispersion_ps_per_nm * wavelength_nm**2 / SPEED_OF_LIGHT_M_PER_S * 1e-3
        offset_ghz = self.comb.bin_offsets_ghz()
        return filter_field(comb_field, np.exp(1j * np.pi * turns_per_ghz2 * offset_ghz**2))

    def _turn(self, comb_field: Field, place: int, element: Element) -> Field:
        """Turn, delay and attenuate polarizations at random, with the means that the part states."""
        address = NumberAddress(seed=self.settings.seed, link_key=self.stream, draw=place)
        dgd_ps = element.dgd_ps
        if element.kind == "fiber" and isinstance(element.part, Fiber) and element.part.pmd_ps_per_sqrt_km:
            dgd_ps = element.part.pmd_ps_per_sqrt_km * np.sqrt(element.length_km)
        if dgd_ps > 0.0:
            plates = draw_waveplates(dgd_mean_ps=dgd_ps, address=address)
            comb_field = pass_waveplates(comb_field, plates, sample_rate_ghz=self.comb.sample_rate_ghz)
        if element.pdl_db > 0.0:
            comb_field = pass_polarization_loss(
                comb_field, pdl_db=element.pdl_db, axis=random_axis(address, POLARIZATION_AXIS)
            )
        return comb_field

    def _add_noise(self, comb_field: Field, place: int) -> Field:
        """Add the element's ASE, and what channels outside the sampled field make by nonlinearity, as white noise."""
        trace = self.trace
        ratio = trace.noise_ratio[self.row, place] * self.comb.sample_rate_ghz / REFERENCE_BANDWIDTH_GHZ
        ratio += self.rest_ratio[place] * self.comb.sample_rate_ghz / self.comb.symbol_rate_gbd
        if not ratio > 0.0:
            return comb_field
        power_w = 1e-3 * 10.0 ** (trace.level_dbm[self.row, place] / 10.0)
        deviation = np.sqrt(0.5 * ratio * power_w)
        count = self.comb.samples_count
        noise = [
            complex_normals(count, seed=self.settings.seed, stream=self.stream, purpose=LINE_NOISE + 2 * place + side)
            for side in range(2)
        ]
        return np.asarray(comb_field + deviation * np.stack(noise))


def pumped_profile(trace: PathTrace, place: int, row: int) -> PowerProfile | None:
    """Return the course of a channel's power along a fiber whose pumps come next; None without pumps.

    The solver is the budget's; the pumps are attenuated as the fiber's table says.
    """
    element = trace.elements[place]
    pumps = trace.elements[place + 1].part if place + 1 < len(trace.elements) else None
    if not (isinstance(pumps, Amplifier) and pumps.kind == "raman" and isinstance(element.part, Fiber)):
        return None
    fiber = element.part
    table = np.array(choose_attenuation(fiber, limits=False))
    before = trace.launch_power_dbm if place == 0 else trace.level_dbm[:, place - 1]
    attenuation_db_per_km = trace.attenuation_db[:, place] / element.length_km

    def tabled_db_per_km(frequency_thz: float) -> float:
        return float(np.interp(SPEED_OF_LIGHT_M_PER_S * 1e-3 / frequency_thz, table[:, 0], table[:, 1]))

    # A measured attenuation moves the whole table, as the budget has it.
    excess = float(np.mean(attenuation_db_per_km)) - tabled_db_per_km(float(np.mean(trace.frequency_thz)))
    span = solve_raman(
        trace.frequency_thz,
        before,
        length_km=element.length_km,
        attenuation_db_per_km=attenuation_db_per_km,
        pumps=[
            RamanPump(
                pump.frequency_thz,
                pump.power_mw,
                "backward" if pump.direction == "counter" else "forward",
                tabled_db_per_km(pump.frequency_thz) + excess,
            )
            for pump in pumps.pumps
        ],
        effective_area_um2=fiber.effective_area_um2,
    )
    profile = span.profile()
    return PowerProfile(profile.position_km, np.atleast_2d(np.asarray(profile.relative_power_db))[row : row + 1])

"""The way of a sampled comb through the elements of a line, at the levels of the budget."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import CoherentMode, Fiber
from lightlane.elements import Element
from lightlane.kernels.coherent_hardware import complex_normals
from lightlane.kernels.fields import Field
from lightlane.kernels.optics import Passband, cascade_transmission_db
from lightlane.kernels.propagation import propagate_fiber
from lightlane.kernels.sampled_field import (
    NumberAddress,
    Waveplates,
    draw_waveplates,
    filter_field,
    pass_polarization_loss,
    pass_waveplates,
    random_axis,
)
from lightlane.kernels.task import Task
from lightlane.lane.trace import PathTrace
from lightlane.lane.waveform.address import LINE_NOISE, POLARIZATION_AXIS
from lightlane.lane.waveform.comb import SampledComb
from lightlane.lane.waveform.fibers import SampledFiber, pumped_profile, sampled_fiber
from lightlane.lane.waveform.settings import WaveformSettings
from lightlane.units import REFERENCE_BANDWIDTH_GHZ, SPEED_OF_LIGHT_M_PER_S

Floats = NDArray[np.float64]
FLAT_DB = 1e-6
"""Gains of neighbors that differ by less are one."""
SECTIONS_COUNT = 60
"""Waveplates of a fiber or part."""
TURN_MAX_RAD = 0.1
"""By the mean DGD between two places at which plates act, at the edge of the comb's band."""


def mean_dgd_ps(element: Element) -> float:
    """Return the mean differential group delay of a part; 0 where it states none."""
    if element.kind == "fiber" and isinstance(element.part, Fiber) and element.part.pmd_ps_per_sqrt_km:
        return float(element.part.pmd_ps_per_sqrt_km * np.sqrt(element.length_km))
    return element.dgd_ps


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
    fiber_limits: bool
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
            gain_db = self.trace.level_step_db[self.comb.rows, place]
            if (fiber := sampled_fiber(self.trace, place, self.row)) is not None:
                comb_field, fiber_gain_db = self._pass_fiber(comb_field, place, fiber, report)
                # Extra loss and what Raman scattering moves between channels follow at the fiber's end.
                gain_db = gain_db - fiber_gain_db
            comb_field = self._change_levels(comb_field, gain_db)
            comb_field = self._filter(comb_field, element)
            comb_field = self._disperse(comb_field, place, element)
            if self.settings.polarization_effects:
                comb_field = self._turn(comb_field, place, element)
            comb_field = self._add_noise(comb_field, place)
        return comb_field, report

    def _pass_fiber(
        self, comb_field: Field, place: int, fiber: SampledFiber, report: LineReport
    ) -> tuple[Field, float]:
        """Propagate through a fiber; return the field and the gain that all of it has had."""
        profile = pumped_profile(self.trace, place, self.row, fiber_limits=self.fiber_limits)
        plates = self._plates(place, self.trace.elements[place])
        propagation = propagate_fiber(
            comb_field,
            sample_rate_ghz=self.comb.sample_rate_ghz,
            attenuation_db_per_km=fiber.attenuation_db_per_km if profile is None else None,
            profile=profile,
            error_fraction=10.0 ** (self.settings.max_error_db / 20.0),
            precision=self.settings.precision,
            plates=plates,
            places_count=None if plates is None else self._places_count(self.trace.elements[place]),
            task=self.task,
            **fiber.figures(),
        )
        report.steps_count += propagation.report.steps_count
        gain_db = -fiber.attenuation_db if profile is None else float(np.asarray(profile.relative_power_db)[0, -1])
        return propagation.field, gain_db

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
        if element.kind != "fiber" and (plates := self._plates(place, element)) is not None:
            comb_field = pass_waveplates(comb_field, plates, sample_rate_ghz=self.comb.sample_rate_ghz)
        if element.pdl_db > 0.0:
            comb_field = pass_polarization_loss(
                comb_field, pdl_db=element.pdl_db, axis=random_axis(self._address(place), POLARIZATION_AXIS)
            )
        return comb_field

    def _address(self, place: int) -> NumberAddress:
        return NumberAddress(seed=self.settings.seed, link_key=self.stream, draw=place)

    def _plates(self, place: int, element: Element) -> Waveplates | None:
        """Return one realization of the polarization-mode dispersion of a part; None without any."""
        dgd_ps = mean_dgd_ps(element)
        if not (self.settings.polarization_effects and dgd_ps > 0.0):
            return None
        return draw_waveplates(dgd_mean_ps=dgd_ps, sections_count=SECTIONS_COUNT, address=self._address(place))

    def _places_count(self, element: Element) -> int:
        """Return at how many places of a fiber its plates act: few where they hardly turn anything."""
        turn_rad = np.pi * self.comb.half_band_ghz * 1e-3 * mean_dgd_ps(element)
        # Mean DGD grows with the root of the length.
        return min(max(math.ceil((turn_rad / TURN_MAX_RAD) ** 2), 1), SECTIONS_COUNT)

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

"""The way of a sampled comb through the elements of a line, at the levels of the budget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import CoherentMode, Fiber
from lightlane.elements import Element
from lightlane.errors import ParameterError
from lightlane.kernels.coherent_hardware import complex_normals
from lightlane.kernels.optics import Passband, cascade_transmission_db
from lightlane.kernels.signal import Field
from lightlane.kernels.task import Task
from lightlane.lane.trace import PathTrace
from lightlane.lane.waveform.address import LINE_NOISE
from lightlane.lane.waveform.comb import SampledComb
from lightlane.lane.waveform.settings import WaveformSettings
from lightlane.units import REFERENCE_BANDWIDTH_GHZ

Floats = NDArray[np.float64]
FLAT_DB = 1e-6
"""Gains of neighbors that differ by less are one."""


@dataclass(slots=True)
class LineReport:
    """What the fibers took."""

    steps_count: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledLine:
    """Everything that the way of one comb along one direction needs.

    ``rest_ratio`` is the nonlinear interference that the channels outside the sampled field make in each element, in the
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
            If the line has what the sampled model does not: Raman pumps, fibers without a figure.
        Cancelled
            If the task was cancelled.
        """
        report = LineReport()
        for place, element in enumerate(self.trace.elements):
            gain_db = self.trace.level_step_db[self.comb.rows, place]
            if element.kind == "fiber":
                comb_field = self._pass_fiber(comb_field, place, element, report)
                gain_db = gain_db + self.trace.attenuation_db[self.comb.rows, place]
            comb_field = self._change_levels(comb_field, gain_db)
            comb_field = self._filter(comb_field, element)
            comb_field = self._disperse(comb_field, place, element)
            if self.settings.polarization_effects:
                comb_field = self._turn(comb_field, place, element)
            comb_field = self._add_noise(comb_field, place)
        return comb_field, report

    def _pass_fiber(self, comb_field: Field, place: int, element: Element, report: LineReport) -> Field:
        raise NotImplementedError

    def _change_levels(self, comb_field: Field, gain_db: Floats) -> Field:
        """Apply a gain that is the same for all channels, or straight over frequency between their centers."""
        if np.ptp(gain_db) < FLAT_DB:
            return comb_field * 10.0 ** (gain_db[self.comb.lane] / 20.0)
        offsets_ghz = self.comb.bins * self.comb.bin_ghz
        response = 10.0 ** (np.interp(self.comb.bin_offsets_ghz(), offsets_ghz, gain_db) / 20.0)
        return _apply(comb_field, response)

    def _filter(self, comb_field: Field, element: Element) -> Field:
        """Apply the passband of a part to every channel: its center is off by its tolerance, the laser to the other side."""
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
        return _apply(comb_field, 10.0 ** (cascade_transmission_db(nearest_ghz, [passband]) / 20.0))

    def _is_receiving(self, element: Element) -> bool:
        """Whether the part is the one before the receivers, whose port lets one channel pass."""
        return element is self.trace.elements[-1]

    def _disperse(self, comb_field: Field, place: int, element: Element) -> Field:
        raise NotImplementedError

    def _turn(self, comb_field: Field, place: int, element: Element) -> Field:
        raise NotImplementedError

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
            complex_normals(
                count, seed=self.settings.seed, stream=self.stream, purpose=LINE_NOISE + 2 * place + side
            )
            for side in range(2)
        ]
        return comb_field + deviation * np.stack(noise)


def _apply(comb_field: Field, response: Floats | Field) -> Field:
    return np.asarray(np.fft.ifft(np.fft.fft(comb_field, axis=-1) * response, axis=-1))

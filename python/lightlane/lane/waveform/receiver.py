"""The module that receives a sampled lane: front end, converters, DSP, symbols against what was sent."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import CoherentMode
from lightlane.errors import ModelError
from lightlane.kernels.carrier import (
    AdaptiveEqualizer,
    BlindPhaseSearch,
    CycleSlipRepair,
    LearningStage,
    estimate_frequency_offset,
)
from lightlane.kernels.coherent_hardware import (
    CoherentFrontEnd,
    Laser,
    complex_normals,
    convert,
    detect_coherent,
    laser_phase_rad,
)
from lightlane.kernels.dsp import ReceiverFilter, estimate_dispersion, orthogonalize_quadratures, resample_periodic
from lightlane.kernels.signal import PAYLOAD, Field, frame_plan
from lightlane.kernels.symbol_quality import SymbolQuality, align_symbols, measure_symbols
from lightlane.lane.waveform.address import MODULE_NOISE
from lightlane.lane.waveform.comb import SampledComb
from lightlane.lane.waveform.record import ModuleMonitors
from lightlane.lane.waveform.settings import CoherentHardware
from lightlane.lane.waveform.transmitter import SentSymbols, converter_of, linewidth_khz
from lightlane.units import SPEED_OF_LIGHT_M_PER_S

Floats = NDArray[np.float64]

TAPS_COUNT = 15
TRAINING_SYMBOLS = 2**15
"""Symbols that the equalizer learns from before the block is counted."""
EDGE_SYMBOLS = 256
"""At both ends of the block, where filters and windows lack a side: not counted."""
PHASE_HALF_WINDOW = 24
DISPERSION_SLACK_PS_PER_NM = 4000.0
"""Further than the fiber's figures the receiver looks for the dispersion of a line."""
LOCKED_CORRELATION_RATIO = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedLane:
    """What the DSP leaves of a lane."""

    quality: tuple[SymbolQuality, SymbolQuality]
    monitors: ModuleMonitors
    symbols: Field
    sent: Field
    taps: Field
    phase_rad: Floats

    @property
    def noise_ratio(self) -> float:
        """Mean noise of both polarizations over their energy."""
        return float(np.mean([10.0 ** (-side.snr_db / 10.0) for side in self.quality]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingModule:
    """A receiver for the lane of a comb.

    ``noise_ratio`` is white noise in the symbol rate over the signal, before the converters; ``stream`` the address of its
    random numbers.
    """

    mode: CoherentMode
    hardware: CoherentHardware
    comb: SampledComb
    noise_ratio: float
    dispersion_ps_per_nm: float
    seed: int
    stream: int

    @property
    def wavelength_nm(self) -> float:
        """Of the lane."""
        return SPEED_OF_LIGHT_M_PER_S * 1e-3 / self.comb.center_thz

    def receive(self, field: Field, sent: SentSymbols) -> ReceivedLane:
        """Receive the lane at the center of a field (square root of W) and compare it with what was sent.

        Raises
        ------
        ModelError
            If the DSP does not lock.
        """
        samples = self._detect(field)
        samples, dispersion_ps_per_nm = self._undo_dispersion(samples)
        equalizer, symbols = self._equalize(samples, sent)
        alignment = align_symbols(symbols, sent.symbols)
        if min(alignment.correlation_ratio) < LOCKED_CORRELATION_RATIO or alignment.polarizations not in ((0, 1), (1, 0)):
            raise ModelError("the receiver's equalizer did not lock onto the lane")
        order = list(alignment.polarizations)
        sent_here = np.roll(sent.symbols[order], -alignment.delay_count, axis=1)
        raise NotImplementedError(equalizer, dispersion_ps_per_nm, sent_here)

    def _detect(self, field: Field) -> Field:
        """Return two samples per symbol behind hybrid, photodiodes and converters, of mean power 1."""
        count = 2 * self.comb.symbols_count
        rate_ghz = 2.0 * self.comb.symbol_rate_gbd
        lane = resample_periodic(field, samples_count=count)
        oscillator = Laser(linewidth_khz=linewidth_khz(self.mode, self.hardware))
        phase = laser_phase_rad(count, oscillator, sample_rate_ghz=rate_ghz, seed=self.seed, stream=self.stream, number=1)
        front_end = CoherentFrontEnd(
            oscillator_power_dbm=self.hardware.oscillator_power_dbm,
            responsivity_a_per_w=self.hardware.responsivity_a_per_w,
            frequency_offset_ghz=self.hardware.frequency_offset_ghz,
            quadrature_error_deg=self.hardware.hybrid_error_deg,
            imbalance_db=self.hardware.hybrid_imbalance_db,
        )
        converter = converter_of(self.hardware.receiver, self.hardware, self.mode.symbol_rate_gbd)
        sides = []
        # Noise is a share of the mean power of both polarizations: a receiver's does not follow their split.
        power_w = float(np.mean(np.abs(lane) ** 2))
        deviation = np.sqrt(self.noise_ratio * power_w * count / self.comb.symbols_count)
        for side, samples in enumerate(lane):
            noise = complex_normals(count, seed=self.seed, stream=self.stream, purpose=MODULE_NOISE + side)
            current = detect_coherent(
                samples + deviation * noise,
                front_end,
                sample_rate_ghz=rate_ghz,
                oscillator_phase_rad=phase,
                seed=self.seed,
                stream=self.stream,
                polarization=side,
            )
            sides.append(convert(current, converter, sample_rate_ghz=rate_ghz, filter_first=True))
        out = np.stack(sides)
        return orthogonalize_quadratures(out / np.sqrt(np.mean(np.abs(out) ** 2)))

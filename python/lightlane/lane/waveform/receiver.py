"""The module that receives a sampled lane: front end, converters, DSP, symbols against what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import CoherentMode
from lightlane.errors import ModelError
from lightlane.kernels.carrier import (
    AdaptiveEqualizer,
    BlindPhaseSearch,
    CycleSlipRepair,
    KnownSymbols,
    LearningStage,
    PilotPhase,
    estimate_frequency_offset,
)
from lightlane.kernels.coherent_hardware import (
    CoherentFrontEnd,
    complex_normals,
    detect_coherent,
    laser_phase_rad,
    pass_converter,
)
from lightlane.kernels.dsp import (
    MatchedFilter,
    ReceiverFilter,
    estimate_dispersion,
    estimate_timing_ratio,
    orthogonalize_quadratures,
    resample_periodic,
)
from lightlane.kernels.fields import Field
from lightlane.kernels.sampled_field import filter_field
from lightlane.kernels.signal import PAYLOAD, Format, frame_plan
from lightlane.kernels.symbol_quality import Alignment, SymbolQuality, align_symbols, measure_symbols
from lightlane.lane.waveform.address import CLOCK_JITTER, MODULE_NOISE
from lightlane.lane.waveform.back_propagation import BackPropagation
from lightlane.lane.waveform.clock import follow_clock, margin_count, sample_by_own_clock
from lightlane.lane.waveform.comb import SampledComb
from lightlane.lane.waveform.record import ModuleMonitors
from lightlane.lane.waveform.settings import CoherentHardware
from lightlane.lane.waveform.sides import do_both
from lightlane.lane.waveform.transmitter import SentSymbols, format_of, laser_of
from lightlane.units import SPEED_OF_LIGHT_M_PER_S

Floats = NDArray[np.float64]

TAPS_COUNT = 25
BLIND = (
    LearningStage(criterion="cma", step_ratio=2e-3, symbols_count=8_000),
    LearningStage(criterion="rde", step_ratio=1e-3, symbols_count=8_000),
)
LEARNING = (
    LearningStage(criterion="decisions", step_ratio=2e-3, symbols_count=8_000),
    LearningStage(criterion="decisions", step_ratio=5e-4, symbols_count=16_000),
    LearningStage(criterion="decisions", step_ratio=1e-4, symbols_count=32_000),
    LearningStage(criterion="decisions", step_ratio=2e-5),
)
"""Modules learn from pilots for milliseconds, of which a block has none: here every symbol is known while taps settle,
and what they still move in the counted period is nothing."""
EDGE_SYMBOLS = 256
"""At both ends of the block, where filters and windows lack a side: not counted."""
PHASE_HALF_WINDOW = 32
PILOT_HALF_WINDOW = 3
PHASE_SHOWN_EVERY = 16
DISPERSION_SLACK_PS_PER_NM = 4000.0
"""Further than the fiber's figures the receiver looks for the dispersion of a line."""
LOCKED_CORRELATION_RATIO = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedLane:
    """What the DSP leaves of a lane."""

    form: Format
    quality: tuple[SymbolQuality, SymbolQuality]
    monitors: ModuleMonitors
    symbols: Field
    sent: Field
    """What was sent in their place."""
    points: Field
    taps: Field
    phase_rad: Floats

    @property
    def noise_ratio(self) -> float:
        """Mean noise of both polarizations over their energy."""
        return float(np.mean([10.0 ** (-side.snr_db / 10.0) for side in self.quality]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingModule:
    """A receiver for the lane of a comb.

    ``noise_ratio`` is white noise in the symbol rate over the signal, before the converters; ``stream`` addresses its
    random numbers.
    """

    mode: CoherentMode
    hardware: CoherentHardware
    comb: SampledComb
    noise_ratio: float
    dispersion_ps_per_nm: float
    back_propagation: BackPropagation | None = None
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
        samples, dispersion_ps_per_nm = self._undo_dispersion(self._detect(field))
        offset_ghz, found = self._find_frame(samples, sent)
        turns = offset_ghz / (2.0 * self.mode.symbol_rate_gbd) * np.arange(samples.shape[1])
        # The block is periodic: it is turned until it begins where the frame does.
        samples = np.roll(samples * np.exp(-2j * np.pi * turns), 2 * found.delays_count[0], axis=1)
        equalizer, symbols = self._equalize(samples, LEARNING, sent.symbols)
        symbols, phase_rad = self._recover_carrier(symbols, sent)
        # The periodic block is continued over its ends by no one: what lacks a side there is not counted.
        counted = np.flatnonzero(sent.roles == PAYLOAD)
        counted = counted[(counted >= EDGE_SYMBOLS) & (counted < len(sent.roles) - EDGE_SYMBOLS)]
        x, y = do_both(lambda side: measure_symbols(symbols[side][counted], sent.symbols[side][counted], sent.form))
        return ReceivedLane(
            form=sent.form,
            quality=(x, y),
            monitors=self._read_monitors(equalizer, (x, y), dispersion_ps_per_nm, offset_ghz),
            symbols=np.stack([symbols[side][counted] / quality.gain for side, quality in enumerate((x, y))]),
            sent=sent.symbols[:, counted],
            points=np.stack([np.unique(np.round(side[counted], 9)) for side in sent.symbols]),
            taps=equalizer.taps,
            phase_rad=phase_rad,
        )

    def _detect(self, field: Field) -> Field:
        """Return two samples per symbol behind hybrid, photodiodes and converters, of mean power 1."""
        count = 2 * self.comb.symbols_count
        rate_ghz = 2.0 * self.comb.symbol_rate_gbd
        lane = resample_periodic(field, samples_count=count)
        oscillator = laser_of(self.mode, self.hardware)
        phase = laser_phase_rad(
            count, oscillator, sample_rate_ghz=rate_ghz, seed=self.seed, stream=self.stream, number=1
        )
        front_end = CoherentFrontEnd(
            oscillator_power_dbm=self.hardware.oscillator_power_dbm,
            responsivity_a_per_w=self.hardware.responsivity_a_per_w,
            frequency_offset_ghz=self.hardware.frequency_offset_ghz,
            quadrature_error_deg=self.hardware.hybrid_error_deg,
            imbalance_db=self.hardware.hybrid_imbalance_db,
        )
        converter = self.hardware.receiver
        if converter.bandwidth_ghz is None and np.isfinite(self.hardware.receiver_bandwidth_ratio):
            bandwidth_ghz = self.hardware.receiver_bandwidth_ratio * self.mode.symbol_rate_gbd
            converter = replace(converter, bandwidth_ghz=bandwidth_ghz)
        # Noise is a share of the mean power of both polarizations: a receiver's does not follow their split.
        power_w = float(np.mean(np.abs(lane) ** 2))
        deviation = np.sqrt(self.noise_ratio * power_w * count / self.comb.symbols_count)

        def detect(side: int) -> Field:
            noise = complex_normals(count, seed=self.seed, stream=self.stream, purpose=MODULE_NOISE + side)
            return detect_coherent(
                lane[side] + deviation * noise,
                front_end,
                sample_rate_ghz=rate_ghz,
                oscillator_phase_rad=phase,
                seed=self.seed,
                stream=self.stream,
                polarization=side,
            )

        def convert(side: int) -> Field:
            return pass_converter(currents[side], converter, sample_rate_ghz=rate_ghz, filter_first=True)

        currents = self._skew(np.stack(do_both(lambda side: self._sample(detect(side)))))
        out = np.stack(do_both(convert))
        return orthogonalize_quadratures(out / np.sqrt(np.mean(np.abs(out) ** 2)))

    @property
    def _margin_count(self) -> int:
        """Samples before and behind the block that a clock of its own needs."""
        return margin_count(self.dispersion_ps_per_nm, self.wavelength_nm, 2.0 * self.mode.symbol_rate_gbd)

    def _skew(self, currents: Field) -> Field:
        """Sample by the receiver's clock; one that is not off leaves the periodic block as it is."""
        error_ppm = self.hardware.clock_error_ppm
        if error_ppm == 0.0:
            return currents
        return sample_by_own_clock(currents, clock_error_ppm=error_ppm, margin_count=self._margin_count)

    def _sample(self, current: Field) -> Field:
        """Sample late by the clock's offset, and early or late by its jitter, to first order in it."""
        offset_s = self.hardware.sampling_offset_ratio / (self.comb.symbol_rate_gbd * 1e9)
        jitter_s = self.hardware.jitter_fs * 1e-15
        if offset_s == 0.0 and jitter_s == 0.0:
            return current
        frequencies_hz = np.fft.fftfreq(len(current), 0.5 / (self.comb.symbol_rate_gbd * 1e9))
        spectrum = np.fft.fft(current) * np.exp(2j * np.pi * frequencies_hz * offset_s)
        late = np.fft.ifft(spectrum)
        # Both polarizations and quadratures have one clock.
        times = complex_normals(len(current), seed=self.seed, stream=self.stream, purpose=CLOCK_JITTER).real
        slope = np.fft.ifft(2j * np.pi * frequencies_hz * spectrum)
        return np.asarray(late + jitter_s * np.sqrt(2.0) * times * slope)

    def _undo_dispersion(self, samples: Field) -> tuple[Field, float]:
        """Estimate the line's dispersion and undo it, with the matched filter in the same transform.

        Where the fibers are taken back, the rest is looked for.
        """
        undone_ps_per_nm = 0.0
        reach = abs(self.dispersion_ps_per_nm) + DISPERSION_SLACK_PS_PER_NM
        if self.back_propagation is not None:
            samples = self.back_propagation.undo(samples, 2.0 * self.mode.symbol_rate_gbd)
            undone_ps_per_nm, reach = self.dispersion_ps_per_nm, DISPERSION_SLACK_PS_PER_NM
        estimate = estimate_dispersion(
            samples,
            symbol_rate_gbd=self.mode.symbol_rate_gbd,
            roll_off=self.mode.roll_off,
            dispersion_min_ps_per_nm=-reach,
            dispersion_max_ps_per_nm=reach,
            wavelength_nm=self.wavelength_nm,
        )
        receiver_filter = ReceiverFilter(
            sample_rate_ghz=2.0 * self.mode.symbol_rate_gbd,
            dispersion_ps_per_nm=estimate.dispersion_ps_per_nm,
            wavelength_nm=self.wavelength_nm,
            matched=MatchedFilter(symbol_rate_gbd=self.mode.symbol_rate_gbd, roll_off=self.mode.roll_off),
        )
        found_ps_per_nm = undone_ps_per_nm + estimate.dispersion_ps_per_nm
        return self._set_clock(receiver_filter.apply_periodic(samples)), found_ps_per_nm

    def _set_clock(self, samples: Field) -> Field:
        """Move the samples onto the symbols: a carrier offset behind a dispersive line is a delay."""
        if self.hardware.clock_error_ppm != 0.0:
            return follow_clock(
                samples,
                roll_off=self.mode.roll_off,
                period_count=2 * self.comb.symbols_count,
                margin_count=self._margin_count,
            )
        delay_ratio = estimate_timing_ratio(samples, roll_off=self.mode.roll_off)
        frequencies = np.fft.fftfreq(samples.shape[1], 0.5)
        return filter_field(samples, np.exp(2j * np.pi * frequencies * delay_ratio))

    def _find_frame(self, samples: Field, sent: SentSymbols) -> tuple[float, Alignment]:
        """Return frequency offset (GHz) and place in the frame, by a blind equalizer that sees no carrier phase.

        Raises
        ------
        ModelError
            If what was sent is not found behind it.
        """
        _, symbols = self._equalize(samples, BLIND, None)
        offset = estimate_frequency_offset(
            symbols,
            symbol_rate_gbd=self.mode.symbol_rate_gbd,
            # Of a shaped constellation, too, the fourth power has the line of its outermost points.
            modulation="16qam" if sent.form.modulation == "pcs16qam" else sent.form.modulation,
        )
        # From symbol to symbol the carrier hardly turns: differences find their place whatever the phase does.
        found = align_symbols(_differences(symbols), _differences(sent.symbols))
        if min(found.correlation_ratio) < LOCKED_CORRELATION_RATIO:
            raise ModelError("the receiver does not lock onto the lane")
        return offset.offset_ghz, found

    def _equalize(
        self, samples: Field, stages: Sequence[LearningStage], sent: Field | None
    ) -> tuple[AdaptiveEqualizer, Field]:
        """Let an equalizer learn from one period of the block, blind or knowing what was sent; return the next one."""
        form = format_of(self.mode)
        equalizer = AdaptiveEqualizer(
            modulation=form.modulation,
            inner_amplitude_ratio=form.inner_amplitude_ratio,
            taps_count=TAPS_COUNT,
            stages=stages,
            known=None if sent is None else KnownSymbols(symbols=sent, spacing_count=1),
            single_output_symbols_count=4096 if sent is None else 0,
        )
        samples = samples / np.sqrt(np.mean(np.abs(samples) ** 2))
        out = [equalizer.process(samples), equalizer.process(samples), equalizer.finish()]
        return equalizer, np.concatenate(out, axis=1)[:, -self.comb.symbols_count :]

    def _recover_carrier(self, symbols: Field, sent: SentSymbols) -> tuple[Field, Floats]:
        """Take the phase off by pilots, what is left by a blind search, and quarter turns that it slips by pilots."""
        spacing = frame_plan(sent.frame).pilot_spacing_count
        known = KnownSymbols(symbols=sent.symbols[:, ::spacing], spacing_count=spacing)
        search = BlindPhaseSearch(
            modulation=sent.form.modulation,
            inner_amplitude_ratio=sent.form.inner_amplitude_ratio,
            half_window_count=PHASE_HALF_WINDOW,
        )
        phase_rad = np.zeros(symbols.shape)
        for block in (PilotPhase(known, half_window_count=PILOT_HALF_WINDOW), search, CycleSlipRepair(known)):
            begun, rest = block.process(symbols), block.finish()
            symbols = np.concatenate([begun.symbols, rest.symbols], axis=1)
            phase_rad += np.concatenate([begun.phase_rad, rest.phase_rad], axis=1)
        return symbols, phase_rad

    def _read_monitors(
        self,
        equalizer: AdaptiveEqualizer,
        quality: tuple[SymbolQuality, SymbolQuality],
        dispersion_ps_per_nm: float,
        offset_ghz: float,
    ) -> ModuleMonitors:
        channel = equalizer.estimate_channel(
            symbol_rate_gbd=self.mode.symbol_rate_gbd, wavelength_nm=self.wavelength_nm
        )
        noise = np.mean([10.0 ** (-side.snr_db / 10.0) for side in quality])
        snr_db = float(-10.0 * np.log10(noise))
        return ModuleMonitors(
            cd_ps_per_nm=dispersion_ps_per_nm + channel.dispersion_ps_per_nm,
            dgd_ps=channel.dgd_ps,
            pdl_db=channel.pdl_db,
            cfo_mhz=offset_ghz * 1e3,
            sop_roc_krad_per_s=channel.sop_rate_krad_per_s,
            esnr_db=snr_db,
            evm_percent=float(100.0 * np.sqrt(noise)),
            mer_db=snr_db,
        )


def _differences(symbols: Field) -> Field:
    """Return each symbol times the conjugate of the one before it, around the block."""
    return np.asarray(symbols * np.conj(np.roll(symbols, 1, axis=1)))

"""One direct-detect lane from symbols to decisions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import DirectMode, Fiber
from lightlane.errors import ParameterError
from lightlane.kernels.direct import Pam4Transmitter
from lightlane.kernels.direct_waveform import (
    SAMPLES_PER_SYMBOL,
    FrontEndFigures,
    Pam4Drive,
    SampledPath,
    direct_front_end,
    normal_numbers,
    propagate_pam4,
)
from lightlane.kernels.signal import random_bits
from lightlane.kernels.symbol_quality import error_ratio_interval
from lightlane.kernels.tables import DirectModeColumns
from lightlane.kernels.task import Task
from lightlane.lane.lowering import lower_direct
from lightlane.lane.model import LaneResult
from lightlane.lane.options import DEFAULT_OPTIONS
from lightlane.lane.waveform.address import EDGE_JITTER, PAM4_BITS, stream_of
from lightlane.lane.waveform.coding import DecodedPayload, decode_payload
from lightlane.lane.waveform.direct.gain import FollowedGain
from lightlane.lane.waveform.direct.hardware import DirectHardware
from lightlane.lane.waveform.direct.light import amplify_light, take_light
from lightlane.lane.waveform.direct.receiver import BATHTUB_UI, HERE, WATERFALL_DB, Reception, receive_lane
from lightlane.lane.waveform.direct.record import Bathtub, DirectCounts, DirectWaveform, Waterfall
from lightlane.lane.waveform.direct.reflections import draw_echoes, find_reflectors, pair_reflectors
from lightlane.lane.waveform.direct.together import LitFiber, LitLane, skew_of
from lightlane.lane.waveform.direct.transmitter import mode_transmitter
from lightlane.lane.waveform.timing import timed
from lightlane.link import Link

Floats = NDArray[np.float64]
Symbols = NDArray[np.uint8]

DGD_MAX_TO_MEAN = 3.75
"""As in the budget: direct-detect limits are written for this ratio of the greatest to the mean DGD."""
BURST_LENGTHS_COUNT = 8
SURE_LOG_RATIO = 20.0
"""Log-likelihood ratio of bits that a sequence decided: it says no more of them."""
_GRAY_SYMBOLS = np.array([0, 1, 3, 2], dtype=np.uint8)
"""Symbol of the two bits 00, 01, 10, 11 (IEEE 802.3-2022, 120.5.7)."""
_GRAY_LABELS = np.argsort(_GRAY_SYMBOLS).astype(np.uint8)


@dataclass(slots=True)
class DirectLaneSimulation:
    """One lane of one direction, whose levels and dispersion are those of the budget."""

    link: Link
    mode: DirectMode
    budget: LaneResult
    hardware: DirectHardware
    symbols_count: int
    seed: int
    lit: Sequence[LaneResult] = ()
    """Lanes that share the fiber, this one among them; empty where it is alone."""
    zero_dispersion_nm: float | None = None
    task: Task = field(default_factory=Task)
    durations_s: dict[str, float] = field(default_factory=dict)

    def run(self) -> DirectWaveform:
        """Send, propagate, receive, decide."""
        transmitter = mode_transmitter(self.mode, self.hardware)
        modes = self._mode_columns()
        symbols = self._symbols()
        with timed(self.durations_s, "transmitter and fiber", self.task):
            path, power_ratio = self._arrive(symbols, transmitter)
        with timed(self.durations_s, "receiver and equalizer", self.task):
            amplified = amplify_light(
                self.hardware.amplifier,
                self.mode,
                power_ratio,
                oma_outer_dbm=self.budget.oma_outer_dbm,
                wavelength_nm=self.budget.wavelength_nm,
            )
            figures = self._front_end(modes, amplified.gain_db)
            light = take_light(
                self.mode, figures, transmitter, amplified, oma_outer_dbm=self.budget.oma_outer_dbm, symbols=symbols
            )
            gain, training = self._gain(modes, figures), (self.seed, self.stream("training"))
            reception = receive_lane(self.mode, self.hardware, light, gain, training)
        with timed(self.durations_s, "decisions", self.task):
            decided, decisions = reception.decide(self.hardware, seed=self.seed, stream=self.stream("receiver"))
        counts = _count(symbols, decided, float(reception.symbol_error_ratio[HERE]))
        with timed(self.durations_s, "FEC", self.task):
            payload = self._decode(symbols, decided, decisions)
        return self._record(path, reception, decisions, counts, payload)

    def _arrive(self, symbols: Symbols, transmitter: Pam4Transmitter) -> tuple[SampledPath, Floats]:
        """Return the path and the power at the receiver over the outer OMA there, with that of other lanes."""
        path, leaked_ratio = self._path(), np.zeros(1)
        if self.lit:
            fiber = self._lit_fiber(transmitter)
            path = replace(path, joining_ratio=fiber.joining_ratio(self.zero_dispersion_nm))
            leaked_ratio = fiber.leaked_power_ratio()
        power_ratio = propagate_pam4(symbols, transmitter, path, drive=self._drive())
        if self.hardware.side_mode is not None:
            power_ratio = self.hardware.side_mode.split(
                power_ratio,
                dispersion_ps_per_nm=path.dispersion_ps_per_nm,
                sample_rate_ghz=self.mode.symbol_rate_gbd * SAMPLES_PER_SYMBOL,
                seed=self.seed,
                stream=self.stream("side mode"),
            )
        return path, power_ratio + leaked_ratio

    def _lit_fiber(self, transmitter: Pam4Transmitter) -> LitFiber:
        lanes = []
        for lane in self.lit:
            other = replace(self, budget=lane, durations_s={})
            is_own = lane.lane == self.budget.lane
            count = self.symbols_count * SAMPLES_PER_SYMBOL
            skew = 0 if is_own else skew_of(lane, self.link, count, self.seed)
            path = replace(other._path(), echoes=(), dgd_ps=0.0)
            lanes.append(LitLane(lane, other._symbols(), other._drive(), path, skew))
        own = next(index for index, lane in enumerate(self.lit) if lane.lane == self.budget.lane)
        return LitFiber(self.link, self.mode, transmitter, lanes, own, self.seed)

    def stream(self, part: str) -> int:
        """Return the stream of random numbers of one part."""
        lane = self.budget
        return stream_of(self.link.name, lane.direction, lane.channel_index, f"{lane.lane} {part}")

    def _mode_columns(self) -> DirectModeColumns:
        modes = lower_direct([self.link], [0], DEFAULT_OPTIONS).modes
        assert isinstance(modes, DirectModeColumns)
        return modes

    def _gain(self, modes: DirectModeColumns, figures: FrontEndFigures) -> FollowedGain | None:
        """Return how the gain follows the light; None where the mode states one, or has no avalanche photodiode."""
        if self.mode.detector != "apd" or self.mode.apd_gain_ratio is not None:
            return None
        levels_dbm = (self.budget.oma_outer_dbm, self.budget.received_power_dbm)

        def in_light(loss_db: float) -> FrontEndFigures:
            found = direct_front_end(
                modes, 0, oma_outer_dbm=levels_dbm[0] - loss_db, average_power_dbm=levels_dbm[1] - loss_db
            )
            return figures if found is None else found

        return FollowedGain(in_light, figures)

    def _front_end(self, modes: DirectModeColumns, gain_db: float) -> FrontEndFigures:
        levels_dbm = (self.budget.oma_outer_dbm, self.budget.received_power_dbm)
        if not np.isfinite([*levels_dbm, self.budget.chromatic_dispersion_ps_per_nm]).all():
            raise ParameterError(
                f"link {self.link.name!r} has a level or a dispersion that is not known; "
                "allowed: known losses and fibers"
            )
        found = direct_front_end(
            modes, 0, oma_outer_dbm=levels_dbm[0] + gain_db, average_power_dbm=levels_dbm[1] + gain_db
        )
        if found is None:
            raise ParameterError(
                f"mode {self.mode.id!r} states no sensitivity; "
                "allowed: a mode whose receiver noise follows from its figures"
            )
        return found

    def _symbols(self) -> Symbols:
        bits = random_bits(2 * self.symbols_count, seed=self.seed, stream=self.stream("bits"), purpose=PAM4_BITS)
        return np.asarray(_GRAY_SYMBOLS[2 * bits[::2] + bits[1::2]])

    def _drive(self) -> Pam4Drive:
        hardware = self.hardware
        delays_fs = np.zeros(0)
        if hardware.random_jitter_fs > 0.0 or hardware.even_odd_jitter_fs > 0.0:
            delays_fs = hardware.random_jitter_fs * normal_numbers(
                self.symbols_count, seed=self.seed, stream=self.stream("jitter"), purpose=EDGE_JITTER
            )
            delays_fs += hardware.even_odd_jitter_fs * (np.arange(self.symbols_count) % 2 - 0.5)
        return Pam4Drive(
            modulator=hardware.modulator,
            pre_emphasis_ratio=hardware.pre_emphasis_ratio,
            main_tap=hardware.main_tap,
            measured_response=hardware.measured_response,
            edge_delays_ui=delays_fs * 1e-6 * self.mode.symbol_rate_gbd,
        )

    def _path(self) -> SampledPath:
        lane = self.budget
        elements = self.link.a_to_b if lane.direction == "a_to_b" else self.link.b_to_a
        fiber_km = sum(element.length_km for element in elements if element.kind == "fiber")
        losses_db = _share_losses(lane.launch_power_dbm - lane.received_power_dbm, elements)
        echoes = draw_echoes(
            pair_reflectors(find_reflectors(elements, losses_db, self.mode)),
            symbols_count=self.symbols_count,
            symbol_rate_gbd=self.mode.symbol_rate_gbd,
            linewidth_mhz=self.hardware.linewidth_mhz,
            seed=self.seed,
            lane=f"{self.link.name} {lane.direction} {lane.channel_index} {lane.lane}",
        )
        slopes = [
            element.part.zero_dispersion_slope_max_ps_per_nm2_km
            for element in elements
            if isinstance(element.part, Fiber)
        ]
        slope = max((value for value in slopes if value is not None), default=0.0)
        return SampledPath(
            wavelength_nm=lane.wavelength_nm,
            dispersion_ps_per_nm=lane.chromatic_dispersion_ps_per_nm,
            slope_ps_per_nm2=slope * fiber_km,
            dgd_ps=DGD_MAX_TO_MEAN * lane.dgd_mean_ps if math.isfinite(lane.dgd_mean_ps) else 0.0,
            echoes=echoes,
        )

    def _decode(self, symbols: Symbols, decided: Symbols, decisions: Floats) -> DecodedPayload | None:
        """Return what the FEC of the link leaves of the lane's bits."""
        labels = _GRAY_LABELS[symbols]
        sent = np.stack([labels >> 1, labels & 1], axis=1).ravel()
        if self.hardware.decision == "sequence":
            labels = _GRAY_LABELS[decided].astype(np.float32)
            ratios = SURE_LOG_RATIO * (1.0 - 2.0 * np.stack([labels // 2, labels % 2], axis=1).ravel())
        else:
            ratios = _log_ratios(symbols, decisions)
        return decode_payload(
            self.link.fec.id,
            sent,
            ratios.astype(np.float32),
            symbol_bits_count=2,
            seed=self.seed,
            stream=self.stream("information"),
        )

    def _record(
        self,
        path: SampledPath,
        reception: Reception,
        decisions: Floats,
        counts: DirectCounts,
        payload: DecodedPayload | None,
    ) -> DirectWaveform:
        lane = self.budget
        pulse, time_ui = reception.pulse_response()
        return DirectWaveform(
            direction=lane.direction,
            channel_index=lane.channel_index,
            lane=lane.lane,
            symbol_rate_gbd=self.mode.symbol_rate_gbd,
            wavelength_nm=lane.wavelength_nm,
            dispersion_ps_per_nm=lane.chromatic_dispersion_ps_per_nm,
            counts=counts,
            current_ua=reception.eye_ua(),
            samples_per_symbol=SAMPLES_PER_SYMBOL,
            average_ua=reception.average_ratio * reception.light.oma_outer_ua,
            oma_outer_ua=reception.light.oma_outer_ua,
            symbols=reception.light.symbols,
            decision_ratio=decisions,
            threshold_ratio=reception.threshold_ratio,
            level_mean_ratio=reception.level_mean_ratio,
            taps=reception.taps,
            sampling_offset_ui=reception.first / SAMPLES_PER_SYMBOL - (reception.first > SAMPLES_PER_SYMBOL // 2),
            pulse_response_ratio=pulse,
            pulse_time_ui=time_ui,
            waterfall=Waterfall(
                oma_outer_dbm=lane.oma_outer_dbm + WATERFALL_DB, symbol_error_ratio=reception.symbol_error_ratio
            ),
            bathtub=Bathtub(time_ui=BATHTUB_UI, symbol_error_ratio=reception.bathtub_ser_ratio(self.mode)),
            margin_db=reception.margin_db,
            target_ser_ratio=self.mode.target_ser_ratio,
            payload=payload,
            echoes_count=len(path.echoes),
            durations_s=dict(self.durations_s),
            seed=self.seed,
        )


def _share_losses(total_db: float, elements: tuple[object, ...]) -> list[float]:
    """Return the loss of each element: what the budget counts in total, fibers taking what the others do not state."""
    stated = [element.loss_db for element in elements]  # type: ignore[attr-defined]
    lengths = [element.length_km if element.kind == "fiber" else 0.0 for element in elements]  # type: ignore[attr-defined]
    per_km = (total_db - sum(stated)) / sum(lengths) if sum(lengths) > 0.0 else 0.0
    return [loss + per_km * length for loss, length in zip(stated, lengths, strict=True)]


def _log_ratios(sent: Symbols, decisions: Floats) -> Floats:
    """Return ln P(0)/P(1) of both bits of each decision, for the levels that its histogram shows."""
    weights = np.empty((4, len(decisions)))
    for level in range(4):
        own = decisions[sent == level]
        deviation = max(float(own.std()), 1e-9)
        weights[level] = -0.5 * ((decisions - own.mean()) / deviation) ** 2 - math.log(deviation)
    bits = np.stack([_GRAY_LABELS >> 1, _GRAY_LABELS & 1])
    found = [weights[side == 0].max(axis=0) - weights[side == 1].max(axis=0) for side in bits]
    return np.stack(found, axis=1).ravel()


def _count(sent: Symbols, decided: Symbols, symbol_error_ratio: float) -> DirectCounts:
    wrong = sent != decided
    flipped = _GRAY_LABELS[sent] ^ _GRAY_LABELS[decided]
    bit_errors = int((flipped & 1).sum() + (flipped >> 1).sum())
    edges = np.flatnonzero(np.diff(np.concatenate([[0], wrong.astype(np.int8), [0]])))
    lengths = np.minimum(edges[1::2] - edges[::2], BURST_LENGTHS_COUNT)
    bursts = np.bincount(lengths, minlength=BURST_LENGTHS_COUNT + 1)[1:]
    low, high = error_ratio_interval(bit_errors, 2 * len(sent), deviations_count=2.0)
    return DirectCounts(
        symbols_count=len(sent),
        symbol_errors_count=int(wrong.sum()),
        bit_errors_count=bit_errors,
        low_pre_fec_ber=low,
        high_pre_fec_ber=high,
        symbol_error_ratio=symbol_error_ratio,
        burst_lengths_count=tuple(int(count) for count in bursts),
    )

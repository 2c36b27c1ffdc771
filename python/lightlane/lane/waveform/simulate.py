"""Lanes simulated sample by sample: the same links, the same result, and everything there is to see."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import CoherentMode
from lightlane.errors import ModelError, ParameterError
from lightlane.kernels.fields import Field
from lightlane.kernels.sampled_field import NumberAddress, random_axis, rotate_polarization
from lightlane.kernels.task import Task
from lightlane.lane.budget import evaluate_links
from lightlane.lane.model import LaneResult, LinkResult
from lightlane.lane.options import DEFAULT_OPTIONS, BudgetOptions
from lightlane.lane.trace import PathTrace, trace_link
from lightlane.lane.waveform.address import POLARIZATION_AXIS, stream_of
from lightlane.lane.waveform.back_propagation import BackPropagation
from lightlane.lane.waveform.coding import DecodedPayload
from lightlane.lane.waveform.comb import SampledComb, choose_comb
from lightlane.lane.waveform.direct.record import DirectWaveform
from lightlane.lane.waveform.direct.simulate import simulate_direct_lanes
from lightlane.lane.waveform.line import SampledLine
from lightlane.lane.waveform.payload import decode_lane
from lightlane.lane.waveform.receiver import PHASE_SHOWN_EVERY, ReceivedLane, ReceivingModule
from lightlane.lane.waveform.record import SHOWN_SYMBOLS_MAX, LaneWaveform, Spectrum, measure_spectrum
from lightlane.lane.waveform.settings import DEFAULT_WAVEFORM, WaveformSettings
from lightlane.lane.waveform.timing import timed
from lightlane.lane.waveform.transmitter import (
    SentSymbols,
    lane_stream,
    modulate_lane,
    modulate_neighbor,
    send_symbols,
    transmitter_noise,
)
from lightlane.lane.waveform.verdict import judge_lane, lose_lane, summarize
from lightlane.link import Link

Floats = NDArray[np.float64]

BACK_TO_BACK_SYMBOLS = 2**15
"""Enough to know the noise of the hardware to half a percent."""


@dataclass(frozen=True, slots=True)
class SimulatedLink:
    """A link's result by waveform and its simulated lanes, in the same order; None where there is nothing to see.

    ``budget`` is what the analytic model says of the whole link.
    """

    result: LinkResult
    waveforms: tuple[LaneWaveform | DirectWaveform | None, ...]
    budget: LinkResult


def simulate_link(
    link: Link,
    *,
    settings: WaveformSettings = DEFAULT_WAVEFORM,
    options: BudgetOptions = DEFAULT_OPTIONS,
    wanted_margin_db: float = 0.0,
    task: Task | None = None,
) -> SimulatedLink:
    """Simulate lanes of a link from bits to bits.

    Parameters
    ----------
    settings
        Which channels or lanes, how many symbols, which hardware. Without, the one with the least margin of each
        direction.
    options
        Of the budget, whose levels the line has.

    Raises
    ------
    ParameterError
        If the link has no such channel or lane, or a figure that the model needs is not known.
    Cancelled
        If ``task`` was cancelled.

    References
    ----------
    ``docs/models/coherent-waveform.md``, ``docs/models/direct-waveform.md``.
    """
    task = Task() if task is None else task
    # The budget takes milliseconds, and its lanes are not what the task counts.
    budget = evaluate_links([link], options=options, wanted_margin_db=wanted_margin_db).link_results()[0]
    if not isinstance(link.mode, CoherentMode):
        _refuse_settings(
            link,
            precision=settings.precision != "f64",
            back_propagation_steps_count=settings.back_propagation_steps_count,
        )
        direct_lanes, direct_waveforms = simulate_direct_lanes(
            link,
            budget,
            settings=settings,
            wanted_margin_db=wanted_margin_db,
            task=task,
        )
        return SimulatedLink(summarize(budget, direct_lanes), tuple(direct_waveforms), budget)
    _refuse_settings(link, lanes=settings.lanes is not None)
    lanes: list[LaneResult] = []
    waveforms: list[LaneWaveform | None] = []
    traces = [trace for trace in trace_link(link, options=options) if trace.direction in settings.directions]
    for trace in traces:
        for channel in _choose_channels(budget, trace, settings):
            lane = next(
                item for item in budget.lanes if item.direction == trace.direction and item.channel_index == channel
            )
            try:
                waveform = _Simulation(link, link.mode, settings, options, trace, channel, task).run()
            except ModelError as error:
                lanes.append(lose_lane(lane, str(error)))
                waveforms.append(None)
                continue
            lanes.append(judge_lane(lane, waveform, link.mode, link.fec, wanted_margin_db=wanted_margin_db))
            waveforms.append(waveform)
    return SimulatedLink(summarize(budget, lanes), tuple(waveforms), budget)


def _refuse_settings(link: Link, **given: object) -> None:
    """Refuse settings that mean nothing for the link's detection."""
    for name, value in given.items():
        if value:
            kind = "a direct-detect" if isinstance(link.mode, CoherentMode) else "a coherent"
            raise ParameterError(f"{name} is set for link {link.name!r}; allowed: for {kind} link")


def _choose_channels(budget: LinkResult, trace: PathTrace, settings: WaveformSettings) -> tuple[int, ...]:
    """Return the wanted channels, or the one that the budget gives the least margin in this direction."""
    lit = trace.channel_indices[trace.is_lit].tolist()
    if settings.channels is not None:
        for channel in settings.channels:
            if channel not in lit:
                raise ParameterError(f"channels holds {channel}; allowed: lit channels, {lit[0]} to {lit[-1]}")
        return settings.channels
    lanes = [lane for lane in budget.lanes if lane.direction == trace.direction]
    margins_db = [lane.margin_db if np.isfinite(lane.margin_db) else np.inf for lane in lanes]
    return (lanes[int(np.argmin(margins_db))].channel_index,)


@dataclass(slots=True)
class _Simulation:
    """One lane of one direction on its way."""

    link: Link
    mode: CoherentMode
    settings: WaveformSettings
    options: BudgetOptions
    trace: PathTrace
    channel: int
    task: Task
    durations_s: dict[str, float] = field(default_factory=dict)

    @property
    def row(self) -> int:
        """Of the lane in the trace."""
        return int(np.flatnonzero(self.trace.channel_indices == self.channel)[0])

    def run(self) -> LaneWaveform:
        """Send, propagate, receive."""
        settings, trace, row = self.settings, self.trace, self.row
        self._require_known()
        comb = choose_comb(
            trace,
            row,
            symbols_count=settings.symbols_count,
            neighbors_count=settings.neighbors_count,
            roll_off=self.mode.roll_off,
        )
        with timed(self.durations_s, "transmitter", self.task):
            sent, launched = self._launch(comb)
        line = SampledLine(
            trace=trace,
            comb=comb,
            mode=self.mode,
            settings=settings,
            rest_ratio=self._rest_ratio(comb),
            fiber_limits=self.options.fiber_limits,
            stream=self._stream("line"),
            task=self.task,
        )
        with timed(self.durations_s, "line", self.task):
            arrived, report = line.pass_elements(launched)
            if self.options.sop_rate_krad_per_s > 0.0:
                arrived = self._rotate(arrived, comb)
        with timed(self.durations_s, "receiver", self.task):
            module = self._module(comb)
            module_ratio, notes = self._module_noise(module)
            self.task.check()
            received = replace(module, noise_ratio=module_ratio).receive(arrived, sent)
        with timed(self.durations_s, "FEC", self.task):
            payload = decode_lane(received, self.link.fec.id, seed=settings.seed, stream=self._stream("information"))
        return self._record(comb, launched, arrived, received, module_ratio, report.steps_count, payload, notes)

    def _require_known(self) -> None:
        """Refuse a lane whose levels or receiver nobody knows."""
        levels_dbm = [self.trace.launch_power_dbm[self.row], *self.trace.level_dbm[self.row]]
        if not np.isfinite(levels_dbm).all():
            raise ParameterError(
                f"link {self.link.name!r} has a level that is not known; allowed: a launch power and known losses"
            )
        receiver = self.trace.receivers[self.row]
        if not np.isfinite(receiver.kappa_ratio + receiver.receiver_ratio):
            raise ParameterError(
                f"mode {self.mode.id!r} states no required OSNR or sensitivity; allowed: a mode whose receiver is known"
            )

    def _stream(self, part: str) -> int:
        return stream_of(self.link.name, self.trace.direction, self.channel, part)

    def _launch(self, comb: SampledComb) -> tuple[SentSymbols, Field]:
        """Return what the lane sends, and the field of the comb at the modules."""
        settings, trace = self.settings, self.trace
        launched = np.zeros((2, comb.samples_count), dtype=np.complex128)
        own: SentSymbols | None = None
        for place, (row, bins) in enumerate(zip(comb.rows, comb.bins, strict=True)):
            channel = int(trace.channel_indices[row])
            stream = lane_stream(self.link.name, trace.direction, channel)
            sent = send_symbols(self.mode, comb.symbols_count, seed=settings.seed, stream=stream)
            amplitude = np.sqrt(1e-3 * 10.0 ** (trace.launch_power_dbm[row] / 10.0))
            if place != comb.lane:
                launched += amplitude * modulate_neighbor(sent, comb, self.mode.roll_off, int(bins))
                continue
            own = sent
            lane = modulate_lane(sent, self.mode, settings.hardware, comb, seed=settings.seed, stream=stream)
            noise_ratio = trace.receivers[row].transmitter_ratio
            if noise_ratio > 0.0:
                lane += transmitter_noise(comb, noise_ratio, self._slot_ghz(), seed=settings.seed, stream=stream)
            launched += amplitude * lane
        if own is None:
            raise ParameterError(f"channel {self.channel} is not in its own comb")
        return own, launched

    def _slot_ghz(self) -> float:
        spacing_ghz = self.link.channel_spacing_ghz
        return spacing_ghz if np.isfinite(spacing_ghz) else self.mode.channel_spacing_min_ghz

    def _rest_ratio(self, comb: SampledComb) -> Floats:
        """Return the nonlinear noise of channels outside the sampled field in each element, by the closed form."""
        simulated = tuple(sorted(int(self.trace.channel_indices[row]) for row in comb.rows))
        everything = self.trace.nonlinear_ratio[self.row]
        if len(simulated) == len(self.trace.channel_indices):
            return np.zeros_like(everything)
        fewer = trace_link(replace(self.link, lit_channels=simulated), options=self.options)
        alone = next(trace for trace in fewer if trace.direction == self.trace.direction)
        row = int(np.flatnonzero(alone.channel_indices == self.channel)[0])
        return np.asarray(np.maximum(everything - alone.nonlinear_ratio[row], 0.0))

    def _rotate(self, arrived: Field, comb: SampledComb) -> Field:
        address = NumberAddress(seed=self.settings.seed, link_key=self._stream("rotation"))
        return rotate_polarization(
            arrived,
            rate_krad_per_s=self.options.sop_rate_krad_per_s,
            sample_rate_ghz=comb.sample_rate_ghz,
            axis=random_axis(address, POLARIZATION_AXIS),
        )

    def _module(self, comb: SampledComb) -> ReceivingModule:
        steps = self.settings.back_propagation_steps_count
        return ReceivingModule(
            mode=self.mode,
            hardware=self.settings.hardware,
            comb=comb,
            noise_ratio=0.0,
            dispersion_ps_per_nm=float(self.trace.chromatic_dispersion_ps_per_nm[self.row].sum()),
            back_propagation=BackPropagation(trace=self.trace, row=self.row, steps_count=steps) if steps else None,
            seed=self.settings.seed,
            stream=self._stream("receiver"),
        )

    def _module_noise(self, module: ReceivingModule) -> tuple[float, tuple[str, ...]]:
        """Return the noise that is left to the module when its simulated hardware and DSP are taken off.

        The budget gives a module (kappa p - 1) of the line's noise, p the penalties of its tables, and its own; what of
        that the hardware makes is measured back to back, at as much noise as the lane will have.
        """
        receiver = self.trace.receivers[self.row]
        own = 0.0 if np.isnan(receiver.transmitter_ratio) else receiver.transmitter_ratio
        line = 10.0 ** (-self.trace.gsnr_db(-10.0 * np.log10(own) if own > 0.0 else None)[self.row, -1] / 10.0)
        counted = receiver.kappa_ratio * 10.0 ** (receiver.tabled_penalty_db / 10.0)
        module_ratio = (counted - 1.0) * line + receiver.receiver_ratio
        expected = line + module_ratio
        hardware = measure_back_to_back(module, self.trace, self.row, expected) - expected
        if hardware > module_ratio:
            note = (
                f"the hardware alone makes noise of {-10.0 * np.log10(hardware):.1f} dB, more than the mode leaves to "
                f"its module, {-10.0 * np.log10(max(module_ratio, 1e-12)):.1f} dB"
            )
            return 0.0, (note,)
        return module_ratio - max(hardware, 0.0), ()

    def _record(
        self,
        comb: SampledComb,
        launched: Field,
        arrived: Field,
        received: ReceivedLane,
        module_ratio: float,
        steps_count: int,
        payload: DecodedPayload | None,
        notes: tuple[str, ...],
    ) -> LaneWaveform:
        return LaneWaveform(
            direction=self.trace.direction,
            channel_index=self.channel,
            form=received.form,
            symbol_rate_gbd=self.mode.symbol_rate_gbd,
            quality=received.quality,
            monitors=received.monitors,
            trace=self.trace,
            spectrum_sent=self._spectrum(launched, comb),
            spectrum_received=self._spectrum(arrived, comb),
            symbols=received.symbols[:, :SHOWN_SYMBOLS_MAX],
            points=received.points,
            taps=received.taps,
            phase_rad=received.phase_rad[:, ::PHASE_SHOWN_EVERY],
            phase_symbols_count=PHASE_SHOWN_EVERY,
            durations_s=dict(self.durations_s),
            samples_count=comb.samples_count,
            steps_count=steps_count,
            module_noise_db=float(-10.0 * np.log10(module_ratio)) if module_ratio > 0.0 else float("inf"),
            seed=self.settings.seed,
            payload=payload,
            notes=notes,
        )

    def _spectrum(self, arrived: Field, comb: SampledComb) -> Spectrum:
        return measure_spectrum(arrived, comb.sample_rate_ghz)


def measure_back_to_back(module: ReceivingModule, trace: PathTrace, row: int, noise_ratio: float) -> float:
    """Return the noise at the decision, transmitter on receiver, with white noise of ``noise_ratio`` in between."""
    comb = replace(
        module.comb,
        symbols_count=min(module.comb.symbols_count, BACK_TO_BACK_SYMBOLS),
        samples_count=2 * min(module.comb.symbols_count, BACK_TO_BACK_SYMBOLS),
        rows=np.array([row]),
        bins=np.zeros(1, dtype=np.int64),
        lane=0,
    )
    stream = stream_of("back to back", trace.direction, int(trace.channel_indices[row]), module.mode.id)
    sent = send_symbols(module.mode, comb.symbols_count, seed=module.seed, stream=stream)
    launched = modulate_lane(sent, module.mode, module.hardware, comb, seed=module.seed, stream=stream)
    power_w = 1e-3 * 10.0 ** (trace.level_dbm[row, -1] / 10.0)
    back_to_back = replace(module, comb=comb, noise_ratio=noise_ratio, dispersion_ps_per_nm=0.0, back_propagation=None)
    return back_to_back.receive(launched * np.sqrt(power_w), sent).noise_ratio

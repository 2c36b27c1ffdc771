"""Time one sampled PAM4 lane of 53.125 GBd, 2^16 symbols and 8 samples a symbol, per thread, against OptiCommPy.

The same work on both sides, in processor time of one thread: symbols, modulator, fiber with dispersion, photodiode with
shot and thermal noise, five symbol-spaced taps, decisions. Then what a whole lane of a link takes.
"""

# ruff: noqa: T201, E402

from __future__ import annotations

import os
import time
from collections.abc import Callable

# Read when the first kernel of each library runs.
for variable in ("RAYON_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np

from lightlane.catalog.parts import DirectMode
from lightlane.fabric.point_to_point import point_to_point
from lightlane.kernels.direct import Pam4Transmitter
from lightlane.kernels.direct_waveform import (
    DirectReceiver,
    FrontEndFigures,
    Pam4Drive,
    SampledPath,
    direct_front_end,
    propagate_pam4,
)
from lightlane.kernels.pam4_decisions import DecisionNoise, decide_pam4, fit_pam4_equalizer, pam4_error_ratios
from lightlane.kernels.signal import random_bits
from lightlane.kernels.tables import DirectModeColumns
from lightlane.lane.budget import evaluate_link
from lightlane.lane.lowering import lower_direct
from lightlane.lane.options import DEFAULT_OPTIONS
from lightlane.lane.waveform.direct.gain import FollowedGain
from lightlane.lane.waveform.direct.hardware import DirectHardware
from lightlane.lane.waveform.direct.light import AmplifiedLight, take_light
from lightlane.lane.waveform.direct.receiver import Reception, receive_lane
from lightlane.lane.waveform.direct.transmitter import mode_transmitter
from lightlane.lane.waveform.settings import WaveformSettings
from lightlane.lane.waveform.simulate import simulate_link

SYMBOLS = 2**16
SAMPLES = 8
RATE_GBD = 53.125
GOAL_RATIO = 10.0
ROUNDS = 5


def main() -> None:
    """Print symbols per second of both, their ratio, and what a whole lane takes."""
    own_s, peer_s = _best(own_lane, ROUNDS), _best(peer_lane, 2)
    parts = time_whole_lane()
    print(
        f"One PAM4 lane, {SYMBOLS:,} symbols, {SAMPLES} samples each, one thread, processor time:\n"
        f"  Lightlane  {SYMBOLS / own_s / 1e6:6.2f} M symbols/s\n"
        f"  OptiCommPy {SYMBOLS / peer_s / 1e6:6.2f} M symbols/s\n"
        f"  ratio {peer_s / own_s:.1f} (goal {GOAL_RATIO:g})\n"
        f"  a whole lane with chirp, six echoes, both sides of the clock, error ratios in 57 lights, "
        f"FEC: {sum(parts.values()) * 1e3:.0f} ms: "
        + ", ".join(f"{part} {seconds * 1e3:.0f}" for part, seconds in parts.items())
    )
    print(f"  100 received powers of one waveform, PIN: {time_sweep() * 1e3:.0f} ms")
    swept_s, lane_s = time_avalanche_sweep()
    print(
        f"  100 received powers of one waveform, avalanche photodiode with the gain of each: {swept_s * 1e3:.0f} ms; "
        f"each a lane of its own: {100.0 * lane_s:.1f} s, {100.0 * lane_s / swept_s:.0f} x"
    )


def own_lane() -> None:
    """Send symbols over 6 km, receive, fit five taps, decide."""
    bits = random_bits(2 * SYMBOLS, seed=1)
    symbols = np.array([0, 1, 3, 2], dtype=np.uint8)[2 * bits[::2] + bits[1::2]]
    transmitter = Pam4Transmitter(symbol_rate_gbd=RATE_GBD, eo_bandwidth_ghz=34.0, extinction_ratio_db=4.5)
    path = SampledPath(wavelength_nm=1310.0, dispersion_ps_per_nm=12.0)
    drive = Pam4Drive(modulator="mach_zehnder")
    power_w = 0.5e-3 * propagate_pam4(symbols, transmitter, path, drive=drive)
    receiver = DirectReceiver(
        symbol_rate_gbd=RATE_GBD, responsivity_a_per_w=0.8, thermal_noise_pa_per_sqrt_hz=15.0
    ).to_core()
    current = receiver.receive(power_w, first=0, step=SAMPLES, noise=(1, 2))
    current -= current.mean()
    sent = symbols / 3.0 - 0.5
    taps = fit_pam4_equalizer(
        current[:4096] / 0.4e-3,
        sent[:4096],
        equalizer="ffe5",
        noise_variance_ratio=0.0,
        noise_autocorrelation_ratio=np.ones(32),
    )
    values = taps.feed_forward(current / 0.4e-3)
    decided = decide_pam4(values, level_ratio=np.arange(4) / 3.0 - 0.5, threshold_ratio=(-1 / 3, 0.0, 1 / 3))
    np.count_nonzero(decided != symbols)


def time_whole_lane() -> dict[str, float]:
    """Return the time of the parts of one simulated lane, the fastest of several."""
    link = point_to_point("400gbase-lr4-6", 6.0)
    settings = WaveformSettings(symbols_count=SYMBOLS)
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        waveform = simulate_link(link, settings=settings).waveforms[0]
        assert waveform is not None
        if not best or sum(waveform.durations_s.values()) < sum(best.values()):
            best = dict(waveform.durations_s)
    return best


def peer_lane() -> None:
    """Do the same with OptiCommPy."""
    from optic.dsp.core import pnorm
    from optic.dsp.equalization import ffe
    from optic.models.channels import linearFiberChannel
    from optic.models.devices import photodiode
    from optic.models.tx import pamTransmitter
    from optic.utils import parameters

    transmitter = parameters()
    transmitter.M, transmitter.Rs, transmitter.SpS, transmitter.nBits = 4, RATE_GBD * 1e9, SAMPLES, 2 * SYMBOLS
    transmitter.pulseType, transmitter.seed, transmitter.power = "nrz", 1, 0.0
    field, sent = pamTransmitter(transmitter)
    fiber = parameters()
    fiber.L, fiber.alpha, fiber.D, fiber.Fc, fiber.Fs = 6.0, 0.4, 2.0, 228.8e12, RATE_GBD * 1e9 * SAMPLES
    detector = parameters()
    detector.ideal, detector.B, detector.Fs, detector.seed, detector.N = False, 26.6e9, fiber.Fs, 2, 255
    current = photodiode(linearFiberChannel(field, fiber).reshape(-1), detector)
    samples = pnorm(current[::SAMPLES] - current.mean())
    taps = parameters()
    taps.nTaps, taps.mu, taps.M, taps.nTrain = 5, 1e-3, 4, 2000
    equalized, _, _ = ffe(samples, sent.reshape(-1), taps)
    np.digitize(equalized, [-0.9, 0.0, 0.9])


def time_sweep() -> float:
    """Return the processor time of the error ratios of one waveform in 100 lights."""
    rng = np.random.default_rng(1)
    symbols = rng.integers(0, 4, SYMBOLS)
    values = symbols / 3.0 - 0.5 + rng.normal(0.0, 0.01, SYMBOLS)
    noise = DecisionNoise(1e-3, np.full(SYMBOLS, 1e-4), np.full(SYMBOLS, 1e-5))
    lights = 10.0 ** np.linspace(-1.0, 1.0, 100)
    return _best(lambda: pam4_error_ratios(symbols, values, noise, light_ratio=lights), 3)


def time_avalanche_sweep() -> tuple[float, float]:
    """Return the processor time of one lane's error ratios in 100 lights, and of sending and receiving it once."""
    link = point_to_point("400gbase-er8", 20.0)
    mode, lane, hardware = link.mode, evaluate_link(link).lanes[0], DirectHardware()
    assert isinstance(mode, DirectMode)
    modes = lower_direct([link], [0], DEFAULT_OPTIONS).modes
    assert isinstance(modes, DirectModeColumns)
    symbols = np.random.default_rng(2).integers(0, 4, SYMBOLS).astype(np.uint8)
    path = SampledPath(wavelength_nm=lane.wavelength_nm, dispersion_ps_per_nm=lane.chromatic_dispersion_ps_per_nm)

    def in_light(loss_db: float) -> FrontEndFigures:
        levels_dbm = [level - loss_db for level in (lane.oma_outer_dbm, lane.received_power_dbm)]
        found = direct_front_end(modes, 0, oma_outer_dbm=levels_dbm[0], average_power_dbm=levels_dbm[1])
        assert found is not None
        return found

    figures = in_light(0.0)
    gain, transmitter = FollowedGain(in_light, figures), mode_transmitter(mode, hardware)

    def simulate() -> Reception:
        light = AmplifiedLight(power_ratio=propagate_pam4(symbols, transmitter, path))
        arrived = take_light(mode, figures, transmitter, light, oma_outer_dbm=lane.oma_outer_dbm, symbols=symbols)
        return receive_lane(mode, hardware, arrived, gain)

    seen = simulate()
    noise = seen.light.noise_behind(seen.taps.taps, seen.taps.main_index, seen.first, delay_ui=seen.worse.delay_ui)
    lights = 10.0 ** np.linspace(-1.0, 0.5, 100)

    def sweep() -> None:
        gain.error_ratios(symbols, seen.worse.values, noise, light_ratio=lights, target_ser_ratio=mode.target_ser_ratio)

    return _best(sweep, 3), _best(simulate, 2)


def _best(work: Callable[[], object], rounds: int) -> float:
    """Return the least processor time of a piece of work, its first run left aside."""
    work()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


if __name__ == "__main__":
    main()

"""Time one sampled PAM4 lane of 53.125 GBd, 2^16 symbols and 8 samples a symbol, per thread, against OptiCommPy.

The same work on both sides, in processor time of one thread: symbols, modulator, fiber with dispersion, photodiode with
shot and thermal noise, five symbol-spaced taps, decisions. Ours besides: the sampling time, the noise of each decision.
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

from lightlane.fabric.point_to_point import point_to_point
from lightlane.kernels.pam4_decisions import DecisionNoise, pam4_error_ratios
from lightlane.lane.waveform.settings import WaveformSettings
from lightlane.lane.waveform.simulate import simulate_link

SYMBOLS = 2**16
SAMPLES = 8
RATE_GBD = 53.125
GOAL_RATIO = 10.0
ROUNDS = 5


def main() -> None:
    """Print symbols per second of both, their ratio, and the parts of ours."""
    own_s, parts = time_lane()
    peer_s = _best(peer_lane, 2)
    print(
        f"One PAM4 lane, {SYMBOLS:,} symbols, {SAMPLES} samples each, one thread, processor time:\n"
        f"  Lightlane  {SYMBOLS / own_s / 1e6:6.2f} M symbols/s ({own_s * 1e3:.0f} ms: "
        + ", ".join(f"{part} {seconds * 1e3:.0f}" for part, seconds in parts.items())
        + f")\n  OptiCommPy {SYMBOLS / peer_s / 1e6:6.2f} M symbols/s\n"
        f"  ratio {peer_s / own_s:.1f} (goal {GOAL_RATIO:g})"
    )
    print(f"  100 received powers of one waveform: {time_sweep() * 1e3:.0f} ms")


def time_lane() -> tuple[float, dict[str, float]]:
    """Return the processor time of the parts of one lane, the fastest of several."""
    link = point_to_point("400gbase-lr4-6", 6.0)
    settings = WaveformSettings(symbols_count=SYMBOLS)
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        waveform = simulate_link(link, settings=settings).waveforms[0]
        assert waveform is not None
        if not best or sum(waveform.durations_s.values()) < sum(best.values()):
            best = dict(waveform.durations_s)
    return sum(best.values()), best


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

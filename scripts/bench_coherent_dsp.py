"""Time the blocks of the coherent receiver on one thread, next to OptiCommPy's and to the transforms that they need.

Processor time of this thread, the least of several runs, since others may load the machine. OptiCommPy's functions are
compiled before they are timed.
"""

# ruff: noqa: T201

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np

from lightlane import kernels

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from optic.dsp.carrierRecovery import bps
    from optic.dsp.equalization import mimoAdaptEqualizer
    from optic.utils import parameters

SYMBOLS, PEER_SYMBOLS, ROUNDS = 1 << 16, 1 << 14, 9
LEVELS = np.array([-3.0, -1.0, 1.0, 3.0]) / np.sqrt(10.0)


def least_s(run: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Return the least processor time of this thread for a call; the first is not counted."""
    times = []
    for _ in range(rounds + 1):
        start = time.thread_time()
        run()
        times.append(time.thread_time() - start)
    return min(times[1:])


def make_field(symbols: np.ndarray) -> np.ndarray:
    """Return two samples per symbol behind a turn of the polarization and a delay of 0.4 symbols."""
    f = np.fft.fftfreq(2 * symbols.shape[1], 0.5)
    density = np.cos(0.5 * np.pi * np.clip((np.abs(f) - 0.45) / 0.1, 0.0, 1.0)) ** 2
    up = np.zeros((2, f.size), complex)
    up[:, ::2] = 2 * symbols
    x, y = np.fft.fft(up) * density
    late = np.exp(-0.4j * np.pi * f)
    c, s = np.cos(0.6), np.sin(0.6)
    return np.asarray(np.fft.ifft(np.array([(c * x + s * y) * late, (c * y - s * x) / late])))


def time_filter(field: np.ndarray) -> None:
    """Print the time of the dispersion filter over that of its transforms alone."""
    block = kernels.ReceiverFilter(sample_rate_ghz=120.0, dispersion_ps_per_nm=20_000.0)
    hop = block.segment_count - block.overlap_count
    pieces = 8
    count = pieces * field.shape[1]
    room = np.empty((2, field.shape[1] + hop), dtype=np.complex128)

    def run(out: np.ndarray | None) -> None:
        block.reset()
        for _ in range(pieces):
            block.process(field, out=out)

    def transform() -> None:
        block.transform_only(2 * (count // hop))

    # In turns: whatever else the machine does then falls on all of them alike.
    rounds = [(least_s(lambda: run(None), 3), least_s(lambda: run(room), 3), least_s(transform, 3)) for _ in range(5)]
    fresh_s, reused_s, floor_s = (min(times) for times in zip(*rounds, strict=True))
    print(f"  dispersion filter, 20 000 ps/nm at 120 GHz, segments of {block.segment_count}, of which {hop} count:")
    print(f"    {count / reused_s:.3g} samples/s into the same memory, {count / fresh_s:.3g} into new arrays:")
    print(f"    {reused_s / floor_s:.2f} and {fresh_s / floor_s:.2f} times the library's transforms of these segments")


def time_equalizer(field: np.ndarray) -> None:
    """Print symbols per second of the adaptive equalizer, 2x2 and 4x4."""
    stages = [
        kernels.LearningStage(criterion="cma", step_ratio=2e-3, symbols_count=SYMBOLS // 2),
        kernels.LearningStage(criterion="rde", step_ratio=1e-3),
    ]
    rates = []
    for widely_linear in (False, True):
        block = kernels.AdaptiveEqualizer(modulation="16qam", widely_linear=widely_linear, stages=stages)
        rates.append(SYMBOLS / least_s(lambda block=block: (block.reset(), block.process(field))))  # type: ignore[misc]
    peer = parameters()
    peer.nTaps, peer.alg, peer.M, peer.mu, peer.prgsBar = 15, ["cma", "rde"], 16, [1e-3, 1e-3], False
    peer.L, part = [PEER_SYMBOLS // 2, PEER_SYMBOLS // 2 - 64], field[:, : 2 * PEER_SYMBOLS].T.copy()
    found = []
    for domain in ("time", "freq"):
        peer.domain, peer.blockSize = domain, 8
        found.append(PEER_SYMBOLS / least_s(lambda: mimoAdaptEqualizer(part, peer), 2))
    print(f"  equalizer, 15 taps, CMA then RDE: {rates[0]:.3g} symbols/s 2x2, {rates[1]:.3g} 4x4;")
    print(
        f"    OptiCommPy {found[0]:.3g} in time, {found[1]:.3g} in frequency: {rates[0] / max(found):.1f} times as fast"
    )


def time_phase(symbols: np.ndarray) -> None:
    """Print symbols per second of the phase recoveries."""
    search = kernels.BlindPhaseSearch(modulation="16qam", test_phases_count=64, half_window_count=32)
    ours = SYMBOLS / least_s(lambda: (search.process(symbols), search.reset()))
    part, points = symbols[:, :4096].T.copy(), (LEVELS[:, None] + 1j * LEVELS).ravel()
    theirs = 4096 / least_s(lambda: bps(part, 32, points, 64), 2)
    print(f"  blind phase search, 64 phases: {ours:.3g} symbols/s of both polarizations, OptiCommPy {theirs:.3g}:")
    print(f"    {ours / theirs:.0f} times as fast")
    known = kernels.KnownSymbols(symbols=symbols[:, ::32], spacing_count=32)
    others = {"known symbols": kernels.PilotPhase(known), "fourth power": kernels.ViterbiViterbi()}
    for name, block in others.items():
        rate = SYMBOLS / least_s(lambda block=block: (block.process(symbols), block.reset()))  # type: ignore[misc]
        print(f"  phase by {name}: {rate:.3g} symbols/s")


def main() -> None:
    """Print the rates."""
    warnings.simplefilter("ignore")  # numba warns of its own arrays.
    rng = np.random.default_rng(1)
    symbols = rng.choice(LEVELS, (2, SYMBOLS)) + 1j * rng.choice(LEVELS, (2, SYMBOLS))
    field = make_field(symbols)
    noisy = symbols + 0.1 * (rng.standard_normal(symbols.shape) + 1j * rng.standard_normal(symbols.shape))
    print(f"coherent receiver, one thread, 16QAM, OptiCommPy {version('opticommpy')}:")
    time_filter(field)
    time_equalizer(field)
    time_phase(noisy)
    clock = kernels.TimingRecovery(roll_off=0.1)
    print(f"  clock: {SYMBOLS / least_s(lambda: (clock.process(field), clock.reset())):.3g} symbols/s")


if __name__ == "__main__":
    main()

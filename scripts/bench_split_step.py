"""Time the split step of a dual-polarization field next to OptiCommPy's, and over the transforms that it needs.

The figure counts samples (of a pair of polarizations) times steps, per second of processor time of one thread; two
threads by the clock. Best of several short runs.
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
import scipy.fft

from lightlane import kernels

STEPS = 20
ROUNDS = 5
STEP_KM = 0.5
SIZES = (16, 18)
FIBER = {"dispersion_ps_per_nm_km": 16.0, "gamma_per_w_km": 1.3, "attenuation_db_per_km": 0.2}
CENTER_THZ = 193.1
RATE_GHZ = 500.0


def make_field(exponent: int) -> np.ndarray:
    """Return 2^exponent samples of noise of 1 mW in each polarization, in a third of the bandwidth."""
    rng = np.random.default_rng(1)
    count = 1 << exponent
    spectrum = rng.normal(size=(2, count)) + 1j * rng.normal(size=(2, count))
    spectrum[:, count // 6 : -count // 6] = 0.0
    field = np.fft.ifft(spectrum)
    return np.sqrt(1e-3) * field / np.sqrt(np.mean(np.abs(field) ** 2, axis=1, keepdims=True))


def propagate(field: np.ndarray, precision: str, steps: int) -> None:
    """Take equal steps."""
    kernels.propagate_fiber(
        field, sample_rate_ghz=RATE_GHZ, reference_thz=CENTER_THZ, length_km=steps * STEP_KM, step_km=STEP_KM,
        precision=precision, **FIBER,
    )  # fmt: skip


def best_s(run: Callable[[], object], clock: Callable[[], float]) -> float:
    """Return the shortest of several runs."""
    times = []
    for _ in range(ROUNDS):
        start = clock()
        run()
        times.append(clock() - start)
    return min(times)


def rate(field: np.ndarray, precision: str, clock: Callable[[], float]) -> float:
    """Return samples times steps per second, without what the first and last step share."""
    short = best_s(lambda: propagate(field, precision, STEPS), clock)
    long = best_s(lambda: propagate(field, precision, 4 * STEPS), clock)
    return float(3 * STEPS * field.shape[1] / (long - short))


def floor_rate(field: np.ndarray) -> float:
    """Return what four transforms in double precision alone would allow (scipy's, one after the other)."""

    def transforms() -> None:
        for row in field:
            for _ in range(2):
                scipy.fft.ifft(scipy.fft.fft(row))

    return float(2 * field.shape[1] / best_s(transforms, time.process_time))


def peer_rate(field: np.ndarray) -> float:
    """Return the rate of OptiCommPy's step, which iterates at least twice."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from optic.models.channels import manakovSSF
        from optic.utils import parameters
    logging.disable(logging.INFO)
    param = parameters()
    param.Fs, param.Fc = RATE_GHZ * 1e9, CENTER_THZ * 1e12
    param.Ltotal = param.Lspan = STEPS * STEP_KM / 4
    param.hz, param.alpha, param.D, param.gamma = STEP_KM, 0.2, 16.0, 1.3
    param.amp, param.nlprMethod, param.prgsBar, param.saveSpanN = "ideal", False, False, [1]
    signal = np.ascontiguousarray(field.T)
    return float(STEPS / 4 * field.shape[1] / best_s(lambda: manakovSSF(signal, param), time.process_time))


def main() -> None:
    """Print the rates and their ratios; ``--threads`` prints those of this process alone, by the clock."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clock", action="store_true")
    if parser.parse_args().clock:
        rates = [rate(make_field(size), precision, time.perf_counter) for size in SIZES for precision in ("f64", "f32")]
        print(*rates)  # noqa: T201
        return
    print("split step, two polarizations, million samples x steps per second of one thread:")  # noqa: T201
    for size in SIZES:
        field = make_field(size)
        double, single = (rate(field, precision, time.process_time) for precision in ("f64", "f32"))
        peer, floor = peer_rate(field), floor_rate(field)
        print(  # noqa: T201
            f"  2^{size}: f64 {double / 1e6:.0f}, f32 {single / 1e6:.0f}, OptiCommPy {peer / 1e6:.1f}:"
            f" {double / peer:.1f} and {single / peer:.1f} times as fast;"
            f" four transforms of scipy {floor / 1e6:.0f}: {double / floor:.2f} of that rate"
        )
    clocked = {}
    for threads in (1, 2):
        environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
        done = subprocess.run(  # noqa: S603 - this file
            [sys.executable, __file__, "--clock"], env=environment, capture_output=True, text=True, check=True
        )
        clocked[threads] = [float(word) for word in done.stdout.split()]
    names = [f"2^{size} {precision}" for size in SIZES for precision in ("f64", "f32")]
    gains = ", ".join(f"{name} {two / one:.2f}" for name, one, two in zip(names, clocked[1], clocked[2], strict=True))
    print(f"  two threads by the clock: {gains} times one")  # noqa: T201


if __name__ == "__main__":
    if "--clock" not in sys.argv:
        os.environ["RAYON_NUM_THREADS"] = "1"
    main()

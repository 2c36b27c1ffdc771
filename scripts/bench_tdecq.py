"""Time TDECQ of one period of SSPRQ at 16 samples per symbol, next to the transforms that it cannot do without."""

from __future__ import annotations

import time

import numpy as np

from lightlane.kernels.direct import ReferenceReceiver
from lightlane.kernels.patterns import ssprq
from lightlane.kernels.tdecq import measure_tdecq

SYMBOL_RATE_GBD = 53.125
PER_SYMBOL = 16
GOAL_S = 0.3
TURNS = 5


def main() -> None:
    """Print wall and processor seconds, the least of a few turns, for both reference equalizers."""
    levels = ssprq()
    power_w = np.repeat(1e-3 + 1e-3 * levels, PER_SYMBOL)
    hertz = np.fft.rfftfreq(power_w.size, 1.0 / PER_SYMBOL)
    power_w = np.fft.irfft(np.fft.rfft(power_w) * np.exp(-0.35 * (hertz / 0.5) ** 2), power_w.size)
    floor_s = min(_take(lambda: np.fft.irfft(np.fft.rfft(power_w), power_w.size))[0] for _ in range(TURNS))
    print(f"TDECQ of SSPRQ, {PER_SYMBOL} samples per symbol; goal {GOAL_S:g} s:")  # noqa: T201
    for equalizer in ("ffe5", "ffe15_dfe1"):
        receiver = ReferenceReceiver(equalizer=equalizer)

        def measure(receiver: ReferenceReceiver = receiver) -> None:
            rates = {"sample_rate_ghz": SYMBOL_RATE_GBD * PER_SYMBOL, "symbol_rate_gbd": SYMBOL_RATE_GBD}
            measure_tdecq(power_w, levels, receiver=receiver, **rates)

        turns = [_take(measure) for _ in range(TURNS)]
        wall_s, processor_s = min(turn[0] for turn in turns), min(turn[1] for turn in turns)
        ratio = wall_s / floor_s
        print(f"  {equalizer}: {wall_s:.3f} s, {processor_s:.3f} s of processors, {ratio:.1f} x one FFT there and back")  # noqa: T201


def _take(work: object) -> tuple[float, float]:
    wall, processor = time.perf_counter(), time.process_time()
    work()  # type: ignore[operator]
    return time.perf_counter() - wall, time.process_time() - processor


if __name__ == "__main__":
    main()

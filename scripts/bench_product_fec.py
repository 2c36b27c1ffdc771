"""Time oFEC, the staircase code and CFEC on one thread at their thresholds, next to maiman's oFEC.

Processor time of the process, whose pool has one thread, the least of several runs, since others may load the machine.
Rates are in information bits.
"""

# ruff: noqa: T201

from __future__ import annotations

import os
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

os.environ["RAYON_NUM_THREADS"] = "1"

import numpy as np
from maiman import ofec

from lightlane import kernels

ROUNDS = 5
OFEC_BLOCKS, PEER_BLOCKS = 200, 12
PEER_TESTS = 4
"""Test places of maiman's decoder by default; ours has 6."""


def least_s(run: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Return the least processor time for a call."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def noisy(line: np.ndarray, x: float, seed: int) -> np.ndarray:
    """Return log-likelihood ratios of bits at ``x`` standard deviations from the threshold."""
    noise = np.random.default_rng(seed).standard_normal(line.size)
    return (2 * x * (x * (1.0 - 2.0 * line) + noise)).astype(np.float32)


def time_ofec() -> None:
    """Print the rates of oFEC and of maiman's."""
    bits = np.random.default_rng(1).integers(0, 2, OFEC_BLOCKS * kernels.OFEC_BLOCK_INFORMATION_BITS, dtype=np.uint8)
    line = kernels.encode_product(bits, code="ofec")
    llr = noisy(line, 2.0537, 2)  # A pre-FEC BER of 2.0e-2.
    encode = bits.size / least_s(lambda: kernels.encode_product(bits, code="ofec")) / 1e6
    decode = bits.size / least_s(lambda: kernels.decode_ofec(llr)) / 1e6
    hard = bits.size / least_s(lambda: kernels.decode_ofec_hard(line, hard_passes_count=4)) / 1e6
    few = slice(0, PEER_BLOCKS * kernels.OFEC_BLOCK_INFORMATION_BITS)
    some = slice(0, PEER_BLOCKS * kernels.OFEC_BLOCK_BITS)
    peer_encode = few.stop / least_s(lambda: ofec.ofec_encode_stream(bits[few]), 3) / 1e6
    run = lambda: ofec.ofec_decode_stream(llr[some], iterations=3, test_bits=PEER_TESTS)  # noqa: E731
    peer_decode = few.stop / least_s(run, 1) / 1e6
    print(f"oFEC, information on one thread at a pre-FEC BER of 2.0e-2, maiman {version('maiman')}:")
    print(f"  encode {encode:.0f} Mb/s, maiman {peer_encode:.1f} Mb/s: {encode / peer_encode:.0f} times as fast")
    print(f"  decode {decode:.1f} Mb/s (3 soft passes of 6 test places, 2 hard), 4 hard passes alone {hard:.0f} Mb/s;")
    print(f"    maiman {peer_decode:.4f} Mb/s (3 passes of {PEER_TESTS}): {decode / peer_decode:.0f} times as fast")


def time_staircase() -> None:
    """Print the rates of the staircase code and of CFEC."""
    bits = np.random.default_rng(1).integers(0, 2, 2 * kernels.CFEC_FRAME_INFORMATION_BITS, dtype=np.uint8)
    blocks = kernels.encode_product(bits, code="scfec")
    wrong = blocks ^ (np.random.default_rng(2).random(blocks.size) < 4.5e-3)
    line = kernels.encode_product(bits, code="cfec")
    llr = noisy(line, 2.2414, 3)  # A pre-FEC BER of 1.25e-2.
    encode = bits.size / least_s(lambda: kernels.encode_product(bits, code="cfec")) / 1e6
    outer = bits.size / least_s(lambda: kernels.decode_staircase(wrong)) / 1e6
    decode = bits.size / least_s(lambda: kernels.decode_cfec(llr)) / 1e6
    print("staircase code at 4.5e-3 and CFEC at 1.25e-2, information on one thread:")
    print(f"  CFEC encode {encode:.0f} Mb/s, decode {decode:.0f} Mb/s; staircase code alone {outer:.0f} Mb/s")


def main() -> None:
    """Print the rates."""
    time_ofec()
    time_staircase()


if __name__ == "__main__":
    main()

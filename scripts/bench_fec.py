"""Time encoders and decoders of block codes on one thread, next to galois and to a plain pass over the same memory.

Processor time, the least of several runs, since others may load the machine. Rates count bits on the line. The pass
is numpy's exclusive or of the input with itself: what touching the memory once costs.
"""

# ruff: noqa: T201

from __future__ import annotations

import os
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

os.environ["RAYON_NUM_THREADS"] = "1"

import galois  # type: ignore[import-untyped]
import numpy as np

from lightlane import kernels

WORDS, INNER_WORDS, PEER_WORDS, ROUNDS = 64, 200, 64, 200
"""So few that all arrays stay in memory that is already mapped: fresh pages would cost more than the codes."""


def least_s(run: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Return the least processor time of this process for a call; the first is not counted."""
    times = []
    for _ in range(rounds + 1):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times[1:])


def show(what: str, bits: int, seconds: float, floor_s: float, goal: str = "") -> float:
    """Print a rate over its floor and return it in Mb/s."""
    rate = bits / seconds / 1e6
    print(f"  {what}: {rate:,.0f} Mb/s, {seconds / floor_s:.0f} times a pass over the memory{goal}")
    return rate


def time_kp4(rng: np.random.Generator) -> None:
    """Print the rates of KP4 and of galois' Reed-Solomon code."""
    message = rng.integers(0, 1024, (WORDS, 514)).astype(np.uint16)
    words = kernels.encode_kp4(message)
    bits = 5440 * WORDS
    floor_s = least_s(lambda: words ^ words)
    ours = show("KP4 encoder", bits, least_s(lambda: kernels.encode_kp4(message)), floor_s, "; goal 4000")
    rates = {}
    for ber in (2e-4, 1e-3, 2e-3):
        flips = (rng.random((WORDS, 544, 10)) < ber) @ (1 << np.arange(10))
        noisy = words ^ flips.astype(np.uint16)
        goal = "; goal 1000" if ber == 2e-4 else ""
        seconds = least_s(lambda noisy=noisy: kernels.decode_kp4(noisy))  # type: ignore[misc]
        rates[ber] = show(f"KP4 decoder at {ber:g}", bits, seconds, floor_s, goal)
    field = galois.GF(2**10, irreducible_poly="x^10 + x^3 + 1", primitive_element="x")
    code = galois.ReedSolomon(1023, 993, field=field, alpha=field.primitive_element, c=0)
    peer_message, peer_bits = field(message[:PEER_WORDS]), 5440 * PEER_WORDS
    peer_words = code.encode(peer_message)
    encode = peer_bits / least_s(lambda: code.encode(peer_message), 3) / 1e6
    flips = (rng.random((PEER_WORDS, 544, 10)) < 2e-4) @ (1 << np.arange(10))
    noisy = field(np.asarray(peer_words) ^ flips)
    decode = peer_bits / least_s(lambda: code.decode(noisy), 3) / 1e6
    print(f"    galois {version('galois')}: encoder {encode:.3g} Mb/s, decoder at 0.0002 {decode:.3g} Mb/s:")
    print(f"    {ours / encode:,.0f} and {rates[2e-4] / decode:,.0f} times as fast")


def time_inner(rng: np.random.Generator, code: Any, information: int, ber: float, goal: str) -> None:
    """Print the rates of an inner code at its threshold."""
    bits = rng.integers(0, 2, (INNER_WORDS, information)).astype(np.uint8)
    words = kernels.encode_inner(code, bits)
    llrs = kernels.receive_bits(words, channel="pam4", pre_fec_ber=ber)
    hard = (llrs < 0).astype(np.uint8)
    floor_s = least_s(lambda: -llrs)
    show(f"{code} encoder", words.size, least_s(lambda: kernels.encode_inner(code, bits)), floor_s)
    show(f"{code} hard", words.size, least_s(lambda: kernels.decode_inner_hard(code, hard)), floor_s)
    soft_s = least_s(lambda: kernels.decode_inner_soft(code, llrs))
    show(f"{code} soft, 6 bits, at {ber:g}", words.size, soft_s, floor_s, goal)


def main() -> None:
    """Print the rates."""
    rng = np.random.default_rng(1)
    print("codes, one thread:")
    time_kp4(rng)
    time_inner(rng, "hamming-128-120", 120, 4.8e-3, "")
    time_inner(rng, "bch-126-110", 110, 1.09e-2, "; goal 50")
    for code in kernels.counted_codes().values():
        frames = min(2000, code.step_frames_count)
        seconds = least_s(
            lambda code=code, frames=frames: kernels.count_fec_errors(  # type: ignore[misc]
                code.name, pre_fec_ber=code.threshold_pre_fec_ber, frames_count=frames
            ),
            3,
        )
        print(f"  counting {code.name} at its threshold: {1e6 * seconds / frames:,.2f} µs a frame")


if __name__ == "__main__":
    main()

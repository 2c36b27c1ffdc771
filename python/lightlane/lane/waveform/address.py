"""Addresses of random numbers: those of a simulated lane do not depend on what else is simulated."""

from __future__ import annotations

import hashlib

TRANSMITTER_ASE, POLARIZATION_AXIS, CLOCK_JITTER, LINE_NOISE, MODULE_NOISE = 100, 200, 300, 1000, 900_000
"""Purposes; noise of the line counts elements on top."""
PAM4_BITS, EDGE_JITTER, ECHO_PHASE, HELD_OUT_PLACE, INTENSITY_NOISE = 400, 500, 600, 700, 800
LANE_PLACE, SIDE_MODE = 810, 820


def stream_of(link: str, direction: str, channel: int, part: str) -> int:
    """Return the 64-bit stream of one part of one lane."""
    text = "|".join((link, direction, str(channel), part))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")

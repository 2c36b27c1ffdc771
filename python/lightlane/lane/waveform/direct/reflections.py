"""Echoes of a lane: pairs of reflectors of its path, where they are, and how their phase wanders."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import DirectMode
from lightlane.elements import Element
from lightlane.kernels.direct_waveform import DirectEcho, normal_numbers, uniform_numbers
from lightlane.lane.waveform.address import ECHO_PHASE, stream_of
from lightlane.units import SPEED_OF_LIGHT_M_PER_S

ECHOES_MAX = 24
"""The strongest pairs are simulated one by one; the power of the others is shared among them."""
GROUP_INDEX = 1.4676
"""Of standard fiber in the O band (G.652 data sheets, typical)."""
CONNECTOR_APART_KM = 0.003
"""Between connectors of one place: patch cords of a few meters (assumed)."""


@dataclass(frozen=True, slots=True)
class Reflector:
    """One reflecting face: where it is, what it reflects, and the loss up to it."""

    place_km: float
    reflectance_db: float
    loss_before_db: float


@dataclass(frozen=True, slots=True)
class EchoPath:
    """Light that a later face sends back and an earlier one forth: how late it is, and its power over the signal's."""

    delay_us: float
    power_ratio: float


def find_reflectors(elements: Sequence[Element], losses_db: Sequence[float], mode: DirectMode) -> list[Reflector]:
    """Return the reflecting faces of a path in order, both modules included where the mode states their reflectance."""
    found: list[Reflector] = []
    place_km, loss_db = 0.0, 0.0
    if mode.reflectance_max_db is not None:
        found.append(Reflector(0.0, mode.reflectance_max_db, 0.0))
    for element, element_loss_db in zip(elements, losses_db, strict=True):
        if element.kind == "fiber":
            place_km += element.length_km
        for number in range(element.reflectors_count):
            place_km += CONNECTOR_APART_KM
            before_db = loss_db + element_loss_db * number / element.reflectors_count
            if not math.isnan(element.reflectance_db):
                found.append(Reflector(place_km, element.reflectance_db, before_db))
        loss_db += element_loss_db
    if mode.reflectance_max_db is not None:
        found.append(Reflector(place_km + CONNECTOR_APART_KM, mode.reflectance_max_db, loss_db))
    return found


def pair_reflectors(reflectors: Sequence[Reflector]) -> list[EchoPath]:
    """Return the echoes of all pairs of faces, the strongest first."""
    echoes = []
    for first, early in enumerate(reflectors):
        for late in reflectors[first + 1 :]:
            level_db = early.reflectance_db + late.reflectance_db - 2.0 * (late.loss_before_db - early.loss_before_db)
            delay_us = 2.0 * (late.place_km - early.place_km) * 1e9 * GROUP_INDEX / SPEED_OF_LIGHT_M_PER_S
            echoes.append(EchoPath(delay_us, 10.0 ** (level_db / 10.0)))
    return sorted(echoes, key=lambda echo: -echo.power_ratio)


def draw_echoes(
    echoes: Sequence[EchoPath],
    *,
    symbols_count: int,
    symbol_rate_gbd: float,
    linewidth_mhz: float,
    seed: int,
    lane: str,
) -> tuple[DirectEcho, ...]:
    """Return the strongest echoes with a random phase that wanders as the laser's own and that of its past do.

    A delay longer than the simulated period wraps around: the echo then carries other symbols of the same statistics.
    """
    kept = list(echoes[:ECHOES_MAX])
    if not kept:
        return ()
    total = sum(echo.power_ratio for echo in echoes)
    scale = math.sqrt(total / sum(echo.power_ratio for echo in kept))
    out = []
    for number, echo in enumerate(kept):
        delay = max(1, round(echo.delay_us * 1e3 * symbol_rate_gbd))
        phase = _wandering_phase(
            symbols_count,
            delay,
            linewidth_mhz * 1e-3 / symbol_rate_gbd,
            seed=seed,
            stream=stream_of(lane, "echo", number, "phase"),
        )
        out.append(
            DirectEcho(
                delay_symbols=delay % symbols_count,
                amplitude_ratio=scale * math.sqrt(echo.power_ratio),
                phase_rad=phase,
            )
        )
    return tuple(out)


def _wandering_phase(
    count: int, delay_symbols: int, linewidth_ratio: float, *, seed: int, stream: int
) -> NDArray[np.float64]:
    """Return the difference of a laser's phase at each symbol and ``delay_symbols`` before; it starts anywhere.

    Two independent walks where the delay is longer than the period; the same walk with itself where it is shorter.
    """
    steps = normal_numbers(2 * count, seed=seed, stream=stream, purpose=ECHO_PHASE)
    walk = np.cumsum(steps) * math.sqrt(2.0 * math.pi * linewidth_ratio)
    if delay_symbols >= count:
        wander = walk[:count] - walk[count:]
    else:
        wander = walk[count:] - walk[count - delay_symbols : 2 * count - delay_symbols]
    start = 2.0 * math.pi * float(uniform_numbers(1, seed=seed, stream=stream, purpose=ECHO_PHASE + 1)[0])
    return np.asarray(start + wander - wander[0])

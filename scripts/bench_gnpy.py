"""Time one line in Lightlane and in GNPy (a test-only dependency) in the same run: 5 x 80 km, 64 channels."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import gnpy
import numpy as np
from gnpy.core.elements import Edfa, Fiber, Transceiver
from gnpy.core.info import create_arbitrary_spectral_information
from gnpy.core.parameters import SimParams, TransceiverRole
from gnpy.tools.json_io import load_equipment

import lightlane

SPANS, SPAN_KM, CHANNELS, SYMBOL_RATE_GBD, SPACING_GHZ = 5, 80.0, 64, 60.138546798, 75.0
BATCH = 200
ROUNDS = 5


def median_s(action: Callable[[], object]) -> float:
    """Return the median time of a few rounds after one to warm up."""
    action()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return sorted(times)[ROUNDS // 2]


def time_lightlane() -> float:
    """Return the time of one direction of one link in a batch; each direction is evaluated on its own."""
    designed = lightlane.Fabric(
        format=1,
        site=tuple(
            lightlane.Site(name=f"s{i}", role="hut" if 0 < i < SPANS else "core", latitude_deg=0, longitude_deg=i)
            for i in range(SPANS + 1)
        ),
        duct=tuple(
            lightlane.Duct(name=f"d{i}", a=f"s{i}", b=f"s{i + 1}", length_km=SPAN_KM, fiber="g652d")
            for i in range(SPANS)
        ),
        link=(
            lightlane.Link(
                name="line",
                a="s0",
                b=f"s{SPANS}",
                module="openzrplus-400g-ha",
                ducts=tuple(f"d{i}" for i in range(SPANS)),
                channels=CHANNELS,
                mux="mux-75ghz",
                booster="edfa-fixed-5.5",
                inline_amplifier="edfa-fixed-5.5",
                preamplifier="edfa-fixed-5.5",
                span_launch_power_dbm=1.0,
                received_power_dbm=-9.0,
            ),
        ),
    )
    links = lightlane.compose_links(designed, lightlane.load_catalog()) * BATCH
    return median_s(lambda: lightlane.evaluate_links(links)) / (2 * BATCH)


def time_gnpy() -> float:
    """Return the time of GNPy's analytic mode for the same comb; building its elements is not timed."""
    SimParams.set_params({})
    data = Path(gnpy.__file__).parent / "example-data"
    edfa = load_equipment(data / "eqpt_config.json")["Edfa"]["std_fixed_gain"]
    frequencies_hz = 193.7e12 + SPACING_GHZ * 1e9 * (np.arange(CHANNELS) - 0.5 * (CHANNELS - 1))
    fiber = {
        "length": SPAN_KM, "length_units": "km", "loss_coef": 0.2, "con_in": 0.25, "con_out": 0.25,
        "pmd_coef": 1.265e-15, "dispersion": 16.7e-6, "effective_area": 83e-12,
    }  # fmt: skip
    operational = {"gain_target": SPAN_KM * 0.2 + 0.5, "tilt_target": 0.0, "out_voa": 0.0, "in_voa": 0.0}
    elements = []
    for number in range(SPANS):
        span = Fiber(uid=f"span {number}", params=fiber)
        span.ref_pch_in_dbm = 1.0
        elements += [span, Edfa(uid=f"amplifier {number}", params=edfa.__dict__, operational=operational)]

    def propagate() -> None:
        light = create_arbitrary_spectral_information(
            frequencies_hz, pch=1.26e-3, baud_rate=SYMBOL_RATE_GBD * 1e9, tx_osnr=40.0, slot_width=SPACING_GHZ * 1e9,
            roll_off=0.2, tx_power=1e-3, label="comb",
        )  # fmt: skip
        for element in elements:
            light = element(light)
        Transceiver(uid="receiver", params={})(light, TransceiverRole.RECEIVER)

    return median_s(propagate)


def main() -> None:
    """Print both times and their ratio."""
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")  # GNPy warns of its own deprecations.
    ours_s, theirs_s = time_lightlane(), time_gnpy()
    print(f"{SPANS} x {SPAN_KM:g} km, {CHANNELS} channels, every channel evaluated, one direction:")  # noqa: T201
    ours = f"lightlane {ours_s * 1e3:.2f} ms in a batch of {BATCH} links"
    theirs = f"GNPy {version('gnpy')} {theirs_s * 1e3:.2f} ms"
    print(f"  {ours}, {theirs}: {theirs_s / ours_s:.0f} times as fast")  # noqa: T201


if __name__ == "__main__":
    main()

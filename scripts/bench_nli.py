"""Time the nonlinear interference of spans, all channels, next to GNPy's analytic mode and its integral.

Both get the same comb and fiber in the same run; ours has Raman transfer on and evaluates no span twice.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from os import cpu_count

import numpy as np
from gnpy.core.elements import Fiber
from gnpy.core.info import create_arbitrary_spectral_information
from gnpy.core.parameters import SimParams
from gnpy.core.science_utils import NliSolver, RamanSolver

from lightlane import kernels

CHANNELS, SPACING_GHZ, RATE_GBD, SPAN_KM = 96, 50.0, 40.0, 80.0
CENTER_THZ = 193.7
SPANS, ROUNDS = 8, 40
COMB_THZ = CENTER_THZ + SPACING_GHZ * 1e-3 * (np.arange(CHANNELS) - 0.5 * (CHANNELS - 1))


def evaluate_line(seed: int, *, format_correction: bool) -> None:
    """Evaluate a line of spans whose lengths no other seed has."""
    kernels.nonlinear_interference(
        COMB_THZ,
        RATE_GBD,
        0.0,
        attenuation_db_per_km=0.2,
        length_km=SPAN_KM + np.arange(SPANS) + 1e-6 * seed,
        dispersion_ps_per_nm_km=16.7,
        slope_ps_per_nm2_km=0.06,
        gamma_per_w_km=1.27,
        raman_slope_per_w_km_thz=0.028,
        reference_thz=CENTER_THZ,
        excess_kurtosis_ratio=-0.68,
        format_correction=format_correction,
    )


def median_s(run: Callable[[int], None], rounds: int) -> float:
    """Return the median time of a call with rising seeds; the first is not counted."""
    times = []
    for seed in range(rounds + 1):
        start = time.perf_counter()
        run(seed)
        times.append(time.perf_counter() - start)
    return float(np.median(times[1:]))


def rate_of_threads(threads: int) -> float:
    """Return channel-spans per second of several threads, each with its own lines."""
    with ThreadPoolExecutor(threads) as pool:
        start = time.perf_counter()
        seeds = range(1_000_000 * threads, 1_000_000 * threads + ROUNDS * threads)
        list(pool.map(lambda seed: evaluate_line(seed, format_correction=True), seeds))
        return CHANNELS * SPANS * ROUNDS * threads / (time.perf_counter() - start)


def time_gnpy() -> tuple[float, float]:
    """Return channel-spans per second of GNPy's analytic mode and of its integral."""
    light = create_arbitrary_spectral_information(
        COMB_THZ * 1e12, pch=1e-3, baud_rate=RATE_GBD * 1e9, tx_osnr=40.0, slot_width=0.99e9 * SPACING_GHZ,
        roll_off=0.1, tx_power=1e-3, label="comb",
    )  # fmt: skip
    fiber = Fiber(
        uid="span",
        params={
            "length": SPAN_KM, "length_units": "km", "loss_coef": 0.2, "con_in": 0.0, "con_out": 0.0, "pmd_coef": 0.0,
            "dispersion": 16.7e-6, "effective_area": 83e-12,
        },
    )  # fmt: skip
    fiber.ref_pch_in_dbm = 0.0
    SimParams.set_params({})
    profile = RamanSolver.calculate_attenuation_profile(light, fiber)
    analytic_s = median_s(lambda _: NliSolver.compute_nli(light, profile, fiber), ROUNDS)
    # The integral of one channel in the middle stands for each.
    nli = {"method": "ggn_spectrally_separated", "dispersion_tolerance": 1, "phase_shift_tolerance": 0.1}
    raman = {"flag": True, "result_spatial_resolution": 10e3, "solver_spatial_resolution": 10e3}
    SimParams.set_params({"nli_params": {**nli, "computed_channels": [CHANNELS // 2]}, "raman_params": raman})
    profile = RamanSolver.calculate_stimulated_raman_scattering(light, fiber)
    integral_s = median_s(lambda _: NliSolver.compute_nli(light, profile, fiber), 2)
    SimParams.set_params({})
    return CHANNELS / analytic_s, 1.0 / integral_s


def main() -> None:
    """Print channel-spans per second and the ratios."""
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")  # GNPy warns of its own deprecations.
    lines = [
        CHANNELS * SPANS / median_s(lambda seed, on=on: evaluate_line(seed + 1000 * on, format_correction=on), ROUNDS)  # type: ignore[misc]
        for on in (False, True)
    ]
    analytic, integral = time_gnpy()
    print(f"nonlinear interference, {CHANNELS} channels, Raman transfer on, channel-spans per second and thread:")  # noqa: T201
    print(f"  lightlane {lines[0]:.3g} for Gaussian signals, {lines[1]:.3g} with the format correction")  # noqa: T201
    peer = f"GNPy {version('gnpy')} analytic {analytic:.3g}, integral {integral:.3g}"
    print(f"  {peer}: {lines[0] / analytic:.1f} and {lines[0] / integral:.2g} times as fast")  # noqa: T201
    threads = range(1, (cpu_count() or 1) + 1)
    print("  threads: " + ", ".join(f"{count}: {rate_of_threads(count):.3g}" for count in threads))  # noqa: T201


if __name__ == "__main__":
    main()

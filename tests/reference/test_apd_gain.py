"""The gain of an avalanche photodiode that no mode states: the best one for the light, against closed forms and scipy.

Sources
-------
- Closed form: with an excess noise of F = M (ionization ratio 1) and without dark current, thermal noise s^2/M^2 and
  shot noise c M are least together where M^3 = 2 s^2/c, the cube root of the thermal noise power over the light
  (Personick 1973, doi 10.1002/j.1538-7305.1973.tb01993.x): 1e-12. Power, thermal noise power and gain in the ratios
  a, a^4 and a leave all noises of all levels in one ratio to the signal, so that the light needed at the best gain
  goes with the fourth root of the thermal noise power (for an excess noise of sqrt(M) the sixth: Goell 1974), and a
  mode whose sensitivity is shifted has the same error ratios at the same distance from it: 1e-6 relative, both being
  found by roots in decibels.
- `scipy.optimize.minimize_scalar` finds the gain of the least error ratio for every light, and bisection the thermal
  noise with which that meets the target at the sensitivity; error ratios above and below it follow. Ours weighs the
  noise of the uppermost eye alone in place of the error ratio of all three: the sensitivity is the same by
  construction, and 2 dB off it error ratios agree within 2 % (0.005 dB of light).
- Sensitivities of an APD with gain 6, k = 0.2 and 15 pA/sqrt(Hz) at four symbol rates: a table with one decimal, see
  test_direct_receiver.py. With the best gain the same noise needs no more light, 0.15 dB for the table as there, and
  at most 0.5 dB less, since a gain of 6 is near the best; that one lies inside the 4 to 10 that the catalog's source
  has.
- Bounds, inside which scipy searches: gain times average power is at most the greatest received power; 45 GHz of gain
  times bandwidth leave half of 26.5625 GBd up to a gain of 3.4.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar  # type: ignore[import-untyped]
from scipy.special import erfc  # type: ignore[import-untyped]

from lightlane import kernels
from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import DirectMode
from lightlane.lane.budget import assumed_values, evaluate_link, evaluate_links
from lightlane.lane.model import LaneResult
from lightlane.link import Link

CATALOG = load_catalog()
ELEMENTARY_CHARGE_C = 1.602176634e-19
EXTINCTION_RATIO_DB = 4.5
AVERAGE_OVER_OMA = (10**0.45 + 1) / (2 * (10**0.45 - 1))
AVERAGE_DB = 10 * math.log10(AVERAGE_OVER_OMA)
STEPS_DB = (-2.0, -0.5, 0.0, 0.7, 2.0)
MakeLink = Callable[..., Link]


def test_cube_root_of_the_thermal_noise() -> None:
    for power_dbm in (-30.0, -15.0):
        c = 2 * ELEMENTARY_CHARGE_C * 0.8 * 1e-3 * 10 ** (power_dbm / 10)
        for noise in (10.0, 40.0):
            found = kernels.optimum_apd_gain_ratio(
                power_dbm,
                responsivity_a_per_w=0.8,
                ionization_ratio=1.0,
                input_noise_pa_per_sqrt_hz=noise,
                bandwidth_ghz=14.0,
            )
            assert found == pytest.approx(max(1.0, (2 * (noise * 1e-12) ** 2 / c) ** (1 / 3)), rel=1e-12)


def _mode(sensitivity_dbm: float, **figures: Any) -> DirectMode:
    """Return a mode with ideal levels, no penalties and that sensitivity."""
    mode = CATALOG.get_mode("400gbase-er8").model_copy(
        update={
            "oma_minus_tdecq_min_dbm": sensitivity_dbm,
            "tdecq_max_db": 0.0,
            "insertion_loss_max_db": 0.0,
            "mpi_dgd_allocation_db": 0.0,
            "extinction_ratio_min_db": EXTINCTION_RATIO_DB,
            "apd_gain_ratio": None,
            "responsivity_a_per_w": 0.8,
            "received_power_max_dbm": None,
            "launch_power_max_dbm": None,
            "eo_bandwidth_ghz": None,
            "chirp_alpha": None,
            **figures,
        }
    )
    assert isinstance(mode, DirectMode)
    return mode


def _lanes(make_link: MakeLink, sensitivity_dbm: float, mode: DirectMode, steps_db: Any = STEPS_DB) -> list[LaneResult]:
    """Evaluate the mode so many decibels above its sensitivity."""
    run = {"attenuation_db_per_km": 0.0}
    links = [
        make_link(
            "400gbase-er8", [0.01], mode=mode, run=run, name=f"{step}",
            launch_power_dbm=sensitivity_dbm + step + AVERAGE_DB,
        )
        for step in steps_db
    ]  # fmt: skip
    return [result.lanes[0] for result in evaluate_links(links).link_results()]


def test_fourth_root_of_the_thermal_noise(make_link: MakeLink) -> None:
    free = {"apd_ionization_ratio": 1.0, "dark_current_na": None, "apd_gain_bandwidth_ghz": 1e6}
    near, far = ([lane.pre_fec_ber for lane in _lanes(make_link, dbm, _mode(dbm, **free))] for dbm in (-21.0, -15.0))
    assert near == pytest.approx(far, rel=1e-6)
    # A gain that stays has no such law.
    held = [
        [lane.pre_fec_ber for lane in _lanes(make_link, dbm, _mode(dbm, **free | {"apd_gain_ratio": 4.0}))]
        for dbm in (-19.0, -15.0)
    ]
    assert abs(held[0][-1] / held[1][-1] - 1.0) > 0.1


class Receiver:
    """Four ideal levels, thresholds where both neighbors err alike; the gain of the least error ratio."""

    def __init__(
        self, rate_gbd: float, *, ionization: float, greatest_gain: float, overload_dbm: float = math.inf
    ) -> None:
        self.bandwidth_hz = 0.52 * rate_gbd * 1e9
        self.ionization = ionization
        self.greatest_gain = greatest_gain
        self.overload_w = 1e-3 * 10 ** (overload_dbm / 10)
        self.thermal_a2 = 0.0

    def error_ratio(self, oma_w: float, gain: float) -> float:
        power_w = oma_w * (AVERAGE_OVER_OMA + np.arange(4) / 3 - 0.5)
        excess = self.ionization * gain + (1 - self.ionization) * (2 - 1 / gain)
        shot = 2 * ELEMENTARY_CHARGE_C * gain**2 * excess * (0.8 * power_w + 10e-9) * self.bandwidth_hz
        sigma = np.sqrt(self.thermal_a2 + shot)
        return float(np.sum(erfc(gain * 0.8 * np.diff(power_w) / (sigma[:-1] + sigma[1:]) / math.sqrt(2))) / 4)

    def best(self, oma_w: float) -> tuple[float, float]:
        """Return the gain of the least error ratio, and that ratio."""
        most = max(1.0, min(self.greatest_gain, self.overload_w / (AVERAGE_OVER_OMA * oma_w)))
        found = minimize_scalar(
            lambda gain: math.log(max(self.error_ratio(oma_w, gain), 1e-300)), bounds=(1.0, most), method="bounded",
            options={"xatol": 1e-9},
        )  # fmt: skip
        gain = most if self.error_ratio(oma_w, most) <= math.exp(found.fun) else float(found.x)
        return gain, self.error_ratio(oma_w, gain)

    def close(self, oma_w: float, target: float) -> float:
        """Find the thermal noise current (pA/sqrt(Hz)) that the target bears."""

        def excess(noise: float) -> float:
            self.thermal_a2 = (noise * 1e-12) ** 2 * self.bandwidth_hz
            return math.log(self.best(oma_w)[1] / target)

        noise = float(brentq(excess, 1.0, 500.0, xtol=1e-12))
        excess(noise)
        return noise


# Of every symbol rate and target: the sensitivity of the table.
TABLE = [(26.5625, 4.8e-4, -19.2), (53.125, 4.8e-4, -16.9), (106.25, 4.8e-4, -14.5), (113.4375, 9.6e-3, -16.7)]


@pytest.mark.parametrize(("rate", "target", "sensitivity_dbm"), TABLE)
def test_the_best_gain_bears_the_noise_of_the_table(
    rate: float, target: float, sensitivity_dbm: float, make_link: MakeLink
) -> None:
    receiver = Receiver(rate, ionization=0.2, greatest_gain=100.0)
    receiver.thermal_a2 = (15e-12) ** 2 * receiver.bandwidth_hz

    def excess(oma_dbm: float) -> float:
        return math.log(receiver.best(1e-3 * 10 ** (oma_dbm / 10))[1] / target)

    best_dbm = float(brentq(excess, -30.0, -5.0, xtol=1e-9))
    assert -0.5 < best_dbm - sensitivity_dbm < 0.15
    assert 4.0 < receiver.best(1e-3 * 10 ** (best_dbm / 10))[0] < 10.0
    oma_w = 1e-3 * 10 ** (sensitivity_dbm / 10)
    receiver.close(oma_w, target)
    figures = {
        "symbol_rate_gbd": rate, "target_ser_ratio": target, "apd_ionization_ratio": 0.2,
        "apd_gain_bandwidth_ghz": 100.0 * 0.5 * rate, "apd_bandwidth_ghz": None,
    }  # fmt: skip
    lanes = _lanes(make_link, sensitivity_dbm, _mode(sensitivity_dbm, **figures))
    for step, lane in zip(STEPS_DB, lanes, strict=True):
        expected = receiver.best(oma_w * 10 ** (step / 10))[1]
        assert lane.symbol_error_ratio == pytest.approx(expected, rel=0.02)
        assert lane.fec_margin_db == pytest.approx(step, abs=1e-6)


@pytest.mark.parametrize(
    ("sensitivity_dbm", "bounds", "binds"),
    [
        (-19.2, {"apd_gain_bandwidth_ghz": 45.0}, "speed"),
        (-19.2, {"received_power_max_dbm": -12.5}, "overload"),
        (-19.2, {}, "nothing"),
    ],
)
def test_bounds_of_the_gain(sensitivity_dbm: float, bounds: dict[str, float], binds: str, make_link: MakeLink) -> None:
    product = bounds.get("apd_gain_bandwidth_ghz", 290.0)
    overload = bounds.get("received_power_max_dbm", math.inf)
    receiver = Receiver(26.5625, ionization=0.2, greatest_gain=product / min(24.0, 26.5625 / 2), overload_dbm=overload)
    oma_w = 1e-3 * 10 ** (sensitivity_dbm / 10)
    receiver.close(oma_w, 4.8e-4)
    gain = receiver.best(oma_w)[0]
    speed_ratio, overload_ratio = product / (26.5625 / 2), 1e-3 * 10 ** (overload / 10) / (AVERAGE_OVER_OMA * oma_w)
    bound = {"speed": speed_ratio, "overload": overload_ratio}.get(binds)
    assert gain == pytest.approx(bound, rel=1e-6) if bound else gain < min(speed_ratio, overload_ratio)
    figures = {"apd_ionization_ratio": 0.2, "dark_current_na": 10.0, **bounds}
    lanes = _lanes(make_link, sensitivity_dbm, _mode(sensitivity_dbm, **figures))
    for step, lane in zip(STEPS_DB, lanes, strict=True):
        expected = receiver.best(oma_w * 10 ** (step / 10))[1]
        assert lane.symbol_error_ratio == pytest.approx(expected, rel=1e-6 if binds == "overload" else 0.02)


def test_without_what_decides_the_gain_nothing_is_made_up(make_link: MakeLink) -> None:
    for name in ("apd_ionization_ratio", "apd_gain_bandwidth_ghz"):
        mode = _mode(-16.5, **{name: None})
        lane = _lanes(make_link, -16.5, mode, (1.0,))[0]
        assert math.isnan(lane.pre_fec_ber)
        assert math.isnan(lane.fec_margin_db)
        # The closure of the standard holds for any receiver.
        assert lane.margin_db == pytest.approx(1.0, abs=1e-9)
        assert f"400gbase-er8: {name}" in lane.assumed


def test_a_verdict_says_whose_gain_it_rests_on(make_link: MakeLink) -> None:
    def assumed(module: str, **figures: Any) -> set[str]:
        mode = CATALOG.get_mode(module).model_copy(update=figures)
        names = assumed_values(make_link(module, [1.0], mode=mode))
        return {name.partition(": ")[2] for name in names if ": apd" in name}

    assert assumed("400gbase-er8") == assumed("400g-er4-30") == {"apd_gain_ratio"}
    assert assumed("400gbase-er8", apd_gain_ratio=6.0) == set()
    assert assumed("400gbase-er8", apd_ionization_ratio=None) == {"apd_gain_ratio", "apd_ionization_ratio"}
    assert assumed("400gbase-fr4") == set()


def test_what_the_gain_adds_is_a_step_of_its_own(make_link: MakeLink) -> None:
    """An eye that other lanes close takes more light than the closure says: lost light takes its shot noise along."""
    label = "gain of the avalanche photodiode set for the light"
    steps = {}
    for gain in (None, 8.0):
        mode = _mode(-16.5, demux_isolation_adjacent_db=10.5, apd_gain_ratio=gain)
        link = make_link(
            "400gbase-er8", [0.01], mode=mode, run={"attenuation_db_per_km": 0.0}, launch_power_dbm=-12.0 + AVERAGE_DB
        )
        lane = evaluate_link(link).lanes[1]
        assert lane.margin_db == lane.fec_margin_db < lane.power_margin_db
        assert sum(step.value_db for step in lane.contributions) == pytest.approx(lane.margin_db, abs=1e-6)
        steps[gain] = {step.label: step.value_db for step in lane.contributions}
    assert label not in steps[8.0]
    # To set the gain lower is the better answer to more light.
    assert 0.0 < steps[None][label] < -steps[None]["receiver shot noise"]

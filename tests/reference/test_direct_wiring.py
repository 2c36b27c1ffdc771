"""Figures of the catalog and where they come out: overload, RIN_OMA, avalanche gain, skew of lanes, a closed eye.

Sources
-------
- Overload: greatest received average power less what the strongest transmitter leaves behind the path, in decibels:
  1e-9 dB. Closed form.
- RIN_OMA at an extinction ratio: RIN = RIN_OMA + 20 log10(2 (E - 1)/(E + 1)) (IEEE 802.3-2022, 52.9.6), worked out
  here; a mode that states the limit of RIN_OMA alone must have the TECQ of one that states that RIN: 1e-9 dB.
- Avalanche gain: thermal noise falls with the gain, excess noise rises with it. The gain of least noise at the mean
  power of the sensitivity must give, within 0.01 dB, the best sensitivity that ``scipy.optimize.minimize_scalar``
  finds over the gain: the sensitivity is flat about its best, and its levels lie about the mean power.
- Skew: lanes launch alike, so that what arrives differs by the attenuation of the fiber type at their wavelengths,
  interpolated here between its points, over the length: 1e-9 dB.
- A closed eye: 113.4375 GBd without chirp cannot be opened at -28.4 ps/nm behind the reference equalizer with feedback
  (10 dB in the sweep of test_equalized_eye.py); with alpha 0.5 and no feedback it has 4.1 dB, beyond what is claimed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]

from lightlane import kernels
from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import DirectMode
from lightlane.cli.link import command
from lightlane.lane.budget import evaluate_link
from lightlane.link import Link

CATALOG = load_catalog()
MakeLink = Callable[..., Link]

OWN_MODE = """
[direct_mode.own-lr4]
name = "A mode of one's own"
net_rate_gbps = 800
symbol_rate_gbd = 113.4375
fec = "hamming-128-120-kp4"
lanes = [{ center_nm = 1295.56, min_nm = 1294.53, max_nm = 1296.59 }]
parallel_fibers = false
eo_bandwidth_ghz = 59.0
chirp_alpha = ALPHA
reference_equalizer = "ffe15_dfe1"
target_ser_ratio = 0.0096
oma_minus_tdecq_min_dbm = 0.5
tdecq_max_db = 3.9
extinction_ratio_min_db = 4.5
insertion_loss_max_db = 9.0
mpi_dgd_allocation_db = 0.8
dispersion_min_ps_per_nm = -40
dispersion_max_ps_per_nm = 10
detector = "pin"
source = "made up for the tests"
confidence = "computed"

[module.own-lr4]
name = "A module of one's own"
form_factors = ["OSFP"]
modes = ["own-lr4"]
source = "made up for the tests"
confidence = "computed"
"""


def _mode(name: str, **figures: Any) -> DirectMode:
    mode = CATALOG.get_mode(name)
    assert isinstance(mode, DirectMode)
    return mode.model_copy(update=figures)


@pytest.mark.parametrize("change_db", [0.0, 1.5])
@pytest.mark.parametrize("name", ["received_power_max_dbm", "launch_power_max_dbm"])
def test_overload(name: str, change_db: float, make_link: MakeLink) -> None:
    mode = _mode("400gbase-er8")
    mode = mode.model_copy(update={name: getattr(mode, name) + change_db})
    loss_db = 2.0
    run = {"attenuation_db_per_km": 0.0, "extra_loss_db": loss_db}
    assert mode.received_power_max_dbm is not None
    assert mode.launch_power_max_dbm is not None
    for lane in evaluate_link(make_link("400gbase-er8", [0.1], mode=mode, run=run)).lanes:
        expected = mode.received_power_max_dbm - (mode.launch_power_max_dbm - loss_db)
        assert expected < 0
        assert (lane.limited_by, lane.status) == ("overload", "down")
        assert lane.margin_db == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("extinction_ratio_db", [3.5, 4.5, 6.0])
def test_rin_oma_at_the_extinction_ratio(extinction_ratio_db: float, make_link: MakeLink) -> None:
    ratio = 10 ** (extinction_ratio_db / 10)
    rin = -139.0 + 20 * math.log10(2 * (ratio - 1) / (ratio + 1))

    def lane(**figures: float | None) -> Any:
        mode = _mode("400gbase-fr4", extinction_ratio_min_db=extinction_ratio_db, **figures)
        return evaluate_link(make_link("400gbase-fr4", [1.0], mode=mode)).lanes[0]

    stated = lane(rin_db_per_hz=rin, rin_oma_max_db_per_hz=None)
    derived = lane(rin_db_per_hz=None, rin_oma_max_db_per_hz=-139.0)
    quiet = lane(rin_db_per_hz=None, rin_oma_max_db_per_hz=None)
    laser = lane(rin_db_per_hz=-150.0, rin_oma_max_db_per_hz=-139.0)
    assert derived.tecq_db == pytest.approx(stated.tecq_db, abs=1e-9)
    assert derived.pre_fec_ber == pytest.approx(stated.pre_fec_ber, rel=1e-9)
    assert quiet.tecq_db < laser.tecq_db < derived.tecq_db


@pytest.mark.parametrize("ionization", [0.1, 0.2, 0.4])
@pytest.mark.parametrize("rate", [26.5625, 53.125])
def test_the_gain_of_least_noise_has_the_best_sensitivity(rate: float, ionization: float) -> None:
    def sensitivity_dbm(gain: float) -> float:
        receiver = kernels.Pam4Receiver(
            symbol_rate_gbd=rate, input_noise_pa_per_sqrt_hz=15.0, gain_ratio=gain, ionization_ratio=ionization
        )
        return kernels.pam4_sensitivity_dbm(receiver, target_ser_ratio=4.8e-4)

    best = minimize_scalar(sensitivity_dbm, bounds=(1.5, 40.0), method="bounded")
    ratio = 10**0.45
    found = kernels.optimum_apd_gain_ratio(
        best.fun + 10 * math.log10((ratio + 1) / (2 * (ratio - 1))),
        responsivity_a_per_w=0.8,
        ionization_ratio=ionization,
        input_noise_pa_per_sqrt_hz=15.0,
        bandwidth_ghz=0.52 * rate,
        dark_current_na=10.0,
    )
    assert sensitivity_dbm(found) - best.fun < 0.01
    assert min(sensitivity_dbm(0.5 * found), sensitivity_dbm(2.0 * found)) - best.fun > 0.1


def test_gain_and_ionization_reach_the_lane(make_link: MakeLink) -> None:
    """Above its sensitivity a receiver errs the more the more of its noise grows with the light."""

    def ber(**figures: Any) -> float:
        mode = _mode("400gbase-er8", eo_bandwidth_ghz=None, **figures)
        run = {"attenuation_db_per_km": 0.0, "extra_loss_db": 16.0}
        lane = evaluate_link(make_link("400gbase-er8", [0.1], mode=mode, run=run)).lanes[0]
        # The DGD of the fiber costs 7e-6 dB.
        assert lane.fec_margin_db == pytest.approx(2.0, abs=1e-4)
        return lane.pre_fec_ber

    usual = ber(apd_gain_ratio=6.0)
    assert ber(detector="pin") < 0.5 * usual
    assert ber(apd_gain_ratio=8.0) > 1.1 * usual
    assert ber(apd_gain_ratio=6.0, apd_ionization_ratio=0.3) > 1.1 * usual


def test_skew_of_the_received_powers(make_link: MakeLink) -> None:
    length_km = 8.0
    lanes = evaluate_link(make_link("400g-lr4-10", [length_km])).lanes
    points = np.array(CATALOG.get_fiber("g652d").typical_attenuation_db_per_km_by_wavelength_nm)
    loss_db = [length_km * np.interp(lane.wavelength_nm, points[:, 0], points[:, 1]) for lane in lanes]
    received = [lane.received_power_dbm for lane in lanes]
    assert max(received) - min(received) > 0.3
    for got, loss in zip(received, loss_db, strict=True):
        assert got - received[0] == pytest.approx(loss_db[0] - loss, abs=1e-9)
    for lane in lanes:
        assert lane.received_power_dbm - lane.oma_outer_dbm == pytest.approx(
            received[0] - lanes[0].oma_outer_dbm, abs=1e-9
        )


def _evaluate_file(tmp_path: Path, alpha: float, length_km: float) -> dict[str, Any]:
    (tmp_path / "own.toml").write_text(OWN_MODE.replace("ALPHA", str(alpha)), encoding="utf-8")
    arguments = ["own-lr4", "--length-km", str(length_km), "--catalog", str(tmp_path), "--json"]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0, done.output
    result: dict[str, Any] = json.loads(done.stdout)
    return result["lanes"][0]  # type: ignore[no-any-return]


def test_a_closed_eye_is_said_from_file_to_verdict(tmp_path: Path) -> None:
    lane = _evaluate_file(tmp_path, 0.0, 11.5)
    assert -35 < lane["chromatic_dispersion_ps_per_nm"] < -28.4
    assert (lane["status"], lane["limited_by"], lane["margin_db"]) == ("down", "dispersion", None)
    assert "where the eye closes" in lane["blocked_by"]
    # What is not known of a closed eye is absent.
    assert lane["tdecq_db"] is lane["pre_fec_ber"] is lane["sensitivity_oma_dbm"] is None
    assert lane["tecq_db"] == pytest.approx(1.01, abs=0.1)


def test_an_eye_beyond_the_claim_is_said_from_file_to_verdict(tmp_path: Path) -> None:
    inside, beyond = _evaluate_file(tmp_path, 0.0, 8.0), _evaluate_file(tmp_path, 0.0, 9.0)
    assert inside["tdecq_db"] < 4.0
    assert inside["outside_domain"] == ""
    assert beyond["tdecq_db"] > 4.0
    assert "indication" in beyond["outside_domain"]
    assert beyond["status"] == "down"
    mode_limit = _evaluate_file(tmp_path, 0.75, 16.0)
    assert "where the mode's limit ends" in mode_limit["blocked_by"]

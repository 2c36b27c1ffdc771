"""The direct-detect receiver and the power closure of the standards.

Sources
-------
- OMA sensitivity of an ideal PAM4 receiver with Gaussian noise (responsivity 0.8 A/W, noise bandwidth 0.52 of the
  symbol rate, no penalties) for a PIN with 10, 15 and 20 pA/sqrt(Hz) and for an APD with gain 6, k = 0.2 and
  15 pA/sqrt(Hz): a table with one decimal, half of which is the tolerance for the PIN. The table does not state the
  extinction ratio, which moves the APD by 0.5 dB from 3.5 to 6 dB; with 4.5 dB the APD agrees within 0.15 dB.
- The formula behind the table stands here in numpy. A mode is given the sensitivity that it yields; the BER of our
  receiver, which knows that sensitivity and no noise current, must then follow the formula above and below it: 1e-6
  relative, since each side finds its sensitivity by bisection and BER magnifies 1e-12 dB of it little.
- Closure of IEEE 802.3: a path that takes the whole insertion loss IL leaves a transmitter at its least OMA - TDECQ
  with neither power nor FEC margin and with half the target SER as its BER, for PIN and APD alike, since the receiver
  is that of the stressed test. 1e-9 dB, 1e-8 relative: what its root is found to.
- `sensitivity_oma_dbm`: a path that takes the FEC margin besides leaves the OMA that the column names, and a SER at the
  mode's target: 1e-7 relative, the root's 1e-9 dB. `tecq_db` is the eye without fiber: 0.03 dB, as the table beside it.
- These hold for eyes without interference, closed by the mode's TDECQ limit: the modes are stripped of the figures of
  their transmitter, from which the eye is else computed. With them a transmitter whose TDECQ behind the path is less
  than its worst over the tested dispersion, or whose least OMA is above A + TDECQ, keeps the difference as FEC margin:
  0.15 dB for PIN receivers: shot noise is up to 8 % of the noise of the stressed test and falls with the light, of
  which the better eye needs less. Of an APD, where shot noise rules, it keeps more.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import erfc  # type: ignore[import-untyped]

from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import DirectMode
from lightlane.kernels import Pam4Transmitter, ReferenceReceiver, estimate_tdecq
from lightlane.lane.budget import evaluate_link, evaluate_links
from lightlane.link import Link

CATALOG = load_catalog()
ELEMENTARY_CHARGE_C = 1.602176634e-19
CLOSED = [
    mode
    for mode in CATALOG.modes.values()
    if isinstance(mode, DirectMode)
    and None not in (mode.oma_minus_tdecq_min_dbm, mode.insertion_loss_max_db, mode.mpi_dgd_allocation_db)
]
LIMITS_ONLY = {"eo_bandwidth_ghz": None, "chirp_alpha": None}
# (GBd, target SER): sensitivity of the PIN with 10, 15 and 20 pA/sqrt(Hz), of the APD with 15.
TABLE = {
    (26.5625, 4.8e-4): (-15.0, -13.3, -12.1, -19.2),
    (53.125, 4.8e-4): (-13.5, -11.8, -10.6, -16.9),
    (106.25, 4.8e-4): (-11.8, -10.2, -9.0, -14.5),
    (113.4375, 9.6e-3): (-13.2, -11.5, -10.3, -16.7),
}


def _average_over_oma(extinction_ratio_db: float) -> float:
    ratio = 10 ** (extinction_ratio_db / 10)
    return (ratio + 1) / (2 * (ratio - 1))


def _symbol_error_ratio(
    oma_dbm: float,
    *,
    symbol_rate_gbd: float,
    noise_pa_per_sqrt_hz: float,
    gain: float,
    extinction_ratio_db: float = 4.5,
) -> float:
    """Thermal and shot noise of four levels, thresholds between neighbors where both err alike."""
    bandwidth_hz = 0.52 * symbol_rate_gbd * 1e9
    oma_w = 1e-3 * 10 ** (oma_dbm / 10)
    power_w = oma_w * (_average_over_oma(extinction_ratio_db) + np.arange(4) / 3 - 0.5)
    excess = 0.2 * gain + 0.8 * (2 - 1 / gain) if gain > 1 else 1.0
    shot = 2 * ELEMENTARY_CHARGE_C * gain**2 * excess * (0.8 * power_w + 10e-9) * bandwidth_hz
    sigma = np.sqrt((noise_pa_per_sqrt_hz * 1e-12) ** 2 * bandwidth_hz + shot)
    q = gain * 0.8 * np.diff(power_w) / (sigma[:-1] + sigma[1:])
    return float(np.sum(erfc(q / math.sqrt(2))) / 4)


def _sensitivity_dbm(target: float, *, symbol_rate_gbd: float, noise_pa_per_sqrt_hz: float, gain: float) -> float:
    low, high = -40.0, 10.0
    for _ in range(100):
        middle = (low + high) / 2
        error_ratio = _symbol_error_ratio(
            middle, symbol_rate_gbd=symbol_rate_gbd, noise_pa_per_sqrt_hz=noise_pa_per_sqrt_hz, gain=gain
        )
        low, high = (middle, high) if error_ratio > target else (low, middle)
    return low


RECEIVERS = [
    (rate, target, noise, gain, expected)
    for (rate, target), row in TABLE.items()
    for noise, gain, expected in zip((10.0, 15.0, 20.0, 15.0), (1.0, 1.0, 1.0, 6.0), row, strict=True)
]


@pytest.mark.parametrize(("rate", "target", "noise", "gain", "expected"), RECEIVERS)
def test_sensitivity_table(rate: float, target: float, noise: float, gain: float, expected: float) -> None:
    found = _sensitivity_dbm(target, symbol_rate_gbd=rate, noise_pa_per_sqrt_hz=noise, gain=gain)
    assert found == pytest.approx(expected, abs=0.05 if gain == 1.0 else 0.15)


@pytest.mark.parametrize(("rate", "target", "noise", "gain", "expected"), RECEIVERS)
def test_ber_around_the_sensitivity(
    rate: float, target: float, noise: float, gain: float, expected: float, make_link: Callable[..., Link]
) -> None:
    del expected
    sensitivity_dbm = _sensitivity_dbm(target, symbol_rate_gbd=rate, noise_pa_per_sqrt_hz=noise, gain=gain)
    mode = CATALOG.get_mode("400gbase-fr4").model_copy(
        update={
            "symbol_rate_gbd": rate,
            "target_ser_ratio": target,
            "oma_minus_tdecq_min_dbm": sensitivity_dbm,
            "tdecq_max_db": 0.0,
            "insertion_loss_max_db": 0.0,
            "mpi_dgd_allocation_db": 0.0,
            "extinction_ratio_min_db": 4.5,
            "detector": "apd" if gain > 1 else "pin",
            "responsivity_a_per_w": 0.8,
            "apd_gain_ratio": gain if gain > 1 else None,
            "apd_ionization_ratio": 0.2,
            "dark_current_na": 10.0,
            **LIMITS_ONLY,
        }
    )
    more_db = [-2.0, -0.5, 0.0, 0.7, 1.5, 2.5]
    average_db = 10 * math.log10(_average_over_oma(4.5))
    links = [
        make_link(
            "400gbase-fr4",
            [0.1],
            mode=mode,
            name=f"{step}",
            launch_power_dbm=sensitivity_dbm + step + average_db,
            run={"attenuation_db_per_km": 0.0},
        )
        for step in more_db
    ]
    for step, result in zip(more_db, evaluate_links(links).link_results(), strict=True):
        lane = result.lanes[0]
        expected_ser = _symbol_error_ratio(
            sensitivity_dbm + step, symbol_rate_gbd=rate, noise_pa_per_sqrt_hz=noise, gain=gain
        )
        assert lane.oma_outer_dbm == pytest.approx(sensitivity_dbm + step, abs=1e-9)
        assert lane.pre_fec_ber == pytest.approx(expected_ser / 2, rel=1e-6)
        assert lane.fec_margin_db == pytest.approx(step, abs=1e-6)


def _with_loss(make_link: Callable[..., Link], mode: DirectMode, loss_db: float) -> Link:
    """Compose a path short enough for any dispersion limit, with a loss of its own.

    Lanes keep to fibers of their own: the standard's closure knows no four-wave mixing.
    """
    mode = mode.model_copy(update={"parallel_fibers": True})
    module = next(item.id for item in CATALOG.modules.values() if mode.id in item.modes)
    return make_link(
        module, [0.1], mode=mode, name=f"{loss_db}", run={"attenuation_db_per_km": 0.0, "extra_loss_db": loss_db}
    )


@pytest.mark.parametrize("mode", CLOSED, ids=lambda mode: mode.id)
def test_closure_at_the_insertion_loss(mode: DirectMode, make_link: Callable[..., Link]) -> None:
    assert mode.insertion_loss_max_db is not None
    link = _with_loss(make_link, mode.model_copy(update=LIMITS_ONLY), mode.insertion_loss_max_db)
    for lane in evaluate_link(link).lanes:
        assert lane.power_margin_db == pytest.approx(0.0, abs=1e-9)
        if mode.extinction_ratio_min_db is None:
            assert math.isnan(lane.pre_fec_ber)
            continue
        assert lane.fec_margin_db == pytest.approx(0.0, abs=1e-9)
        assert lane.margin_db == lane.power_margin_db
        assert lane.pre_fec_ber == pytest.approx(mode.target_ser_ratio / 2, rel=1e-8)


@pytest.mark.parametrize("mode", CLOSED, ids=lambda mode: mode.id)
def test_the_sensitivity_is_where_the_target_is_met(mode: DirectMode, make_link: Callable[..., Link]) -> None:
    # Without a figure of reflectance the standard's allocation stands, whatever the loss between connectors.
    mode = mode.model_copy(update={"reflectance_max_db": None})
    assert mode.insertion_loss_max_db is not None
    here = evaluate_link(_with_loss(make_link, mode, mode.insertion_loss_max_db)).lanes[0]
    assert here.fec_margin_db > 0.05
    assert here.symbol_error_ratio == pytest.approx(2 * here.pre_fec_ber, rel=1e-12)
    assert here.symbol_error_ratio < mode.target_ser_ratio
    there = evaluate_link(_with_loss(make_link, mode, mode.insertion_loss_max_db + here.fec_margin_db)).lanes[0]
    assert there.oma_outer_dbm == pytest.approx(here.sensitivity_oma_dbm, abs=1e-9)
    assert there.symbol_error_ratio == pytest.approx(mode.target_ser_ratio, rel=1e-7)
    assert there.sensitivity_oma_dbm == pytest.approx(here.sensitivity_oma_dbm, abs=1e-8)


@pytest.mark.parametrize("mode", CLOSED, ids=lambda mode: mode.id)
def test_tecq_is_the_eye_without_fiber(mode: DirectMode, make_link: Callable[..., Link]) -> None:
    lane = evaluate_link(_with_loss(make_link, mode, 1.0)).lanes[0]
    transmitter, receiver = _test_setup(mode)
    assert lane.tecq_db == pytest.approx(estimate_tdecq(0.0, transmitter, receiver).tdecq_db[0], abs=0.03)
    limits = evaluate_link(_with_loss(make_link, mode.model_copy(update=LIMITS_ONLY), 1.0)).lanes[0]
    assert math.isnan(limits.tecq_db)
    assert limits.tdecq_db == mode.tdecq_max_db


def _test_setup(mode: DirectMode) -> tuple[Pam4Transmitter, ReferenceReceiver]:
    """Return transmitter and reference receiver with the figures of a mode."""
    assert mode.eo_bandwidth_ghz is not None
    assert mode.chirp_alpha is not None
    assert mode.reference_equalizer is not None
    assert mode.extinction_ratio_min_db is not None
    transmitter = Pam4Transmitter(
        symbol_rate_gbd=mode.symbol_rate_gbd,
        eo_bandwidth_ghz=mode.eo_bandwidth_ghz,
        extinction_ratio_db=mode.extinction_ratio_min_db,
        chirp_alpha=mode.chirp_alpha,
        rin_db_per_hz=-math.inf if mode.rin_db_per_hz is None else mode.rin_db_per_hz,
    )
    return transmitter, ReferenceReceiver(equalizer=mode.reference_equalizer, target_ser_ratio=mode.target_ser_ratio)


@pytest.mark.parametrize("mode", CLOSED, ids=lambda mode: mode.id)
def test_what_a_better_eye_leaves_at_the_insertion_loss(mode: DirectMode, make_link: Callable[..., Link]) -> None:
    assert mode.insertion_loss_max_db is not None
    assert mode.oma_minus_tdecq_min_dbm is not None
    transmitter, receiver = _test_setup(mode)
    tested = np.linspace(mode.dispersion_min_ps_per_nm or 0.0, mode.dispersion_max_ps_per_nm or 0.0, 9)
    worst_db = float(np.max(estimate_tdecq(tested, transmitter, receiver).tdecq_db))
    oma_dbm = max(mode.oma_minus_tdecq_min_dbm + worst_db, mode.oma_outer_min_dbm or -math.inf)
    link = _with_loss(make_link, mode, mode.insertion_loss_max_db)
    for lane in evaluate_link(link).lanes:
        here_db = float(estimate_tdecq(lane.chromatic_dispersion_ps_per_nm, transmitter, receiver).tdecq_db[0])
        # The table stands between points, with a shorter pattern, and weighs lambda^2 D: 0.03 dB.
        assert lane.tdecq_db == pytest.approx(here_db, abs=0.03)
        assert lane.oma_outer_dbm == pytest.approx(oma_dbm - mode.insertion_loss_max_db, abs=0.05)
        assert lane.power_margin_db == pytest.approx(0.0, abs=1e-9)
        assert lane.margin_db == lane.power_margin_db
        spare_db = oma_dbm - here_db - mode.oma_minus_tdecq_min_dbm
        if mode.detector == "pin":
            assert lane.fec_margin_db == pytest.approx(spare_db, abs=0.15)
        else:
            assert lane.fec_margin_db > spare_db
        assert lane.pre_fec_ber < mode.target_ser_ratio / 2


@pytest.mark.parametrize("mode", CLOSED, ids=lambda mode: mode.id)
def test_loss_takes_its_decibels_of_margin(mode: DirectMode, make_link: Callable[..., Link]) -> None:
    assert mode.insertion_loss_max_db is not None
    losses = [mode.insertion_loss_max_db + step for step in (-2.0, 0.0, 3.0)]
    results = evaluate_links([_with_loss(make_link, mode, loss_db) for loss_db in losses]).link_results()
    assert [result.lanes[0].power_margin_db for result in results] == pytest.approx([2.0, 0.0, -3.0], abs=1e-9)
    assert [result.status for result in results] == ["up", results[1].status, "down"]
    bers = [result.lanes[0].pre_fec_ber for result in results]
    if not math.isnan(bers[0]):
        assert bers[0] < bers[1] < bers[2]


def test_target_ser_is_met_without_penalties(make_link: Callable[..., Link]) -> None:
    for mode in CLOSED:
        if mode.extinction_ratio_min_db is None:
            continue
        ideal = mode.model_copy(update={"tdecq_max_db": 0.0, "mpi_dgd_allocation_db": 0.0, **LIMITS_ONLY})
        assert mode.insertion_loss_max_db is not None
        lane = evaluate_link(_with_loss(make_link, ideal, mode.insertion_loss_max_db)).lanes[0]
        assert lane.pre_fec_ber == pytest.approx(mode.target_ser_ratio / 2, rel=1e-8)
        assert lane.fec_margin_db == pytest.approx(0.0, abs=1e-9)

"""The coherent transceiver model against the figures that it is made to close, and against the formula in numpy.

Sources
-------
- Required OSNR: at it the BER before the FEC is the FEC's threshold by definition, at every received power. 1e-9
  relative: rounding of some ten operations, magnified by the slope of BER over SNR, is 1e-13.
- Each mode's points of required OSNR over received power in the catalog (OIF, OpenZR+, OpenROADM, datasheets), the
  unamplified sensitivity among them: met within 1e-9 dB, rounding where the curve is steep.
- Unamplified limits of datasheets: at the sensitivity with the module's own transmitter OSNR a mode still closes, half
  a decibel below it no more. Below it noise goes on by the fitted law in 1/P and 1/P^2: written down again, 1e-9.
- 1/SNR = kappa/SNR_line + n(P) + 1/SNR_TRX written down a second time, with scipy's erfc: 1e-9 relative in BER.
- Required OSNR of 400ZR (CFEC) that each family's fitted kappa and SNR_TRX imply: a table with one decimal. Its fits
  are rounded to 0.01 and 0.1 dB, which moves the answer by up to 0.06 dB: 0.12 dB.
- OIF 800LR: channel loss of about 6.3 dB closes exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from scipy.special import erfc  # type: ignore[import-untyped]

from lightlane import kernels
from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import CoherentMode, Fiber
from lightlane.lane.budget import evaluate_link, evaluate_links
from lightlane.lane.model import LaneResult
from lightlane.link import Link

CATALOG = load_catalog()
COHERENT = [mode for mode in CATALOG.modes.values() if isinstance(mode, CoherentMode)]
WITH_CURVE = [mode for mode in COHERENT if mode.required_osnr_db_by_received_power_dbm is not None]
WITH_SENSITIVITY = [mode for mode in WITH_CURVE if mode.sensitivity_dbm is not None]


def _module_of(mode: CoherentMode) -> str:
    return next(module.id for module in CATALOG.modules.values() if mode.id in module.modes)


def _nothing_fiber() -> Fiber:
    """Return a fiber that does nothing but carry light: what arrives is what the transmitter sends."""
    return CATALOG.get_fiber("g652d").model_copy(
        update={
            "nonlinear_coefficient_per_w_km": 0.0,
            "dispersion_ps_per_nm_km": 0.0,
            "dispersion_slope_ps_per_nm2_km": 0.0,
            "pmd_ps_per_sqrt_km": 0.0,
        }
    )


def _back_to_back(
    make_link: Callable[..., Link], mode: CoherentMode, power_dbm: float, *, name: str = "link", loss_db: float = 0.0
) -> Link:
    return make_link(
        _module_of(mode),
        [1.0],
        mode=mode,
        name=name,
        fiber=_nothing_fiber(),
        launch_power_dbm=power_dbm + loss_db,
        run={"attenuation_db_per_km": loss_db},
    )


def _lanes(make_link: Callable[..., Link], mode: CoherentMode, points: list[tuple[float, float]]) -> list[LaneResult]:
    """Evaluate (received power, OSNR) pairs back to back in one batch."""
    links = [
        _back_to_back(make_link, mode.model_copy(update={"tx_osnr_db": osnr_db}), power_dbm, name=f"point {number}")
        for number, (power_dbm, osnr_db) in enumerate(points)
    ]
    return [result.lanes[0] for result in evaluate_links(links).link_results()]


@pytest.mark.parametrize("mode", WITH_CURVE, ids=lambda mode: mode.id)
def test_points_of_a_mode_are_met(mode: CoherentMode, make_link: Callable[..., Link]) -> None:
    curve = mode.required_osnr_db_by_received_power_dbm
    assert curve is not None
    for lane, (_, osnr_db) in zip(_lanes(make_link, mode, list(curve)), curve, strict=True):
        assert lane.required_osnr_db == pytest.approx(osnr_db, abs=1e-9)
        assert lane.osnr_margin_db == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("mode", WITH_CURVE, ids=lambda mode: mode.id)
def test_threshold_is_met_at_the_required_osnr(mode: CoherentMode, make_link: Callable[..., Link]) -> None:
    curve = mode.required_osnr_db_by_received_power_dbm
    assert curve is not None
    powers_dbm = [*(power for power, _ in curve), *((a[0] + b[0]) / 2 for a, b in pairwise(curve))]
    threshold_ber = CATALOG.get_fec(mode.fec).threshold_pre_fec_ber
    asked = _lanes(make_link, mode, [(power_dbm, 30.0) for power_dbm in powers_dbm])
    points = [(lane.received_power_dbm, lane.required_osnr_db) for lane in asked]
    for lane, (power_dbm, osnr_db) in zip(_lanes(make_link, mode, points), points, strict=True):
        assert lane.osnr_db == pytest.approx(osnr_db, abs=1e-9)
        assert lane.received_power_dbm == pytest.approx(power_dbm, abs=1e-12)
        assert lane.required_osnr_db == pytest.approx(osnr_db, abs=1e-9)
        assert lane.pre_fec_ber == pytest.approx(threshold_ber, rel=1e-9)
        assert lane.osnr_margin_db == pytest.approx(0.0, abs=1e-9)
        assert lane.fec_margin_db == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("mode", WITH_CURVE, ids=lambda mode: mode.id)
def test_margins_follow_the_osnr(mode: CoherentMode, make_link: Callable[..., Link]) -> None:
    curve = mode.required_osnr_db_by_received_power_dbm
    assert curve is not None
    power_dbm = curve[-1][0]
    (asked,) = _lanes(make_link, mode, [(power_dbm, 30.0)])
    required_db = asked.required_osnr_db
    below, above = _lanes(make_link, mode, [(power_dbm, required_db - 1.0), (power_dbm, required_db + 1.0)])
    assert (below.osnr_margin_db, above.osnr_margin_db) == pytest.approx((-1.0, 1.0), abs=1e-9)
    # Noise of the transceiver does not change with the line: a dB of OSNR is less than a dB of SNR.
    assert -1.0 < below.fec_margin_db < 0.0 < above.fec_margin_db < 1.0
    assert below.status == "down"
    assert below.pre_fec_ber > CATALOG.get_fec(mode.fec).threshold_pre_fec_ber > above.pre_fec_ber


@pytest.mark.parametrize("mode", WITH_SENSITIVITY, ids=lambda mode: mode.id)
def test_unamplified_limit(mode: CoherentMode, make_link: Callable[..., Link]) -> None:
    curve, sensitivity_dbm = mode.required_osnr_db_by_received_power_dbm, mode.sensitivity_dbm
    assert curve is not None
    assert sensitivity_dbm is not None
    assert mode.tx_osnr_db is not None
    at_limit = evaluate_link(_back_to_back(make_link, mode, sensitivity_dbm, loss_db=20.0)).lanes[0]
    below = evaluate_link(_back_to_back(make_link, mode, sensitivity_dbm - 0.5, loss_db=20.0)).lanes[0]
    assert at_limit.power_margin_db == pytest.approx(0.0, abs=1e-9)
    assert at_limit.osnr_margin_db == pytest.approx(mode.tx_osnr_db - at_limit.required_osnr_db, abs=1e-9)
    assert at_limit.osnr_margin_db >= -1e-9
    assert (below.status, below.limited_by) == ("down", "power")
    assert below.power_margin_db == pytest.approx(-0.5, abs=1e-9)
    # Half a decibel short no transmitter's OSNR is enough: noise of the receiver alone is beyond the threshold.
    assert below.pre_fec_ber > CATALOG.get_fec(mode.fec).threshold_pre_fec_ber
    assert below.fec_margin_db < 0.0
    # How much power is missing is what the mode states; the FEC margin there is an extrapolation and does not decide.
    assert below.margin_db == pytest.approx(-0.5, abs=1e-9)
    assert below.required_osnr_db == at_limit.required_osnr_db
    assert sum(step.value_db for step in below.explain()) == pytest.approx(below.margin_db, abs=1e-6)


def _powers(mode: CoherentMode) -> tuple[CoherentMode, float]:
    assert mode.required_osnr_db_by_received_power_dbm is not None
    return mode, mode.required_osnr_db_by_received_power_dbm[0][0]


@pytest.mark.parametrize("mode", WITH_CURVE, ids=lambda mode: mode.id)
@pytest.mark.parametrize("osnr_db", [16.0, 24.0, 36.0])
def test_less_power_is_never_better(mode: CoherentMode, osnr_db: float, make_link: Callable[..., Link]) -> None:
    mode, least_dbm = _powers(mode)
    powers_dbm = [*(least_dbm + np.arange(-4.0, 2.01, 0.25)).tolist(), least_dbm - 1e-9]
    powers_dbm.sort()
    lanes = _lanes(make_link, mode, [(power_dbm, osnr_db) for power_dbm in powers_dbm])
    for name in ("margin_db", "fec_margin_db", "osnr_margin_db", "snr_db"):
        values = np.array([getattr(lane, name) for lane in lanes])
        known = values[~np.isnan(values)]
        assert np.all(np.diff(known) >= -1e-9), name
    at, below = powers_dbm.index(least_dbm), powers_dbm.index(least_dbm - 1e-9)
    assert lanes[below].margin_db == pytest.approx(lanes[at].margin_db, abs=1e-6)
    assert all(lane.status == "down" for lane in lanes[: below + 1])


@pytest.mark.parametrize("mode_id", ["smartoptics-hp-zr300-8qam", "openroadm-400g-63", "oif-400zr"])
def test_noise_below_the_least_power_by_the_law(mode_id: str, make_link: Callable[..., Link]) -> None:
    mode = CATALOG.get_mode(mode_id)
    assert isinstance(mode, CoherentMode)
    mode, least_dbm = _powers(mode)
    assert mode.required_osnr_db_by_received_power_dbm is not None
    assert mode.snr_trx_db is not None
    fit = kernels.fit_receiver(mode.required_osnr_db_by_received_power_dbm, sensitivity_dbm=mode.sensitivity_dbm)
    noise = fit.noise
    (at,) = _lanes(make_link, mode, [(least_dbm, 40.0)])
    transceiver = 10 ** (-mode.snr_trx_db / 10)
    bearable = 10 ** ((at.fec_margin_db - at.snr_db) / 10) - transceiver
    line = bearable * 10 ** ((noise.ample_osnr_db - 40.0) / 10)

    def growth(power_dbm: float) -> float:
        u = 10 ** ((noise.knee_power_dbm - power_dbm) / 10)
        return (noise.inverse_power_ratio * u + noise.inverse_square_ratio * u**2) / noise.line_ratio

    for short_db in (0.5, 3.0, 10.0):
        power_dbm = least_dbm - short_db
        share = fit.share_ratio[0] + growth(power_dbm) - growth(least_dbm)
        (lane,) = _lanes(make_link, mode, [(power_dbm, 40.0)])
        expected_db = -10 * math.log10(line + bearable * share + transceiver)
        assert lane.snr_db == pytest.approx(expected_db, abs=1e-9)
        assert lane.power_margin_db == pytest.approx(-short_db, abs=1e-9)


def test_a_mode_of_one_requirement_says_nothing_below_its_least_power(make_link: Callable[..., Link]) -> None:
    mode = CATALOG.get_mode("openzrplus-zr400-16qam")
    assert isinstance(mode, CoherentMode)
    assert mode.required_osnr_db_by_received_power_dbm == ((-12.0, 24.0), (0.0, 24.0))
    at, below = _lanes(make_link, mode, [(-12.0, 26.0), (-12.5, 26.0)])
    assert at.fec_margin_db > 0
    # Nothing tells how noise grows: power is missing, how many errors that makes nobody knows.
    assert (below.status, below.limited_by) == ("down", "power")
    assert below.margin_db == pytest.approx(-0.5, abs=1e-9)
    assert all(math.isnan(value) for value in (below.pre_fec_ber, below.fec_margin_db, below.snr_db))
    # Without a table, a sensitivity alone is such an end as well.
    alone = mode.model_copy(update={"required_osnr_db_by_received_power_dbm": None, "sensitivity_dbm": -12.0})
    at, below = _lanes(make_link, alone, [(-12.0, 30.0), (-12.5, 30.0)])
    assert at.pre_fec_ber < 2e-2
    assert math.isnan(below.pre_fec_ber)
    assert below.margin_db == pytest.approx(-0.5, abs=1e-9)


@pytest.mark.parametrize("mode_id", ["smartoptics-hp-zr400-16qam", "openroadm-200g-63", "oif-400zr", "oif-800zr"])
def test_snr_and_ber_by_the_formula(mode_id: str, make_link: Callable[..., Link]) -> None:
    mode = CATALOG.get_mode(mode_id)
    assert isinstance(mode, CoherentMode)
    curve = mode.required_osnr_db_by_received_power_dbm
    assert curve is not None
    assert mode.snr_trx_db is not None
    qpsk = mode.modulation == "qpsk"

    def ber(snr: float) -> float:
        def tail(x: float) -> float:
            return float(0.5 * erfc(x / math.sqrt(2)))

        g = math.sqrt(snr / 5)
        return tail(math.sqrt(snr)) if qpsk else (3 * tail(g) + 2 * tail(3 * g) - tail(5 * g)) / 4

    low, high = 1.0, 1000.0
    threshold_ber = CATALOG.get_fec(mode.fec).threshold_pre_fec_ber
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if ber(middle) > threshold_ber else (low, middle)
    per_bandwidth = mode.symbol_rate_gbd / 12.5
    transceiver = 10 ** (-mode.snr_trx_db / 10)
    bearable = 1 / low - transceiver
    powers, required = np.array(curve).T
    points = [(powers[0] + 0.3, 32.0), (powers[1] - 0.4, 29.0), (powers[-1] - 1.0, 26.0)]
    for lane, (_, osnr_db) in zip(_lanes(make_link, mode, points), points, strict=True):
        kappa = bearable * 10 ** (required.min() / 10) / per_bandwidth
        thermal = bearable * (1 - 10 ** ((required.min() - lane.required_osnr_db) / 10))
        noise = kappa * per_bandwidth / 10 ** (osnr_db / 10) + thermal + transceiver
        assert lane.snr_db == pytest.approx(-10 * math.log10(noise), abs=1e-9)
        assert lane.pre_fec_ber == pytest.approx(ber(1 / noise), rel=1e-9)
        assert lane.gsnr_db == pytest.approx(osnr_db - 10 * math.log10(per_bandwidth), abs=1e-9)
        assert math.isnan(lane.snr_nli_db)


@pytest.mark.parametrize(
    ("kappa_db", "snr_trx_db", "implied_db"),
    [
        (1.51, 16.3, 25.1),
        (1.50, 17.7, 24.0),
        (1.42, 17.0, 24.4),
        (1.35, 16.5, 24.7),
        (1.24, 16.2, 25.1),
        (2.38, 16.7, 25.6),
        (2.00, 16.9, 25.1),
    ],
)
def test_required_osnr_that_a_fit_implies(
    kappa_db: float, snr_trx_db: float, implied_db: float, make_link: Callable[..., Link]
) -> None:
    mode = CATALOG.get_mode("oif-400zr").model_copy(
        update={"required_osnr_db_by_received_power_dbm": None, "kappa_db": kappa_db, "snr_trx_db": snr_trx_db}
    )
    assert isinstance(mode, CoherentMode)
    (lane,) = _lanes(make_link, mode, [(-5.0, 34.0)])
    assert lane.required_osnr_db == pytest.approx(implied_db, abs=0.12)
    # And at that OSNR the threshold is met.
    (at_required,) = _lanes(make_link, mode, [(-5.0, lane.required_osnr_db)])
    assert at_required.pre_fec_ber == pytest.approx(1.25e-2, rel=1e-9)


def test_a_mode_that_closes_on_loss(make_link: Callable[..., Link]) -> None:
    fiber = CATALOG.get_fiber("g652d")
    at_limit = make_link("800gbase-lr1", [10.0], fiber=fiber, run={"attenuation_db_per_km": 0.63})
    beyond = make_link("800gbase-lr1", [10.0], fiber=fiber, run={"attenuation_db_per_km": 0.64})
    assert evaluate_link(at_limit).margin_db == pytest.approx(0.0, abs=1e-9)
    assert evaluate_link(beyond).margin_db == pytest.approx(-0.1, abs=1e-9)
    lane = evaluate_link(beyond).lanes[0]
    assert (lane.status, lane.limited_by) == ("down", "power")
    assert all(math.isnan(value) for value in (lane.osnr_db, lane.pre_fec_ber, lane.required_osnr_db))

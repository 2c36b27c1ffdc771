"""What modules lose of frames in the worst case and in draws, against laws and draws of this file's own.

Source: order statistics of one Gaussian figure; numpy's draws of unequal lanes through the frame loss of a module,
which ``tests/reference/test_module_fec.py`` checks against exact fractions.
How obtained: links that lose light linearly; the error ratio of a lane at a loss is that of the budget without draws.
Tolerance: five standard errors of the estimates, which the numbers of draws fix. The seed is fixed.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from lightlane.catalog.distributions import Distribution
from lightlane.fabric.point_to_point import point_to_point
from lightlane.kernels import module_frame_loss
from lightlane.lane.budget import evaluate_link, evaluate_links
from lightlane.lane.model import LinkResult
from lightlane.lane.options import BudgetOptions

DRAWS = 20_000
QUANTILES = (0.01, 0.1, 0.5, 0.9)
LENGTH_KM, LOSS_DB = 8.0, 7.5
"""Of a 400G-LR4-10 link that loses a frame now and then."""


def spread(quantity: str, scope: str, **parameters: Any) -> Distribution:
    values = {"basis": "offset", "kind": "normal", "mean": 0.0, **parameters}
    return Distribution(
        id="spread", name="Spread", quantity=quantity, scope=scope, source="made for this test",
        confidence="computed", **values,
    )  # fmt: skip


def draw(
    row: Distribution, module: str = "400g-lr4-10", length_km: float = LENGTH_KM, loss_db: float = LOSS_DB
) -> LinkResult:
    options = BudgetOptions(draws_count=DRAWS, seed=7, quantiles=QUANTILES, frame_loss=True)
    return evaluate_link(point_to_point(module, length_km, loss_db=loss_db), options=options, distributions=[row])


def frame_loss_at(loss_db: float) -> float:
    return evaluate_link(point_to_point("400g-lr4-10", LENGTH_KM, loss_db=loss_db)).frame_loss_ratio


def test_one_gaussian_loss_of_all_lanes() -> None:
    """All lanes of both directions lose the same, so that what is lost of frames rises with one number."""
    deviation_db = 0.2
    row = spread("oma_minus_tdecq_dbm", "module", standard_deviation=deviation_db)
    law = NormalDist(0.0, deviation_db)
    found = dict(draw(row).frame_loss_ratio_by_probability_ratio)
    assert 1e-12 < found[0.5] < 1e-3
    for probability, frame_loss_ratio in found.items():
        # The modules of both ends are two: the worse of two independent ones.
        share = 1.0 - math.sqrt(1.0 - probability)
        error = 5 * math.sqrt(probability * (1 - probability) / DRAWS) / (2 * (1 - share))
        least, most = (-law.inv_cdf(min(share + error, 1.0 - 1e-9)), -law.inv_cdf(max(share - error, 1e-9)))
        assert frame_loss_at(LOSS_DB + least) <= frame_loss_ratio <= frame_loss_at(LOSS_DB + most)


def test_unequal_lanes_share_their_codewords() -> None:
    """Every lane has a transmitter of its own: a bad one is diluted by the good ones."""
    deviation_db, count = 0.5, 50_000
    found = dict(draw(spread("oma_minus_tdecq_dbm", "lane", standard_deviation=deviation_db))
                 .frame_loss_ratio_by_probability_ratio)  # fmt: skip
    steps_db = np.linspace(-3.0, 3.0, 121)
    links = [point_to_point("400g-lr4-10", LENGTH_KM, loss_db=LOSS_DB + step_db) for step_db in steps_db]
    batch = evaluate_links(links)
    log_ber = np.log10(batch.columns["pre_fec_ber"].reshape(len(links), 2, 4))
    offsets_db = np.clip(np.random.default_rng(5).normal(0.0, deviation_db, (count, 2, 4)), -3.0, 3.0)
    ber = np.empty_like(offsets_db)
    for direction in range(2):
        for lane in range(4):
            ber[:, direction, lane] = 10 ** np.interp(
                -offsets_db[:, direction, lane], steps_db, log_ber[:, direction, lane]
            )
    fec = links[0].fec
    assert fec.interleaved_codewords_count is not None
    own = module_frame_loss(
        ber.reshape(-1, 4),
        interleaved_codewords_count=fec.interleaved_codewords_count,
        kp4_symbol_error_ratio_by_pre_fec_ber=fec.kp4_symbol_error_ratio_by_pre_fec_ber,
    ).frame_loss_ratio
    worse = own.reshape(count, 2).max(axis=1)
    for probability, frame_loss_ratio in found.items():
        error = 5 * math.sqrt(probability * (1 - probability) * (1 / count + 1 / DRAWS))
        assert float(np.mean(worse > frame_loss_ratio)) == pytest.approx(probability, abs=error)


def test_the_worst_case_is_the_worst_end_on_all_lanes() -> None:
    row = spread("oma_minus_tdecq_dbm", "lane", kind="truncated_normal", standard_deviation=0.3, low=-0.6, high=0.6)
    result = draw(row)
    assert result.worst_frame_loss_ratio == pytest.approx(frame_loss_at(LOSS_DB + 0.6), rel=1e-6)
    # No draw has all lanes at their worst.
    assert dict(result.frame_loss_ratio_by_probability_ratio)[0.01] < result.worst_frame_loss_ratio


@pytest.mark.parametrize(("module", "length_km", "loss_db"), [("800gbase-dr8", 0.5, 3.5), ("800gbase-lr4", 8.0, 6.5)])
def test_engines_and_inner_codes_at_no_spread_are_the_nominal_ones(
    module: str, length_km: float, loss_db: float
) -> None:
    """Two engines of four lanes, and an inner code before KP4; the draws differ in nothing but polarization."""
    row = spread("oma_minus_tdecq_dbm", "lane", standard_deviation=1e-9)
    result = draw(row, module, length_km, loss_db)
    nominal = result.frame_loss_ratio
    assert nominal > 0.0
    assert result.worst_frame_loss_ratio >= nominal * (1 - 1e-6)
    assert dict(result.frame_loss_ratio_by_probability_ratio)[0.5] == pytest.approx(nominal, rel=0.2)


def test_nobody_asked_and_nothing_to_lose() -> None:
    row = spread("oma_minus_tdecq_dbm", "lane", standard_deviation=0.1)
    plain = evaluate_link(
        point_to_point("400g-lr4-10", LENGTH_KM), options=BudgetOptions(draws_count=100), distributions=[row]
    )
    assert math.isnan(plain.worst_frame_loss_ratio)
    assert plain.frame_loss_ratio_by_probability_ratio == ()
    coherent = evaluate_link(
        point_to_point("openzrplus-400g-ha", 20.0),
        options=BudgetOptions(draws_count=100, frame_loss=True), distributions=[row],
    )  # fmt: skip
    assert math.isnan(coherent.worst_frame_loss_ratio)
    assert all(math.isnan(value) for _, value in coherent.frame_loss_ratio_by_probability_ratio)

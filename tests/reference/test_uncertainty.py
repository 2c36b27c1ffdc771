"""Draws against closed forms.

Source: order statistics of Gaussian, lognormal and Maxwellian variables; no other program.
How obtained: links that lose light linearly, with one figure that spreads at a time: the law of the margin is known.
Tolerance: five standard errors of the estimate, which the number of draws fixes: sqrt(p (1 - p) / n) / density for a
quantile, sqrt(p (1 - p) / n) for a share. The seed is fixed, so that a run either always passes or never.
"""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from lightlane.catalog.distributions import Distribution
from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import Fiber
from lightlane.elements import Element
from lightlane.fabric.point_to_point import point_to_point
from lightlane.kernels import maxwell_exceedance_ratio
from lightlane.lane.budget import evaluate_link
from lightlane.lane.options import BudgetOptions
from lightlane.link import Link

DRAWS = 20_000
QUANTILES = (0.01, 0.1, 0.5, 0.9, 0.99)
LENGTH_KM = 8.0


def spread(quantity: str, scope: str, **parameters: Any) -> Distribution:
    values = {"basis": "offset", "kind": "normal", "mean": 0.0, **parameters}
    return Distribution(
        id=f"{quantity}-{scope}".replace("_", "-"),
        name="Spread",
        quantity=quantity,
        scope=scope,
        source="made for this test",
        confidence="computed",
        **values,
    )


def quantile_error(probability: float, deviation: float) -> float:
    density = NormalDist(0.0, deviation).pdf(NormalDist(0.0, deviation).inv_cdf(probability))
    return 5.0 * math.sqrt(probability * (1 - probability) / DRAWS) / density


def draw(link: Link, *distributions: Distribution, seed: int = 1) -> Any:
    options = BudgetOptions(draws_count=DRAWS, seed=seed, quantiles=QUANTILES)
    return evaluate_link(link, options=options, distributions=distributions)


@pytest.fixture(scope="module")
def link() -> Link:
    return point_to_point("400g-lr4-10", LENGTH_KM)


@pytest.mark.parametrize("scope", ["cable", "fiber"])
def test_gaussian_attenuation_gives_gaussian_margins(link: Link, scope: str) -> None:
    deviation_db = 0.01 * LENGTH_KM
    result = draw(link, spread("attenuation_db_per_km", scope, standard_deviation=0.01))
    for lane in result.lanes:
        for probability, margin_db in lane.margin_db_by_probability_ratio:
            expected = NormalDist(lane.margin_db, deviation_db).inv_cdf(probability)
            assert margin_db == pytest.approx(expected, abs=quantile_error(probability, deviation_db))


def test_lanes_of_one_fiber_move_together_and_directions_apart(link: Link) -> None:
    """The worst lane of both directions: of one cable a Gaussian, of two fibers the lesser of two independent ones."""
    deviation_db = 0.01 * LENGTH_KM
    law = NormalDist(0.0, deviation_db)
    for scope, of_two in (("cable", False), ("fiber", True)):
        result = draw(link, spread("attenuation_db_per_km", scope, standard_deviation=0.01))
        for probability, margin_db in result.margin_db_by_probability_ratio:
            single = 1.0 - math.sqrt(1.0 - probability) if of_two else probability
            expected = result.margin_db + law.inv_cdf(single)
            assert margin_db == pytest.approx(expected, abs=quantile_error(single, deviation_db))


def test_independent_figures_add_in_squares(link: Link) -> None:
    cable, fiber = 0.008 * LENGTH_KM, 0.006 * LENGTH_KM
    deviation_db = math.hypot(cable, fiber)
    result = draw(
        link,
        spread("attenuation_db_per_km", "cable", standard_deviation=0.008),
        spread("attenuation_db_per_km", "fiber", standard_deviation=0.006),
    )
    lane = result.lanes[0]
    for probability, margin_db in lane.margin_db_by_probability_ratio:
        expected = NormalDist(lane.margin_db, deviation_db).inv_cdf(probability)
        assert margin_db == pytest.approx(expected, abs=quantile_error(probability, deviation_db))


def test_connectors_are_independent_and_keep_their_mean(link: Link) -> None:
    """Two connectors of 0.25 dB, each lognormal: mean and variance of the sum, from quantiles that lie close."""
    grid = tuple((np.arange(2000) + 0.5) / 2000)
    options = BudgetOptions(draws_count=DRAWS, seed=3, quantiles=grid)
    row = spread("connector_loss_db", "element", basis="ratio", kind="lognormal", mean=1.0, standard_deviation=0.432)
    lane = evaluate_link(link, options=options, distributions=[row]).lanes[0]
    margins = np.array([value for _, value in lane.margin_db_by_probability_ratio])
    count = sum(element.reflectors_count for element in link.a_to_b if element.kind == "loss")
    assert count == 2
    deviation_db = 0.25 * 0.432 * math.sqrt(count)
    assert margins.mean() == pytest.approx(lane.margin_db, abs=5 * deviation_db / math.sqrt(DRAWS))
    # Five standard errors of a deviation, whose kurtosis for this law is below 8, and 1 % for the tails of the grid.
    assert margins.std() == pytest.approx(deviation_db, rel=5 * math.sqrt(7 / 4 / DRAWS) + 0.01)


def test_outage_by_polarization_mode_dispersion_is_the_tail_of_the_maxwellian() -> None:
    """A fiber of so much PMD that the greatest DGD of the mode, 3.3 times its greatest mean, is often passed."""
    catalog = load_catalog()
    link = point_to_point("openzrplus-400g-ha", 20.0, line="as given", catalog=catalog)
    mode = link.mode
    limit_ps = mode.penalty_db_by_dgd_mean_ps[-1][0]  # type: ignore[union-attr, index]
    for ratio in (1.2, 1.8):
        mean_ps = 3.3 * limit_ps / ratio
        bent = replace(link, a_to_b=_with_dgd(link.a_to_b, mean_ps), b_to_a=_with_dgd(link.b_to_a, mean_ps))
        result = evaluate_link(bent, options=BudgetOptions(draws_count=DRAWS, seed=5), distributions=[])
        tail = float(maxwell_exceedance_ratio(np.array(ratio)))
        assert result.lanes[0].outage_ratio == pytest.approx(tail, abs=5 * math.sqrt(tail * (1 - tail) / DRAWS))


def _with_dgd(elements: tuple[Element, ...], mean_ps: float) -> tuple[Element, ...]:
    """Give the only fiber of a way so much PMD that its mean DGD is ``mean_ps``."""
    out = []
    for element in elements:
        if isinstance(element.part, Fiber):
            pmd = mean_ps / math.sqrt(element.length_km)
            out.append(replace(element, part=element.part.model_copy(update={"pmd_ps_per_sqrt_km": pmd})))
        else:
            out.append(element)
    return tuple(out)

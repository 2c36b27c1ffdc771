"""What multipath interference and DGD cost on a path in place of the standard's allocation."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from lightlane import kernels
from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import DirectMode, Passive
from lightlane.lane.budget import evaluate_link
from lightlane.lane.model import LaneResult
from lightlane.link import Link

CATALOG = load_catalog()
MODE = CATALOG.get_mode("400gbase-fr4")
assert isinstance(MODE, DirectMode)


def _connector(reflectance_db: float | None) -> Passive:
    return CATALOG.get_passive("lc-upc").model_copy(update={"reflectance_db": reflectance_db})


def _lane(
    make_link: Callable[..., Link], reflectance_db: float | None, count: int, length_km: float = 1.0
) -> LaneResult:
    run = {"connector": _connector(reflectance_db), "connector_count": count}
    return evaluate_link(make_link("400gbase-fr4", [length_km], run=run)).lanes[0]


def _steps(lane: LaneResult) -> dict[str, float]:
    return {step.label: step.value_db for step in lane.contributions}


def test_good_connectors_cost_less_than_the_allocation(make_link: Callable[..., Link]) -> None:
    known, unknown = _lane(make_link, -60.0, 2), _lane(make_link, None, 2)
    steps = _steps(known)
    allocation_db = MODE.mpi_dgd_allocation_db
    assert allocation_db is not None
    cost_db = -steps["multipath interference"] - steps["PMD penalty"]
    assert 0.0 < cost_db < allocation_db
    assert known.power_margin_db - unknown.power_margin_db == pytest.approx(allocation_db - cost_db, abs=1e-9)
    assert "MPI and DGD allocation" in _steps(unknown)
    assert known.pre_fec_ber < unknown.pre_fec_ber
    for lane in (known, unknown):
        assert sum(step.value_db for step in lane.contributions) == pytest.approx(lane.margin_db, abs=1e-6)


def test_the_penalty_is_that_of_the_kernels(make_link: Callable[..., Link]) -> None:
    lane = _lane(make_link, -60.0, 2)
    fiber_db = -next(value for label, value in _steps(lane).items() if "km" in label)
    # A connector at each end of 0.25 dB, which reflects in its middle; transmitter and receiver of -26 dB.
    points = [(-26.0, 0.0), (-60.0, 0.125), (-60.0, 0.375 + fiber_db), (-26.0, 0.5 + fiber_db)]
    copies = kernels.double_reflections_dbc([kernels.Reflector(*point) for point in points])
    assert MODE.extinction_ratio_min_db is not None
    expected = kernels.interference_penalty_db(
        copies, extinction_ratio_db=MODE.extinction_ratio_min_db, method="estimate", exceedance_ratio=1e-6
    )
    assert -_steps(lane)["multipath interference"] == pytest.approx(expected, abs=1e-9)
    dgd_db = kernels.dgd_penalty_db(3.75 * lane.dgd_mean_ps, symbol_rate_gbd=MODE.symbol_rate_gbd)
    assert -_steps(lane)["PMD penalty"] == pytest.approx(dgd_db, abs=1e-12)


def test_reflectances_that_the_standard_allows_cost_at_most_its_allocation(make_link: Callable[..., Link]) -> None:
    # Four of -35 dB may cost more by the estimate; the standard guarantees its allocation for them.
    allowed, beyond = _lane(make_link, -35.0, 4, 0.1), _lane(make_link, -25.0, 4, 0.1)
    unknown = _lane(make_link, None, 4, 0.1)
    assert allowed.power_margin_db >= unknown.power_margin_db - 1e-12
    assert beyond.power_margin_db < unknown.power_margin_db - 0.3
    assert "multipath interference" in _steps(beyond)


def test_reflections_that_close_the_eye(make_link: Callable[..., Link]) -> None:
    lane = _lane(make_link, -8.0, 6, 0.1)
    assert lane.status == "down"
    assert lane.limited_by == "crosstalk"
    assert "multipath" in lane.blocked_by
    assert math.isnan(lane.margin_db)


def test_no_connectors_described_means_the_allocation(make_link: Callable[..., Link]) -> None:
    assert "MPI and DGD allocation" in _steps(evaluate_link(make_link("400gbase-fr4", [1.0])).lanes[0])

"""Four-wave mixing of whole links."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lightlane.errors import ParameterError
from lightlane.lane.mixing import estimate_mixing
from lightlane.link import Link


def test_fine_grids_mix_and_coarse_ones_do_not(make_link: Callable[..., Link]) -> None:
    fine = estimate_mixing(make_link("800gbase-lr4", [10.0]), launch_power_dbm=5.0, exceedance_ratio=0.003)
    coarse = estimate_mixing(make_link("400g-lr4-10", [10.0]), launch_power_dbm=5.0, exceedance_ratio=0.003)
    assert fine.crosstalk_dbc.max() > -45.0
    assert fine.penalty_db.max() > 0.02
    assert coarse.crosstalk_dbc.max() < -65.0
    assert coarse.penalty_db.max() < 0.01


def test_rarer_is_worse_and_seeds_repeat(make_link: Callable[..., Link]) -> None:
    link = make_link("800gbase-lr4", [10.0])
    often = estimate_mixing(link, launch_power_dbm=5.0, exceedance_ratio=0.05)
    rare = estimate_mixing(link, launch_power_dbm=5.0, exceedance_ratio=0.005)
    assert np.all(rare.crosstalk_dbc >= often.crosstalk_dbc)
    again = estimate_mixing(link, launch_power_dbm=5.0, exceedance_ratio=0.05)
    assert np.array_equal(often.crosstalk_dbc, again.crosstalk_dbc)


def test_fibers_in_a_row_are_one(make_link: Callable[..., Link]) -> None:
    whole = estimate_mixing(make_link("800gbase-lr4", [10.0]), launch_power_dbm=5.0)
    parts = estimate_mixing(make_link("800gbase-lr4", [4.0, 6.0]), launch_power_dbm=5.0)
    np.testing.assert_allclose(whole.crosstalk_dbc, parts.crosstalk_dbc, rtol=1e-9)


def test_refusals(make_link: Callable[..., Link]) -> None:
    with pytest.raises(ParameterError, match="share a fiber"):
        estimate_mixing(make_link("400gbase-dr4", [0.4]))
    with pytest.raises(ParameterError, match="exceedance_ratio"):
        estimate_mixing(make_link("800gbase-lr4", [10.0]), launch_power_dbm=3.0, exceedance_ratio=0.0)
    with pytest.raises(ParameterError, match="launch power"):
        estimate_mixing(make_link("400g-er4-30", [30.0]))

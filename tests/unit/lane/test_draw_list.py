"""Draws one by one: the same numbers as the quantiles of all draws, whatever range and company they are asked in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lightlane.catalog.load import load_catalog
from lightlane.fabric.point_to_point import point_to_point
from lightlane.lane.budget import evaluate_links
from lightlane.lane.draw_list import LoweredDraws
from lightlane.lane.options import BudgetOptions

OPTIONS = BudgetOptions(draws_count=400, seed=3, quantiles=(0.01, 0.5))
LINKS = [point_to_point("400g-lr4-10", 8.0), replace(point_to_point("openzrplus-400g-ha", 40.0), name="other")]


def _lower(links: list, options: BudgetOptions = OPTIONS) -> LoweredDraws:
    return LoweredDraws.of(links, options, load_catalog().distributions.values())


@pytest.mark.parametrize("fidelity", ["budget", "surrogate"])
def test_ranked_draws_are_the_quantiles_and_ranges_agree(fidelity: str) -> None:
    options = replace(OPTIONS, fidelity=fidelity)
    lowered = _lower(LINKS, options)
    whole, part = lowered.list(range(400)), lowered.list(range(150, 210))
    assert np.array_equal(whole.margin_db[:, 150:210], part.margin_db)
    assert np.array_equal(whole.limited_by[:, 150:210], part.limited_by)
    batch = evaluate_links(LINKS, options=options)
    ranked = np.sort(whole.margin_db, axis=1)
    assert np.array_equal(ranked[:, 3], batch.link_columns["margin_1_percent_db"])
    assert np.array_equal(ranked[:, 199], batch.link_columns["margin_50_percent_db"])


def test_a_link_is_drawn_the_same_alone_and_out_of_order() -> None:
    both, alone = _lower(LINKS[::-1]).list(range(20)), _lower(LINKS[1:]).list(range(20))
    assert np.array_equal(both.margin_db[0], alone.margin_db[0])
    assert len(np.unique(alone.margin_db)) > 10

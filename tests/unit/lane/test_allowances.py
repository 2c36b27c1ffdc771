"""Allowances of paths: what passbands cost where their shape is not known, and the narrowest of them."""

from __future__ import annotations

import numpy as np

from lightlane.lane.allowances import filtering_penalties_db, narrowest_passbands_ghz

NONE = np.nan
OFFSETS = np.array([0, 3, 3, 5, 6])
"""Four paths; the second has no element at all."""


def test_a_shape_takes_the_place_of_every_allowance() -> None:
    figures = {
        # A shaped filter beside a ROADM that states its penalty; two ROADMs; nothing that filters.
        "passband_3db_ghz": np.array([65.0, NONE, 50.0, NONE, 60.0, NONE]),
        "passband_10db_ghz": np.array([80.0, NONE, NONE, 70.0, NONE, NONE]),
        "filtering_penalty_db": np.array([9.0, 0.0, 0.25, 0.5, 0.125, 0.0]),
    }
    allowances_db = np.array([4.0, 3.0, 2.0, 1.0])
    # What a filter of known shape states of its own is not counted either.
    assert filtering_penalties_db(figures, OFFSETS, allowances_db).tolist() == [0.25, 3.0, 2.625, 1.0]


def test_the_narrowest_filter_counts() -> None:
    passbands_ghz = np.array([65.0, NONE, 50.0, 70.0, 60.0, NONE])
    narrowest = narrowest_passbands_ghz(passbands_ghz, OFFSETS)
    assert narrowest[[0, 2]].tolist() == [50.0, 60.0]
    assert np.isnan(narrowest[[1, 3]]).all()

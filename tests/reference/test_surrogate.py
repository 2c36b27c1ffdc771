"""Surrogates against the waveform model that they were fitted to, at places and with symbols of their own.

Waveform accuracy of 0.1 dB is what surrogates are asked for. Symbols of these runs are others than those of the tables.
Bare paths have no reflections, DGD or four-wave mixing: the waveform draws what the surrogate counts as a quantile.
"""

from __future__ import annotations

import math

import pytest

from lightlane.fabric.direct_corners import Corner, corner_link
from lightlane.kernels.surrogate import EyeSurrogates
from lightlane.lane.budget import evaluate_link
from lightlane.lane.surrogate.build import compare_point
from lightlane.lane.surrogate.grids import GRIDS
from lightlane.lane.surrogate.runs import RunPoint, run_symbols
from lightlane.lane.surrogate.store import shipped_surrogates
from lightlane.lane.waveform.settings import WaveformSettings
from lightlane.lane.waveform.simulate import simulate_link

ACCURACY_DB = 0.1


def test_every_shipped_table_states_an_error_within_the_claim() -> None:
    shipped = {surrogate.name: surrogate for surrogate in shipped_surrogates()}
    assert set(shipped) == {grid.name for grid in GRIDS}
    for surrogate in shipped.values():
        assert len(surrogate.claimed()) >= 20
        assert surrogate.greatest_error_db() < ACCURACY_DB


@pytest.mark.parametrize("name", [grid.name for grid in GRIDS])
def test_between_its_places_a_table_agrees_with_runs_of_other_symbols(name: str) -> None:
    surrogate = next(item for item in shipped_surrogates() if item.name == name)
    grid = next(item for item in GRIDS if item.name == name)
    surrogates, symbols = EyeSurrogates([surrogate.table]), run_symbols(2**14, 77)
    for dispersion, chirp, bandwidth, extinction in [(-0.37, 0.61, 0.57, 3.7), (0.24, 0.13, 0.53, 5.3)]:
        point = RunPoint(
            dispersion_ratio=dispersion, chirp_alpha=chirp, bandwidth_ratio=bandwidth, extinction_ratio_db=extinction
        )
        assert abs(compare_point(surrogates, point, grid.target, symbols).error_db) < 0.05


@pytest.mark.parametrize(
    ("mode", "corner"),
    [("400gbase-fr4", "least"), ("400gbase-er8", "least"), ("800gbase-fr4-500", "greatest"), ("800gbase-lr4", "least")],
)
def test_a_bare_link_at_its_reach_has_the_sensitivity_of_the_waveform(mode: str, corner: Corner) -> None:
    link = corner_link(mode, mode, corner, bare=True)
    surrogate = evaluate_link(link, fidelity="surrogate")
    assert surrogate.fidelity == "surrogate"
    lane = min(surrogate.lanes, key=lambda item: item.fec_margin_db)
    settings = WaveformSettings(lanes=(lane.lane,), symbols_count=2**14)
    waveform = simulate_link(link, settings=settings).result.lanes[0]
    assert math.isfinite(lane.sensitivity_oma_dbm)
    assert lane.sensitivity_oma_dbm == pytest.approx(waveform.sensitivity_oma_dbm, abs=ACCURACY_DB)

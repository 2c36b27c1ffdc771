"""Which lanes of a batch a link has, what its margin is made of: without a window."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from lightlane import Contribution, LiveScenario
from lightlane_gui.link_view.figures import FIGURES
from lightlane_gui.link_view.steps import list_steps
from lightlane_gui.session.link_rows import LinkRows
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.session.selection import Selection

METRO = Path(__file__).parents[2] / "examples" / "09_years_of_a_metro" / "scenario.toml"


@pytest.fixture(scope="module")
def picture() -> FabricPicture:
    state = LiveScenario.open(METRO).state()
    return FabricPicture(1, "baseline", 0.0, state, False, 0.0)


def test_rows_of_a_link_are_those_that_carry_its_name(picture: FabricPicture) -> None:
    names = picture.state.batch.columns["link"]
    for name in picture.links:
        rows = LinkRows.find(picture, name)
        assert rows is not None
        assert np.flatnonzero(names == name).tolist() == list(range(rows.first, rows.last))
        result = picture.state.batch.link_results()[rows.place]
        assert rows.deciding - rows.first == result.worst_lane_index
    assert LinkRows.find(picture, "nowhere") is None
    assert LinkRows.find(None, picture.links[0]) is None


def test_every_lane_is_found_by_its_address_and_has_an_opposite(picture: FabricPicture) -> None:
    rows = LinkRows.find(picture, "adlershof")
    assert rows is not None
    for row in range(rows.first, rows.last):
        lane = picture.state.batch.lane_result(row, explain=False)
        assert rows.address(row) == (lane.channel_index, lane.direction, lane.lane)
        assert rows.choose(Selection("link", "adlershof", lane.channel_index, lane.direction, lane.lane)) == row
        other = picture.state.batch.lane_result(rows.opposite(row), explain=False)
        assert (other.channel_index, other.lane) == (lane.channel_index, lane.lane)
        assert other.direction != lane.direction


def test_a_lane_that_is_not_there_is_the_deciding_one(picture: FabricPicture) -> None:
    rows = LinkRows.find(picture, "adlershof")
    assert rows is not None
    assert rows.choose(Selection("link", "adlershof")) == rows.deciding
    assert rows.choose(Selection("link", "adlershof", 99)) == rows.deciding


def test_steps_add_up_to_the_margin_and_name_every_contribution(picture: FabricPicture) -> None:
    batch = picture.state.batch
    for row in picture.deciding_rows.tolist():
        steps = list_steps(batch.explain(row))
        assert steps[0].start_db == 0.0
        assert all(a.end_db == b.start_db for a, b in pairwise(steps))
        assert steps[-1].end_db == pytest.approx(batch.lane_result(row).margin_db, abs=1e-6)
        for step in steps:
            assert "Model: docs/models/" in step.explain() or step.explain().startswith("Contributions of less")


def test_small_steps_are_one_and_the_reference_is_matched_in_order() -> None:
    given = [Contribution("launch power", 5.0), Contribution("a", -0.001), Contribution("x", -1.0),
             Contribution("b", -0.002), Contribution("x", -2.0)]  # fmt: skip
    steps = list_steps(given)
    assert [step.label for step in steps] == ["launch power", "x", "x", "2 small contributions"]
    assert steps[-1].end_db == pytest.approx(1.997)
    reference = [Contribution("launch power", 5.0), Contribution("x", -1.5), Contribution("x", -2.5)]
    compared = list_steps(given, reference)
    assert [step.reference_db for step in compared[:3]] == [5.0, -1.5, -2.5]
    assert list_steps([]) == []


def test_figures_are_columns_with_a_unit_and_a_page(picture: FabricPicture) -> None:
    root = Path(__file__).parents[2]
    for figure in FIGURES:
        assert figure.name in picture.state.batch.columns
        for detection in ("coherent", "direct"):
            if figure.fits(detection):
                page = figure.explain(detection).rpartition("Model: ")[2]
                assert (root / page).is_file()

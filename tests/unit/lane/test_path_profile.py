"""A lane along its path: its end is the lane's result, its middle what the parts say."""

from dataclasses import replace

import numpy as np
import pytest
from tests.conftest import build_link

from lightlane import evaluate_link
from lightlane.errors import ParameterError
from lightlane.toolkit import follow_path


def coherent_link():
    line = {
        "mux": "mux-75ghz", "booster": "edfa-fixed-5.5", "preamplifier": "edfa-fixed-5.5",
        "span_launch_power_dbm": 1.0, "received_power_dbm": -6.0,
    }  # fmt: skip
    return build_link("openzrplus-400g-ha", (60.0,), line=line, channels=4)


def direct_link(lengths_km=(2.0, 6.0), **run):
    return build_link("400g-lr4-10", lengths_km, run={"connector_count": 2, **run})


@pytest.mark.parametrize("make", [coherent_link, direct_link])
def test_the_end_of_the_path_is_what_the_lane_receives(make):
    link = make()
    for lane in evaluate_link(link).lanes:
        path = follow_path(link, lane)
        assert path.level_dbm[0] == lane.launch_power_dbm
        assert path.level_dbm[-1] == pytest.approx(lane.received_power_dbm, abs=1e-9)
        assert path.distance_km[-1] == pytest.approx(link.length_km)
        assert path.chromatic_dispersion_ps_per_nm[-1] == pytest.approx(lane.chromatic_dispersion_ps_per_nm, abs=1e-9)
        for name in ("osnr_db", "gsnr_db"):
            assert getattr(path, name)[-1] == pytest.approx(getattr(lane, name), abs=1e-9, nan_ok=True)


def test_a_direct_lane_loses_what_its_parts_state():
    link = direct_link()
    lane = evaluate_link(link).lanes[0]
    path = follow_path(link, lane)
    steps_db = np.diff(path.level_dbm)
    connector_db = next(item.loss_db for item in path.elements if item.kind == "loss")
    assert [item.kind for item in path.elements] == ["loss", "fiber", "loss"] * 2
    assert steps_db[[0, 2, 3, 5]] == pytest.approx(-connector_db)
    # Same fiber: three times the length loses three times as much and has three times the dispersion.
    assert steps_db[4] == pytest.approx(3.0 * steps_db[1])
    shares = path.chromatic_dispersion_ps_per_nm
    assert shares[2] == pytest.approx(0.25 * shares[-1])


def test_a_stated_attenuation_is_taken_at_its_word():
    link = direct_link((10.0,), attenuation_db_per_km=0.5)
    lane = evaluate_link(link).lanes[0]
    assert np.diff(follow_path(link, lane).level_dbm)[1] == pytest.approx(-5.0)
    assert follow_path(link, lane).level_dbm[-1] == pytest.approx(lane.received_power_dbm, abs=1e-9)


def test_dispersion_inside_of_mixed_fiber_is_not_guessed():
    link = direct_link()
    other = link.a_to_b[4].part.model_copy(update={"id": "another"})
    mixed = replace(link, a_to_b=(*link.a_to_b[:4], replace(link.a_to_b[4], part=other), link.a_to_b[5]))
    lane = evaluate_link(link).lanes[0]
    found = follow_path(mixed, lane).chromatic_dispersion_ps_per_nm
    assert found[:2].tolist() == [0.0, 0.0]
    assert np.isnan(found[2:5]).all()
    assert found[-1] == lane.chromatic_dispersion_ps_per_nm


def test_a_dark_channel_is_refused():
    link = coherent_link()
    lane = replace(evaluate_link(link).lanes[0], channel_index=7)
    with pytest.raises(ParameterError, match="no lit channel 7; allowed: 0, 1, 2, 3"):
        follow_path(link, lane)

"""Only the wanted directions are simulated, and what they give does not change."""

from dataclasses import replace

import numpy as np
import pytest
from tests.conftest import build_link

from lightlane import WaveformSettings, simulate_link
from lightlane.errors import ParameterError
from lightlane.toolkit import picture_lane

SHORT = WaveformSettings(symbols_count=2**13)


@pytest.mark.parametrize("module", ["400g-lr4-10", "openzrplus-400g-ha"])
def test_one_direction_is_half_of_both(module):
    link = build_link(module, (5.0,))
    both = simulate_link(link, settings=SHORT)
    back = simulate_link(link, settings=replace(SHORT, directions=("b_to_a",)))
    assert [lane.direction for lane in both.result.lanes] == ["a_to_b", "b_to_a"]
    assert [lane.to_dict() for lane in back.result.lanes] == [both.result.lanes[1].to_dict()]
    assert back.waveforms[0].direction == "b_to_a"


def test_a_constellation_is_counted_in_as_many_places_as_asked():
    link = build_link("openzrplus-400g-ha", (5.0,))
    (lane,) = simulate_link(link, settings=replace(SHORT, directions=("a_to_b",))).waveforms
    coarse, fine = picture_lane(lane), picture_lane(lane, bins_count=220)
    assert fine.density_count.shape == (2, 220, 220)
    # Twice as fine: blocks of four make up the coarse one.
    blocks = fine.density_count.reshape(2, 110, 2, 110, 2).sum(axis=(2, 4))
    np.testing.assert_array_equal(blocks, coarse.density_count)


@pytest.mark.parametrize("wrong", [(), ("a_to_c",)])
def test_an_unknown_direction_is_refused(wrong):
    with pytest.raises(ParameterError, match="directions is"):
        WaveformSettings(directions=wrong)

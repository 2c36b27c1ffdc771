"""Frame loss of whole modules from the BERs of their lanes."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from lightlane import kernels
from lightlane.lane.budget import evaluate_link, evaluate_links
from lightlane.lane.frames import module_frame_loss_ratios
from lightlane.link import Link


def test_equal_lanes_are_each_lane(make_link: Callable[..., Link]) -> None:
    result = evaluate_link(make_link("400gbase-dr4", [0.4]))
    # All lanes of a parallel module are alike.
    assert result.frame_loss_ratio == pytest.approx(result.worst().frame_loss_ratio, rel=1e-9)
    assert result.to_dict()["frame_loss_ratio"] == result.frame_loss_ratio


def test_good_lanes_dilute_a_bad_one(make_link: Callable[..., Link]) -> None:
    link = make_link("400g-lr4-10", [9.0])
    bers = np.array([1e-5, 2e-5, 1e-5, 6e-4, 1e-6, 1e-6, 1e-6, 1e-6])
    found = module_frame_loss_ratios([link], np.array([0, 8]), bers)
    expected = kernels.module_frame_loss(bers[:4], interleaved_codewords_count=2).frame_loss_ratio
    assert found[0] == float(expected)
    alone = kernels.kp4_frame_loss_ratio(kernels.kp4_codeword_error_ratio(6e-4), interleaved_codewords_count=2)
    assert found[0] < float(alone)


def test_engines_are_modules_of_their_own(make_link: Callable[..., Link]) -> None:
    links = [make_link("800g-2xlr4", [9.0], name="two"), make_link("400g-lr4-10", [9.0], name="one")]
    bounds = np.array([0, 16, 24])
    bers = np.concatenate([np.full(12, 1e-5), np.full(4, 4e-4), np.full(8, 2e-4)])
    found = module_frame_loss_ratios(links, bounds, bers)
    worst = kernels.module_frame_loss([4e-4] * 4, interleaved_codewords_count=2).frame_loss_ratio
    assert found[0] == float(worst)
    assert found[1] < found[0]


def test_coherent_links_and_unknown_lanes_have_none(make_link: Callable[..., Link]) -> None:
    batch = evaluate_links([make_link("oif-400zr", [80.0])])
    assert math.isnan(batch.link_frame_loss_ratios()[0])
    link = make_link("400g-lr4-10", [9.0])
    bers = np.array([1e-5, math.nan, *[1e-5] * 6])
    assert math.isnan(module_frame_loss_ratios([link], np.array([0, 8]), bers)[0])

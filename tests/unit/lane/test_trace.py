"""The trace of a link is the budget, element by element."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lightlane.errors import ParameterError
from lightlane.fabric.point_to_point import point_to_point
from lightlane.lane.budget import evaluate_link
from lightlane.lane.trace import trace_link
from lightlane.link import Link


@pytest.fixture(scope="module")
def link() -> Link:
    return point_to_point(
        "openzrplus-400g-ha",
        80.0,
        channels=8,
        mux="mux-75ghz",
        booster="edfa-fixed-5.5",
        preamplifier="edfa-fixed-5.5",
        span_launch_power_dbm=1.0,
        received_power_dbm=-6.0,
    )


def test_sums_are_the_lane_results(link: Link) -> None:
    result = evaluate_link(link)
    traces = {trace.direction: trace for trace in trace_link(link)}
    for lane in result.lanes:
        trace = traces[lane.direction]
        k = lane.channel_index
        receiver = trace.receivers[k]
        tx_osnr_db = -10.0 * np.log10(receiver.transmitter_ratio)
        assert trace.level_dbm[k, -1] == pytest.approx(lane.received_power_dbm, abs=1e-9)
        assert trace.launch_power_dbm[k] + trace.level_step_db[k].sum() == pytest.approx(trace.level_dbm[k, -1])
        assert trace.osnr_db(tx_osnr_db)[k, -1] == pytest.approx(lane.osnr_db, abs=1e-9)
        assert trace.gsnr_db(tx_osnr_db)[k, -1] == pytest.approx(lane.gsnr_db, abs=1e-9)
        total_ps_per_nm = trace.chromatic_dispersion_ps_per_nm[k].sum()
        assert total_ps_per_nm == pytest.approx(lane.chromatic_dispersion_ps_per_nm, abs=1e-9)
        # The noise at the decision, put together again from its parts.
        line_ratio = 10.0 ** ((receiver.tabled_penalty_db + receiver.shaped_penalty_db - lane.gsnr_db) / 10.0)
        snr_db = -10.0 * np.log10(receiver.kappa_ratio * line_ratio + receiver.receiver_ratio)
        assert snr_db == pytest.approx(lane.snr_db, abs=1e-9)


def test_dark_channels_are_left_out(link: Link) -> None:
    lit = replace(link, lit_channels=(1, 5))
    for trace in trace_link(lit):
        assert trace.channel_indices.tolist() == [1, 5]
        assert trace.is_lit.all()
        assert trace.level_dbm.shape == (2, len(trace.elements))
    assert trace_link(link)[0].elements == link.a_to_b


def test_direct_detection_has_no_trace() -> None:
    with pytest.raises(ParameterError, match="not coherent"):
        trace_link(point_to_point("400g-lr4-10", 8.0))

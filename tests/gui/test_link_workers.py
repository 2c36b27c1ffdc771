"""What the workers of the link view find is what the core gives by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lightlane import LiveScenario, LiveState, WaveformSettings, simulate_link
from lightlane.toolkit import follow_path, picture_lane
from lightlane_gui.workers.lane_worker import LaneKey, LaneRequest, LaneShot, LaneWorker
from lightlane_gui.workers.link_worker import LinkRequest, LinkShot, LinkWorker

METRO = Path(__file__).parents[2] / "examples" / "09_years_of_a_metro" / "scenario.toml"
CUT_DAYS = 300.2
"""Between the cut of the duct ``avus`` and its repair."""


class Box:
    """A mailbox that keeps everything."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, Any]] = []

    def post(self, key: str, value: Any) -> None:
        self.posted.append((key, value))

    def wait_shown(self, time_s: float) -> bool:
        # Nothing stands in front of what a test asks for.
        return True


@pytest.fixture(scope="module")
def live() -> LiveScenario:
    return LiveScenario.open(METRO)


@pytest.fixture(scope="module")
def state(live: LiveScenario) -> LiveState:
    return live.state()


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def lane_worker(box: Box) -> Iterator[LaneWorker]:
    worker = LaneWorker(box)  # type: ignore[arg-type]
    yield worker
    worker.close()


def look(box: Box, state: LiveState, name: str, reference: LiveState | None = None) -> LinkShot:
    place, link = state.find_link(name)
    row = int(state.batch.deciding_lanes()[place])
    worker = LinkWorker(box)  # type: ignore[arg-type]
    worker.submit(LinkRequest(7, state, link, row, row + 1, reference, row))
    assert worker.wait()
    worker.close()
    ((key, shot),) = box.posted
    assert key == "link"
    assert isinstance(shot, LinkShot)
    return shot


def test_a_link_waits_until_the_picture_that_it_is_of_is_painted(state: LiveState) -> None:
    class Painting(Box):
        def wait_shown(self, time_s: float) -> bool:
            self.posted.append(("painted", time_s > 0.0))
            return True

    box = Painting()
    place, link = state.find_link("adlershof")
    row = int(state.batch.deciding_lanes()[place])
    worker = LinkWorker(box)  # type: ignore[arg-type]
    worker.submit(LinkRequest(7, state, link, row, row + 1))
    assert worker.wait()
    worker.close()
    assert [key for key, _ in box.posted] == ["painted", "link"]
    assert box.posted[0] == ("painted", True)


@pytest.mark.parametrize("name", ["berlin-potsdam", "adlershof"])
def test_a_link_is_explained_and_followed(box: Box, state: LiveState, name: str) -> None:
    shot = look(box, state, name, reference=state)
    assert shot.version == 7
    assert shot.lane.contributions == state.explain_link(name)
    assert shot.reference is not None
    assert shot.reference.contributions == shot.lane.contributions
    assert [path.level_dbm[-1] for path in shot.paths] == pytest.approx(
        [shot.lane.received_power_dbm, shot.opposite.received_power_dbm], abs=1e-9
    )
    expected = follow_path(shot.link, shot.lane, options=state.options)
    np.testing.assert_array_equal(shot.paths[0].level_dbm, expected.level_dbm)


def test_of_a_cut_link_no_path_is_shown(box: Box, live: LiveScenario) -> None:
    shot = look(box, live.state(time_days=CUT_DAYS), "berlin-potsdam")
    assert shot.paths == ()
    assert "cut" in shot.why_no_path


def request_of(state: LiveState, name: str, rounds: tuple[int, ...]) -> LaneRequest:
    place, link = state.find_link(name)
    lane = state.batch.lane_result(int(state.batch.deciding_lanes()[place]))
    key = LaneKey(link, state.options, lane.direction, lane.channel_index, lane.lane)
    return LaneRequest(key, lane, state.wanted_margin_db, rounds)


def test_rounds_come_in_order_and_are_the_simulation(box: Box, state: LiveState, lane_worker: LaneWorker) -> None:
    request = request_of(state, "berlin-potsdam", (2**13, 2**13))
    lane_worker.submit(request)
    assert lane_worker.wait()
    assert [key for key, _ in box.posted] == ["lane", "lane", "lane_done"]
    shots = [shot for _, shot in box.posted if isinstance(shot, LaneShot)]
    assert [shot.symbols_count for shot in shots] == [2**13, 2**13]
    assert [shot.is_last for shot in shots] == [False, True]
    # The same lane without a window: the same bits.
    found = simulate_link(
        request.key.link,
        settings=WaveformSettings(
            symbols_count=2**13, channels=(request.key.channel_index,), directions=(request.key.direction,)
        ),
        options=state.options,
        wanted_margin_db=state.wanted_margin_db,
    )
    assert shots[0].result is not None
    assert shots[0].result.to_dict() == found.result.lanes[0].to_dict()
    expected = picture_lane(found.waveforms[0])  # type: ignore[arg-type]
    assert shots[0].picture is not None
    assert shots[0].picture.bit_errors_count == expected.bit_errors_count


@pytest.mark.slow
def test_a_direct_lane_is_measured_in_the_last_round_alone(box: Box, state: LiveState, lane_worker: LaneWorker) -> None:
    request = request_of(state, "adlershof", (2**13, 2**13))
    lane_worker.submit(request)
    assert lane_worker.wait()
    first, last = (shot for _, shot in box.posted if isinstance(shot, LaneShot))
    assert first.result is not None
    assert last.result is not None
    assert first.result.tdecq_db == request.budget.tdecq_db
    assert last.result.tdecq_db != request.budget.tdecq_db


def test_what_is_cancelled_posts_no_more_and_a_cut_lane_says_why(
    box: Box, live: LiveScenario, state: LiveState, lane_worker: LaneWorker
) -> None:
    lane_worker.submit(request_of(state, "berlin-potsdam", (2**17,)))
    lane_worker.cancel()
    assert lane_worker.wait()
    assert box.posted == []
    lane_worker.submit(request_of(live.state(time_days=CUT_DAYS), "berlin-potsdam", (2**13,)))
    assert lane_worker.wait()
    (key, shot), (end, _) = box.posted
    assert (key, end) == ("lane", "lane_done")
    assert shot.picture is None
    assert "cut" in shot.reason

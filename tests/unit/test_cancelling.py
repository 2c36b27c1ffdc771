"""Cancelling in the middle of one unit of work: nothing is counted as done, and the long rest is not calculated."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from lightlane import kernels
from lightlane.catalog.load import load_catalog
from lightlane.errors import Cancelled
from lightlane.fabric.point_to_point import point_to_point
from lightlane.kernels import IntegralSpan, RamanPump, Task
from lightlane.lane.budget import evaluate_links
from lightlane.lane.options import BudgetOptions
from lightlane.lane.waveform.settings import WaveformSettings
from lightlane.lane.waveform.simulate import simulate_link
from lightlane.lane.waveform.timing import timed
from lightlane.link import Link

MakeLink = Callable[..., Link]
COMB_THZ = 193.4 + 0.05 * (np.arange(96) - 47.5)


def _cancel_in_the_middle(work: Callable[[Task], object]) -> tuple[int, int]:
    """Cancel the work a moment after it has begun and return its progress; if it comes to its end, the test fails."""
    task = Task()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(work, task)
        while task.progress()[1] == 0 and not running.done():
            time.sleep(0.01)
        time.sleep(0.2)
        task.cancel()
        with pytest.raises(Cancelled):
            running.result()
    return task.progress()


def _line(**more: Any) -> dict[str, Any]:
    edfa = "edfa-fixed-5.5"
    ends = {"booster": edfa, "inline": edfa, "preamplifier": edfa, "received_power_dbm": -8.0}
    return {"mux": "mux-75ghz", "span_launch_power_dbm": 0.0, **ends, **more}


def test_a_link_by_integral(make_link: MakeLink) -> None:
    link = make_link("openzrplus-400g-ha", [80.0] * 12, channels=60, line=_line())
    options = BudgetOptions(nonlinear_model="integral")
    done, total = _cancel_in_the_middle(lambda task: evaluate_links([link], options=options, task=task))
    assert (done, total) == (0, 120)


def test_a_link_with_many_pumped_spans(make_link: MakeLink) -> None:
    pumps = load_catalog().get_amplifier("raman-two-counter-pumps")
    # No two spans are alike, so that each is solved.
    spans_km = [70.0 + 0.1 * number for number in range(150)]
    link = make_link("openzrplus-400g-ha", spans_km, channels=60, line=_line(raman=pumps))
    done, total = _cancel_in_the_middle(lambda task: evaluate_links([link], task=task))
    assert (done, total) == (0, 120)


def test_one_channel_of_an_integral() -> None:
    span = IntegralSpan(
        length_km=80.0, dispersion_ps_per_nm_km=16.7, slope_ps_per_nm2_km=0.06, gamma_per_w_km=1.3,
        launch_power_dbm=0.0, attenuation_db_per_km=0.2,
    )  # fmt: skip

    def integrate(task: Task) -> object:
        return kernels.integrate_nonlinear_interference(
            COMB_THZ, 40.0, [span] * 40, reference_thz=193.4, targets=[48], tolerance_fraction=1e-5,
            evaluations_max_count=10**12, task=task,
        )  # fmt: skip

    assert _cancel_in_the_middle(integrate) == (0, 1)


def test_one_raman_solution() -> None:
    pumps = [RamanPump(205.0, 300.0, "backward", 0.25), RamanPump(201.0, 300.0, "backward", 0.25)]

    def solve(task: Task) -> object:
        task.start(1)
        return kernels.solve_raman(
            COMB_THZ, 0.0, length_km=100.0, attenuation_db_per_km=0.2, pumps=pumps, effective_area_um2=83.0,
            step_km=1e-4, task=task,
        )  # fmt: skip

    assert _cancel_in_the_middle(solve) == (0, 1)


@pytest.mark.parametrize(
    ("link", "where"),
    [
        (("400g-lr4-10", 5.0), "lightlane.lane.waveform.direct.lane"),
        (("openzrplus-400g-ha", 40.0), "lightlane.lane.waveform.simulate"),
    ],
)
def test_no_part_of_a_simulation_begins_once_nobody_waits(
    link: tuple[str, float], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = Task()
    begun: list[str] = []

    @contextmanager
    def cancelled_in_the_second(durations_s: dict[str, float], part: str, given: Task) -> Iterator[None]:
        assert given is task
        with timed(durations_s, part, given):
            begun.append(part)
            yield
            if len(begun) == 2:
                task.cancel()

    monkeypatch.setattr(f"{where}.timed", cancelled_in_the_second)
    with pytest.raises(Cancelled):
        simulate_link(point_to_point(*link), settings=WaveformSettings(symbols_count=2**14), task=task)
    assert len(begun) == 2

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lightlane import kernels
from lightlane.errors import Cancelled, ParameterError

ZEROS = np.zeros(544, dtype=int)
WRONG: dict[str, Callable[[], Any]] = {
    "message has the shape": lambda: kernels.encode_kp4(np.zeros(513, dtype=int)),
    "message is 1024": lambda: kernels.encode_kp4(np.full(514, 1024)),
    "message is -1": lambda: kernels.encode_kp4(np.full(514, -1)),
    "message is of the type float64": lambda: kernels.encode_kp4(np.full(514, np.nan)),
    "received has the shape": lambda: kernels.decode_kp4(0),
    "erased has the shape": lambda: kernels.decode_kp4(ZEROS, erased=ZEROS),
    "lanes_count is 3": lambda: kernels.distribute_kp4(np.zeros((1, 544), dtype=int), lanes_count=3),
    "lanes_count is 0": lambda: kernels.distribute_kp4(np.zeros((1, 544), dtype=int), lanes_count=0),
    "codewords has the shape": lambda: kernels.distribute_kp4(ZEROS, lanes_count=4),
    "line has the shape": lambda: kernels.collect_kp4(ZEROS, codewords_count=1),
    "codewords_count is 0": lambda: kernels.collect_kp4(np.zeros((68, 8), dtype=int), codewords_count=0),
    "code is golay": lambda: kernels.encode_inner("golay", [0]),  # type: ignore[arg-type]
    "information is 2": lambda: kernels.encode_inner("bch-126-110", np.full(110, 2)),
    "bits has the shape": lambda: kernels.decode_inner_hard("bch-126-110", np.zeros(125, dtype=int)),
    "log_likelihood_ratio is of the type int64": lambda: kernels.decode_inner_soft(
        "bch-126-110", np.zeros(126, dtype=np.int64)
    ),
    "not finite": lambda: kernels.decode_inner_soft("bch-126-110", np.full(126, np.nan)),
    "not finite in single": lambda: kernels.decode_inner_soft("bch-126-110", np.full(126, 1e300)),
    "log_likelihood_ratio is 1": lambda: kernels.decode_inner_soft("bch-126-110", np.full(126, 1e35)),
    "test_bits_count is 9": lambda: kernels.decode_inner_soft("bch-126-110", np.zeros(126), test_bits_count=9),
    "code is kp5": lambda: kernels.count_fec_errors("kp5", pre_fec_ber=1e-3, frames_count=1),
    "pre_fec_ber is 0": lambda: kernels.count_fec_errors("kp4", pre_fec_ber=0.0, frames_count=1),
    "frames_count is -1": lambda: kernels.count_fec_errors("kp4", pre_fec_ber=1e-3, frames_count=-1),
    "bits holds something else": lambda: kernels.receive_bits([2], channel="bpsk", pre_fec_ber=1e-3),
    "channel is air": lambda: kernels.receive_bits([1], channel="air", pre_fec_ber=1e-3),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("message", WRONG)
def test_wrong_input_is_refused(message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        WRONG[message]()


def test_shapes_are_kept() -> None:
    words = kernels.encode_kp4(np.zeros((2, 3, 514), dtype=int))
    assert words.shape == (2, 3, 544)
    assert kernels.decode_kp4(words).failed.shape == (2, 3)
    assert kernels.encode_kp4(np.zeros((0, 514), dtype=int)).shape == (0, 544)
    decoded = kernels.decode_inner_soft("bch-126-110", np.ones((4, 0, 126)))
    assert decoded.information.shape == (4, 0, 110)


def test_counts_add_and_tasks_cancel() -> None:
    def count(first: int, frames: int) -> kernels.FecCounts:
        return kernels.count_fec_errors("bch-126-110", pre_fec_ber=2e-2, first_frame=first, frames_count=frames, seed=9)

    assert count(0, 100) + count(100, 250) == count(0, 350)
    task = kernels.Task()
    task.cancel()
    with pytest.raises(Cancelled):
        kernels.count_fec_errors("kp4", pre_fec_ber=1e-3, frames_count=10, task=task)


def test_ratios_of_the_binary_symmetric_channel_are_all_alike() -> None:
    llrs = kernels.receive_bits(np.zeros(1000, dtype=int), channel="binary_symmetric", pre_fec_ber=0.2)
    assert np.abs(llrs) == pytest.approx(np.log(4.0), rel=1e-6)
    assert 140 < (llrs < 0).sum() < 260

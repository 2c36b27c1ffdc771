"""Refusals, cancelling and sums of the kernels of product-like codes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lightlane import kernels
from lightlane.errors import Cancelled, ParameterError


def with_llr(value: float) -> np.ndarray:
    llr = np.zeros(4096)
    llr[7] = value
    return llr


def one_pass(**changes: float) -> kernels.OfecSchedule:
    values = {"test_places_count": 6, "scale_ratio": 0.5, "confidence_log_ratio": 4.0} | changes
    return kernels.OfecSchedule(soft=(kernels.SoftPass(**values),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("information", lambda: kernels.encode_product(np.zeros(3551), code="ofec")),
        ("information", lambda: kernels.encode_product(np.full(3552, 2), code="ofec")),
        ("information", lambda: kernels.encode_product(np.full(3552, 0.5), code="ofec")),
        ("information", lambda: kernels.encode_product(np.zeros((1, 1, 3552)), code="ofec")),
        ("information", lambda: kernels.encode_product(np.zeros(3552), code="cfec")),
        ("code", lambda: kernels.encode_product(np.zeros(3552), code="kp4")),  # type: ignore[arg-type]
        ("streams", lambda: kernels.encode_product(np.zeros(0), code="ofec")),
        ("llr", lambda: kernels.decode_ofec(np.zeros(4095))),
        ("llr", lambda: kernels.decode_ofec(with_llr(np.nan))),
        ("llr", lambda: kernels.decode_ofec(with_llr(-np.inf))),
        ("llr", lambda: kernels.decode_ofec(with_llr(1e300))),
        ("llr", lambda: kernels.decode_cfec(with_llr(0.0))),
        ("bits", lambda: kernels.decode_ofec_hard(np.zeros(1))),
        ("bits", lambda: kernels.decode_staircase(np.full(261_120, 3))),
        ("hard_passes_count", lambda: kernels.decode_ofec_hard(np.zeros(4096), hard_passes_count=17)),
        ("hard_passes_count", lambda: kernels.decode_ofec_hard(np.zeros(4096), hard_passes_count=-1)),
        ("test_places_count", lambda: kernels.decode_ofec(with_llr(0.0), schedule=one_pass(test_places_count=8))),
        ("scale_ratio", lambda: kernels.decode_ofec(with_llr(0.0), schedule=one_pass(scale_ratio=np.nan))),
        (
            "confidence_log_ratio",
            lambda: kernels.decode_ofec(with_llr(0.0), schedule=one_pass(confidence_log_ratio=-1.0)),
        ),
        (
            "window_blocks_count",
            lambda: kernels.decode_staircase(
                np.zeros(261_120), schedule=kernels.StaircaseSchedule(window_blocks_count=17)
            ),
        ),
        (
            "passes_count",
            lambda: kernels.decode_staircase(np.zeros(261_120), schedule=kernels.StaircaseSchedule(passes_count=0)),
        ),
        ("encoded", lambda: kernels.interleave_ofec(np.zeros((3, 86_016)), symbol_bits_count=4)),
        ("encoded", lambda: kernels.interleave_ofec(np.zeros((4, 86_015)), symbol_bits_count=4)),
        ("symbol_bits_count", lambda: kernels.deinterleave_ofec(np.zeros(344_064), symbol_bits_count=6)),  # type: ignore[arg-type]
        ("pre_fec_ber", lambda: kernels.count_product_fec("ofec", pre_fec_ber=np.nan, frames=1, seed=1)),
        ("pre_fec_ber", lambda: kernels.count_product_fec("cfec", pre_fec_ber=0.45, frames=1, seed=1)),
        ("frames", lambda: kernels.count_product_fec("ofec", pre_fec_ber=0.01, frames=-1, seed=1)),
        ("code", lambda: kernels.count_product_fec("kp4", pre_fec_ber=0.01, frames=1, seed=1)),  # type: ignore[arg-type]
        (
            "channel",
            lambda: kernels.count_product_fec("ofec", pre_fec_ber=0.01, frames=1, seed=1, channel="x"),  # type: ignore[arg-type]
        ),
    ],
)
def test_bad_input_is_refused_by_name(name: str, call: Callable[[], object]) -> None:
    with pytest.raises(ParameterError, match=rf"^{name} "):
        call()


@pytest.mark.parametrize("code", ["ofec", "scfec", "cfec"])
def test_a_cancelled_count_stops(code: kernels.ProductCode) -> None:
    task = kernels.Task()
    task.cancel()
    with pytest.raises(Cancelled):
        kernels.count_product_fec(code, pre_fec_ber=0.004, frames=1000, seed=1, task=task)


def test_counts_of_any_split_add_up_and_progress_is_counted() -> None:
    task = kernels.Task()
    task.start(2)
    whole = kernels.count_product_fec("ofec", pre_fec_ber=0.0225, frames=2, first_frame=5, seed=9, task=task)
    parts = [
        kernels.count_product_fec("ofec", pre_fec_ber=0.0225, frames=1, first_frame=first, seed=9) for first in (5, 6)
    ]
    assert parts[0] + parts[1] == whole
    assert parts[0] != parts[1]
    assert task.progress() == (2, 2)
    assert whole.bits_count == 2 * 420 * 16 * 111
    assert 0.0 < whole.post_fec_ber < whole.pre_fec_ber


def test_no_frames_count_nothing() -> None:
    counts = kernels.count_product_fec("scfec", pre_fec_ber=0.0225, frames=0, seed=9)
    assert counts.frames_count == counts.bits_count == 0
    assert np.isnan(counts.post_fec_ber)
    assert np.isnan(counts.pre_fec_ber)

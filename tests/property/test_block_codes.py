"""What must hold of KP4 and its inner codes for every word."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightlane import kernels

COMMON = settings(max_examples=60, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)
INNER = {"hamming-128-120": (120, 128, 1), "bch-126-110": (110, 126, 2)}
INNER_NAMES: Any = st.sampled_from(sorted(INNER))


def damage(rng: np.random.Generator, count: int) -> np.ndarray:
    errors = np.zeros(544, dtype=np.int64)
    errors[rng.choice(544, count, replace=False)] = rng.integers(1, 1024, count)
    return errors


@COMMON
@given(seed=SEEDS, errors_count=st.integers(0, 15), data=st.data())
def test_kp4_corrects_every_pattern_within_reach(seed: int, errors_count: int, data: st.DataObject) -> None:
    erasures_count = data.draw(st.integers(0, 30 - 2 * errors_count))
    rng = np.random.default_rng(seed)
    word = kernels.encode_kp4(rng.integers(0, 1024, 514))
    places = rng.permutation(544)[: errors_count + erasures_count]
    received = word.astype(np.int64)
    received[places[:errors_count]] ^= rng.integers(1, 1024, errors_count)
    received[places[errors_count:]] = rng.integers(0, 1024, erasures_count)
    erased = np.zeros(544, dtype=bool)
    erased[places[errors_count:]] = True
    decoded = kernels.decode_kp4(received, erased=erased)
    assert not decoded.failed
    assert (decoded.codewords == word).all()
    assert decoded.corrected_symbols_count == (received != word).sum()
    assert decoded.corrected_bits_count == sum(int(x).bit_count() for x in received ^ word)


@COMMON
@given(seed=SEEDS, errors_count=st.integers(16, 544))
def test_kp4_beyond_reach_fails_or_gives_another_codeword(seed: int, errors_count: int) -> None:
    rng = np.random.default_rng(seed)
    word = kernels.encode_kp4(rng.integers(0, 1024, 514))
    received = word ^ damage(rng, errors_count)
    decoded = kernels.decode_kp4(received)
    if decoded.failed:
        assert (decoded.codewords == received).all()
    else:
        # A miscorrection: a codeword within reach that is not the one sent.
        assert (decoded.codewords != word).sum() >= 31
        assert (kernels.encode_kp4(decoded.codewords[:514]) == decoded.codewords).all()
        assert (decoded.codewords != received).sum() <= 15


@COMMON
@given(seed=SEEDS, name=INNER_NAMES, data=st.data())
def test_inner_codes_correct_within_reach_and_notice_one_more(seed: int, name: Any, data: st.DataObject) -> None:
    information_count, bits_count, reach = INNER[name]
    errors_count = data.draw(st.integers(0, reach + 1))
    rng = np.random.default_rng(seed)
    information = rng.integers(0, 2, information_count)
    word = kernels.encode_inner(name, information)
    word[rng.choice(bits_count, errors_count, replace=False)] ^= 1
    decoded = kernels.decode_inner_hard(name, word)
    assert decoded.failed == (errors_count > reach)
    if errors_count <= reach:
        assert (decoded.information == information).all()
        assert decoded.corrected_bits_count == errors_count


@COMMON
@given(seed=SEEDS, name=INNER_NAMES, test_bits_count=st.integers(0, 8))
def test_soft_decisions_never_end_farther_than_hard_ones(seed: int, name: Any, test_bits_count: int) -> None:
    information_count, _, _ = INNER[name]
    rng = np.random.default_rng(seed)
    word = kernels.encode_inner(name, rng.integers(0, 2, (20, information_count)))
    llrs = kernels.receive_bits(word, channel="bpsk", pre_fec_ber=3e-2, seed=seed)
    hard_bits = (llrs < 0).astype(np.uint8)
    soft = kernels.decode_inner_soft(name, llrs, test_bits_count=test_bits_count)
    hard = kernels.decode_inner_hard(name, hard_bits)

    def distance(decoding: kernels.InnerDecoding) -> np.ndarray:
        again = kernels.encode_inner(name, decoding.information)
        return np.where(decoding.failed, np.inf, (np.abs(llrs) * (again != hard_bits)).sum(-1))

    # Sums in single precision: 1e-5 of a few hundred.
    assert (distance(soft) <= distance(hard) * (1 + 1e-5) + 1e-3).all()


@COMMON
@given(seed=SEEDS, scale=st.sampled_from([0.0, 1e-30, 1.0, 1e29]), name=INNER_NAMES)
def test_any_word_decodes_to_something(seed: int, scale: float, name: Any) -> None:
    information_count, bits_count, _ = INNER[name]
    rng = np.random.default_rng(seed)
    decoded = kernels.decode_inner_soft(name, scale * rng.standard_normal((8, bits_count)))
    assert decoded.information.shape == (8, information_count)
    words = rng.integers(0, 1024, (3, 544))
    erased = rng.random((3, 544)) < rng.choice([0.0, 0.01, 0.05, 1.0])
    assert kernels.decode_kp4(words, erased=erased).failed.shape == (3,)


@pytest.mark.parametrize("codewords_count", [1, 2, 4])
def test_distribution_is_undone(codewords_count: int) -> None:
    words = np.random.default_rng(1).integers(0, 1024, (codewords_count, 544))
    line = kernels.distribute_kp4(words, lanes_count=8)
    assert line.shape == (68 * codewords_count, 8)
    assert (kernels.collect_kp4(line, codewords_count=codewords_count) == words).all()

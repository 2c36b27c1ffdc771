"""Laws of product-like codes: what is encoded comes back, t errors in each word are corrected, more are seen.

Streams are short: the default number of examples must stay within a second or two.
"""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lightlane import kernels

BLOCKS = 12
SEEDS = st.integers(0, 2**32 - 1)


def encoded(seed: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(seed)
    information = rng.integers(0, 2, BLOCKS * kernels.OFEC_BLOCK_INFORMATION_BITS, dtype=np.uint8)
    return information, kernels.encode_product(information, code="ofec"), rng


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, level_llr=st.floats(0.5, 60.0))
def test_ofec_round_trip(seed: int, level_llr: float) -> None:
    information, line, _ = encoded(seed)
    found = kernels.decode_ofec(level_llr * (1.0 - 2.0 * line))
    assert np.array_equal(found.information, information)
    assert not found.changed_bits_count.any()
    assert not found.flagged_words_count.any()


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_two_errors_in_a_word_of_ofec_are_corrected(seed: int) -> None:
    """A word's back half is a row of a square through all eight squares; two of its bits, in every other row."""
    information, line, rng = encoded(seed)
    count = 0
    for row in range(2 * BLOCKS):
        r = rng.integers(16)
        for k in rng.choice(128, 2, replace=False):
            line[row // 2 * 4096 + k // 16 * 512 + row % 2 * 256 + r * 16 + (k % 16 ^ r)] ^= 1
            count += 1
    # A front half that meets these bits may have more errors: the passes take them one after the other.
    found = kernels.decode_ofec_hard(line, hard_passes_count=4)
    assert np.array_equal(found.information, information)
    assert found.changed_bits_count[0] == count
    assert found.flagged_words_count[0] == 0


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, errors=st.integers(0, 1500))
def test_errors_are_corrected_or_flagged(seed: int, errors: int) -> None:
    """A stream without flags is one of codewords: if it is not the sent one, it is another, of distance 6 or more."""
    information, line, rng = encoded(seed)
    line[rng.choice(line.size, errors, replace=False)] ^= 1
    found = kernels.decode_ofec_hard(line, hard_passes_count=6)
    wrong = int(np.sum(found.information != information))
    if found.flagged_words_count[0] == 0 and wrong:
        again = kernels.decode_ofec_hard(kernels.encode_product(found.information, code="ofec"))
        assert np.array_equal(again.information, found.information)
        assert int(np.sum(kernels.encode_product(found.information ^ information, code="ofec"))) >= 6


@settings(max_examples=10, deadline=None)
@given(
    seed=SEEDS,
    tests=st.integers(1, 7),
    scale=st.floats(0.0, 1.0),
    confidence=st.floats(0.0, 31.75),
    spread=st.sampled_from([0.0, 1e-3, 10.0, 1e6]),
)
def test_any_ratios_come_to_an_end(seed: int, tests: int, scale: float, confidence: float, spread: float) -> None:
    llr = np.random.default_rng(seed).uniform(-spread, spread, (2, 6 * 4096))
    soft = kernels.SoftPass(test_places_count=tests, scale_ratio=scale, confidence_log_ratio=confidence)
    found = kernels.decode_ofec(llr, schedule=kernels.OfecSchedule(soft=(soft, soft), hard_passes_count=1))
    assert found.information.shape == (2, 6 * 3552)
    # A row alone gives what it gives beside others.
    alone = kernels.decode_ofec(llr[1], schedule=kernels.OfecSchedule(soft=(soft, soft), hard_passes_count=1))
    assert np.array_equal(alone.information, found.information[1])


@settings(max_examples=3, deadline=None)
@given(seed=SEEDS)
def test_three_errors_in_each_word_of_the_staircase_are_corrected(seed: int) -> None:
    rng = np.random.default_rng(seed)
    information = rng.integers(0, 2, 2 * kernels.STAIRCASE_BLOCK_INFORMATION_BITS, dtype=np.uint8)
    blocks = kernels.encode_product(information, code="scfec").reshape(2, 512, 510)
    for row in range(512):
        blocks[1, row, rng.choice(510, 3, replace=False)] ^= 1
    found = kernels.decode_staircase(blocks.reshape(-1))
    assert np.array_equal(found.information, information)
    assert found.changed_bits_count[0] == 3 * 512

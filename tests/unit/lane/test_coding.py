"""The bits of a lane through the code of its mode."""

from __future__ import annotations

import numpy as np
import pytest

from lightlane import kernels
from lightlane.catalog.load import load_catalog
from lightlane.lane.waveform.coding import DecodedPayload, decode_payload, least_bits_count
from lightlane.lane.waveform.verdict import left_by_fec


def decode(fec: str, count: int, pre_fec_ber: float, channel: str, *, symbol_bits_count: int = 8) -> DecodedPayload:
    sent = kernels.random_bits(count, seed=3, stream=4)
    ratios = kernels.receive_bits(sent, channel=channel, pre_fec_ber=pre_fec_ber, seed=5)  # type: ignore[arg-type]
    found = decode_payload(fec, sent, ratios, symbol_bits_count=symbol_bits_count, seed=6, stream=7)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("fec", "channel", "good", "bad"),
    [
        # Below and above the thresholds of the codes: 2.0e-2, 4.5e-3, 2.4e-4.
        ("ofec", "bpsk", 1.8e-2, 2.4e-2),
        ("sc-fec", "binary_symmetric", 4e-3, 7e-3),
        ("kp4-2", "binary_symmetric", 2.4e-4, 6e-3),
    ],
)
def test_codes_correct_below_their_threshold_and_not_above(fec: str, channel: str, good: float, bad: float) -> None:
    count = least_bits_count(fec) if fec != "kp4-2" else 24 * least_bits_count(fec)
    below, above = decode(fec, count, good, channel), decode(fec, count, bad, channel)
    assert (below.bit_errors_count, below.wrong_words_count) == (0, 0)
    assert above.post_fec_ber == pytest.approx(bad, rel=0.6)
    assert above.wrong_words_count > 0.9 * above.words_count
    assert above.flagged_words_count > 0


@pytest.mark.parametrize("symbol_bits_count", [4, 6, 8])
def test_the_order_of_the_line_does_not_matter_to_independent_errors(symbol_bits_count: int) -> None:
    found = decode("ofec", least_bits_count("ofec"), 1.8e-2, "bpsk", symbol_bits_count=symbol_bits_count)
    assert found.bit_errors_count == 0
    assert found.bits_count == 4 * 21 * kernels.OFEC_BLOCK_INFORMATION_BITS


@pytest.mark.parametrize(
    ("fec", "code"), [("hamming-128-120-kp4", "hamming-128-120"), ("bch-126-110-kp4", "bch-126-110")]
)
def test_inner_codes_hand_on_what_the_catalog_says(fec: str, code: str) -> None:
    ber = 1.3e-2
    found = decode(fec, 2_000_000, ber, "pam4", symbol_bits_count=2)
    counted = kernels.count_fec_errors(code, pre_fec_ber=ber, frames_count=40_000, seed=8)
    expected = counted.symbol_errors_count / counted.symbols_count
    # Errors come in words: a fifth of them as many events.
    deviation = 4.0 * np.sqrt(5.0 / found.symbol_errors_count + 5.0 / counted.symbol_errors_count)
    assert found.symbol_errors_count / found.symbols_count == pytest.approx(expected, rel=deviation)


def test_a_lane_is_judged_behind_its_last_decoder() -> None:
    """What an inner code leaves is not post-FEC BER: KP4 comes behind it. What oFEC leaves is."""
    catalog = load_catalog()
    inner = decode("bch-126-110-kp4", 2_000_000, 1e-2, "pam4")
    assert inner.bit_errors_count > 100
    assert left_by_fec(catalog.get_fec("bch-126-110-kp4"), 1e-2, inner)[0] < 1e-6 < inner.post_fec_ber
    whole = decode("ofec", least_bits_count("ofec"), 2.4e-2, "bpsk")
    assert left_by_fec(catalog.get_fec("ofec"), 2.4e-2, whole)[0] == whole.post_fec_ber


def test_a_burst_that_kp4_does_not_see_spread_is_lost() -> None:
    """A run of 200 wrong bits is 20 symbols of one word, more than the 15 that it corrects."""
    count = 3 * least_bits_count("kp4-1")
    sent = kernels.random_bits(count, seed=3, stream=4)
    ratios = (10.0 * (1.0 - 2.0 * sent)).astype(np.float32)
    ratios[6000:6200] *= -1.0
    found = decode_payload("kp4-1", sent, ratios, symbol_bits_count=2, seed=6, stream=7)
    assert found is not None
    assert (found.words_count, found.wrong_words_count, found.bit_errors_count) == (3, 1, 200)


def test_too_few_bits_are_not_decoded() -> None:
    sent = np.zeros(1000, dtype=np.uint8)
    for fec in ("ofec", "cfec", "sc-fec", "kp4-1"):
        assert decode_payload(fec, sent, np.ones(1000, dtype=np.float32), symbol_bits_count=8, seed=1, stream=1) is None

"""oFEC against maiman, and waterfalls of oFEC, the staircase code and CFEC against thresholds and simulations.

Sources: maiman 0.17.0, which reproduces the test vectors of the Open ROADM W-Port specification (encoder and
interleaver must agree bit for bit). oFEC waterfall: an independent simulation with three soft and two hard passes
(six test places), post-FEC 6.3e-4 at 2.10e-2, 4.1e-5 at 2.06e-2, 1.1e-6 at 2.01e-2. The claim is "at or better", so
bounds are one-sided, plus four standard deviations, doubled since errors come in bursts. CFEC inner stage: an
independent simulation of Chase decoding behind 16QAM, 4.0e-3 at 1.25e-2 and 3.6e-3 at 1.21e-2, of two digits.
Thresholds: G.709.2 (4.5e-3), OIF 400ZR (1.25e-2); well beyond them the codes must fail, or the channel would not be
what it says.
"""

from __future__ import annotations

import numpy as np
import pytest

from lightlane import kernels

ofec = pytest.importorskip("maiman.ofec")

HALF_FRAME_BLOCKS = 21


def random_bits(*shape: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2, shape, dtype=np.uint8)


def test_ofec_encoder_is_that_of_maiman_bit_for_bit() -> None:
    information = random_bits(2, 24 * kernels.OFEC_BLOCK_INFORMATION_BITS)
    line = kernels.encode_product(information, code="ofec")
    for ours, bits in zip(line, information, strict=True):
        assert np.array_equal(ours, ofec.ofec_encode_stream(bits))


@pytest.mark.parametrize(("symbol_bits_count", "modulation"), [(4, "qpsk"), (8, "16qam")])
def test_ofec_interleaver_is_that_of_maiman_bit_for_bit(symbol_bits_count: int, modulation: str) -> None:
    encoded = random_bits(4, 2 * HALF_FRAME_BLOCKS * kernels.OFEC_BLOCK_BITS)
    line = kernels.interleave_ofec(encoded, symbol_bits_count=symbol_bits_count)  # type: ignore[arg-type]
    assert np.array_equal(line, ofec.ofec_interleave(list(encoded), modulation))
    back = kernels.deinterleave_ofec(line, symbol_bits_count=symbol_bits_count)  # type: ignore[arg-type]
    assert np.array_equal(back, encoded)


def test_ofec_decodes_what_maiman_encodes() -> None:
    information = random_bits(60 * kernels.OFEC_BLOCK_INFORMATION_BITS)
    line = ofec.ofec_encode_stream(information)
    rng = np.random.default_rng(2)
    x = 2.17  # A pre-FEC BER of 1.5e-2.
    llr = 2 * x * (x * (1.0 - 2.0 * line) + rng.standard_normal(line.size))
    found = kernels.decode_ofec(llr)
    # Bits of the first 20 rows of 120 and of the last 20 are in one word only; those before the last lean on them.
    done = slice(10 * kernels.OFEC_BLOCK_INFORMATION_BITS, 40 * kernels.OFEC_BLOCK_INFORMATION_BITS)
    assert np.array_equal(found.information[done], information[done])
    assert found.changed_bits_count[0] == pytest.approx(0.015 * line.size, rel=0.1)


@pytest.mark.parametrize(("ber", "frames", "bound"), [(0.0210, 4, 6.3e-4), (0.0201, 4, 1.1e-6)])
def test_ofec_waterfall_is_at_or_better_than_the_simulation(ber: float, frames: int, bound: float) -> None:
    counts = kernels.count_product_fec("ofec", pre_fec_ber=ber, frames=frames, seed=1)
    assert counts.pre_fec_ber == pytest.approx(ber, abs=4 * np.sqrt(ber / counts.line_bits_count))
    spread = 4 * 2 * np.sqrt(bound / counts.bits_count)
    assert counts.post_fec_ber <= bound + spread


@pytest.mark.slow
@pytest.mark.parametrize(("ber", "bound"), [(0.0220, 8.3e-3), (0.0215, 3.7e-3), (0.0206, 4.1e-5), (0.0197, 4.6e-7)])
def test_ofec_waterfall_with_more_frames(ber: float, bound: float) -> None:
    counts = kernels.count_product_fec("ofec", pre_fec_ber=ber, frames=40, seed=2)
    assert counts.post_fec_ber <= bound + 8 * np.sqrt(bound / counts.bits_count)


@pytest.mark.slow
def test_ofec_has_no_floor_that_can_be_counted() -> None:
    """Three errors in 3e8 bits would speak for a floor above 1e-8; none is expected."""
    counts = kernels.count_product_fec("ofec", pre_fec_ber=0.0185, frames=400, seed=3)
    assert counts.bits_count > 2.9e8
    assert counts.bit_errors_after_count < 3


def test_staircase_code_meets_its_threshold_and_not_capacity() -> None:
    good = kernels.count_product_fec("scfec", pre_fec_ber=4.5e-3, frames=1, seed=1)
    assert good.bit_errors_after_count == 0
    bad = kernels.count_product_fec("scfec", pre_fec_ber=5.7e-3, frames=1, seed=1)
    assert bad.post_fec_ber > 1e-4


def test_cfec_inner_stage_and_threshold() -> None:
    counts = kernels.count_product_fec("cfec", pre_fec_ber=1.25e-2, frames=1, seed=4)
    # The figures at 1.25e-2 and 1.21e-2 rise with the power 3.2 of the pre-FEC BER, of which this run has its own.
    expected = 4.0e-3 * (counts.pre_fec_ber / 1.25e-2) ** 3.2
    # Two digits are 1.3 %; wrong bits come in words of four, which doubles the spread.
    spread = 4 * 2 / np.sqrt(counts.inner_bit_errors_count)
    assert counts.inner_bit_errors_count / counts.inner_bits_count == pytest.approx(expected, rel=0.013 + spread)
    assert counts.bit_errors_after_count == 0


@pytest.mark.slow
@pytest.mark.parametrize(("ber", "inner"), [(1.29e-2, 4.3e-3), (1.21e-2, 3.6e-3), (1.14e-2, 3.0e-3), (1.07e-2, 2.5e-3)])
def test_cfec_inner_stage_over_the_whole_range(ber: float, inner: float) -> None:
    """Two digits of the simulation: 0.05e-3 of at least 2.5e-3 is 2 %; its own pre-FEC BER has three digits: 1.5 %."""
    counts = kernels.count_product_fec("cfec", pre_fec_ber=ber, frames=4, seed=5)
    assert counts.inner_bit_errors_count / counts.inner_bits_count == pytest.approx(inner, rel=0.035)


@pytest.mark.slow
def test_cfec_fails_beyond_its_threshold() -> None:
    counts = kernels.count_product_fec("cfec", pre_fec_ber=1.5e-2, frames=1, seed=5)
    assert counts.post_fec_ber > 1e-4

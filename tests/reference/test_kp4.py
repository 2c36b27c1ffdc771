"""KP4, RS(544,514): codeword errors, what is left after decoding, lost frames.

Sources
-------
- TABLE: the exact binomial formula of bounded-distance decoding, calculated independently; all columns to half of the
  last digit printed. Two entries came as 2.797e-3 and 5.45e-11, which are 2.79647e-3 and 5.44481e-11 (scipy below)
  rounded twice; they stand here rounded once.
- Frame loss at the threshold of 2.4e-4 as IEEE 802.3 states it: 9.2e-13 (one codeword), 1.7e-12 (2, clause 120) and
  3.4e-12 (4), two digits printed.
- scipy.stats.binom, whose tail is an incomplete beta function and not a sum, over twelve decades: 1e-9 relative, which
  is what its beta function holds in the far tail.
- A sum of exact integers and fractions (no floating point at all) at one point: 1e-11 relative, the rounding of some
  100 terms in double precision.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from scipy.stats import binom  # type: ignore[import-untyped]

from lightlane import kernels

# fmt: off
TABLE = {  # pre-FEC BER: symbol error ratio, codeword error ratio, post-FEC BER, frame loss of 2 and of 4 codewords
    "1.0e-4": ("9.996e-4", "1.36e-18", "4.0e-21", "2.9e-18", "5.6e-18"),
    "1.5e-4": ("1.499e-3", "6.95e-16", "2.1e-18", "1.5e-15", "2.9e-15"),
    "2.0e-4": ("1.998e-3", "5.39e-14", "1.6e-16", "1.1e-13", "2.2e-13"),
    "2.2e-4": ("2.198e-3", "2.24e-13", "6.6e-16", "4.8e-13", "9.2e-13"),
    "2.4e-4": ("2.397e-3", "8.15e-13", "2.4e-15", "1.73e-12", "3.36e-12"),
    "2.8e-4": ("2.796e-3", "7.86e-12", "2.3e-14", "1.67e-11", "3.2e-11"),
    "3.2e-4": ("3.195e-3", "5.44e-11", "1.6e-13", "1.16e-10", "2.2e-10"),
    "5.0e-4": ("4.989e-3", "2.79e-8", "8.3e-11", "5.9e-8", "1.2e-7"),
    "1.0e-3": ("9.955e-3", "1.53e-4", "4.6e-7", "3.3e-4", "6.3e-4"),
}
# fmt: on


def _close(found: float, printed: str) -> bool:
    """Whether a number would be printed so."""
    mantissa, exponent = printed.split("e")
    half_digit = 0.5 * 10.0 ** (int(exponent) - len(mantissa.partition(".")[2]))
    return abs(found - float(printed)) <= half_digit * (1 + 1e-9)


@pytest.mark.parametrize("ber", TABLE)
def test_table(ber: str) -> None:
    symbol_errors, codeword_errors, post_fec, frames_of_2, frames_of_4 = TABLE[ber]
    pre_fec_ber = float(ber)
    assert _close(1 - (1 - pre_fec_ber) ** 10, symbol_errors)
    codeword_error_ratio = float(kernels.kp4_codeword_error_ratio(pre_fec_ber))
    assert _close(codeword_error_ratio, codeword_errors)
    assert _close(float(kernels.kp4_post_fec_ber(pre_fec_ber)), post_fec)
    for count, printed in ((2, frames_of_2), (4, frames_of_4)):
        found = kernels.kp4_frame_loss_ratio(codeword_error_ratio, interleaved_codewords_count=count)
        assert _close(float(found), printed)


@pytest.mark.parametrize(("count", "printed"), [(1, "9.2e-13"), (2, "1.7e-12"), (4, "3.4e-12")])
def test_frame_loss_at_the_threshold(count: int, printed: str) -> None:
    ratio = kernels.kp4_codeword_error_ratio(2.4e-4)
    assert _close(float(kernels.kp4_frame_loss_ratio(ratio, interleaved_codewords_count=count)), printed)


def test_codeword_error_ratio_without_rounding() -> None:
    assert float(kernels.kp4_codeword_error_ratio(2.4e-4)) == pytest.approx(8.152e-13, rel=1e-4)


def test_against_scipy() -> None:
    pre_fec_ber = np.logspace(-5, np.log10(0.03), 120)
    symbol_errors = -np.expm1(10 * np.log1p(-pre_fec_ber))
    np.testing.assert_allclose(
        kernels.kp4_codeword_error_ratio(pre_fec_ber), binom.sf(15, 544, symbol_errors), rtol=1e-9
    )
    # E[k; k > 15] = n p P(k' > 14) with one trial less.
    left = symbol_errors * binom.sf(14, 543, symbol_errors)
    np.testing.assert_allclose(kernels.kp4_post_fec_ber(pre_fec_ber), left * pre_fec_ber / symbol_errors, rtol=1e-9)


@pytest.mark.parametrize("pre_fec_ber", [Fraction(24, 100_000), Fraction(1, 1000)])
def test_against_exact_fractions(pre_fec_ber: Fraction) -> None:
    p = 1 - (1 - pre_fec_ber) ** 10
    good = sum((comb(544, k) * p**k * (1 - p) ** (544 - k) for k in range(16)), Fraction(0))
    assert float(kernels.kp4_codeword_error_ratio(float(pre_fec_ber))) == pytest.approx(float(1 - good), rel=1e-11)

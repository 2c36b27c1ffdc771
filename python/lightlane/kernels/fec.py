"""FEC formulas."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.checks import as_ratios


def kp4_codeword_error_ratio(pre_fec_ber: ArrayLike) -> NDArray[np.float64]:
    """Return the ratio of KP4 codewords that independent bit errors make uncorrectable.

    Raises
    ------
    ParameterError
        If a ratio is outside 0 to 1.

    References
    ----------
    RS(544,514) with t = 15 over 10-bit symbols; exact binomial formula.
    """
    return _core.kp4_codeword_error_ratio(as_ratios("pre_fec_ber", pre_fec_ber))


def kp4_post_fec_ber(pre_fec_ber: ArrayLike) -> NDArray[np.float64]:
    """Return the bit error ratio after KP4 for independent bit errors.

    Raises
    ------
    ParameterError
        If a ratio is outside 0 to 1.
    """
    return _core.kp4_post_fec_ber(as_ratios("pre_fec_ber", pre_fec_ber))


def kp4_frame_loss_ratio(codeword_error_ratio: ArrayLike, *, interleaved_codewords_count: int) -> NDArray[np.float64]:
    """Return the loss ratio of 64-octet frames whose bits lie in so many interleaved codewords (1, 2 or 4).

    Raises
    ------
    ParameterError
        If a ratio is outside 0 to 1 or there is no codeword.
    """
    if interleaved_codewords_count < 1:
        raise ParameterError(f"interleaved_codewords_count is {interleaved_codewords_count}; allowed: 1 or more")
    return _core.kp4_frame_loss_ratio(
        as_ratios("codeword_error_ratio", codeword_error_ratio), interleaved_codewords_count=interleaved_codewords_count
    )

"""FEC formulas."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core


def kp4_codeword_error_ratio(pre_fec_ber: ArrayLike) -> NDArray[np.float64]:
    """Return the ratio of KP4 codewords that independent bit errors make uncorrectable.

    References
    ----------
    RS(544,514) with t = 15 over 10-bit symbols; exact binomial formula.
    """
    return _core.kp4_codeword_error_ratio(np.asarray(pre_fec_ber, dtype=np.float64))


def kp4_post_fec_ber(pre_fec_ber: ArrayLike) -> NDArray[np.float64]:
    """Return the bit error ratio after KP4 for independent bit errors."""
    return _core.kp4_post_fec_ber(np.asarray(pre_fec_ber, dtype=np.float64))


def kp4_frame_loss_ratio(codeword_error_ratio: ArrayLike, *, interleaved_codewords_count: int) -> NDArray[np.float64]:
    """Return the loss ratio of 64-octet frames whose bits lie in so many interleaved codewords (1, 2 or 4)."""
    return _core.kp4_frame_loss_ratio(
        np.asarray(codeword_error_ratio, dtype=np.float64), interleaved_codewords_count=interleaved_codewords_count
    )

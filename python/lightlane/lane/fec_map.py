"""What a catalog's FEC leaves over the pre-FEC BER: the curve that a lane's point stands on."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane.catalog.parts import Fec
from lightlane.kernels.fec import apply_fec


def map_fec(fec: Fec, pre_fec_ber: ArrayLike) -> NDArray[np.float64]:
    """Return the post-FEC BER for each pre-FEC BER; below a table's threshold that of the threshold, a bound.

    Raises
    ------
    ParameterError
        If a ratio is not one.

    References
    ----------
    ``docs/models/fec.md``.
    """
    ratios = np.asarray(pre_fec_ber, dtype=np.float64)
    points = fec.kp4_symbol_error_ratio_by_pre_fec_ber or fec.post_fec_ber_by_pre_fec_ber or ()
    codewords_count = fec.interleaved_codewords_count or 0
    left = [
        apply_fec(ratio, kind=fec.kind, left_ratio_by_pre_fec_ber=points, interleaved_codewords_count=codewords_count)[
            0
        ]
        for ratio in ratios.ravel().tolist()
    ]
    return np.array(left).reshape(ratios.shape)

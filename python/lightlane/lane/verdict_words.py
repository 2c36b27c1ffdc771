"""Sentences about lanes that pass a limit or lie beyond what their model claims."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lightlane.columns import CodedTexts
from lightlane.kernels.budget import BLOCKS

_BLOCK_WORDS = {
    "dispersion": "chromatic dispersion {value:.5g} ps/nm, beyond {end:.5g} ps/nm where the mode's limit ends",
    "closed_eye": "chromatic dispersion {value:.5g} ps/nm, beyond {end:.5g} ps/nm where the eye closes",
    "pmd": "DGD {value:.3g} ps, beyond {end:.3g} ps where the mode's limit ends",
    "pdl": "PDL {value:.3g} dB, beyond {end:.3g} dB where the mode's limit ends",
    "crosstalk": "multipath interference that closes the eye",
    "colorless": "{value:.1f} dB of total to channel power at a drop without a filter, beyond {end:.1f} dB where the "
    "mode's limit ends",
    "mixing": "four-wave mixing of {value:.1f} dBc, above {end:.1f} dBc where it closes the eye",
    "leaked_light": "light of other lanes of {value:.1f} dB behind the demultiplexer, above {end:.1f} dB where it "
    "closes the eye",
    "sop": "polarization that rotates at {value:.4g} krad/s, faster than {end:.4g} krad/s where the mode's limit ends",
    "filtering": "passband of {end:.4g} GHz, narrower than the symbol rate of {value:.4g} GBd",
}
_BLOCK_SCALE = {
    "dispersion": 1e3,
    "closed_eye": 1e3,
    "pmd": 1e12,
    "pdl": 1.0,
    "filtering": 1e-9,
    "crosstalk": 1.0,
    "leaked_light": 1.0,
    "sop": 1e-3,
}
"""From SI to the units of the sentences."""

TDECQ_CLAIMED_MAX_DB = 4.0
"""Up to which the eye is held to other programs (docs/models/equalized-snr.md)."""


def blocked_words(
    blocked: NDArray[np.uint8],
    value: NDArray[np.float64],
    blocked_end: NDArray[np.float64],
    coherent: NDArray[np.bool_],
) -> CodedTexts:
    """Sentences about the limits that are passed; most lanes pass none."""
    texts = {"": 0}
    codes = np.zeros(len(blocked), dtype=np.int32)
    for row in np.flatnonzero(blocked):
        limit = BLOCKS[blocked[row]]
        scale = _BLOCK_SCALE[limit]
        key = limit
        if limit == "crosstalk" and np.isfinite(blocked_end[row]):
            # An eye is closed by reflections at any level, by mixing from a level on.
            key = "colorless" if coherent[row] else "mixing"
        words = _BLOCK_WORDS[key].format(value=value[row] * scale, end=blocked_end[row] * scale)
        codes[row] = texts.setdefault(words, len(texts))
    return CodedTexts(codes, tuple(texts))


def outside_domain(tdecq_db: NDArray[np.float64], tecq_db: NDArray[np.float64]) -> CodedTexts:
    """Sentences about eyes that are closed further than the model claims to know; most lanes have none."""
    texts = {"": 0}
    codes = np.zeros(len(tdecq_db), dtype=np.int32)
    # Without a TECQ the eye is the mode's limit and nothing is computed.
    for row in np.flatnonzero((tdecq_db > TDECQ_CLAIMED_MAX_DB) & np.isfinite(tecq_db)):
        words = f"TDECQ {tdecq_db[row]:.1f} dB, above {TDECQ_CLAIMED_MAX_DB:g} dB where the eye is an indication only"
        codes[row] = texts.setdefault(words, len(texts))
    return CodedTexts(codes, tuple(texts))

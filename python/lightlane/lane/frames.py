"""Frame loss of whole modules: KP4 deals the symbols of a codeword out over all lanes of an engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import DirectMode, Fec
from lightlane.kernels import module_frame_loss
from lightlane.link import Link


def module_frame_loss_ratios(
    links: Sequence[Link], link_bounds: NDArray[np.int64], pre_fec_ber: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return for each link the greatest frame loss ratio of its engines in either direction.

    An engine is one copy of the mode inside a module; its codewords lie on all of its lanes, so that a bad lane is
    diluted by the good ones. NaN where the FEC has no frame loss or the BER of a lane is not known.

    Parameters
    ----------
    link_bounds
        Where the lanes of each link start, and at the end how many lanes there are.
    pre_fec_ber
        Of every lane, ordered by link, channel, direction, engine and lane.
    """
    out = np.full(len(links), np.nan)
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    fecs: dict[int, Fec] = {}
    for index, link in enumerate(links):
        if isinstance(link.mode, DirectMode) and link.fec.interleaved_codewords_count is not None:
            alike[id(link.fec), len(link.mode.lanes)].append(index)
            fecs[id(link.fec)] = link.fec
    for (fec_key, lanes_count), numbers in alike.items():
        fec = fecs[fec_key]
        if fec.kind == "table" or fec.interleaved_codewords_count is None:
            continue
        rows = [pre_fec_ber[link_bounds[n] : link_bounds[n + 1]].reshape(-1, lanes_count) for n in numbers]
        found = module_frame_loss(
            np.concatenate(rows),
            interleaved_codewords_count=fec.interleaved_codewords_count,
            kp4_symbol_error_ratio_by_pre_fec_ber=fec.kp4_symbol_error_ratio_by_pre_fec_ber,
        ).frame_loss_ratio
        starts = np.cumsum([0, *(len(row) for row in rows[:-1])])
        # The maximum keeps NaN, as it should: an engine with a lane that nobody knows is not known.
        out[numbers] = np.maximum.reduceat(found, starts)
    return out

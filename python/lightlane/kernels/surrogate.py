"""Eyes that were fitted to sampled waveforms, for the budget to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.kernels.direct import Pam4Transmitter, ReferenceEqualizer
from lightlane.kernels.pam4_decisions import as_symbols

Floats = NDArray[np.float64]

EYE_NUMBERS_COUNT = _core.EyeSurrogates.WIDTH
"""Numbers of one eye: noise enhancement, openings, then mean power and mean square that make noise of each level."""
OPENINGS_COUNT = _core.EyeSurrogates.OPENINGS_COUNT
EQUALIZER_CODES: dict[ReferenceEqualizer, int] = {"ffe5": 1, "ffe15_dfe1": 2}
"""Equalizers that a mode may name, as in the table of modes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurrogateTable:
    """Simulated eyes of one equalizer and target.

    Attributes
    ----------
    dispersion_ratio
        D lambda^2 Rs^2/c of the accumulated dispersion D: what a field of any symbol rate Rs sees.
    bandwidth_ratio
        Of the transmitter, over the symbol rate.
    eye_ratio
        Numbers of each eye, over the outer OMA: shape (extinction ratios, bandwidths, chirps, dispersions,
        :data:`EYE_NUMBERS_COUNT`).
    """

    equalizer: ReferenceEqualizer
    target_ser_ratio: float
    dispersion_ratio: Floats
    chirp_alpha: Floats
    bandwidth_ratio: Floats
    extinction_ratio_db: Floats
    eye_ratio: Floats


class EyeSurrogates:
    """Several tables, ready for the kernels.

    Raises
    ------
    ParameterError
        If an axis does not rise or is too short, or the eyes are not as many as the axes ask for.
    """

    __slots__ = ("core",)

    def __init__(self, tables: Sequence[SurrogateTable]) -> None:
        self.core = _core.EyeSurrogates(
            [
                (
                    EQUALIZER_CODES[table.equalizer],
                    table.target_ser_ratio,
                    (
                        np.ascontiguousarray(table.dispersion_ratio, dtype=np.float64),
                        np.ascontiguousarray(table.chirp_alpha, dtype=np.float64),
                        np.ascontiguousarray(table.bandwidth_ratio, dtype=np.float64),
                        np.ascontiguousarray(table.extinction_ratio_db, dtype=np.float64),
                    ),
                    np.ascontiguousarray(table.eye_ratio, dtype=np.float64).ravel(),
                )
                for table in tables
            ]
        )

    def tdecq_db(self, table: int, dispersion_ps_per_nm: ArrayLike, transmitter: Pam4Transmitter) -> Floats:
        """Return TDECQ of a transmitter without noise behind accumulated dispersion at 1310 nm, by one of the tables.

        NaN where the eye is closed or lies outside the table.

        Raises
        ------
        ParameterError
            If there is no such table or a figure is not allowed.
        """
        bandwidth_ghz = transmitter.eo_bandwidth_ghz
        figures = (
            transmitter.symbol_rate_gbd * 1e9,
            np.inf if bandwidth_ghz is None else bandwidth_ghz * 1e9,
            transmitter.extinction_ratio_db,
            transmitter.chirp_alpha,
        )
        dispersion = np.atleast_1d(np.asarray(dispersion_ps_per_nm, dtype=np.float64)) * 1e-3
        ratio = self.core.bearable_ratio(table, dispersion, figures=figures, intensity_noise_ratio=0.0)
        return np.asarray(-10.0 * np.log10(ratio))


def equalized_openings(symbols: ArrayLike, values: ArrayLike) -> Floats:
    """Return the openings of equalized values without noise, over the outer OMA, for each noise of an eye table.

    An opening is the distance between two noiseless levels that would err as often as the real ones do in that noise.

    Parameters
    ----------
    symbols, values
        Of one period; values over the outer OMA.

    Returns
    -------
    ndarray of shape (OPENINGS_COUNT,)
        From the lowest eye up, the greatest noise first.

    Raises
    ------
    ParameterError
        If lengths differ or a level does not occur.
    """
    return _core.equalized_openings(as_symbols(symbols), np.ascontiguousarray(values, dtype=np.float64))

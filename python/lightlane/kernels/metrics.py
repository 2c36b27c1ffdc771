"""Error ratios and mutual information of the modulation formats, and the SNR and OSNR that they need."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.kernels.checks import require_positive
from lightlane.units import REFERENCE_BANDWIDTH_GHZ


def bit_error_ratio(
    snr_db: ArrayLike, *, modulation: str, inner_amplitude_ratio: float | None = None
) -> NDArray[np.float64]:
    """Return the hard-decision bit error ratio of a dual-polarization format with Gray labels over its Es/N0.

    Parameters
    ----------
    snr_db
        Es/N0 per polarization, any shape.
    modulation
        ``qpsk``, ``8qam`` (two rings), ``16qam`` or ``pcs16qam``.
    inner_amplitude_ratio
        Probability of the inner amplitude of ``pcs16qam``.

    Raises
    ------
    ParameterError
        If the format is not known or its shaping is not valid.
    """
    return _core.bit_error_ratio(_as_ratio(snr_db), modulation=modulation, inner_amplitude_ratio=inner_amplitude_ratio)


def required_snr_db(pre_fec_ber: float, *, modulation: str, inner_amplitude_ratio: float | None = None) -> float:
    """Return the Es/N0 at which a format has a bit error ratio.

    Raises
    ------
    ParameterError
        If ``pre_fec_ber`` is outside (0, 0.25) or the format is not valid.
    """
    snr = _core.snr_for_ber(pre_fec_ber, modulation=modulation, inner_amplitude_ratio=inner_amplitude_ratio)
    return 10.0 * math.log10(snr)


def required_osnr_db(
    pre_fec_ber: float, *, modulation: str, symbol_rate_gbd: float, inner_amplitude_ratio: float | None = None
) -> float:
    """Return the theoretical OSNR (0.1 nm, noise of both polarizations) at which a format has a bit error ratio.

    Raises
    ------
    ParameterError
        If a value is outside its range.
    """
    require_positive(symbol_rate_gbd=symbol_rate_gbd)
    snr_db = required_snr_db(pre_fec_ber, modulation=modulation, inner_amplitude_ratio=inner_amplitude_ratio)
    return snr_db + 10.0 * math.log10(symbol_rate_gbd / REFERENCE_BANDWIDTH_GHZ)


def mutual_information_bits(
    snr_db: ArrayLike, *, modulation: str, inner_amplitude_ratio: float | None = None
) -> NDArray[np.float64]:
    """Return the mutual information of a format over its Es/N0, in bits per symbol of one polarization.

    Raises
    ------
    ParameterError
        If the format is not known or its shaping is not valid.
    """
    return _core.mutual_information_bits(
        _as_ratio(snr_db), modulation=modulation, inner_amplitude_ratio=inner_amplitude_ratio
    )


def gmi_bits(snr_db: ArrayLike, *, modulation: str, inner_amplitude_ratio: float | None = None) -> NDArray[np.float64]:
    """Return the generalized mutual information over Es/N0, in bits per symbol of one polarization.

    It is what a binary code with soft decisions on the Gray labels can carry; of a shaped format, with the shaping's
    probabilities known to the demapper.

    Raises
    ------
    ParameterError
        If the format is not known or its shaping is not valid.

    References
    ----------
    Alvarado 2015, doi 10.1109/JLT.2015.2450537; Böcherer 2015, doi 10.1109/TCOMM.2015.2494016 (shaped).
    """
    return _core.generalized_mutual_information_bits(
        _as_ratio(snr_db), modulation=modulation, inner_amplitude_ratio=inner_amplitude_ratio
    )


def ngmi_ratio(
    snr_db: ArrayLike, *, modulation: str, inner_amplitude_ratio: float | None = None
) -> NDArray[np.float64]:
    """Return the normalized generalized mutual information 1 - (H - GMI)/m over Es/N0.

    It is the greatest code rate with which an ideal binary code still decodes.

    Raises
    ------
    ParameterError
        If the format is not known or its shaping is not valid.

    References
    ----------
    Cho, Schmalen and Winzer, ECOC 2017.
    """
    return _core.normalized_information_ratio(
        _as_ratio(snr_db), modulation=modulation, inner_amplitude_ratio=inner_amplitude_ratio
    )


def required_snr_for_ngmi_db(
    ngmi_ratio: float, *, modulation: str, inner_amplitude_ratio: float | None = None
) -> float:
    """Return the Es/N0 at which a format has a normalized generalized mutual information.

    Raises
    ------
    ParameterError
        If ``ngmi_ratio`` is not reached between -5 and 25 dB or the format is not valid.
    """
    snr = _core.snr_for_normalized_information(
        ngmi_ratio, modulation=modulation, inner_amplitude_ratio=inner_amplitude_ratio
    )
    return 10.0 * math.log10(snr)


def excess_kurtosis_ratio(*, modulation: str, inner_amplitude_ratio: float | None = None) -> float:
    """Return E|a|^4 / (E|a|^2)^2 - 2 of a format's symbols: -1 of QPSK, 0 of a Gaussian signal.

    Raises
    ------
    ParameterError
        If the format is not known or its shaping is not valid.
    """
    return _core.excess_kurtosis_ratio(modulation=modulation, inner_amplitude_ratio=inner_amplitude_ratio)


def _as_ratio(level_db: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(10.0 ** (np.asarray(level_db, dtype=np.float64) / 10.0))


def q_factor_db(ber: ArrayLike) -> NDArray[np.float64]:
    """Return Q = 20 log10(sqrt 2 erfc^-1(2 BER)); NaN at 0 and from 0.5 on."""
    return _core.q_factor_db(np.asarray(ber, dtype=np.float64))


def pam4_target_q_ratio(symbol_error_ratio: float) -> float:
    """Return the Q at which equally spaced PAM4 levels in equal noise reach a symbol error ratio.

    Raises
    ------
    ParameterError
        If ``symbol_error_ratio`` is outside (0, 0.75).

    References
    ----------
    IEEE 802.3-2022, 121.8.5.3: 3.4141 at 4.8e-4.
    """
    return _core.pam4_target_q(symbol_error_ratio)

"""Error ratios of the modulation formats and the SNR and OSNR that they need."""

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
    ratio = np.asarray(10.0 ** (np.asarray(snr_db, dtype=np.float64) / 10.0))
    return _core.bit_error_ratio(ratio, modulation=modulation, inner_amplitude_ratio=inner_amplitude_ratio)


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

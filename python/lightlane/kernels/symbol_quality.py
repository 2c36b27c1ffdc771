"""Received symbols against what was sent: SNR, error vectors, counted errors, information."""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike

from lightlane import _core
from lightlane.kernels.fields import Field, as_column, as_field
from lightlane.kernels.signal import Format

CONFIDENCE_DEVIATIONS = 1.959964
"""Of a normal number, for 95 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolQuality:
    """Quality of the symbols of one polarization.

    ``snr_db`` is the energy of the symbols over that of the noise (which C-CMIS calls eSNR and others MER),
    ``evm_percent`` the root mean square error vector over the root mean square symbol.
    """

    snr_db: float
    evm_percent: float
    gain: complex
    bit_errors_count: int
    bits_count: int
    gmi_bits: float
    ngmi_ratio: float

    @property
    def pre_fec_ber(self) -> float:
        """Counted bit error ratio."""
        return self.bit_errors_count / self.bits_count

    def interval_ber(self, deviations_count: float = CONFIDENCE_DEVIATIONS) -> tuple[float, float]:
        """Return the interval that holds the true ratio with 95 % confidence unless told otherwise (Wilson 1927)."""
        return error_ratio_interval(self.bit_errors_count, self.bits_count, deviations_count=deviations_count)


@dataclass(frozen=True, slots=True)
class Alignment:
    """Place of received symbols in what was sent: symbol 0 of each received polarization is that sent symbol."""

    delays_count: tuple[int, int]
    polarizations: tuple[int, int]
    correlation_ratio: tuple[float, float]


def measure_symbols(received: ArrayLike, sent: ArrayLike, form: Format) -> SymbolQuality:
    """Measure received symbols of one polarization against the sent ones.

    Raises
    ------
    ParameterError
        If the columns differ in length, are empty or hold what is not finite.

    References
    ----------
    Alvarado 2015, doi 10.1109/JLT.2015.2450537; Cho, Schmalen and Winzer, ECOC 2017.
    """
    found = _core.measure_symbols(
        as_column("received", received),
        as_column("sent", sent),
        modulation=form.modulation,
        inner_amplitude_ratio=form.inner_amplitude_ratio,
    )
    return SymbolQuality(
        snr_db=10.0 * math.log10(found["snr_ratio"]) if math.isfinite(found["snr_ratio"]) else math.inf,
        evm_percent=100.0 * found["evm_ratio"],
        gain=found["gain"],
        bit_errors_count=found["bit_errors_count"],
        bits_count=found["bits_count"],
        gmi_bits=found["gmi_bits"],
        ngmi_ratio=found["ngmi_ratio"],
    )


def error_ratio_interval(
    errors_count: int, trials_count: int, *, deviations_count: float = CONFIDENCE_DEVIATIONS
) -> tuple[float, float]:
    """Return the ends of the interval around a counted ratio that so many standard deviations span (95 %).

    Raises
    ------
    ParameterError
        If there are more errors than trials, or no trial.

    References
    ----------
    Wilson 1927, doi 10.1080/01621459.1927.10502953.
    """
    return _core.error_ratio_interval(errors_count, trials_count, deviations_count)


def align_symbols(received: ArrayLike, sent: ArrayLike) -> Alignment:
    """Find received symbols, shape (2, n), in a periodic sent sequence of the same shape.

    Raises
    ------
    ParameterError
        If the shapes differ.
    ModelError
        If the received symbols are not found in the sent ones.
    """
    columns: list[Field] = []
    for name, pair in (("received", received), ("sent", sent)):
        columns += [as_column(name, column) for column in as_field(name, pair)]
    delays, polarizations, correlation = _core.align_symbols(*columns)
    return Alignment((delays[0], delays[1]), (polarizations[0], polarizations[1]), (correlation[0], correlation[1]))

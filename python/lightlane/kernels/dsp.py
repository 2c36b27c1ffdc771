"""Front end of a coherent receiver: sample rate, quadratures, fixed filters, symbol clock.

Fields are complex arrays (polarization, sample). Every block takes a stream piece by piece: ``process`` gives what is
complete, ``finish`` the rest, as if zeros followed, ``reset`` starts anew. What comes out does not depend on how the
stream is cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.checks import require_positive
from lightlane.kernels.fields import Field, as_field


@dataclass(frozen=True, slots=True, kw_only=True)
class DispersionEstimate:
    """Dispersion of a received field.

    Attributes
    ----------
    dispersion_ps_per_nm
        Accumulated dispersion.
    clock_tone_ratio
        Square of the clock tone there over its mean in the search; below about 3 nothing was found.
    """

    dispersion_ps_per_nm: float
    clock_tone_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedFilter:
    """Root-raised-cosine filter of a receiver."""

    symbol_rate_gbd: float
    roll_off: float


class IqOrthogonalizer:
    """Gram-Schmidt orthogonalization of the quadratures of both polarizations.

    Parameters
    ----------
    frame_count
        Samples of a frame, over which moments are taken.
    memory_count
        Frames that count; older ones fade.

    References
    ----------
    Fatadin, Savory and Ives 2008, doi 10.1109/LPT.2008.2004630.
    """

    def __init__(self, *, frame_count: int = 4096, memory_count: int = 16) -> None:
        self._block = _core.IqOrthogonalizer(frame_count=frame_count, memory_count=memory_count)

    def process(self, field: ArrayLike) -> Field:
        """Take the next samples and return the frames that are complete."""
        return self._block.process(as_field("field", field))

    def finish(self) -> Field:
        """Return the rest and start anew."""
        return self._block.finish()

    def reset(self) -> None:
        """Forget the stream."""
        self._block.reset()


def orthogonalize_quadratures(field: ArrayLike) -> Field:
    """Return a whole field with quadratures of equal power, no mean and no correlation, by its own moments."""
    array = as_field("field", field)
    if array.shape[1] < 16:
        raise ParameterError(f"field is an array of {array.shape[1]} samples; allowed: at least 16")
    return IqOrthogonalizer(frame_count=array.shape[1], memory_count=1).process(array)


class Resampler:
    """Change of the sample rate by any ratio from 1/64 to 64, by a sinc in a Kaiser window.

    Parameters
    ----------
    half_count
        Samples of the input on either side of a place that make its value; where the rate falls, as many more.
    """

    def __init__(self, *, input_rate_ghz: float, output_rate_ghz: float, half_count: int = 16) -> None:
        require_positive(input_rate_ghz=input_rate_ghz, output_rate_ghz=output_rate_ghz)
        self._block = _core.Resampler(
            input_rate_hz=input_rate_ghz * 1e9, output_rate_hz=output_rate_ghz * 1e9, half_count=half_count
        )

    def process(self, field: ArrayLike) -> Field:
        """Take the next samples and return those that are complete."""
        return self._block.process(as_field("field", field))

    def finish(self) -> Field:
        """Return the rest, as if zeros followed, and start anew."""
        return self._block.finish()

    def reset(self) -> None:
        """Forget the stream."""
        self._block.reset()


def resample_periodic(field: ArrayLike, *, samples_count: int) -> Field:
    """Return one period of a periodic field with another number of samples, exact within the common band."""
    return _core.resample_periodic(as_field("field", field), samples_count=samples_count)


class ReceiverFilter:
    """Fixed filter of a receiver by overlapping transforms: dispersion undone and, if wanted, the matched filter.

    Parameters
    ----------
    dispersion_ps_per_nm
        Accumulated dispersion of the line, which is undone.
    dispersion_slope_ps_per_nm2
        Accumulated slope of the line.
    matched
        Matched filter; None for none.

    References
    ----------
    Savory 2008, doi 10.1364/OE.16.000804.
    """

    def __init__(
        self,
        *,
        sample_rate_ghz: float,
        dispersion_ps_per_nm: float = 0.0,
        dispersion_slope_ps_per_nm2: float = 0.0,
        wavelength_nm: float = 1550.0,
        matched: MatchedFilter | None = None,
    ) -> None:
        require_positive(sample_rate_ghz=sample_rate_ghz, wavelength_nm=wavelength_nm)
        if matched is not None:
            require_positive(symbol_rate_gbd=matched.symbol_rate_gbd)
        self._block = _core.ReceiverFilter(
            sample_rate_hz=sample_rate_ghz * 1e9,
            dispersion_s_per_m=dispersion_ps_per_nm * 1e-3,
            dispersion_slope_s_per_m2=dispersion_slope_ps_per_nm2 * 1e6,
            wavelength_m=wavelength_nm * 1e-9,
            symbol_rate_hz=None if matched is None else matched.symbol_rate_gbd * 1e9,
            roll_off=None if matched is None else matched.roll_off,
        )

    def process(self, field: ArrayLike, *, out: Field | None = None) -> Field:
        """Take the next samples and return those that are complete.

        Parameters
        ----------
        out
            Two rows of complex128, at least as long as what is complete: memory that is used again, instead of a new
            array for each block. The first samples of its rows are returned, as a view.
        """
        samples = as_field("field", field)
        if out is None:
            return self._block.process(samples)
        if out.dtype != np.complex128 or out.ndim != 2 or np.may_share_memory(out, samples):
            found = f"an array of {out.dtype} of shape {out.shape}"
            raise ParameterError(f"out is {found}; allowed: two rows of complex128 that do not lie within field")
        return out[:, : self._block.process_into(samples, out)]

    def finish(self) -> Field:
        """Return the rest, as if zeros followed, and start anew."""
        return self._block.finish()

    def reset(self) -> None:
        """Forget the stream."""
        self._block.reset()

    def apply_periodic(self, field: ArrayLike) -> Field:
        """Return the filtered period of a periodic field; the stream is left alone."""
        return self._block.apply_periodic(as_field("field", field))

    def transform_only(self, segments_count: int) -> None:
        """Do nothing but the transforms of so many segments: the floor that benchmarks compare with."""
        self._block.transform_only(segments_count)

    @property
    def segment_count(self) -> int:
        """Samples of one transform."""
        return self._block.segment_count

    @property
    def overlap_count(self) -> int:
        """Samples that two transforms share."""
        return self._block.overlap_count


def compensate_dispersion(
    field: ArrayLike, *, sample_rate_ghz: float, dispersion_ps_per_nm: float, wavelength_nm: float = 1550.0
) -> Field:
    """Return one period of a periodic field without its dispersion."""
    return ReceiverFilter(
        sample_rate_ghz=sample_rate_ghz, dispersion_ps_per_nm=dispersion_ps_per_nm, wavelength_nm=wavelength_nm
    ).apply_periodic(field)


def estimate_dispersion(
    field: ArrayLike,
    *,
    symbol_rate_gbd: float,
    roll_off: float,
    dispersion_min_ps_per_nm: float,
    dispersion_max_ps_per_nm: float,
    wavelength_nm: float = 1550.0,
    segment_count: int = 8192,
) -> DispersionEstimate:
    """Estimate the dispersion of a field of two samples per symbol from its clock tone, without known symbols.

    Parameters
    ----------
    segment_count
        Samples of a segment; the spread of the dispersion must fit into a quarter of it.

    Raises
    ------
    ParameterError
        If the range is empty or beyond the segment's, the field is shorter than a segment or not finite.

    References
    ----------
    Soriano et al. 2011, doi 10.1109/JLT.2011.2145357.
    """
    require_positive(symbol_rate_gbd=symbol_rate_gbd, wavelength_nm=wavelength_nm)
    dispersion_s_per_m, clock_tone_ratio = _core.estimate_dispersion(
        as_field("field", field),
        symbol_rate_hz=symbol_rate_gbd * 1e9,
        roll_off=roll_off,
        wavelength_m=wavelength_nm * 1e-9,
        dispersion_min_s_per_m=dispersion_min_ps_per_nm * 1e-3,
        dispersion_max_s_per_m=dispersion_max_ps_per_nm * 1e-3,
        segment_count=segment_count,
    )
    return DispersionEstimate(dispersion_ps_per_nm=dispersion_s_per_m * 1e3, clock_tone_ratio=clock_tone_ratio)


def estimate_timing_ratio(field: ArrayLike, *, roll_off: float) -> float:
    """Return the delay of the symbols of a field of two samples per symbol, in symbols from -0.5 to 0.5.

    References
    ----------
    Godard 1978, doi 10.1109/TCOM.1978.1094107.
    """
    return _core.estimate_timing(as_field("field", field), roll_off=roll_off)


class TimingRecovery:
    """Loop that follows the symbol clock; two samples per symbol in, two out, at and between the symbols.

    Comes behind the dispersion: a dispersed field has no clock tone. A last rest shorter than a frame is never given.

    Parameters
    ----------
    frame_symbols_count
        Symbols whose delay is measured together. The clock may be off by up to 0.25 / frame (488 ppm for 512).
    bandwidth_ratio
        Bandwidth of the settled loop over the rate of frames.

    References
    ----------
    Godard 1978, doi 10.1109/TCOM.1978.1094107.
    """

    def __init__(self, *, roll_off: float, frame_symbols_count: int = 512, bandwidth_ratio: float = 0.01) -> None:
        self._block = _core.TimingRecovery(
            roll_off=roll_off, frame_symbols_count=frame_symbols_count, bandwidth_ratio=bandwidth_ratio
        )

    def process(self, field: ArrayLike) -> Field:
        """Take the next samples and return the frames that are complete."""
        return self._block.process(as_field("field", field))

    def reset(self) -> None:
        """Forget the stream and the clock."""
        self._block.reset()

    @property
    def clock_error_ppm(self) -> float:
        """Clock of the receiver over that of the transmitter, less 1."""
        return self._block.clock_error_ratio * 1e6

    @property
    def delays_ratio(self) -> NDArray[np.float64]:
        """Delay of each frame in symbols, as the loop saw it."""
        return self._block.delays_ratio

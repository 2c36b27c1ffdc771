"""Coherent signals as they are sent: bits, symbols, shaped amplitudes, DSP frames, pulses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.kernels.checks import require_bits
from lightlane.kernels.fields import Field, as_column, as_field

Bits = NDArray[np.uint8]
Frame = Literal["oif_400zr", "openzrplus", "w_port"]

PAYLOAD, PILOT, TRAINING, ALIGNMENT, RESERVED = range(5)
"""Roles of the symbols of a frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A modulation format.

    Attributes
    ----------
    modulation
        ``qpsk``, ``8qam`` (two rings), ``16qam`` or ``pcs16qam``.
    inner_amplitude_ratio
        Probability of the inner amplitude of ``pcs16qam``.
    """

    modulation: str
    inner_amplitude_ratio: float | None = None

    @property
    def bits_per_symbol(self) -> int:
        """Bits that label one symbol of one polarization."""
        return {"qpsk": 2, "8qam": 3}.get(self.modulation, 4)


def as_bits(bits: ArrayLike) -> Bits:
    """Return bits as a contiguous column; raise ParameterError for what is neither 0 nor 1."""
    column = np.ascontiguousarray(bits).ravel()
    require_bits("bits", column)
    return column.astype(np.uint8)


def random_bits(count: int, *, seed: int, stream: int = 0, purpose: int = 0) -> Bits:
    """Return random bits; bit k depends on seed, stream, purpose and k alone."""
    return _core.random_bits(count, seed=seed, stream=stream, purpose=purpose)


def map_bits(bits: ArrayLike, form: Format) -> Field:
    """Return symbols of mean energy 1 that carry bits, the first of each symbol the most significant of its label.

    Raises
    ------
    ParameterError
        If the bits are not a whole number of symbols, or hold other than 0 and 1.
    """
    return _core.map_bits(as_bits(bits), modulation=form.modulation, inner_amplitude_ratio=form.inner_amplitude_ratio)


def decide_bits(symbols: ArrayLike, form: Format, *, noise_variance_ratio: float = 0.0) -> Bits:
    """Return the bits of the likeliest symbols in noise of a variance over the mean energy of the symbols.

    Raises
    ------
    ParameterError
        If a symbol is not finite or the variance is negative.
    """
    return _core.decide_bits(
        as_column("symbols", symbols),
        modulation=form.modulation,
        noise_variance_ratio=noise_variance_ratio,
        inner_amplitude_ratio=form.inner_amplitude_ratio,
    )


def bit_log_likelihood_ratios(symbols: ArrayLike, form: Format, *, noise_variance_ratio: float) -> NDArray[np.float64]:
    """Return ln P(0)/P(1) of every bit of every symbol in circular Gaussian noise, without the max-log shortcut.

    Raises
    ------
    ParameterError
        If a symbol is not finite or the variance is not above 0.

    References
    ----------
    Alvarado 2015, doi 10.1109/JLT.2015.2450537.
    """
    return _core.bit_log_likelihood_ratios(
        as_column("symbols", symbols),
        modulation=form.modulation,
        noise_variance_ratio=noise_variance_ratio,
        inner_amplitude_ratio=form.inner_amplitude_ratio,
    )


@dataclass(frozen=True, slots=True)
class AmplitudeBlock:
    """What distribution matching does at one rate: bits in and 128 amplitudes out, of which so many are inner."""

    bits_count: int
    inner_amplitude_ratio: float


SHAPED_BLOCK_COUNT = 128
"""Amplitudes of one block."""


def amplitude_block(inner_amplitude_ratio: float) -> AmplitudeBlock:
    """Return the block of the OpenROADM shaping rate of a mode.

    Raises
    ------
    ParameterError
        If no rate has this share of inner amplitudes.
    """
    return AmplitudeBlock(*_core.amplitude_block(inner_amplitude_ratio))


def shape_amplitudes(bits: ArrayLike, *, inner_amplitude_ratio: float) -> Bits:
    """Return amplitude bits, 1 for inner, of whole blocks of input bits.

    The order of the tables' words is a stand-in for the specification's, which is not public: same rate, same share
    of inner amplitudes, other line bits.

    Raises
    ------
    ParameterError
        If the bits are not whole blocks or no rate has this share of inner amplitudes.

    References
    ----------
    Open ROADM MSA W-Port Digital Specification, 9.
    """
    return _core.shape_amplitudes(as_bits(bits), inner_amplitude_ratio=inner_amplitude_ratio)


def unshape_amplitudes(amplitudes: ArrayLike, *, inner_amplitude_ratio: float) -> tuple[Bits, int]:
    """Return the input bits of whole blocks of amplitudes, and how many words no input leads to.

    Raises
    ------
    ParameterError
        As :func:`shape_amplitudes`.
    """
    return _core.unshape_amplitudes(as_bits(amplitudes), inner_amplitude_ratio=inner_amplitude_ratio)


@dataclass(frozen=True, slots=True)
class FramePlan:
    """Sizes of a DSP frame, in symbols."""

    symbols_count: int
    pilot_spacing_count: int
    subframe_count: int


def frame_plan(frame: Frame) -> FramePlan:
    """Return the sizes of a frame.

    Raises
    ------
    ParameterError
        If there is no such frame.
    """
    return FramePlan(*_core.frame_plan(frame))


def frame_roles(frame: Frame, count: int) -> NDArray[np.uint8]:
    """Return what each of the first ``count`` symbols is: payload, pilot, training, alignment or reserved.

    Raises
    ------
    ParameterError
        If there is no such frame.
    """
    return _core.frame_roles(frame, count)


def build_frame(payload: ArrayLike, form: Format, *, frame: Frame, count: int, seed: int = 0, stream: int = 0) -> Field:
    """Return the first ``count`` symbols of a frame, shape (2, count), around a payload of shape (2, places).

    Known symbols lie on the outermost points of the format.

    Raises
    ------
    ParameterError
        If the payload does not fit its places or there is no such frame.

    References
    ----------
    OIF-400ZR-03.0.1; Open ROADM MSA W-Port Digital Specification, 12.
    """
    columns = as_field("payload", payload)
    return np.stack(
        _core.build_frame(
            as_column("payload", columns[0]),
            as_column("payload", columns[1]),
            frame=frame,
            count=count,
            modulation=form.modulation,
            seed=seed,
            stream=stream,
            inner_amplitude_ratio=form.inner_amplitude_ratio,
        )
    )


def shape_pulses(symbols: ArrayLike, *, samples_count: int, roll_off: float) -> Field:
    """Return the samples of a periodic sequence of symbols with root-raised-cosine pulses, at the symbols' mean power.

    Raises
    ------
    ParameterError
        If a symbol is not finite, the roll-off is outside 0 to 1, or the samples are too few for the spectrum.

    References
    ----------
    Proakis and Salehi 2008, Digital Communications, 9.2.
    """
    return _core.shape_pulses(as_column("symbols", symbols), samples_count=samples_count, roll_off=roll_off)

"""Monte Carlo counts of codes: errors before and after decoding, frame by addressed frame."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.task import Task

MOST_COUNT = 2**63
"""Frames and seeds lie below this."""
Channel = Literal["bpsk", "pam4", "binary_symmetric"]
"""``bpsk`` stands for the quadratures of QPSK too, ``pam4`` for those of 16QAM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedCode:
    """A code that can be counted.

    Attributes
    ----------
    name
        As in the catalog, where the catalog has it.
    ratio
        What its map holds: ``post_fec_ber``, or ``kp4_symbol_error_ratio``, the 10-bit symbols that an inner decoder
        hands to KP4 wrong.
    threshold_pre_fec_ber
        Up to where it is specified to work.
    step_frames_count
        Frames that take some tenths of a second.
    """

    name: str
    description: str
    ratio: Literal["post_fec_ber", "kp4_symbol_error_ratio"]
    threshold_pre_fec_ber: float
    step_frames_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FecCounts:
    """Counts of a range of frames; ``+`` adds those of another range.

    Attributes
    ----------
    frames_count, frame_errors_count
        Frames, and those with a wrong bit after decoding.
    line_bits_count, bit_errors_before_count
        Bits on the line and their wrong hard decisions.
    bits_count, bit_errors_after_count
        Bits after decoding and the wrong ones.
    symbols_count, symbol_errors_count
        10-bit symbols handed to KP4 and the wrong ones; 0 for other codes.
    inner_bits_count, inner_bit_errors_count
        Bits between the stages of CFEC and the wrong ones; 0 for other codes.
    miscorrections_count
        Words that were decoded to a wrong codeword unnoticed.
    """

    frames_count: int = 0
    frame_errors_count: int = 0
    line_bits_count: int = 0
    bit_errors_before_count: int = 0
    bits_count: int = 0
    bit_errors_after_count: int = 0
    symbols_count: int = 0
    symbol_errors_count: int = 0
    inner_bits_count: int = 0
    inner_bit_errors_count: int = 0
    miscorrections_count: int = 0

    def __add__(self, other: FecCounts) -> FecCounts:
        """Return the counts of both ranges together."""
        return FecCounts(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    @property
    def pre_fec_ber(self) -> float:
        """Measured bit error ratio of the line; NaN without a bit."""
        return _ratio(self.bit_errors_before_count, self.line_bits_count)

    @property
    def post_fec_ber(self) -> float:
        """Measured bit error ratio behind the decoder; NaN without a bit."""
        return _ratio(self.bit_errors_after_count, self.bits_count)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def counted_codes() -> dict[str, CountedCode]:
    """Return the codes that can be counted, by name."""
    codes = {}
    for name, description, ratio, threshold, step in _core.counted_codes():
        codes[name] = CountedCode(
            name=name,
            description=description,
            ratio="post_fec_ber" if ratio == "post_fec_ber" else "kp4_symbol_error_ratio",
            threshold_pre_fec_ber=threshold,
            step_frames_count=step,
        )
    return codes


def count_fec_errors(
    code: str,
    *,
    pre_fec_ber: float,
    frames_count: int,
    first_frame: int = 0,
    seed: int = 1,
    task: Task | None = None,
) -> FecCounts:
    """Count the errors that a code leaves at a pre-FEC BER, on the channel that it is counted on.

    Every frame is addressed by its number: any split of a range, any number of threads and any restart give the same
    sums. ``task`` advances by frames.

    Parameters
    ----------
    code
        A name of :func:`counted_codes`.
    frames_count, first_frame
        The range of frames; what a frame is, the code says (a codeword, an inner word, twelve codewords).

    Raises
    ------
    ParameterError
        If the code is not known, the ratio is not from 1e-15 to 0.4 or a count is negative or too large.
    Cancelled
        If ``task`` was cancelled.

    References
    ----------
    ``docs/models/fec-codes.md``.
    """
    for name, value in (("first_frame", first_frame), ("frames_count", frames_count), ("seed", seed)):
        if not 0 <= value < MOST_COUNT:
            raise ParameterError(f"{name} is {value}; allowed: whole numbers from 0 to below 2^63")
    found = _core.count_code(
        code,
        pre_fec_ber=pre_fec_ber,
        first_frame=first_frame,
        frames_count=frames_count,
        seed=seed,
        task=Task() if task is None else task,
    )
    return FecCounts(**found)


def receive_bits(
    bits: ArrayLike,
    *,
    channel: Channel,
    pre_fec_ber: float,
    exact: bool = False,
    seed: int = 1,
    stream: int = 0,
) -> NDArray[np.float32]:
    """Return log-likelihood ratios ln P(0)/P(1) of bits received over a noisy channel, in the shape of the bits.

    Parameters
    ----------
    pre_fec_ber
        Ratio of hard decisions that are wrong; sets the noise.
    exact
        Whether all levels of PAM4 count, or the nearest alone.

    Raises
    ------
    ParameterError
        If a bit is not 0 or 1, the channel is not known or the ratio is not from 1e-15 to 0.4.
    """
    given = np.asarray(bits)
    if given.size and not np.all((given == 0) | (given == 1)):
        raise ParameterError("bits holds something else; allowed: bits 0 and 1")
    flat = np.ascontiguousarray(given, dtype=np.uint8).reshape(-1)
    found = _core.receive_bits(flat, channel=channel, pre_fec_ber=pre_fec_ber, exact=exact, seed=seed, stream=stream)
    return found.reshape(given.shape)

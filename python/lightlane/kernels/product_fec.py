"""oFEC, the staircase code (SC-FEC) and CFEC: encoders, decoders, and counts of their errors.

Bits are uint8 arrays of 0 and 1, log-likelihood ratios ln P(0)/P(1) float arrays: one stream, or a row for each of
many, which are worked on in parallel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.checks import require_bits
from lightlane.kernels.fec_counts import Channel, FecCounts
from lightlane.kernels.task import Task

Bits = NDArray[np.uint8]
ProductCode = Literal["ofec", "scfec", "cfec"]

OFEC_BLOCK_INFORMATION_BITS = 3552
"""Information bits of a block of oFEC."""
OFEC_BLOCK_BITS = 4096
"""Line bits of a block of oFEC."""
STAIRCASE_BLOCK_INFORMATION_BITS = 244_736
"""Information bits of a block of the staircase code."""
STAIRCASE_BLOCK_BITS = 261_120
"""Line bits of a block of the staircase code."""
CFEC_FRAME_INFORMATION_BITS = 1_223_680
"""Information bits of a frame of CFEC: five blocks of the staircase code."""
CFEC_FRAME_BITS = 1_404_928
"""Line bits of a frame of CFEC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftPass:
    """A soft pass of the decoder of oFEC over all words.

    Attributes
    ----------
    test_places_count
        Least reliable places that the test patterns invert in all combinations, 1 to 7.
    scale_ratio
        Factor of what a word says of a bit before other words hear it, 0 to 1.
    confidence_log_ratio
        Log-likelihood ratio that a word adds to a bit on which all of its candidates agree, 0 to 31.75.
    """

    test_places_count: int = 6
    scale_ratio: float
    confidence_log_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OfecSchedule:
    """Passes of the decoder of oFEC: soft ones in order, then hard ones, at most 16 of either.

    The scales and confidences of the default were found by search at a pre-FEC BER of 2.11e-2.
    """

    soft: tuple[SoftPass, ...] = (
        SoftPass(scale_ratio=0.296875, confidence_log_ratio=2.25),
        SoftPass(scale_ratio=0.359375, confidence_log_ratio=3.5),
        SoftPass(scale_ratio=0.625, confidence_log_ratio=3.0),
    )
    hard_passes_count: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class StaircaseSchedule:
    """Window of the decoder of the staircase code, and passes over it whenever a block comes in."""

    window_blocks_count: int = 7
    passes_count: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedStreams:
    """What a decoder gives.

    Attributes
    ----------
    information
        Information bits, in the shape of the input: one stream, or a row each.
    changed_bits_count
        Hard decisions that the decoder changed, one number per stream; of CFEC those of the outer code.
    flagged_words_count
        Words left with more errors than the code corrects, one number per stream.
    """

    information: Bits
    changed_bits_count: NDArray[np.int64]
    flagged_words_count: NDArray[np.int64]


def _bits(name: str, values: ArrayLike) -> Bits:
    array = np.asarray(values)
    if array.ndim not in (1, 2):
        raise ParameterError(f"{name} has {array.ndim} dimensions; allowed: one stream, or a row for each")
    require_bits(name, array)
    return np.ascontiguousarray(array, dtype=np.uint8)


def _llr(values: ArrayLike) -> NDArray[np.float32]:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim not in (1, 2):
        raise ParameterError(f"llr has {array.ndim} dimensions; allowed: one stream, or a row for each")
    wrong = array[~(np.abs(array) <= 1e6)]
    if wrong.size:
        raise ParameterError(f"llr is {wrong.flat[0]}; allowed: numbers from -1e6 to 1e6")
    return np.ascontiguousarray(array, dtype=np.float32)


def _soft(schedule: OfecSchedule) -> list[tuple[int, float, float]]:
    for soft in schedule.soft:
        _natural(test_places_count=soft.test_places_count)
    _natural(hard_passes_count=schedule.hard_passes_count)
    return [(soft.test_places_count, soft.scale_ratio, soft.confidence_log_ratio) for soft in schedule.soft]


def _window(schedule: StaircaseSchedule) -> dict[str, int]:
    found = {"window_blocks_count": schedule.window_blocks_count, "passes_count": schedule.passes_count}
    _natural(**found)
    return found


def _natural(**numbers: int) -> None:
    for name, value in numbers.items():
        if not 0 <= value < 2**32:
            raise ParameterError(f"{name} is {value}; allowed: 0 or above, below 2^32")


def _decoded(found: tuple[Bits, list[int], list[int]], dimensions_count: int) -> DecodedStreams:
    information, changed, flagged = found
    return DecodedStreams(
        information=information if dimensions_count == 2 else information[0],
        changed_bits_count=np.array(changed, dtype=np.int64),
        flagged_words_count=np.array(flagged, dtype=np.int64),
    )


def encode_product(information: ArrayLike, *, code: ProductCode) -> Bits:
    """Return the line bits of streams that start here: of oFEC, of the staircase code, or of CFEC.

    Parameters
    ----------
    information
        Bits of one stream, or a row for each: whole blocks of oFEC (3,552 bits) or of the staircase code (244,736),
        whole frames of CFEC (1,223,680).

    Raises
    ------
    ParameterError
        If the code is none of them, the bits are no whole number of blocks, or one is neither 0 nor 1.

    References
    ----------
    ``docs/models/ofec.md``, ``docs/models/cfec.md``. CFEC and the staircase code are not interoperable: what of them is
    not public is a stand-in.
    """
    bits = _bits("information", information)
    line = _core.encode_product(np.atleast_2d(bits), code=code)
    return line if bits.ndim == 2 else line[0]


def decode_ofec(llr: ArrayLike, *, schedule: OfecSchedule | None = None, task: Task | None = None) -> DecodedStreams:
    """Return the information of streams of oFEC, in the order of their encoders, by soft and hard passes.

    Raises
    ------
    ParameterError
        If there are not whole blocks of 4,096, a ratio is NaN or beyond 1e6, or the schedule is not allowed.
    Cancelled
        If the task is cancelled.

    References
    ----------
    Pyndiah 1998, doi 10.1109/26.705396; ``docs/models/ofec.md``.
    """
    ratios, schedule = _llr(llr), schedule or OfecSchedule()
    found = _core.decode_ofec(
        np.atleast_2d(ratios),
        soft=_soft(schedule),
        hard_passes_count=schedule.hard_passes_count,
        task=task or Task(),
    )
    return _decoded(found, ratios.ndim)


def decode_ofec_hard(bits: ArrayLike, *, hard_passes_count: int = 4, task: Task | None = None) -> DecodedStreams:
    """Return the information of streams of oFEC from hard decisions, by hard passes alone.

    Raises
    ------
    ParameterError
        If there are not whole blocks of 4,096, a bit is neither 0 nor 1, or there are more than 16 passes.
    """
    array = _bits("bits", bits)
    _natural(hard_passes_count=hard_passes_count)
    found = _core.decode_ofec_hard(np.atleast_2d(array), hard_passes_count=hard_passes_count, task=task or Task())
    return _decoded(found, array.ndim)


def decode_staircase(
    bits: ArrayLike, *, schedule: StaircaseSchedule | None = None, task: Task | None = None
) -> DecodedStreams:
    """Return the information of streams of the staircase code from hard decisions.

    Raises
    ------
    ParameterError
        If there are not whole blocks of 261,120, a bit is neither 0 nor 1, or the schedule is not allowed.

    References
    ----------
    Smith et al. 2012, doi 10.1109/JLT.2011.2175479; ``docs/models/cfec.md``.
    """
    array = _bits("bits", bits)
    options = _window(schedule or StaircaseSchedule())
    return _decoded(_core.decode_staircase(np.atleast_2d(array), **options, task=task or Task()), array.ndim)


def decode_cfec(
    llr: ArrayLike, *, schedule: StaircaseSchedule | None = None, task: Task | None = None
) -> DecodedStreams:
    """Return the information of streams of CFEC: soft inner words, then the staircase code.

    Raises
    ------
    ParameterError
        If there are not whole frames of 1,404,928, a ratio is NaN or beyond 1e6, or the schedule is not allowed.

    References
    ----------
    ``docs/models/cfec.md``.
    """
    ratios = _llr(llr)
    options = _window(schedule or StaircaseSchedule())
    return _decoded(_core.decode_cfec(np.atleast_2d(ratios), **options, task=task or Task()), ratios.ndim)


def interleave_ofec(encoded: ArrayLike, *, symbol_bits_count: Literal[4, 8]) -> Bits:
    """Return the line bits of the outputs of the four encoders of oFEC, a row each.

    Parameters
    ----------
    symbol_bits_count
        Bits of a symbol of both polarizations: 4 for QPSK, 8 for 16QAM.

    Raises
    ------
    ParameterError
        If there are not four rows of a multiple of 86,016 bits.

    References
    ----------
    Open ROADM W-Port digital specification 1.0.1, 10.3 and 11.1.
    """
    bits = _bits("encoded", encoded)
    if bits.ndim != 2 or bits.shape[0] != 4:
        raise ParameterError(f"encoded has the shape {bits.shape}; allowed: four rows")
    _natural(symbol_bits_count=symbol_bits_count)
    return _core.interleave_ofec_bits(bits.reshape(-1), symbol_bits_count=symbol_bits_count, back=False)


def deinterleave_ofec(line: ArrayLike, *, symbol_bits_count: Literal[4, 8]) -> NDArray[np.float32]:
    """Return the log-likelihood ratios of the four encoders of oFEC, a row each, from those of the line.

    Raises
    ------
    ParameterError
        If their number is not a multiple of 344,064, or one is NaN or beyond 1e6.
    """
    ratios = _llr(line)
    if ratios.ndim != 1:
        raise ParameterError(f"line has {ratios.ndim} dimensions; allowed: 1")
    _natural(symbol_bits_count=symbol_bits_count)
    return _core.deinterleave_ofec_llr(ratios, symbol_bits_count=symbol_bits_count).reshape(4, -1)


def count_product_fec(
    code: ProductCode,
    *,
    pre_fec_ber: float,
    frames: int,
    seed: int,
    first_frame: int = 0,
    channel: Channel | None = None,
    schedule: OfecSchedule | StaircaseSchedule | None = None,
    task: Task | None = None,
) -> FecCounts:
    """Count errors before and behind a decoder in frames of random information over a noisy channel.

    Parameters
    ----------
    frames, first_frame
        Frames ``first_frame`` to ``first_frame + frames - 1``. A frame is a stream of its own, addressed by its number:
        any split into runs gives the same sum, whatever the number of threads.
    channel
        ``bpsk`` (default of oFEC), ``pam4`` (16QAM per quadrature; default of CFEC), both in white Gaussian noise;
        ``binary_symmetric``: hard decisions with independent errors (default of the staircase code).
    schedule
        Of the decoder; an ``OfecSchedule`` for oFEC, a ``StaircaseSchedule`` for the others.

    Raises
    ------
    ParameterError
        If a name is none of those, a number is out of its range, or the channel has no such BER.
    Cancelled
        If the task is cancelled.
    """
    for name, value in {"first_frame": first_frame, "frames": frames, "seed": seed}.items():
        if not 0 <= value < 2**63:
            raise ParameterError(f"{name} is {value}; allowed: 0 or above, below 2^63")
    if code not in ("ofec", "scfec", "cfec"):
        raise ParameterError(f"code is {code}; allowed: ofec, scfec or cfec")
    chosen = schedule or (OfecSchedule() if code == "ofec" else StaircaseSchedule())
    common: dict[str, Any] = {
        "channel": channel or {"ofec": "bpsk", "scfec": "binary_symmetric", "cfec": "pam4"}[code],
        "pre_fec_ber": pre_fec_ber,
        "first_frame": first_frame,
        "frames": frames,
        "seed": seed,
        "task": task or Task(),
    }
    if code == "ofec" and isinstance(chosen, OfecSchedule):
        found = _core.count_ofec(**common, soft=_soft(chosen), hard_passes_count=chosen.hard_passes_count)
    elif code != "ofec" and isinstance(chosen, StaircaseSchedule):
        common |= _window(chosen)
        found = _core.count_staircase(**common, code=code)
    else:
        raise ParameterError(f"schedule is a {type(chosen).__name__}; allowed: the schedule of a decoder of {code}")
    return FecCounts(**found)

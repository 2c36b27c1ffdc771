"""FEC formulas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.checks import as_ratios, require_positive

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleErrors:
    """What the FEC of modules leaves: one entry per module, NaN where the BER of a lane is NaN."""

    codeword_error_ratio: NDArray[np.float64]
    post_fec_ber: NDArray[np.float64]
    frame_loss_ratio: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFeedback:
    """Runs of errors that decision feedback makes on a lane.

    Attributes
    ----------
    continuation_ratio
        Probability that a PAM4 symbol is wrong if the one before it was, see :func:`feedback_continuation_ratio`.
    precoded
        Whether the transmitter precodes by 1/(1+D).
    pcs_lanes_count
        PCS lanes whose bits the lane multiplexes; None: whole 10-bit symbols follow each other.
    """

    continuation_ratio: float
    precoded: bool = False
    pcs_lanes_count: int | None = None


def apply_fec(
    pre_fec_ber: float, *, kind: str, left_ratio_by_pre_fec_ber: Points = (), interleaved_codewords_count: int = 0
) -> tuple[float, float]:
    """Return the post-FEC BER and the frame loss ratio that a scheme leaves; NaN where it defines none.

    Parameters
    ----------
    kind
        ``kp4``, ``inner_kp4`` or ``table``.
    left_ratio_by_pre_fec_ber
        Symbol error ratio behind the inner code, or the table's post-FEC BER.

    Raises
    ------
    ParameterError
        If the kind is none of them or the points do not rise.

    References
    ----------
    ``docs/models/fec.md``.
    """
    table = np.array(left_ratio_by_pre_fec_ber, dtype=np.float64).reshape(-1, 2)
    return _core.apply_fec(
        pre_fec_ber,
        kind=kind,
        point_ber=np.ascontiguousarray(table[:, 0]),
        point_ratio=np.ascontiguousarray(table[:, 1]),
        interleaved_codewords_count=interleaved_codewords_count,
    )


def kp4_codeword_error_ratio(pre_fec_ber: ArrayLike) -> NDArray[np.float64]:
    """Return the ratio of KP4 codewords that independent bit errors make uncorrectable.

    Raises
    ------
    ParameterError
        If a ratio is outside 0 to 1.

    References
    ----------
    RS(544,514) with t = 15 over 10-bit symbols; exact binomial formula.
    """
    return _core.kp4_codeword_error_ratio(as_ratios("pre_fec_ber", pre_fec_ber))


def kp4_post_fec_ber(pre_fec_ber: ArrayLike) -> NDArray[np.float64]:
    """Return the bit error ratio after KP4 for independent bit errors.

    Raises
    ------
    ParameterError
        If a ratio is outside 0 to 1.
    """
    return _core.kp4_post_fec_ber(as_ratios("pre_fec_ber", pre_fec_ber))


def kp4_frame_loss_ratio(codeword_error_ratio: ArrayLike, *, interleaved_codewords_count: int) -> NDArray[np.float64]:
    """Return the loss ratio of 64-octet frames whose bits lie in so many interleaved codewords (1, 2 or 4).

    Raises
    ------
    ParameterError
        If a ratio is outside 0 to 1 or there is no codeword.
    """
    if interleaved_codewords_count < 1:
        raise ParameterError(f"interleaved_codewords_count is {interleaved_codewords_count}; allowed: 1 or more")
    return _core.kp4_frame_loss_ratio(
        as_ratios("codeword_error_ratio", codeword_error_ratio), interleaved_codewords_count=interleaved_codewords_count
    )


def module_frame_loss(
    pre_fec_ber: ArrayLike,
    *,
    interleaved_codewords_count: int,
    kp4_symbol_error_ratio_by_pre_fec_ber: Points | None = None,
    feedback: DecisionFeedback | None = None,
) -> ModuleErrors:
    """Return what KP4 leaves of modules whose lanes err unequally.

    Parameters
    ----------
    pre_fec_ber
        The lanes of each module along the last axis; each gives an equal share of the symbols of every codeword.
    interleaved_codewords_count
        KP4 codewords interleaved for one frame stream (1, 2 or 4).
    kp4_symbol_error_ratio_by_pre_fec_ber
        Table of an inner code; None: KP4 alone.
    feedback
        Runs of errors; None: random errors. With runs ``pre_fec_ber`` is half the ratio of wrong PAM4 decisions.

    Raises
    ------
    ParameterError
        If a ratio is outside its range, there is no lane, or runs are asked for behind an inner code.

    References
    ----------
    ``docs/models/fec.md``.
    """
    ber = np.atleast_1d(as_ratios("pre_fec_ber", pre_fec_ber))
    options = _lane_options(interleaved_codewords_count, kp4_symbol_error_ratio_by_pre_fec_ber, feedback)
    found = _core.module_frame_loss(np.ascontiguousarray(ber.reshape(-1, ber.shape[-1])), **options)
    codewords, bits, frames = (column.reshape(ber.shape[:-1]) for column in found)
    return ModuleErrors(codeword_error_ratio=codewords, post_fec_ber=bits, frame_loss_ratio=frames)


def block_symbol_error_ratios(
    pre_fec_ber: ArrayLike,
    *,
    interleaved_codewords_count: int = 1,
    kp4_symbol_error_ratio_by_pre_fec_ber: Points | None = None,
    feedback: DecisionFeedback | None = None,
) -> NDArray[np.float64]:
    """Return the probabilities of 0, 1, 2 ... wrong 10-bit symbols in a codeword of one module.

    This is the histogram by which the P802.3dj draft (Annex 174A) judges a receiver; the sum from 16 on is its block
    error ratio. See :func:`module_frame_loss` for the parameters; ``pre_fec_ber`` has one entry per lane.

    Raises
    ------
    ParameterError
        If a ratio is outside its range or NaN, or there is no lane.
    """
    ber = np.atleast_1d(as_ratios("pre_fec_ber", pre_fec_ber))
    options = _lane_options(interleaved_codewords_count, kp4_symbol_error_ratio_by_pre_fec_ber, feedback)
    return _core.block_symbol_errors(np.ascontiguousarray(ber.reshape(-1)), **options)


def _lane_options(count: int, points: Points | None, feedback: DecisionFeedback | None) -> dict[str, Any]:
    if count < 1:
        raise ParameterError(f"interleaved_codewords_count is {count}; allowed: 1 or more")
    if points is not None and feedback is not None:
        raise ParameterError("feedback is not modeled behind an inner code; give one of the two")
    options: dict[str, Any] = {"interleaved_codewords_count": count}
    if points is not None:
        table = np.array(points, dtype=np.float64).reshape(-1, 2)
        options["inner_pre_fec_ber"] = np.ascontiguousarray(table[:, 0])
        options["inner_symbol_error_ratio"] = np.ascontiguousarray(table[:, 1])
    if feedback is not None:
        if feedback.pcs_lanes_count is not None and feedback.pcs_lanes_count < 1:
            raise ParameterError(f"pcs_lanes_count is {feedback.pcs_lanes_count}; allowed: 2 to 16, even")
        options["continuation_ratio"] = feedback.continuation_ratio
        options["precoded"] = feedback.precoded
        options["pcs_lanes_count"] = feedback.pcs_lanes_count
    return options


def hamming_hard_symbol_error_ratio(pre_fec_ber: ArrayLike) -> NDArray[np.float64]:
    """Return the ratio of 10-bit outer symbols that hard decoding of Hamming(128,120) leaves in error; exact.

    Raises
    ------
    ParameterError
        If a ratio is outside 0 to 1; above 0.5 the answer is NaN.
    """
    return _core.hamming_hard_symbol_error_ratio(as_ratios("pre_fec_ber", pre_fec_ber))


def hamming_soft_symbol_error_bound_ratio(pre_fec_ber: ArrayLike) -> NDArray[np.float64]:
    """Return an upper bound of the ratio of 10-bit outer symbols that soft decoding of Hamming(128,120) leaves wrong.

    Raises
    ------
    ParameterError
        If a ratio is outside 0 to 1; where PAM4 has no such BER the answer is NaN.
    """
    return _core.hamming_soft_symbol_error_bound(as_ratios("pre_fec_ber", pre_fec_ber))


def feedback_continuation_ratio(tap_ratio: float, *, distance_over_sigma_ratio: float) -> float:
    """Return the probability that a PAM4 decision behind one feedback tap is wrong if the one before it was.

    Parameters
    ----------
    tap_ratio
        The tap over the main cursor, 0 to 1.
    distance_over_sigma_ratio
        Half a level spacing over the noise's standard deviation.

    Raises
    ------
    ParameterError
        If a ratio is outside its range.
    """
    require_positive(distance_over_sigma_ratio=distance_over_sigma_ratio)
    return _core.feedback_continuation_ratio(tap_ratio, distance_over_sigma_ratio=distance_over_sigma_ratio)

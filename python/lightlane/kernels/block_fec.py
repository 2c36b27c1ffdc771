"""Encoders and decoders of block codes: KP4 and the inner codes before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError

KP4_SYMBOLS_COUNT, KP4_MESSAGE_SYMBOLS_COUNT = 544, 514
InnerCode = Literal["hamming-128-120", "bch-126-110"]
"""Inner code words carry 12 and 11 outer symbols."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kp4Decoding:
    """What the decoder of KP4 makes of received words; one entry per word but for the codewords.

    Attributes
    ----------
    codewords
        Corrected words, shape (..., 544); a word that failed is as it was received.
    corrected_symbols_count, corrected_bits_count
        Symbols and bits that were changed.
    failed
        Whether no codeword was within reach. A word far beyond reach may be near another codeword instead, with a
        probability of about 1/15!, and then does not fail.
    """

    codewords: NDArray[np.uint16]
    corrected_symbols_count: NDArray[np.uint16]
    corrected_bits_count: NDArray[np.uint16]
    failed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class InnerDecoding:
    """What the decoder of an inner code makes of received words; one entry per word but for the information.

    Attributes
    ----------
    information
        Decoded bits, shape (..., 120) or (..., 110).
    corrected_bits_count
        Hard decisions of the whole word that were changed.
    failed
        Whether no codeword was found; the information is then the hard decisions.
    """

    information: NDArray[np.uint8]
    corrected_bits_count: NDArray[np.uint8]
    failed: NDArray[np.bool_]


def encode_kp4(message: ArrayLike) -> NDArray[np.uint16]:
    """Return the RS(544,514) codewords of messages of 10-bit symbols, shape (..., 514); the parity stands behind.

    Raises
    ------
    ParameterError
        If the last axis is not 514 long or a symbol is not a whole number from 0 to 1023.

    References
    ----------
    IEEE 802.3-2022, 91.5.2.7. ``docs/models/fec-codes.md``.
    """
    symbols = _as_symbols("message", message, KP4_MESSAGE_SYMBOLS_COUNT)
    return _core.encode_kp4(symbols.reshape(-1)).reshape(*symbols.shape[:-1], KP4_SYMBOLS_COUNT)


def decode_kp4(received: ArrayLike, *, erased: ArrayLike | None = None) -> Kp4Decoding:
    """Return the codewords nearest to received words, shape (..., 544).

    A word with e wrong symbols and f erased ones is corrected if 2e + f is at most 30.

    Parameters
    ----------
    erased
        True for symbols that are known to be unreliable, in the shape of ``received``.

    Raises
    ------
    ParameterError
        If a shape is wrong or a symbol is not a whole number from 0 to 1023.

    References
    ----------
    IEEE 802.3-2022, 91.5.3.3. ``docs/models/fec-codes.md``.
    """
    symbols = _as_symbols("received", received, KP4_SYMBOLS_COUNT)
    flags = None
    if erased is not None:
        given = np.asarray(erased)
        if given.shape != symbols.shape or given.dtype != np.bool_:
            raise ParameterError(
                f"erased has the shape {given.shape} and type {given.dtype}; allowed: {symbols.shape}, bool"
            )
        flags = np.ascontiguousarray(given).reshape(-1)
    words, symbols_count, bits_count, failed = _core.decode_kp4(symbols.reshape(-1), flags)
    shape = symbols.shape[:-1]
    return Kp4Decoding(
        codewords=words.reshape(symbols.shape),
        corrected_symbols_count=symbols_count.reshape(shape),
        corrected_bits_count=bits_count.reshape(shape),
        failed=failed.reshape(shape),
    )


def distribute_kp4(codewords: ArrayLike, *, lanes_count: int) -> NDArray[np.uint16]:
    """Return the symbols of interleaved codewords on the lanes of a module, a row per symbol time, a column per lane.

    Lanes take symbols from the 1, 2 or 4 codewords in turn, and so does each lane along time.

    Parameters
    ----------
    codewords
        Interleaved codewords, shape (codewords, 544).
    lanes_count
        A multiple of the codewords that deals their symbols out evenly.

    Raises
    ------
    ParameterError
        If the shape is wrong, a symbol is not from 0 to 1023 or the lanes do not divide the symbols.
    """
    symbols = _as_symbols("codewords", codewords, KP4_SYMBOLS_COUNT)
    if symbols.ndim != 2:
        raise ParameterError(f"codewords has the shape {symbols.shape}; allowed: (codewords, {KP4_SYMBOLS_COUNT})")
    _require_count("lanes_count", lanes_count)
    line = _core.distribute_kp4(symbols.reshape(-1), codewords_count=symbols.shape[0], lanes_count=lanes_count)
    return line.reshape(-1, lanes_count)


def collect_kp4(line: ArrayLike, *, codewords_count: int) -> NDArray[np.uint16]:
    """Return the codewords, shape (codewords, 544), of symbols on lanes; undoes :func:`distribute_kp4`.

    Raises
    ------
    ParameterError
        If the shape is not (rows, lanes) of so many codewords or a symbol is not from 0 to 1023.
    """
    given = np.asarray(line)
    symbols = _as_symbols("line", given, given.shape[-1] if given.ndim else 0)
    if symbols.ndim != 2:
        raise ParameterError(f"line has the shape {symbols.shape}; allowed: (rows, lanes)")
    _require_count("codewords_count", codewords_count)
    found = _core.collect_kp4(symbols.reshape(-1), codewords_count=codewords_count, lanes_count=symbols.shape[1])
    return found.reshape(codewords_count, KP4_SYMBOLS_COUNT)


def encode_inner(code: InnerCode, information: ArrayLike) -> NDArray[np.uint8]:
    """Return the words of an inner code for information bits 0 and 1, shape (..., 120) or (..., 110).

    Raises
    ------
    ParameterError
        If the code is not known, the last axis is not its information or a bit is not 0 or 1.

    References
    ----------
    ``docs/models/fec-codes.md``.
    """
    bits_count, information_count = _core.inner_code_bits(code)
    bits = _as_bits("information", information, information_count)
    return _core.encode_inner(code, bits.reshape(-1)).reshape(*bits.shape[:-1], bits_count)


def decode_inner_hard(code: InnerCode, bits: ArrayLike) -> InnerDecoding:
    """Return what hard decisions 0 and 1 of words of an inner code, shape (..., 128) or (..., 126), decode to.

    Raises
    ------
    ParameterError
        If the code is not known, the last axis is not its words or a bit is not 0 or 1.
    """
    bits_count, information_count = _core.inner_code_bits(code)
    words = _as_bits("bits", bits, bits_count)
    return _inner(_core.decode_inner_hard(code, words.reshape(-1)), words.shape[:-1], information_count)


def decode_inner_soft(code: InnerCode, log_likelihood_ratio: ArrayLike, *, test_bits_count: int = 6) -> InnerDecoding:
    """Return what log-likelihood ratios of words of an inner code decode to: Chase's decoder.

    Parameters
    ----------
    log_likelihood_ratio
        Natural logarithms of P(bit 0)/P(bit 1), shape (..., 128) or (..., 126).
    test_bits_count
        Least reliable bits that are tried both ways, 0 to 8.

    Raises
    ------
    ParameterError
        If the code is not known, a shape is wrong, or a ratio is NaN or beyond 1e30.

    References
    ----------
    Chase 1972, doi 10.1109/TIT.1972.1054746.
    """
    bits_count, information_count = _core.inner_code_bits(code)
    given = _as_words("log_likelihood_ratio", log_likelihood_ratio, bits_count)
    if not np.issubdtype(given.dtype, np.floating):
        raise ParameterError(f"log_likelihood_ratio is of the type {given.dtype}; allowed: floating-point numbers")
    largest = float(np.finfo(np.float32).max)
    if given.size and not np.all(np.abs(given) <= largest):
        raise ParameterError(
            "log_likelihood_ratio has a number that is not finite in single precision; allowed: -1e30 to 1e30"
        )
    if not 0 <= test_bits_count <= 8:
        raise ParameterError(f"test_bits_count is {test_bits_count}; allowed: 0 to 8")
    ratios = np.ascontiguousarray(given, dtype=np.float32).reshape(-1)
    found = _core.decode_inner_soft(code, ratios, test_bits_count=test_bits_count)
    return _inner(found, given.shape[:-1], information_count)


def _inner(
    found: tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]], shape: tuple[int, ...], count: int
) -> InnerDecoding:
    information, corrected, failed = found
    return InnerDecoding(
        information=information.reshape(*shape, count),
        corrected_bits_count=corrected.reshape(shape),
        failed=failed.reshape(shape),
    )


def _require_count(name: str, count: int) -> None:
    if count < 1:
        raise ParameterError(f"{name} is {count}; allowed: 1 or more")


def _as_words(name: str, values: ArrayLike, count: int) -> NDArray[Any]:
    given = np.asarray(values)
    if given.ndim == 0 or given.shape[-1] != count:
        raise ParameterError(f"{name} has the shape {given.shape}; allowed: {count} along the last axis")
    return given


def _as_integers(name: str, values: ArrayLike, count: int, most: int, kind: DTypeLike) -> NDArray[Any]:
    given = _as_words(name, values, count)
    if not (np.issubdtype(given.dtype, np.integer) or given.dtype == np.bool_):
        raise ParameterError(f"{name} is of the type {given.dtype}; allowed: whole numbers from 0 to {most}")
    if given.size and (given.max() > most or given.min() < 0):
        wrong = given[(given > most) | (given < 0)].flat[0]
        raise ParameterError(f"{name} is {wrong}; allowed: whole numbers from 0 to {most}")
    return np.ascontiguousarray(given, dtype=kind)


def _as_symbols(name: str, values: ArrayLike, count: int) -> NDArray[np.uint16]:
    return _as_integers(name, values, count, 1023, np.uint16)


def _as_bits(name: str, values: ArrayLike, count: int) -> NDArray[np.uint8]:
    return _as_integers(name, values, count, 1, np.uint8)

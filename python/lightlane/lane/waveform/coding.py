"""The bits of a simulated lane through the code of its mode: encoder, received ratios, decoder, errors left.

What a lane sends is the encoder's output, scrambled by a known random word: the sent bits are random, and the word is
chosen so that this holds. The receiver takes the scrambling off its log-likelihood ratios. So words of the encoder meet
the lane's own errors in their order, whatever shaped the bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lightlane.kernels.block_fec import decode_inner_soft, decode_kp4, encode_inner, encode_kp4
from lightlane.kernels.product_fec import (
    CFEC_FRAME_BITS,
    CFEC_FRAME_INFORMATION_BITS,
    OFEC_BLOCK_INFORMATION_BITS,
    STAIRCASE_BLOCK_BITS,
    STAIRCASE_BLOCK_INFORMATION_BITS,
    decode_cfec,
    decode_ofec,
    decode_staircase,
    deinterleave_ofec,
    encode_product,
    interleave_ofec,
)
from lightlane.kernels.signal import random_bits

Bits = NDArray[np.uint8]
Ratios = NDArray[np.float32]

INFORMATION = 700
"""Purpose of the random information bits."""
OFEC_ENCODERS, OFEC_ROUND_BITS, OFEC_ROUND_BLOCKS = 4, 344_064, 21
"""Encoders side by side; bits of the line of one round of their interleaver, and blocks of each encoder in it."""
OFEC_BEFORE_BLOCKS, OFEC_MORE_ROUNDS = 42, 6
"""Blocks in front of the counted ones, since a stream's first words know more than others; rounds that these and the
decoder's delay of 110 rows take."""
STAIRCASE_BEFORE_BLOCKS, STAIRCASE_BEHIND_BLOCKS = 5, 10
"""The same of the staircase code, whose window has 7 blocks: a frame of CFEC in front and two behind."""
CFEC_FRAME_BLOCKS = 5
KP4_SYMBOLS, KP4_MESSAGE_SYMBOLS, KP4_SYMBOL_BITS = 544, 514, 10
INNER_CODES = {"hamming-128-120-kp4": "hamming-128-120", "bch-126-110-kp4": "bch-126-110"}
RATIO_MAX = 60.0
"""Beyond which a log-likelihood ratio says nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedPayload:
    """What a decoder leaves of a lane's bits.

    Attributes
    ----------
    fec
        Of the catalog.
    words_count, wrong_words_count
        Code words, frames or blocks that were counted, and those with a wrong bit behind the decoder.
    bits_count, bit_errors_count
        Information bits of these, and wrong ones.
    flagged_words_count
        Words that the decoder itself reports as not corrected.
    symbols_count, symbol_errors_count
        10-bit symbols that an inner code hands to KP4, and wrong ones; 0 where there is none.
    """

    fec: str
    words_count: int
    wrong_words_count: int
    bits_count: int
    bit_errors_count: int
    flagged_words_count: int
    symbols_count: int = 0
    symbol_errors_count: int = 0

    @property
    def post_fec_ber(self) -> float:
        """Counted bit error ratio behind the decoder."""
        return self.bit_errors_count / self.bits_count


def least_bits_count(fec: str) -> int:
    """Return the line bits that a lane must carry for the decoder of its FEC."""
    bits = {"ofec": OFEC_ROUND_BITS, "cfec": CFEC_FRAME_BITS, "sc-fec": STAIRCASE_BLOCK_BITS}
    return bits.get(fec, KP4_SYMBOLS * KP4_SYMBOL_BITS)


def decode_payload(
    fec: str, sent: Bits, log_ratio: Ratios, *, symbol_bits_count: int, seed: int, stream: int
) -> DecodedPayload | None:
    """Return what the decoder of a FEC leaves of sent bits, whose ratios ln P(0)/P(1) a receiver found, in line order.

    Parameters
    ----------
    symbol_bits_count
        Bits of one symbol of the line, both polarizations together.

    Returns
    -------
    None where the lane carries too few bits, see :func:`least_bits_count`.

    References
    ----------
    ``docs/models/coherent-waveform.md``, ``docs/models/direct-waveform.md``.
    """
    if len(sent) < least_bits_count(fec):
        return None
    line = _Line(sent, np.clip(log_ratio, -RATIO_MAX, RATIO_MAX).astype(np.float32), seed, stream)
    if fec == "ofec":
        return _through_ofec(line, symbol_bits_count=4 if symbol_bits_count == 4 else 8)
    if fec == "cfec":
        return _through_cfec(line)
    if fec == "sc-fec":
        return _through_staircase(line)
    if fec in INNER_CODES:
        return _through_inner(fec, line)
    return _through_kp4(fec, line)


@dataclass(frozen=True, slots=True)
class _Line:
    sent: Bits
    log_ratio: Ratios
    seed: int
    stream: int

    def information(self, count: int) -> Bits:
        return random_bits(count, seed=self.seed, stream=self.stream, purpose=INFORMATION)

    def unscrambled(self, encoded: Bits) -> Ratios:
        """Return the ratios of the encoder's output: signs turned where the sent bit is the other one.

        The simulated block is periodic: beyond its end the line goes on with its begin.
        """
        count = len(encoded)
        log_ratio = np.resize(self.log_ratio, count)
        return np.where(np.resize(self.sent, count) == encoded, log_ratio, -log_ratio)

    def whole(self, bits_count: int) -> _Line:
        """Return as much of the line as has whole pieces of so many bits."""
        kept = len(self.sent) // bits_count * bits_count
        return _Line(self.sent[:kept], self.log_ratio[:kept], self.seed, self.stream)


def _through_ofec(line: _Line, *, symbol_bits_count: Literal[4, 8]) -> DecodedPayload:
    line = line.whole(OFEC_ROUND_BITS)
    rounds = len(line.sent) // OFEC_ROUND_BITS
    blocks = (rounds + OFEC_MORE_ROUNDS) * OFEC_ROUND_BLOCKS
    information = line.information(OFEC_ENCODERS * blocks * OFEC_BLOCK_INFORMATION_BITS).reshape(OFEC_ENCODERS, -1)
    encoded = interleave_ofec(encode_product(information, code="ofec"), symbol_bits_count=symbol_bits_count)
    decoded = decode_ofec(deinterleave_ofec(line.unscrambled(encoded), symbol_bits_count=symbol_bits_count))
    wrong = (decoded.information != information).reshape(OFEC_ENCODERS, blocks, OFEC_BLOCK_INFORMATION_BITS)
    counted = slice(OFEC_BEFORE_BLOCKS, OFEC_BEFORE_BLOCKS + rounds * OFEC_ROUND_BLOCKS)
    return _counted("ofec", wrong[:, counted].reshape(-1, OFEC_BLOCK_INFORMATION_BITS), decoded.flagged_words_count)


def _through_cfec(line: _Line) -> DecodedPayload:
    line = line.whole(CFEC_FRAME_BITS)
    frames = len(line.sent) // CFEC_FRAME_BITS
    more = (STAIRCASE_BEFORE_BLOCKS + STAIRCASE_BEHIND_BLOCKS) // CFEC_FRAME_BLOCKS
    information = line.information((frames + more) * CFEC_FRAME_INFORMATION_BITS)
    encoded = encode_product(information, code="cfec")
    decoded = decode_cfec(line.unscrambled(encoded))
    wrong = decoded.information != information
    return _between_neighbors("cfec", wrong, CFEC_FRAME_BLOCKS * frames, decoded.flagged_words_count)


def _through_staircase(line: _Line) -> DecodedPayload:
    line = line.whole(STAIRCASE_BLOCK_BITS)
    blocks = len(line.sent) // STAIRCASE_BLOCK_BITS
    more = STAIRCASE_BEFORE_BLOCKS + STAIRCASE_BEHIND_BLOCKS
    information = line.information((blocks + more) * STAIRCASE_BLOCK_INFORMATION_BITS)
    encoded = encode_product(information, code="scfec")
    decoded = decode_staircase((line.unscrambled(encoded) < 0.0).astype(np.uint8))
    return _between_neighbors("sc-fec", decoded.information != information, blocks, decoded.flagged_words_count)


def _between_neighbors(fec: str, wrong: NDArray[np.bool_], blocks: int, flagged: NDArray[np.int64]) -> DecodedPayload:
    """Count as many blocks of a staircase as the payload has, with as many in front and behind as decide on them."""
    rows = wrong.reshape(-1, STAIRCASE_BLOCK_INFORMATION_BITS)
    return _counted(fec, rows[STAIRCASE_BEFORE_BLOCKS:][:blocks], flagged)


def _counted(fec: str, wrong: NDArray[np.bool_], flagged: NDArray[np.int64]) -> DecodedPayload:
    return DecodedPayload(
        fec=fec,
        words_count=len(wrong),
        wrong_words_count=int(np.count_nonzero(wrong.any(axis=1))),
        bits_count=wrong.size,
        bit_errors_count=int(np.count_nonzero(wrong)),
        flagged_words_count=int(flagged.sum()),
    )


def _through_kp4(fec: str, line: _Line) -> DecodedPayload:
    word_bits = KP4_SYMBOLS * KP4_SYMBOL_BITS
    words = len(line.sent) // word_bits
    weights = (1 << np.arange(KP4_SYMBOL_BITS)).astype(np.uint16)
    message = (
        line.information(words * KP4_MESSAGE_SYMBOLS * KP4_SYMBOL_BITS).reshape(words, -1, KP4_SYMBOL_BITS) * weights
    ).sum(axis=2)
    encoded = encode_kp4(message.astype(np.uint16))
    bits = (encoded[..., None] >> np.arange(KP4_SYMBOL_BITS) & 1).astype(np.uint8).ravel()
    hard = (line.unscrambled(bits) < 0.0).reshape(words, KP4_SYMBOLS, KP4_SYMBOL_BITS)
    decoded = decode_kp4((hard * weights).sum(axis=2).astype(np.uint16))
    wrong = decoded.codewords != encoded
    flipped = np.bitwise_count(decoded.codewords ^ encoded)
    return DecodedPayload(
        fec=fec,
        words_count=words,
        wrong_words_count=int(np.count_nonzero(wrong.any(axis=1))),
        bits_count=words * word_bits,
        bit_errors_count=int(flipped.sum()),
        flagged_words_count=int(np.count_nonzero(decoded.failed)),
    )


def _through_inner(fec: str, line: _Line) -> DecodedPayload:
    """Count the symbols that the inner code hands to KP4 wrong; its codewords take one symbol of each inner word."""
    code = INNER_CODES[fec]
    length, information_bits = (128, 120) if code == "hamming-128-120" else (126, 110)
    words = len(line.sent) // length
    information = line.information(words * information_bits).reshape(words, information_bits)
    encoded = encode_inner(code, information)  # type: ignore[arg-type]
    log_ratio = line.unscrambled(encoded.ravel()).reshape(words, length)
    decoded = decode_inner_soft(code, log_ratio)  # type: ignore[arg-type]
    wrong = decoded.information != information
    symbols = wrong.reshape(words, -1, KP4_SYMBOL_BITS).any(axis=2)
    return DecodedPayload(
        fec=fec,
        words_count=words,
        wrong_words_count=int(np.count_nonzero(wrong.any(axis=1))),
        bits_count=wrong.size,
        bit_errors_count=int(np.count_nonzero(wrong)),
        flagged_words_count=int(np.count_nonzero(decoded.failed)),
        symbols_count=symbols.size,
        symbol_errors_count=int(np.count_nonzero(symbols)),
    )

"""What the screen and machines are told of the bits behind a simulated lane's FEC."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lightlane.lane.waveform.coding import DecodedPayload

WORDS = {"ofec": "blocks", "cfec": "blocks", "sc-fec": "blocks"}


def payload_sentence(payload: DecodedPayload | None) -> str:
    """Return one line about the decoded bits."""
    if payload is None:
        return "The lane carries too few bits for its FEC's decoder; --symbols 262144 has enough."
    words = WORDS.get(payload.fec, "words")
    text = (
        f"Behind the decoder of {payload.fec}: {payload.bit_errors_count:,} errors in {payload.bits_count:,} bits, "
        f"{payload.wrong_words_count:,} of {payload.words_count:,} {words} wrong"
    )
    if payload.symbols_count:
        wrong = f"{payload.symbol_errors_count:,} of {payload.symbols_count:,}"
        text += f"; the inner code hands {wrong} symbols to KP4 wrong"
    return text + "."


def describe_payload(payload: DecodedPayload | None) -> dict[str, Any] | None:
    """Return the decoded bits as JSON-ready values."""
    return None if payload is None else asdict(payload)

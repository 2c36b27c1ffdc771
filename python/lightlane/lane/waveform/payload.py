"""The received symbols of a coherent lane as soft bits of its line, for the decoder of its FEC."""

from __future__ import annotations

import numpy as np

from lightlane.kernels.signal import bit_log_likelihood_ratios, decide_bits
from lightlane.lane.waveform.coding import DecodedPayload, decode_payload, least_bits_count
from lightlane.lane.waveform.receiver import ReceivedLane


def decode_lane(received: ReceivedLane, fec: str, *, seed: int, stream: int) -> DecodedPayload | None:
    """Return what a FEC leaves of the payload between the block's ends; None where it is too short for the decoder.

    Bits follow each other symbol by symbol, X before Y. Pilots between them carry none.
    """
    form = received.form
    size, count = form.bits_per_symbol, received.symbols.shape[1]
    if 2 * size * count < least_bits_count(fec):
        return None
    sent, ratios = [], []
    for side, quality in enumerate(received.quality):
        noise = 10.0 ** (-quality.snr_db / 10.0)
        sent.append(decide_bits(received.sent[side], form).reshape(count, size))
        ratios.append(
            bit_log_likelihood_ratios(received.symbols[side], form, noise_variance_ratio=noise).reshape(count, size)
        )
    return decode_payload(
        fec,
        np.concatenate(sent, axis=1).ravel(),
        np.concatenate(ratios, axis=1).ravel().astype(np.float32),
        symbol_bits_count=2 * size,
        seed=seed,
        stream=stream,
    )

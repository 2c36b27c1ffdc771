"""The receiver's own clock: samples of a periodic block at another rate, and the way back to the transmitter's."""

from __future__ import annotations

import numpy as np

from lightlane.kernels.dsp import Resampler, TimingRecovery
from lightlane.kernels.fields import Field
from lightlane.units import SPEED_OF_LIGHT_M_PER_S

SETTLING_SAMPLES_COUNT = 4096
"""At either end of what is sampled: filters have no other side there, and the loop's last frame is not given."""


def margin_count(dispersion_ps_per_nm: float, wavelength_nm: float, sample_rate_ghz: float) -> int:
    """Return how many samples at both ends of a stream the receiver's fixed filter and the timing loop may spoil."""
    # Spread of the delays over the sampled band, in samples: |D| lambda^2/c fs^2.
    spread_ns = abs(dispersion_ps_per_nm) * 1e-3 * wavelength_nm**2 / SPEED_OF_LIGHT_M_PER_S * sample_rate_ghz
    return SETTLING_SAMPLES_COUNT + int(np.ceil(spread_ns * sample_rate_ghz))


def sample_by_own_clock(block: Field, *, clock_error_ppm: float, margin_count: int) -> Field:
    """Return a stream over two periods of a block and a margin on both sides, sampled by a clock that is off.

    The first period lets the timing loop settle; the second one is what counts.
    """
    period = block.shape[1]
    places = np.arange(-margin_count, 2 * period + margin_count) % period
    resampler = Resampler(input_rate_ghz=1.0, output_rate_ghz=1.0 + clock_error_ppm * 1e-6)
    return np.concatenate([resampler.process(block[:, places]), resampler.finish()], axis=1)


def follow_clock(stream: Field, *, roll_off: float, period_count: int, margin_count: int) -> Field:
    """Return the second period of such a stream on the transmitter's clock, samples at and between the symbols."""
    followed = TimingRecovery(roll_off=roll_off).process(stream)
    return followed[:, margin_count + period_count : margin_count + 2 * period_count]

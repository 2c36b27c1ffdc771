"""TDECQ of a simulated lane: the test pattern through transmitter and fiber, measured as an instrument does."""

from __future__ import annotations

import numpy as np

from lightlane.catalog.parts import DirectMode
from lightlane.kernels.direct import ReferenceReceiver
from lightlane.kernels.direct_waveform import (
    SAMPLES_PER_SYMBOL,
    Pam4Drive,
    SampledPath,
    normal_numbers,
    propagate_pam4,
)
from lightlane.kernels.patterns import ssprq
from lightlane.kernels.tdecq import TdecqMeasurement, measure_tdecq
from lightlane.lane.waveform.address import INTENSITY_NOISE
from lightlane.lane.waveform.direct.hardware import DirectHardware
from lightlane.lane.waveform.direct.transmitter import mode_transmitter


def measure_lane_tdecq(
    mode: DirectMode,
    hardware: DirectHardware,
    *,
    wavelength_nm: float,
    dispersion_ps_per_nm: float,
    slope_ps_per_nm2: float = 0.0,
    seed: int = 0,
    stream: int = 0,
) -> TdecqMeasurement:
    """Return TDECQ of a mode's transmitter behind accumulated dispersion, TECQ behind none.

    SSPRQ passes the lane's transmitter and fiber; reflections, DGD and edge jitter, which the test leaves to the
    channel, do not act. The light has the laser's intensity noise, drawn.

    Raises
    ------
    ParameterError
        If the mode lacks a figure of its transmitter or equalizer.
    ModelError
        If the eye is closed.

    References
    ----------
    IEEE 802.3-2022, 121.8.5; ``docs/models/tdecq.md``.
    """
    transmitter = mode_transmitter(mode, hardware)
    assert mode.reference_equalizer is not None
    path = SampledPath(
        wavelength_nm=wavelength_nm, dispersion_ps_per_nm=dispersion_ps_per_nm, slope_ps_per_nm2=slope_ps_per_nm2
    )
    drive = Pam4Drive(
        modulator=hardware.modulator,
        pre_emphasis_ratio=hardware.pre_emphasis_ratio,
        main_tap=hardware.main_tap,
        measured_response=hardware.measured_response,
    )
    power_ratio = propagate_pam4(ssprq(), transmitter, path, drive=drive)
    sample_rate_ghz = mode.symbol_rate_gbd * SAMPLES_PER_SYMBOL
    if mode.rin_db_per_hz is not None:
        # White up to half the sample rate; the reference receiver keeps what lies in its band.
        deviation = np.sqrt(10.0 ** (mode.rin_db_per_hz / 10.0) * 0.5e9 * sample_rate_ghz)
        noise = normal_numbers(power_ratio.size, seed=seed, stream=stream, purpose=INTENSITY_NOISE)
        power_ratio = power_ratio * (1.0 + deviation * noise)
    return measure_tdecq(
        power_ratio,
        sample_rate_ghz=sample_rate_ghz,
        symbol_rate_gbd=mode.symbol_rate_gbd,
        receiver=ReferenceReceiver(equalizer=mode.reference_equalizer, target_ser_ratio=mode.target_ser_ratio),
    )

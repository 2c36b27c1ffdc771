"""The transmitter of a direct-detect lane by the figures of its mode and its hardware."""

from __future__ import annotations

from lightlane.catalog.parts import DirectMode
from lightlane.errors import ParameterError
from lightlane.kernels.direct import Pam4Transmitter
from lightlane.lane.waveform.direct.hardware import DirectHardware


def mode_transmitter(mode: DirectMode, hardware: DirectHardware) -> Pam4Transmitter:
    """Return the transmitter at its mode's least extinction ratio.

    Raises
    ------
    ParameterError
        If the mode lacks a figure of transmitter or equalizer that the hardware does not give.
    """
    chirp_alpha = mode.chirp_alpha if hardware.chirp_alpha is None else hardware.chirp_alpha
    for name, figure in (
        ("chirp_alpha", chirp_alpha),
        ("eo_bandwidth_ghz", mode.eo_bandwidth_ghz or hardware.measured_response),
        ("extinction_ratio_min_db", mode.extinction_ratio_min_db),
        ("reference_equalizer", mode.reference_equalizer),
    ):
        if figure is None:
            raise ParameterError(
                f"mode {mode.id!r} states no {name}; allowed: a mode whose transmitter and equalizer are known"
            )
    assert chirp_alpha is not None
    assert mode.extinction_ratio_min_db is not None
    return Pam4Transmitter(
        symbol_rate_gbd=mode.symbol_rate_gbd,
        eo_bandwidth_ghz=mode.eo_bandwidth_ghz,
        extinction_ratio_db=mode.extinction_ratio_min_db,
        level_mismatch_ratio=1.0 if mode.level_mismatch_ratio is None else mode.level_mismatch_ratio,
        chirp_alpha=chirp_alpha,
        adiabatic_chirp_ghz=hardware.adiabatic_chirp_ghz,
    )

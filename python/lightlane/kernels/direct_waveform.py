"""Sampled PAM4 lanes: optical power behind a fiber, received current."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.direct import Pam4Transmitter
from lightlane.kernels.pam4_decisions import as_symbols
from lightlane.kernels.si import to_si_columns
from lightlane.kernels.signal import random_bits
from lightlane.kernels.tables import DirectModeColumns

Floats = NDArray[np.float64]
SAMPLES_PER_SYMBOL = 8
_NO_FLOATS = np.zeros(0)
"""Of a lane's waveform: the responses of its parts leave nothing beyond four times the symbol rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredResponse:
    """A measured electro-optic response: complex gain over frequencies that rise from 0, nothing beyond the last."""

    frequency_ghz: tuple[float, ...]
    gain: tuple[complex, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pam4Drive:
    """How a transmitter is driven.

    Attributes
    ----------
    modulator
        ``intensity`` (electro-absorption modulator, directly modulated laser) or ``mach_zehnder``.
    pre_emphasis_ratio
        Symbol-spaced taps in front of the response; the one at ``main_tap`` is the main one.
    measured_response
        In place of the transmitter's bandwidth.
    edge_delays_ui
        How late the edge in front of each symbol is; empty where all are on time.
    """

    modulator: Literal["intensity", "mach_zehnder"] = "intensity"
    pre_emphasis_ratio: tuple[float, ...] = (1.0,)
    main_tap: int = 0
    measured_response: MeasuredResponse | None = None
    edge_delays_ui: Floats = field(default_factory=lambda: _NO_FLOATS)


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectEcho:
    """A copy of the field that two reflections delay; ``phase_rad`` at every symbol of the period."""

    delay_symbols: int
    amplitude_ratio: float
    phase_rad: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledPath:
    """What lies between transmitter and detector, but for its loss.

    Attributes
    ----------
    slope_ps_per_nm2
        Slope of the accumulated dispersion over wavelength.
    dgd_ps
        Delay between the fiber's polarizations; ``slow_power_ratio`` of the light has the late one.
    joining_ratio
        Field that joins the lane's in front of the fiber, over the root of its outer OMA: one number a sample, or none.
    """

    wavelength_nm: float = 1310.0
    dispersion_ps_per_nm: float = 0.0
    slope_ps_per_nm2: float = 0.0
    dgd_ps: float = 0.0
    slow_power_ratio: float = 0.5
    echoes: tuple[DirectEcho, ...] = ()
    joining_ratio: NDArray[np.complex128] | None = None


def normal_numbers(count: int, *, seed: int, stream: int, purpose: int) -> Floats:
    """Return independent normal numbers of unit variance; number k depends on seed, stream, purpose and k alone."""
    pairs = _core.complex_normals((count + 1) // 2, seed=seed, stream=stream, purpose=purpose)
    return np.asarray(pairs.view(np.float64)[:count] * np.sqrt(2.0))


def uniform_numbers(count: int, *, seed: int, stream: int, purpose: int) -> Floats:
    """Return independent numbers from 0 to below 1, uniform; number k depends on seed, stream, purpose and k alone."""
    bits = random_bits(32 * count, seed=seed, stream=stream, purpose=purpose)
    return np.asarray(bits.reshape(count, 32) @ 0.5 ** np.arange(1.0, 33.0))


def propagate_pam4(
    symbols: ArrayLike,
    transmitter: Pam4Transmitter,
    path: SampledPath | None = None,
    *,
    drive: Pam4Drive | None = None,
    samples_per_symbol: int = SAMPLES_PER_SYMBOL,
) -> Floats:
    """Return the optical power at the detector of a lane without loss, over the outer OMA at launch.

    Parameters
    ----------
    symbols
        One period, 0 to 3; the waveform repeats.
    samples_per_symbol
        A multiple of 4 up to 64. Sample ``samples_per_symbol * k`` is the middle of symbol k.

    Returns
    -------
    ndarray of shape (symbols * samples_per_symbol,)

    Raises
    ------
    ParameterError
        If a figure is not allowed.
    ModelError
        If the transmitter's response overshoots below zero power.

    References
    ----------
    ``docs/models/direct-waveform.md``.
    """
    path = SampledPath() if path is None else path
    drive = Pam4Drive() if drive is None else drive
    column = as_symbols(symbols)
    if any(echo.delay_symbols < 0 for echo in path.echoes):
        raise ParameterError("delay_symbols is below 0; allowed: 0 or above")
    phases = [np.ascontiguousarray(echo.phase_rad, dtype=np.float64) for echo in path.echoes]
    if any(phase.shape != column.shape for phase in phases):
        raise ParameterError(f"phase_rad of an echo has another length; allowed: {column.size} numbers")
    joining = path.joining_ratio
    return _core.pam4_power(
        column,
        np.ascontiguousarray(drive.edge_delays_ui, dtype=np.float64),
        **_transmitter_options(transmitter, drive, samples_per_symbol, path),
        echo_delay_count=np.array([echo.delay_symbols for echo in path.echoes], dtype=np.int64),
        echo_amplitude_ratio=np.array([echo.amplitude_ratio for echo in path.echoes], dtype=np.float64),
        echo_phase_rad=np.array(phases, dtype=np.float64).reshape(len(phases), column.size),
        joining_ratio=None if joining is None else np.ascontiguousarray(joining, dtype=np.complex128),
    )


def launch_pam4(
    symbols: ArrayLike,
    transmitter: Pam4Transmitter,
    *,
    drive: Pam4Drive | None = None,
    samples_per_symbol: int = SAMPLES_PER_SYMBOL,
) -> NDArray[np.complex128]:
    """Return the field of a lane at launch, over the root of its outer OMA; symbols and samples as of `propagate_pam4`.

    Raises
    ------
    ParameterError
        If a figure is not allowed.
    ModelError
        If the transmitter's response overshoots below zero power.
    """
    drive = Pam4Drive() if drive is None else drive
    return _core.pam4_field(
        as_symbols(symbols),
        np.ascontiguousarray(drive.edge_delays_ui, dtype=np.float64),
        **_transmitter_options(transmitter, drive, samples_per_symbol, SampledPath()),
    )


def _transmitter_options(
    transmitter: Pam4Transmitter, drive: Pam4Drive, samples_per_symbol: int, path: SampledPath
) -> dict[str, Any]:
    measured, bandwidth_ghz = drive.measured_response, transmitter.eo_bandwidth_ghz
    return {
        "figures": {
            "symbol_rate_hz": transmitter.symbol_rate_gbd * 1e9,
            "extinction_ratio_db": transmitter.extinction_ratio_db,
            "level_mismatch_ratio": transmitter.level_mismatch_ratio,
            "chirp_alpha": transmitter.chirp_alpha,
            "adiabatic_chirp_hz": transmitter.adiabatic_chirp_ghz * 1e9,
            "wavelength_m": path.wavelength_nm * 1e-9,
            "dispersion_s_per_m": path.dispersion_ps_per_nm * 1e-3,
            "slope_s_per_m2": path.slope_ps_per_nm2 * 1e6,
            "dgd_s": path.dgd_ps * 1e-12,
            "slow_power_ratio": path.slow_power_ratio,
        },
        "modulator": drive.modulator,
        "samples_per_symbol": samples_per_symbol,
        "pre_emphasis_ratio": np.array(drive.pre_emphasis_ratio, dtype=np.float64),
        "main_tap": drive.main_tap,
        "response": (transmitter.response, None if bandwidth_ghz is None else bandwidth_ghz * 1e9),
        "measured": None
        if measured is None
        else (np.array(measured.frequency_ghz) * 1e9, np.array(measured.gain, dtype=np.complex128)),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectReceiver:
    """A photodetector with its amplifier.

    Attributes
    ----------
    thermal_noise_pa_per_sqrt_hz
        Density of the noise that does not depend on the light, at the detector's output behind its gain.
    rin_db_per_hz
        Relative intensity noise of the light; minus infinity for none.
    bandwidth_ghz
        Of the fourth-order Bessel-Thomson response; None: half of the symbol rate.
    amplified_dbm_per_ghz
        Noise of an optical amplifier in the light's polarization, at the detector, which beats with the light.
    """

    symbol_rate_gbd: float
    responsivity_a_per_w: float
    thermal_noise_pa_per_sqrt_hz: float
    gain_ratio: float = 1.0
    ionization_ratio: float = 0.0
    dark_current_na: float = 0.0
    rin_db_per_hz: float = -float("inf")
    bandwidth_ghz: float | None = None
    samples_per_symbol: int = SAMPLES_PER_SYMBOL
    amplified_dbm_per_ghz: float = -float("inf")

    def to_core(self, *, delay_ui: float = 0.0) -> _core.SampledReceiver:
        """Return the kernel; its samples lie so many symbols before those of the grid.

        Raises
        ------
        ParameterError
            If a figure is not allowed.
        """
        bandwidth_ghz = self.symbol_rate_gbd / 2.0 if self.bandwidth_ghz is None else self.bandwidth_ghz
        return _core.SampledReceiver(
            figures={
                "symbol_rate_hz": self.symbol_rate_gbd * 1e9,
                "responsivity_a_per_w": self.responsivity_a_per_w,
                "gain_ratio": self.gain_ratio,
                "ionization_ratio": self.ionization_ratio,
                "dark_current_a": self.dark_current_na * 1e-9,
                "thermal_a2_per_hz": (self.thermal_noise_pa_per_sqrt_hz * 1e-12) ** 2,
                "intensity_per_hz": 10.0 ** (self.rin_db_per_hz / 10.0),
                "amplified_w_per_hz": 1e-12 * 10.0 ** (self.amplified_dbm_per_ghz / 10.0),
            },
            samples_per_symbol=self.samples_per_symbol,
            response=("bessel4", bandwidth_ghz * 1e9),
            delay_ui=delay_ui,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEndFigures:
    """The receiver that closes a mode's stressed sensitivity, in some light."""

    responsivity_a_per_w: float
    gain_ratio: float
    ionization_ratio: float
    dark_current_na: float
    thermal_noise_pa_per_sqrt_hz: float


def direct_front_end(
    modes: DirectModeColumns, mode: int, *, oma_outer_dbm: float, average_power_dbm: float
) -> FrontEndFigures | None:
    """Return the receiver that the budget gives a mode in some light; None where the mode lacks a figure.

    Raises
    ------
    ParameterError
        If there is no such mode.
    """
    light_w = [1e-3 * 10.0 ** (level_dbm / 10.0) for level_dbm in (oma_outer_dbm, average_power_dbm)]
    found = _core.direct_front_end(to_si_columns(modes), mode, *light_w)
    if found is None:
        return None
    density = np.sqrt(found["thermal_noise_a2"] / found["bandwidth_hz"])
    return FrontEndFigures(
        responsivity_a_per_w=found["responsivity_a_per_w"],
        gain_ratio=1.0 if np.isnan(found["gain_ratio"]) else found["gain_ratio"],
        ionization_ratio=0.0 if np.isnan(found["ionization_ratio"]) else found["ionization_ratio"],
        dark_current_na=0.0 if np.isnan(found["dark_current_a"]) else found["dark_current_a"] * 1e9,
        thermal_noise_pa_per_sqrt_hz=float(density) * 1e12,
    )

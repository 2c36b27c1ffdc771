"""Lasers, converters, modulators and front ends of sampled coherent lanes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.kernels.fields import Field, as_column

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Laser:
    """A laser's noise.

    Attributes
    ----------
    linewidth_khz
        Of a Lorentzian line; read where ``frequency_noise_hz2_per_hz_by_offset_hz`` is empty.
    frequency_noise_hz2_per_hz_by_offset_hz
        Points (Hz, Hz^2/Hz) of the one-sided density of the frequency noise, rising in frequency.
    rin_db_per_hz
        Relative intensity noise; -inf for none.
    """

    linewidth_khz: float = 0.0
    frequency_noise_hz2_per_hz_by_offset_hz: Sequence[tuple[float, float]] = ()
    rin_db_per_hz: float = -math.inf


OPENZRPLUS_FREQUENCY_NOISE = ((1e2, 1e11), (1e4, 1e9), (1e6, 1e6), (1e7, 6e5), (1e8, 1.6e5), (1e9, 1.6e5))
"""The mask of OpenZR+ MSA 3.0, second-hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IqModulator:
    """Drivers and nested Mach-Zehnder modulator of one polarization.

    Attributes
    ----------
    drive_rms_ratio
        Root mean square drive of each quadrature over the half-wave voltage.
    saturation_ratio
        Saturation of the drivers over the half-wave voltage.
    bias_error_deg
        Offsets of both children from their null.
    quadrature_error_deg
        Error of the 90 degrees between them.
    imbalance_db
        Amplitude of Q over that of I.
    skew_ps
        Delay of Q behind I.
    """

    drive_rms_ratio: float = 1e-3
    saturation_ratio: float = math.inf
    bias_error_deg: tuple[float, float] = (0.0, 0.0)
    quadrature_error_deg: float = 0.0
    imbalance_db: float = 0.0
    skew_ps: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Converter:
    """A digital-to-analog or analog-to-digital converter.

    Attributes
    ----------
    effective_bits_count
        Effective number of bits.
    full_scale_ratio
        Full scale over the root mean square of the signal.
    bandwidth_ghz
        Of its analog side, a fourth-order Bessel-Thomson response; None for none.
    """

    effective_bits_count: float = math.inf
    full_scale_ratio: float = math.inf
    bandwidth_ghz: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoherentFrontEnd:
    """Oscillator, 90-degree hybrid and balanced photodiodes of one polarization."""

    oscillator_power_dbm: float = 10.0
    responsivity_a_per_w: float = 0.8
    thermal_noise_pa_per_sqrt_hz: float = 0.0
    frequency_offset_ghz: float = 0.0
    quadrature_error_deg: float = 0.0
    imbalance_db: float = 0.0


def laser_phase_rad(
    count: int, laser: Laser, *, sample_rate_ghz: float, seed: int, stream: int = 0, number: int = 0
) -> Floats:
    """Return the phase of a laser, periodic over the block; ``number`` tells the lasers of one stream apart.

    Raises
    ------
    ParameterError
        If a figure of the laser is outside its range.

    References
    ----------
    Henry 1982, doi 10.1109/JQE.1982.1071522; Di Domenico 2010, doi 10.1364/AO.49.004801.
    """
    return _core.laser_phase_rad(
        count,
        sample_rate_hz=sample_rate_ghz * 1e9,
        linewidth_hz=laser.linewidth_khz * 1e3,
        frequency_noise_hz2_per_hz_by_offset_hz=[
            (float(x), float(y)) for x, y in laser.frequency_noise_hz2_per_hz_by_offset_hz
        ],
        seed=seed,
        stream=stream,
        laser=number,
    )


def laser_amplitude_ratio(
    count: int, laser: Laser, *, sample_rate_ghz: float, seed: int, stream: int = 0, number: int = 0
) -> Floats:
    """Return the amplitude of a laser over its mean, with its relative intensity noise.

    Raises
    ------
    ParameterError
        If the noise is as strong as the light.
    """
    if laser.rin_db_per_hz == -math.inf:
        return np.ones(count)
    return _core.laser_amplitude_ratio(
        count,
        sample_rate_hz=sample_rate_ghz * 1e9,
        rin_db_per_hz=laser.rin_db_per_hz,
        seed=seed,
        stream=stream,
        laser=number,
    )


def pass_converter(samples: ArrayLike, converter: Converter, *, sample_rate_ghz: float, filter_first: bool) -> Field:
    """Return both quadratures of a periodic signal behind a converter.

    ``filter_first``: the analog side comes first (a receiver's) or last (a transmitter's).

    Raises
    ------
    ParameterError
        If a figure of the converter is outside its range.
    """
    column = as_column("samples", samples)
    if converter == Converter():
        return column
    full_scale = converter.full_scale_ratio
    return _core.convert(
        column,
        sample_rate_hz=sample_rate_ghz * 1e9,
        effective_bits=converter.effective_bits_count,
        # Further out than any sample of a block is as good as infinitely far.
        full_scale_ratio=full_scale if math.isfinite(full_scale) else 1e9,
        bandwidth_hz=None if converter.bandwidth_ghz is None else converter.bandwidth_ghz * 1e9,
        filter_first=filter_first,
    )


def modulate_iq(drive: ArrayLike, modulator: IqModulator, *, sample_rate_ghz: float) -> Field:
    """Return the field of mean power 1 that a modulator makes of a periodic drive.

    Raises
    ------
    ParameterError
        If the drive has no power or a figure of the modulator is outside its range.

    References
    ----------
    Seimetz 2009, High-Order Modulation for Optical Fiber Transmission, 2.2.
    """
    bias = modulator.bias_error_deg
    return _core.modulate_iq(
        as_column("drive", drive),
        sample_rate_hz=sample_rate_ghz * 1e9,
        drive_rms_ratio=modulator.drive_rms_ratio,
        saturation_ratio=modulator.saturation_ratio,
        bias_error_rad=(math.radians(bias[0]), math.radians(bias[1])),
        quadrature_error_rad=math.radians(modulator.quadrature_error_deg),
        imbalance_db=modulator.imbalance_db,
        skew_s=modulator.skew_ps * 1e-12,
    )


def detect_coherent(
    field: ArrayLike,
    front_end: CoherentFrontEnd,
    *,
    sample_rate_ghz: float,
    oscillator_phase_rad: ArrayLike = (),
    seed: int = 0,
    stream: int = 0,
    polarization: int = 0,
) -> Field:
    """Return a field (√W) of one polarization behind oscillator, hybrid and photodiodes, in its own scale.

    Raises
    ------
    ParameterError
        If a figure is outside its range or the phase has another length than the field.

    References
    ----------
    Kikuchi 2016, doi 10.1109/JLT.2015.2463719.
    """
    return _core.detect_coherent(
        as_column("field", field),
        np.ascontiguousarray(oscillator_phase_rad, dtype=np.float64),
        sample_rate_hz=sample_rate_ghz * 1e9,
        oscillator_power_w=1e-3 * 10.0 ** (front_end.oscillator_power_dbm / 10.0),
        responsivity_a_per_w=front_end.responsivity_a_per_w,
        thermal_noise_a_per_sqrt_hz=front_end.thermal_noise_pa_per_sqrt_hz * 1e-12,
        frequency_offset_hz=front_end.frequency_offset_ghz * 1e9,
        quadrature_error_rad=math.radians(front_end.quadrature_error_deg),
        imbalance_db=front_end.imbalance_db,
        seed=seed,
        stream=stream,
        polarization=polarization,
    )


def front_end_snr_db(received_power_dbm: float, front_end: CoherentFrontEnd, *, symbol_rate_gbd: float) -> float:
    """Return the SNR that shot and thermal noise leave at a received power (of one polarization).

    Raises
    ------
    ParameterError
        If a figure is outside its range.
    """
    ratio = _core.front_end_noise_ratio(
        1e-3 * 10.0 ** (received_power_dbm / 10.0),
        bandwidth_hz=symbol_rate_gbd * 1e9,
        oscillator_power_w=1e-3 * 10.0 ** (front_end.oscillator_power_dbm / 10.0),
        responsivity_a_per_w=front_end.responsivity_a_per_w,
        thermal_noise_a_per_sqrt_hz=front_end.thermal_noise_pa_per_sqrt_hz * 1e-12,
    )
    return -10.0 * math.log10(ratio)


def complex_normals(count: int, *, seed: int, stream: int = 0, purpose: int = 0) -> Field:
    """Return circular complex normal numbers of unit variance; number k depends on its address alone."""
    return _core.complex_normals(count, seed=seed, stream=stream, purpose=purpose)

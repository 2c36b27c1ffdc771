"""What sampled fields pass between fibers: amplifiers, filters, polarization-mode dispersion, rotations and losses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.checks import require_positive
from lightlane.kernels.fields import Field, as_field
from lightlane.kernels.optics import Passband, Shape, cascade_transmission_db

__all__ = [
    "NumberAddress",
    "Waveplates",
    "amplify_field",
    "draw_waveplates",
    "field_frequencies_ghz",
    "filter_field",
    "pass_passbands",
    "pass_polarization_loss",
    "pass_waveplates",
    "random_axis",
    "rotate_polarization",
    "waveplates_dgd_ps",
]

Floats = NDArray[np.float64]
Axis = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class NumberAddress:
    """Where random numbers come from: the same address gives the same numbers, in any order."""

    seed: int
    link_key: int = 0
    draw: int = 0

    def __post_init__(self) -> None:
        for name in ("seed", "link_key", "draw"):
            value = getattr(self, name)
            if not 0 <= value < 2**64:
                raise ParameterError(f"{name} is {value}; allowed: integers from 0 to 2^64 - 1")


@dataclass(frozen=True, slots=True)
class Waveplates:
    """One realization of a fiber's polarization-mode dispersion: rotation, delay, rotation, delay and so on."""

    delay_ps: float
    """Differential delay of each section."""
    rotations: NDArray[np.complex128]
    """Jones matrices before the sections: (section, 2, 2)."""


def _purpose(purpose: int) -> int:
    if not 0 <= purpose < 2**32:
        raise ParameterError(f"purpose is {purpose}; allowed: integers from 0 to 2^32 - 1")
    return purpose


def _as_pair(field: ArrayLike) -> Field:
    samples = as_field("field", field, scalar=True)
    if samples.shape[0] != 2:
        raise ParameterError(
            f"field has the shape {samples.shape}; allowed: (2, samples), for it has two polarizations"
        )
    return samples


def field_frequencies_ghz(samples: int, sample_rate_ghz: float) -> Floats:
    """Return the offsets from the field's center at which transmissions and gains are given: those of ``fftfreq``."""
    require_positive(sample_rate_ghz=sample_rate_ghz)
    return np.asarray(np.fft.fftfreq(samples, 1.0 / sample_rate_ghz), dtype=np.float64)


def amplify_field(
    field: ArrayLike,
    *,
    gain_db: ArrayLike,
    noise_figure_db: float,
    sample_rate_ghz: float,
    reference_thz: float,
    address: NumberAddress,
    purpose: int,
) -> Field:
    """Return a field behind an amplifier, with its spontaneous emission in the whole simulated bandwidth.

    The noise is that of the budget, input-referred: NF h nu of both polarizations at the input, at any gain.

    Parameters
    ----------
    gain_db
        One gain, or one for each frequency of :func:`field_frequencies_ghz`.
    reference_thz
        The field's center.
    purpose
        Which amplifier of the draw: each needs its own.

    References
    ----------
    docs/decisions/0003-amplifier-noise-is-input-referred.md.
    """
    require_positive(sample_rate_ghz=sample_rate_ghz, reference_thz=reference_thz)
    return _core.amplify_field(
        as_field("field", field, scalar=True),
        np.atleast_1d(np.asarray(gain_db, dtype=np.float64)),
        sample_rate_hz=sample_rate_ghz * 1e9,
        center_hz=reference_thz * 1e12,
        noise_figure_db=noise_figure_db,
        seed=address.seed,
        link_key=address.link_key,
        draw=address.draw,
        purpose=_purpose(purpose),
    )


def filter_field(field: ArrayLike, transmission_ratio: ArrayLike) -> Field:
    """Return a field behind a filter: each row's spectrum times the field's transmission, complex or real.

    Parameters
    ----------
    transmission_ratio
        Of the field and not of its power, at each frequency of :func:`field_frequencies_ghz`.
    """
    return _core.filter_field(
        as_field("field", field, scalar=True), np.atleast_1d(np.asarray(transmission_ratio, dtype=np.complex128))
    )


def pass_passbands(
    field: ArrayLike, passbands: Sequence[Passband], *, sample_rate_ghz: float, shape: Shape = "flat_top"
) -> Field:
    """Return a field behind multiplexers and switches, whose passbands are offset from its center and have no phase."""
    samples = as_field("field", field, scalar=True)
    offset_ghz = field_frequencies_ghz(samples.shape[1], sample_rate_ghz)
    return filter_field(samples, 10.0 ** (cascade_transmission_db(offset_ghz, passbands, shape=shape) / 20.0))


def random_axis(address: NumberAddress, purpose: int) -> Axis:
    """Return a direction of Stokes space without preference."""
    first, second, third = _core.random_axis(
        seed=address.seed, link_key=address.link_key, draw=address.draw, purpose=_purpose(purpose)
    )
    return first, second, third


def rotate_polarization(
    field: ArrayLike, *, rate_krad_per_s: float, sample_rate_ghz: float, axis: Axis, start_deg: float = 0.0
) -> Field:
    """Return a field whose state of polarization turns around an axis of Stokes space, from ``start_deg`` on.

    References
    ----------
    Gordon and Kogelnik 2000, doi 10.1073/pnas.97.9.4541.
    """
    require_positive(sample_rate_ghz=sample_rate_ghz)
    return _core.rotate_polarization(
        _as_pair(field),
        sample_rate_hz=sample_rate_ghz * 1e9,
        rate_rad_per_s=rate_krad_per_s * 1e3,
        start_rad=float(np.deg2rad(start_deg)),
        axis=axis,
    )


def pass_polarization_loss(field: ArrayLike, *, pdl_db: float, axis: Axis) -> Field:
    """Return a field behind an element of polarization-dependent loss that favors the state along ``axis``.

    Unpolarized light keeps its power: the element's mean loss is another figure.
    """
    return _core.pass_polarization_loss(_as_pair(field), pdl_db=pdl_db, axis=axis)


def draw_waveplates(*, dgd_mean_ps: float, sections_count: int = 60, address: NumberAddress) -> Waveplates:
    """Return one realization of a fiber whose DGD has this mean over all of them, Maxwellian from some 20 sections on.

    References
    ----------
    Curti et al. 1990, doi 10.1109/50.57836.
    """
    if sections_count < 1:
        raise ParameterError(f"sections_count is {sections_count}; allowed: 1 to 10000")
    delay_s, rotations = _core.draw_waveplates(
        dgd_mean_s=dgd_mean_ps * 1e-12,
        sections_count=sections_count,
        seed=address.seed,
        link_key=address.link_key,
        draw=address.draw,
    )
    return Waveplates(delay_ps=delay_s * 1e12, rotations=rotations)


def as_rotations(plates: Waveplates) -> NDArray[np.complex128]:
    """Return the rotations of waveplates as the core takes them."""
    return np.ascontiguousarray(plates.rotations, dtype=np.complex128)


def pass_waveplates(field: ArrayLike, plates: Waveplates, *, sample_rate_ghz: float) -> Field:
    """Return a field of two rows behind all sections of ``plates``."""
    require_positive(sample_rate_ghz=sample_rate_ghz)
    return _core.pass_waveplates(
        _as_pair(field),
        as_rotations(plates),
        delay_s=plates.delay_ps * 1e-12,
        sample_rate_hz=sample_rate_ghz * 1e9,
    )


def waveplates_dgd_ps(plates: Waveplates, offset_ghz: ArrayLike) -> Floats:
    """Return the differential group delay of ``plates`` at offsets from the field's center.

    References
    ----------
    Heffner 1992, doi 10.1109/68.157150.
    """
    offset_hz = np.asarray(offset_ghz, dtype=np.float64) * 1e9
    found_s = _core.waveplates_dgd_s(
        np.atleast_1d(offset_hz).ravel(), as_rotations(plates), delay_s=plates.delay_ps * 1e-12
    )
    return np.asarray(found_s * 1e12).reshape(offset_hz.shape)

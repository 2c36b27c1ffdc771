"""Filters, crosstalk and the coherent receiver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError

Floats = NDArray[np.float64]
Shape = Literal["flat_top", "super_gaussian"]


@dataclass(frozen=True, slots=True)
class Passband:
    """One filter: its full widths 3 dB and 10 dB below its peak, and how far its center is from the signal's."""

    width_3db_ghz: float
    width_10db_ghz: float
    center_offset_ghz: float = 0.0


@dataclass(frozen=True, slots=True)
class FilteredSnr:
    """A signal after filters, noise and an ideal linear equalizer."""

    snr_db: float
    passed_power_db: float
    """Signal power behind the filters over that before them."""
    penalty_db: float
    """By how much the line's noise would have to be greater without filters to give the same SNR."""


def _columns(passbands: Sequence[Passband], shape: Shape) -> dict[str, Any]:
    return {
        "width_3db_hz": np.array([passband.width_3db_ghz for passband in passbands], dtype=np.float64) * 1e9,
        "width_10db_hz": np.array([passband.width_10db_ghz for passband in passbands], dtype=np.float64) * 1e9,
        "center_offset_hz": np.array([passband.center_offset_ghz for passband in passbands], dtype=np.float64) * 1e9,
        "shape": shape,
    }


def cascade_transmission_db(
    offset_ghz: ArrayLike, passbands: Sequence[Passband], *, shape: Shape = "flat_top"
) -> Floats:
    """Return the transmission of filters one after the other over the offset from the signal's center.

    Parameters
    ----------
    shape
        ``flat_top``: a rectangle of the field smoothed by a Gaussian, as wavelength-selective switches have it;
        ``super_gaussian``: the order follows from the two widths.

    Raises
    ------
    ParameterError
        If widths make no passband.

    References
    ----------
    Pulikkaseril 2011, doi 10.1364/OE.19.008458.
    """
    offset_hz = np.asarray(np.asarray(offset_ghz, dtype=np.float64) * 1e9)
    with np.errstate(divide="ignore"):
        return np.asarray(10.0 * np.log10(_core.cascade_power_ratio(offset_hz, **_columns(passbands, shape))))


def cascade_width_ghz(passbands: Sequence[Passband], *, depth_db: float = 3.0, shape: Shape = "flat_top") -> float:
    """Return the full width of a cascade at a depth below its own peak.

    Raises
    ------
    ParameterError
        If there is no passband, widths make none, or the depth is not above 0.
    """
    return _core.cascade_width_hz(depth_db, **_columns(passbands, shape)) * 1e-9


def filter_signal(
    passbands: Sequence[Passband],
    line_snr_db: ArrayLike,
    *,
    passbands_before_count: Sequence[int],
    receiver_snr_db: float = float("inf"),
    symbol_rate_gbd: float,
    roll_off: float,
    shape: Shape = "flat_top",
) -> FilteredSnr:
    """Send a signal through filters with noise at any place, and equalize it.

    Parameters
    ----------
    line_snr_db
        SNR in the symbol rate of each noise of the line, at the place where it is added.
    passbands_before_count
        Number of filters in front of each noise.
    receiver_snr_db
        SNR of the receiver's own noise, added behind all filters.

    Raises
    ------
    ParameterError
        If widths make no passband, columns differ in length, or a figure is outside its range.

    References
    ----------
    Proakis and Salehi, Digital Communications, 5th edition, 9.4.
    """
    noise = np.atleast_1d(10.0 ** (-np.asarray(line_snr_db, dtype=np.float64) / 10.0))
    snr, passed, penalty_db = _core.send_through_passbands(
        noise,
        np.asarray(passbands_before_count, dtype=np.int64),
        receiver_noise_ratio=float(10.0 ** (-receiver_snr_db / 10.0)),
        symbol_rate_hz=symbol_rate_gbd * 1e9,
        roll_off=roll_off,
        **_columns(passbands, shape),
    )
    return FilteredSnr(float(10.0 * np.log10(snr)), float(10.0 * np.log10(passed)), penalty_db)


def neighbor_crosstalk_db(
    spacing_ghz: ArrayLike,
    *,
    symbol_rate_gbd: float,
    roll_off: float,
    neighbor_symbol_rate_gbd: float,
    neighbor_roll_off_ratio: float,
    neighbor_level_db: float = 0.0,
    neighbor_passbands: Sequence[Passband] = (),
    shape: Shape = "flat_top",
) -> Floats:
    """Return what one neighbor leaves behind the matched filter, over the signal; minus infinity without overlap.

    Parameters
    ----------
    spacing_ghz
        Distance of the centers, frequency errors of both lasers included.
    neighbor_level_db
        Power of the neighbor over the signal's.
    neighbor_passbands
        Filters that the neighbor alone went through, around its own center.

    Raises
    ------
    ParameterError
        If a figure is outside its range.
    """
    ratio = _core.neighbor_crosstalk_ratio(
        np.asarray(np.asarray(spacing_ghz, dtype=np.float64) * 1e9),
        symbol_rate_hz=symbol_rate_gbd * 1e9,
        roll_off=roll_off,
        neighbor_symbol_rate_hz=neighbor_symbol_rate_gbd * 1e9,
        neighbor_roll_off_ratio=neighbor_roll_off_ratio,
        power_ratio=float(10.0 ** (neighbor_level_db / 10.0)),
        **_columns(neighbor_passbands, shape),
    )
    with np.errstate(divide="ignore"):
        return np.asarray(10.0 * np.log10(ratio))


def in_band_crosstalk_db(levels_db: Sequence[float], *, symbol_rate_gbd: float, roll_off: float) -> float:
    """Return what leaks at the signal's own center leave behind the matched filter, as Gaussian noise over the signal.

    Raises
    ------
    ParameterError
        If a level is not a number.

    References
    ----------
    Winzer and others, ECOC 2011, Tu.5.B.7.
    """
    ratio = _core.in_band_crosstalk_ratio(
        np.asarray(levels_db, dtype=np.float64), symbol_rate_hz=symbol_rate_gbd * 1e9, roll_off=roll_off
    )
    return 10.0 * float(np.log10(ratio)) if ratio > 0.0 else float("-inf")


def combined_transmitters_osnr_db(
    level_db: ArrayLike, *, isolation_db: ArrayLike, out_of_band_osnr_db: ArrayLike
) -> float:
    """Return the OSNR (0.1 nm) that the out-of-band noise of other transmitters leaves a channel.

    Parameters
    ----------
    level_db
        Power of each other transmitter over the channel's.
    isolation_db
        What the combiner takes of it at the channel's frequency: 0 of a coupler.

    Raises
    ------
    ParameterError
        If a level is not a number.
    """
    levels, isolations, osnrs = np.broadcast_arrays(
        np.atleast_1d(np.asarray(level_db, dtype=np.float64)), isolation_db, out_of_band_osnr_db
    )
    columns = [np.array(column, dtype=np.float64) for column in (levels, isolations, osnrs)]
    ratio = _core.out_of_band_noise_ratio(*columns)
    return -10.0 * float(np.log10(ratio)) if ratio > 0.0 else float("inf")


@dataclass(frozen=True, slots=True)
class ReceiverNoise:
    """The smooth law of a receiver between the OSNR limit and the unamplified one, as :func:`fit_receiver` finds it."""

    ample_osnr_db: float
    line_ratio: float
    """Share of line noise in the bearable noise, at the ample required OSNR."""
    inverse_power_ratio: float
    """Share of noise that goes with 1/P, at the knee."""
    inverse_square_ratio: float
    """Share of noise that goes with 1/P^2, at the knee."""
    knee_power_dbm: float
    least_power_dbm: float
    """Hard end."""


@dataclass(frozen=True, slots=True)
class ReceiverFit:
    """A fitted receiver: it meets every point; between them it is the law and what the points are off from it."""

    noise: ReceiverNoise
    received_power_dbm: Floats
    """Of the points up to the knee."""
    share_ratio: Floats
    """Share of the bearable noise that too little power makes at each of them."""
    distance_db: Floats
    """Of the law from each point, in the plane of power and OSNR; above 0 where the law asks for more."""


def fit_receiver(
    required_osnr_db_by_received_power_dbm: Sequence[tuple[float, float]], *, sensitivity_dbm: float | None = None
) -> ReceiverFit:
    """Fit noise that goes with 1/P and 1/P^2 to a mode's required OSNR over received power, and keep what is left over.

    Parameters
    ----------
    sensitivity_dbm
        Least received power. A point at or below it is met or bettered by the law.

    Raises
    ------
    ParameterError
        If there is no point, a figure is not finite or power does not rise.
    """
    points = np.asarray(required_osnr_db_by_received_power_dbm, dtype=np.float64).reshape(-1, 2)
    figures, powers, shares, distances = _core.fit_receiver(
        np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1]), sensitivity_dbm=sensitivity_dbm
    )
    return ReceiverFit(ReceiverNoise(*figures.tolist()), powers, shares, distances)


def receiver_required_osnr_db(received_power_dbm: ArrayLike, receiver: ReceiverFit) -> Floats:
    """Return the required OSNR of a fitted receiver over its received power; NaN below its hard end."""
    powers = np.asarray(received_power_dbm, dtype=np.float64)
    points = receiver.received_power_dbm, receiver.share_ratio
    return _core.receiver_required_osnr_db(powers, *points, **asdict(receiver.noise))


def receiver_noise_share_ratio(received_power_dbm: ArrayLike, receiver: ReceiverFit) -> Floats:
    """Return what too little power makes of noise, over all that the receiver bears at its FEC threshold.

    Below the least point the law goes on: above 1 the receiver is beyond its threshold without any line noise. NaN
    there if there is one point only.
    """
    powers = np.asarray(received_power_dbm, dtype=np.float64)
    points = receiver.received_power_dbm, receiver.share_ratio
    return _core.receiver_noise_share_ratio(powers, *points, **asdict(receiver.noise))


def fit_colorless_receiver(penalty_db_by_colorless_ratio_db: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Fit the rejection of other channels to a mode's colorless penalties.

    Returns
    -------
    Noise of the others over the bearable noise per unit of their power over the signal's, and the worst misfit in dB.

    Raises
    ------
    ParameterError
        If the points give no rejection.
    """
    points = np.asarray(penalty_db_by_colorless_ratio_db, dtype=np.float64).reshape(-1, 2)
    return _core.fit_colorless_receiver(np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1]))


def colorless_penalty_db(colorless_ratio_db: ArrayLike, *, rejection_ratio: float) -> Floats:
    """Return the OSNR penalty over the ratio of total to channel power; NaN where the others alone are too much.

    Raises
    ------
    ParameterError
        If the rejection is negative or not finite.
    """
    if not (np.isfinite(rejection_ratio) and rejection_ratio >= 0.0):
        raise ParameterError(f"rejection_ratio is {rejection_ratio:g}; allowed: a finite number of 0 or more")
    return _core.colorless_penalty_db(np.asarray(colorless_ratio_db, dtype=np.float64), rejection_ratio=rejection_ratio)

"""What there is to draw of a simulated lane, small enough to keep with results."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.kernels.fields import Field
from lightlane.lane.model import Direction
from lightlane.lane.waveform.record import LaneWaveform

Floats = NDArray[np.float64]

DENSITY_BINS_COUNT = 110
"""Of the picture of a constellation, along either axis."""
DENSITY_REACH_RATIO, SHAPED_REACH_RATIO = 1.75, 2.1875
"""Of that picture from its center, in root mean square amplitudes; shaped formats reach further."""
PHASES_MAX = 1024
"""Places of the carrier phase for each polarization: more than a printed line has points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePicture:
    """The figures of a simulated lane as numbers.

    Attributes
    ----------
    snr_x_db, snr_y_db
        Of the polarizations.
    offset_ghz, sent_dbm_per_ghz, received_dbm_per_ghz
        Power density over the offset from the carrier, launched and received.
    density_count
        Symbols by place, shape (2, n, n): polarization, quadrature, in phase, over plus and minus ``reach_ratio``.
    points, taps
        Sent points, shape (2, n), and the equalizer, shape (2, 2, n).
    phase_rad, phase_spacing_us
        That the carrier recovery took off, shape (2, n).
    path_km, level_dbm, osnr_db
        Behind each element, the module first.
    """

    direction: Direction
    channel_index: int
    snr_db: float
    snr_x_db: float
    snr_y_db: float
    evm_percent: float
    pre_fec_ber: float
    bit_errors_count: int
    bits_count: int
    ngmi_ratio: float
    cd_ps_per_nm: float
    dgd_ps: float
    pdl_db: float
    cfo_mhz: float
    offset_ghz: Floats
    sent_dbm_per_ghz: Floats
    received_dbm_per_ghz: Floats
    density_count: NDArray[np.int64]
    reach_ratio: float
    points: Field
    taps: Field
    phase_rad: Floats
    phase_spacing_us: float
    path_km: Floats
    level_dbm: Floats
    osnr_db: Floats


def picture_lane(lane: LaneWaveform, *, bins_count: int = DENSITY_BINS_COUNT) -> LanePicture:
    """Return what there is to draw of a lane: symbols counted by place, the phase at as many places as a line has.

    Parameters
    ----------
    bins_count
        Of the constellation along either axis.
    """
    counted, monitors = lane.counted, lane.monitors
    reach = SHAPED_REACH_RATIO if lane.form.modulation == "pcs16qam" else DENSITY_REACH_RATIO
    edges = np.linspace(-reach, reach, bins_count + 1)
    symbols = [np.histogram2d(side.imag, side.real, bins=(edges, edges))[0] for side in lane.symbols]
    stride = -(-lane.phase_rad.shape[-1] // PHASES_MAX)
    path_km, level_dbm, osnr_db = _follow_path(lane)
    return LanePicture(
        direction=lane.direction,
        channel_index=lane.channel_index,
        snr_db=counted.snr_db,
        snr_x_db=lane.quality[0].snr_db,
        snr_y_db=lane.quality[1].snr_db,
        evm_percent=counted.evm_percent,
        pre_fec_ber=counted.pre_fec_ber,
        bit_errors_count=counted.bit_errors_count,
        bits_count=counted.bits_count,
        ngmi_ratio=counted.ngmi_ratio,
        cd_ps_per_nm=monitors.cd_ps_per_nm,
        dgd_ps=monitors.dgd_ps,
        pdl_db=monitors.pdl_db,
        cfo_mhz=monitors.cfo_mhz,
        offset_ghz=lane.spectrum_sent.offset_ghz,
        sent_dbm_per_ghz=lane.spectrum_sent.density_dbm_per_ghz,
        received_dbm_per_ghz=lane.spectrum_received.density_dbm_per_ghz,
        density_count=np.stack(symbols).astype(np.int64),
        reach_ratio=reach,
        points=lane.points,
        taps=lane.taps,
        phase_rad=lane.phase_rad[:, ::stride],
        phase_spacing_us=stride * lane.phase_symbols_count / lane.symbol_rate_gbd * 1e-3,
        path_km=path_km,
        level_dbm=level_dbm,
        osnr_db=osnr_db,
    )


def _follow_path(lane: LaneWaveform) -> tuple[Floats, Floats, Floats]:
    """Return distance, level and OSNR behind the module and behind each element."""
    trace = lane.trace
    row = int(np.flatnonzero(trace.channel_indices == lane.channel_index)[0])
    own = trace.receivers[row].transmitter_ratio
    osnr_db = trace.osnr_db(float(-10.0 * np.log10(own)) if own > 0.0 else None)[row]
    lengths_km = [element.length_km if element.kind == "fiber" else 0.0 for element in trace.elements]
    return (
        np.concatenate([[0.0], np.cumsum(lengths_km)]),
        np.concatenate([[trace.launch_power_dbm[row]], trace.level_dbm[row]]),
        np.concatenate([[np.nan], osnr_db]),
    )

"""The parts of the catalog: what is known of each module, mode, fiber, amplifier, passive and FEC.

Every part is frozen, refuses unknown keys and says where its figures come from. A figure that nobody knows is absent
(``None``), never a guess; a figure that is a guess stands in ``assumed`` and every result that rests on it shows it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lightlane.catalog.line_parts import Amplifier, Fiber, Passive, RamanPump
from lightlane.catalog.provenance import (
    Confidence,
    Finite,
    NonNegative,
    Part,
    PartId,
    Points,
    Positive,
    read_reasons,
    refuse_inverted,
)

__all__ = [
    "Amplifier",
    "CoherentMode",
    "Confidence",
    "DirectMode",
    "Fec",
    "Fiber",
    "Finite",
    "Mode",
    "Module",
    "NonNegative",
    "Part",
    "PartId",
    "Passive",
    "Points",
    "Positive",
    "RamanPump",
    "WavelengthLane",
    "read_reasons",
]


class Fec(Part):
    """A forward error correction scheme: its threshold and the map from pre-FEC to post-FEC errors."""

    kind: Literal["kp4", "inner_kp4", "table"]
    """``kp4``: exact binomial formula. ``inner_kp4``: inner code by table, then KP4. ``table``: pre- to post-FEC."""
    code_rate_ratio: Annotated[float, Field(gt=0, le=1)]
    """Information bits over coded bits of the whole scheme."""
    threshold_pre_fec_ber: Annotated[float, Field(gt=0, lt=0.5)]
    target_post_fec_ber: Annotated[float, Field(gt=0, lt=0.5)] | None = None
    """Post-FEC BER that the scheme reaches at its threshold, where one is stated."""
    net_coding_gain_db: Positive | None = None
    interleaved_codewords_count: Annotated[int, Field(ge=1)] | None = None
    """KP4 codewords interleaved for one frame stream (1, 2 or 4); decides the frame loss ratio."""
    latency_us: NonNegative | None = None
    """Encoder, decoder and interleaver of one direction."""
    post_fec_ber_by_pre_fec_ber: Points | None = None
    """kind ``table``: interpolated in log-log; the first point is the threshold with the target, the rest is above."""
    kp4_symbol_error_ratio_by_pre_fec_ber: Points | None = None
    """kind ``inner_kp4``: error ratio of the 10-bit outer symbols after the inner decoder, interpolated in log-log."""

    @model_validator(mode="after")
    def _map_present(self) -> Fec:
        if self.kind == "table" and self.post_fec_ber_by_pre_fec_ber is None:
            raise ValueError("kind 'table' needs post_fec_ber_by_pre_fec_ber")
        if self.kind == "inner_kp4" and self.kp4_symbol_error_ratio_by_pre_fec_ber is None:
            raise ValueError("kind 'inner_kp4' needs kp4_symbol_error_ratio_by_pre_fec_ber")
        for name in ("post_fec_ber_by_pre_fec_ber", "kp4_symbol_error_ratio_by_pre_fec_ber"):
            points = getattr(self, name) or ()
            if any(not (0 < x < 0.5 and 0 < y < 1) for x, y in points) or any(b[1] < a[1] for a, b in pairwise(points)):
                raise ValueError(f"{name} must hold error ratios above 0 that do not fall")
        return self


class WavelengthLane(BaseModel):
    """One lane of a wavelength plan: center and the range that the tolerance allows."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    center_nm: Positive
    min_nm: Positive
    max_nm: Positive

    @model_validator(mode="after")
    def _ordered(self) -> WavelengthLane:
        if not self.min_nm <= self.center_nm <= self.max_nm:
            raise ValueError("needs min_nm <= center_nm <= max_nm")
        return self


class Mode(Part):
    """What coherent and direct-detect modes share."""

    net_rate_gbps: Positive
    symbol_rate_gbd: Positive
    fec: PartId
    reach_km: Positive | None = None
    """What the standard names; never used as a limit, only shown."""
    latency_us: NonNegative | None = None
    """Module latency of one direction besides the FEC's."""
    power_w: Positive | None = None
    """Of the module in this mode, typical."""
    power_max_w: Positive | None = None


class CoherentMode(Mode):
    """An operating mode of a coherent module: one lane, both polarizations."""

    detection: Literal["coherent"] = "coherent"
    modulation: Literal["qpsk", "8qam", "16qam", "pcs16qam"]
    inner_amplitude_ratio: Annotated[float, Field(ge=0.5, lt=1)] | None = None
    """``pcs16qam``: probability of the inner amplitude."""
    roll_off: Annotated[float, Field(ge=0, le=1)]
    band: Literal["c", "o"] = "c"
    frequency_min_thz: Positive
    frequency_max_thz: Positive
    frequency_tolerance_ghz: Positive | None = None
    """Of the transmitter's laser."""
    linewidth_max_khz: Positive | None = None
    """Lorentzian linewidth of the laser."""
    occupied_bandwidth_ghz: Positive | None = None
    channel_spacing_min_ghz: Positive
    amplified: bool
    """Whether the mode is specified for amplified lines (False: single unamplified span)."""
    launch_power_min_dbm: Finite | None = None
    launch_power_max_dbm: Finite | None = None
    launch_power_default_dbm: Finite | None = None
    """Where the module sits unless the user sets it; given with both limits or not at all."""
    tx_osnr_db: Positive | None = None
    """Transmitter in-band OSNR."""
    tx_out_of_band_osnr_db: Positive | None = None
    required_osnr_db_by_received_power_dbm: Points | None = None
    """Back-to-back, at the FEC threshold, in 12.5 GHz; the first x is the least received power, the last overload."""
    sensitivity_dbm: Finite | None = None
    """Least received power without line ASE (transmitter OSNR only)."""
    overload_dbm: Finite | None = None
    """Greatest received power."""
    kappa_db: Finite | None = None
    snr_trx_db: Finite | None = None
    """Two-parameter transceiver noise: 1/SNR = kappa/SNR_line + 1/SNR_TRX, where it was fitted."""
    loss_budget_db: Positive | None = None
    """Channel insertion loss that the standard closes, where it gives one instead of a required OSNR."""
    penalty_db_by_chromatic_dispersion_ps_per_nm: Points | None = None
    """OSNR penalty; the last x is the hard end. Applies to the absolute value unless negative x are given."""
    penalty_db_by_dgd_mean_ps: Points | None = None
    dgd_max_ps: Positive | None = None
    """Greatest instantaneous DGD, of the link or the module."""
    penalty_db_by_pdl_db: Points | None = None
    penalty_db_by_sop_rate_krad_per_s: Points | None = None
    penalty_db_by_colorless_ratio_db: Points | None = None
    """Colorless drop: ratio of total to channel power."""
    penalty_filtering_db: NonNegative | None = None
    """Allowance for the passband at the mode's least spacing."""
    penalty_crosstalk_db: NonNegative | None = None
    """Allowance for adjacent channels at the mode's least spacing."""

    @model_validator(mode="after")
    def _consistent(self) -> CoherentMode:
        if (self.modulation == "pcs16qam") != (self.inner_amplitude_ratio is not None):
            raise ValueError("inner_amplitude_ratio goes with modulation 'pcs16qam' and only with it")
        powers = ("launch_power_min_dbm", "launch_power_default_dbm", "launch_power_max_dbm")
        if len({getattr(self, name) is None for name in powers}) > 1:
            raise ValueError(f"{', '.join(powers)} are given together or not at all")
        colorless = self.penalty_db_by_colorless_ratio_db or ((1.0, 0.0),)
        if colorless[-1][0] <= 0 or any(x < 0 or y < 0 for x, y in colorless):
            raise ValueError("penalty_db_by_colorless_ratio_db needs a ratio above 0 dB, and none below")
        refuse_inverted(self, powers, ("frequency_min_thz", "frequency_max_thz"), ("sensitivity_dbm", "overload_dbm"))
        return self


class DirectMode(Mode):
    """An operating mode of a direct-detect module: PAM4 lanes, each a wavelength or a fiber of its own."""

    detection: Literal["direct"] = "direct"
    modulation: Literal["pam4"] = "pam4"
    lanes: Annotated[tuple[WavelengthLane, ...], Field(min_length=1)]
    parallel_fibers: bool
    """True: each lane has a fiber pair of its own (DR); False: all lanes share one pair (FR, LR, ER)."""
    eo_bandwidth_ghz: Positive | None = None
    chirp_alpha: Finite | None = None
    """Transient chirp of the transmitter, typical: the phase is alpha/2 ln P."""
    level_mismatch_ratio: Annotated[float, Field(gt=0, le=1)] | None = None
    rin_db_per_hz: Finite | None = None
    """Of the laser, typical."""
    reference_equalizer: Literal["ffe5", "ffe15_dfe1"] | None = None
    target_ser_ratio: Annotated[float, Field(gt=0, lt=0.5)]
    """Symbol error ratio at which TDECQ and sensitivity are defined."""
    launch_power_min_dbm: Finite | None = None
    launch_power_max_dbm: Finite | None = None
    """Average power per lane."""
    total_launch_power_max_dbm: Finite | None = None
    """Average power of all lanes on one fiber."""
    off_power_max_dbm: Finite | None = None
    oma_outer_min_dbm: Finite | None = None
    oma_outer_max_dbm: Finite | None = None
    oma_minus_tdecq_min_dbm: Finite | None = None
    """A of the closure rule, at the extinction ratio that ``oma_minus_tdecq_extinction_ratio_db`` names."""
    oma_minus_tdecq_extinction_ratio_db: Positive | None = None
    oma_minus_tdecq_low_extinction_min_dbm: Finite | None = None
    """A of a transmitter whose extinction ratio is below that."""
    lane_oma_difference_max_db: NonNegative | None = None
    """Between any two lanes at the transmitter."""
    tdecq_max_db: NonNegative | None = None
    tdecq_tecq_difference_max_db: NonNegative | None = None
    overshoot_max_percent: Positive | None = None
    tecq_max_db: NonNegative | None = None
    secq_max_db: NonNegative | None = None
    transition_time_max_ps: Positive | None = None
    extinction_ratio_min_db: Positive | None = None
    rin_oma_max_db_per_hz: Finite | None = None
    optical_return_loss_tolerance_db: Positive | None = None
    reflectance_max_db: Annotated[float, Field(lt=0)] | None = None
    smsr_min_db: Positive | None = None
    received_power_min_dbm: Finite | None = None
    received_power_max_dbm: Finite | None = None
    """Average power per lane; the overload."""
    received_oma_max_dbm: Finite | None = None
    aggressor_oma_dbm: Finite | None = None
    """OMA of each other lane in the stressed-receiver test."""
    demux_isolation_adjacent_db: Positive | None = None
    """What the receiver's demultiplexer keeps out of a neighboring lane's light, in dB of optical power."""
    demux_isolation_non_adjacent_db: Positive | None = None
    """The same of lanes further away."""
    damage_dbm: Finite | None = None
    sensitivity_floor_dbm: Finite | None = None
    """Floor of RS(max) = max(floor, A - IL - X + TECQ)."""
    stressed_sensitivity_dbm: Finite | None = None
    insertion_loss_max_db: Positive | None = None
    """IL: channel insertion loss."""
    mpi_dgd_allocation_db: NonNegative | None = None
    """X: allocation for multipath interference and DGD."""
    dispersion_min_ps_per_nm: Finite | None = None
    dispersion_max_ps_per_nm: Finite | None = None
    """Accumulated dispersion that the mode's transmitters are tested over."""
    dgd_max_ps: Positive | None = None
    detector: Literal["pin", "apd"]
    responsivity_a_per_w: Positive | None = None
    apd_gain_ratio: Positive | None = None
    """Where it is absent the receiver sets the best gain for the light that arrives."""
    apd_ionization_ratio: NonNegative | None = None
    apd_bandwidth_ghz: Positive | None = None
    apd_gain_bandwidth_ghz: Positive | None = None
    dark_current_na: NonNegative | None = None

    @model_validator(mode="after")
    def _ordered(self) -> DirectMode:
        refuse_inverted(
            self,
            ("launch_power_min_dbm", "launch_power_max_dbm"),
            ("oma_outer_min_dbm", "oma_outer_max_dbm"),
            ("received_power_min_dbm", "received_power_max_dbm"),
            ("dispersion_min_ps_per_nm", "dispersion_max_ps_per_nm"),
        )
        return self

    @property
    def stressed_lane_difference_db(self) -> float | None:
        """OMA of each other lane over that of the lane under the stressed-receiver test."""
        if self.aggressor_oma_dbm is None or self.stressed_sensitivity_dbm is None:
            return None
        return self.aggressor_oma_dbm - self.stressed_sensitivity_dbm


class Module(Part):
    """A pluggable transceiver: form factor and the modes it can run."""

    form_factors: Annotated[tuple[str, ...], Field(min_length=1)]
    modes: Annotated[tuple[PartId, ...], Field(min_length=1)]
    """The first is the default."""
    engines_count: Annotated[int, Field(ge=1)] = 1
    """Independent copies of the mode inside one module (2 for 2xFR4)."""
    power_w: Positive | None = None
    """Typical, in the default mode."""
    power_max_w: Positive | None = None
    media_codes: tuple[str, ...] = ()
    """SFF-8024 media interface codes."""

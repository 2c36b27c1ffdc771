"""The parts of a line: fibers, amplifiers and what only passes light on."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lightlane.catalog.provenance import Finite, NonNegative, Part, Points, Positive, refuse_inverted
from lightlane.units import SPEED_OF_LIGHT_M_PER_S


class Fiber(Part):
    """A fiber type: attenuation and dispersion over wavelength, nonlinearity, PMD, group index."""

    itu_class: str
    """``G.652.D``, ``G.654.E`` …"""
    typical_attenuation_db_per_km_by_wavelength_nm: Points
    limit_attenuation_db_per_km_by_wavelength_nm: Points | None = None
    zero_dispersion_min_nm: Positive | None = None
    zero_dispersion_max_nm: Positive | None = None
    zero_dispersion_typical_nm: Positive | None = None
    zero_dispersion_slope_max_ps_per_nm2_km: Positive | None = None
    zero_dispersion_slope_typical_ps_per_nm2_km: Positive | None = None
    """The four-term O-band description of G.652: D = S0/4 (lambda - lambda0^4/lambda^3)."""
    dispersion_ps_per_nm_km: Finite | None = None
    """At 1550 nm."""
    limit_dispersion_ps_per_nm_km: Finite | None = None
    dispersion_slope_ps_per_nm2_km: Finite | None = None
    """At 1550 nm."""
    nonlinear_coefficient_per_w_km: NonNegative
    raman_slope_per_w_km_thz: NonNegative | None = None
    """Slope of the Raman gain spectrum (C_r of the ISRS GN model); absent: no Raman transfer is modeled."""
    effective_area_um2: Positive | None = None
    pmd_ps_per_sqrt_km: NonNegative
    limit_pmd_ps_per_sqrt_km: NonNegative | None = None
    group_index: Annotated[float, Field(ge=1, lt=2)]


_NOT_OF_RAMAN = (
    "noise_figure_db",
    "noise_figure_db_by_gain_db",
    "incremental_osnr_coefficients",
    "input_power_min_dbm",
    "input_power_max_dbm",
    "gain_ripple_db_by_frequency_thz",
    "gain_tilt_max_db",
)


class RamanPump(BaseModel):
    """One pump of a Raman amplifier."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    frequency_thz: Positive
    power_mw: Positive
    """Where it enters the fiber, behind connectors and couplers."""
    direction: Literal["counter", "co"]
    """``counter``: from the end of the fiber, against the channels; ``co``: from its input."""


class Amplifier(Part):
    """An amplifier type: how much it can give and how much noise it adds.

    The kind ``raman`` is a set of pumps that makes the fiber in front of it the amplifier: gain and noise follow from
    the fiber, not from a figure.
    """

    kind: Literal["fixed_nf", "variable_gain_nf", "openroadm_polynomial", "raman"]
    gain_min_db: NonNegative
    gain_max_db: Positive
    """Kind ``raman``: on-off gain, up to which its noise is taken as known."""
    output_power_max_dbm: Finite
    """Total power over all channels; kind ``raman``: over all pumps."""
    pumps: tuple[RamanPump, ...] = ()
    """kind ``raman``."""
    noise_figure_db: Positive | None = None
    """kind ``fixed_nf``."""
    noise_figure_db_by_gain_db: Points | None = None
    """kind ``variable_gain_nf``."""
    incremental_osnr_coefficients: tuple[float, float, float, float] | None = None
    """kind ``openroadm_polynomial``: A, B, C, D of OSNR(dB) = A p^3 + B p^2 + C p + D, p in dBm per 50-GHz channel."""
    input_power_min_dbm: Finite | None = None
    input_power_max_dbm: Finite | None = None
    """Levels per 50-GHz slot that the noise is specified for; more is attenuated in front, less is unknown."""
    gain_ripple_db_by_frequency_thz: Points | None = None
    """Deviation from a flat gain; beyond its ends the nearest point holds. Absent: flat."""
    gain_tilt_max_db: NonNegative | None = None
    """Tilt over 191.3-196.1 THz, of either sign, that the gain can be set to. Absent: no such control."""
    pdl_db: NonNegative = 0.0
    dgd_ps: NonNegative = 0.0
    latency_us: NonNegative | None = None
    power_w: Positive | None = None

    @model_validator(mode="after")
    def _noise_present(self) -> Amplifier:
        needed = {
            "fixed_nf": "noise_figure_db",
            "variable_gain_nf": "noise_figure_db_by_gain_db",
            "openroadm_polynomial": "incremental_osnr_coefficients",
            "raman": "pumps",
        }[self.kind]
        if not getattr(self, needed):
            raise ValueError(f"kind {self.kind!r} needs {needed}")
        refuse_inverted(self, ("gain_min_db", "gain_max_db"))
        return self

    @model_validator(mode="after")
    def _pumps_alone(self) -> Amplifier:
        if self.kind != "raman":
            if self.pumps:
                raise ValueError(f"kind {self.kind!r} takes no pumps")
            return self
        for name in _NOT_OF_RAMAN:
            if getattr(self, name) is not None:
                raise ValueError(f"kind 'raman' takes no {name}: its pumps and the fiber decide")
        total_dbm = 10 * math.log10(sum(pump.power_mw for pump in self.pumps))
        if total_dbm > self.output_power_max_dbm:
            raise ValueError(f"pumps have {total_dbm:.2f} dBm together, more than output_power_max_dbm")
        return self


def choose_attenuation(fiber: Fiber, *, limits: bool) -> Points:
    """Return the attenuation table of a fiber: its limits where they are asked for and known, else the typical one."""
    limit = fiber.limit_attenuation_db_per_km_by_wavelength_nm
    return limit if limits and limit is not None else fiber.typical_attenuation_db_per_km_by_wavelength_nm


def find_raman_lack(fiber: Fiber, amplifier: Amplifier) -> str | None:
    """Return the figure that a fiber lacks to be pumped by a Raman amplifier; None if it has them all."""
    if fiber.effective_area_um2 is None:
        return "effective area"
    tables = (
        fiber.typical_attenuation_db_per_km_by_wavelength_nm,
        fiber.limit_attenuation_db_per_km_by_wavelength_nm,
    )
    for pump in amplifier.pumps:
        wavelength_nm = SPEED_OF_LIGHT_M_PER_S / pump.frequency_thz * 1e-3
        if any(points and not points[0][0] <= wavelength_nm <= points[-1][0] for points in tables):
            return f"attenuation at {wavelength_nm:.0f} nm"
    return None


class Passive(Part):
    """A part without gain on its own account: mux, ROADM stage, connector, splice, attenuator."""

    kind: Literal["mux_demux", "roadm_express", "roadm_add", "roadm_drop", "connector", "splice"]
    loss_db: NonNegative
    """Insertion loss of one pass, typical."""
    limit_loss_db: NonNegative | None = None
    passband_3db_ghz: Positive | None = None
    passband_10db_ghz: Positive | None = None
    channel_spacing_ghz: Positive | None = None
    filtering_penalty_db: NonNegative | None = None
    """OSNR penalty of narrowing that one pass costs a signal of the spacing's class."""
    osnr_db: Positive | None = None
    """Incremental OSNR that an active stage inside adds (ROADM add)."""
    incremental_osnr_coefficients: tuple[float, float, float, float] | None = None
    """As of an amplifier: the polynomial of an amplified stage (ROADM express and drop)."""
    output_power_dbm: Finite | None = None
    """Per-channel level to which the stage equalizes."""
    pdl_db: NonNegative = 0.0
    dgd_ps: NonNegative = 0.0
    chromatic_dispersion_ps_per_nm: Finite = 0.0
    reflectance_db: Annotated[float, Field(lt=0)] | None = None
    input_power_min_dbm: Finite | None = None
    input_power_max_dbm: Finite | None = None
    """Per channel, of a ROADM stage."""
    frequency_tolerance_ghz: Positive | None = None
    """Shift of the passband's center."""
    isolation_adjacent_db: Positive | None = None
    isolation_non_adjacent_db: Positive | None = None
    in_band_crosstalk_db: Annotated[float, Field(lt=0, allow_inf_nan=False)] | None = None
    """Level of all leaks that one pass adds at the channel's own frequency, over the signal."""
    is_colorless: bool = False
    """No filter parts the dropped channels: each module sees them all. Kinds mux_demux (a coupler) and roadm_drop."""
    ports_count: Annotated[int, Field(ge=1)] | None = None
    """Of a colorless part: modules on it, and so the most channels that meet at one; absent: all of the line."""

    @model_validator(mode="after")
    def _ordered(self) -> Passive:
        refuse_inverted(
            self,
            ("loss_db", "limit_loss_db"),
            ("passband_3db_ghz", "passband_10db_ghz"),
            ("input_power_min_dbm", "input_power_max_dbm"),
        )
        return self

    @model_validator(mode="after")
    def _colorless_has_no_filter(self) -> Passive:
        if not self.is_colorless:
            if self.ports_count is not None:
                raise ValueError("ports_count goes with is_colorless")
            return self
        if self.kind not in ("mux_demux", "roadm_drop"):
            raise ValueError(f"kind {self.kind!r} drops no channels, so that it is not colorless")
        for name in ("isolation_adjacent_db", "isolation_non_adjacent_db"):
            if getattr(self, name) is not None:
                raise ValueError(f"a colorless part has no {name}: no filter parts its channels")
        return self

"""What may happen to a fabric over time: one model per kind of event, as ``[[event]]`` has it.

An event holds from ``start_days`` until ``end_days``, if it has one; what it did is then undone. Times are days from
the start of the timeline.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lightlane.catalog.parts import Finite, NonNegative, PartId, Positive
from lightlane.fabric.topology import Demand, Duct, Link, Name, Site

TIME_MAX_DAYS = 36_525.0
"""A century."""
ALL = "*"
"""In place of a name: every one of them."""
Days = Annotated[float, Field(ge=0, le=TIME_MAX_DAYS)]
Names = Annotated[tuple[Name, ...], Field(min_length=1)]
Channels = Annotated[tuple[Annotated[int, Field(ge=0, le=127)], ...], Field(min_length=1)]
PlainValue = bool | int | float | str | tuple[bool | int | float | str, ...]


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    start_days: Days
    end_days: Days | None = None
    """When it is over; absent: it stays."""
    note: Annotated[str, Field(max_length=500)] = ""

    @model_validator(mode="after")
    def _ordered(self) -> _Event:
        if self.end_days is not None and self.end_days <= self.start_days:
            raise ValueError("end_days must be above start_days")
        return self


class FiberCut(_Event):
    """Every fiber of a duct is severed: all links over it are down."""

    kind: Literal["fiber_cut"]
    duct: Name


class FiberRepair(_Event):
    """A cut duct is mended, which leaves splices behind."""

    kind: Literal["fiber_repair"]
    duct: Name
    splice_count: Annotated[int, Field(ge=0, le=1000)] = 2
    """Splices of the duct's kind that stay; a piece of cable let in needs two."""


class Maintenance(_Event):
    """A duct, a site or a link is taken out of service."""

    kind: Literal["maintenance"]
    duct: Name | None = None
    site: Name | None = None
    link: Name | None = None

    @model_validator(mode="after")
    def _one_target(self) -> Maintenance:
        if sum(target is not None for target in (self.duct, self.site, self.link)) != 1:
            raise ValueError("needs exactly one of duct, site, link")
        return self


class SiteFailure(_Event):
    """A site loses power or cooling: every link that ends there or is amplified there is down."""

    kind: Literal["site_failure"]
    site: Name


class AmplifierFailure(_Event):
    """An amplifier loses its gain: the directions of the link that pass it are down."""

    kind: Literal["amplifier_failure"]
    link: Name
    site: Name | None = None
    """Where it stands; absent: all amplifiers of the link."""
    direction: Literal["a_to_b", "b_to_a"] | None = None
    """Absent: both."""


class AmplifierRepair(_Event):
    """A failed amplifier is replaced by a new one of its kind; takes the same place as the failure."""

    kind: Literal["amplifier_repair"]
    link: Name
    site: Name | None = None
    direction: Literal["a_to_b", "b_to_a"] | None = None


class AmplifierDrift(_Event):
    """Amplifiers become noisier, or leave the level that they are set to."""

    kind: Literal["amplifier_drift"]
    link: Name
    """``*``: of every link that has amplifiers."""
    site: Name | None = None
    noise_figure_db: Finite = 0.0
    gain_db: Finite = 0.0
    ramp_days: Days = 0.0
    """Time in which the change grows to its size; 0: at once."""


class PumpAgeing(_Event):
    """Pumps lose power: noise figures creep up, and Raman pumps become weaker."""

    kind: Literal["pump_ageing"]
    link: Name
    site: Name | None = None
    noise_figure_db_per_year: NonNegative = 0.0
    pump_power_loss_db_per_year: NonNegative = 0.0


class ConnectorContamination(_Event):
    """A connector at one end of a duct becomes dirty."""

    kind: Literal["connector_contamination"]
    duct: Name
    site: Name
    """The end: one of the duct's two sites."""
    loss_db: NonNegative
    reflectance_db: Annotated[float, Field(lt=0, ge=-80)] | None = None
    """Absent: it does not reflect."""


class ConnectorCleaning(_Event):
    """The connectors at one end of a duct are cleaned."""

    kind: Literal["connector_cleaning"]
    duct: Name
    site: Name


class LaserAgeing(_Event):
    """The lasers of a link's modules lose power."""

    kind: Literal["laser_ageing"]
    link: Name
    launch_loss_db_per_year: Positive


class ModuleAgeing(_Event):
    """The receivers of a link's modules come to need more OSNR and light."""

    kind: Literal["module_ageing"]
    link: Name
    receiver_penalty_db_per_year: Positive


class TemperatureRamp(_Event):
    """Ducts warm up or cool down to a temperature."""

    kind: Literal["temperature_ramp"]
    ducts: Names = (ALL,)
    temperature_c: Annotated[float, Field(ge=-60, le=90)]
    ramp_days: Days = 0.0


class SopStorm(_Event):
    """Polarization rotates fast, as under lightning or digging."""

    kind: Literal["sop_storm"]
    links: Names = (ALL,)
    sop_rate_krad_per_s: NonNegative


class ChannelsAdd(_Event):
    """Channels are lit (coherent, by index), or module pairs added (direct-detect, by number)."""

    kind: Literal["channels_add"]
    link: Name
    channels: Channels | None = None
    channels_count: Annotated[int, Field(ge=1, le=128)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> ChannelsAdd:
        _refuse_both(self.channels, self.channels_count)
        return self


class ChannelsDrop(_Event):
    """Channels go dark, or module pairs are taken out."""

    kind: Literal["channels_drop"]
    link: Name
    channels: Channels | None = None
    channels_count: Annotated[int, Field(ge=1, le=128)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> ChannelsDrop:
        _refuse_both(self.channels, self.channels_count)
        return self


class ModuleSwap(_Event):
    """The modules of a link give way to others."""

    kind: Literal["module_swap"]
    link: Name
    module: PartId
    mode: PartId | None = None
    """Absent: the module's default mode."""
    channels: Annotated[int, Field(ge=1, le=128)] | None = None
    """Absent: as many as before, all of them lit."""
    channel_spacing_ghz: Positive | None = None
    mux: PartId | None = None
    """Absent: the mux stays."""
    launch_power_dbm: Finite | None = None


class NewSite(_Event):
    """A site comes into being, with its ducts, links and demands."""

    kind: Literal["new_site"]
    site: Site
    duct: Annotated[tuple[Duct, ...], Field(min_length=1)]
    link: tuple[Link, ...] = ()
    demand: tuple[Demand, ...] = ()


class DemandGrowth(_Event):
    """Demands grow, compounded day by day."""

    kind: Literal["demand_growth"]
    growth_percent_per_year: Annotated[float, Field(gt=-100, le=10_000)]
    service: str | None = None
    """Absent: whatever the service."""
    from_site: Name | None = None
    to_site: Name | None = None


class DemandAdd(_Event):
    """A demand appears."""

    kind: Literal["demand_add"]
    demand: Demand


class DemandDrop(_Event):
    """A demand goes: the last of those with these ends, service and rate."""

    kind: Literal["demand_drop"]
    demand: Demand


class SetField(_Event):
    """A field of the fabric gets another value; its path as in a sweep."""

    kind: Literal["set"]
    field: Annotated[str, Field(min_length=1, max_length=300)]
    value: PlainValue


Event = Annotated[
    FiberCut
    | FiberRepair
    | Maintenance
    | SiteFailure
    | AmplifierFailure
    | AmplifierRepair
    | AmplifierDrift
    | PumpAgeing
    | ConnectorContamination
    | ConnectorCleaning
    | LaserAgeing
    | ModuleAgeing
    | TemperatureRamp
    | SopStorm
    | ChannelsAdd
    | ChannelsDrop
    | ModuleSwap
    | NewSite
    | DemandGrowth
    | DemandAdd
    | DemandDrop
    | SetField,
    Field(discriminator="kind"),
]

_TARGET_KEYS = ("duct", "ducts", "link", "links", "site", "field", "demand")


def describe_target(event: Any) -> str:
    """Return in a few words what an event is about."""
    words = []
    for key in _TARGET_KEYS:
        value = getattr(event, key, None)
        if isinstance(value, Demand):
            words.append(f"{value.from_site} to {value.to_site}")
        elif isinstance(value, Site):
            words.append(value.name)
        elif isinstance(value, tuple):
            words += [item if isinstance(item, str) else item.name for item in value]
        elif value is not None:
            words.append(str(value))
    if not words and isinstance(event, DemandGrowth):
        words = [text for text in (event.service, event.from_site, event.to_site) if text] or [ALL]
    return " ".join(words)


def _refuse_both(channels: Channels | None, channels_count: int | None) -> None:
    if (channels is None) == (channels_count is None):
        raise ValueError("needs exactly one of channels, channels_count")

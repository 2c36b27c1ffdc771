"""The fabric: sites, ducts, links and demands, as its TOML file has them."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from lightlane.catalog.parts import Finite, NonNegative, PartId, Positive

Name = Annotated[str, Field(min_length=1, max_length=80)]
Role = Literal["core", "edge", "hut"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Site(_Record):
    """Where modules live; a hut holds amplifiers only."""

    name: Name
    role: Role
    latitude_deg: Annotated[float, Field(ge=-90, le=90)]
    longitude_deg: Annotated[float, Field(ge=-180, le=180)]


class Duct(_Record):
    """A civil route between two sites: the unit that a digger cuts. Holds as many fiber pairs as links use."""

    name: Name
    a: Name
    b: Name
    length_km: Annotated[float, Field(gt=0, le=20_000)]
    """Fiber length, not the great circle."""
    fiber: PartId
    attenuation_db_per_km: NonNegative | None = None
    """Measured at the band in use; absent: the fiber type's table."""
    splice_count: Annotated[int, Field(ge=0)] = 0
    """Repair splices beyond those inside the fiber type's attenuation."""
    connector_count: Annotated[int, Field(ge=0)] = 2
    """Connectors of the duct's two ends in each direction."""
    extra_loss_db: NonNegative = 0.0


class Link(_Record):
    """Modules at two sites and the path between them; ``channels`` of them side by side."""

    name: Name
    a: Name
    b: Name
    module: PartId
    mode: PartId | None = None
    """Absent: the module's default mode."""
    ducts: Annotated[tuple[Name, ...], Field(min_length=1)]
    """In order from ``a`` to ``b``."""
    channels: Annotated[int, Field(ge=1, le=128)] = 1
    """Coherent: wavelengths on one fiber pair. Direct-detect: module pairs, each with fibers of its own."""
    launch_power_dbm: Finite | None = None
    """Per lane at the module; absent: the mode's default (coherent) or its limits (direct-detect)."""
    first_channel_thz: Positive | None = None
    """Lowest channel center; absent: the comb is centered in the mode's band."""
    channel_spacing_ghz: Positive | None = None
    """Absent: the mode's least spacing."""
    mux: PartId | None = None
    """Mux and demux at the two ends; absent: none (single channel on dark fiber)."""
    booster: PartId | None = None
    inline_amplifier: PartId | None = None
    """At every site that the link passes between its ends; absent: the ducts are patched through."""
    preamplifier: PartId | None = None
    span_launch_power_dbm: Finite | None = None
    """Per channel into each amplified span; needed where there is a booster or in-line amplifier."""
    received_power_dbm: Finite | None = None
    """Per channel at the module, to which the preamplifier is set."""


class Demand(_Record):
    """Traffic between two sites with a bandwidth and a latency objective."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)

    from_site: Annotated[Name, Field(alias="from")]
    to_site: Annotated[Name, Field(alias="to")]
    rate_gbps: Positive
    latency_ms: Positive | None = None
    """One-way objective."""
    service: str = ""


class Fabric(_Record):
    """Sites, ducts, links, demands."""

    format: Literal[1]
    name: str = ""
    source: str = ""
    """Where the topology comes from."""
    site: tuple[Site, ...] = ()
    duct: tuple[Duct, ...] = ()
    link: tuple[Link, ...] = ()
    demand: tuple[Demand, ...] = ()


def reference_problems(fabric: Fabric) -> list[tuple[tuple[str | int, ...], str, str]]:
    """Find names that are used twice or stand for nothing, and links whose ducts do not join their ends.

    Returns
    -------
    (path of the field, what was found, what is allowed) for each problem, in file order; empty if the fabric is sound.
    """
    problems: list[tuple[tuple[str | int, ...], str, str]] = []
    named: tuple[tuple[str, tuple[Site | Duct | Link, ...]], ...] = (
        ("site", fabric.site),
        ("duct", fabric.duct),
        ("link", fabric.link),
    )
    for kind, records in named:
        counts = Counter(record.name for record in records)
        seen: set[str] = set()
        for index, record in enumerate(records):
            if counts[record.name] > 1 and record.name in seen:
                problems.append(((kind, index, "name"), f"{record.name!r} again", f"a name that no other {kind} has"))
            seen.add(record.name)
    sites = {site.name: site for site in fabric.site}
    ducts = {duct.name: duct for duct in fabric.duct}

    def check_site(path: tuple[str | int, ...], name: str, *, terminal: bool) -> None:
        if name not in sites:
            problems.append((path, repr(name), "the name of a site"))
        elif terminal and sites[name].role == "hut":
            problems.append((path, f"{name!r}, a hut", "a site with role core or edge"))

    for index, duct in enumerate(fabric.duct):
        check_site(("duct", index, "a"), duct.a, terminal=False)
        check_site(("duct", index, "b"), duct.b, terminal=False)
        if duct.a == duct.b:
            problems.append((("duct", index, "b"), f"{duct.b!r}, the same site as a", "another site"))
    for index, link in enumerate(fabric.link):
        check_site(("link", index, "a"), link.a, terminal=True)
        check_site(("link", index, "b"), link.b, terminal=True)
        here: str | None = link.a
        for position, name in enumerate(link.ducts):
            path = ("link", index, "ducts", position)
            if name not in ducts:
                problems.append((path, repr(name), "the name of a duct"))
                here = None
                break
            duct = ducts[name]
            if here not in (duct.a, duct.b):
                problems.append((path, f"{name!r} from {duct.a!r} to {duct.b!r}", f"a duct that starts at {here!r}"))
                here = None
                break
            here = duct.b if here == duct.a else duct.a
        if here is not None and here != link.b:
            problems.append((("link", index, "ducts"), f"ducts that end at {here!r}", f"ducts that end at {link.b!r}"))
    for index, demand in enumerate(fabric.demand):
        check_site(("demand", index, "from"), demand.from_site, terminal=True)
        check_site(("demand", index, "to"), demand.to_site, terminal=True)
        if demand.from_site == demand.to_site:
            problems.append((("demand", index, "to"), f"{demand.to_site!r}, the same site as from", "another site"))
    return problems

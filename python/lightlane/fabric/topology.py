"""The fabric: sites, ducts, links and demands, as its TOML file has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lightlane.catalog.parts import Finite, NonNegative, PartId, Positive
from lightlane.errors import ParameterError
from lightlane.files import suggest

Name = Annotated[str, Field(min_length=1, max_length=80)]
Finding = tuple[tuple[str | int, ...], str, str]
"""Path of a field, what was found there, what is allowed."""
Role = Literal["core", "edge", "hut"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)


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
    connector: PartId = "lc-upc"
    splice: PartId = "fusion-splice"
    extra_loss_db: NonNegative = 0.0
    cut_rate_per_km_year: NonNegative | None = None
    """How often a kilometer of it is cut; absent: the reliability file's."""
    mtbf_h: Positive | None = None
    """Mean time between its cuts, in place of a rate per kilometer."""
    mttr_h: Positive | None = None
    """Mean time to repair a cut; absent: the reliability file's."""

    @model_validator(mode="after")
    def _check_rates(self) -> Duct:
        if self.cut_rate_per_km_year is not None and self.mtbf_h is not None:
            raise ValueError("give cut_rate_per_km_year or mtbf_h and not both")
        return self


class RiskGroup(_Record):
    """Ducts that lie side by side in one trench, tunnel or bridge somewhere: one accident takes all of them."""

    name: Name
    ducts: Annotated[tuple[Name, ...], Field(min_length=2)]
    shared_length_km: Positive | None = None
    """Length of what they share, part of the length of each; absent: all of the shortest, which is the worst case."""


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
    lit_channels: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)] | None = None
    """Indices of the channels that carry light, rising; absent: all. The line is set up for all (coherent)."""
    mux: PartId | None = None
    """Mux at the sending end, demux at the receiving end; absent: none (single channel on dark fiber)."""
    demux: PartId | None = None
    """Absent: as ``mux``."""
    express: PartId | None = None
    """ROADM stage at every site that the link passes between its ends; absent: none."""
    booster: PartId | None = None
    inline_amplifier: PartId | None = None
    """At every site that the link passes between its ends; absent: the ducts are patched through."""
    preamplifier: PartId | None = None
    raman_amplifier: PartId | None = None
    """Pumps at the fiber of every duct, in each direction."""
    span_launch_power_dbm: Finite | None = None
    """Per channel into each amplified span; needed where there is a booster or in-line amplifier."""
    received_power_dbm: Finite | None = None
    """Per channel at the module, to which the preamplifier is set."""
    notes: tuple[Annotated[str, Field(max_length=500)], ...] = ()
    """Why the link is what it is; shown in reports."""


class Demand(_Record):
    """Traffic between two sites with a bandwidth and a latency objective."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False, populate_by_name=True)

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
    wanted_margin_db: NonNegative | None = None
    """The margin that the links were designed for: a link with less is degraded."""
    site: tuple[Site, ...] = ()
    duct: tuple[Duct, ...] = ()
    risk_group: tuple[RiskGroup, ...] = ()
    """Ducts that share a risk besides their own."""
    link: tuple[Link, ...] = ()
    demand: tuple[Demand, ...] = ()


def list_places(link: Link, ducts: Sequence[Duct]) -> list[str]:
    """Return the sites that a link passes, from its ``a`` to its ``b``; ``ducts`` are its own, in their order.

    Raises
    ------
    ParameterError
        If a duct does not start where the one before it ends.
    """
    places = [link.a]
    for duct in ducts:
        if places[-1] not in (duct.a, duct.b):
            raise ParameterError(f"link {link.name!r}: duct {duct.name!r} does not start at {places[-1]!r}")
        places.append(duct.b if places[-1] == duct.a else duct.a)
    return places


def reference_problems(fabric: Fabric) -> list[Finding]:
    """Find names that are used twice or stand for nothing, and links whose ducts do not join their ends.

    Returns
    -------
    (path of the field, what was found, what is allowed) for each problem; empty if the fabric is sound.
    """
    sites = {site.name: site for site in fabric.site}
    ducts = {duct.name: duct for duct in fabric.duct}
    findings = [
        *_find_repeated("site", [site.name for site in fabric.site]),
        *_find_repeated("duct", [duct.name for duct in fabric.duct]),
        *_find_repeated("link", [link.name for link in fabric.link]),
        *_find_repeated("risk_group", [group.name for group in fabric.risk_group]),
    ]
    for index, duct in enumerate(fabric.duct):
        findings += _check_ends(("duct", index), {"a": duct.a, "b": duct.b}, sites, terminal=False)
    for index, link in enumerate(fabric.link):
        findings += _check_ends(("link", index), {"a": link.a, "b": link.b}, sites, terminal=True)
        findings += _check_ducts(("link", index, "ducts"), link, sites, ducts)
    for index, group in enumerate(fabric.risk_group):
        findings += _check_group(("risk_group", index), group, sites, ducts)
    for index, demand in enumerate(fabric.demand):
        ends = {"from": demand.from_site, "to": demand.to_site}
        findings += _check_ends(("demand", index), ends, sites, terminal=True)
    return findings


def _find_repeated(kind: str, names: list[str]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield (kind, index, "name"), f"{name!r} again", f"a name that no other {kind} has"
        seen.add(name)


def _check_ends(
    path: tuple[str | int, ...], ends: Mapping[str, str], sites: Mapping[str, Site], *, terminal: bool
) -> Iterator[Finding]:
    """Check that the two ends, by their keys, are two sites; of a link or demand ones that hold modules."""
    for key, name in ends.items():
        if name not in sites:
            yield (*path, key), repr(name) + suggest(name, sites), "the name of a site"
        elif terminal and sites[name].role == "hut":
            yield (*path, key), f"{name!r}, a hut", "a site with role core or edge"
    first, second = ends
    if ends[first] == ends[second]:
        yield (*path, second), f"{ends[second]!r}, the same site as {first}", "another site"


def list_ways(ducts: Sequence[Duct], sites: Mapping[str, Site]) -> list[list[Duct]]:
    """Sort ducts into ways: those that huts join end to end are the pieces of one civil route."""
    ways: list[list[Duct]] = []
    for duct in ducts:
        huts = {end for end in (duct.a, duct.b) if end in sites and sites[end].role == "hut"}
        joined = [way for way in ways if any(huts & {piece.a, piece.b} for piece in way)]
        ways = [way for way in ways if way not in joined]
        ways.append([piece for way in joined for piece in way] + [duct])
    return ways


def _check_group(
    path: tuple[str | int, ...], group: RiskGroup, sites: Mapping[str, Site], ducts: Mapping[str, Duct]
) -> Iterator[Finding]:
    for position, name in enumerate(group.ducts):
        if name not in ducts:
            yield (*path, "ducts", position), repr(name) + suggest(name, ducts), "the name of a duct"
        elif name in group.ducts[:position]:
            yield (*path, "ducts", position), f"{name!r} again", "a duct that the group does not name yet"
    ways = list_ways([ducts[name] for name in dict.fromkeys(group.ducts) if name in ducts], sites)
    shortest_km = min((sum(duct.length_km for duct in way) for way in ways), default=0.0)
    if group.shared_length_km is not None and len(ways) > 0 and group.shared_length_km > shortest_km * (1 + 1e-9):
        allowed = f"at most the length of the shortest of its ducts, {shortest_km:g}"
        yield (*path, "shared_length_km"), f"{group.shared_length_km:g}", allowed


def _check_ducts(
    path: tuple[str | int, ...], link: Link, sites: Mapping[str, Site], ducts: Mapping[str, Duct]
) -> Iterator[Finding]:
    """Follow a link's ducts from its ``a`` to its ``b``."""
    unknown = [(position, name) for position, name in enumerate(link.ducts) if name not in ducts]
    for position, name in unknown:
        yield (*path, position), repr(name) + suggest(name, ducts), "the name of a duct"
    ends = [{ducts[name].a, ducts[name].b} for name in link.ducts if name in ducts]
    # Where an end is itself wrong, that is the problem to name and not what follows from it.
    if (
        unknown
        or any(len(pair) < 2 or not pair <= sites.keys() for pair in ends)
        or not {link.a, link.b} <= sites.keys()
    ):
        return
    here = link.a
    for position, (name, pair) in enumerate(zip(link.ducts, ends, strict=True)):
        if here not in pair:
            duct = ducts[name]
            yield (*path, position), f"{name!r} from {duct.a!r} to {duct.b!r}", f"a duct that starts at {here!r}"
            return
        (here,) = pair - {here}
    if here != link.b:
        yield path, f"ducts that end at {here!r}", f"ducts that end at {link.b!r}"

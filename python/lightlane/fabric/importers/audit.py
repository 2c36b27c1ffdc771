"""The audit of an imported topology: what is refused, what is repaired, what is only said.

Known cases stand in lists, checked against the coordinates of the cities that they name; the same faults are found in
topologies that are in no list. No fault is repaired without a note, and none that cannot be repaired is let through.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from lightlane.errors import FormatError, Problem
from lightlane.fabric.importers.draft import Draft, DraftDuct, DraftSite, count_of, list_names
from lightlane.fabric.importers.geodesic import Position, measure_geodesic_km
from lightlane.fabric.topology import Role

NON_GEOGRAPHIC = frozenset(
    {
        *("sndlib/atlanta", "sndlib/di-yuan", "sndlib/france", "sndlib/giul39", "sndlib/india35", "sndlib/newyork"),
        *("sndlib/norway", "sndlib/pioro40", "sndlib/sun", "sndlib/ta1", "sndlib/ta2", "sndlib/zib54"),
    }
)
"""Coordinates on a drawing, not on the Earth; india35's happen to lie in the range of longitudes and latitudes."""
DEGREES_MINUTES = frozenset({"sndlib/nobel-eu", "sndlib/dfn-bwin", "sndlib/nobel-us", "sndlib/pdh"})
"""Degrees and minutes stored as a decimal fraction: 52.31 is 52 degrees 31 minutes."""
UNVERIFIED = frozenset({"sndlib/brain"})
"""Coded site names: nobody can tell whether the coordinates are right."""

ENOUGH_COORDINATES_COUNT = 20
"""Fewer coordinates may share a property by chance: 20 of them all below .60 happen once in 27 000 times."""
POINT_TOLERANCE_DEG = 1e-6
"""Sites nearer than this (0.1 m) are at the same point."""


def are_degrees_minutes(coordinates_deg: Sequence[float]) -> bool:
    """Tell whether the fractions look like minutes: none reaches .60."""
    if len(coordinates_deg) < ENOUGH_COORDINATES_COUNT or _are_whole(coordinates_deg):
        return False
    return all(abs(value) % 1 < 0.5999 for value in coordinates_deg)


def convert_degrees_minutes(stored_deg: float) -> float:
    """Return decimal degrees of a coordinate in degrees.minutes: 52.31 is 52.516667, -6.15 is -6.25."""
    whole = int(stored_deg)
    return round(whole + (stored_deg - whole) * 100 / 60, 6)


def find_position_faults(key: str, positions_deg: Sequence[Position]) -> list[str]:
    """Return why the positions of a topology cannot be places on the Earth; empty if they can.

    Parameters
    ----------
    key
        Name of the topology, such as ``sndlib/france``.
    positions_deg
        Latitude and longitude of each site.
    """
    coordinates = [value for position in positions_deg for value in position]
    faults = []
    if key.startswith("gabriel/"):
        faults.append("synthetic sites on a plane")
    outside = [p for p in positions_deg if not (-90 <= p[0] <= 90 and -180 <= p[1] <= 180)]
    if outside:
        faults.append(
            f"{count_of(len(outside), 'site')} of {len(positions_deg)} outside the range of longitudes and latitudes"
        )
    if len(coordinates) >= ENOUGH_COORDINATES_COUNT and _are_whole(coordinates):
        faults.append("only whole numbers as coordinates, as on a drawing")
    if key in NON_GEOGRAPHIC and not faults:
        faults.append("coordinates on a drawing")
    return faults


def find_distance_faults(ducts: Sequence[tuple[str, float, float]]) -> list[str]:
    """Return the ducts whose stated distance is not that between their sites, by more than 2 km + 1 %.

    Coordinates rounded to 0.01 degrees move a distance by up to 1.6 km, a sphere instead of the ellipsoid by 0.5 %.

    Parameters
    ----------
    ducts
        Name, stated distance and geodesic in km of each duct.
    """
    return [
        f"{name}: {stated_km:g} km stated, {geodesic_km:.1f} km between its sites"
        for name, stated_km, geodesic_km in ducts
        if abs(stated_km - geodesic_km) > 2.0 + 0.01 * geodesic_km
    ]


def merge_coincident(draft: Draft, *, merge: bool) -> Draft:
    """Merge sites at the same point, or refuse them.

    Sites at one point stand where the source gives the fiber length of every duct: two halls of a campus are no error.

    Raises
    ------
    FormatError
        Naming each group of sites at one point, unless they are to be merged.
    """
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, site in enumerate(draft.sites):
        groups[_grid(site.position_deg)].append(index)
    shared = [group for group in groups.values() if len(group) > 1]
    if not shared:
        return draft
    if merge:
        return _merge(draft, shared)
    if draft.ducts and all(duct.properties.length_km is not None for duct in draft.ducts):
        notes = [f"flagged: at the same point: {_name_group(draft, group)}" for group in shared]
        return replace(draft, notes=(*draft.notes, *notes))
    allowed = "one site at each point; --merge-coincident makes one site of each such group"
    zero_count = sum(_grid(draft.sites[d.a].position_deg) == _grid(draft.sites[d.b].position_deg) for d in draft.ducts)
    found = "sites at the same point" + (
        f" ({count_of(zero_count, 'duct')} of zero length in all)" if zero_count else ""
    )
    raise FormatError([Problem(draft.label, 0, _name_group(draft, group), found, allowed) for group in shared])


def refuse_zero_lengths(draft: Draft) -> None:
    """Refuse ducts without a length.

    Raises
    ------
    FormatError
        Naming each of them.
    """
    problems = [
        Problem(
            draft.label, duct.line, name_ends(draft, duct), f"a duct of {duct.geometry_km * 1e3:.1f} m", "1 m or more"
        )
        for duct in draft.ducts
        if duct.properties.length_km is None and duct.geometry_km < 1e-3
    ]
    if problems:
        raise FormatError(problems)


def describe_doubts(draft: Draft) -> list[str]:
    """Return what a user should know of a topology that is let through: isolated sites, parts, rounded coordinates."""
    notes = []
    degrees = count_degrees(draft)
    isolated = [site.name for index, site in enumerate(draft.sites) if not degrees[index]]
    if isolated:
        notes.append(f"flagged: {count_of(len(isolated), 'site')} without a duct: {list_names(isolated)}")
    parts = [part for part in find_components(draft) if len(part) > 1]
    if len(parts) > 1:
        sizes = ", ".join(str(len(part)) for part in parts)
        notes.append(f"flagged: the ducts form {len(parts)} separate networks of {sizes} sites")
    pairs = Counter((min(duct.a, duct.b), max(duct.a, duct.b)) for duct in draft.ducts)
    parallel = sum(count > 1 for count in pairs.values())
    if parallel:
        notes.append(
            f"flagged: {count_of(parallel, 'pair')} of sites with parallel ducts; each is kept under a name of its own"
        )
    measured = [duct for duct in draft.ducts if duct.properties.length_km is None]
    short = [duct for duct in measured if duct.geometry_km < 10]
    coordinates = [value for site in draft.sites for value in site.position_deg]
    if short and all(abs(value * 100 - round(value * 100)) < 1e-6 for value in coordinates):
        notes.append(
            f"flagged: coordinates are rounded to 0.01 degrees, which moves a length by up to 1.6 km: "
            f"{count_of(len(short), 'duct')} shorter than 10 km"
        )
    return notes


def count_degrees(draft: Draft) -> Counter[int]:
    """Return the number of ducts at each site."""
    return Counter(end for duct in draft.ducts for end in (duct.a, duct.b))


def find_components(draft: Draft) -> list[list[int]]:
    """Return the sets of sites that ducts join, largest first."""
    parent = list(range(len(draft.sites)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for duct in draft.ducts:
        parent[root(duct.a)] = root(duct.b)
    members: dict[int, list[int]] = defaultdict(list)
    for index in range(len(parent)):
        members[root(index)].append(index)
    return sorted(members.values(), key=lambda part: (-len(part), part[0]))


def name_ends(draft: Draft, duct: DraftDuct) -> str:
    """Write a duct as the names of its two sites."""
    return f"{draft.sites[duct.a].name} - {draft.sites[duct.b].name}"


def measure_between(sites: Sequence[DraftSite], a: int, b: int) -> float:
    """Return the geodesic in km between two sites."""
    return measure_geodesic_km(sites[a].position_deg, sites[b].position_deg)


def _are_whole(coordinates_deg: Sequence[float]) -> bool:
    return all(float(value).is_integer() for value in coordinates_deg)


def _grid(position: Position) -> tuple[int, int]:
    return round(position[0] / POINT_TOLERANCE_DEG), round(position[1] / POINT_TOLERANCE_DEG)


def _pick(sites: Sequence[DraftSite], indices: list[int]) -> list[tuple[int, DraftSite]]:
    return [(index, sites[index]) for index in indices]


def _highest_role(roles: set[Role | None]) -> Role | None:
    order: tuple[Role, ...] = ("core", "edge", "hut")
    return next((role for role in order if role in roles), None)


def _name_group(draft: Draft, group: list[int]) -> str:
    return " = ".join(draft.sites[index].name for index in group)


def _merge(draft: Draft, groups: list[list[int]]) -> Draft:
    """Keep the first site of each group, with the highest role of the group."""
    stands_for = {index: group[0] for group in groups for index in group}
    kept = [index for index in range(len(draft.sites)) if stands_for.get(index, index) == index]
    renumbered = {old: new for new, old in enumerate(kept)}
    moved = {index: renumbered[stands_for.get(index, index)] for index in range(len(draft.sites))}
    roles = {group[0]: _highest_role({draft.sites[index].role for index in group}) for group in groups}
    sites = tuple(replace(site, role=roles.get(old, site.role)) for old, site in _pick(draft.sites, kept))
    ducts = tuple(replace(d, a=moved[d.a], b=moved[d.b]) for d in draft.ducts if moved[d.a] != moved[d.b])
    demands = tuple(replace(d, a=moved[d.a], b=moved[d.b]) for d in draft.demands if moved[d.a] != moved[d.b])
    notes = [f"merged: sites at the same point: {_name_group(draft, group)}" for group in groups]
    dropped = len(draft.ducts) - len(ducts)
    if dropped:
        notes.append(f"dropped: {count_of(dropped, 'duct')} between merged sites")
    return replace(draft, sites=sites, ducts=ducts, demands=demands, notes=(*draft.notes, *notes))

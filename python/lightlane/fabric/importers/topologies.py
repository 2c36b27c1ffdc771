"""Topologies of the topohub package: SNDlib, Topology Zoo, backbones, CAIDA."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import metadata
from typing import Any

from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.fabric.importers import audit
from lightlane.fabric.importers.draft import Draft, DraftDemand, DraftDuct, DraftSite, count_of, list_names, make_unique
from lightlane.fabric.importers.geodesic import Position
from lightlane.fabric.importers.rules import Repairs
from lightlane.files import suggest

PREFIX = "topohub:"
Json = dict[str, Any]


def list_topologies() -> list[str]:
    """Return the names of all topologies that the installed topohub package holds, such as ``sndlib/germany50``."""
    root = _data_folder()
    found: list[str] = []
    pending = [(root, "")]
    while pending:
        folder, path = pending.pop()
        for entry in folder.iterdir():
            if entry.is_dir():
                pending.append((entry, f"{path}{entry.name}/"))
            elif entry.name.endswith(".json"):
                found.append(path + entry.name.removesuffix(".json"))
    return sorted(found)


def read_topology(key: str, repairs: Repairs) -> Draft:
    """Read a topology of topohub, audit it and repair what can be repaired.

    Raises
    ------
    ParameterError
        If there is no such topology, or no topohub.
    FormatError
        If it is not geographic, or is doubtful in a way that ``repairs`` does not accept.
    """
    label = PREFIX + key
    content = _load(key)
    nodes, edges, notes = _select_edges(label, content["nodes"], content["edges"], repairs)
    positions: list[Position] = [(float(node["pos"][1]), float(node["pos"][0])) for node in nodes]
    positions = _audit_positions(label, key, positions, nodes, edges, repairs, notes)
    names, name_notes = _name_sites(nodes)
    notes += name_notes
    if key.startswith("caida/"):
        notes.append("flagged: routers of a provider placed at cities: the ducts are logical and follow no fiber route")
    sites = tuple(DraftSite(name, position) for name, position in zip(names, positions, strict=True))
    index = {str(node["id"]): position for position, node in enumerate(nodes)}
    ends = [(index[str(edge["source"])], index[str(edge["target"])]) for edge in edges]
    loops = sum(a == b for a, b in ends)
    if loops:
        notes.append(f"dropped: {count_of(loops, 'duct')} from a site to itself")
    ducts = tuple(DraftDuct(a, b, audit.measure_between(sites, a, b)) for a, b in ends if a != b)
    demands = tuple(
        DraftDemand(index[source], index[target], float(size))
        for source, row in content["graph"].get("demands", {}).items()
        for target, size in row.items()
        if source in index and target in index and source != target and size > 0
    )
    source = f"topohub {metadata.version('topohub')}, {key}"
    name = key.rsplit("/", 1)[-1]
    return Draft(name, label, source, sites, ducts, demands, notes=tuple(notes))


def _data_folder() -> Any:
    from importlib import resources

    try:
        return resources.files("topohub").joinpath("data")
    except ModuleNotFoundError:
        raise ParameterError("the topohub package is missing: pip install 'lightlane[topologies]' adds it") from None


def _load(key: str) -> Json:
    # topohub.get() leaves the file open, so the file is read here.
    if key not in (known := list_topologies()):
        groups = sorted({name.split("/")[0] for name in known})
        hint = suggest(key, known) or suggest(f"sndlib/{key}", known)
        raise ParameterError(
            f"topohub has no topology {key!r}{hint}; allowed: one of its {len(known)} names GROUP/NAME "
            f"with groups {', '.join(groups)}"
        )
    content: Json = json.loads(_data_folder().joinpath(*f"{key}.json".split("/")).read_text("utf-8"))
    return content


def _select_edges(
    label: str, nodes: list[Json], edges: list[Json], repairs: Repairs
) -> tuple[list[Json], list[Json], list[str]]:
    """Leave out sea cables where the user wants that, refuse them where not."""
    cables = [edge for edge in edges if edge.get("type") == "seacable"]
    if not cables:
        return nodes, edges, []
    if not repairs.skip_seacable:
        allowed = "ducts on land; --skip-seacable leaves them out, and topologies named *_nosc have none"
        raise FormatError(
            Problem(label, 0, "", f"{len(cables)} sea cables, which are no plant for pluggables", allowed)
        )
    kept = [edge for edge in edges if edge.get("type") != "seacable"]
    used = {edge[end] for edge in kept for end in ("source", "target")}
    left = [node for node in nodes if node["id"] in used or not str(node.get("type", "")).startswith("Seacable")]
    note = f"dropped: {len(cables)} sea cables and {len(nodes) - len(left)} landing points and waypoints on them"
    return left, kept, [note]


def _audit_positions(
    label: str,
    key: str,
    positions: list[Position],
    nodes: list[Json],
    edges: list[Json],
    repairs: Repairs,
    notes: list[str],
) -> list[Position]:
    """Return the positions, repaired where needed; adds to ``notes``."""
    if faults := audit.find_position_faults(key, positions):
        allowed = "sites at places on the Earth"
        raise FormatError([Problem(label, 0, "coordinates", fault, allowed) for fault in faults])
    if faults := audit.find_distance_faults(_list_distances(positions, nodes, edges)):
        allowed = "the great-circle distance between the duct's sites"
        raise FormatError([Problem(label, 0, "distance", fault, allowed) for fault in faults])
    if key in audit.UNVERIFIED:
        if not repairs.accept_unverified:
            found = "coordinates that cannot be checked, for the sites have coded names"
            raise FormatError(Problem(label, 0, "coordinates", found, "checked ones; --accept-unverified takes them"))
        notes.append("flagged: nobody could check the coordinates, for the sites have coded names")
    if key in audit.DEGREES_MINUTES or audit.are_degrees_minutes([value for pair in positions for value in pair]):
        notes.append(
            "repaired: coordinates are degrees.minutes stored as decimals; converted, and all distances computed again"
        )
        return [(audit.convert_degrees_minutes(lat), audit.convert_degrees_minutes(lon)) for lat, lon in positions]
    return positions


def _list_distances(
    positions: Sequence[Position], nodes: list[Json], edges: list[Json]
) -> list[tuple[str, float, float]]:
    index = {node["id"]: place for place, node in enumerate(nodes)}
    sites = [
        DraftSite(str(node.get("name") or node["id"]), place) for node, place in zip(nodes, positions, strict=True)
    ]
    out = []
    for edge in edges:
        a, b = index[edge["source"]], index[edge["target"]]
        name = f"{sites[a].name} - {sites[b].name}"
        out.append((name, float(edge["dist"]), audit.measure_between(sites, a, b)))
    return out


def _name_sites(nodes: list[Json]) -> tuple[list[str], list[str]]:
    """Return a name of its own for each site, and what was made up."""
    taken: set[str] = set()
    names, changed = [], []
    for node in nodes:
        given = " ".join(str(node.get("name") or "").split())
        names.append(make_unique(given or f"site {node['id']}", taken))
        if names[-1] != given:
            changed.append(names[-1])
    if not changed:
        return names, []
    return names, [f"repaired: {count_of(len(changed), 'site')} without a name of its own: {list_names(changed)}"]

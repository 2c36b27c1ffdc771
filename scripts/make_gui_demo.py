"""Make the fabric and scenario that the desktop application opens the first time: real towns, invented ducts.

Run by hand when the catalog or the design changes: ``python scripts/make_gui_demo.py``.
"""

from __future__ import annotations

import itertools
import math
from pathlib import Path

from geographiclib.geodesic import Geodesic

from lightlane import Demand, DesignOptions, Duct, Fabric, Site, design_fabric, load_catalog, save_fabric

FOLDER = Path(__file__).parents[1] / "gui" / "lightlane_gui" / "data"
ROUTE_FACTOR = 1.25
"""Length of a duct over the distance of its ends: assumed, as everything of the ducts."""
HEADROOM_RATIO = 1.7
"""The links are designed for demands that have grown by so much."""
CORES = {"Frankfurt", "Amsterdam", "Berlin", "Munich", "Zurich"}
TOWNS = {
    "Frankfurt": (50.11, 8.68), "Amsterdam": (52.37, 4.90), "Berlin": (52.52, 13.40), "Munich": (48.14, 11.58),
    "Zurich": (47.38, 8.54), "Hamburg": (53.55, 9.99), "Hannover": (52.37, 9.73), "Leipzig": (51.34, 12.37),
    "Nuremberg": (49.45, 11.08), "Stuttgart": (48.78, 9.18), "Cologne": (50.94, 6.96), "Dortmund": (51.51, 7.47),
    "Brussels": (50.85, 4.35), "Luxembourg": (49.61, 6.13), "Strasbourg": (48.58, 7.75), "Bremen": (53.08, 8.80),
    "Prague": (50.08, 14.43), "Dresden": (51.05, 13.74), "Kassel": (51.31, 9.49), "Erfurt": (50.98, 11.03),
}  # fmt: skip
EDGES = {
    "Frankfurt": {
        "Offenbach": (50.10, 8.77),
        "Hanau": (50.13, 8.92),
        "Mainz": (50.00, 8.27),
        "Darmstadt": (49.87, 8.65),
    },
    "Amsterdam": {"Haarlem": (52.39, 4.64), "Utrecht": (52.09, 5.12), "Almere": (52.37, 5.22)},
    "Berlin": {"Potsdam": (52.40, 13.06), "Adlershof": (52.44, 13.55), "Spandau": (52.54, 13.20)},
    "Munich": {"Garching": (48.25, 11.65), "Freising": (48.40, 11.75), "Augsburg": (48.37, 10.90)},
    "Zurich": {"Oerlikon": (47.41, 8.54), "Winterthur": (47.50, 8.72), "Zug": (47.17, 8.52)},
    "Hamburg": {"Harburg": (53.46, 9.98), "Ahrensburg": (53.67, 10.24)},
    "Cologne": {"Leverkusen": (51.03, 6.98), "Bonn": (50.74, 7.10)},
    "Stuttgart": {"Esslingen": (48.74, 9.31), "Ludwigsburg": (48.90, 9.19)},
    "Nuremberg": {"Fuerth": (49.48, 10.99), "Erlangen": (49.60, 11.00)},
    "Leipzig": {"Halle": (51.48, 11.97)},
    "Brussels": {"Mechelen": (51.03, 4.48)},
}


def main() -> None:
    """Write ``demo.toml``."""
    places = {**TOWNS, **{name: at for group in EDGES.values() for name, at in group.items()}}
    sites = [
        Site(name=name, role="core" if name in CORES else "edge", latitude_deg=at[0], longitude_deg=at[1])
        for name, at in places.items()
    ]
    pairs = [*gabriel_pairs(TOWNS), *((hub, name) for hub, group in EDGES.items() for name in group)]
    ducts = [
        Duct(name=f"{a} - {b}", a=a, b=b, length_km=length_km, fiber="g652d", splice_count=math.ceil(length_km / 6))
        for a, b in pairs
        for length_km in [round(ROUTE_FACTOR * distance_km(places[a], places[b]), 1)]
    ]
    demands = [
        Demand(**{"from": a, "to": b}, rate_gbps=rate_gbps, latency_ms=latency_ms, service=service)
        for a, b, rate_gbps, latency_ms, service in list_demands()
    ]
    grown = tuple(item.model_copy(update={"rate_gbps": HEADROOM_RATIO * item.rate_gbps}) for item in demands)
    fabric = Fabric(format=1, name="Core and edge", source="made by hand", site=tuple(sites), duct=tuple(ducts),
                    demand=grown, wanted_margin_db=1.0)  # fmt: skip
    options = DesignOptions(
        modules=(
            "400gbase-dr4", "400gbase-fr4", "400g-lr4-10", "400gbase-lr8", "400gbase-er8", "oif-400zr",
            "openzrplus-400g", "openzrplus-400g-ha", "openroadm-400g", "oif-800zr", "openroadm-800g-118", "800g-zrplus",
        ),
    )  # fmt: skip
    design = design_fabric(fabric, load_catalog(), options=options)
    save_fabric(design.fabric.model_copy(update={"demand": tuple(demands)}), FOLDER / "demo.toml")
    print(len(design.fabric.site), "sites", len(design.fabric.link), "links", len(design.unclosed), "not closed")  # noqa: T201


def list_demands() -> list[tuple[str, str, float, float, str]]:
    """Inference between every edge and its hub's nearest core, replication among cores."""
    out = [(a, b, 1600.0, 12.0, "replication") for a, b in itertools.combinations(sorted(CORES), 2)]
    for hub, group in EDGES.items():
        core = min(CORES, key=lambda name: distance_km(TOWNS[name], TOWNS[hub]))
        out += [(edge, core, 300.0, 4.0, "inference") for edge in group]
    for town, at in TOWNS.items():
        if town not in CORES:
            near = sorted(CORES, key=lambda name: distance_km(TOWNS[name], at))
            out += [(town, near[0], 800.0, 6.0, "split-inference"), (town, near[1], 400.0, 10.0, "backup")]
    return out


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the length of the geodesic between two places."""
    return float(Geodesic.WGS84.Inverse(*a, *b)["s12"]) / 1e3


def gabriel_pairs(places: dict[str, tuple[float, float]]) -> list[tuple[str, str]]:
    """Return the pairs whose circle over their line holds no third place: what fiber networks look like."""
    return [
        (a, b)
        for a, b in itertools.combinations(places, 2)
        if all(
            distance_km(places[a], places[c]) ** 2 + distance_km(places[b], places[c]) ** 2
            >= distance_km(places[a], places[b]) ** 2
            for c in places
            if c not in (a, b)
        )
    ]


if __name__ == "__main__":
    main()

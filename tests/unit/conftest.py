"""A synthetic run over real German cities, for everything that reads results: no engine, no catalog needed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lightlane.results.records import (
    DEMAND_COLUMNS,
    FRAME_LOSS_NAMES,
    LANE_COLUMNS,
    LINK_COLUMNS,
    UNCERTAINTY_NAMES,
    Results,
    build_table,
)

CORES: tuple[tuple[str, float, float], ...] = (
    ("Berlin", 52.52, 13.405),
    ("Hamburg", 53.551, 9.994),
    ("München", 48.137, 11.575),
    ("Köln", 50.938, 6.96),
    ("Frankfurt", 50.11, 8.682),
    ("Stuttgart", 48.776, 9.183),
    ("Düsseldorf", 51.227, 6.773),
    ("Leipzig", 51.34, 12.375),
    ("Dortmund", 51.514, 7.465),
    ("Essen", 51.456, 7.012),
    ("Bremen", 53.079, 8.802),
    ("Dresden", 51.05, 13.738),
    ("Hannover", 52.376, 9.732),
    ("Nürnberg", 49.452, 11.077),
    ("Karlsruhe", 49.007, 8.404),
    ("Mannheim", 49.488, 8.467),
    ("Kassel", 51.312, 9.48),
    ("Erfurt", 50.985, 11.03),
    ("Magdeburg", 52.12, 11.628),
    ("Rostock", 54.092, 12.099),
    ("Kiel", 54.323, 10.123),
    ("Freiburg", 47.999, 7.842),
    ("Ulm", 48.401, 9.987),
    ("Regensburg", 49.013, 12.102),
    ("Münster", 51.96, 7.626),
    ("Saarbrücken", 49.24, 6.997),
)
COHERENT = ("openzrplus-400g-ha", "OpenZR+ 400G, high output power", 22.5)
LR4 = ("400gbase-lr4-10", "400GBASE-LR4-10", 10.0)
ER4 = ("400g-er4-30", "400G-ER4-30", None)


def _kilometers(a: tuple[str, float, float], b: tuple[str, float, float]) -> float:
    """Flat distance, good enough for a synthetic duct."""
    return math.hypot((a[1] - b[1]) * 111.2, (a[2] - b[2]) * 111.2 * math.cos(math.radians((a[1] + b[1]) / 2)))


def _adjacencies() -> list[tuple[int, int]]:
    """Join each city to its three nearest."""
    pairs: set[tuple[int, int]] = set()
    for i, city in enumerate(CORES):
        others = sorted((k for k in range(len(CORES)) if k != i), key=lambda k: _kilometers(city, CORES[k]))
        pairs |= {(min(i, k), max(i, k)) for k in others[:3]}
    return sorted(pairs)


def _contributions(margin_db: float, coherent: bool) -> list[list[Any]]:
    steps: list[list[Any]] = (
        [
            ["launch power", -1.0],
            ["booster gain", 18.2],
            ["fiber, span 1", -19.4],
            ["in-line amplifier 1", 19.4],
            ["fiber, span 2", -21.3],
            ["preamplifier", 15.6],
            ["amplifier noise", 14.7],
            ["nonlinear noise", -0.62],
            ["transceiver noise", -0.41],
            ["mux and demux", -0.2],
            ["chromatic dispersion penalty", -0.34],
            ["PDL penalty", -0.3],
            ["DGD penalty", -0.08],
        ]
        if coherent
        else [
            ["OMA at the transmitter", 1.2],
            ["fiber", -3.1],
            ["connectors", -1.0],
            ["dispersion and MPI allocation", -0.9],
            ["TDECQ", -2.2],
        ]
    )
    rest = margin_db - sum(step[1] for step in steps)
    return [*steps, ["required OSNR" if coherent else "receiver sensitivity", rest]]


def build_results(*, name: str = "Synthetic Germany", edges: int = 36, seed: int = 7, odd_name: str = "") -> Results:
    """Build some 90 links, most up, a few thin, down, blocked or unknown; ``odd_name`` renames the first site."""
    rng = np.random.default_rng(seed)
    sites = [{"name": c[0], "role": "core", "latitude_deg": c[1], "longitude_deg": c[2]} for c in CORES]
    ducts: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []

    def add(a: str, b: str, length_km: float, module: str) -> None:
        duct = f"d{len(ducts) + 1}"
        ducts.append({"name": duct, "a": a, "b": b, "length_km": length_km, "fiber": "g652d"})
        links.append({"name": f"{a}-{b}-1", "a": a, "b": b, "module": module, "ducts": [duct], "channels": 8})

    for i, k in _adjacencies():
        add(CORES[i][0], CORES[k][0], 1.3 * _kilometers(CORES[i], CORES[k]), COHERENT[0])
    for index in range(edges):
        core = CORES[index % 12]
        distance_km, angle = (3.0, 8.0, 18.0, 29.0)[index % 4], rng.uniform(0, 2 * math.pi)
        site = f"{core[0]} edge {index // 12 + 1}"
        sites.append(
            {
                "name": site,
                "role": "edge",
                "latitude_deg": core[1] + distance_km / 111.2 * math.sin(angle),
                "longitude_deg": core[2] + distance_km / 111.2 / math.cos(math.radians(core[1])) * math.cos(angle),
            }
        )
        add(core[0], site, 1.3 * distance_km, ER4[0] if distance_km > 10 else LR4[0])
    # Two links over the same duct, and one over two ducts past a hut.
    links.append({**links[0], "name": links[0]["name"][:-1] + "2"})
    sites.append({"name": "Hut 1", "role": "hut", "latitude_deg": 52.6, "longitude_deg": 11.7})
    for k, (a, b) in enumerate((("Berlin", "Hut 1"), ("Hut 1", "Hannover"))):
        ducts.append({"name": f"h{k}", "a": a, "b": b, "length_km": 150.0, "fiber": "g652d"})
    links.append({**links[0], "name": "Berlin-Hannover-1", "b": "Hannover", "a": "Berlin", "ducts": ["h0", "h1"]})
    if odd_name:
        old = sites[0]["name"]
        for record in (*sites, *ducts, *links):
            record.update({key: odd_name for key in ("name", "a", "b") if record.get(key) == old})
        links[0]["name"] = odd_name + "-link"
    demands = _demands(links, rng)
    fabric = {"format": 1, "name": name, "site": sites, "duct": ducts, "link": links, "demand": []}
    return _fill(fabric, demands, rng)


def _demands(links: list[dict[str, Any]], rng: np.random.Generator) -> dict[str, list[Any]]:
    table: dict[str, list[Any]] = {column: [] for column in DEMAND_COLUMNS}
    for index, link in enumerate(links):
        coherent = link["module"] == COHERENT[0]
        service, objective = ("split inference", 1000.0) if not coherent else ("replication", 5000.0)
        if index % 17 == 3:
            service, objective = "", math.nan
        blocked = index % 23 == 5
        latency = math.nan if blocked else float(rng.uniform(0.1, 1.1) * (1000 if not coherent else 4000))
        late = not blocked and latency > objective
        row = {
            "demand": index, "from": link["a"], "to": link["b"], "service": service, "rate_gbps": 400.0,
            "carried_gbps": 0.0 if blocked else 400.0, "latency_us": latency, "fiber_latency_us": latency * 0.97,
            "objective_us": objective, "latency_margin_us": objective - latency, "hop_count": 0 if blocked else 1,
            "path": "" if blocked else link["name"], "status": "blocked" if blocked else "late" if late else "met",
            "reason": "no path with 400 Gb/s left" if blocked else "",
        }  # fmt: skip
        for key, value in row.items():
            table[key].append(value)
    return table


def _fill(fabric: dict[str, Any], demands: dict[str, list[Any]], rng: np.random.Generator) -> Results:
    lanes: dict[str, list[Any]] = {column: [] for column in LANE_COLUMNS}
    links: dict[str, list[Any]] = {
        column: [] for column in LINK_COLUMNS if column not in (*UNCERTAINTY_NAMES, *FRAME_LOSS_NAMES)
    }
    lengths = {duct["name"]: duct["length_km"] for duct in fabric["duct"]}
    for index, link in enumerate(fabric["link"]):
        coherent = link["module"] == COHERENT[0]
        margin = float(rng.gamma(4.0, 0.8) - (1.6 if index % 11 == 4 else 0.2))
        limit, status, blocked, unknown = ("osnr" if coherent else "power"), "up", "", ""
        if index % 29 == 9:
            margin, limit, status, blocked = math.nan, "dispersion", "down", "blocked by dispersion: 2600 of 2400 ps/nm"
        elif index % 31 == 12:
            margin, limit, status, unknown = math.nan, "none", "unknown", "no sensitivity of this module is published"
        elif margin < 0:
            status = "down"
        elif index % 5 == 0:
            limit = "nonlinearity" if coherent else "fec"
        rows = 2 if coherent else 8
        for row in range(rows):
            values: dict[str, Any] = dict.fromkeys(LANE_COLUMNS, math.nan)
            values |= {
                "link": link["name"], "channel_index": 0, "direction": "a_to_b" if row < rows // 2 else "b_to_a",
                "lane": 0 if coherent else row % 4, "frequency_thz": 193.1 if coherent else 229.0,
                "wavelength_nm": 1552.52 if coherent else 1309.1, "symbol_rate_gbd": 60.14 if coherent else 53.125,
                "received_power_dbm": -9.5 if coherent else -4.2, "margin_db": margin + 0.05 * row,
                "osnr_db": 24.0 + margin if coherent else math.nan, "required_osnr_db": 24.0 if coherent else math.nan,
                "power_margin_db": margin + 0.05 * row, "limited_by": limit, "latency_us": 12.0, "status": status,
                "blocked_by": blocked, "unknown_because": unknown, "outside_domain": "", "assumed": "",
            }  # fmt: skip
            for key, value in values.items():
                lanes[key].append(value)
        length_km = sum(lengths[duct] for duct in link["ducts"])
        amplifiers = max(0, int(length_km // 80)) + 2 if coherent else 0
        explanation = _contributions(margin, coherent) if math.isfinite(margin) else []
        values = {
            "link": link["name"], "a": link["a"], "b": link["b"], "module": link["module"],
            "mode": "openzrplus-400g-16qam" if coherent else link["module"],
            "detection": "coherent" if coherent else "direct", "channels": link["channels"], "length_km": length_km,
            "span_count": 1 + max(0, amplifiers - 2), "amplifier_count": amplifiers, "rate_gbps": 3200.0,
            "power_w": 360.0 if coherent else 160.0 if link["module"] == LR4[0] else math.nan, "margin_db": margin,
            "limited_by": limit, "status": status, "worst_direction": "a_to_b", "worst_lane": 0,
            "latency_us": length_km * 4.9 + 5, "module_frame_loss_ratio": math.nan if coherent else 1e-13,
            "blocked_by": blocked, "unknown_because": unknown,
            "assumed": "400g-er4-30: tdecq_max_db" if link["module"] == ER4[0] else "",
            "explanation": json.dumps(explanation),
        }  # fmt: skip
        for key, value in values.items():
            links[key].append(value)
    return Results(
        build_table(LANE_COLUMNS, lanes),
        build_table(LINK_COLUMNS, links),
        build_table(DEMAND_COLUMNS, demands),
        _manifest(fabric),
    )


def _manifest(fabric: dict[str, Any]) -> dict[str, Any]:
    counts = {part[0]: 16 * sum(link["module"] == part[0] for link in fabric["link"]) for part in (COHERENT, LR4, ER4)}
    return {
        "format": 2,
        "complete": True,
        "lightlane_version": "0.1.0",
        "python_version": "3.11.2",
        "numpy_version": "2.4.6",
        "build": "release",
        "instruction_set": "avx2",
        "seed": 0,
        "fidelity": "budget",
        "wanted_margin_db": 2.0,
        "fiber_limits": False,
        "catalog_sha256": "ab" * 32,
        "fabric_sha256": "cd" * 32,
        "created_utc": "2026-01-02T03:04:05Z",
        "fabric": fabric,
        "parts": [
            {"kind": "module", "id": p[0], "name": p[1], "source": "OpenZR+ MSA 3.0", "confidence": "primary"}
            for p in (COHERENT, LR4, ER4)
        ],
        "assumed": [
            {"part": ER4[0], "field": "tdecq_max_db", "value": 3.4, "reason": "no source; as of the LR4 class"},
        ],
        "module_bill": [
            {"module": p[0], "name": p[1], "count": counts[p[0]], "power_w": p[2], "source": "vendor data sheet"}
            for p in (COHERENT, LR4, ER4)
        ],
        "amplifier_bill": [
            {"module": "edfa-vg", "name": "EDFA, variable gain", "count": 120, "power_w": 14.0, "source": "data sheet"}
        ],
        "design_notes": {
            fabric["link"][0]["name"]: ["400G-ER4-30 fails: 12.1 dB of loss too much", "OpenZR+ closes with 2.4 dB"]
        },
    }


@pytest.fixture(scope="session")
def make_results() -> Callable[..., Results]:
    """Return the factory of synthetic results."""
    return build_results


@pytest.fixture(scope="session")
def synthetic_results() -> Results:
    """Return the standard synthetic run."""
    return build_results()

"""What a manifest says of a run: versions, hashes, parts with their sources, assumed values, bills."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from lightlane.catalog.parts import Part, read_reasons
from lightlane.fabric.topology import Fabric
from lightlane.files.hashing import hash_json
from lightlane.kernels import build_info
from lightlane.lane.assumptions import UNKNOWN_REASON, UNKNOWN_REASONS
from lightlane.link import Link, part_kind
from lightlane.plan.link_table import module_power_w
from lightlane.results.manifest import RESULTS_FORMAT


def list_versions() -> dict[str, Any]:
    """Return format, versions, build and instruction set."""
    build = build_info()
    return {
        "format": RESULTS_FORMAT,
        "lightlane_version": build["version"],
        "python_version": platform.python_version(),
        "numpy_version": np.__version__,
        "build": build["target"],
        "instruction_set": build["instruction_set"],
    }


def hash_fabric(fabric: Fabric) -> str:
    """Return the hash of a fabric's records."""
    return hash_json(fabric.model_dump(mode="json", by_alias=True))


def list_parts(links: Iterable[Link], assumed_by_link: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """List the parts in use with their sources, and the assumed values that verdicts rest on with their reasons."""
    parts: dict[str, Part] = {}
    for link in links:
        parts |= link.parts()
    listed = [
        {
            "kind": part_kind(part),
            "id": part.id,
            "name": part.name,
            "source": part.source,
            "confidence": part.confidence,
        }
        for _, part in sorted(parts.items())
    ]
    needed = {item for text in assumed_by_link for item in text.split("; ") if item}
    assumed = []
    for _, part in sorted(parts.items()):
        reasons = read_reasons(part.notes)
        names = sorted(item.partition(": ")[2] for item in needed if item.startswith(f"{part.id}: "))
        for name in names:
            # A module and its mode may share an id: the field tells which of them is meant.
            if name not in type(part).model_fields:
                continue
            value = part.model_dump(mode="json")[name]
            reason = reasons.get(name, "") if name in part.assumed else UNKNOWN_REASONS.get(name, UNKNOWN_REASON)
            assumed.append({"part": part.id, "field": name, "value": value, "reason": reason})
    return {"parts": listed, "assumed": assumed}


def list_module_bill(links: Iterable[Link]) -> list[dict[str, Any]]:
    """Return each kind of module in use with its count and power."""
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], Link] = {}
    for link in links:
        key = (link.module.id, link.mode.id)
        counts[key] += 2 * link.channels
        examples[key] = link
    bill = []
    for key in sorted(counts):
        link = examples[key]
        # The names of modes begin with their module's where that has several.
        name = link.module.name if len(link.module.modes) == 1 else link.mode.name
        bill.append(
            {
                "module": link.module.id,
                "name": name,
                "count": counts[key],
                "power_w": module_power_w(link),
                "source": link.module.source,
            }
        )
    return bill


def list_amplifier_bill(links: Iterable[Link]) -> list[dict[str, Any]]:
    """Return each kind of amplifier in use with its count and power."""
    counts: Counter[str] = Counter()
    parts = {}
    for link in links:
        for part in link.amplifiers:
            counts[part.id] += 1
            parts[part.id] = part
    return [
        {
            "module": name,
            "name": parts[name].name,
            "count": counts[name],
            "power_w": parts[name].power_w,
            "source": parts[name].source,
        }
        for name in sorted(counts)
    ]

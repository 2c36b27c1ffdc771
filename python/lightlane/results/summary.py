"""What is inside a results folder: states, rows, bytes, and how much of the run is done."""

from __future__ import annotations

from typing import Any

from lightlane.results.folder import ResultsFolder


def summarize_folder(opened: ResultsFolder) -> dict[str, Any]:
    """Return counts of chunks, rows and bytes by table, and of points and steps by variant, as plain data."""
    tables: dict[str, dict[str, int]] = {}
    for name in opened.table_names:
        records = [record.tables[name] for record in opened.chunks() if name in record.tables]
        tables[name] = {
            "files": len(records),
            "rows": sum(record.rows for record in records),
            "bytes": sum(record.bytes for record in records),
        }
    return {
        "name": opened.manifest.get("name", ""),
        "complete": opened.manifest["complete"],
        "chunks": len(opened.chunks()),
        "chunks_planned": opened.planned_count,
        "tables": tables,
        "variants": _count_states(opened),
    }


def _count_states(opened: ResultsFolder) -> dict[str, dict[str, int]]:
    """Count points and steps of each variant in the smallest table that knows them."""
    known = [name for name in ("steps", "links", "draws") if name in opened.table_names]
    if not known:
        return {}
    names = ("variant", "point_index", "step_index")
    columns = opened.arrow(known[0], list(names)).group_by(list(names)).aggregate([]).to_pydict()
    states = sorted(zip(*(columns[name] for name in names), strict=True))
    return {
        variant: {
            "points": len({point for name, point, _ in states if name == variant}),
            "steps": len({step for name, _, step in states if name == variant}),
        }
        for variant in dict.fromkeys(name for name, _, _ in states)
    }

"""The tables of studies, and how a study is kept: one Parquet file a table and a manifest."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lightlane.errors import ParameterError
from lightlane.results.records import Table
from lightlane.results.store import MANIFEST_NAME, check_target
from lightlane.units import axis_label, unit_of

FAILURE_COLUMNS: dict[str, str] = {
    "kind": "str",
    "elements": "str",
    "links_down": "str",
    "links_down_count": "int32",
    "capacity_lost_gbps": "float64",
    "blocked_count": "int32",
    "late_count": "int32",
    "rerouted_count": "int32",
    "not_carried_gbps": "float64",
    "ended_there_gbps": "float64",
    "latency_increase_us": "float64",
    "services_hit": "str",
}
"""Table ``failures``, a row for each case, the worst first. ``kind`` is ``duct``, ``risk_group``, ``amplifier``,
``site`` or ``pair``; ``elements``, ``links_down`` and ``services_hit`` are lists separated by ``;``. Counts and
``not_carried_gbps`` are against the home routing; ``ended_there_gbps`` is the part that ends at a lost site;
``latency_increase_us`` is the greatest of a demand that is carried, NaN where none is longer under way."""

AVAILABILITY_COLUMNS: dict[str, str] = {
    "kind": "str",
    "name": "str",
    "service": "str",
    "paths_count": "int32",
    "availability_fraction": "float64",
    "down_min_per_year": "float64",
    "simulated_min_per_year": "float64",
    "simulated_low_min_per_year": "float64",
    "simulated_high_min_per_year": "float64",
    "target_met": "bool",
    "worst_element": "str",
    "worst_element_min_per_year": "float64",
    "contributions": "str",
}
"""Table ``availability``, a row for each demand and each link, the worst first. ``simulated_`` is NaN without Monte
Carlo, ``low`` and ``high`` bound it by 95 %. ``contributions`` is a JSON list of [element, minutes per year that there
would be less if it never failed], the largest first; ``worst_element`` is the first of them."""

UPGRADE_COLUMNS: dict[str, str] = {
    "link": "str",
    "module_before": "str",
    "mode_before": "str",
    "module_after": "str",
    "mode_after": "str",
    "status_before": "str",
    "status_after": "str",
    "margin_before_db": "float64",
    "margin_after_db": "float64",
    "margin_cost_db": "float64",
    "limited_by_before": "str",
    "limited_by_after": "str",
    "outcome": "str",
    "reason": "str",
    "channels_before": "int32",
    "channels_after": "int32",
    "channels_that_do_not_fit": "int32",
    "rate_before_gbps": "float64",
    "rate_after_gbps": "float64",
    "rate_gained_gbps": "float64",
    "power_before_w": "float64",
    "power_after_w": "float64",
    "efficiency_before_w_per_gbps": "float64",
    "efficiency_after_w_per_gbps": "float64",
    "spectrum_before_ghz": "float64",
    "spectrum_after_ghz": "float64",
}
"""Table ``upgrade``, a row for each link, in the order of the fabric. ``outcome`` is ``upgraded``, ``broken``, ``kept``
(no module to replace it by, see ``reason``) or ``down before``. Spectrum is NaN for direct detection."""

PLACEMENT_COLUMNS: dict[str, str] = {
    "service": "str",
    "users_at": "str",
    "served_from": "str",
    "requests_per_s": "float64",
    "rate_gbps": "float64",
    "objective_ms": "float64",
    "latency_ms": "float64",
    "network_ms": "float64",
    "transfer_ms": "float64",
    "queue_ms": "float64",
    "compute_ms": "float64",
    "worst_latency_ms": "float64",
    "worst_cut": "str",
    "utilization_fraction": "float64",
    "status": "str",
    "reason": "str",
}
"""Table ``placement``, a row for each service and site of its users. ``worst_`` is over all single cuts, NaN and empty
without them; ``utilization_fraction`` of the units of the service where it is served from."""

STUDY_TABLES: dict[str, dict[str, str]] = {
    "failures": FAILURE_COLUMNS,
    "availability": AVAILABILITY_COLUMNS,
    "upgrade": UPGRADE_COLUMNS,
    "placement": PLACEMENT_COLUMNS,
}
STUDY_FORMAT = 1
"""Number of the layout of a study's folder."""


@dataclass(frozen=True, slots=True)
class Study:
    """What a study found.

    Attributes
    ----------
    kind
        Which study; a key of :data:`STUDY_TABLES` and the name of its table.
    table
        Its rows.
    summary
        The answers of the whole, JSON-ready.
    manifest
        Where the numbers come from: versions, hashes, the study's settings, the fabric.
    """

    kind: str
    table: Table
    summary: dict[str, Any]
    manifest: dict[str, Any]


def write_study(study: Study, folder: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write a study to ``folder``: its table as Parquet and ``manifest.json``, all of it or nothing.

    Raises
    ------
    ParameterError
        If the folder exists and is not to be replaced, is no results folder, or cannot be written.
    """
    target = Path(folder)
    manifest = {**study.manifest, "format": STUDY_FORMAT, "study": study.kind, "summary": study.summary}
    check_target(target, overwrite=overwrite)
    try:
        target = target.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
        try:
            temporary.mkdir()
            _write_tables({study.kind: study.table}, manifest, temporary)
            if target.exists():
                shutil.rmtree(target)
            temporary.rename(target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise ParameterError(f"results folder {str(folder)!r} cannot be written: {error}") from error
    return target


def _write_tables(tables: Mapping[str, Table], manifest: dict[str, Any], folder: Path) -> None:
    """Write tables and manifest to a folder that exists."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    entries: dict[str, dict[str, object]] = {}
    for name, table in tables.items():
        arrays, fields = [], []
        for column, kind in STUDY_TABLES[name].items():
            values = table[column]
            arrow_type = pa.string() if kind == "str" else pa.from_numpy_dtype(np.dtype(kind))
            array = pa.array(values, type=arrow_type, from_pandas=True)
            unit = unit_of(column) if kind.startswith("float") else None
            metadata = {"unit": unit, "label": axis_label(column)} if unit is not None else None
            arrays.append(array)
            fields.append(pa.field(column, arrow_type, metadata=metadata))
        pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), folder / f"{name}.parquet")
        entries[name] = {"file": f"{name}.parquet", "rows": len(table)}
    text = json.dumps({**manifest, "tables": entries}, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / MANIFEST_NAME).write_text(text + "\n", encoding="utf-8")

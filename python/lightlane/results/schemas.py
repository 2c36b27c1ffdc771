"""The tables that a results folder may hold: their columns, in order, with their kinds.

A kind is ``str``, ``bool``, ``int32``, ``int64``, ``float32``, ``float64``, or one of them with ``[]`` for a list in
each row. A new table is a new entry of :data:`STORE_SCHEMAS`; writer, reader, queries and checks follow.
"""

from __future__ import annotations

from lightlane.results.direct_columns import DIRECT_WAVEFORM_COLUMNS
from lightlane.results.records import DEMAND_COLUMNS, LANE_COLUMNS, LINK_COLUMNS, WAVEFORM_COLUMNS
from lightlane.results.study_tables import STUDY_TABLES

KEY_COLUMNS: dict[str, str] = {
    "variant": "str",
    "point_index": "int32",
    "step_index": "int32",
    "time_days": "float64",
}
"""The state that a row belongs to: variant of the scenario, point of its sweep, step of its timeline."""

DEMAND_CHANGE_COLUMNS: dict[str, str] = {"rerouted": "bool", "latency_change_us": "float64"}
"""What a state did to a demand; of a run without events False and not known."""

STEP_COLUMNS: dict[str, str] = {
    **KEY_COLUMNS,
    "links_up_count": "int32",
    "links_degraded_count": "int32",
    "links_down_count": "int32",
    "links_unknown_count": "int32",
    "demands_met_count": "int32",
    "demands_late_count": "int32",
    "demands_blocked_count": "int32",
    "demands_rerouted_count": "int32",
    "capacity_gbps": "float64",
    "capacity_lost_gbps": "float64",
    "demand_gbps": "float64",
    "carried_gbps": "float64",
    "least_margin_db": "float64",
    "least_margin_link": "str",
    "state_sha256": "str",
}

EVENT_COLUMNS: dict[str, str] = {
    "variant": "str",
    "event_index": "int32",
    "time_days": "float64",
    "end_days": "float64",
    "kind": "str",
    "target": "str",
    "text": "str",
}

POINT_COLUMNS: dict[str, str] = {"variant": "str", "point_index": "int32", "field": "str", "value": "str"}
"""``value`` is JSON."""

DRAW_COLUMNS: dict[str, str] = {
    **KEY_COLUMNS,
    "draw_index": "int32",
    "link": "str",
    "margin_db": "float32",
    "limited_by": "str",
    "status": "str",
}

DEMAND_DRAW_COLUMNS: dict[str, str] = {
    **KEY_COLUMNS,
    "draw_index": "int32",
    "demand": "int32",
    "carried_gbps": "float64",
    "latency_us": "float64",
    "status": "str",
    "rerouted": "bool",
}

OBJECTIVE_COLUMNS: dict[str, str] = {
    **KEY_COLUMNS,
    "objective": "str",
    "found_value": "float64",
    "allowed_value": "float64",
    "met": "bool",
}
"""Values in the unit that the objective's name ends in."""

STORE_SCHEMAS: dict[str, dict[str, str]] = {
    "lanes": {**KEY_COLUMNS, **LANE_COLUMNS},
    "links": {**KEY_COLUMNS, **LINK_COLUMNS},
    "demands": {**KEY_COLUMNS, **DEMAND_COLUMNS, **DEMAND_CHANGE_COLUMNS},
    "steps": STEP_COLUMNS,
    "events": EVENT_COLUMNS,
    "points": POINT_COLUMNS,
    "draws": DRAW_COLUMNS,
    "demand_draws": DEMAND_DRAW_COLUMNS,
    "objectives": OBJECTIVE_COLUMNS,
    **STUDY_TABLES,
    "waveforms": WAVEFORM_COLUMNS,
    "direct_waveforms": DIRECT_WAVEFORM_COLUMNS,
}
"""Columns of every table by its name, which is also the name of its subfolder."""

UNIQUE_TEXTS = frozenset({"explanation", "path", "state_sha256", "text"})
"""Columns whose texts hardly repeat: a dictionary would only make them longer."""

"""The tables of studies: their columns, in order, with their kinds."""

from __future__ import annotations

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

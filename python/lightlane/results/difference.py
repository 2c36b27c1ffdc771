"""The difference of two results: what became of each link and each demand."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from lightlane.results.records import Results, Table

NOT_THERE = "absent"
"""In place of a status: the link or demand is not in that result."""


@dataclass(frozen=True, slots=True)
class LinkDifference:
    """One link in two results; NaN and ``absent`` where one does not have it."""

    link: str
    first_status: str
    second_status: str
    first_margin_db: float
    second_margin_db: float
    margin_change_db: float
    first_limited_by: str
    second_limited_by: str
    reason: str
    """Why it is down in the second."""


@dataclass(frozen=True, slots=True)
class DemandDifference:
    """One demand in two results, by its ends, service and how many alike come before it."""

    demand: str
    first_status: str
    second_status: str
    first_carried_gbps: float
    second_carried_gbps: float
    latency_change_us: float


@dataclass(frozen=True, slots=True)
class ResultsDifference:
    """Links and demands that differ, the greatest loss first, and how many are the same.

    Attributes
    ----------
    links
        By change of status, then by margin lost.
    """

    links: tuple[LinkDifference, ...]
    demands: tuple[DemandDifference, ...]
    same_links_count: int
    same_demands_count: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain data of JSON; NaN becomes None."""
        return {
            "links": [_plain(item) for item in self.links],
            "demands": [_plain(item) for item in self.demands],
            "same_links_count": self.same_links_count,
            "same_demands_count": self.same_demands_count,
        }


def compare_results(first: Results, second: Results, *, least_change_db: float = 0.005) -> ResultsDifference:
    """Compare two results link by link and demand by demand.

    Parameters
    ----------
    least_change_db
        Margins that differ by less, with the same status and limit, count as the same.
    """
    links = _compare_links(first.links, second.links, least_change_db)
    demands = _compare_demands(first.demands, second.demands)
    changed_links = sorted((item for item, same in links if not same), key=_link_rank)
    changed_demands = [item for item, same in demands if not same]
    return ResultsDifference(
        tuple(changed_links),
        tuple(changed_demands),
        len(links) - len(changed_links),
        len(demands) - len(changed_demands),
    )


def _compare_links(first: Table, second: Table, least_db: float) -> list[tuple[LinkDifference, bool]]:
    rows = [{row["link"]: row for row in table.rows()} for table in (first, second)]
    found = []
    for name in dict.fromkeys((*rows[0], *rows[1])):
        one, other = rows[0].get(name), rows[1].get(name)
        before_db, after_db = _number(one, "margin_db"), _number(other, "margin_db")
        item = LinkDifference(
            name,
            _text(one, "status") or NOT_THERE,
            _text(other, "status") or NOT_THERE,
            before_db,
            after_db,
            after_db - before_db,
            _text(one, "limited_by"),
            _text(other, "limited_by"),
            _text(other, "blocked_by") or _text(other, "unknown_because"),
        )
        alike = item.first_status == item.second_status and item.first_limited_by == item.second_limited_by
        near = math.isnan(before_db) and math.isnan(after_db)
        found.append((item, alike and (near or abs(item.margin_change_db) < least_db)))
    return found


def _compare_demands(first: Table, second: Table) -> list[tuple[DemandDifference, bool]]:
    rows = [_name_demands(table) for table in (first, second)]
    found = []
    for name in dict.fromkeys((*rows[0], *rows[1])):
        one, other = rows[0].get(name), rows[1].get(name)
        item = DemandDifference(
            name,
            _text(one, "status") or NOT_THERE,
            _text(other, "status") or NOT_THERE,
            _number(one, "carried_gbps"),
            _number(other, "carried_gbps"),
            _number(other, "latency_us") - _number(one, "latency_us"),
        )
        same_path = one is not None and other is not None and one["path"] == other["path"]
        same = item.first_status == item.second_status and item.first_carried_gbps == item.second_carried_gbps
        found.append((item, same and same_path and not abs(item.latency_change_us) > 0))
    return found


def _name_demands(table: Table) -> dict[str, dict[str, Any]]:
    """Return demands by a name that two results share: demands have none of their own."""
    out: dict[str, dict[str, Any]] = {}
    for row in table.rows():
        base = f"{row['from']} to {row['to']}" + (f", {row['service']}" if row["service"] else "")
        name, number = base, 1
        while name in out:
            number += 1
            name = f"{base} ({number})"
        out[name] = row
    return out


def _link_rank(item: LinkDifference) -> tuple[bool, float, str]:
    change = item.margin_change_db
    return (item.first_status == item.second_status, change if math.isfinite(change) else -math.inf, item.link)


def _number(row: dict[str, Any] | None, name: str) -> float:
    return math.nan if row is None or row[name] is None else float(row[name])


def _text(row: dict[str, Any] | None, name: str) -> str:
    return "" if row is None else str(row[name])


def _plain(item: LinkDifference | DemandDifference) -> dict[str, Any]:
    values = asdict(item)
    return {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in values.items()}

"""What faster modules on the same fibers would do: which links break, and what the others cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lightlane.catalog.load import Catalog
from lightlane.errors import ParameterError
from lightlane.fabric.catalog_check import catalog_problems
from lightlane.fabric.topology import Fabric, Link
from lightlane.fabric.verdicts import Verdict, evaluate_with_budget
from lightlane.lane.batch import CLOSING
from lightlane.link import Link as ComposedLink
from lightlane.results.records import build_table
from lightlane.results.studies import UPGRADE_COLUMNS, Study
from lightlane.studies.replacements import Keep, Replacement, list_replacements
from lightlane.studies.states import EvaluatedFabric, evaluate_for_study


def study_upgrade(
    source: Fabric | Path | str,
    *,
    catalog: Catalog | None = None,
    modules: Mapping[str, str] | None = None,
    keep: Keep = "capacity",
    wanted_margin_db: float | None = None,
    on_step: Callable[[str], None] | None = None,
) -> Study:
    """Replace every module by one of twice the rate and compare.

    Algorithm
    ---------
    1. The links are evaluated as they are.
    2. For every link, all modules of the catalog with twice its rate and its detection are tried on its fibers and
       amplifiers, in one batch (:func:`list_replacements`).
    3. Of those that close with the wanted margin the one of the reach class nearest above the old one's is taken, then
       the one with the least watts, then with the most margin; where none closes, the one that comes nearest.
    4. The links with their new modules are evaluated.

    Parameters
    ----------
    modules
        New module for an old one by id, in place of the search.
    keep
        ``capacity``: so many channels that a link carries no less than before; ``channels``: as many as before.
    wanted_margin_db
        Absent: that of the fabric's design, else 1 dB.
    on_step
        Called with a word for each step before it starts.

    Returns
    -------
    Study with table ``upgrade``; its manifest holds the upgraded fabric as ``upgraded_fabric``.

    Raises
    ------
    FormatError, ParameterError
        If the fabric is wrong, or ``modules`` names what the catalog or the fabric does not have.
    """
    say = on_step if on_step is not None else lambda _: None
    say("as it is")
    before = evaluate_for_study(source, catalog, wanted_margin_db)
    wanted_db = float(before.results.manifest["wanted_margin_db"])
    composed = before.compose()
    new_modules = _check_modules(modules or {}, before)
    listed = [
        list_replacements(record, link, before.catalog, new_modules, keep)
        for record, link in zip(before.fabric.link, composed, strict=True)
    ]
    say("trying modules")
    picks = _pick_all(before.fabric, before.catalog, composed, listed, wanted_db)
    links = tuple(record if pick is None else pick.link for record, pick in zip(before.fabric.link, picks, strict=True))
    say("upgraded")
    after = evaluate_for_study(before.fabric.model_copy(update={"link": links}), before.catalog, wanted_db)
    rows = [
        _compare(one, two, pick, bool(candidates))
        for one, two, pick, candidates in zip(_rows(before), _rows(after), picks, listed, strict=True)
    ]
    columns = {name: [row[name] for row in rows] for name in UPGRADE_COLUMNS}
    manifest = before.manifest(keep=keep, modules=dict(new_modules), wanted_margin_db=wanted_db)
    manifest["upgraded_fabric"] = after.fabric.model_dump(mode="json", by_alias=True, exclude_none=True)
    return Study("upgrade", build_table(UPGRADE_COLUMNS, columns), _summarize(rows), manifest)


def _check_modules(modules: Mapping[str, str], evaluated: EvaluatedFabric) -> Mapping[str, str]:
    used = {link.module for link in evaluated.fabric.link}
    for old, new in modules.items():
        evaluated.catalog.get_module(new)
        if old not in used:
            raise ParameterError(f"no link has module {old!r}; the fabric has {', '.join(sorted(used))}")
    return modules


def _pick_all(
    fabric: Fabric,
    catalog: Catalog,
    composed: Sequence[ComposedLink],
    listed: Sequence[Sequence[Replacement]],
    wanted_margin_db: float,
) -> list[Replacement | None]:
    """Evaluate all candidates of all links in one batch and pick one for each link, None where there is none."""
    flat = [(index, candidate) for index, candidates in enumerate(listed) for candidate in candidates]
    links = [
        candidate.link.model_copy(update={"name": f"trial-{number}"}) for number, (_, candidate) in enumerate(flat)
    ]
    trial = fabric.model_copy(update={"link": tuple(links), "demand": ()})
    # What does not even compose, such as more channels than a mux has ports, is no candidate.
    wrong = {int(path[1]) for path, _, _ in catalog_problems(trial, catalog) if path[0] == "link"}
    kept = [number for number in range(len(flat)) if number not in wrong]
    trial = trial.model_copy(update={"link": tuple(links[number] for number in kept)})
    verdicts = evaluate_with_budget(trial, catalog, wanted_margin_db, False) if kept else ()
    judged: list[list[tuple[Replacement, Verdict]]] = [[] for _ in listed]
    for number, verdict in zip(kept, verdicts, strict=True):
        index, candidate = flat[number]
        judged[index].append((candidate, verdict))

    def rank(pair: tuple[Replacement, Verdict], link: ComposedLink) -> tuple[Any, ...]:
        candidate, verdict = pair
        margin_db = -math.inf if math.isnan(verdict.margin_db) or verdict.blocked_by else verdict.margin_db
        closes = not verdict.why_not(wanted_margin_db, allow_assumed=True)
        shorter = candidate.reach_km < (link.mode.reach_km or 0.0)
        power_w = math.inf if math.isnan(candidate.power_w) else candidate.power_w
        if not closes:
            return (True, candidate.channels_that_do_not_fit, -margin_db, -candidate.reach_km)
        return (False, candidate.channels_that_do_not_fit, shorter, candidate.reach_km, power_w, -margin_db)

    return [
        min(pairs, key=lambda pair, link=link: rank(pair, link))[0] if pairs else None  # type: ignore[misc]
        for pairs, link in zip(judged, composed, strict=True)
    ]


def _rows(evaluated: EvaluatedFabric) -> list[tuple[Link, ComposedLink, dict[str, Any]]]:
    return list(zip(evaluated.fabric.link, evaluated.compose(), evaluated.results.links.rows(), strict=True))


def _compare(
    one: tuple[Link, ComposedLink, dict[str, Any]],
    two: tuple[Link, ComposedLink, dict[str, Any]],
    pick: Replacement | None,
    had_candidates: bool,
) -> dict[str, Any]:
    (_, _, before), (_, _, after) = one, two
    if pick is None:
        outcome = "kept"
        reason = "none fits its line" if had_candidates else "no module of twice the rate and of its detection"
    elif before["status"] not in CLOSING:
        outcome, reason = "down before", _why(before)
    elif after["status"] in CLOSING:
        outcome, reason = "upgraded", ""
    else:
        outcome, reason = "broken", _why(after)
    spectrum = [_spectrum_ghz(item[1]) for item in (one, two)]
    power_w = [_number(row["power_w"]) for row in (before, after)]
    rate_gbps = [float(row["rate_gbps"]) for row in (before, after)]
    margin_db = [_number(row["margin_db"]) for row in (before, after)]
    pairs: dict[str, Sequence[Any]] = {
        "module": (before["module"], after["module"]),
        "mode": (before["mode"], after["mode"]),
        "status": (before["status"], after["status"]),
        "limited_by": (before["limited_by"], after["limited_by"]),
        "channels": (before["channels"], after["channels"]),
    }
    return {
        "link": before["link"],
        **{f"{name}_{when}": pair[index] for name, pair in pairs.items() for index, when in enumerate(_WHEN)},
        **{f"margin_{when}_db": margin_db[index] for index, when in enumerate(_WHEN)},
        **{f"rate_{when}_gbps": rate_gbps[index] for index, when in enumerate(_WHEN)},
        **{f"power_{when}_w": power_w[index] for index, when in enumerate(_WHEN)},
        **{f"efficiency_{when}_w_per_gbps": power_w[i] / rate_gbps[i] for i, when in enumerate(_WHEN)},
        **{f"spectrum_{when}_ghz": spectrum[index] for index, when in enumerate(_WHEN)},
        "margin_cost_db": margin_db[0] - margin_db[1],
        "rate_gained_gbps": rate_gbps[1] - rate_gbps[0],
        "channels_that_do_not_fit": 0 if pick is None else pick.channels_that_do_not_fit,
        "outcome": outcome,
        "reason": reason,
    }


_WHEN = ("before", "after")


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _spectrum_ghz(link: ComposedLink) -> float:
    """Return what the channels take of the band; NaN for direct detection."""
    return link.channels * link.channel_spacing_ghz if link.frequencies_thz else math.nan


def _why(row: Mapping[str, Any]) -> str:
    if row["blocked_by"]:
        return f"blocked by {row['blocked_by']}"
    if row["margin_db"] is None or row["status"] == "unknown":
        return f"unknown: {row['unknown_because']}"
    return f"margin {row['margin_db']:.2f} dB, limited by {row['limited_by']}"


def _summarize(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    def total(name: str) -> float:
        return float(sum(row[name] for row in rows if not math.isnan(row[name])))

    outcomes = [row["outcome"] for row in rows]
    costs_db = [row["margin_cost_db"] for row in rows if row["outcome"] == "upgraded"]
    costs_db = [cost for cost in costs_db if not math.isnan(cost)]
    return {
        "links": {word: outcomes.count(word) for word in ("upgraded", "broken", "kept", "down before")},
        "rate_before_gbps": total("rate_before_gbps"),
        "rate_after_gbps": total("rate_after_gbps"),
        "power_before_w": total("power_before_w"),
        "power_after_w": total("power_after_w"),
        "power_unknown": sum(math.isnan(row["power_before_w"]) or math.isnan(row["power_after_w"]) for row in rows),
        "spectrum_before_ghz": total("spectrum_before_ghz"),
        "spectrum_after_ghz": total("spectrum_after_ghz"),
        "channels_that_do_not_fit": sum(row["channels_that_do_not_fit"] for row in rows),
        "margin_cost_mean_db": sum(costs_db) / len(costs_db) if costs_db else None,
        "margin_cost_max_db": max(costs_db, default=None),
    }

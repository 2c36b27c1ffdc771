"""The words of the report follow from the numbers."""

from __future__ import annotations

import numpy as np
import pytest

from lightlane.lane.model import Limit
from lightlane.lane.remedies import REMEDIES
from lightlane.report.sentences import (
    count_of,
    explain_link,
    join_words,
    name_limit,
    state_verdict,
    suggest_remedy,
)
from lightlane.report.tables import (
    find_deciding_lane,
    key_numbers,
    list_demands,
    list_links,
    rank_worst,
    sum_bill,
)
from lightlane.results.records import Results, Table


def _keep(results: Results, mask: np.ndarray) -> Results:
    links = Table({name: column[mask] for name, column in results.links.columns.items()})
    return Results(results.lanes, links, results.demands, results.manifest)


def test_verdict_counts_what_fails(synthetic_results: Results) -> None:
    down = int((synthetic_results.links["status"] == "down").sum())
    sentences = state_verdict(synthetic_results)
    assert sentences[0].startswith(f"{down} of {len(synthetic_results.links)} links do not close: ")
    assert sentences[0].count(",") == 2
    margins = synthetic_results.links["margin_db"]
    assert synthetic_results.links["link"][int(np.nanargmin(margins))] in sentences[1]
    assert any("3 links there is no verdict" in sentence for sentence in sentences)


def test_verdict_of_a_sound_fabric(synthetic_results: Results) -> None:
    links = synthetic_results.links
    good = _keep(synthetic_results, (links["status"] == "up") & (links["margin_db"] >= 2))
    assert state_verdict(good)[0] == f"All {len(good.links)} links close."
    assert state_verdict(good)[2] == "The wanted margin is 2 dB: no link that closes has less."
    unknown = _keep(synthetic_results, links["status"] == "unknown")
    assert state_verdict(unknown)[0] == "No verdict is possible for any link."
    mixed = _keep(synthetic_results, links["status"] != "down")
    assert "with a known verdict close" in state_verdict(mixed)[0]


def test_worst_links_are_blocked_ones_then_by_margin(synthetic_results: Results) -> None:
    worst = rank_worst(list_links(synthetic_results), 8)
    blocked = [bool(row["blocked_by"]) for row in worst]
    assert blocked == sorted(blocked, reverse=True)
    assert any(blocked)
    margins = [row["margin_db"] for row in worst if row["margin_db"] is not None]
    assert margins == sorted(margins)
    assert min(margins) == np.nanmin(synthetic_results.links["margin_db"])
    assert all(row["status"] != "unknown" for row in worst)
    assert len(margins) == 8


def test_deciding_lane_has_the_least_margin_of_its_place(synthetic_results: Results) -> None:
    row = list_links(synthetic_results)[0]
    lane = find_deciding_lane(synthetic_results, row)
    assert lane is not None
    assert (lane["link"], lane["direction"], lane["lane"]) == (row["link"], "a_to_b", 0)
    assert find_deciding_lane(synthetic_results, {**row, "link": "no such link"}) is None


def test_reason_names_limit_figures_and_losses(synthetic_results: Results) -> None:
    row = next(row for row in list_links(synthetic_results) if row["limited_by"] == "osnr" and row["margin_db"] < 0)
    text = explain_link(row, find_deciding_lane(synthetic_results, row))
    assert text.startswith(f"It misses by {-row['margin_db']:.2f} dB; what limits it is OSNR.")
    assert "24.00 dB are required" in text
    assert "fiber, span 2 \N{MINUS SIGN}21.30 dB" in text
    assert explain_link({**row, "margin_db": None}, None).startswith("The margin has no value in dB")


@pytest.mark.parametrize("limit", Limit.__args__)  # type: ignore[attr-defined]
def test_every_limit_has_a_name(limit: str) -> None:
    assert (name_limit(limit) == "nothing known") == (limit == "none")
    assert name_limit(limit) not in {"", "pmd", "pdl", "osnr"}


def test_remedies_stand_for_real_limits() -> None:
    for family in REMEDIES.values():
        assert set(family) <= set(Limit.__args__)  # type: ignore[attr-defined]
    assert set(REMEDIES["coherent"]) == set(Limit.__args__) - {"none"}  # type: ignore[attr-defined]
    assert suggest_remedy({"detection": "direct", "limited_by": "none"}) == ""


def test_demands_start_with_blocked_ones(synthetic_results: Results) -> None:
    rows = list_demands(synthetic_results)
    order = [("blocked", "late", "met").index(row["status"]) for row in rows]
    assert order == sorted(order)
    assert all(row["printed"] for row in rows if row["status"] != "met")
    used = [row["used_ratio"] for row in rows if row["status"] == "met" and row["used_ratio"] is not None]
    assert used == sorted(used, reverse=True)


def test_bill_leaves_unknown_power_out(synthetic_results: Results) -> None:
    watts, unknown = sum_bill(synthetic_results)
    manifest = synthetic_results.manifest
    expected = sum(
        i["count"] * i["power_w"] for i in manifest["module_bill"] + manifest["amplifier_bill"] if i["power_w"]
    )
    assert watts == expected
    assert unknown == ["400G-ER4-30"]
    assert ("Power, typical", f"{watts / 1000:.1f} kW", "without 1 type of unknown power") in key_numbers(
        synthetic_results
    )


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_join_words(words: list[str], text: str) -> None:
    assert join_words(words) == text


def test_count_of() -> None:
    assert [count_of(n, "link") for n in (0, 1, 2, 12345)] == ["0 links", "1 link", "2 links", "12\u202f345 links"]

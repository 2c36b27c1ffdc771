"""Surrogates: what they hold, what they refuse, and that a fabric of both kinds of links runs with them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lightlane.catalog.load import load_catalog
from lightlane.cli.surrogate import command
from lightlane.engine import run
from lightlane.errors import FormatError, ParameterError
from lightlane.fabric.point_to_point import point_to_point
from lightlane.lane.budget import evaluate_link, evaluate_links
from lightlane.lane.options import BudgetOptions
from lightlane.lane.surrogate.build import BuildSettings, build_surrogate
from lightlane.lane.surrogate.grids import SurrogateGrid
from lightlane.lane.surrogate.runs import RunTarget
from lightlane.lane.surrogate.store import load_surrogate, load_surrogates, save_surrogate
from lightlane.link import Link
from lightlane.scenario.load import load_scenario

TINY = SurrogateGrid(
    name="tiny",
    target=RunTarget("ffe5", 4.8e-4),
    bandwidth_ratio=(0.6, 0.7, 0.8),
    dispersion_range_ratio=(-0.2, 0.2),
    dispersion_step_ratio=0.2,
    chirp_alpha=(0.0, 0.25, 0.5),
    extinction_ratio_db=(4.0, 5.0, 6.0),
)
QUICK = BuildSettings(symbols_count=1024, held_out_count=3, held_out_symbols_count=1024)


def change_mode(link: Link, **figures: object) -> Link:
    return replace(link, mode=link.mode.model_copy(update=figures))


def test_a_table_is_built_kept_and_read_again(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    built = build_surrogate(TINY, settings=QUICK, on_run=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (84, 84)
    path = save_surrogate(built, tmp_path)
    read = load_surrogate(path)
    assert (read.name, read.origin, read.held_out) == (built.name, built.origin, built.held_out)
    assert np.abs(read.table.eye_ratio - built.table.eye_ratio).max() < 1e-9
    assert read.greatest_error_db() < 0.1
    again = build_surrogate(TINY, settings=QUICK)
    assert np.array_equal(again.table.eye_ratio, built.table.eye_ratio)
    assert load_surrogates(tmp_path)[0].name == "tiny"


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="holds no surrogate"):
        load_surrogates(tmp_path)
    (tmp_path / "a.parquet").write_bytes(b"no parquet")
    with pytest.raises(FormatError, match="a Parquet file"):
        load_surrogates(tmp_path)
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table({"x": [1.0]}), tmp_path / "a.parquet")
    with pytest.raises(FormatError, match="surrogate build"):
        load_surrogates(tmp_path)
    answer = CliRunner().invoke(command, ["show", "--folder", str(tmp_path)])
    assert isinstance(answer.exception, FormatError)


@pytest.mark.parametrize(
    "figures",
    [
        {"chirp_alpha": 1.2},
        {"chirp_alpha": None},
        {"eo_bandwidth_ghz": 20.0},
        {"extinction_ratio_min_db": 8.0},
        {"level_mismatch_ratio": 0.95},
        {"target_ser_ratio": 1e-3},
        {"dispersion_max_ps_per_nm": 80.0},
    ],
)
def test_outside_of_its_tables_the_surrogate_says_so(figures: dict[str, object]) -> None:
    link = change_mode(point_to_point("400gbase-fr4", 2.0), **figures)
    result = evaluate_link(link, fidelity="surrogate")
    assert result.status == "unknown"
    assert {lane.status for lane in result.lanes} == {"unknown"}
    assert "surrogate" in result.worst().unknown_because


def test_levels_are_the_budgets_and_only_the_eye_differs() -> None:
    link = point_to_point("400gbase-lr4-6", 6.0)
    budget, surrogate = evaluate_link(link), evaluate_link(link, fidelity="surrogate")
    for own, other in zip(budget.lanes, surrogate.lanes, strict=True):
        assert own.chromatic_dispersion_ps_per_nm == other.chromatic_dispersion_ps_per_nm
        assert own.latency_us == other.latency_us
        assert own.tdecq_db != other.tdecq_db
        # Both models of one eye: 0.1 dB, as docs/models/direct-budget.md claims.
        assert own.tdecq_db == pytest.approx(other.tdecq_db, abs=0.1)
        assert sum(step.value_db for step in other.explain()) == pytest.approx(other.margin_db, abs=1e-6)


def test_coherent_links_stay_with_the_budget_and_say_so() -> None:
    link = point_to_point("oif-400zr", 60.0)
    result = evaluate_link(link, fidelity="surrogate")
    assert result.fidelity == "budget"
    assert result.to_dict() == evaluate_link(link).to_dict()


def test_draws_and_batches_read_the_same_tables() -> None:
    links = [
        point_to_point("400gbase-fr4", 1.0),
        point_to_point("oif-400zr", 60.0),
        point_to_point("800gbase-dr4", 0.4),
    ]
    batch = evaluate_links(links, options=BudgetOptions(fidelity="surrogate", draws_count=50))
    results = batch.link_results()
    assert [result.fidelity for result in results] == ["surrogate", "budget", "surrogate"]
    alone = evaluate_link(links[2], fidelity="surrogate")
    assert results[2].worst().fec_margin_db == alone.worst().fec_margin_db
    assert all(np.isfinite(result.outage_ratio) for result in results)
    refused = change_mode(links[0], chirp_alpha=1.5)
    drawn = evaluate_links([refused], options=BudgetOptions(fidelity="surrogate", draws_count=50)).link_results()[0]
    assert drawn.status == "unknown"


def test_a_scenario_runs_a_mixed_fabric_with_surrogates(tmp_path: Path) -> None:
    scenario = 'format = 1\nname = "surrogates"\nfabric = "fabric.toml"\nfidelity = "surrogate"\n'
    (tmp_path / "scenario.toml").write_text(scenario, "utf-8")
    (tmp_path / "fabric.toml").write_text(FABRIC, "utf-8")
    results = run(load_scenario(tmp_path / "scenario.toml"))
    assert results.manifest["fidelity"] == "surrogate"
    assert results.manifest["fidelity_by_detection"] == {"coherent": "budget", "direct": "surrogate"}
    assert {table["name"] for table in results.manifest["surrogates"]} == {"ffe5", "ffe15_dfe1", "ffe15_dfe1_inner"}
    assert results.links["status"].tolist() == ["up", "up"]
    json.dumps(results.manifest)


FABRIC = """
format = 1
[[site]]
name = "A"
role = "core"
latitude_deg = 50.0
longitude_deg = 8.0
[[site]]
name = "B"
role = "edge"
latitude_deg = 50.01
longitude_deg = 8.0
[[duct]]
name = "d"
a = "A"
b = "B"
length_km = 1.5
fiber = "g652d"
[[link]]
name = "direct"
a = "A"
b = "B"
module = "400gbase-fr4"
ducts = ["d"]
[[link]]
name = "coherent"
a = "A"
b = "B"
module = "oif-400zr"
ducts = ["d"]
"""


def test_the_tables_can_be_shown() -> None:
    answer = CliRunner().invoke(command, ["show", "--json"])
    assert answer.exit_code == 0
    shown = json.loads(answer.output)
    assert [table["name"] for table in shown] == ["ffe15_dfe1", "ffe15_dfe1_inner", "ffe5"]
    assert all(table["seed"] == 1 and table["greatest_error_db"] < 0.1 for table in shown)
    assert CliRunner().invoke(command, ["show"]).exit_code == 0
    refused = CliRunner().invoke(command, ["build", "none", "-o", "x"])
    assert isinstance(refused.exception, ParameterError)


def test_every_mode_with_a_known_transmitter_has_a_table() -> None:
    catalog = load_catalog()
    for module in ("400gbase-fr4", "400g-lr4-10", "400gbase-er8", "800gbase-dr4", "800gbase-fr4", "800gbase-lr4"):
        link = point_to_point(module, 0.5, catalog=catalog)
        result = evaluate_link(link, fidelity="surrogate")
        assert all(np.isfinite(lane.tdecq_db) and "surrogate" not in lane.unknown_because for lane in result.lanes)

"""Results folders as arrays, and taken up again: against SQL over the same files, and against the run itself."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lightlane import FormatError, LiveScenario, ParameterError, ResultsFolder, Scenario, Sweep, open_results, run
from lightlane.scenario.fields import assign_field
from lightlane.toolkit import list_fields, list_states, read_drawn_margins, read_point_margins, recall_scenario

EXAMPLE = Path(__file__).parents[2] / "examples" / "09_years_of_a_metro" / "scenario.toml"


@pytest.fixture(scope="module")
def live() -> LiveScenario:
    return LiveScenario.open(EXAMPLE)


@pytest.fixture(scope="module")
def scenario(live: LiveScenario) -> Scenario:
    sweep = (
        Sweep(field="duct.avus.length_km", values=(20.0, 34.0, 60.0)),
        Sweep(field="conditions.life_ratio", start=0.0, stop=1.0, count=2),
    )
    changes = {"draws_count": 4, "sweep": sweep, "event": live.scenario.event[:4], "timeline": None}
    return live.scenario.model_copy(update=changes)


@pytest.fixture(scope="module")
def folder(scenario: Scenario, live: LiveScenario, tmp_path_factory: pytest.TempPathFactory) -> ResultsFolder:
    return run(scenario, tmp_path_factory.mktemp("run") / "results", fabric=live.fabric, catalog=live.catalog)


def test_states_are_those_of_the_scenario(folder: ResultsFolder) -> None:
    states = list_states(folder)
    assert states.variants == ("baseline", "careless")
    assert states.times_days == {"baseline": (0.0, 300.0), "careless": (0.0, 300.0, 1000.0)}
    assert len(states.points) == 6
    assert states.points[5] == (("duct.avus.length_km", 60.0), ("conditions.life_ratio", 1.0))


def test_margins_over_points_are_those_of_a_query(folder: ResultsFolder) -> None:
    margins = read_point_margins(folder, variant="careless", step=1, points_count=6)
    rows = folder.query("select * from links where variant = 'careless' and step_index = 1").to_pylist()
    assert len(rows) == margins.margin_db.size
    for row in rows:
        at = margins.links.index(row["link"]), row["point_index"]
        assert margins.is_down[at] == (row["status"] == "down")
        expected = np.nan if row["margin_db"] is None else row["margin_db"]
        np.testing.assert_equal(margins.margin_db[at], expected)
    assert margins.is_down[margins.links.index("berlin-potsdam")].all()


def test_draws_are_those_of_a_query(folder: ResultsFolder) -> None:
    key = {"variant": "baseline", "point": 3, "step": 0}
    drawn = read_drawn_margins(folder, **key)  # type: ignore[arg-type]
    where = "variant = 'baseline' and point_index = 3 and step_index = 0"
    rows = folder.query(f"select * from draws where {where}").to_pylist()
    assert drawn.margin_db.shape == (4, 4)
    for row in rows:
        at = drawn.links.index(row["link"]), row["draw_index"]
        assert (drawn.margin_db[at], drawn.status[at], drawn.limited_by[at]) == (
            row["margin_db"],
            row["status"],
            row["limited_by"],
        )
    worst = folder.query(f"select min(margin_db) m from draws where {where} group by draw_index order by draw_index")
    assert drawn.worst().tolist() == worst["m"].to_pylist()
    one = read_drawn_margins(folder, **key, link="adlershof")  # type: ignore[arg-type]
    assert one.margin_db.tolist() == [drawn.margin_db[drawn.links.index("adlershof")].tolist()]
    with pytest.raises(ParameterError, match="'nowhere' is no link"):
        read_drawn_margins(folder, **key, link="nowhere")  # type: ignore[arg-type]


def test_scenario_of_a_folder_runs_to_the_same_numbers(
    folder: ResultsFolder, scenario: Scenario, live: LiveScenario, tmp_path: Path
) -> None:
    recalled = recall_scenario(folder)
    assert recalled.notes == ()
    assert recalled.fabric == live.fabric
    assert recalled.fabric.model_dump(by_alias=True) != folder.manifest["fabric"]  # the first point has another length
    again = run(recalled.scenario, tmp_path / "again", fabric=recalled.fabric)
    assert again.fingerprint == folder.fingerprint
    assert again.query("select * from links") == folder.query("select * from links")
    assert recalled.scenario.event == scenario.event


def test_folder_without_scenario_is_refused_in_words(folder: ResultsFolder, tmp_path: Path) -> None:
    manifest = json.loads((folder.path / "manifest.json").read_text())
    for change, words in (
        ({"scenario": None}, "scenario: found nothing"),
        ({"scenario": {"name": 3}}, "scenario.name"),
    ):
        (tmp_path / "manifest.json").write_text(json.dumps({**manifest, **change, "chunks": []}))
        with pytest.raises(FormatError, match=words):
            recall_scenario(open_results(tmp_path))
    changed = {**manifest, "fabric_sha256": "0", "catalog_sha256": "0", "chunks": []}
    (tmp_path / "manifest.json").write_text(json.dumps(changed))
    assert len(recall_scenario(open_results(tmp_path)).notes) == 2


def test_fabric_in_memory_goes_with_a_scenario_alone(live: LiveScenario) -> None:
    given = run(live.scenario.model_copy(update={"fabric": "(given)"}), fabric=live.fabric)
    assert given.links.rows() == run(EXAMPLE).links.rows()
    with pytest.raises(ParameterError, match="fabric goes with a scenario"):
        run(live.fabric, fabric=live.fabric)
    lost = live.scenario.event[3].model_copy(update={"duct": "nowhere"})
    with pytest.raises(ParameterError, match=r"event\[0\].duct: found 'nowhere'"):
        run(live.scenario.model_copy(update={"event": (lost,)}), fabric=live.fabric)


def test_listed_fields_are_fields(live: LiveScenario) -> None:
    ground = live.ground()
    paths = list_fields(ground)
    assert len(set(paths)) == len(paths)
    assert {
        "conditions.life_ratio",
        "duct.avus.length_km",
        'duct."north.1".length_km',
        "link.*.launch_power_dbm",
    } <= set(paths)
    assign_field(ground, 'duct."north.1".length_km', 3.0)
    for path in paths:
        if path.endswith("_db") and path.startswith(("duct", "conditions")):
            assign_field(ground, path, 0.5)

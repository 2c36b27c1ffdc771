"""``lightlane link`` with worst case and draws: what is printed, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

from click.testing import CliRunner, Result

from lightlane.cli.link import command


def run(*arguments: str) -> Result:
    runner = CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1"})
    return runner.invoke(command, ["400g-lr4-10", "--length-km", "8", *arguments])


def test_without_draws_nothing_is_said_of_them() -> None:
    assert "draws" not in run().stdout
    out = json.loads(run("--json").stdout)
    assert (out["worst_margin_db"], out["outage_ratio"], out["margin_db_by_probability_ratio"]) == (None, None, [])


def test_draws_are_printed_and_repeat() -> None:
    first = run("--draws", "200", "--seed", "4")
    assert first.exit_code == 0
    assert re.search(r"closes in [\d.]+ % of the draws", " ".join(first.stdout.split()))
    assert first.stdout == run("--draws-count", "200", "--seed", "4").stdout
    assert first.stdout != run("--draws", "200", "--seed", "5").stdout


def test_draws_in_json_are_pairs_for_link_and_lanes() -> None:
    out = json.loads(run("--draws", "200", "--json").stdout)
    for record in (out, *out["lanes"]):
        pairs = record["margin_db_by_probability_ratio"]
        assert [pair[0] for pair in pairs] == [0.001, 0.01, 0.05, 0.5, 0.95]
        assert [pair[1] for pair in pairs] == sorted(pair[1] for pair in pairs)
        assert record["worst_margin_db"] < pairs[0][1]
        assert 0 <= record["outage_ratio"] <= 1


def test_worst_case_alone_has_no_quantiles() -> None:
    out = json.loads(run("--worst-case", "--json").stdout)
    assert out["worst_margin_db"] < out["margin_db"]
    assert out["margin_db_by_probability_ratio"] == []


def test_a_number_of_draws_that_cannot_be_is_refused() -> None:
    result = run("--draws", "-1")
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_a_colorless_drop_named_by_flags() -> None:
    line = ["--mux", "openroadm-add", "--demux", "openroadm-drop-colorless", "--booster", "edfa-fixed-5.5"]
    levels = ["--span-launch-power-dbm", "0", "--received-power-dbm", "-10", "--channels", "16"]
    arguments = ["openroadm-400g", "--length-km", "60", *line, *levels, "--json"]
    lane = json.loads(CliRunner().invoke(command, arguments).stdout)["lanes"][0]
    steps = [(item["label"], item["value_db"]) for item in lane["contributions"]]
    assert dict(steps)["colorless drop penalty"] < -0.1
    assert abs(sum(value for _, value in steps) - lane["margin_db"]) < 1e-6


def test_spans_cut_the_fiber_into_equal_parts() -> None:
    runner = CliRunner()
    asked = runner.invoke(command, ["openzrplus-400g", "--length-km", "480", "--spans", "6", "--json"])
    answer = json.loads(asked.stdout)
    fibers = [item["label"] for item in answer["elements"] if item["kind"] == "fiber"]
    assert fibers == [f"fiber.{number} (80 km)" for number in range(1, 7)]
    assert answer["span_count"] == 6


def test_a_lane_by_waveform_is_drawn_and_printed(tmp_path: Path) -> None:
    picture = tmp_path / "lane.svg"
    flags = ["oif-400zr", "--length-km", "60", "--fidelity", "waveform", "--symbols", "16384", "--plot", str(picture)]
    asked = CliRunner(env={"COLUMNS": "120", "NO_COLOR": "1"}).invoke(command, flags)
    assert asked.exit_code == 0, asked.output
    assert "errors in" in asked.output
    assert "CD" in asked.output
    assert "Equalizer" in picture.read_text(encoding="utf-8")
    answer = json.loads(CliRunner().invoke(command, [*flags[:-2], "--json"]).stdout)
    assert [lane["direction"] for lane in answer["waveforms"]] == ["a_to_b", "b_to_a"]
    counted = answer["waveforms"][0]
    assert counted["pre_fec_ber_low"] < answer["lanes"][0]["pre_fec_ber"] < counted["pre_fec_ber_high"]


def test_waveform_flags_are_refused_where_they_do_nothing(tmp_path: Path) -> None:
    for flags, words in (
        (["--symbols", "16384"], "--symbols is for --fidelity waveform"),
        (["--plot", str(tmp_path / "lane.png")], "--plot is for --fidelity waveform"),
        (["--fidelity", "waveform", "--plot", str(tmp_path / "lane.bmp")], "allowed: a file that ends in"),
    ):
        asked = CliRunner().invoke(command, ["oif-400zr", "--length-km", "60", *flags])
        assert asked.exit_code == 2
        assert words in " ".join(asked.output.split())
    assert not list(tmp_path.iterdir())


def test_taps_of_a_simulated_lane_are_chosen_by_flags() -> None:
    arguments = [
        "800gbase-lr4",
        "--length-km",
        "10",
        "--fidelity",
        "waveform",
        "--symbols",
        "8192",
        "--lane",
        "0",
        "--json",
    ]
    margins = []
    for more in ([], ["--taps-per-symbol", "2"]):
        done = CliRunner().invoke(command, [*arguments, *more])
        assert done.exit_code == 0, done.output
        margins.append(min(lane["fec_margin_db"] for lane in json.loads(done.stdout)["lanes"] if lane["lane"] == 0))
    assert margins[1] > margins[0] + 0.3

"""``lightlane import``: files written, figures on standard output, nothing written where the input is wrong."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lightlane.cli.import_ import command
from lightlane.errors import FormatError, LightlaneError, ParameterError
from lightlane.fabric.load import load_fabric

DATA = Path(__file__).parents[1] / "data" / "import"
GERMANY = ("topohub:sndlib/germany50", "--route-factor", "1.3", "--roles", "degree:5")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def refuse(*arguments: str | Path) -> LightlaneError:
    """Return the error that the group of commands turns into a message and exit code 2."""
    result = run(*arguments)
    assert isinstance(result.exception, LightlaneError), result.output
    return result.exception


def test_topology_to_file(tmp_path: Path) -> None:
    output = tmp_path / "germany.toml"
    result = run(
        *GERMANY, "-o", output, "--json", "--metro-edges", "2", "--metro-radius-km", "40", "--metro-bands", "2-9,9-40",
        "--total-demand-gbps", "20000", "--latency-ms", "20", "--edge-demand-gbps", "400", "--edge-latency-ms", "2",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    fabric = load_fabric(output)
    assert summary["site_count"] == len(fabric.site) == 50 + 2 * summary["core_count"]
    assert summary["duct_count"] == len(fabric.duct)
    assert summary["demand_count"] == len(fabric.demand) == 662 + summary["edge_count"]
    assert summary["file"] == str(output)
    assert any("GeoNames" in note for note in summary["audit"])
    assert fabric.link == ()
    assert "GeoNames" in result.stderr


def test_tables_and_geojson(tmp_path: Path) -> None:
    bavaria, ring, pair = (tmp_path / f"{name}.toml" for name in ("bavaria", "ring", "pair"))
    assert run(DATA / "bavaria", "--route-factor", "1.3", "-o", bavaria).exit_code == 0
    assert run(DATA / "ring.geojson", "-o", ring).exit_code == 0
    tables = [DATA / "bavaria" / f"{name}.csv" for name in ("sites", "links", "demands")]
    files = [
        word for name, path in zip(("--sites", "--links", "--demands"), tables, strict=True) for word in (name, path)
    ]
    assert run(*files, "--route-factor", "1.3", "-o", pair).exit_code == 0
    assert len(load_fabric(ring).duct) == 3
    assert load_fabric(pair) == load_fabric(bavaria)


def test_human_text_leaves_standard_output_alone(tmp_path: Path) -> None:
    result = run(*GERMANY, "-o", tmp_path / "germany.toml")
    assert result.stdout == ""
    assert "50" in result.stderr
    assert "88" in result.stderr


def test_list() -> None:
    names = run("--list").stdout.split()
    assert "topohub:sndlib/germany50" in names
    assert len(names) > 600


def test_an_existing_file_stays(tmp_path: Path) -> None:
    output = tmp_path / "germany.toml"
    output.write_text("precious")
    assert isinstance(refuse(*GERMANY, "-o", output), ParameterError)
    assert output.read_text() == "precious"
    assert run(*GERMANY, "-o", output, "--overwrite").exit_code == 0
    assert len(load_fabric(output).site) == 50


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("topohub:sndlib/germany50",),
        ("topohub:sndlib/germany50", "--route-factor", "1.3"),
        ("topohub:sndlib/france", "--route-factor", "1.3", "--roles", "all-core"),
        (*GERMANY, "--fiber", "g652x"),
        (*GERMANY, "--metro-edges", "3"),
        (*GERMANY, "--metro-bands", "2-10"),
        (*GERMANY, "--metro-edges", "2", "--metro-radius-km", "40", "--metro-bands", "2..10"),
        (*GERMANY, "--sites", str(DATA / "bavaria" / "sites.csv")),
        ("--sites", str(DATA / "bavaria" / "sites.csv")),
        ("net.graphml", "--roles", "all-core"),
    ],
)
def test_wrong_input_writes_nothing(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    error = refuse(*arguments, "-o", tmp_path / "out.toml")
    assert "allowed" in str(error)
    assert list(tmp_path.iterdir()) == []


def test_output_is_needed() -> None:
    assert "--output" in str(refuse(*GERMANY))


def test_an_unknown_fiber_is_named(tmp_path: Path) -> None:
    error = refuse(*GERMANY, "--fiber", "g652x", "-o", tmp_path / "out.toml")
    assert isinstance(error, FormatError)
    assert "g652x" in str(error)

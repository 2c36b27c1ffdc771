from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lightlane.cli.design import command
from lightlane.errors import FormatError, ParameterError
from lightlane.fabric.load import load_fabric

FABRIC = """\
format = 1
[[site]]
name = "A"
role = "core"
latitude_deg = 52.5
longitude_deg = 13.4
[[site]]
name = "B"
role = "edge"
latitude_deg = 52.4
longitude_deg = 13.1
[[duct]]
name = "d1"
a = "A"
b = "B"
length_km = {length_km}
fiber = "g652d"
[[demand]]
from = "A"
to = "B"
rate_gbps = 700
"""


@pytest.fixture
def fabric(tmp_path: Path) -> Path:
    path = tmp_path / "fabric.toml"
    path.write_text(FABRIC.format(length_km=2.0))
    return path


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(command, [str(item) for item in arguments], catch_exceptions=True)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_writes_a_fabric_with_links(fabric: Path, tmp_path: Path) -> None:
    output = tmp_path / "designed.toml"
    code, stdout, stderr = run(fabric, "-o", output)
    assert code == 0
    assert stdout == ""
    assert "direct" in stderr
    assert "400gbase-fr4" in stderr or "800g" in stderr
    (link,) = load_fabric(output).link
    assert (link.name, link.ducts) == ("A-B-1", ("d1",))


def test_json_has_choices_and_reasons(fabric: Path, tmp_path: Path) -> None:
    output = tmp_path / "designed.toml"
    code, stdout, _ = run(fabric, "-o", output, "--json", "--rate", "400", "--modules", "400gbase-dr4,400gbase-fr4")
    found = json.loads(stdout)
    assert code == 0
    assert found["options"]["rates_gbps"] == [400.0]
    (choice,) = found["choices"]
    assert choice["links"] == ["A-B-1"]
    assert choice["channels"] == 2
    assert choice["margin_db"] >= 2.0
    assert all(item["reason"] for item in choice["rejected"])


def test_exit_code_1_where_something_does_not_close(fabric: Path, tmp_path: Path) -> None:
    fabric.write_text(FABRIC.format(length_km=60.0))
    output = tmp_path / "designed.toml"
    code, _, stderr = run(fabric, "-o", output, "--modules", "400gbase-fr4")
    assert code == 1
    assert "Nothing closes d1" in stderr
    assert load_fabric(output).link == ()


def test_explains_a_link(fabric: Path, tmp_path: Path) -> None:
    fabric.write_text(FABRIC.format(length_km=10.0))
    code, _, stderr = run(fabric, "-o", tmp_path / "designed.toml", "--explain", "A-B-1")
    assert code == 0
    assert "Chosen:" in stderr
    assert "Not chosen" in stderr


def test_price_book_is_followed(fabric: Path, tmp_path: Path) -> None:
    book = tmp_path / "prices.toml"
    book.write_text("400gbase-fr4 = 900\n400gbase-lr8 = 500\n")
    code, stdout, _ = run(fabric, "-o", tmp_path / "designed.toml", "--price-book", book, "--json")
    assert code == 0
    (choice,) = json.loads(stdout)["choices"]
    assert (choice["module"], choice["price"]) == ("400gbase-lr8", 2000.0)


def test_broken_price_book_names_every_line(fabric: Path, tmp_path: Path) -> None:
    book = tmp_path / "prices.toml"
    book.write_text('400gbase-fr4 = 900\n400gbase-lr9 = 500\n400gbase-lr8 = "cheap"\n400gbase-er8 = -1\n')
    with pytest.raises(FormatError) as caught:
        run(fabric, "-o", tmp_path / "designed.toml", "--price-book", book)
    assert [(problem.line, problem.key) for problem in caught.value.problems] == [
        (2, "400gbase-lr9"),
        (3, "400gbase-lr8"),
        (4, "400gbase-er8"),
    ]
    assert "did you mean '400gbase-lr8'" in caught.value.problems[0].found
    assert not (tmp_path / "designed.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--output is missing"),
        (("-o", "{fabric}"), "exists; --overwrite"),
        (("-o", "{output}", "--modules", "400gbase-fr5"), "400gbase-fr5"),
        (("-o", "{output}", "--max-span-km", "0"), "max_span_km is 0.0"),
        (("-o", "{output}", "--explain", "A-B-2"), "did you mean 'A-B-1'"),
    ],
)
def test_wrong_arguments_are_named(fabric: Path, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    output = tmp_path / "designed.toml"
    with pytest.raises(ParameterError, match=message):
        run(fabric, *(item.format(fabric=fabric, output=output) for item in arguments))

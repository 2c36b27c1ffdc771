"""Whatever a file holds, reading it gives a fabric or the list of its problems, and writing it loses nothing."""

from __future__ import annotations

import math
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightlane.errors import FormatError
from lightlane.fabric.load import fabric_to_toml, load_fabric
from lightlane.fabric.topology import Demand, Duct, Fabric, Link, Site
from lightlane.files import format_toml, read_toml

SOUND = (Path(__file__).parents[1] / "data" / "fabric_of_two.toml").read_text(encoding="utf-8")
PIECES = [
    *"[]{}\"'=,.#\\ \n\t\0é",
    "\r\n", "[[link]]", "[link.x]", "[[site]]", '"""', "'''", "nan", "-inf", "1e999", "true", "1979-05-27", "07:32:00",
    "0x1F", "9" * 40, '"\\uD800"', "name = 1", "a.b.c = 2", "{}", "[]", "[[]]", '""', "key = {a = [{b = 1}]}", "_", "-",
]  # fmt: skip


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """Sound text with pieces cut out, put in or put twice."""
    text = SOUND
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = text[:start] + draw(st.sampled_from([*PIECES, "", text[start:end] * 2])) + text[end:]
    return text


def _grow(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)


@st.composite
def replaced_values(draw: st.DrawFn) -> str:
    """Sound text with values replaced by others, so that the file stays TOML and goes deeper into the checks."""
    lines = SOUND.splitlines()
    scalar = st.one_of(
        st.booleans(),
        st.integers(-(2**65), 2**65),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=8),
    )
    value = st.recursive(scalar, _grow, max_leaves=4)
    places = [index for index, line in enumerate(lines) if " = " in line]
    for index in draw(st.lists(st.sampled_from(places), min_size=1, max_size=4)):
        key = lines[index].split(" = ")[0]
        lines[index] = format_toml({"record": [{key: draw(value)}]}).splitlines()[1]
    return "\n".join(lines)


@given(text=mutations() | replaced_values())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_file_is_a_fabric_or_a_list_of_problems(text: str, tmp_path: Path) -> None:
    path = tmp_path / "changed.toml"
    path.write_bytes(text.encode())
    count = text.count("\n") + 1
    try:
        fabric = load_fabric(path)
    except FormatError as caught:
        problems = caught.problems
    else:
        assert tomllib.loads(fabric_to_toml(fabric))["format"] == 1
        return
    lines = [problem.line for problem in problems]
    assert lines
    assert lines == sorted(lines)
    assert 0 <= lines[0] <= lines[-1] <= count
    for problem in problems:
        assert problem.found
        assert problem.allowed
        assert str(problem).isprintable()


@given(data=st.binary(max_size=200))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_document_or_a_problem(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bytes.toml"
    path.write_bytes(data)
    try:
        document = read_toml(path)
    except FormatError as caught:
        problems = caught.problems
    else:
        assert all(1 <= document.line_of((key,)) <= data.count(b"\n") + 1 for key in document.data)
        return
    (problem,) = problems
    assert str(problem).isprintable()


def _line_paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    return [path] + [place for key, item in items for place in _line_paths(item, (*path, key))]


VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(data=st.dictionaries(NAMES, VALUES, max_size=6))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_written_values_read_back_and_each_has_a_line(data: dict[str, Any], tmp_path: Path) -> None:
    text = format_toml(data)
    assert tomllib.loads(text) == data
    path = tmp_path / "written.toml"
    path.write_text(text, encoding="utf-8", newline="")
    document = read_toml(path)
    document.line_of(())
    for place in _line_paths(data):
        assert place in document._lines, f"{place} was not located"


def _numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, exclude_min=low == 0)


@st.composite
def fabrics(draw: st.DrawFn) -> Fabric:
    names = draw(st.lists(NAMES, min_size=2, max_size=4, unique=True))
    sites = tuple(
        Site(name=name, role="core", latitude_deg=draw(_numbers(-90, 90)), longitude_deg=draw(_numbers(-180, 180)))
        for name in names
    )
    length = _numbers(0, 20_000)
    ducts = tuple(
        Duct(
            name=f"d{index}", a=a, b=b, length_km=draw(length), fiber="g652d", extra_loss_db=abs(draw(_numbers(-9, 9)))
        )
        for index, (a, b) in enumerate(pairwise(names))
    )
    power = st.none() | _numbers(-60, 60)
    links = tuple(
        Link(name=duct.name, a=duct.b, b=duct.a, module="m", ducts=(duct.name,), launch_power_dbm=draw(power))
        for duct in ducts
    )
    demand = Demand(from_site=names[0], to_site=names[1], rate_gbps=draw(length), service=draw(NAMES))
    return Fabric(format=1, name=draw(NAMES), site=sites, duct=ducts, link=links, demand=(demand,))


@given(fabric=fabrics())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_fabric_survives_its_file(fabric: Fabric, tmp_path: Path) -> None:
    path = tmp_path / "fabric.toml"
    path.write_bytes(fabric_to_toml(fabric).encode())
    assert load_fabric(path) == fabric


@pytest.mark.parametrize("sign", [1, -1])
def test_a_zero_keeps_its_sign(sign: int) -> None:
    assert math.copysign(1, tomllib.loads(format_toml({"x": 0.0 * sign}))["x"]) == sign

"""Malformed scenario files: each is refused with a message that names the file, none ends in a traceback or hangs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightlane.catalog.load import load_catalog
from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.files import read_toml
from lightlane.scenario.load import load_fabric_of, scenario_of

CATALOG = load_catalog()
DATA = Path(__file__).parents[1] / "data"
GOOD = """\
format = 1
name = "storms"
fabric = "fabric_of_two.toml"
seed = 5
draws_count = 10
keep_draws = true
[conditions]
life_ratio = 0.3
temperature_c = -5.0
[timeline]
duration_days = 365
step_days = 73
[objectives]
links_down_count = 0
[[event]]
kind = "demand_growth"
start_days = 1
growth_percent_per_year = 40
[[event]]
kind = "temperature_ramp"
start_days = 20
temperature_c = -10
ramp_days = 60
[[event]]
kind = "sop_storm"
start_days = 40
end_days = 41
sop_rate_krad_per_s = 20
[[variant]]
name = "old"
conditions = { life_ratio = 1.0 }
set = { "wanted_margin_db" = 2.0 }
[[variant.event]]
kind = "module_ageing"
link = "*"
start_days = 0
receiver_penalty_db_per_year = 0.1
[[sweep]]
field = "conditions.connector_loss_db"
values = [0.0, 0.2]
"""
LINES = GOOD.splitlines()
VALUES = st.one_of(
    st.sampled_from(
        [
            "nan", "inf", "-inf", "1e400", "-0.0", "true", "''", '""', "{}", "[]", "[[[[]]]]", "1979-05-27", "07:32:00",
            "9" * 400, "-" + "9" * 30, "0x7fffffffffffffff", "1_000", '"*"', "[1, 'a']", "{ a = { b = { c = 1 } } }",
            "[" * 60 + "]" * 60,
            "[" * 3000 + "]" * 3000, "{a=" * 200 + "1" + "}" * 200, '"\\u0000"', '"\\uD800"', "'''x",
            '"10 days"', '"0.3 dB"', "\"5'; drop table\"", '"../../etc"', '"topohub:nothing/here"', '"\u202e\u0000"',
            '"duct..x"', '"duct.\\"a"', '"event.99.start_days"', '"link.*.channels"',
        ]
    ),
    st.integers().map(str),
    st.floats().map(repr),
    st.text(max_size=30).map(lambda text: '"' + text.replace("\\", "").replace('"', "") + '"'),
)  # fmt: skip
KEYS = st.one_of(
    st.sampled_from([line.split("=")[0].strip() for line in LINES if "=" in line]),
    st.sampled_from(
        ["fabrik", "launch_power_mw", "duration_hours", "event", "sweep", "zip", "count", "start", "import"]
    ),
    st.text(alphabet="abz_.-\"'é ", min_size=1, max_size=12),
)
HEADERS = st.sampled_from(
    ["[[event]]", "[event]", "[[variant]]", "[[sweep]]", "[conditions]", "[timeline]", "[[variant.event]]", "[[[x]]]",
     "[", "[waveform]", "[import]", "[objectives]", "[a.b.c.d]", "[[conditions]]"]
)  # fmt: skip


@st.composite
def malformed(draw: st.DrawFn) -> str:
    """Return a good file with a few of its lines replaced, doubled, dropped, or added to."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(lines) - 1))
        change = draw(st.sampled_from(["value", "key", "double", "drop", "header", "new", "noise", "cut"]))
        key, _, value = lines[place].partition("=")
        if change == "value" and value:
            lines[place] = f"{key}= {draw(VALUES)}"
        elif change == "key" and value:
            lines[place] = f"{draw(KEYS)} ={value}"
        elif change == "double":
            lines.insert(place, lines[place])
        elif change == "drop":
            del lines[place]
        elif change == "header":
            lines.insert(place, draw(HEADERS))
        elif change == "new":
            lines.insert(place, f"{draw(KEYS)} = {draw(VALUES)}")
        elif change == "noise":
            lines[place] = draw(st.text(max_size=40))
        else:
            lines[place] = lines[place][: draw(st.integers(0, 20))]
        lines = lines or [""]
    return "\n".join(lines) + "\n"


def _check(folder: Path, text: str) -> None:
    path = folder / "scenario.toml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    problems: list[Problem] = []
    message = "none"
    try:
        document = read_toml(path)
        load_fabric_of(scenario_of(document), CATALOG, document)
    except FormatError as error:
        problems = list(error.problems)
        message = str(error)
    except ParameterError as error:
        message = str(error)
    assert message
    for problem in problems:
        assert str(folder) in problem.file
        assert problem.found
        assert problem.allowed
        assert "\n" not in str(problem)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("scenarios")
    text = (DATA / "fabric_of_two.toml").read_text()
    text = text.replace("plus-400g", "openzrplus-400g").replace("mux75", "mux-75ghz")
    (place / "fabric_of_two.toml").write_text(text)
    return place


def test_the_file_that_is_spoiled_is_good(folder: Path) -> None:
    path = folder / "good.toml"
    path.write_text(GOOD)
    assert load_fabric_of(scenario_of(read_toml(path)), CATALOG).link


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=malformed())
def test_malformed_files_are_refused_with_a_message(folder: Path, text: str) -> None:
    _check(folder, text)


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=malformed())
def test_ten_thousand_malformed_files(folder: Path, text: str) -> None:
    _check(folder, text)

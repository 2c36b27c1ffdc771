"""Filters of tables, against rows picked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lightlane_gui.tables.column_table import ColumnSpec, ColumnTable, TextColumn, format_number
from lightlane_gui.tables.filter_language import FilterError, complete_filter, parse_filter

SPECS = (
    ColumnSpec("link", "Link", "text", is_searched=True),
    ColumnSpec("a", "A", "text", is_searched=True),
    ColumnSpec("module", "Module", "text"),
    ColumnSpec("margin_db", "Margin"),
    ColumnSpec("status", "Status", "text"),
    ColumnSpec("limited_by", "Limit", "text"),
    ColumnSpec("latency_us", "Latency", decimals=1),
    ColumnSpec("length_km", "Length", decimals=1),
    ColumnSpec("channels", "Channels", decimals=0),
)
ROWS = [
    ("berlin-1", "Berlin", "400zr", 0.5, "degraded", "osnr", 480.0, 96.0, 16),
    ("berlin-2", "Berlin", "400g-lr8", 3.2, "up", "power", 51.0, 10.0, 1),
    ("ulm or so", "Ulm", "openzrplus", -1.0, "down", "fec", 1200.0, 240.0, 8),
    ("cut", "Ulm", "400zr", np.nan, "down", "none", np.nan, 40.0, 4),
]


def build(rows: list[tuple[object, ...]] = ROWS) -> ColumnTable:
    columns = {}
    for spec, values in zip(SPECS, zip(*rows, strict=True), strict=True):
        texts = TextColumn([str(value) for value in values])
        columns[spec.key] = texts if spec.kind == "text" else np.array(values, dtype=float)
    return ColumnTable(SPECS, columns, [str(row[0]) for row in rows])


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", [0, 1, 2, 3]),
        ("BERLIN", [0, 1]),
        ("berlin 2", [1]),
        ('"ulm or so"', [2]),
        ("margin < 2 dB", [0, 2]),
        ("margin<2dB", [0, 2]),
        ("margin_db >= 0.5", [0, 1]),
        ("margin < -0.5", [2]),
        ("margin < \N{MINUS SIGN}0.5 dB", [2]),
        ("margin = 3.2", [1]),
        ("margin = none", [3]),
        # A unit that is still being typed is no word to search for.
        ("margin < 2 d", [0, 2]),
        ("margin < 2d", [0, 2]),
        ("latency > 500 m", [2]),
        ("limited_by = osnr", [0]),
        ("lim = OSNR", [0]),
        ("limited_by = none", []),
        ("status != up", [0, 2, 3]),
        ("status \N{NOT EQUAL TO} up", [0, 2, 3]),
        ("module ~ zr", [0, 2, 3]),
        ("module !~ zr", [1]),
        ("latency_us > 0.5 ms", [2]),
        ("latency > 500", [2]),
        ("latency > 500 \N{GREEK SMALL LETTER MU}s", [2]),
        ("length <= 40000 m", [1, 3]),
        ("module ~ zr and margin < 1 or length = 10", [0, 1, 2]),
        ("module ~ zr and (margin < 0 or length = 40)", [2, 3]),
        ("not berlin", [2, 3]),
        ("not (berlin or margin < 0)", [3]),
        ("berlin margin > 1 status = up", [1]),
        ("channels >= 8 ulm", [2]),
    ],
)
def test_filters_find_the_rows(text: str, rows: list[int]) -> None:
    test = parse_filter(text, SPECS)
    table = build()
    found = list(range(len(table))) if test is None else np.flatnonzero(test(table)).tolist()
    assert found == rows


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("color = red", "color", "there is no column 'color'; there are link, a, module, margin"),
        ("l > 3", "l", "may mean link or limited_by or latency or length"),
        ("margin <", "<", "a number is missing after <"),
        ("margin < and", "and", "a number is missing"),
        ("margin < two", "two", "'two' is no number"),
        ("latency > 0.5 m and berlin", "m", "'m' does not fit Latency, which takes ns or µs or ms or s"),
        ("margin < 2 km", "km", "'km' does not fit Margin, which takes dB"),
        ("channels > 2 dB", "dB", "takes no unit"),
        ("status < up", "<", "takes =, != and ~"),
        ("margin ~ 3", "~", "takes <, <=, >, >=, = and !="),
        ("(margin < 2", "(", "has no )"),
        ("margin < 2)", ")", "without its ("),
        ("< 2", "<", "needs the name of a column before it"),
        ("berlin or", "", "something is missing"),
        ('"berlin', '"berlin', "no closing quote"),
    ],
)
def test_what_is_no_filter_is_said_in_words(text: str, where: str, words: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_filter(text, SPECS)
    assert words in str(caught.value)
    assert text[caught.value.start : caught.value.end] == where


@pytest.mark.parametrize(
    ("text", "start", "found"),
    [
        ("ma", 0, ["margin"]),
        ("margin < 2 and la", 15, ["latency"]),
        ("margin < 2 an", 11, ["and", "channels"]),
        ("status = ", 9, ["degraded", "down", "up"]),
        ("status = d", 9, ["degraded", "down"]),
        ("link = ul", 7, ['"ulm or so"']),
        ("(cha", 1, ["channels"]),
    ],
)
def test_words_are_completed(text: str, start: int, found: list[str]) -> None:
    place, words = complete_filter(text, SPECS, build())
    assert place == start
    assert set(found) <= set(words)
    assert all(text[start:].lower() in word.lower() for word in words)


def test_completion_offers_every_column_at_the_start() -> None:
    assert complete_filter("", SPECS, build())[1][:4] == ["link", "a", "module", "margin"]


def test_rows_without_a_value_are_last_in_both_directions() -> None:
    table = build()
    assert table.order("margin_db", descending=False).tolist() == [2, 0, 1, 3]
    assert table.order("margin_db", descending=True).tolist() == [1, 0, 2, 3]
    mask = np.array([True, False, True, True])
    assert table.order("length_km", descending=True, mask=mask).tolist() == [2, 0, 3]


def test_numbers_in_names_count_as_numbers() -> None:
    names = ["L10", "L9", "l1", "A", "L9"]
    table = ColumnTable(SPECS[:1], {"link": TextColumn(names)}, names)
    assert table.order("link", descending=False).tolist() == [3, 2, 1, 4, 0]


def test_a_large_table_sorts_as_sorting_its_rows_would() -> None:
    rng = np.random.default_rng(7)
    names = [f"link-{number}" for number in rng.permutation(20_000)]
    margin_db = rng.normal(3, 2, len(names))
    table = ColumnTable(SPECS[:1] + SPECS[3:4], {"link": TextColumn(names), "margin_db": margin_db}, names)
    assert table.order("margin_db", descending=True).tolist() == sorted(range(len(names)), key=lambda i: -margin_db[i])
    assert table.order("link", descending=False).tolist() == sorted(range(len(names)), key=names.__getitem__)


def test_cells_and_exports() -> None:
    table = build()
    assert table.show(SPECS[3], 2) == "\N{MINUS SIGN}1.00"
    assert table.show(SPECS[3], 3) == "\N{EN DASH}"
    assert format_number(-0.001, 2) == "0.00"
    lines = table.export([2, 3], "\t").splitlines()
    assert lines[0].split("\t") == [spec.key for spec in SPECS]
    assert lines[1].split("\t") == ["ulm or so", "Ulm", "openzrplus", "-1", "down", "fec", "1200", "240", "8"]
    assert lines[2].split("\t")[3] == ""
    quoted = ColumnTable(SPECS[:1], {"link": TextColumn(['a,"b"'])}, ["x"])
    assert quoted.export([0], ",").splitlines()[1] == '"a,""b"""'

"""Reading TOML with errors that point at their line; writing TOML; writing files all or nothing."""

from __future__ import annotations

import os
import stat
import sys
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator

from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.files import format_toml, problems_of, read_toml, suggest, validate, write_atomically
from lightlane.files.toml import MAX_NESTING_LEVELS


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    name: Annotated[str, Field(min_length=1)] = "x"
    low_db: Annotated[float, Field(ge=0, le=10)] = 0.0
    high_db: float = 10.0
    kind: Literal["left", "right"] = "left"
    points: tuple[tuple[float, float], ...] | None = None
    on: bool = True

    @model_validator(mode="after")
    def _ordered(self) -> Inner:
        if self.low_db > self.high_db:
            raise ValueError("needs low_db <= high_db")
        return self


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True, allow_inf_nan=False)

    count: Annotated[int, Field(ge=1)] = 1
    from_site: Annotated[str, Field(alias="from", max_length=5)] = "a"
    item: tuple[Inner, ...] = ()
    table: dict[str, Inner] = {}
    sources: dict[str, str] = {}
    few: Annotated[tuple[int, ...], Field(min_length=1)] = (1,)


KEYS = "keys count, from, item, table, sources, few"
PAIR = "a list of 2: a number, a number"


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "file.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def find_problems(folder: Path, text: str) -> list[tuple[int, str, str, str]]:
    document = read_toml(write(folder, text))
    result, problems = problems_of(document, Outer)
    assert (result is None) == bool(problems)
    assert all(problem.file == str(document.path) for problem in problems)
    return [(problem.line, problem.key, problem.found, problem.allowed) for problem in problems]


def read_problem(path: Path | str) -> Problem:
    with pytest.raises(FormatError) as caught:
        read_toml(path)
    (problem,) = caught.value.problems
    assert problem.file == str(path)
    return problem


LOCATED = """\
top = 1 # a comment with [[link]] in it
"quoted key" = 2
'literal.key' = 3
a.b . "c d" = 4
text = \"\"\"
[[link]]
name = "not a key"
\"\"\"
inline = { x = 1, y.z = [ 1,
  { w = 2 } ] }

[[link]]
name = "one"
ducts = [ # comment
\t"first", "second",

\t# another
\t"third",
]
[link.sub]
deep = 1
[[link.leaf]]
v = 1
[[link.leaf]]
v = 2

[[link]] # second
"näme" = "two"
"\\u00e9" = "escaped"
[[link.leaf]]
v = 3
[t."quoted.table".u]
z = 1"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("top",), 1),
        (("quoted key",), 2),
        (("literal.key",), 3),
        (("a",), 4),
        (("a", "b", "c d"), 4),
        (("text",), 5),
        (("inline", "x"), 9),
        (("inline", "y", "z", 1, "w"), 10),
        (("link",), 12),
        (("link", 0), 12),
        (("link", 0, "name"), 13),
        (("link", 0, "ducts"), 14),
        (("link", 0, "ducts", 0), 15),
        (("link", 0, "ducts", 1), 15),
        (("link", 0, "ducts", 2), 18),
        (("link", 0, "sub"), 20),
        (("link", 0, "sub", "deep"), 21),
        (("link", 0, "leaf", 1), 24),
        (("link", 0, "leaf", 1, "v"), 25),
        (("link", 1), 27),
        (("link", 1, "näme"), 28),
        (("link", 1, "é"), 29),
        (("link", 1, "leaf", 0, "v"), 31),
        (("t", "quoted.table"), 32),
        (("t", "quoted.table", "u", "z"), 33),
        (("missing",), 1),
        (("link", 1, "module"), 27),
        (("link", 0, "sub", "missing", 3), 20),
        (("link", 7, "name"), 12),
    ],
)
def test_lines_of_keys(tmp_path: Path, path: tuple[str | int, ...], line: int, newline: str) -> None:
    document = read_toml(write(tmp_path, LOCATED.replace("\n", newline)))
    assert document.line_of(path) == line


def test_values_are_those_of_the_standard_reader(tmp_path: Path) -> None:
    path = write(tmp_path, LOCATED)
    document = read_toml(path)
    assert document.data == tomllib.loads(LOCATED)
    assert document.value_at(("link", 0, "ducts", 2)) == "third"
    with pytest.raises(LookupError):
        document.value_at(("link", "ducts"))
    with pytest.raises(LookupError):
        document.value_at(("top", 0))


def test_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    assert read_toml(write(tmp_path, b"\xef\xbb\xbfx = 1\n")).data == {"x": 1}


@pytest.mark.parametrize(
    ("text", "line", "found", "allowed"),
    [
        ('a = 1\nname "x"\n', 2, '`name "x"`', "'=' after the key"),
        ("a = \n", 1, "`a =`", "a value: text in quotes, a number, true, false, a list or a table"),
        ("a = berlin\n", 1, "`a = berlin`", "a value: text in quotes, a number, true, false, a list or a table"),
        ("a = 1\na = 2\n", 2, "`a = 2`", "each key once in a table"),
        ("[t]\n[t]\n", 2, "`[t]`", "each table once, and none inside a finished value"),
        ("[[t]]\n[t]\n", 2, "`[t]`", "each table once, and none inside a finished value"),
        ("t = 1\n[t]\n", 2, "`[t]`", "each key once in a table"),
        ("a = 1 b = 2\n", 1, "`a = 1 b = 2`", "the end of the line after a value or a [table]"),
        ('a = "x\nb = 1\n', 1, '`a = "x`', "text without control characters, ended by the quote it began with"),
        ("a = 'x", 1, "`a = 'x`", "text that ends with the quote it began with"),
        ('a = """x\n', 1, '`a = """x`', "text that ends with the quote it began with"),
        ('a = ["x"\n\nb = 1\n', 3, "`b = 1`", "a list that ends with ']', its items parted by ','"),
        ("a = {x = 1\n", 1, "`a = {x = 1`", "a table that ends with '}', its keys parted by ','"),
        ("[a\n", 1, "`[a`", "']' after the table's name"),
        ("[[a]\n", 1, "`[[a]`", "']]' after the table's name"),
        ("= 1\n", 1, "`= 1`", "key = value, [table] or [[table]]"),
        ("a = 2021-02-30\n", 1, "`a = 2021-02-30`", "a date that exists, or text in quotes"),
        ('a = "\\q"\n', 1, '`a = "\\q"`', "text whose backslashes are doubled, or text in single quotes"),
    ],
)
def test_syntax_errors_point_at_their_line(tmp_path: Path, text: str, line: int, found: str, allowed: str) -> None:
    problem = read_problem(write(tmp_path, text))
    assert (problem.line, problem.key, problem.found, problem.allowed) == (line, "", found, allowed)


def test_wrong_encoding_names_line_and_byte(tmp_path: Path) -> None:
    problem = read_problem(write(tmp_path, b'a = 1\nname = "K\xf6ln"\n'))
    assert (problem.line, problem.found, problem.allowed) == (2, "byte 0xf6, which is not UTF-8", "UTF-8 text")


def test_files_that_are_none(tmp_path: Path) -> None:
    assert read_problem(tmp_path / "missing.toml").found == "no such file"
    assert read_problem(tmp_path).found == "a folder"
    assert read_problem("a\0b").found == "a name that no file can have"
    inside_a_file = write(tmp_path, "x = 1\n") / "below.toml"
    assert read_problem(inside_a_file).found.startswith("a file that cannot be read")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in its file system")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_problem(tmp_path / "pipe").found == "something that is not a regular file"


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a = " + "[" * 300 + "]" * 300,
        "a = " + "{b = " * 300 + "1" + "}" * 300,
        "a" + ".a" * 200_000 + " = 1",
        "a = {" + "'b' . " * 100_000 + "c = 1}",
        "[" + "a." * 100 + "a]\nx = 1",
        "a = " + "[" * (MAX_NESTING_LEVELS + 1) + "]" * (MAX_NESTING_LEVELS + 1),
    ],
    ids=["unclosed", "lists", "tables", "dotted", "quoted", "header", "one-too-many"],
)
def test_deep_nesting_is_one_clean_problem(tmp_path: Path, text: str) -> None:
    problem = read_problem(write(tmp_path, text))
    assert problem.allowed == f"at most {MAX_NESTING_LEVELS} levels of tables and lists"


def test_nesting_up_to_the_limit_is_read(tmp_path: Path) -> None:
    levels = MAX_NESTING_LEVELS - 1
    document = read_toml(write(tmp_path, "a = " + "[" * levels + "]" * levels))
    assert document.line_of(("a", *[0] * (levels - 1))) == 1


def test_many_decimals_in_a_line_are_no_endless_key(tmp_path: Path) -> None:
    assert len(read_toml(write(tmp_path, f"a = [{'1.5, ' * 5000}]")).data["a"]) == 5000


def test_a_number_of_thousands_of_digits_is_refused(tmp_path: Path) -> None:
    assert read_problem(write(tmp_path, "a = " + "1" * 5000)).found == "a number that is too long"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cuont = 1\n", (1, "cuont", "unknown key 'cuont' (did you mean 'count'?)", KEYS)),
        ("zzz = 1\n", (1, "zzz", "unknown key 'zzz'", KEYS)),
        ('from_site = "b"\n', (1, "from_site", "unknown key 'from_site' (did you mean 'from'?)", KEYS)),
        ("count = true\n", (1, "count", "true", "an integer at least 1")),
        ("count = 1.0\n", (1, "count", "1.0", "an integer at least 1")),
        ('count = "1"\n', (1, "count", "'1'", "an integer at least 1")),
        ("count = 0\n", (1, "count", "0", "an integer at least 1")),
        ("count = 2020-01-01\n", (1, "count", "the date or time 2020-01-01", "an integer at least 1")),
        ('from = "abcdef"\n', (1, "from", "text of 6 characters", "text, at most 5 characters")),
        ("from = 2020-01-01\n", (1, "from", "the date or time 2020-01-01", "text, at most 5 characters")),
        ("item = 3\n", (1, "item", "3", "tables headed [[item]]")),
        ("[item]\nname = 'x'\n", (1, "item", "a table", "tables headed [[item]]")),
        ("few = [true]\n", (1, "few[0]", "true", "an integer")),
        ("few = []\n", (1, "few", "an empty list", "a list of at least 1, each an integer")),
        ("item = [1]\n", (1, "item[0]", "1", "a table")),
        ("[[item]]\n\nlow_db = 11\n", (3, "item[0].low_db", "11", "a number from 0 to 10")),
        ("[[item]]\nlow_db = nan\n", (2, "item[0].low_db", "nan", "a number from 0 to 10")),
        ("[[item]]\nhigh_db = -inf\n", (2, "item[0].high_db", "-inf", "a number")),
        ('[[item]]\nname = ""\n', (2, "item[0].name", "an empty text", "text of at least 1 character")),
        ('[[item]]\nkind = "rihgt"\n', (2, "item[0].kind", "'rihgt' (did you mean 'right'?)", "'left' or 'right'")),
        ("[[item]]\non = 1\n", (2, "item[0].on", "1", "true or false")),
        ("[[item]]\npoints = [[1, 2],\n[1]]\n", (3, "item[0].points[1]", "[1]", PAIR)),
        ("[[item]]\npoints = [[1, 2, 3]]\n", (2, "item[0].points[0]", "a list of 3", PAIR)),
        ("[[item]]\npoints = [[1,\n'2']]\n", (3, "item[0].points[0][1]", "'2'", "a number")),
        (
            "[[item]]\nhigh_db = 3\nlow_db = 5\n",
            (3, "item[0].low_db", "low_db = 5, high_db = 3", "needs low_db <= high_db"),
        ),
        (
            "[table.x]\nhigh_db = -3\n",
            (2, "table.x.high_db", "no low_db, high_db = -3", "needs low_db <= high_db"),
        ),
        ('[table."a b"]\non = "yes"\n', (2, 'table."a b".on', "'yes'", "true or false")),
        ("[sources]\nx = 1\n", (2, "sources.x", "1", "text")),
    ],
)  # fmt: skip
def test_problems_in_the_users_words(tmp_path: Path, text: str, expected: tuple[int, str, str, str]) -> None:
    assert find_problems(tmp_path, text) == [expected]


def test_all_problems_come_in_file_order(tmp_path: Path) -> None:
    text = "zzz = 1\n[table.b]\nlow_db = -1\non = 3\n[[item]]\nkind = 'up'\n[[item]]\nname = 3\nx = 1\n"
    assert [(line, key) for line, key, _, _ in find_problems(tmp_path, text)] == [
        (1, "zzz"),
        (3, "table.b.low_db"),
        (4, "table.b.on"),
        (6, "item[0].kind"),
        (8, "item[1].name"),
        (9, "item[1].x"),
    ]


def test_a_message_is_one_line_and_names_the_record(tmp_path: Path) -> None:
    document = read_toml(write(tmp_path, '[[item]]\nname = "Line\\nbreak \\u001b[31m"\nkind = "a\\nb"\n'))
    with pytest.raises(FormatError) as caught:
        validate(document, Outer)
    assert str(caught.value) == (
        f"{document.path}:3: item \"Line\\nbreak \\u001b[31m\".kind: found 'a\\nb'; allowed: 'left' or 'right'"
    )


def test_part_of_a_document_is_validated_in_its_place(tmp_path: Path) -> None:
    document = read_toml(write(tmp_path, "[fiber.x]\nlow_db = 1\n[fiber.y]\nlow_db = 99\n"))
    assert validate(document, Inner, at=("fiber", "x")).low_db == 1
    given = {"name": "named", **document.data["fiber"]["x"]}
    assert validate(document, Inner, data=given, at=("fiber", "x")).name == "named"
    _, (problem,) = problems_of(document, Inner, at=("fiber", "y"))
    assert (problem.line, problem.key) == (4, "fiber.y.low_db")


def test_integers_are_numbers(tmp_path: Path) -> None:
    model = validate(read_toml(write(tmp_path, "[[item]]\nlow_db = 3\n")), Outer)
    assert model.item[0].low_db == 3.0


NASTY: dict[str, Any] = {
    "text": 'quote " backslash \\ tab \t newline \n delete \x7f nul \x00 line \u2028 emoji 🗼',
    "key with space": 1,
    "": 2,
    "ünï": -0.1,
    "tiny": 5e-324,
    "big": 1.7976931348623157e308,
    "third": 1 / 3,
    "whole": 80.0,
    "flags": [True, False],
    "none": [],
    "long": [f"duct number {index}" for index in range(12)],
    "nested": [[1, 2.5], [3, 4.0]],
    "table": {"a": 1, "inline": {"b c": [1]}},
    "record": [{"name": "x", "sub": {"y": 1}}, {}],
}


def test_what_is_written_reads_back_equal() -> None:
    text = format_toml(NASTY)
    assert tomllib.loads(text) == NASTY
    assert max(len(line) for line in text.splitlines()) <= 120


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), b"bytes", object()])
def test_values_without_a_toml_form_are_refused(value: object) -> None:
    with pytest.raises(ParameterError):
        format_toml({"x": value})


def test_writing_makes_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out.toml"
    write_atomically(path, "Köln\n")
    write_atomically(path, "Köln 2\r\n")
    assert path.read_bytes() == "Köln 2\r\n".encode()
    write_atomically(str(path), b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX file modes and links")
def test_writing_keeps_mode_and_link(tmp_path: Path) -> None:
    path, link = tmp_path / "real", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_atomically(link, "new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_has_the_mode_of_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    write_atomically(tmp_path / "ours", "")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    path = write(tmp_path, "old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr({"fsync": os, "replace": Path}[failing], failing, fail)
    with pytest.raises(ParameterError, match="No space left"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "old")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "no" / "such" / "folder.toml", write(tmp_path, "x") / "below"):
        with pytest.raises(ParameterError, match="cannot write"):
            write_atomically(place, "x")


@pytest.mark.parametrize("count", [10, 5000])
@pytest.mark.parametrize("name", ["Siet-077", "Sit-077", "Sitee-077", "site-077", "Sita-077", "SSite-077"])
def test_a_slip_is_found_among_few_and_many_names(name: str, count: int) -> None:
    choices = {f"Site-{index:03}": None for index in range(1000, 1000 + count)} | {"Site-077": None}
    assert suggest(name, choices) == " (did you mean 'Site-077'?)"


@pytest.mark.parametrize("count", [10, 5000])
@pytest.mark.parametrize("name", ["", "nowhere", "x" * 10_000])
def test_nothing_is_suggested_for_a_name_that_is_near_none(name: str, count: int) -> None:
    assert suggest(name, {f"Site-{index:03}": None for index in range(count)}) == ""

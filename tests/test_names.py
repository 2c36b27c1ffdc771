"""The unit is the last word of every quantity's name: in Python by the table in ``units.py``, in Rust in SI."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lightlane.units import unit_of

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "python" / "lightlane"

MIXED = {
    "incremental_osnr_coefficients": "each coefficient of the polynomial has a unit of its own",
    "osnr_coefficients": "as incremental_osnr_coefficients",
    "x": "an axis: the table or the picture that it belongs to says the unit",
    "y": "as x",
    "x_range": "as x",
    "y_range": "as x",
    "samples": "of a waveform in the unit of the picture's y",
    "samples_per_symbol": "a pure number",
    "curves": "tables of points side by side; the name of what they become says both units",
    "value": "a formatter, an interpolator or a check takes any quantity",
    "values": "as value",
    "blocked_value": "in the unit of whichever limit was passed, which the column beside it names",
    "blocked_end": "as blocked_value",
    "mean": "of a distribution: in the unit of the quantity that it names, or a pure number",
    "standard_deviation": "as mean",
    "low": "as mean",
    "peak": "as mean",
    "high": "as mean",
    "bounds": "as mean",
    "worst_value": "as mean",
    "element_worst": "as mean",
    "mode_worst": "as mean",
    "figures": "a row of several figures, whose names stand beside them",
    "lane_columns": "columns of a table, whose names say their units",
    "link_columns": "as lane_columns",
    "axis": "a direction of Stokes space: pure numbers",
    "rule_value": "in the SI unit of the step rule beside it",
    "found_value": "of an objective: in the unit that the objective's name beside it ends in",
    "allowed_value": "as found_value",
    "step": "figures of a step by the names of its columns",
    "start": "of a sweep: in the unit of the field that it names",
    "stop": "as start",
    "set": "values by the paths of their fields",
    "price": "in the currency of the user's price book",
    "price_book": "as price",
}
"""Names that hold floats and cannot carry one unit, each with its reason."""

DRAWING_UNITS = ("pt", "in", "px")
"""Lengths on paper and screen, for ``plots`` and ``report`` alone."""

SI_UNIT = re.compile(r"(?:m|s|hz|w|a|v|j|k|rad)[2-4]?|sqrt|per")
RUST_RECORD = re.compile(r"\([^()]*\b[A-Z]\w*,[^()]*\)")
"""A tuple with an enum or a struct in it: a record and no quantity."""
LEVEL_SUFFIXES = ("db", "dbm")
"""Levels cross the border as they are, see docs/decisions/0002."""
UNITLESS_SUFFIXES = ("ber", "bits", "ratio", "fraction", "count", "index", "coefficients", "indices", "offsets")


@dataclass(frozen=True, slots=True)
class Named:
    """A name that holds floats, and where it stands."""

    where: str
    name: str
    is_mapping: bool = False


def _mentions(node: ast.AST | None, words: set[str]) -> bool:
    """Tell whether a type holds one of ``words`` as a quantity, not in a signature or a record."""
    match node:
        case ast.Name(id=word) | ast.Attribute(attr=word):
            return word in words
        case ast.Constant(value=str() as text):
            return text.isprintable() and _mentions(_parse_type(text), words)
        case ast.Subscript(value=ast.Name(id="Callable" | "Literal" | "ClassVar")) | ast.Call() | None:
            return False
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=parts)):
            # A tuple of a name and a number is a record and no quantity.
            return all(_mentions(part, words) for part in parts if not isinstance(part, ast.Constant))
        case _:
            return any(_mentions(child, words) for child in ast.iter_child_nodes(node))


def _parse_type(text: str) -> ast.AST | None:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:  # a word of a Literal or a pattern, not a quoted type
        return None


def _float_types(trees: list[ast.Module]) -> set[str]:
    """Return ``float``, numpy's floats and every alias of the project that leads to one of them."""
    words = {"float", "float64", "float32", "floating"}
    aliases = [
        (target.id, node.value)
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Subscript | ast.BinOp)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    ]
    while found := {name for name, value in aliases if name not in words and _mentions(value, words)}:
        words |= found
    return words


def _floats_of_class(node: ast.ClassDef, where: str, words: set[str]) -> Iterator[Named]:
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and _mentions(item.annotation, words):
            yield Named(f"{where}:{item.lineno}", item.target.id, _mentions(item.annotation, {"dict", "Mapping"}))
        elif isinstance(item, ast.FunctionDef):
            yield from _floats_of_function(item, where, words)


def _floats_of_function(node: ast.FunctionDef, where: str, words: set[str]) -> Iterator[Named]:
    if node.name.startswith("_") and node.name != "__init__":
        return
    for parameter in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]:
        if _mentions(parameter.annotation, words):
            yield Named(
                f"{where}:{parameter.lineno}", parameter.arg, _mentions(parameter.annotation, {"dict", "Mapping"})
            )


def find_floats(sources: dict[str, str]) -> list[Named]:
    """List the float fields of every class and the float parameters of every public function."""
    trees = {where: ast.parse(text) for where, text in sources.items()}
    words = _float_types(list(trees.values()))
    out: list[Named] = []
    for where, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                out.extend(_floats_of_class(node, where, words))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                out.extend(_floats_of_function(node, where, words))
    return out


def find_rust_floats(where: str, text: str) -> list[Named]:
    """List the public ``f64`` fields of public structs."""
    out = []
    for struct in re.finditer(r"pub struct \w+(?:<[^>]*>)? \{\n(.*?)\n\}", text, re.DOTALL):
        first_line = text[: struct.start(1)].count("\n") + 1
        for offset, line in enumerate(struct.group(1).splitlines()):
            field = re.match(r"\s*pub (?:r#)?(\w+): (.*)", line)
            if field and re.search(r"\bf(?:32|64)\b", RUST_RECORD.sub("", field.group(2))):
                out.append(Named(f"{where}:{first_line + offset}", field.group(1)))
    return out


def is_named_well(item: Named, *, drawing: bool = False) -> bool:
    """Tell whether a Python name ends in its unit; of a table ``<y>_by_<x>`` both halves must."""
    if item.name in MIXED:
        return True
    halves = item.name.split("_by_")
    if item.is_mapping:  # x is a key and no quantity
        halves = halves[:1]
    return all(unit_of(half) is not None or (drawing and half.rsplit("_", 1)[-1] in DRAWING_UNITS) for half in halves)


def is_named_in_si(item: Named) -> bool:
    """Tell whether a Rust name ends in an SI unit, a level or a word for a pure number."""

    def ends_well(name: str) -> bool:
        last = name.rsplit("_", 1)[-1]
        if last in LEVEL_SUFFIXES or last in UNITLESS_SUFFIXES or unit_of(name) == "":
            return True
        if "_per_" in name:  # every word of the denominator
            return all(SI_UNIT.fullmatch(word) for word in name.rsplit("_per_", 1)[1].split("_"))
        return "_" in name and SI_UNIT.fullmatch(last) is not None

    return item.name in MIXED or all(ends_well(half) for half in item.name.split("_by_"))


def _read(paths: Iterator[Path]) -> dict[str, str]:
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(paths)}


def test_every_float_in_python_ends_in_its_unit() -> None:
    found = find_floats(_read(PACKAGE.rglob("*.py")))
    assert len(found) > 200, "the search has lost sight of the package"
    wrong = [
        f"{item.where}: {item.name}"
        for item in found
        if not is_named_well(item, drawing="/plots/" in item.where or "/report/" in item.where)
    ]
    assert not wrong, "no known unit at the end:\n" + "\n".join(wrong)


def test_every_float_column_ends_in_its_unit() -> None:
    from lightlane.results import records, studies

    found = {**vars(records), **vars(studies)}
    tables = {name: table for name, table in found.items() if name.endswith("_COLUMNS")}
    assert len(tables) >= 7
    wrong = [
        f"{name}: {column}"
        for name, table in tables.items()
        for column, kind in table.items()
        if kind.startswith("float") and unit_of(column) is None
    ]
    assert not wrong, "\n".join(wrong)


def test_every_float_at_the_border_is_in_si() -> None:
    stub = PACKAGE / "_core.pyi"
    found = find_floats({stub.relative_to(ROOT).as_posix(): stub.read_text(encoding="utf-8")})
    wrong = [f"{item.where}: {item.name}" for item in found if not is_named_in_si(item)]
    assert not wrong, "not SI:\n" + "\n".join(wrong)


def test_every_float_in_rust_is_in_si() -> None:
    sources = _read((ROOT / "rust" / "core" / "src").rglob("*.rs"))
    found = [item for where, text in sources.items() for item in find_rust_floats(where, text)]
    assert len(found) > 20, "the search has lost sight of the crate"
    wrong = [f"{item.where}: {item.name}" for item in found if not is_named_in_si(item)]
    assert not wrong, "not SI:\n" + "\n".join(wrong)


# The search itself: what it must see, and what it must leave alone.

EXAMPLE = """
Positive = Annotated[float, Field(gt=0)]
Points = tuple[tuple[Positive, Positive], ...]
Progress = Callable[[float], None]
LIMITS = {"a": 1.0}

class Part(BaseModel):
    length: float
    reach_km: Positive | None = None
    loss_db_by_length: Points
    rate_gbps_by_service: dict[str, float]
    word: Literal["float"] = "float"
    report: Progress
    steps: list[tuple[str, float]]
    count: int = 0
    _hidden: "NDArray[np.float64]"

    def scale(self, factor: float) -> float: ...
    def _scale(self, factor: float) -> float: ...

def convert(power: float, *, spacing_ghz: float, name: str) -> None:
    def inner(x: float) -> None: ...

def _convert(power: float) -> None: ...
"""


def test_the_search_sees_floats_of_any_make() -> None:
    names = [item.name for item in find_floats({"example.py": EXAMPLE})]
    assert names == [
        "length",
        "reach_km",
        "loss_db_by_length",
        "rate_gbps_by_service",
        "_hidden",
        "factor",
        "power",
        "spacing_ghz",
    ]


def test_the_rule_refuses_what_it_should() -> None:
    wrong = [item.name for item in find_floats({"example.py": EXAMPLE}) if not is_named_well(item)]
    assert wrong == ["length", "loss_db_by_length", "_hidden", "factor", "power"]


@pytest.mark.parametrize(
    "name",
    [
        "length_m",
        "beta2_s2_per_m",
        "raman_slope_per_w_m_hz",
        "pmd_s_per_sqrt_m",
        "noise_a_per_sqrt_hz",
        "gain_db",
        "pre_fec_ber",
        "penalty_db_by_dgd_mean_s",
    ],
)
def test_si_names(name: str) -> None:
    assert is_named_in_si(Named("", name))


@pytest.mark.parametrize(
    "name",
    [
        "length_km",
        "m",
        "dispersion_ps_per_nm_km",
        "gamma_per_w_km",
        "slot_ghz",
        "rate_gbps",
        "power_mw",
        "power",
        "penalty_db_by_dgd_mean_ps",
    ],
)
def test_names_that_are_not_si(name: str) -> None:
    assert not is_named_in_si(Named("", name))


def test_rust_fields_are_found() -> None:
    text = """/// A lane.
pub struct Lane<'a> {
    /// Length.
    pub length_km: f64,
    pub osnr_db: &'a [f64],
    pub lanes: usize,
    pub blocked: Option<(Limit, f64)>,
    gain: f64,
}
"""
    assert find_rust_floats("lane.rs", text) == [Named("lane.rs:4", "length_km"), Named("lane.rs:5", "osnr_db")]

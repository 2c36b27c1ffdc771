"""The parameters of a scenario, of a record and of the parts that it stands on: told from the models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from lightlane.catalog.parts import Part
from lightlane.errors import ParameterError
from lightlane.fabric.topology import Link
from lightlane.files import suggest
from lightlane.files.field_texts import read_field_texts
from lightlane.files.schema_words import describe, find_schema, list_alternatives
from lightlane.scenario.effective_values import find_effective
from lightlane.scenario.fields import ALL, NAMING, PARTS, RECORDS, SWEPT_OPTIONS, Ground, join_path
from lightlane.scenario.parameters import Parameter, ParameterKind, slider_range
from lightlane.scenario.settings import PUMPED_KEYS, narrow_ground, split_ground, try_value
from lightlane.units import UNIT_LABELS, axis_label, unit_of

ALIKE_MAX_COUNT = 16
"""Of records that differ in what matters so many are asked what all may be; a value is checked with all when set."""
WITHOUT_EFFECT = frozenset({"cut_rate_per_km_year", "mtbf_h", "mttr_h", "reach_km"})
"""Fields of studies and of people: no state of a scenario rests on them."""
_KINDS: dict[str, ParameterKind] = {"number": "number", "integer": "integer", "boolean": "switch"}
_FAMILIES = {
    "module": "modules", "mode": "modes", "fiber": "fibers", "fec": "fecs", "connector": "passives",
    "splice": "passives", "mux": "passives", "demux": "passives", "express": "passives", "booster": "amplifiers",
    "inline_amplifier": "amplifiers", "preamplifier": "amplifiers", "raman_amplifier": "amplifiers",
}  # fmt: skip
"""Fields that name a part, and the family that holds it."""
_PART_WORDS = {"module": "Module", "mode": "Mode", "fec": "FEC", "fiber": "Fiber", "amplifier": "Amplifier",
               "passive": "Part"}  # fmt: skip


def list_parameters(ground: Ground, kind: str = "", name: str = "") -> list[Parameter]:
    """Return the parameters of a record of the fabric and of what it stands on, in the order of a form.

    A link brings its ducts and the parts of all of these; a figure of a part holds for everything that uses the part.
    Figures of parts that nobody knows, tables, lists and free texts are left out.

    Parameters
    ----------
    kind
        ``link``, ``duct``, ``site``, ``demand``; empty: what holds for the whole fabric.
    name
        Of the record; of a demand its place.

    Raises
    ------
    ParameterError
        If there is no such record.
    """
    if not kind:
        return _of_fabric(ground)
    record = _find_record(ground, kind, name)
    words = f"{kind.capitalize()} {name}" if kind != "demand" else f"Demand {record.from_site} to {record.to_site}"
    found = _fields_of(ground, (kind, name), [record], words)
    if isinstance(record, Link):
        for duct in dict.fromkeys(record.ducts):
            found += _fields_of(ground, ("duct", duct), [_find_record(ground, "duct", duct)], f"Duct {duct}")
    for word, part in _list_parts(ground, record):
        group = f"{_PART_WORDS[word]} {part.id}"
        found += _fields_of(ground, (word, part.id), [part], group)
    return found


def _of_fabric(ground: Ground) -> list[Parameter]:
    scenario = ground.scenario
    found = _fields_of(ground, ("conditions",), [scenario.conditions], "Conditions")
    for kind in ("link", "duct", "demand"):
        if rows := getattr(ground.fabric, kind):
            found += _fields_of(ground, (kind, ALL), list(rows), f"All {kind}s")
    return found + _fields_of(ground, (), [scenario], "Options", keys=SWEPT_OPTIONS)


def _find_record(ground: Ground, kind: str, name: str) -> Any:
    if kind not in RECORDS:
        raise ParameterError(f"kind is {kind!r}; allowed: {', '.join(RECORDS)}, or empty")
    rows: Sequence[Any] = getattr(ground.fabric, kind)
    named = {str(place): row for place, row in enumerate(rows)} if kind == "demand" else {r.name: r for r in rows}
    if name not in named:
        raise ParameterError(f"there is no {kind} {name!r}{suggest(name, named)}")
    return named[name]


def _list_parts(ground: Ground, record: Any) -> list[tuple[str, Part]]:
    """Return the parts that a record and, of a link, its ducts stand on, each once, with their word in paths."""
    records = [record]
    if isinstance(record, Link):
        records += [duct for duct in ground.fabric.duct if duct.name in record.ducts]
    word_by_family = {family: word for word, family in PARTS.items()}
    found: dict[tuple[str, str], Part] = {}
    for item in records:
        for key, family in _FAMILIES.items():
            part_id = getattr(item, key, None) or (find_effective(ground, item, key) if hasattr(item, key) else None)
            if part_id is None:
                continue
            part = getattr(ground.catalog, family)[part_id]
            found[word_by_family[family], part_id] = part
            if family == "modes":
                found["fec", part.fec] = ground.catalog.get_fec(part.fec)
    return [(word, part) for (word, _), part in found.items()]


def _fields_of(
    ground: Ground, steps: tuple[str, ...], records: Sequence[BaseModel], group: str, keys: Iterable[str] | None = None
) -> list[Parameter]:
    model = type(records[0])
    texts = read_field_texts(model)
    narrow = narrow_ground(ground, join_path(*steps, "_"), alike_max_count=ALIKE_MAX_COUNT)
    found = []
    for key in model.model_fields if keys is None else keys:
        if key in NAMING or key in WITHOUT_EFFECT or key not in model.model_fields:
            continue
        path = join_path(*steps, key)
        tried = narrow_ground(ground, path, alike_max_count=ALIKE_MAX_COUNT) if key in PUMPED_KEYS else narrow
        field = _Field(ground, tried, path, key, records, group, texts.get(key, ""))
        parameter = field.describe()
        if parameter is not None:
            found.append(parameter)
    return found


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of one record or of the same field of many."""

    ground: Ground
    narrow: Ground
    path: str
    key: str
    records: Sequence[BaseModel]
    group: str
    help: str

    def describe(self) -> Parameter | None:
        """Return the parameter; None where the field is none that can be set as the records are."""
        model = type(self.records[0])
        schema = find_schema(model, (self.key,))
        kinds = [] if schema is None else list_alternatives(schema, model)
        if schema is None or len(kinds) != 1:
            return None
        kind, choices = self._kind(kinds[0])
        values = [getattr(record, self.key) for record in self.records]
        is_mixed = any(value != values[0] for value in values)
        if kind is None or (values[0] is None and isinstance(self.records[0], Part)):
            return None
        unit = unit_of(self.key) or ""
        label = axis_label(self.key) if unit_of(self.key) is not None else self.key.replace("_", " ").capitalize()
        parameter = Parameter(
            path=self.path,
            label=label.removesuffix(f" ({UNIT_LABELS.get(unit, '')})"),
            unit=unit,
            kind=kind,
            group=self.group,
            value=None if is_mixed else values[0],
            effective=self._effective(values, is_mixed=is_mixed),
            is_mixed=is_mixed,
            low=kinds[0].get("minimum", kinds[0].get("exclusiveMinimum")),
            high=kinds[0].get("maximum", kinds[0].get("exclusiveMaximum")),
            is_low_excluded="exclusiveMinimum" in kinds[0],
            is_high_excluded="exclusiveMaximum" in kinds[0],
            allowed=describe(schema, model),
            help=self.help,
        )
        grounds = split_ground(self._without_modes() if self._is_module else self.narrow, self.path)

        def refuses(value: Any) -> bool:
            for place, ground in enumerate(grounds):
                if try_value(ground, self.path, value):
                    # What refuses one value is likely to refuse the next.
                    grounds.insert(0, grounds.pop(place))
                    return True
            return False

        if kind == "choice":
            return self._choose(parameter, choices, refuses)
        if kind == "switch":
            return None if refuses(not parameter.effective) else parameter
        return tighten(parameter, self._landmarks(), refuses)

    @property
    def _is_module(self) -> bool:
        return self.key == "module" and isinstance(self.records[0], Link)

    def _without_modes(self) -> Ground:
        """Return the ground with the modes of links left open: another module brings a mode of its own."""
        fabric = self.narrow.fabric
        links = tuple(link.model_copy(update={"mode": None}) for link in fabric.link)
        return replace(self.narrow, fabric=fabric.model_copy(update={"link": links}))

    def _kind(self, schema: dict[str, Any]) -> tuple[ParameterKind | None, tuple[str, ...]]:
        if "enum" in schema:
            return "choice", tuple(str(item) for item in schema["enum"])
        if schema.get("type") == "string":
            family = _FAMILIES.get(self.key)
            return ("choice", tuple(getattr(self.ground.catalog, family))) if family else (None, ())
        return _KINDS.get(str(schema.get("type"))), ()

    def _effective(self, values: Sequence[Any], *, is_mixed: bool) -> Any:
        """Return the one value that holds; of numbers that differ, the middle one of those that are given."""
        if not is_mixed:
            return find_effective(self.ground, self.records[0], self.key) if values[0] is None else values[0]
        numbers = sorted(item for item in values if isinstance(item, int | float) and not isinstance(item, bool))
        return numbers[len(numbers) // 2] if numbers else None

    def _choose(
        self, parameter: Parameter, choices: tuple[str, ...], refuses: Callable[[Any], bool]
    ) -> Parameter | None:
        fitting = tuple(item for item in choices if item == parameter.value or not refuses(item))
        return replace(parameter, choices=fitting) if set(fitting) - {parameter.value} else None

    def _landmarks(self) -> list[float]:
        """Return the figures beside the field that may bound it: of the record, and of a link's mode."""
        fabric, catalog = self.narrow.fabric, self.narrow.catalog
        beside: list[Any] = list(self.records[:1])
        if self.path.startswith("link."):
            beside = [catalog.get_mode(link.mode or catalog.get_module(link.module).modes[0]) for link in fabric.link]
        values = [value for record in beside for _, value in record]
        return sorted({float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)})


def tighten(parameter: Parameter, values: Sequence[float], refuses: Callable[[Any], bool]) -> Parameter | None:
    """Bring the bounds of a parameter in until both ends of its slider are accepted.

    A bound that is not in the schema is the value of a figure beside it (``low <= high``) or is found by halving.

    Parameters
    ----------
    values
        Figures that may be bounds, rising.
    refuses
        Tells whether a value is not accepted.

    Returns
    -------
    The parameter; None if no value but the one it has is accepted.
    """
    number = int if parameter.kind == "integer" else float
    start = parameter.effective
    if start is None or refuses(number(start)):
        # Nothing is set: any value that is accepted will do to start from.
        low, high = slider_range(parameter)
        tries = [low, high, 0.5 * (low + high), *values]
        start = next((item for item in tries if parameter.holds(item) and not refuses(number(item))), None)
        if start is None:
            return None
    for _ in range(8):
        ends = slider_range(parameter)
        refused = [end for end in ends if refuses(number(end))]
        if not refused:
            return parameter if ends[0] < ends[1] else None
        bound = _find_bound(float(start), refused[0], values, lambda value: refuses(number(value)))
        bound = float(number(bound))
        if refused[0] < start:
            parameter = replace(parameter, low=bound, is_low_excluded=False)
        else:
            parameter = replace(parameter, high=bound, is_high_excluded=False)
    return None


def _find_bound(start: float, end: float, values: Sequence[float], refuses: Callable[[float], bool]) -> float:
    """Return the accepted value that is farthest from ``start`` on the way to ``end``, which is refused."""
    between = [item for item in values if min(start, end) <= item <= max(start, end)]
    between.sort(key=lambda item: abs(item - end))
    found = next((item for item in between if not refuses(item)), start)
    bad = end
    # What no figure bounds is halved; a landmark just before the border stays, since a hair beyond it is refused.
    if not refuses(found + 1e-6 * (bad - found)):
        for _ in range(20):
            middle = 0.5 * (found + bad)
            found, bad = (found, middle) if refuses(middle) else (middle, bad)
    return found


__all__ = ["list_parameters"]

"""The JSON schemas of the project's files: they say what the reader says, and the kept ones are up to date."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lightlane.catalog.load import PART_MODELS
from lightlane.errors import ParameterError
from lightlane.fabric.topology import Duct, Fabric, Link
from lightlane.schemas import FILE_KINDS, format_schema, get_schema, list_schemas

KEPT = Path(__file__).parents[2] / "schemas"


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_the_kept_schema_is_that_of_the_models(kind: str) -> None:
    """After a change of the models: ``lightlane schema --write schemas``."""
    assert (KEPT / f"{kind}.schema.json").read_text(encoding="utf-8") == format_schema(get_schema(kind))


def test_no_other_schema_is_kept() -> None:
    assert {path.name for path in KEPT.iterdir()} == {f"{kind}.schema.json" for kind in FILE_KINDS}


def test_keys_are_those_of_the_file_and_not_of_python() -> None:
    schema = get_schema("fabric")
    assert set(schema["properties"]) == set(Fabric.model_fields)
    assert {"from", "to"} <= set(schema["$defs"]["Demand"]["properties"])
    assert schema["$defs"]["Demand"]["required"] == ["from", "to", "rate_gbps"]


def _walk(value: Any) -> list[dict[str, Any]]:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return ([value] if isinstance(value, dict) else []) + [item for part in inner for item in _walk(part)]


@pytest.mark.parametrize("kind", list_schemas())
def test_every_table_is_closed_and_nothing_is_null(kind: str) -> None:
    schema = get_schema(kind)
    for part in _walk(schema):
        assert part.get("type") != "null"
        assert None not in part.values()
        if "properties" in part and part.get("type") == "object":
            assert part["additionalProperties"] is False
    references = {part["$ref"].rsplit("/", 1)[-1] for part in _walk(schema) if "$ref" in part}
    assert references <= set(schema.get("$defs", {}))


def test_fields_carry_the_text_that_stands_below_them() -> None:
    schema = get_schema("fabric")
    assert schema["$defs"]["Duct"]["properties"]["length_km"]["description"] == "Fiber length, not the great circle."
    assert schema["$defs"]["Link"]["properties"]["ducts"]["description"] == "In order from 'a' to 'b'."
    assert schema["$defs"]["Link"]["description"] == " ".join((Link.__doc__ or "").replace("``", "'").split())
    assert (
        schema["$defs"]["Duct"]["properties"]["length_km"]["maximum"] == Duct.model_fields["length_km"].metadata[1].le
    )


@pytest.mark.parametrize("kind", PART_MODELS)
def test_a_part_is_named_by_its_table(kind: str) -> None:
    schema = get_schema(kind)
    assert "id" not in schema["properties"]
    assert "id" not in schema["required"]
    assert {"name", "source", "confidence"} <= set(schema["required"])
    catalog = get_schema("catalog")
    name = catalog["properties"][kind]["additionalProperties"]["$ref"].rsplit("/", 1)[-1]
    assert catalog["$defs"][name]["properties"] == schema["properties"]


def test_schemas_are_json() -> None:
    for kind in list_schemas():
        assert json.loads(format_schema(get_schema(kind))) == get_schema(kind)


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(ParameterError, match="did you mean 'fiber'"):
        get_schema("fibre")

"""JSON schemas of the project's files, for editors and for programs that write such files."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from lightlane.catalog.load import PART_MODELS
from lightlane.errors import ParameterError
from lightlane.fabric.reliability import Reliability
from lightlane.fabric.services import PresetFile, Services
from lightlane.fabric.topology import Fabric
from lightlane.files import suggest
from lightlane.files.field_texts import plain_text, read_field_texts
from lightlane.scenario.schema import Scenario

Schema = dict[str, Any]

FILE_KINDS = ("fabric", "scenario", "catalog", "services", "presets", "reliability")
"""The kinds of files, each with a schema of its own in the folder ``schemas``."""


def list_schemas() -> list[str]:
    """Return the names that :func:`get_schema` knows: kinds of files, then kinds of parts."""
    return [*FILE_KINDS, *PART_MODELS]


def get_schema(name: str) -> Schema:
    """Return the JSON schema of a kind of file or of a row of the catalog.

    Raises
    ------
    ParameterError
        If there is no such kind.
    """
    builders: dict[str, Callable[[], Schema]] = {
        "fabric": lambda: _build_schema(Fabric),
        "scenario": lambda: _build_schema(Scenario),
        "catalog": _build_catalog_schema,
        "services": lambda: _build_schema(Services),
        "presets": lambda: _build_schema(PresetFile),
        "reliability": lambda: _build_schema(Reliability),
    }
    builders |= {kind: lambda model=model: _build_row_schema(model) for kind, model in PART_MODELS.items()}  # type: ignore[misc]
    if name not in builders:
        near = suggest(name, builders)
        raise ParameterError(f"there is no schema {name!r}{near}; there are {', '.join(builders)}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **builders[name]()}


def format_schema(schema: Schema) -> str:
    """Return ``schema`` as the text of its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _build_schema(model: type[BaseModel]) -> Schema:
    schema = model.model_json_schema()
    for name, definition in {**schema.get("$defs", {}), model.__name__: schema}.items():
        _add_descriptions(definition, _find_model(model, name))
    cleaned: Schema = _drop_null(schema)
    return cleaned


def _build_row_schema(model: type[BaseModel]) -> Schema:
    """Return the schema of a part as a file has it: its id is the name of its table and no key in it."""
    schema = _build_schema(model)
    schema["properties"].pop("id")
    schema["required"].remove("id")
    return schema


def _build_catalog_schema() -> Schema:
    tables: Schema = {}
    definitions: Schema = {}
    for kind, model in PART_MODELS.items():
        row = _build_row_schema(model)
        definitions |= row.pop("$defs", {})
        definitions[model.__name__] = row
        reference = {"$ref": f"#/$defs/{model.__name__}"}
        tables[kind] = {"type": "object", "description": row["description"], "additionalProperties": reference}
    tables["sources"] = {
        "type": "object",
        "description": "Abbreviations and the sources they stand for; a part may name its source by abbreviation.",
        "additionalProperties": {"type": "string", "minLength": 3},
    }
    return {
        "title": "Catalog",
        "description": "Parts, one table each, named by kind and id: [fiber.g652d].",
        "type": "object",
        "properties": tables,
        "additionalProperties": False,
        "$defs": definitions,
    }


def _find_model(model: type[BaseModel], name: str) -> type[BaseModel]:
    """Return the model called ``name`` in the module of ``model``, of one of its bases, or anywhere in the package."""
    near = [base.__module__ for base in model.__mro__]
    package = [module for module in sys.modules if module.startswith(f"{__package__}.")]
    for module in (*near, *sorted(package)):
        found = getattr(sys.modules[module], name, None)
        if isinstance(found, type) and issubclass(found, BaseModel):
            return found
    raise ParameterError(f"{name!r} is no model of {model.__module__}")


def _add_descriptions(definition: Schema, model: type[BaseModel]) -> None:
    texts = read_field_texts(model)
    names = {field.alias or name: name for name, field in model.model_fields.items()}
    definition["description"] = plain_text(definition.get("description", ""))
    for key, entry in definition.get("properties", {}).items():
        entry.pop("title", None)
        if text := texts.get(names[key]):
            entry["description"] = text


def _drop_null(schema: Any) -> Any:
    """Return ``schema`` without the null of optional fields, which TOML cannot write."""
    if isinstance(schema, list):
        return [_drop_null(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: _drop_null(item) for key, item in schema.items() if item is not None}
    variants = [item for item in out.get("anyOf", []) if item != {"type": "null"}]
    if "anyOf" in out and len(variants) < len(out["anyOf"]):
        del out["anyOf"]
        out |= variants[0] if len(variants) == 1 else {"anyOf": variants}
    return out

"""What the variant on display sets, and what a parameter is under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lightlane import LightlaneError, Parameter
from lightlane.toolkit import UNIT_LABELS, Ground, axis_label, read_setting, split_path, unit_of
from lightlane_gui.charts.number_text import MINUS
from lightlane_gui.session.document import Edited

Settings = Mapping[str, Any]


def list_settings(form: Edited) -> dict[str, Any]:
    """Return the fields that the variant on display sets, by their paths, in the order in which they hold."""
    variant = form.find(form.variant)
    if variant is None:
        return {}
    conditions = {f"conditions.{key}": value for key, value in _given(variant.conditions)}
    return {**conditions, **variant.set}


def _given(record: Any) -> list[tuple[str, Any]]:
    fields = type(record).model_fields
    return [(key, getattr(record, key)) for key in fields if key in record.model_fields_set]


def find_value(path: str, settings: Settings, base: Any) -> Any:
    """Return what a field is: the last setting that names it, by its own name or by ``*``, else the base's value."""
    steps = split_path(path)
    value = base
    for name, setting in settings.items():
        if name == path or _covers(name, steps):
            value = setting
    return value


def _covers(name: str, steps: tuple[str, ...]) -> bool:
    if ".*." not in name or len(steps) != 3:
        return False
    own = split_path(name)
    return (own[0], own[2]) == (steps[0], steps[2])


def read_base(ground: Ground, path: str) -> Any:
    """Return the value of a field before the variant; None where it is open or mixed, or not there at all."""
    try:
        return read_setting(ground, path)
    except LightlaneError:
        return None


def show_value(value: Any, unit: str = "", decimals: int | None = None) -> str:
    """Return a value as people read it, with its unit."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float):
        text = f"{value:.6g}" if decimals is None else f"{value:.{decimals}f}"
        label = UNIT_LABELS.get(unit, "")
        return f"{text.replace('-', MINUS)} {label}".rstrip()
    return str(value)


def describe_path(path: str) -> tuple[str, str, str]:
    """Return what a path is of, what the field is called, and the key of its unit."""
    steps = split_path(path)
    unit = unit_of(steps[-1])
    label = axis_label(steps[-1]) if unit is not None else steps[-1].replace("_", " ").capitalize()
    label = label.removesuffix(f" ({UNIT_LABELS.get(unit or '', '')})")
    if len(steps) == 3:
        owner = f"all {steps[0]}s" if steps[1] == "*" else f"{steps[0]} {steps[1]}"
    else:
        owner = steps[0] if len(steps) > 1 else "options"
    return owner, label, unit or ""


def name_step(parameter: Parameter, value: Any) -> str:
    """Return what an edit is called in the list of steps to undo."""
    return f"{parameter.group}: {parameter.label} {show_value(value, parameter.unit)}"


__all__ = ["Settings", "describe_path", "find_value", "list_settings", "name_step", "read_base", "show_value"]

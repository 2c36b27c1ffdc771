"""The options of the budget models as flags of a command: one flag per field, of the same name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import click

from lightlane.lane.options import BudgetOptions

Command = TypeVar("Command", bound=Callable[..., Any])


def budget_flags(command: Command) -> Command:
    """Add the flags; those that are given arrive as keywords of the command, the others as None."""
    kinds = get_type_hints(BudgetOptions)
    for field in reversed(fields(BudgetOptions)):
        flag = "--" + field.name.replace("_", "-")
        text = field.metadata["help"]
        if kinds[field.name] is bool:
            option = click.option(f"{flag}/--no-{flag[2:]}", default=None, help=text)
        elif get_origin(kinds[field.name]) is Literal:
            option = click.option(flag, type=click.Choice(get_args(kinds[field.name])), help=text)
        else:
            option = click.option(flag, type=kinds[field.name], help=text)
        command = option(command)
    return command


def take_budget_options(settings: dict[str, Any]) -> dict[str, Any]:
    """Take the options that were given out of the keywords of a command."""
    found = {field.name: settings.pop(field.name, None) for field in fields(BudgetOptions)}
    return {name: value for name, value in found.items() if value is not None}

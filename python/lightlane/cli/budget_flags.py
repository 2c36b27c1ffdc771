"""The options of the budget models as flags of a command: one flag per field, of the same name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import click

from lightlane.lane.options import BudgetOptions

Command = TypeVar("Command", bound=Callable[..., Any])
surrogates_flag = click.option(
    "--surrogates",
    "surrogate_folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Own tables for --fidelity surrogate, before the shipped ones.",
)
"""Of every command that evaluates with ``--fidelity surrogate``."""


def budget_flags(command: Command) -> Command:
    """Add the flags; those that are given arrive as keywords of the command, the others as None."""
    kinds = get_type_hints(BudgetOptions)
    for field in reversed(_flagged()):
        flag = "--" + field.name.replace("_", "-")
        text = field.metadata["help"]
        if kinds[field.name] is bool:
            option = click.option(f"{flag}/--no-{flag[2:]}", default=None, help=text)
        elif get_origin(kinds[field.name]) is Literal:
            option = click.option(flag, type=click.Choice(get_args(kinds[field.name])), help=text)
        elif (greatest := field.metadata["greatest"]) is not None:
            # A count is asked for by its plural alone too: --draws.
            short = [flag.removesuffix("-count")] if flag.endswith("-count") else []
            option = click.option(flag, *short, field.name, type=click.IntRange(0, greatest), help=text)
        else:
            option = click.option(flag, type=kinds[field.name], help=text)
        command = option(command)
    return command


def _flagged() -> list[Field[Any]]:
    """Return the options that a flag can set: those that say what it does."""
    return [field for field in fields(BudgetOptions) if "help" in field.metadata]


def take_budget_options(settings: dict[str, Any]) -> dict[str, Any]:
    """Take the options that were given out of the keywords of a command."""
    found = {field.name: settings.pop(field.name, None) for field in _flagged()}
    return {name: value for name, value in found.items() if value is not None}

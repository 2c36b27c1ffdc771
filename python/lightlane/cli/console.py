"""What every command shares: text and progress for people on standard error, JSON for machines on standard output."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lightlane.errors import ParameterError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


class FiniteFloat(click.FloatRange):
    """A flag's number: finite, and in a range where one is given."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number, or fail with one line."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number


def require_output(output: Path | None, *, overwrite: bool, example: str) -> Path:
    """Return the file to write.

    Raises
    ------
    ParameterError
        If none is given, or it exists and is not to be replaced.
    """
    if output is None:
        raise ParameterError(f"--output is missing; allowed: the fabric file to write, such as -o {example}")
    if output.exists() and not overwrite:
        raise ParameterError(f"{output} exists; --overwrite replaces it")
    return output


def get_console() -> Console:
    """Return a console on standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=False)


def get_answer_console() -> Console:
    """Return a console on standard output, for answers that people read."""
    from rich.console import Console

    return Console(highlight=False)


def echo_json(data: object) -> None:
    """Write one JSON document to standard output; a number that is not finite is an error, not invalid JSON."""
    json.dump(data, sys.stdout, ensure_ascii=False, indent=2, allow_nan=False)
    sys.stdout.write("\n")


def show_duration(seconds_s: float) -> str:
    """Return a time as people say it: ``40 s``, ``12 min``, ``3 h 20 min``."""
    minutes = round(seconds_s / 60)
    if seconds_s < 100:
        return f"{seconds_s:.0f} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


@contextmanager
def progress() -> Iterator[Progress]:
    """Show a progress bar that vanishes when done; silent where standard error is not a terminal.

    Yields
    ------
    A running progress display; callers add their tasks.
    """
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = get_console()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as display:
        yield display

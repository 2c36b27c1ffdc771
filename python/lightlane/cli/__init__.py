"""The command line: one module per command, imported only when that command is called."""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
from typing import Any

import click

from lightlane.errors import Cancelled, FormatError, LightlaneError

EXIT_DONE, EXIT_NO, EXIT_WRONG_INPUT, EXIT_INTERRUPTED = 0, 1, 2, 130

COMMANDS: dict[str, tuple[str, str]] = {
    "link": ("lightlane.cli.link", "Evaluate one link from flags: verdict, margins, what limits it."),
    "tdecq": ("lightlane.cli.tdecq", "Measure TDECQ, TECQ or SECQ of a captured waveform."),
    "import": ("lightlane.cli.import_", "Make a fabric file from a topology that comes from elsewhere."),
    "design": ("lightlane.cli.design", "Choose modules, amplifiers and huts for a fabric."),
    "validate": ("lightlane.cli.validate", "Check fabric, scenario and catalog files."),
    "run": ("lightlane.cli.run", "Evaluate a fabric or scenario into a results folder."),
    "results": ("lightlane.cli.results", "Show, check, query and export results folders."),
    "study": ("lightlane.cli.study", "Failures, availability, upgrades and placement of services of a fabric."),
    "report": ("lightlane.cli.report", "Turn a results folder into one HTML file."),
    "catalog": ("lightlane.cli.catalog", "List and show modules, modes, fibers and other parts."),
    "surrogate": ("lightlane.cli.surrogate", "Show and build the tables of waveform runs that surrogates read."),
    "fec": ("lightlane.cli.fec", "Count what codes leave, and make the catalog's tables of it."),
    "schema": ("lightlane.cli.schema", "Print the JSON schema of a file kind."),
    "gui": ("lightlane.cli.gui", "Open the desktop application on a fabric, scenario or results folder."),
    "bench": ("lightlane.cli.bench", "Measure speed on this machine."),
}
"""Name of a command, the module that holds it as ``command``, and its line in the help."""


class LazyGroup(click.Group):
    """A group that imports a command's module only when it is called, so that ``--help`` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of a job: evaluate, import, design, run, report."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name][0]).command
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name][0]}.command is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="lightlane")
def group() -> None:
    """Lightlane: a digital twin of the 400G/800G interconnect between core data centers and edge sites.

    Results for machines go to standard output with --json; text and progress go to standard error. Exit codes: 0 done,
    1 the answer is no, 2 the input is wrong, 130 interrupted.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code; no traceback reaches the user for a mistake of theirs."""
    # Being asked to stop ends a command as Ctrl-C does: temporary files go, exit code 130.
    signal.signal(signal.SIGTERM, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets a question mark, not a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run_command(arguments))


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _drop_output() -> None:
    """Send what is left for standard output nowhere, so that Python does not complain of it again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run_command(arguments: list[str] | None = None) -> int:  # noqa: PLR0911 - one return per kind of ending
    """Run the command line and return its exit code."""
    try:
        result: Any = group.main(args=arguments, prog_name="lightlane", standalone_mode=False)
        # What is still in the buffer must fail here, where it can be told, and not when Python ends.
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.UsageError as error:
        error.show()
        return EXIT_WRONG_INPUT
    except (click.exceptions.Abort, KeyboardInterrupt, Cancelled) as error:
        text = str(error) if isinstance(error, Cancelled) else ""
        click.echo(f"interrupted: {text}" if text else "interrupted", err=True)
        return EXIT_INTERRUPTED
    except FormatError as error:
        for problem in error.problems:
            click.echo(f"error: {problem}", err=True)
        return EXIT_WRONG_INPUT
    except (LightlaneError, click.ClickException) as error:
        click.echo(f"error: {error}", err=True)
        return EXIT_WRONG_INPUT
    except (SystemExit, BrokenPipeError):
        # click and rich end with SystemExit where the reader of our output has gone, as `head` does.
        _drop_output()
        return EXIT_DONE
    except OSError as error:
        _drop_output()
        click.echo(f"error: {error.strerror or error}{f' ({error.filename})' if error.filename else ''}", err=True)
        return EXIT_WRONG_INPUT
    return result if isinstance(result, int) else EXIT_DONE

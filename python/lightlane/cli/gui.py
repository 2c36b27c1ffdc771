"""``lightlane gui``: the desktop application."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("gui")
@click.argument("source", type=click.Path(path_type=Path), metavar="[FABRIC|SCENARIO|RESULTS]", required=False)
@click.option("--theme", type=click.Choice(["dark", "light"]), help="Colors; absent: as the last time.")
def command(source: Path | None, theme: str | None) -> int:
    """Open the window, on a fabric or scenario file, a session, or a results folder.

    Without one, what was open last; the first time the demo fabric. Needs the package lightlane-gui.
    """
    try:
        import lightlane_gui
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("lightlane_gui", "PySide6", "pyqtgraph"):
            raise
        raise click.ClickException(
            f"the desktop application is not installed ({error.name} was not found): pip install lightlane-gui"
        ) from None
    except ImportError as error:  # Qt is there and a library of the system is not
        raise click.ClickException(f"the desktop application cannot start: {error}") from None
    arguments = [] if source is None else [str(source)]
    return lightlane_gui.main([*arguments, *(["--theme", theme] if theme else [])])

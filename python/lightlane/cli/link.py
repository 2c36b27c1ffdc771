"""``lightlane link``: one link from flags, on one screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lightlane.cli.budget_flags import budget_flags, take_budget_options
from lightlane.cli.console import FiniteFloat, echo_json
from lightlane.cli.waveform_flags import take_waveform_settings, waveform_flags
from lightlane.lane.options import BudgetOptions

if TYPE_CHECKING:
    from lightlane.catalog.load import Catalog
    from lightlane.lane.model import LinkResult
    from lightlane.link import Link


@click.command("link")
@click.argument("module")
@click.option("--length-km", type=FiniteFloat(), required=True, help="Fiber length.")
@click.option("--mode", help="Operating mode; absent: the module's default.")
@click.option("--fiber", default="g652d", show_default=True, help="Fiber type.")
@click.option("--loss-db", type=FiniteFloat(), help="Measured loss from end to end, in place of the fiber type's.")
@click.option("--spans", type=click.IntRange(1, 200), help="Equal parts of the fiber, with a hut between two of them.")
@click.option("--channels", type=click.IntRange(1, 128), help="Wavelengths side by side (coherent) or module pairs.")
@click.option("--launch-power-dbm", type=FiniteFloat(), help="Power of each lane at the module.")
@click.option("--dark", is_flag=True, help="Bare fiber: let the design rules add no mux, amplifiers or huts.")
@click.option("--mux", help="Mux and demux at the ends.")
@click.option("--demux", help="Demux, coupler or ROADM drop at the receiving end, where it is another part.")
@click.option("--booster", help="Amplifier behind the mux.")
@click.option("--inline-amplifier", help="Amplifier in every hut.")
@click.option("--preamplifier", help="Amplifier before the demux.")
@click.option("--raman", "raman_amplifier", help="Raman pumps of the fiber.")
@click.option("--span-launch-power-dbm", type=FiniteFloat(), help="Power per channel into the fiber behind a booster.")
@click.option("--received-power-dbm", type=FiniteFloat(), help="Power per channel to which the preamplifier is set.")
@budget_flags
@waveform_flags
@click.option("--margin-db", type=FiniteFloat(min=0), default=1.0, show_default=True, help="Wanted margin.")
@click.option("--check", is_flag=True, help="Exit with code 1 unless the link is up with the wanted margin.")
@click.option("--catalog", "folders", multiple=True, type=click.Path(path_type=Path), metavar="DIR", help="Own parts.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def command(  # noqa: PLR0913, PLR0917 - one parameter per flag
    context: click.Context,
    /,
    module: str,
    length_km: float,
    fiber: str,
    loss_db: float | None,
    spans: int | None,
    dark: bool,
    margin_db: float,
    check: bool,
    folders: tuple[Path, ...],
    plot: Path | None,
    as_json: bool,
    **settings: Any,
) -> None:
    """Evaluate one link: verdict, margins, what limits it, and the contributions that add up to its margin.

    MODULE is an id of `lightlane catalog list modules`. A coherent module gets the amplifiers that the design rules
    choose, unless flags name the line or --dark asks for bare fiber.
    """
    from lightlane.catalog.load import load_catalog
    from lightlane.cli.link_view import describe_link, show_link
    from lightlane.cli.waveform_flags import simulate_and_plot
    from lightlane.fabric.point_to_point import LINE_SETTINGS, point_to_point

    options = _take_options(settings)
    sampling = take_waveform_settings(settings, plot, seed=options.seed)
    given = {name: value for name, value in settings.items() if value is not None}
    named = [name for name in given if name in LINE_SETTINGS]
    _refuse_dark_line(dark, named)
    catalog = load_catalog(folders)
    link = point_to_point(
        module,
        length_km,
        fiber=fiber,
        loss_db=loss_db,
        spans=spans,
        catalog=catalog,
        line="as given" if dark or named else "designed",
        wanted_margin_db=margin_db,
        fiber_limits=options.fiber_limits,
        **given,
    )
    if sampling is None:
        result, more, seen = _evaluate(link, margin_db, options, catalog)
    else:
        result, more, seen = simulate_and_plot(link, sampling, options, margin_db, plot)
    if as_json:
        echo_json({**describe_link(link), **result.to_dict(), **seen})
    else:
        show_link(link, result, wanted_margin_db=margin_db, more=more)
    context.exit(1 if check and result.status != "up" else 0)


def _take_options(settings: dict[str, Any]) -> BudgetOptions:
    """Take the options of budget and surrogate out of the flags, but for the fidelity."""
    tables = settings.pop("surrogate_folder")
    if tables is not None and settings["fidelity"] != "surrogate":
        raise click.UsageError("--surrogates is for --fidelity surrogate")
    return BudgetOptions(
        **take_budget_options(settings),
        fidelity="surrogate" if settings["fidelity"] == "surrogate" else "budget",
        surrogate_folder=None if tables is None else str(tables),
    )


def _evaluate(
    link: Link, margin_db: float, options: BudgetOptions, catalog: Catalog
) -> tuple[LinkResult, list[str], dict[str, Any]]:
    """Return the budget of a link; there is nothing more to say of it."""
    from lightlane.lane.budget import evaluate_link

    spread = catalog.distributions.values()
    result = evaluate_link(
        link, fidelity=options.fidelity, wanted_margin_db=margin_db, options=options, distributions=spread
    )
    asked = result.fidelity == options.fidelity
    return result, [] if asked else ["There is no surrogate of coherent lanes: this is the budget."], {}


def _refuse_dark_line(dark: bool, named: list[str]) -> None:
    if dark and named:
        flag = "--" + named[0].removesuffix("_amplifier").replace("_", "-")
        raise click.UsageError(f"--dark asks for bare fiber, {flag} for a line: give one of them")

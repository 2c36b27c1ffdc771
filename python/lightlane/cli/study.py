"""``lightlane study``: failures, availability, upgrades and placement of services of a fabric."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lightlane.cli.console import FiniteFloat

if TYPE_CHECKING:
    from lightlane.results.studies import Study

EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _shared_options(function: Callable[..., Any]) -> Callable[..., Any]:
    options: list[Decorator] = [
        click.argument("fabric", type=EXISTING_FILE),
        click.option("--top", type=click.IntRange(min=1), default=15, show_default=True, help="Rows to show."),
        click.option("--check", is_flag=True, help="Exit with 1 if the answer is no."),
        click.option("-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="Results folder to write."),
        click.option("--overwrite", is_flag=True, help="Replace a results folder that exists."),
        click.option(
            "--catalog", "folders", multiple=True, type=click.Path(path_type=Path), metavar="DIR", help="Own parts."
        ),
        click.option("--json", "as_json", is_flag=True, help="All rows and the summary as JSON on standard output."),
        click.pass_context,
    ]
    for option in reversed(options):
        function = option(function)
    return function


@click.group("study", short_help="Failures, availability, upgrades and placement of services.")
def command() -> None:
    """Ask a whole fabric what fails, how long it is down, what faster modules do, and what its sites can serve."""


@command.command("failures")
@_shared_options
@click.option(
    "--single/--no-single", default=True, help="Failures of one duct, risk group or amplifier.  [default: on]"
)
@click.option("--dual", is_flag=True, help="Cuts of two ducts or risk groups at once, too.")
@click.option("--sites", is_flag=True, help="Loss of whole sites, too.")
@click.option("-k", "k", type=click.IntRange(1, 64), default=4, show_default=True, help="Paths that a demand tries.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; as many as there are cores unless given.")
def failures(context: click.Context, /, **options: Any) -> None:
    """Lose every duct, risk group and amplifier of FABRIC, and pairs of cuts, and list the worst first.

    With --check the exit code is 1 if a demand is blocked or late that is not at home, or one is not met at home.

    \b
    Examples:
      lightlane study failures designed.toml --dual --top 20
      lightlane study failures designed.toml --no-single --dual -o failures --json
    """  # noqa: D301 - the escape is click's mark for lines that stay as they are
    from lightlane.cli.console import progress
    from lightlane.cli.study_view import print_failures
    from lightlane.studies.failures import study_failures

    _check_output(options)
    with progress() as bar:
        task = bar.add_task("Losing links", total=None)
        study = study_failures(
            options["fabric"],
            catalog=_load_catalog(options),
            single=options["single"],
            dual=options["dual"],
            sites=options["sites"],
            k=options["k"],
            jobs=options["jobs"] or os.cpu_count() or 1,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    safe = [study.summary[name] for name in ("n_minus_1_safe", "n_minus_2_safe")]
    _finish(context, options, study, print_failures, answer=False not in safe)


@command.command("availability")
@_shared_options
@click.option("--reliability", type=EXISTING_FILE, metavar="FILE", help="Failure rates and repair times of your own.")
@click.option(
    "--target", type=FiniteFloat(min=0, max=1), default=0.99999, show_default=True, help="Availability that is wanted."
)
@click.option("-k", "k", type=click.IntRange(1, 12), default=8, show_default=True, help="Routes of a demand, at most.")
@click.option("--rate-fits", is_flag=True, help="Count only routes that could carry all of the demand.")
@click.option("--years", type=FiniteFloat(min=0), help="Years of Monte Carlo beside the exact sum.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the Monte Carlo.")
def availability(context: click.Context, /, **options: Any) -> None:
    """Find how many minutes a year each demand and link of FABRIC is down, and what makes them.

    With --check the exit code is 1 if a demand misses the target.

    \b
    Examples:
      lightlane study availability designed.toml --target 0.9999
      lightlane study availability designed.toml --reliability tickets.toml --years 10000
    """  # noqa: D301
    from lightlane.cli.console import progress
    from lightlane.cli.study_view import print_availability
    from lightlane.studies.availability import AvailabilityOptions, study_availability

    _check_output(options)
    chosen = AvailabilityOptions(
        k=options["k"],
        rate_fits=options["rate_fits"],
        target_fraction=options["target"],
        simulated_years=options["years"],
        seed=options["seed"],
    )
    with progress() as bar:
        task = bar.add_task("Adding up downtime", total=None)
        study = study_availability(
            options["fabric"],
            catalog=_load_catalog(options),
            reliability=options["reliability"],
            options=chosen,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    demands = study.summary["demands"]
    _finish(context, options, study, print_availability, answer=demands["target_met"] == demands["count"])


@command.command("upgrade")
@_shared_options
@click.option("--module", "modules", multiple=True, metavar="OLD=NEW", help="New module for an old one; repeatable.")
@click.option("--keep-capacity", "keep", flag_value="capacity", default=True, help="Half as many channels.  [default]")
@click.option("--keep-channels", "keep", flag_value="channels", help="As many channels as before.")
@click.option("--margin-db", type=FiniteFloat(min=0), help="Margin that the new links should have.")
def upgrade(context: click.Context, /, **options: Any) -> None:
    """Replace the modules of FABRIC by ones of twice the rate: which links break, and what the others cost.

    With --check the exit code is 1 if a link that was up breaks.

    \b
    Examples:
      lightlane study upgrade designed.toml --keep-channels
      lightlane study upgrade designed.toml --module oif-400zr=800g-zrplus -o upgrade
    """  # noqa: D301
    from rich.markup import escape

    from lightlane.cli.console import progress
    from lightlane.cli.study_view import print_upgrade
    from lightlane.studies.upgrade import study_upgrade

    _check_output(options)
    with progress() as bar:
        task = bar.add_task("Upgrade", total=None)
        study = study_upgrade(
            options["fabric"],
            catalog=_load_catalog(options),
            modules=_read_modules(options["modules"]),
            keep=options["keep"],
            wanted_margin_db=options["margin_db"],
            on_step=lambda text: bar.update(task, description=f"Upgrade: {escape(text)}"),
        )
    _finish(context, options, study, print_upgrade, answer=study.summary["links"]["broken"] == 0)


@command.command("placement")
@_shared_options
@click.option("--services", type=EXISTING_FILE, required=True, metavar="FILE", help="Services and GPU units of sites.")
@click.option("--presets", type=EXISTING_FILE, metavar="FILE", help="Objectives of sectors of your own.")
@click.option("--n-1", "n_minus_1", is_flag=True, help="The placement must hold under every single cut.")
@click.option(
    "--method",
    type=click.Choice(["auto", "exact", "search"]),
    default="auto",
    show_default=True,
    help="Exact program or search.",
)
@click.option("--time-limit-s", type=FiniteFloat(min=0.1), default=60.0, show_default=True, help="Of the program.")
def placement(context: click.Context, /, **options: Any) -> None:
    """Decide which sites of FABRIC serve which users, within the objectives of their services.

    With --check the exit code is 1 if somebody is not served.

    \b
    Examples:
      lightlane study placement designed.toml --services services.toml --n-1
    """  # noqa: D301
    from lightlane.cli.console import progress
    from lightlane.cli.study_view import print_placement
    from lightlane.fabric.services import load_presets
    from lightlane.studies.placement import study_placement

    _check_output(options)
    with progress() as bar:
        bar.add_task("Placing services", total=None)
        study = study_placement(
            options["fabric"],
            options["services"],
            catalog=_load_catalog(options),
            presets=load_presets(options["presets"]),
            n_minus_1=options["n_minus_1"],
            method=options["method"],
            time_limit_s=options["time_limit_s"],
        )
    _finish(context, options, study, print_placement, answer=study.summary["all_served"])


def _check_output(options: dict[str, Any]) -> None:
    """Refuse a folder that may not be written before the work and not after it."""
    from lightlane.results.store import check_target

    if options["output"] is not None:
        check_target(options["output"], overwrite=options["overwrite"])


def _load_catalog(options: dict[str, Any]) -> Any:
    from lightlane.catalog.load import load_catalog

    return load_catalog(options["folders"])


def _read_modules(given: tuple[str, ...]) -> dict[str, str]:
    from lightlane.errors import ParameterError

    pairs: dict[str, str] = {}
    for text in given:
        old, sign, new = (part.strip() for part in text.partition("="))
        if not (old and sign and new):
            raise ParameterError(f"--module is {text!r}; allowed: OLD=NEW, ids of two modules")
        pairs[old] = new
    return pairs


def _finish(
    context: click.Context, options: dict[str, Any], study: Study, show: Callable[[Study, int], None], *, answer: bool
) -> None:
    """Write, show and end as every study does."""
    from lightlane.cli.console import echo_json, get_console
    from lightlane.results.studies import write_study

    if options["output"] is not None:
        write_study(study, options["output"], overwrite=options["overwrite"])
        get_console().print(f"wrote {options['output']}", markup=False, soft_wrap=True)
    if options["as_json"]:
        echo_json({"study": study.kind, "summary": study.summary, study.kind: study.table.rows()})
    else:
        show(study, options["top"])
    context.exit(1 if options["check"] and not answer else 0)

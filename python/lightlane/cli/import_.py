"""``lightlane import``: a fabric's sites, ducts and demands from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lightlane.cli.console import FiniteFloat, require_output
from lightlane.errors import ParameterError

if TYPE_CHECKING:
    from rich.console import Console

    from lightlane.catalog.load import Catalog
    from lightlane.fabric.importers import DemandRule, ImportReport, MetroRule, Source

EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_BAND = re.compile(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)")
_METRO = ("metro_edges", "metro_radius_km", "metro_min_population", "metro_bands")

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _apply(*decorators: Decorator) -> Decorator:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


_source_options = _apply(
    click.argument("source", required=False),
    click.option("--sites", type=EXISTING_FILE, help="Table of sites, in place of SOURCE."),
    click.option("--links", type=EXISTING_FILE, help="Table of links, with --sites."),
    click.option("--demands", type=EXISTING_FILE, help="Table of demands, with --sites."),
    click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Fabric file to write."),
    click.option("--overwrite", is_flag=True, help="Replace the fabric file if it exists."),
    click.option("--list", "show_list", is_flag=True, help="List the topologies of topohub and stop."),
)
_length_options = _apply(
    click.option(
        "--route-factor", type=FiniteFloat(), help="Fiber length over the source's distance; 1.2 to 1.5 are common."
    ),
    click.option("--fiber", default="g652d", show_default=True, help="Fiber type where the source names none."),
)
_repair_options = _apply(
    click.option("--merge-coincident", is_flag=True, help="Make one site of several at the same point."),
    click.option("--skip-seacable", is_flag=True, help="Leave out sea cables."),
    click.option("--accept-unverified", is_flag=True, help="Take coordinates that nobody could check."),
    click.option(
        "--snap-tolerance-km",
        type=FiniteFloat(),
        default=1.0,
        show_default=True,
        help="GeoJSON: line end to site, at most.",
    ),
)
_role_options = _apply(
    click.option("--roles", metavar="RULE", help="degree:N (sites with N ducts or more are core) or all-core."),
    click.option("--core", multiple=True, metavar="SITE", help="A core site; may be repeated."),
    click.option("--edge", multiple=True, metavar="SITE", help="An edge site; may be repeated."),
    click.option("--hut", multiple=True, metavar="SITE", help="An amplifier hut; may be repeated."),
)
_metro_options = _apply(
    click.option("--metro-edges", type=int, metavar="N", help="Add the N largest towns around each core site."),
    click.option(
        "--metro-radius-km", type=FiniteFloat(), help="How far such a town may be; needed with --metro-edges."
    ),
    click.option("--metro-min-population", type=int, help="Least people of such a town; 15000 unless given."),
    click.option(
        "--metro-bands", metavar="LOW-HIGH,…", help="Take towns in turn from bands of km, as 2-10,10-20,20-40."
    ),
)
_demand_options = _apply(
    click.option("--total-demand-gbps", type=FiniteFloat(), help="Scale the source's demands to this sum."),
    click.option("--latency-ms", type=FiniteFloat(), help="One-way objective of the source's demands."),
    click.option(
        "--edge-demand-gbps", type=FiniteFloat(), help="Add such a demand from each edge site to its nearest core."
    ),
    click.option("--edge-latency-ms", type=FiniteFloat(), help="One-way objective of these."),
)


@click.command("import")
@_source_options
@_length_options
@_repair_options
@_role_options
@_metro_options
@_demand_options
@click.option(
    "--catalog",
    "catalogs",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of own parts; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Summary and audit as JSON on standard output.")
def command(**options: Any) -> None:
    """Make a fabric file of a topology from elsewhere.

    SOURCE is topohub:GROUP/NAME, such as topohub:sndlib/germany50; a folder with sites.csv, links.csv and perhaps
    demands.csv; or a .geojson file with points for sites and lines for ducts. The fabric has no links yet: lightlane
    design adds them.

    \b
    Examples:
      lightlane import topohub:sndlib/germany50 --route-factor 1.3 --roles degree:4 -o germany.toml
      lightlane import my_network/ --route-factor 1.4 -o mine.toml
    """  # noqa: D301 - the escape is click's mark for text that keeps its lines
    if options["show_list"]:
        from lightlane.fabric.importers import list_topologies

        click.echo("\n".join(f"topohub:{name}" for name in list_topologies()))
        return
    from lightlane.catalog.load import load_catalog
    from lightlane.cli.console import echo_json, get_console
    from lightlane.fabric.importers import summarize_fabric
    from lightlane.fabric.load import save_fabric

    output = require_output(options["output"], overwrite=options["overwrite"], example="fabric.toml")
    report = _import(options, load_catalog(options["catalogs"]))
    save_fabric(report.fabric, output)
    summary = summarize_fabric(report.fabric)
    _print_summary(get_console(), summary, report, output)
    if options["as_json"]:
        echo_json({**summary, "file": str(output), "audit": list(report.audit)})


def _import(options: dict[str, Any], catalog: Catalog) -> ImportReport:
    from lightlane.fabric.importers import Repairs, RoleRule, import_topology

    return import_topology(
        _choose_source(options),
        route_factor=options["route_factor"],
        fiber=options["fiber"],
        roles=RoleRule(options["roles"], options["core"], options["edge"], options["hut"]),
        repairs=Repairs(
            accept_unverified=options["accept_unverified"],
            merge_coincident=options["merge_coincident"],
            skip_seacable=options["skip_seacable"],
            snap_tolerance_km=options["snap_tolerance_km"],
        ),
        metro=_read_metro(options),
        demand=_read_demand(options),
        catalog=catalog,
    )


def _choose_source(options: dict[str, Any]) -> Source:
    source, sites, links, demands = (options[name] for name in ("source", "sites", "links", "demands"))
    if source is not None and not (sites or links or demands):
        return str(source)
    if source is None and sites and links:
        return (sites, links, demands) if demands else (sites, links)
    found = (
        "nothing" if source is None and not (sites or links or demands) else "SOURCE, --sites, --links in another way"
    )
    raise ParameterError(f"the source is {found}; allowed: SOURCE alone, or --sites and --links without it")


def _read_metro(options: dict[str, Any]) -> MetroRule | None:
    from lightlane.fabric.importers import MetroRule

    given = {name: options[name] for name in _METRO if options[name] is not None}
    if not given:
        return None
    for name in ("metro_edges", "metro_radius_km"):
        if name not in given:
            raise ParameterError(
                f"--{name.replace('_', '-')} is missing; allowed: it goes with the other --metro options"
            )
    more = {"min_population_count": given["metro_min_population"]} if "metro_min_population" in given else {}
    bands_km = _read_bands(given.get("metro_bands", ""))
    return MetroRule(given["metro_edges"], given["metro_radius_km"], bands_km=bands_km, **more)


def _read_bands(text: str) -> tuple[tuple[float, float], ...]:
    bands_km = []
    for word in text.split(",") if text else []:
        band = _BAND.fullmatch(word.strip())
        if band is None:
            raise ParameterError(f"--metro-bands has {word!r}; allowed: bands LOW-HIGH in km, such as 2-10,10-20,20-40")
        bands_km.append((float(band[1]), float(band[2])))
    return tuple(bands_km)


def _read_demand(options: dict[str, Any]) -> DemandRule:
    from lightlane.fabric.importers import DemandRule

    names = ("total_demand_gbps", "latency_ms", "edge_demand_gbps", "edge_latency_ms")
    return DemandRule(**{name: options[name] for name in names})


def _print_summary(console: Console, summary: dict[str, Any], report: ImportReport, output: Path) -> None:
    from rich.table import Table
    from rich.text import Text

    console.print(Text(f"{summary['name']} from {summary['source']}"))
    table = Table(show_header=False, box=None)
    roles = ", ".join(
        f"{summary[f'{role}_count']} {role}" for role in ("core", "edge", "hut") if summary[f"{role}_count"]
    )
    table.add_row("sites", f"{summary['site_count']} ({roles})")
    table.add_row("ducts", f"{summary['duct_count']}, {summary['total_length_km']:,.0f} km of route in all")
    for word in ("shortest", "longest"):
        if f"{word}_km" in summary:
            table.add_row(word, Text(f"{summary[f'{word}_km']:g} km, {summary[f'{word}_duct']}"))
    table.add_row("demands", f"{summary['demand_count']}, {summary['total_demand_gbps']:,.0f} Gb/s in all")
    console.print(table)
    styles = {"repaired": "yellow", "merged": "yellow", "dropped": "yellow", "flagged": "bold yellow"}
    for note in report.audit:
        console.print(Text(note, style=styles.get(note.split(":")[0], "")))
    console.print(Text(f"wrote {output}"))

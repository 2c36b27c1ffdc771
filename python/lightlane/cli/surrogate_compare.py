"""``lightlane surrogate compare``: every direct-detect mode at its reach by budget, surrogate and waveform."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from lightlane.errors import ParameterError

if TYPE_CHECKING:
    from lightlane.catalog.load import Catalog
    from lightlane.lane.surrogate.compare import ComparedLane

CORNERS = ("least", "greatest")
CHIRPS = tuple(-0.25 + 0.25 * step for step in range(6))
"""For which a mode is said to close."""


@click.command(name="compare")
@click.argument("modes", nargs=-1)
@click.option("--chirps", is_flag=True, help="Also say for which chirp each mode closes, by surrogate.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
def compare(modes: tuple[str, ...], *, chirps: bool, as_json: bool) -> None:
    """Put every direct-detect mode, or MODES, at its reach and both corners of dispersion before all three models.

    Of each link the lane with the least FEC margin: TDECQ (by waveform that of SSPRQ), OMA sensitivity and FEC margin
    by budget, surrogate and waveform, and how far surrogate and waveform are apart without reflections, DGD and
    four-wave mixing. Printed as Markdown.
    """
    from lightlane.catalog.load import load_catalog
    from lightlane.cli.console import echo_json, get_answer_console, progress

    catalog = load_catalog()
    wanted = list(_modes(modes, catalog))
    rows: list[dict[str, Any]] = []
    with progress() as bar:
        step = bar.add_task("Comparing", total=2 * len(wanted))
        for module, mode in wanted:
            for corner in CORNERS:
                rows.append(_compare_corner(module, mode, corner, catalog, chirps=chirps))
                bar.advance(step)
    if as_json:
        echo_json(rows)
        return
    get_answer_console().print("\n".join(_markdown(rows, chirps=chirps)), markup=False, soft_wrap=True)


def _modes(names: tuple[str, ...], catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Yield a module for each wanted mode."""
    from lightlane.catalog.parts import DirectMode

    known: dict[str, str] = {}
    for module in catalog.modules.values():
        for mode in module.modes:
            if isinstance(catalog.modes[mode], DirectMode):
                known.setdefault(mode, module.id)
    for name in names:
        if name not in known:
            raise ParameterError(f"there is no direct-detect mode {name!r}; allowed: {', '.join(known)}")
    yield from ((module, mode) for mode, module in known.items() if not names or mode in names)


def _compare_corner(module: str, mode: str, corner: Any, catalog: Catalog, *, chirps: bool) -> dict[str, Any]:
    from lightlane.fabric.direct_corners import corner_link
    from lightlane.lane.surrogate.compare import compare_lane

    link = corner_link(module, mode, corner, catalog=catalog)
    found = compare_lane(link, corner_link(module, mode, corner, catalog=catalog, bare=True))
    row = {"mode": mode, "corner": corner, **_json_ready(found)}
    if chirps:
        row["closes_for_chirp_alpha"] = _closing_chirps(link)
    return row


def _json_ready(found: ComparedLane) -> dict[str, Any]:
    def ready(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: ready(item) for name, item in value.items()}
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return {name: ready(value) for name, value in asdict(found).items()}


def _closing_chirps(link: Any) -> list[float]:
    """Return the chirps for which a link has no lane that is down or unknown."""
    from dataclasses import replace

    from lightlane.lane.batch import CLOSING
    from lightlane.lane.budget import evaluate_link

    closing = []
    for chirp_alpha in CHIRPS:
        changed = replace(link, mode=link.mode.model_copy(update={"chirp_alpha": chirp_alpha}))
        if evaluate_link(changed, fidelity="surrogate").status in CLOSING:
            closing.append(chirp_alpha)
    return closing


def _markdown(rows: list[dict[str, Any]], *, chirps: bool) -> Iterator[str]:
    yield (
        "| mode | lane, ps/nm | TDECQ dB: budget, surrogate, SSPRQ | sensitivity dBm: budget, surrogate, waveform "
        "| FEC margin dB: budget, surrogate, waveform | bare path, dB |" + (" closes for chirp |" if chirps else "")
    )
    yield "|---|---|---|---|---|---|" + ("---|" if chirps else "")
    for row in rows:
        cells = [
            row["mode"],
            f"{row['lane']}, {_number(row['dispersion_ps_per_nm'], 1, signed=True)}",
            *(
                ", ".join(_number(figures[name]) for figures in row["figures"].values())
                for name in ("tdecq_db", "sensitivity_oma_dbm", "fec_margin_db")
            ),
            _number(row["bare_difference_db"], signed=True),
        ]
        if chirps:
            cells.append(" ".join(f"{value:g}" for value in row["closes_for_chirp_alpha"]) or "none")
        yield "| " + " | ".join([cells[0], *(cell.replace("-", "\N{MINUS SIGN}") for cell in cells[1:])]) + " |"


def _number(value: float | None, digits: int = 2, *, signed: bool = False) -> str:
    if value is None:
        return "\N{EN DASH}"
    return f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"

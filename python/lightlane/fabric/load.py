"""Reading and writing fabric files, with every problem of a file named at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lightlane.errors import FormatError
from lightlane.fabric.topology import Duct, Fabric, Finding, Link, reference_problems
from lightlane.files import TomlDocument, format_toml, read_toml, suggest, validate, write_atomically

if TYPE_CHECKING:
    from lightlane.catalog.load import Catalog

    from lightlane.catalog.parts import CoherentMode, Module

MAX_LISTED_COUNT = 12
"""A message lists up to so many allowed ids and counts them beyond."""

_AMPLIFIER_KEYS = ("booster", "inline_amplifier", "preamplifier")
_COHERENT_KEYS = ("mux", *_AMPLIFIER_KEYS, "first_channel_thz", "channel_spacing_ghz", "span_launch_power_dbm")
_KINDS = {
    "modules": "a module",
    "modes": "a mode",
    "fibers": "a fiber",
    "amplifiers": "an amplifier",
    "passives": "a passive part",
    "fecs": "a FEC",
}


def load_fabric(path: Path | str, catalog: Catalog | None = None) -> Fabric:
    """Read a fabric file.

    Parameters
    ----------
    path
        The TOML file.
    catalog
        Where the parts that the fabric names must stand; absent: they are not looked up.

    Raises
    ------
    FormatError
        With every problem of the file's form; where there is none, with every name that stands for nothing and every
        part that does not fit.
    """
    return fabric_of(read_toml(path), catalog)


def fabric_of(document: TomlDocument, catalog: Catalog | None = None) -> Fabric:
    """Return the fabric that ``document`` holds; parameters and errors as of :func:`load_fabric`."""
    fabric = validate(document, Fabric)
    findings = reference_problems(fabric)
    if catalog is not None:
        findings += catalog_problems(fabric, catalog)
    if findings:
        problems = [document.problem(*finding) for finding in findings]
        raise FormatError(sorted(problems, key=lambda problem: problem.line))
    return fabric


def catalog_problems(fabric: Fabric, catalog: Catalog) -> list[Finding]:
    """Find parts that the catalog does not have, and parts and settings that do not fit their link.

    Returns
    -------
    (path of the field, what was found, what is allowed) for each problem; empty if there is none.
    """
    findings: list[Finding] = []
    for index, duct in enumerate(fabric.duct):
        findings += _check_duct(("duct", index), duct, catalog)
    for index, link in enumerate(fabric.link):
        findings += _check_link(("link", index), link, catalog)
    return findings


def fabric_to_toml(fabric: Fabric) -> str:
    """Return ``fabric`` as the text of its file; fields at their default are left out."""
    return format_toml(fabric.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True))


def save_fabric(fabric: Fabric, path: Path | str) -> None:
    """Write ``fabric`` to a TOML file, all of it or nothing.

    Raises
    ------
    ParameterError
        If the file cannot be written.
    """
    write_atomically(path, fabric_to_toml(fabric))


def _check_duct(path: tuple[str | int, ...], duct: Duct, catalog: Catalog) -> Iterator[Finding]:
    if duct.fiber not in catalog.fibers:
        yield (*path, "fiber"), _name_part(duct.fiber, "fibers", catalog), _list_parts("fibers", catalog.fibers)


def _check_link(path: tuple[str | int, ...], link: Link, catalog: Catalog) -> Iterator[Finding]:
    module = catalog.modules.get(link.module)
    if module is None:
        found = _name_part(link.module, "modules", catalog)
        yield (*path, "module"), found, _list_parts("modules", catalog.modules)
    for key in _AMPLIFIER_KEYS:
        part = getattr(link, key)
        if part is not None and part not in catalog.amplifiers:
            yield (*path, key), _name_part(part, "amplifiers", catalog), _list_parts("amplifiers", catalog.amplifiers)
    muxes = {name: part for name, part in catalog.passives.items() if part.kind == "mux_demux"}
    if link.mux is not None and link.mux not in muxes:
        other = catalog.passives.get(link.mux)
        found = f"{link.mux!r}, of kind {other.kind}" if other else _name_part(link.mux, "passives", catalog, muxes)
        yield (*path, "mux"), found, _list_parts("passive parts of kind mux_demux", muxes)
    if link.span_launch_power_dbm is None and (link.booster or link.inline_amplifier):
        yield (*path, "span_launch_power_dbm"), "nothing", "a number, since the link has a booster or in-line amplifier"
    if module is not None:
        yield from _check_mode(path, link, module, catalog)


def _check_mode(path: tuple[str | int, ...], link: Link, module: Module, catalog: Catalog) -> Iterator[Finding]:
    name = link.mode or module.modes[0]
    if name not in module.modes:
        if name in catalog.modes:
            found = f"{name!r}, a mode of other modules"
        else:
            found = _name_part(name, "modes", catalog, module.modes)
        yield (*path, "mode"), found, _list_parts(f"modes of module {link.module!r}", module.modes)
        return
    mode = catalog.modes[name]
    if mode.detection == "direct":
        for key in _COHERENT_KEYS:
            if (value := getattr(link, key)) is not None:
                yield (*path, key), f"{value!r} on a link of direct-detect lanes", "only on links of coherent modules"
    else:
        yield from _check_comb(path, link, mode)


def _check_comb(path: tuple[str | int, ...], link: Link, mode: CoherentMode) -> Iterator[Finding]:
    """Check that the channels of a coherent link do not overlap and that all their centers lie in the mode's band."""
    least_ghz = mode.channel_spacing_min_ghz
    spacing_ghz = link.channel_spacing_ghz or least_ghz
    if spacing_ghz < least_ghz:
        yield (*path, "channel_spacing_ghz"), f"{spacing_ghz:g}", f"at least {least_ghz:g} GHz, of mode {mode.id!r}"
        return
    band_ghz = (mode.frequency_max_thz - mode.frequency_min_thz) * 1e3
    width_ghz = (link.channels - 1) * spacing_ghz
    slack_ghz = 1e-6  # decimal fractions of a terahertz are not exact in binary; a kilohertz is no overlap
    if width_ghz > band_ghz + slack_ghz:
        most = int((band_ghz + slack_ghz) // spacing_ghz) + 1
        found = f"{link.channels} channels at {spacing_ghz:g} GHz"
        yield (*path, "channels"), found, f"at most {most} in the {band_ghz:g} GHz of mode {mode.id!r}"
    elif link.first_channel_thz is not None:
        low_thz, high_thz = mode.frequency_min_thz, mode.frequency_max_thz - width_ghz * 1e-3
        if not low_thz - slack_ghz * 1e-3 <= link.first_channel_thz <= high_thz + slack_ghz * 1e-3:
            allowed = f"from {low_thz:g} to {high_thz:g}, so that {link.channels} channels stay in the mode's band"
            yield (*path, "first_channel_thz"), f"{link.first_channel_thz}", allowed


def _name_part(
    name: str, kind: str, catalog: Catalog, choices: Mapping[str, object] | tuple[str, ...] | None = None
) -> str:
    """Write an id that is not among those allowed: what it is instead, or what it was perhaps meant to be."""
    for other, words in _KINDS.items():
        if other != kind and name in getattr(catalog, other):
            return f"{name!r}, which is {words}"
    return repr(name) + suggest(name, getattr(catalog, kind) if choices is None else choices)


def _list_parts(kind: str, choices: Mapping[str, object] | tuple[str, ...]) -> str:
    if len(choices) > MAX_LISTED_COUNT:
        return f"one of the {len(choices)} {kind} of the catalog; `lightlane catalog list` shows them"
    return f"{kind} {', '.join(choices)}" if choices else f"none, for there are no {kind}"

"""Whether the parts that a fabric names are in the catalog, are of the right kind and fit their link."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from lightlane.catalog.line_parts import find_raman_lack
from lightlane.fabric.topology import Duct, Fabric, Finding, Link
from lightlane.files import suggest
from lightlane.files.locate import KeyPath

if TYPE_CHECKING:
    from lightlane.catalog.load import Catalog
    from lightlane.catalog.parts import CoherentMode, DirectMode, Module

MAX_LISTED_COUNT = 12
"""A message lists up to so many allowed ids and counts them beyond."""

_AMPLIFIER_KEYS = ("booster", "inline_amplifier", "preamplifier", "raman_amplifier")
_STAGES = {"mux": ("mux_demux", "roadm_add"), "demux": ("mux_demux", "roadm_drop"), "express": ("roadm_express",)}
"""Keys of a link that name passive parts, and the kinds that those may be of."""
_COHERENT_KEYS = (
    *_STAGES,
    *_AMPLIFIER_KEYS,
    "first_channel_thz",
    "channel_spacing_ghz",
    "lit_channels",
    "span_launch_power_dbm",
    "received_power_dbm",
)
_FAMILY_WORDS = {
    "modules": "a module",
    "modes": "a mode",
    "fibers": "a fiber",
    "amplifiers": "an amplifier",
    "passives": "a passive part",
    "fecs": "a FEC",
}


def catalog_problems(fabric: Fabric, catalog: Catalog) -> list[Finding]:
    """Find parts that the catalog does not have, and parts and settings that do not fit their link.

    A fabric without findings composes: what a lane model then says is a verdict and no error.

    Returns
    -------
    (path of the field, what was found, what is allowed) for each problem; empty if there is none.
    """
    findings: list[Finding] = []
    for index, duct in enumerate(fabric.duct):
        findings += _check_duct(("duct", index), duct, catalog)
    for index, link in enumerate(fabric.link):
        findings += _check_link(("link", index), link, catalog)
        findings += _check_pumped_fibers(("link", index), link, fabric, catalog)
    return findings


def _check_duct(path: KeyPath, duct: Duct, catalog: Catalog) -> Iterator[Finding]:
    if duct.fiber not in catalog.fibers:
        yield (*path, "fiber"), _name_part(duct.fiber, "fibers", catalog), _list_parts("fibers", catalog.fibers)
    yield from _check_passive((*path, "connector"), duct.connector, ("connector",), catalog)
    yield from _check_passive((*path, "splice"), duct.splice, ("splice",), catalog)


def _check_link(path: KeyPath, link: Link, catalog: Catalog) -> Iterator[Finding]:
    module = catalog.modules.get(link.module)
    if module is None:
        found = _name_part(link.module, "modules", catalog)
        yield (*path, "module"), found, _list_parts("modules", catalog.modules)
    for key in _AMPLIFIER_KEYS:
        part = getattr(link, key)
        if part is not None and part not in catalog.amplifiers:
            yield (*path, key), _name_part(part, "amplifiers", catalog), _list_parts("amplifiers", catalog.amplifiers)
        elif part is not None:
            yield from _check_amplifier_kind((*path, key), part, catalog)
    for key, kinds in _STAGES.items():
        if (part := getattr(link, key)) is not None:
            yield from _check_passive((*path, key), part, kinds, catalog)
    if link.span_launch_power_dbm is None and (link.booster or link.inline_amplifier):
        yield (*path, "span_launch_power_dbm"), "nothing", "a number, since the link has a booster or in-line amplifier"
    if link.received_power_dbm is None and link.preamplifier:
        yield (*path, "received_power_dbm"), "nothing", "a number, since the link has a preamplifier"
    if module is not None:
        yield from _check_mode(path, link, module, catalog)


def _check_amplifier_kind(path: KeyPath, name: str, catalog: Catalog) -> Iterator[Finding]:
    """Check that pumps stand where pumps stand, and nothing else does."""
    is_wanted = path[-1] == "raman_amplifier"
    if (catalog.amplifiers[name].kind == "raman") != is_wanted:
        fitting = [part.id for part in catalog.amplifiers.values() if (part.kind == "raman") == is_wanted]
        words = "Raman amplifiers" if is_wanted else "amplifiers"
        yield path, f"{name!r}, of kind {catalog.amplifiers[name].kind}", _list_parts(words, fitting)


def _check_pumped_fibers(path: KeyPath, link: Link, fabric: Fabric, catalog: Catalog) -> Iterator[Finding]:
    """Check that the fibers of a Raman-pumped link have the figures that pumps need."""
    amplifier = catalog.amplifiers.get(link.raman_amplifier or "")
    for duct in fabric.duct:
        if amplifier is not None and duct.name in link.ducts and duct.fiber in catalog.fibers:
            lack = find_raman_lack(catalog.fibers[duct.fiber], amplifier)
            if lack is not None:
                found = f"{amplifier.id!r} on fiber {duct.fiber!r} of duct {duct.name!r}, which has no {lack}"
                yield (*path, "raman_amplifier"), found, "only fibers with effective area and attenuation at the pumps"
                return


def _check_passive(path: KeyPath, name: str, kinds: tuple[str, ...], catalog: Catalog) -> Iterator[Finding]:
    fitting = [part.id for part in catalog.passives.values() if part.kind in kinds]
    if name in fitting:
        return
    other = catalog.passives.get(name)
    found = f"{name!r}, of kind {other.kind}" if other else _name_part(name, "passives", catalog, fitting)
    yield path, found, _list_parts(f"passive parts of kind {' or '.join(kinds)}", fitting)


def _check_mode(path: KeyPath, link: Link, module: Module, catalog: Catalog) -> Iterator[Finding]:
    name = link.mode or module.modes[0]
    if name not in module.modes:
        if name in catalog.modes:
            found = f"{name!r}, a mode of other modules"
        else:
            found = _name_part(name, "modes", catalog, module.modes)
        yield (*path, "mode"), found, _list_parts(f"modes of module {link.module!r}", module.modes)
        return
    mode = catalog.modes[name]
    yield from _check_launch(path, link, mode)
    if mode.detection == "coherent":
        yield from _check_line(path, link, mode, catalog)
        yield from _check_comb(path, link, mode)
        yield from _check_lit(path, link)
        return
    for key in _COHERENT_KEYS:
        if (value := getattr(link, key)) is not None:
            yield (*path, key), f"{value!r} on a link of direct-detect lanes", "only on links of coherent modules"


def _check_launch(path: KeyPath, link: Link, mode: CoherentMode | DirectMode) -> Iterator[Finding]:
    """Check that a module can launch what is asked of it, as far as its mode's range is known."""
    level_dbm, low_dbm, high_dbm = link.launch_power_dbm, mode.launch_power_min_dbm, mode.launch_power_max_dbm
    if level_dbm is None:
        return
    below = low_dbm is not None and level_dbm < low_dbm
    above = high_dbm is not None and level_dbm > high_dbm
    if below or above:
        low, high = ("unknown" if bound is None else f"{bound:g}" for bound in (low_dbm, high_dbm))
        yield (*path, "launch_power_dbm"), f"{level_dbm:g}", f"from {low} to {high} dBm, of mode {mode.id!r}"


def _check_line(path: KeyPath, link: Link, mode: CoherentMode, catalog: Catalog) -> Iterator[Finding]:
    """Check that the line system is one that the mode can be on."""
    if not mode.amplified:
        for key in _AMPLIFIER_KEYS:
            if (part := getattr(link, key)) is not None:
                yield (*path, key), f"{part!r} on a link of mode {mode.id!r}", "none: the mode is for unamplified lines"
    if link.channels > 1 and link.mux is None:
        yield (*path, "mux"), "nothing", f"a mux, since {link.channels} channels share one fiber pair"
    spacing_ghz = link.channel_spacing_ghz or mode.channel_spacing_min_ghz
    for key in ("mux", "demux"):
        part = catalog.passives.get(getattr(link, key) or "")
        least_ghz = part.channel_spacing_ghz if part is not None else None
        # Decimal fractions are not exact in binary; a kilohertz is no difference of grids.
        if link.channels > 1 and least_ghz is not None and spacing_ghz < least_ghz - 1e-6:
            found = f"{getattr(link, key)!r}, whose ports are {least_ghz:g} GHz apart"
            yield (*path, key), found, f"ports at most {spacing_ghz:g} GHz apart, as the channels are"
        if part is not None and part.kind == "mux_demux" and link.channels > (part.ports_count or link.channels):
            found = f"{getattr(link, key)!r}, which has {part.ports_count} ports"
            yield (*path, key), found, f"a port for each of {link.channels} channels"
    demux = catalog.passives.get(link.demux or "")
    if link.preamplifier is not None and demux is not None and demux.kind == "roadm_drop":
        yield (*path, "preamplifier"), f"{link.preamplifier!r}", "none before a ROADM's drop, which has its own"
    mux = catalog.passives.get(link.mux) if link.mux is not None else None
    if link.demux is None and mux is not None and mux.kind == "roadm_add":
        yield (*path, "demux"), "nothing", "a part of kind roadm_drop or mux_demux, since the mux is a ROADM's add side"


def _check_comb(path: KeyPath, link: Link, mode: CoherentMode) -> Iterator[Finding]:
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
        slack_thz = slack_ghz * 1e-3
        if not low_thz - slack_thz <= link.first_channel_thz <= high_thz + slack_thz:
            allowed = f"from {low_thz:g} to {high_thz:g}, so that {link.channels} channels stay in the mode's band"
            yield (*path, "first_channel_thz"), f"{link.first_channel_thz}", allowed


def _check_lit(path: KeyPath, link: Link) -> Iterator[Finding]:
    """Check that the lit channels are channels of the link, each named once."""
    lit = link.lit_channels
    if lit is not None and (list(lit) != sorted(set(lit)) or lit[-1] >= link.channels):
        allowed = f"rising indices from 0 to {link.channels - 1}, one for each channel that is lit"
        yield (*path, "lit_channels"), repr(list(lit)), allowed


def _name_part(name: str, family: str, catalog: Catalog, choices: Collection[str] | None = None) -> str:
    """Write an id that is not among those allowed: what it is instead, or what it was perhaps meant to be."""
    for other, words in _FAMILY_WORDS.items():
        if other != family and name in getattr(catalog, other):
            return f"{name!r}, which is {words}"
    return repr(name) + suggest(name, getattr(catalog, family) if choices is None else choices)


def _list_parts(kind: str, choices: Collection[str]) -> str:
    if len(choices) > MAX_LISTED_COUNT:
        return f"one of the {len(choices)} {kind} of the catalog; `lightlane catalog list` shows them"
    return f"{kind} {', '.join(choices)}" if choices else f"none, for there are no {kind}"

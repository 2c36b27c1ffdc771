"""What events do to links: their amplifiers, modules and channels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lightlane.catalog.load import Catalog
from lightlane.errors import ParameterError
from lightlane.fabric.catalog_check import catalog_problems
from lightlane.fabric.composition import list_amplifier_sites
from lightlane.fabric.topology import Fabric, Link
from lightlane.files import suggest
from lightlane.scenario import events as kinds
from lightlane.scenario.draft import PlantDraft
from lightlane.scenario.refusal import Refusal, look_up
from lightlane.units import DAYS_PER_YEAR


def refuse_unknown_link(draft: PlantDraft, name: str) -> Link:
    """Return the record of a link; raise Refusal if there is none."""
    found: Link = look_up(draft.links, name, ("link",), "the name of a link")
    return found


def _fail(draft: PlantDraft, event: kinds.AmplifierFailure, _: float, __: Catalog) -> None:
    failed = draft.link(event.link).failed_amplifiers
    new = _amplifier_keys(draft, event)
    draft.change_link(event.link, failed_amplifiers=tuple(dict.fromkeys((*failed, *new))))


def _replace(draft: PlantDraft, event: kinds.AmplifierRepair, _: float, __: Catalog) -> None:
    mended = _amplifier_keys(draft, event)
    failed = draft.link(event.link).failed_amplifiers
    if not set(mended) & set(failed):
        raise Refusal(("link",), f"{event.link!r}, where no such amplifier has failed", "one that failed before")
    draft.change_link(event.link, failed_amplifiers=tuple(item for item in failed if item not in mended))


def _amplifier_keys(draft: PlantDraft, event: kinds.AmplifierFailure | kinds.AmplifierRepair) -> list[str]:
    sites = _amplifier_sites(draft, event.link, event.site)
    directions = (event.direction,) if event.direction else ("a_to_b", "b_to_a")
    return [f"{direction}:{site}" for site in sites for direction in directions]


def _amplifier_sites(draft: PlantDraft, link: str, site: str | None) -> list[str]:
    """Return the sites that are meant, all with amplifiers of the link."""
    record = refuse_unknown_link(draft, link)
    sites = list_amplifier_sites(record, draft.ducts_of(link))
    if not sites:
        raise Refusal(("link",), f"{link!r}, a link without amplifiers", "a link with amplifiers")
    if site is None:
        return sites
    if site not in sites:
        raise Refusal(("site",), repr(site) + suggest(site, sites), f"where {link!r} is amplified: {', '.join(sites)}")
    return [site]


def _drift(draft: PlantDraft, event: kinds.AmplifierDrift, since_days: float, __: Catalog) -> None:
    share = 1.0 if since_days >= event.ramp_days else since_days / event.ramp_days
    more = {"noise_figure_db": share * event.noise_figure_db, "gain_db": share * event.gain_db}
    _change_amplifiers(draft, event, more)


def _weaken(draft: PlantDraft, event: kinds.PumpAgeing, since_days: float, __: Catalog) -> None:
    years = since_days / DAYS_PER_YEAR
    more = {
        "noise_figure_db": years * event.noise_figure_db_per_year,
        "pump_power_db": -years * event.pump_power_loss_db_per_year,
    }
    _change_amplifiers(draft, event, more)


def _change_amplifiers(
    draft: PlantDraft, event: kinds.AmplifierDrift | kinds.PumpAgeing, more: Mapping[str, float]
) -> None:
    for name in _amplified_links(draft, event.link):
        if event.site is not None:
            _amplifier_sites(draft, name, event.site)
        place = event.site or ""
        condition = draft.link(name)
        changes = {}
        for key, value in more.items():
            before: Mapping[str, float] = getattr(condition, key)
            if value:
                after = {**before, place: before.get(place, 0.0) + value}
                changes[key] = {site: more_db for site, more_db in after.items() if more_db}
        draft.change_link(name, **changes)


def _amplified_links(draft: PlantDraft, name: str) -> Iterable[str]:
    if name != kinds.ALL:
        _amplifier_sites(draft, name, None)
        return [name]
    return [item for item, record in draft.links.items() if list_amplifier_sites(record, draft.ducts_of(item))]


def _links(draft: PlantDraft, name: str) -> Iterable[str]:
    if name == kinds.ALL:
        return list(draft.links)
    refuse_unknown_link(draft, name)
    return [name]


def _dim(draft: PlantDraft, event: kinds.LaserAgeing, since_days: float, __: Catalog) -> None:
    loss_db = since_days / DAYS_PER_YEAR * event.launch_loss_db_per_year
    for name in _links(draft, event.link):
        draft.change_link(name, launch_loss_db=draft.link(name).launch_loss_db + loss_db)


def _dull(draft: PlantDraft, event: kinds.ModuleAgeing, since_days: float, __: Catalog) -> None:
    penalty_db = since_days / DAYS_PER_YEAR * event.receiver_penalty_db_per_year
    for name in _links(draft, event.link):
        draft.change_link(name, receiver_penalty_db=draft.link(name).receiver_penalty_db + penalty_db)


def _storm(draft: PlantDraft, event: kinds.SopStorm, _: float, __: Catalog) -> None:
    if event.links == (kinds.ALL,):
        names: Iterable[str] = list(draft.links)
    else:
        names = event.links
        for index, name in enumerate(event.links):
            look_up(draft.links, name, ("links", index), "the name of a link")
    for name in names:
        draft.change_link(name, sop_rate_krad_per_s=event.sop_rate_krad_per_s)


def _light(draft: PlantDraft, event: kinds.ChannelsAdd, _: float, catalog: Catalog) -> None:
    record = refuse_unknown_link(draft, event.link)
    if event.channels_count is not None:
        _refuse_line(record, catalog, coherent=True)
        changed = record.model_copy(update={"channels": record.channels + event.channels_count})
    else:
        _refuse_line(record, catalog, coherent=False)
        lit = set(range(record.channels) if record.lit_channels is None else record.lit_channels)
        for index, channel in enumerate(event.channels or ()):
            if channel in lit or channel >= record.channels:
                dark = sorted(set(range(record.channels)) - lit)
                raise Refusal(("channels", index), str(channel), f"channels that are dark then: {_list(dark)}")
            lit.add(channel)
        changed = _with_lit(record, lit)
    draft.links[event.link] = changed
    _refuse_misfits(draft, event.link, catalog, ("channels_count" if event.channels_count else "channels",))


def _darken(draft: PlantDraft, event: kinds.ChannelsDrop, _: float, catalog: Catalog) -> None:
    record = refuse_unknown_link(draft, event.link)
    if event.channels_count is not None:
        _refuse_line(record, catalog, coherent=True)
        left = record.channels - event.channels_count
        if left < 1:
            raise Refusal(("channels_count",), str(event.channels_count), f"fewer than the {record.channels} there are")
        draft.links[event.link] = record.model_copy(update={"channels": left})
        return
    _refuse_line(record, catalog, coherent=False)
    lit = set(range(record.channels) if record.lit_channels is None else record.lit_channels)
    for index, channel in enumerate(event.channels or ()):
        if channel not in lit:
            raise Refusal(("channels", index), str(channel), f"channels that are lit then: {_list(sorted(lit))}")
        lit.remove(channel)
    if not lit:
        raise Refusal(("channels",), "all that are lit", "channels that leave one lit; `maintenance` takes a link out")
    draft.links[event.link] = _with_lit(record, lit)


def _refuse_line(record: Link, catalog: Catalog, *, coherent: bool) -> None:
    """Refuse a number of channels on a coherent line, and indices of channels on gray links."""
    mode = catalog.get_mode(record.mode or catalog.get_module(record.module).modes[0])
    if (mode.detection == "coherent") == coherent:
        key = "channels_count" if coherent else "channels"
        other = "channels, the indices of wavelengths" if coherent else "channels_count"
        raise Refusal((key,), f"{key} on {record.name!r}, a {mode.detection} link", other)


def _with_lit(record: Link, lit: set[int]) -> Link:
    whole = len(lit) == record.channels
    return record.model_copy(update={"lit_channels": None if whole else tuple(sorted(lit))})


def _list(channels: list[int]) -> str:
    return ", ".join(map(str, channels)) or "none"


def _swap(draft: PlantDraft, event: kinds.ModuleSwap, _: float, catalog: Catalog) -> None:
    record = refuse_unknown_link(draft, event.link)
    changes: dict[str, Any] = {"module": event.module, "mode": event.mode, "lit_channels": record.lit_channels}
    for key in ("channels", "channel_spacing_ghz", "mux", "launch_power_dbm"):
        value = getattr(event, key)
        if value is not None:
            changes[key] = value
    if event.channels is not None and event.channels != record.channels:
        changes["lit_channels"] = None
    draft.links[event.link] = record.model_copy(update=changes)
    _refuse_misfits(draft, event.link, catalog, ("module",))


def _refuse_misfits(draft: PlantDraft, link: str, catalog: Catalog, path: tuple[str, ...]) -> None:
    """Refuse what the catalog says of a link that an event has changed."""
    record = draft.links[link]
    alone = Fabric(format=1, duct=tuple(dict.fromkeys(draft.ducts_of(link))), link=(record,))
    try:
        found = catalog_problems(alone, catalog)
    except ParameterError as error:
        raise Refusal(path, f"a change of {link!r}: {error}", "parts that fit each other") from None
    for where, text, allowed in found:
        key = where[2] if len(where) > 2 else path[0]
        raise Refusal((key,) if key in ("module", "mode") else path, f"{key} of {link!r}: {text}", allowed)


LINK_EFFECTS: dict[type[Any], Callable[[PlantDraft, Any, float, Catalog], None]] = {
    kinds.AmplifierFailure: _fail,
    kinds.AmplifierRepair: _replace,
    kinds.AmplifierDrift: _drift,
    kinds.PumpAgeing: _weaken,
    kinds.LaserAgeing: _dim,
    kinds.ModuleAgeing: _dull,
    kinds.SopStorm: _storm,
    kinds.ChannelsAdd: _light,
    kinds.ChannelsDrop: _darken,
    kinds.ModuleSwap: _swap,
}

"""What events do to a fabric: each kind of event laid on a draft, as it stands at an instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lightlane.catalog.load import Catalog
from lightlane.elements import CLEAN, Dirt
from lightlane.fabric.catalog_check import catalog_problems
from lightlane.fabric.composition import list_amplifier_sites
from lightlane.fabric.topology import Duct, Fabric, Site, reference_problems
from lightlane.files import suggest
from lightlane.scenario import events as kinds
from lightlane.scenario.draft import PlantDraft
from lightlane.scenario.link_effects import LINK_EFFECTS, refuse_unknown_link
from lightlane.scenario.refusal import Refusal, look_up
from lightlane.units import DAYS_PER_YEAR


def apply_event(draft: PlantDraft, event: Any, now_days: float, catalog: Catalog) -> None:
    """Lay an event that has begun on a draft.

    Raises
    ------
    Refusal
        If the event names what the fabric, as it is then, does not have or cannot take.
    """
    effect = LINK_EFFECTS.get(type(event)) or _EFFECTS[type(event)]
    effect(draft, event, now_days - event.start_days, catalog)


def _cut(draft: PlantDraft, event: kinds.FiberCut, _: float, __: Catalog) -> None:
    _duct(draft, event.duct, ("duct",))
    _take_out(draft, event.duct, f"fiber cut of {event.duct}")


def _mend(draft: PlantDraft, event: kinds.FiberRepair, _: float, __: Catalog) -> None:
    record = _duct(draft, event.duct, ("duct",))
    reason = f"fiber cut of {event.duct}"
    down = draft.duct(event.duct).out_of_service
    if reason not in down:
        raise Refusal(("duct",), f"{event.duct!r}, which is not cut then", "a duct that was cut before")
    draft.change_duct(event.duct, out_of_service=tuple(item for item in down if item != reason))
    if event.splice_count:
        draft.ducts[event.duct] = record.model_copy(update={"splice_count": record.splice_count + event.splice_count})


def _maintain(draft: PlantDraft, event: kinds.Maintenance, _: float, __: Catalog) -> None:
    if event.duct is not None:
        _duct(draft, event.duct, ("duct",))
        _take_out(draft, event.duct, f"maintenance of {event.duct}")
    elif event.site is not None:
        _take_site_out(draft, event.site, f"maintenance of {event.site}")
    elif event.link is not None:
        refuse_unknown_link(draft, event.link)
        _take_link_out(draft, event.link, f"maintenance of {event.link}")


def _lose_site(draft: PlantDraft, event: kinds.SiteFailure, _: float, __: Catalog) -> None:
    _take_site_out(draft, event.site, f"failure of site {event.site}")


def _soil(draft: PlantDraft, event: kinds.ConnectorContamination, _: float, __: Catalog) -> None:
    end = _end(draft, event.duct, event.site)
    before = getattr(draft.duct(event.duct), end)
    reflects = [before.reflectance_db, *([] if event.reflectance_db is None else [event.reflectance_db])]
    # The worse of two reflections counts.
    known = [value for value in reflects if value == value]  # noqa: PLR0124 - NaN
    dirt = Dirt(before.loss_db + event.loss_db, max(known) if known else CLEAN.reflectance_db)
    draft.change_duct(event.duct, **{end: dirt})


def _clean(draft: PlantDraft, event: kinds.ConnectorCleaning, _: float, __: Catalog) -> None:
    draft.change_duct(event.duct, **{_end(draft, event.duct, event.site): CLEAN})


def _warm(draft: PlantDraft, event: kinds.TemperatureRamp, since_days: float, __: Catalog) -> None:
    share = _grown(since_days, event.ramp_days)
    if event.ducts == (kinds.ALL,):
        names: Iterable[str] = draft.ducts
    else:
        names = event.ducts
        for index, name in enumerate(event.ducts):
            _duct(draft, name, ("ducts", index))
    for name in list(names):
        before_c = draft.duct(name).temperature_c
        draft.change_duct(name, temperature_c=before_c + share * (event.temperature_c - before_c))


def _grow(draft: PlantDraft, event: kinds.DemandGrowth, since_days: float, __: Catalog) -> None:
    factor = (1 + event.growth_percent_per_year / 100) ** (since_days / DAYS_PER_YEAR)
    wanted = {"service": event.service, "from_site": event.from_site, "to_site": event.to_site}
    asked = {name: value for name, value in wanted.items() if value is not None}
    found = [i for i, d in enumerate(draft.demands) if all(getattr(d, k) == v for k, v in asked.items())]
    if not found:
        words = ", ".join(f"{name} {value!r}" for name, value in asked.items()) or "any demand"
        raise Refusal((next(iter(asked), "kind"),), words, "what demands of the fabric have")
    for index in found if factor != 1.0 else ():
        demand = draft.demands[index]
        draft.demands[index] = demand.model_copy(update={"rate_gbps": demand.rate_gbps * factor})


def _add_demand(draft: PlantDraft, event: kinds.DemandAdd, _: float, __: Catalog) -> None:
    for key, name in (("from", event.demand.from_site), ("to", event.demand.to_site)):
        _terminal(draft.sites, name, ("demand", key))
    if event.demand.from_site == event.demand.to_site:
        raise Refusal(("demand", "to"), f"{event.demand.to_site!r}, the same site as from", "another site")
    draft.demands.append(event.demand)


def _drop_demand(draft: PlantDraft, event: kinds.DemandDrop, _: float, __: Catalog) -> None:
    def same(index: int) -> bool:
        names = ("from_site", "to_site", "service", "rate_gbps")
        return all(getattr(draft.demands[index], name) == getattr(event.demand, name) for name in names)

    found = [index for index in range(len(draft.demands)) if same(index)]
    if not found:
        ends = f"{event.demand.from_site!r} to {event.demand.to_site!r}"
        raise Refusal(("demand",), f"{event.demand.rate_gbps:g} Gb/s from {ends}", "a demand that the fabric has then")
    del draft.demands[found[-1]]


def _found_site(draft: PlantDraft, event: kinds.NewSite, _: float, catalog: Catalog) -> None:
    groups: tuple[tuple[str, dict[str, Any], tuple[Any, ...]], ...] = (
        ("site", draft.sites, (event.site,)),
        ("duct", draft.ducts, event.duct),
        ("link", draft.links, event.link),
    )
    for key, present, added in groups:
        for index, record in enumerate(added):
            if record.name in present:
                path = (key, "name") if key == "site" else (key, index, "name")
                raise Refusal(path, f"{record.name!r} again", f"a name that no other {key} has")
            present[record.name] = record
    _refuse_loose_ends(draft, event, catalog)
    draft.demands += event.demand


def _refuse_loose_ends(draft: PlantDraft, event: kinds.NewSite, catalog: Catalog) -> None:
    """Refuse names in a new site's records that stand for nothing, and parts that do not fit."""
    old_count = len(draft.ducts) - len(event.duct)
    all_ducts, sites = tuple(draft.ducts.values()), tuple(draft.sites.values())
    named = Fabric(format=1, site=sites, duct=all_ducts, link=event.link, demand=event.demand)
    for path, found, allowed in reference_problems(named):
        raise Refusal(_shift(path, old_count), found, allowed)
    used = tuple(dict.fromkeys((*event.duct, *(draft.ducts[name] for link in event.link for name in link.ducts))))
    for path, found, allowed in catalog_problems(Fabric(format=1, duct=used, link=event.link), catalog):
        raise Refusal(path, found, allowed)


def _shift(path: tuple[str | int, ...], old_count: int) -> tuple[str | int, ...]:
    """Return the path of a duct in the event, whose ducts stand behind those of the fabric."""
    if path[0] == "duct" and isinstance(path[1], int):
        return ("duct", path[1] - old_count, *path[2:])
    return path


def _take_out(draft: PlantDraft, duct: str, reason: str) -> None:
    down = draft.duct(duct).out_of_service
    if reason not in down:
        draft.change_duct(duct, out_of_service=(*down, reason))


def _take_link_out(draft: PlantDraft, link: str, reason: str) -> None:
    down = draft.link(link).out_of_service
    if reason not in down:
        draft.change_link(link, out_of_service=(*down, reason))


def _take_site_out(draft: PlantDraft, site: str, reason: str) -> None:
    look_up(draft.sites, site, ("site",), "the name of a site")
    draft.sites_down[site] = tuple(dict.fromkeys((*draft.sites_down.get(site, ()), reason)))
    for name, record in list(draft.links.items()):
        if site in (record.a, record.b) or site in list_amplifier_sites(record, draft.ducts_of(name)):
            _take_link_out(draft, name, reason)


def _duct(draft: PlantDraft, name: str, path: tuple[str | int, ...]) -> Duct:
    found: Duct = look_up(draft.ducts, name, path, "the name of a duct")
    return found


def _end(draft: PlantDraft, duct: str, site: str) -> str:
    record = _duct(draft, duct, ("duct",))
    if site not in (record.a, record.b):
        raise Refusal(("site",), repr(site), f"an end of {duct!r}: {record.a!r} or {record.b!r}")
    return "dirt_a" if site == record.a else "dirt_b"


def _terminal(sites: Mapping[str, Site], name: str, path: tuple[str | int, ...]) -> None:
    if name not in sites:
        raise Refusal(path, repr(name) + suggest(name, sites), "the name of a site")
    if sites[name].role == "hut":
        raise Refusal(path, f"{name!r}, a hut", "a site with role core or edge")


def _grown(since_days: float, ramp_days: float) -> float:
    return 1.0 if since_days >= ramp_days else since_days / ramp_days


_EFFECTS: dict[type[Any], Callable[[PlantDraft, Any, float, Catalog], None]] = {
    kinds.FiberCut: _cut,
    kinds.FiberRepair: _mend,
    kinds.Maintenance: _maintain,
    kinds.SiteFailure: _lose_site,
    kinds.ConnectorContamination: _soil,
    kinds.ConnectorCleaning: _clean,
    kinds.TemperatureRamp: _warm,
    kinds.DemandGrowth: _grow,
    kinds.DemandAdd: _add_demand,
    kinds.DemandDrop: _drop_demand,
    kinds.NewSite: _found_site,
}

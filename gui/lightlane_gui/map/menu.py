"""What can be done to a thing on the map, as data: the window turns the chosen entry into an event of the scenario."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtWidgets import QMenu

from lightlane import Catalog, Link
from lightlane.toolkit import list_amplifier_sites
from lightlane_gui.session.picture import FabricPicture

DIRT_LOSS_DB = 1.0
"""Of a dirty connector, assumed: a start for the user, who can change the event."""

Verb = Literal["", "open", "explain"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu.

    Attributes
    ----------
    event
        The event that it stands for, as ``[[event]]`` has it, without its times; None: none.
    verb
        What else it does.
    children
        Of a submenu.
    """

    text: str
    tip: str
    event: dict[str, Any] | None = None
    verb: Verb = ""
    children: tuple[Entry, ...] = ()


def fill_menu(menu: QMenu, entries: Sequence[Entry], choose: Callable[[Entry], object]) -> None:
    """Put entries into a menu, those with children as menus of their own."""
    for entry in entries:
        if entry.children:
            submenu = menu.addMenu(entry.text)
            submenu.setToolTipsVisible(True)
            fill_menu(submenu, entry.children, choose)
            continue
        action = menu.addAction(entry.text)
        action.setToolTip(entry.tip or entry.text)
        action.triggered.connect(lambda _checked=False, entry=entry: choose(entry))


def list_entries(picture: FabricPicture, catalog: Catalog, kind: str, name: str) -> list[Entry]:
    """Return the menu of a link, site or duct; empty for anything else."""
    if kind == "link":
        return _list_link(picture, catalog, name)
    if kind == "duct":
        dirty = Entry("Dirty connector", f"{DIRT_LOSS_DB:g} dB more loss", children=tuple(_list_dirt(picture, name)))
        return [*_list_duct(picture, name), dirty, _maintain("duct", name)]
    if kind == "site":
        return _list_site(picture, name)
    return []


def _list_link(picture: FabricPicture, catalog: Catalog, name: str) -> list[Entry]:
    fabric = picture.state.fabric
    record = next(link for link in fabric.link if link.name == name)
    cuts = tuple(entry for duct in record.ducts for entry in _list_duct(picture, duct))
    entries = [
        Entry("Open link", "Show its lanes, margin and path", verb="open"),
        Entry("Explain", "Show what its margin is made of", verb="explain"),
        *(
            cuts
            if len(record.ducts) == 1
            else [Entry("Cut or mend a duct", "All links over it are down", children=cuts)]
        ),
    ]
    ducts = {duct.name: duct for duct in fabric.duct}
    places = list_amplifier_sites(record, [ducts[duct] for duct in record.ducts])
    if places:
        every = Entry("All its amplifiers", "", {"kind": "amplifier_failure", "link": name})
        each = [Entry(f"At {site}", "", {"kind": "amplifier_failure", "link": name, "site": site}) for site in places]
        entries.append(Entry("Fail amplifier", "It loses its gain in both directions", children=(every, *each)))
    dirty = tuple(child for duct in record.ducts for child in _list_dirt(picture, duct))
    entries.append(Entry("Dirty connector", f"{DIRT_LOSS_DB:g} dB more loss at one end of a duct", children=dirty))
    swaps = _list_swaps(catalog, record)
    if swaps:
        entries.append(Entry("Swap modules", "At both ends", children=swaps))
    return [*entries, _maintain("link", name)]


def _list_duct(picture: FabricPicture, name: str) -> list[Entry]:
    if any(reason.startswith("fiber cut") for reason in picture.state.plant.duct(name).out_of_service):
        return [Entry(f"Mend {name}", "Two splices stay behind", {"kind": "fiber_repair", "duct": name})]
    return [Entry(f"Cut {name}", "All links over it are down", {"kind": "fiber_cut", "duct": name})]


def _list_dirt(picture: FabricPicture, name: str) -> list[Entry]:
    duct = next(item for item in picture.state.fabric.duct if item.name == name)
    return [
        Entry(
            f"{name} at {site}",
            f"{DIRT_LOSS_DB:g} dB more loss",
            {"kind": "connector_contamination", "duct": name, "site": site, "loss_db": DIRT_LOSS_DB},
        )
        for site in (duct.a, duct.b)
    ]


def _list_swaps(catalog: Catalog, record: Link) -> tuple[Entry, ...]:
    """Return the other modules that speak in the same way, coherent or direct, sorted by name."""
    present = catalog.modules[record.module]
    detection = catalog.modes[record.mode or present.modes[0]].detection
    others = [
        module
        for module in catalog.modules.values()
        if module.id != record.module and catalog.modes[module.modes[0]].detection == detection
    ]
    return tuple(
        Entry(module.name, module.id, {"kind": "module_swap", "link": record.name, "module": module.id})
        for module in sorted(others, key=lambda module: module.name)
    )


def _list_site(picture: FabricPicture, name: str) -> list[Entry]:
    return [
        Entry(
            "Fail site",
            "It loses power: links that end or are amplified there are down",
            {"kind": "site_failure", "site": name},
        ),
        _maintain("site", name),
    ]


def _maintain(kind: str, name: str) -> Entry:
    return Entry(f"Take {kind} out of service", "For maintenance", {"kind": "maintenance", kind: name})

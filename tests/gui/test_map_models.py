"""The map without a window: camera, clusters, geometry, classes of change, names, menus that make valid events."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import TypeAdapter

from lightlane import Duct, Fabric, Link, LiveScenario, Site
from lightlane.scenario.events import Event
from lightlane.toolkit import lay_out_map
from lightlane_gui.map.camera import MapCamera
from lightlane_gui.map.clusters import ClusterLevels
from lightlane_gui.map.geometry import SPACING_PX, MapGeometry, distance_px
from lightlane_gui.map.menu import Entry, list_entries
from lightlane_gui.map.overlays import route_of
from lightlane_gui.map.strokes import change_strokes, classify_changes, order_worst
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.theme import CLASS_KEYS, DARK

METRO = Path(__file__).parents[2] / "examples" / "02_metro_fabric" / "metro.toml"


def scatter(count: int, seed: int, *, huts: float = 0.2) -> Fabric:
    """Return sites at random, each linked to the next."""
    rng = np.random.default_rng(seed)
    roles = np.where(rng.random(count) < huts, "hut", np.where(rng.random(count) < 0.3, "core", "edge"))
    roles[:2] = "edge"
    sites = tuple(
        Site(name=f"s{k}", role=roles[k], longitude_deg=float(x), latitude_deg=float(y))
        for k, (x, y) in enumerate(rng.uniform((5, 45), (15, 55), (count, 2)))
    )
    ends = [site.name for site in sites if site.role != "hut"]
    pairs = list(pairwise(ends))
    ducts = tuple(Duct(name=f"d{k}", a=a, b=b, length_km=50, fiber="g652d") for k, (a, b) in enumerate(pairs))
    links = tuple(Link(name=f"l{k}", a=a, b=b, module="oif-400zr", ducts=(f"d{k}",)) for k, (a, b) in enumerate(pairs))
    return Fabric(format=1, site=sites, duct=ducts, link=links)


def test_zoom_keeps_the_point_under_the_pointer() -> None:
    camera = MapCamera()
    camera.fit((-100, -50, 300, 250), 900, 650)
    view = camera.viewport(900, 650)
    before = view.to_km(200, 500)
    camera.zoom_at(2.5, view, 200, 500)
    assert camera.viewport(900, 650).to_km(200, 500) == pytest.approx(before)
    assert camera.km_per_px == pytest.approx(view.km_per_px / 2.5)


def test_fit_shows_the_whole_box_with_room() -> None:
    camera = MapCamera()
    camera.fit((-100, -50, 300, 250), 900, 650)
    x, y = camera.viewport(900, 650).to_px(np.array([-100.0, 300.0]), np.array([-50.0, 250.0]))
    assert x.min() > 40
    assert x.max() < 860
    assert y.min() > 40
    assert y.max() < 610
    # North is up.
    assert y[1] < y[0]


def test_zoom_has_ends() -> None:
    camera = MapCamera()
    camera.fit((0, 0, 100, 100), 500, 500)
    fitted = camera.km_per_px
    for _ in range(100):
        camera.zoom_at(0.5, camera.viewport(500, 500), 250, 250)
    assert camera.km_per_px == pytest.approx(4 * fitted)
    for _ in range(100):
        camera.zoom_at(2.0, camera.viewport(500, 500), 250, 250)
    assert 0 < camera.km_per_px < 0.01


def test_dragging_moves_the_plane_with_the_hand() -> None:
    camera = MapCamera()
    camera.fit((0, 0, 100, 100), 500, 500)
    before = camera.viewport(500, 500).to_px(np.array([10.0]), np.array([20.0]))
    camera.pan_px(30, -7)
    after = camera.viewport(500, 500).to_px(np.array([10.0]), np.array([20.0]))
    assert after[0][0] - before[0][0] == pytest.approx(30)
    assert after[1][0] - before[1][0] == pytest.approx(-7)


@pytest.mark.parametrize("km_per_px", [0.05, 1.0, 3.0, 12.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_clusters_against_all_pairs(km_per_px: float, seed: int) -> None:
    layout = lay_out_map(scatter(150, seed))
    clusters = ClusterLevels(layout).at(km_per_px)
    x, y = layout.places.x_km, layout.places.y_km
    own = np.flatnonzero(clusters.center == np.arange(len(x)))
    # Whoever is joined is near; those that stand for themselves are not near each other. The reach is a step of scale
    # below 18 px, up to 1.8 times as far where sites are dense.
    assert (np.hypot(x - x[clusters.center], y - y[clusters.center]) < 18 * 1.8 * km_per_px).all()
    apart = np.hypot(x[own, None] - x[None, own], y[own, None] - y[None, own])
    np.fill_diagonal(apart, np.inf)
    assert apart.min() >= 18 / math.sqrt(2) * km_per_px
    counted = np.array([role != "hut" for role in layout.places.roles])
    assert clusters.site_count.sum() == counted.sum()
    ends = layout.stretch_sites
    inside = [clusters.center[a] == clusters.center[b] for a, b in ends]
    assert clusters.hidden_stretch.tolist() == inside


def test_core_site_stands_for_its_metro() -> None:
    sites = (
        Site(name="edge", role="edge", longitude_deg=8.0, latitude_deg=50.0),
        Site(name="hut", role="hut", longitude_deg=8.0005, latitude_deg=50.0),
        Site(name="core", role="core", longitude_deg=8.001, latitude_deg=50.0),
        Site(name="far", role="edge", longitude_deg=12.0, latitude_deg=50.0),
    )
    clusters = ClusterLevels(lay_out_map(Fabric(format=1, site=sites))).at(1.0)
    assert clusters.center.tolist() == [2, 2, 2, 3]
    assert clusters.site_count.tolist() == [0, 0, 2, 1]
    assert clusters.rings().tolist() == [2]


def test_distance_from_lines() -> None:
    lines = np.array([[0.0, 0, 10, 0], [0, 0, 0, 0], [3, 4, 3, 14]])
    # Beside the first, beyond its end, from a line without length, from the end of an upright one.
    assert distance_px(lines, 5, 3).tolist() == pytest.approx([3, math.hypot(5, 3), math.hypot(2, 1)])
    assert distance_px(lines, 13, 4).tolist() == pytest.approx([5, math.hypot(13, 4), 10])


def test_parallel_links_lie_side_by_side_in_either_sense() -> None:
    a = Site(name="a", role="core", longitude_deg=0.0, latitude_deg=50.0)
    b = Site(name="b", role="core", longitude_deg=5.0, latitude_deg=50.0)
    duct = Duct(name="d", a="a", b="b", length_km=300, fiber="g652d")
    links = tuple(
        Link(name=f"l{k}", a=ends[0], b=ends[1], module="oif-400zr", ducts=("d",))
        for k, ends in enumerate(("ab", "ba", "ab"))
    )
    geometry = MapGeometry(lay_out_map(Fabric(format=1, site=(a, b), duct=(duct,), link=links)))
    camera = MapCamera()
    camera.fit(geometry.layout.bounds_km(), 900, 650)
    lines = geometry.stretch_px(camera.viewport(900, 650))
    assert sorted(lines[:, 1]) == pytest.approx([325 - SPACING_PX, 325, 325 + SPACING_PX])
    assert lines[:, 1] == pytest.approx(lines[:, 3])


# --- classes


@dataclass
class Drawn:
    """What classes are counted from."""

    links: tuple[str, ...]
    margin_db: NDArray[np.float64]
    class_index: NDArray[np.uint8]

    @property
    def row_by_link(self) -> dict[str, int]:
        """Place of each link."""
        return {name: row for row, name in enumerate(self.links)}

    @property
    def is_dark(self) -> NDArray[np.bool_]:
        """Down without a margin."""
        return np.isnan(self.margin_db) & (self.class_index == CLASS_KEYS.index("down"))


def drawn(**margins_db: float | str) -> Any:
    """Return links with a margin, or a word for what they are without one."""
    values = [np.nan if isinstance(value, str) else value for value in margins_db.values()]
    keys = [value if isinstance(value, str) else ("good" if value >= 0 else "down") for value in margins_db.values()]
    classes = np.array([CLASS_KEYS.index(key) for key in keys], dtype=np.uint8)
    return Drawn(tuple(margins_db), np.array(values, dtype=float), classes)


def test_changes_are_classified_by_their_size() -> None:
    # In binary fractions, so that a limit is met exactly.
    shown = drawn(
        a=1.0, b=1.5, c=2.0, d=2.5, e=3.0, f="down", g="down", h=2.0, i="unknown", j=2.0, k=2.0625, l=2.125, m=1.875
    )
    before = drawn(a=2.0, b=2.0, c=2.0, d=2.0, e=2.0, f=2.0, g="down", h="down", i=2.0, k=2.0, l=2.0, m=2.0)
    keys = [stroke.key for stroke in change_strokes(DARK)]
    found = dict(zip(shown.links, (keys[index] for index in classify_changes(shown, before)), strict=True))
    assert found == {
        "a": "much-worse", "b": "worse", "c": "same", "d": "better", "e": "much-better", "f": "lost", "g": "same",
        "h": "much-better", "i": "new", "j": "new", "k": "same", "l": "better", "m": "worse",
    }  # fmt: skip


def test_worst_come_first() -> None:
    picture = drawn(a=3.0, b="unknown", c=0.5, d="down", e=-1.0, f=2.0)
    assert [picture.links[row] for row in order_worst(picture)] == ["d", "e", "c", "f", "a", "b"]


# --- menus


@cache
def live() -> LiveScenario:
    """Return the metro of the examples."""
    return LiveScenario.open(METRO)


def picture_of(events: tuple[Any, ...] = ()) -> FabricPicture:
    """Return a picture of the metro after events."""
    scenario = live().scenario.model_copy(update={"event": events})
    state = live().state(scenario)
    return FabricPicture(1, "baseline", 0.0, state, True, 0.0, lay_out_map(state.fabric))


def leaves(entries: list[Entry] | tuple[Entry, ...]) -> list[Entry]:
    """Return all entries that can be chosen."""
    return [leaf for entry in entries for leaf in (leaves(entry.children) if entry.children else [entry])]


def to_event(entry: Entry) -> Any:
    """Make the event that an entry stands for."""
    return TypeAdapter(Event).validate_python({**(entry.event or {}), "start_days": 0.0})


def test_every_entry_is_an_event_that_the_fabric_takes() -> None:
    picture, catalog = picture_of(), live().catalog
    fabric = picture.state.fabric
    named = [("site", site.name) for site in fabric.site]
    named += [("duct", duct.name) for duct in fabric.duct] + [("link", link.name) for link in fabric.link[:3]]
    kinds = set()
    for kind, name in named:
        for entry in leaves(list_entries(picture, catalog, kind, name)):
            assert entry.text
            if entry.event is None:
                assert entry.verb
                continue
            event = to_event(entry)
            kinds.add(event.kind)
            if event.kind != "module_swap":  # which may not fit the link: the scenario says so then
                live().state(live().scenario.model_copy(update={"event": (event,)}))
    assert kinds >= {"fiber_cut", "maintenance", "site_failure", "connector_contamination", "module_swap"}


def test_a_cut_can_be_mended() -> None:
    name = picture_of().state.fabric.duct[0].name
    (cut,) = [e for e in list_entries(picture_of(), live().catalog, "duct", name) if e.text == f"Cut {name}"]
    after = picture_of((to_event(cut),))
    texts = [entry.text for entry in list_entries(after, live().catalog, "duct", name)]
    assert f"Mend {name}" in texts
    assert f"Cut {name}" not in texts


def test_amplifiers_fail_where_they_stand() -> None:
    picture = picture_of()
    for record in picture.state.fabric.link:
        composed = next(link for link in picture.state.batch.links if link.name == record.name)
        entries = list_entries(picture, live().catalog, "link", record.name)
        offered = [entry for entry in leaves(entries) if (entry.event or {}).get("kind") == "amplifier_failure"]
        assert bool(offered) == bool(composed.amplifiers)
        for entry in offered:
            margins = picture_of((to_event(entry),))
            assert margins.class_index[margins.row_by_link[record.name]] == CLASS_KEYS.index("down")


def test_route_of_a_demand_that_is_led_around_a_cut() -> None:
    ring = LiveScenario.open(METRO.parents[1] / "09_years_of_a_metro" / "fabric.toml")
    cut = TypeAdapter(Event).validate_python({"kind": "fiber_cut", "duct": "avus", "start_days": 0.0})
    state = ring.state(ring.scenario.model_copy(update={"event": (cut,)}))
    picture = FabricPicture(1, "baseline", 0.0, state, True, 0.0)
    severed = {link.name for link in ring.fabric.link if "avus" in link.ducts}
    ends = {link.name: {link.a, link.b} for link in ring.fabric.link}
    moved = 0
    for number, demand in enumerate(ring.fabric.demand):
        links, rerouted = route_of(picture, str(number))
        moved += rerouted
        assert severed.isdisjoint(links)
        # A way from end to end: every site on it but the ends is met twice.
        met = Counter(site for name in links for site in ends[name])
        if links:
            assert {site for site, count in met.items() if count == 1} == {demand.from_site, demand.to_site}
    assert moved > 0
    assert route_of(replace(picture, routed=False), "0") == ([], False)
    assert route_of(picture, "x") == ([], False)


def test_nothing_has_no_menu() -> None:
    assert list_entries(picture_of(), live().catalog, "", "") == []

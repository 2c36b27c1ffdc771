"""Links composed in a condition: what each departure costs, and that nothing else changes."""

from __future__ import annotations

import gc
from collections.abc import Sequence

import pytest

from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import Part
from lightlane.elements import Dirt, Element
from lightlane.errors import ParameterError
from lightlane.fabric.composition import LinkComposer, list_amplifiers
from lightlane.fabric.condition import DuctCondition, LinkCondition, PlantState
from lightlane.fabric.topology import Duct, Fabric, Link, Site
from lightlane.lane.budget import evaluate_links
from lightlane.link import Link as ComposedLink

CATALOG = load_catalog()
LINE = dict.fromkeys(("booster", "inline_amplifier", "preamplifier"), "edfa-fixed-5.5")


def _site(name: str, longitude_deg: float) -> Site:
    return Site(name=name, role="core", latitude_deg=50.0, longitude_deg=longitude_deg)


def _fabric() -> Fabric:
    return Fabric(
        format=1,
        site=(_site("A", 8.0), _site("B", 8.5), _site("C", 9.0)),
        duct=(
            Duct(name="ab", a="A", b="B", length_km=60.0, fiber="g652d"),
            Duct(name="cb", a="C", b="B", length_km=70.0, fiber="g652d"),
            Duct(name="short", a="A", b="B", length_km=2.0, fiber="g652d"),
        ),
        link=(
            Link(
                name="line", a="A", b="C", module="openzrplus-400g-ha", ducts=("ab", "cb"),
                span_launch_power_dbm=0.0, received_power_dbm=-10.0, **LINE,
            ),
            Link(name="gray", a="A", b="B", module="400gbase-fr4", ducts=("short",), launch_power_dbm=0.0),
        ),
    )  # fmt: skip


def _margins(**conditions: dict) -> list[float]:
    links = LinkComposer(CATALOG).compose(PlantState(_fabric(), **conditions))
    return [result.margin_db for result in evaluate_links(links).link_results()]


def test_what_did_not_change_is_the_same_object() -> None:
    composer = LinkComposer(CATALOG)
    fabric = _fabric()
    first = composer.compose(PlantState(fabric))
    again = composer.compose(PlantState(fabric, ducts={"ab": DuctCondition(out_of_service=("cut",))}))
    assert all(one is other for one, other in zip(first, again, strict=True))
    third = composer.compose(PlantState(fabric, ducts={"ab": DuctCondition(connector_loss_db=0.5)}))
    assert third[0] is not first[0]
    assert third[1] is first[1]


def _states() -> dict[str, PlantState]:
    """Return states that differ from each other in one thing or in several."""
    fabric = _turned_fabric()

    def change(**keys: object) -> Fabric:
        line, gray, pumped = fabric.link
        links = (line.model_copy(update=keys), gray, pumped.model_copy(update=keys))
        return fabric.model_copy(update={"link": links})

    in_one_place, everywhere = LinkCondition(gain_db={"B": 0.5}), LinkCondition(noise_figure_db={"": 1.0})
    moved = fabric.duct[2].model_copy(update={"connector_count": 4})
    return {
        "plain": PlantState(fabric),
        "stronger": PlantState(change(launch_power_dbm=-1.5)),
        "more channels": PlantState(change(channels=3, mux="mux-100ghz")),
        "fewer lit": PlantState(change(channels=2, mux="mux-100ghz", lit_channels=(1,))),
        "higher spans": PlantState(change(span_launch_power_dbm=1.0)),
        "stronger through worse joints": PlantState(
            change(launch_power_dbm=-2.0), ducts={name: DuctCondition(connector_loss_db=0.3) for name in ("ab", "cb")}
        ),
        "drifts at one site": PlantState(change(launch_power_dbm=-1.0), links={"line": in_one_place}),
        "weaker, drifts there": PlantState(change(launch_power_dbm=-3.0), links={"line": in_one_place}),
        "noisy": PlantState(fabric, links={"line": everywhere}),
        "weaker and noisy": PlantState(change(launch_power_dbm=-3.0), links={"line": everywhere}),
        "old laser": PlantState(change(launch_power_dbm=-3.0), links={"line": LinkCondition(launch_loss_db=0.5)}),
        "joined": PlantState(fabric.model_copy(update={"duct": (*fabric.duct[:2], moved, *fabric.duct[3:])})),
    }


def test_links_are_what_they_are_alone_whatever_was_composed_before() -> None:
    states = _states()
    alone = {name: LinkComposer(CATALOG).compose(state) for name, state in states.items()}
    for before in states.values():
        for name, state in states.items():
            composer = LinkComposer(CATALOG)
            composer.compose(before)
            assert composer.compose(state) == alone[name], name


def test_a_link_whose_channels_alone_change_keeps_its_elements() -> None:
    states = _states()
    composer = LinkComposer(CATALOG)
    first = composer.compose(states["plain"])[0]
    second = composer.compose(states["stronger"])[0]
    assert (second.launch_power_dbm, second.a_to_b is first.a_to_b, second.b_to_a is first.b_to_a) == (-1.5, True, True)
    third = composer.compose(states["stronger through worse joints"])[0]
    assert third.a_to_b is not second.a_to_b


def test_ducts_are_looked_at_again_where_a_refused_state_has_touched_them() -> None:
    states = _states()
    plain, fabric = states["plain"], states["plain"].fabric
    line, *others = fabric.link
    # Its ducts are laid before the link is refused.
    misfit = fabric.model_copy(update={"link": (*others, line.model_copy(update={"channel_spacing_ghz": 1.0}))})
    worse = {duct.name: DuctCondition(connector_loss_db=0.4, temperature_c=50.0) for duct in fabric.duct}
    worse_state = PlantState(fabric, ducts=worse)
    alone = {name: LinkComposer(CATALOG).compose(state) for name, state in states.items()}
    for name, state in states.items():
        composer = LinkComposer(CATALOG)
        composer.compose(plain)
        with pytest.raises(ParameterError, match="channel_spacing_ghz"):
            composer.compose(PlantState(misfit, ducts=worse))
        assert composer.compose(state) == alone[name], name
        assert composer.compose(worse_state) == LinkComposer(CATALOG).compose(worse_state)


def test_links_that_take_another_way_over_ducts_that_stay_are_laid_anew() -> None:
    fabric = _turned_fabric()
    gray = fabric.link[1].model_copy(update={"ducts": ("ab",)})
    moved = PlantState(fabric.model_copy(update={"link": (fabric.link[0], gray, fabric.link[2])}))
    composer = LinkComposer(CATALOG)
    for state in (PlantState(fabric), moved, PlantState(fabric), moved):
        assert composer.compose(state) == LinkComposer(CATALOG).compose(state)
    again = composer.copy()
    for condition in CONDITIONS.values():
        state = PlantState(moved.fabric, **condition)
        assert again.compose(state) == LinkComposer(CATALOG).compose(state)
        assert composer.compose(moved) == LinkComposer(CATALOG).compose(moved)


def test_a_dirty_connector_costs_its_loss_in_both_directions() -> None:
    fabric = _fabric()
    for end in ("dirt_a", "dirt_b"):
        state = PlantState(fabric, ducts={"short": DuctCondition(**{end: Dirt(loss_db=1.3)})})
        clean, dirty = (
            evaluate_links([LinkComposer(CATALOG).compose(item)[1]]).columns for item in (PlantState(fabric), state)
        )
        assert dirty["received_power_dbm"] == pytest.approx(clean["received_power_dbm"] - 1.3, abs=1e-9)
        assert (dirty["margin_db"] < clean["margin_db"]).all()


def test_a_reflecting_connector_costs_more_than_its_loss() -> None:
    lossy = _margins(ducts={"short": DuctCondition(dirt_a=Dirt(1.0))})[1]
    pair = DuctCondition(dirt_a=Dirt(1.0, -26.0), dirt_b=Dirt(0.0, -26.0))
    assert _margins(ducts={"short": pair})[1] < lossy - 0.05


def test_ageing_costs_what_it_says() -> None:
    before = _margins()
    gray, line = _margins(
        links={"gray": LinkCondition(launch_loss_db=0.7), "line": LinkCondition(receiver_penalty_db=0.4)}
    )[::-1]
    assert line == pytest.approx(before[0] - 0.4, abs=1e-6)
    # Noise that grows with the light makes a decibel of light a little less than one of margin.
    assert before[1] - 0.7 <= gray < before[1] - 0.6
    assert _margins(links={"gray": LinkCondition(receiver_penalty_db=0.7)})[1] == pytest.approx(gray, abs=1e-9)


def test_a_noisier_amplifier_costs_osnr_at_its_place_alone() -> None:
    fabric = _fabric()
    links = [
        LinkComposer(CATALOG).compose(PlantState(fabric, links={"line": LinkCondition(noise_figure_db=offset)}))[0]
        for offset in ({}, {"B": 1.0}, {"": 1.0})
    ]
    noise = [10 ** (-0.1 * float(evaluate_links([link]).columns["osnr_db"][0])) for link in links]
    assert noise[0] < noise[1] < noise[2]
    # What does not grow is the transmitter's own noise.
    sent = 10 ** (-0.1 * links[0].mode.tx_osnr_db)
    assert noise[2] - sent == pytest.approx((noise[0] - sent) * 10**0.1, rel=1e-6)
    assert [label for _, label in list_amplifiers(links[0])] == [
        "booster at A", "amplifier at B", "preamplifier at C", "booster at C", "amplifier at B", "preamplifier at A",
    ]  # fmt: skip


def test_heat_moves_dispersion_and_latency() -> None:
    cold, warm = (
        evaluate_links(
            LinkComposer(CATALOG).compose(PlantState(_fabric(), ducts={"ab": DuctCondition(temperature_c=t)}))
        )
        for t in (20.0, 60.0)
    )
    dispersion = [batch.columns["chromatic_dispersion_ps_per_nm"][0] for batch in (cold, warm)]
    # 40 degrees move zero dispersion by 1 nm, at a slope of about 0.06 ps/(nm² km) over 60 km.
    assert dispersion[0] - dispersion[1] == pytest.approx(60 * 0.06, rel=0.2)
    latency_us = [batch.columns["latency_us"][0] for batch in (cold, warm)]
    assert latency_us[1] - latency_us[0] == pytest.approx(60 * 4.9 * 7.5e-6 * 40, rel=0.02)


def test_equal_states_have_equal_hashes_and_others_have_not() -> None:
    fabric = _fabric()
    plain = PlantState(fabric).sha256()
    assert PlantState(fabric, ducts={"ab": DuctCondition()}, links={"gray": LinkCondition()}).sha256() == plain
    assert PlantState(fabric, ducts={"ab": DuctCondition(dirt_a=Dirt(0.1))}).sha256() != plain
    assert PlantState(fabric, links={"gray": LinkCondition(out_of_service=("x",))}).sha256() != plain


def _turned_fabric() -> Fabric:
    """Return the fabric with Raman pumps, an odd number of connectors, and an end where dirt may sit on either side."""
    fabric = _fabric()
    line, gray = fabric.link
    ducts = (*fabric.duct[:1], fabric.duct[1].model_copy(update={"connector_count": 3}), *fabric.duct[2:])
    pumped = line.model_copy(update={"name": "pumped", "booster": None, "raman_amplifier": "raman-two-counter-pumps"})
    return fabric.model_copy(update={"duct": ducts, "link": (line, gray, pumped)})


CONDITIONS: dict[str, dict] = {
    "good": {},
    "hot": {"ducts": {"ab": DuctCondition(temperature_c=45.0), "short": DuctCondition(temperature_c=45.0)}},
    "worn": {"ducts": {name: DuctCondition(connector_loss_db=0.2) for name in ("ab", "cb", "short")}},
    "old": {"ducts": {"cb": DuctCondition(attenuation_db_per_km=0.01)}},
    "dirty": {"ducts": {"cb": DuctCondition(dirt_a=Dirt(0.5, -28.0)), "short": DuctCondition(dirt_b=Dirt(0.3))}},
    "dirty elsewhere": {"ducts": {"cb": DuctCondition(dirt_b=Dirt(0.5, -28.0))}},
    "aged": {
        "links": {
            name: LinkCondition(launch_loss_db=0.4, receiver_penalty_db=0.3, noise_figure_db={"": 0.5})
            for name in ("line", "gray", "pumped")
        }
    },
    "drifted": {
        "links": {
            "line": LinkCondition(noise_figure_db={"": 0.2, "B": 0.4}, gain_db={"C": -0.5}),
            "pumped": LinkCondition(gain_db={"": 0.3}, pump_power_db={"": -0.5}),
        }
    },
}


def _print_columns(links: Sequence[ComposedLink]) -> dict[str, bytes]:
    columns = evaluate_links(links).columns
    return {name: columns[name].tobytes() if columns[name].dtype != object else repr(columns[name].tolist()).encode()
            for name in columns}  # fmt: skip


def test_a_state_is_composed_the_same_whatever_was_composed_before() -> None:
    fabric = _turned_fabric()
    alone = {
        name: LinkComposer(CATALOG).compose(PlantState(fabric, **condition)) for name, condition in CONDITIONS.items()
    }
    columns = {name: _print_columns(links) for name, links in alone.items()}
    assert len({repr(item) for item in columns.values()}) == len(columns)
    composer = LinkComposer(CATALOG)
    for before, earlier in CONDITIONS.items():
        for name, condition in CONDITIONS.items():
            composer.compose(PlantState(fabric, **earlier))
            links = composer.compose(PlantState(fabric, **condition))
            labels = [[item.label for item in (*link.a_to_b, *link.b_to_a)] for link in links]
            assert labels == [[item.label for item in (*link.a_to_b, *link.b_to_a)] for link in alone[name]]
            if before in ("dirty", "aged"):
                assert _print_columns(links) == columns[name], (before, name)


def test_elements_that_a_condition_leaves_alone_stay_the_same_objects() -> None:
    fabric, composer = _turned_fabric(), LinkComposer(CATALOG)
    first = {item.label: item for item in composer.compose(PlantState(fabric))[0].a_to_b}
    hot = composer.compose(PlantState(fabric, ducts={"ab": DuctCondition(temperature_c=30.0)}))[0].a_to_b
    assert [item.label for item in hot if item is not first[item.label]] == ["ab (60 km)"]
    worn = composer.compose(PlantState(fabric, ducts={"cb": DuctCondition(connector_loss_db=0.1)}))[0].a_to_b
    again = [item.label for item in worn if item is not first[item.label]]
    assert again == ["ab (60 km)", "2 connectors of cb", "1 connector of cb"]
    assert all(one.part is other.part for one, other in zip(worn[:3], first.values(), strict=False))


def test_a_slider_leaves_nothing_behind() -> None:
    fabric, composer = _turned_fabric(), LinkComposer(CATALOG)

    def turn(step: int) -> int:
        age = LinkCondition(noise_figure_db={"": 0.001 * step}, receiver_penalty_db=0.001 * step)
        ducts = {
            duct.name: DuctCondition(temperature_c=0.1 * step, connector_loss_db=0.01 * step) for duct in fabric.duct
        }
        composer.compose(PlantState(fabric, ducts, {link.name: age for link in fabric.link}))
        gc.collect()
        return sum(isinstance(item, Element | Part) for item in gc.get_objects())

    counts = [turn(step) for step in range(1, 6)]
    assert counts[-1] == counts[1]

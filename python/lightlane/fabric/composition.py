"""From records of a fabric, and the condition it is in, to composed links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lightlane.catalog.load import Catalog
from lightlane.catalog.parts import Amplifier, CoherentMode, Passive
from lightlane.elements import Element, FiberRun
from lightlane.fabric.condition import (
    GOOD_LINK,
    REFERENCE_TEMPERATURE_C,
    DuctCondition,
    LinkCondition,
    PlantState,
)
from lightlane.fabric.topology import Duct, Fabric, list_places
from lightlane.fabric.topology import Link as LinkRecord
from lightlane.fabric.worn_parts import WornParts
from lightlane.lane.lowering import DIRECTIONS
from lightlane.link import LineSystem, Link, compose_link

ZERO_DISPERSION_NM_PER_C = 0.025
"""What a degree adds to the zero-dispersion wavelength of single-mode fiber: 0.025 to 0.03 (recalled: Hatton and
Nishimura, J. Lightwave Technol. 4, 1986, 1552)."""
DELAY_PPM_PER_C = 7.5
"""What a degree adds to the delay of fiber in its cable, about 37 ps/km (recalled; 7 to 8 is common)."""


def compose_links(fabric: Fabric, catalog: Catalog) -> list[Link]:
    """Compose the links of a fabric in its order, as their records say.

    Raises
    ------
    ParameterError
        If a link names a part that the catalog does not have, or its parts do not fit each other.
    """
    return LinkComposer(catalog).compose(PlantState(fabric))


@dataclass(slots=True)
class LinkComposer:
    """Composes the links of states that resemble each other: what did not change is the same object as before."""

    catalog: Catalog
    zero_dispersion_nm_per_c: float = ZERO_DISPERSION_NM_PER_C
    delay_ppm_per_c: float = DELAY_PPM_PER_C
    _worn: WornParts = field(init=False)
    _composed: dict[tuple[Any, ...], Link] = field(default_factory=dict)
    _last: tuple[PlantState, list[Link]] | None = None

    def __post_init__(self) -> None:
        self._worn = WornParts(self.zero_dispersion_nm_per_c, self.delay_ppm_per_c)

    def copy(self) -> LinkComposer:
        """Return a composer that shares the variants of parts and remembers links of its own."""
        out = LinkComposer(self.catalog, self.zero_dispersion_nm_per_c, self.delay_ppm_per_c)
        out._worn, out._composed = self._worn, dict(self._composed)
        return out

    def is_like(self, other: LinkComposer) -> bool:
        """Tell whether another composer makes the same links of the same states, of the very same parts."""
        return self.catalog is other.catalog and (self.zero_dispersion_nm_per_c, self.delay_ppm_per_c) == (
            other.zero_dispersion_nm_per_c,
            other.delay_ppm_per_c,
        )

    def compose(self, state: PlantState) -> list[Link]:
        """Compose the links of a state in the order of its fabric; errors as of :func:`compose_links`."""
        if self._last is not None and self._last[0] is state:
            return list(self._last[1])
        ducts = {duct.name: duct for duct in state.fabric.duct}
        composed: dict[tuple[Any, ...], Link] = {}
        out = []
        for record in state.fabric.link:
            condition = state.link(record.name)
            runs = [(ducts[name], state.duct(name)) for name in record.ducts]
            # That a link is out of service does not change what it is made of.
            key = (record, condition.key[2:], tuple((duct, _matter(item)) for duct, item in runs))
            link = self._composed.get(key)
            if link is None:
                link = self._compose(record, condition, runs)
            composed[key] = link
            out.append(link)
        self._composed, self._last = composed, (state, out)
        return list(out)

    def _compose(
        self, record: LinkRecord, condition: LinkCondition, ducts: Sequence[tuple[Duct, DuctCondition]]
    ) -> Link:
        catalog = self.catalog
        module = catalog.get_module(record.module)
        mode = catalog.get_mode(record.mode or module.modes[0])
        penalty_db = condition.receiver_penalty_db
        if isinstance(mode, CoherentMode):
            mode, penalty_db = self._worn.coherent_mode(mode, penalty_db), 0.0
        places = list_places(record, [duct for duct, _ in ducts])
        link = compose_link(
            name=record.name,
            module=module,
            mode=mode,
            fec=catalog.get_fec(mode.fec),
            runs=[self._fiber_run(*item, place) for item, place in zip(ducts, places, strict=False)],
            places=places,
            line=_line(record, catalog),
            channels=record.channels,
            launch_power_dbm=record.launch_power_dbm,
            first_channel_thz=record.first_channel_thz,
            channel_spacing_ghz=record.channel_spacing_ghz,
            lit_channels=record.lit_channels,
        )
        if condition.key == GOOD_LINK.key:
            return link
        return self._with_equipment(link, condition, penalty_db)

    def _fiber_run(self, duct: Duct, condition: DuctCondition, first_place: str) -> FiberRun:
        catalog, worn = self.catalog, self._worn
        dirt = (condition.dirt_a, condition.dirt_b)
        return FiberRun(
            label=duct.name,
            fiber=worn.fiber(catalog.get_fiber(duct.fiber), condition.temperature_c - REFERENCE_TEMPERATURE_C),
            length_km=duct.length_km,
            connector=worn.connector(catalog.get_passive(duct.connector), condition.connector_loss_db),
            splice=catalog.get_passive(duct.splice),
            connector_count=duct.connector_count,
            splice_count=duct.splice_count,
            attenuation_db_per_km=duct.attenuation_db_per_km,
            extra_loss_db=duct.extra_loss_db + condition.attenuation_db_per_km * duct.length_km,
            first_dirt=dirt[first_place != duct.a],
            last_dirt=dirt[first_place == duct.a],
        )

    def _with_equipment(self, link: Link, condition: LinkCondition, receiver_loss_db: float) -> Link:
        """Return a link whose amplifiers have drifted and whose modules have aged."""

        def age(elements: Iterable[Element]) -> tuple[Element, ...]:
            out = [self._drifted(element, condition) for element in elements]
            if condition.launch_loss_db:
                out.insert(0, _aged_module("laser ageing", condition.launch_loss_db))
            if receiver_loss_db:
                out.append(_aged_module("receiver ageing", receiver_loss_db))
            return tuple(out)

        return replace(link, a_to_b=age(link.a_to_b), b_to_a=age(link.b_to_a))

    def _drifted(self, element: Element, condition: LinkCondition) -> Element:
        if not isinstance(element.part, Amplifier) or element.kind != "amplifier":
            return element
        noise_figure_db, gain_db, pump_power_db = (
            _at_site(values, element.label)
            for values in (condition.noise_figure_db, condition.gain_db, condition.pump_power_db)
        )
        part = self._worn.amplifier(element.part, noise_figure_db, pump_power_db)
        return replace(element, part=part, target_power_dbm=element.target_power_dbm + gain_db)


def list_amplifier_sites(record: LinkRecord, ducts: Sequence[Duct]) -> list[str]:
    """Return the sites where a link has amplifiers, from a to b; Raman pumps stand at both ends of their duct."""
    places = list_places(record, ducts)
    ends = bool(record.booster or record.preamplifier or record.raman_amplifier)
    inside = bool(record.inline_amplifier or record.raman_amplifier)
    wanted = [ends, *[inside] * (len(places) - 2), ends]
    return [place for place, has_some in zip(places, wanted, strict=True) if has_some]


def list_amplifiers(link: Link) -> list[tuple[str, str]]:
    """Return (direction, label) of every amplifier of a link, in the order that light meets them."""
    ways = zip(DIRECTIONS, (link.a_to_b, link.b_to_a), strict=True)
    return [(direction, item.label) for direction, way in ways for item in way if item.kind == "amplifier"]


def _at_site(values: Mapping[str, float], label: str) -> float:
    """Return what an amplifier has more: what all of the link have, and what those of its site have."""
    place = label.rpartition(" at ")[2] if " at " in label else label.rpartition(" of ")[2]
    return values.get("", 0.0) + values.get(place, 0.0)


def _aged_module(label: str, loss_db: float) -> Element:
    return Element(kind="loss", label=label, part=_MODULE_AGEING, loss_db=loss_db)


_MODULE_AGEING = Passive(
    id="module-ageing",
    name="Ageing of a module",
    kind="connector",
    loss_db=0.0,
    source="Condition of the run",
    confidence="computed",
)


def _matter(condition: DuctCondition) -> tuple[Any, ...]:
    """Return what of a duct's condition a link is made of; numbers as texts, in which NaN is NaN."""
    dirt = (condition.dirt_a, condition.dirt_b)
    return (
        condition.temperature_c,
        condition.connector_loss_db,
        condition.attenuation_db_per_km,
        *((item.loss_db, repr(item.reflectance_db)) for item in dirt),
    )


def _line(record: LinkRecord, catalog: Catalog) -> LineSystem:
    def passive(part: str | None) -> Passive | None:
        return None if part is None else catalog.get_passive(part)

    def amplifier(part: str | None) -> Amplifier | None:
        return None if part is None else catalog.get_amplifier(part)

    return LineSystem(
        mux=passive(record.mux),
        demux=passive(record.demux),
        express=passive(record.express),
        booster=amplifier(record.booster),
        inline=amplifier(record.inline_amplifier),
        preamplifier=amplifier(record.preamplifier),
        raman=amplifier(record.raman_amplifier),
        span_launch_power_dbm=record.span_launch_power_dbm,
        received_power_dbm=record.received_power_dbm,
    )

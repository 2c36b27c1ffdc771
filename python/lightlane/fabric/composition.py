"""From records of a fabric, and the condition it is in, to composed links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from operator import attrgetter
from typing import Any

from lightlane.catalog.load import Catalog
from lightlane.catalog.parts import Amplifier, CoherentMode, Passive
from lightlane.elements import Element, ElementFigures
from lightlane.fabric.condition import GOOD_LINK, LinkCondition, PlantState
from lightlane.fabric.laid_duct import LaidDuct, LaidRun, StateParts
from lightlane.fabric.topology import Duct, Fabric, list_places
from lightlane.fabric.topology import Link as LinkRecord
from lightlane.fabric.worn_parts import WornParts
from lightlane.lane.lowering import DIRECTIONS
from lightlane.link import ChannelPlan, LineSystem, Link, LinkEquipment, LinkFrame, equip_link, frame_link

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


_Key = tuple[tuple[Any, ...], tuple[Any, ...], tuple[Any, ...]]
"""Of a record and a condition, what matters to all but the ducts: line, channels, wear."""


@dataclass(slots=True)
class _Composed:
    """A link and what it was made of."""

    record: LinkRecord
    key: _Key
    condition: LinkCondition
    frame: LinkFrame
    runs: list[LaidRun]
    """Of its ducts, whatever end the link enters them at."""
    link: Link

    def stay(self, record: LinkRecord, condition: LinkCondition) -> _Composed:
        """Go on as the link of a record and a condition that say the same as before."""
        # What is asked for next is most likely the new.
        self.record, self.condition = record, condition
        return self

    def follow(self, record: LinkRecord, key: _Key, condition: LinkCondition, making: _Making) -> _Composed | None:
        """Return the link where its ducts are as before and its channels are what changed at most; else None."""
        if not _is_same_line(self.key, key):
            return None
        if self.key[1] == key[1]:
            return self.stay(record, condition)
        if not condition.is_alike_everywhere:
            return None
        _, _, places, ways = self.frame
        frame = LinkFrame(record.name, making.equipment(record, condition, key), places, ways)
        return _Composed(record, key, condition, frame, self.runs, frame.take_over(self.link))


@dataclass(slots=True)
class LinkComposer:
    """Composes the links of states that resemble each other: what did not change is the same object as before.

    It remembers the last state alone, and so needs as much memory after a million states as after one.
    """

    catalog: Catalog
    zero_dispersion_nm_per_c: float = ZERO_DISPERSION_NM_PER_C
    delay_ppm_per_c: float = DELAY_PPM_PER_C
    _worn: WornParts = field(init=False)
    _ducts: dict[str, LaidDuct] = field(default_factory=dict)
    _composed: dict[str, _Composed] = field(default_factory=dict)
    _last: tuple[PlantState, list[Link]] | None = None
    _laid_in: PlantState | None = None
    """The state that all of the ducts are laid in."""

    def __post_init__(self) -> None:
        self._worn = WornParts(self.zero_dispersion_nm_per_c, self.delay_ppm_per_c)

    def copy(self) -> LinkComposer:
        """Return a composer that shares the variants of parts and remembers ducts and links of its own."""
        out = LinkComposer(self.catalog, self.zero_dispersion_nm_per_c, self.delay_ppm_per_c)
        out._worn, out._composed = self._worn, dict(self._composed)
        out._ducts = {name: duct.copy() for name, duct in self._ducts.items()}
        out._laid_in = self._laid_in
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
        making = _Making(self.catalog, self._worn, state, self._ducts, ducts_stay=self._has_ducts_of(state))
        if not making.ducts_stay:
            # Until all of them are laid in this state: a link may be refused before.
            self._laid_in = None
        composed = {record.name: self._compose(record, making) for record in state.fabric.link}
        links = [composed[record.name].link for record in state.fabric.link]
        # Ducts and links that the state does not have are forgotten.
        self._ducts, self._composed, self._last, self._laid_in = making.laid, composed, (state, links), state
        return list(links)

    def _has_ducts_of(self, state: PlantState) -> bool:
        """Tell whether the ducts lie as a state wants them."""
        laid_in = self._laid_in
        return laid_in is not None and laid_in.fabric.duct is state.fabric.duct and laid_in.ducts == state.ducts

    def _compose(self, record: LinkRecord, making: _Making) -> _Composed:
        condition = making.state.link(record.name)
        known = self._composed.get(record.name)
        if known is not None and known.record is record and known.condition is condition:
            key = known.key
        else:
            key = (_read_line(record), _read_channels(record), condition.wear)
        if known is not None and making.ducts_stay:
            stays = known.follow(record, key, condition, making)
            if stays is not None:
                return stays
        ducts = [making.laid.get(name) or making.lay(name) for name in record.ducts]
        laid = [duct.run for duct in ducts]
        if known is None or known.key != key:
            frame = making.frame(record, condition, key, known)
        elif known.runs == laid:
            return known.stay(record, condition)
        else:
            frame = known.frame
        # A link that drifts by site has elements that its frame has not.
        alike = condition.is_alike_everywhere
        if known is not None and alike and known.frame.ways is frame.ways and known.runs == laid:
            link = frame.take_over(known.link)
        else:
            link = frame.lay([duct.run_from(place) for duct, place in zip(ducts, frame.places, strict=False)])
        if not alike:
            link = _drift_by_site(link, making.worn, condition)
        return _Composed(record, key, condition, frame, laid, link)


class _Making:
    """What the links of one state share while they are composed."""

    def __init__(
        self, catalog: Catalog, worn: WornParts, state: PlantState, known: dict[str, LaidDuct], *, ducts_stay: bool
    ) -> None:
        self.catalog, self.worn, self.state, self.ducts_stay = catalog, worn, state, ducts_stay
        self.laid: dict[str, LaidDuct] = known if ducts_stay else {}
        self._known = known
        self._parts = StateParts(worn)
        self._equipment: dict[tuple[Any, ...], LinkEquipment] = {}

    @cached_property
    def ducts(self) -> dict[str, Duct]:
        """Records by name."""
        return {duct.name: duct for duct in self.state.fabric.duct}

    def lay(self, name: str) -> LaidDuct:
        """Lay a duct in its condition."""
        duct, condition = self.ducts[name], self.state.duct(name)
        laid = self._known.get(name)
        if laid is not None and (laid.duct is duct or laid.duct == duct):
            laid.change(condition, self._parts)
        else:
            laid = LaidDuct(duct, self.catalog, self._parts, condition)
        self.laid[name] = laid
        return laid

    def equipment(self, record: LinkRecord, condition: LinkCondition, key: _Key) -> LinkEquipment:
        """Return what a link is made of beside its fibers; ``key``: what that follows from."""
        line, channels, wear = key
        # The first fields of a line say where the link is.
        kind = (line[len(_PLACE_FIELDS) :], channels, wear)
        equipment = self._equipment.get(kind)
        if equipment is None:
            equipment = self._equipment[kind] = self._equip(record, condition)
        return equipment

    def frame(self, record: LinkRecord, condition: LinkCondition, key: _Key, known: _Composed | None) -> LinkFrame:
        """Compose all of a link but its ducts.

        Parameters
        ----------
        key
            What that follows from.
        known
            The link as it was: where only its channels are others, it keeps what stands beside the fibers.
        """
        equipment = self.equipment(record, condition, key)
        places = list_places(record, [self.ducts[name] for name in record.ducts])
        if known is not None and known.frame.places == places and _is_same_line(known.key, key):
            return known.frame._replace(equipment=equipment)
        frame = frame_link(record.name, equipment, places)
        # A coherent mode has the penalty of its receiver in its own figures.
        receiver_loss_db = 0.0 if isinstance(equipment.mode, CoherentMode) else condition.receiver_penalty_db
        if not (condition.launch_loss_db or receiver_loss_db):
            return frame
        first = _age_module("laser ageing", condition.launch_loss_db)
        last = _age_module("receiver ageing", receiver_loss_db)
        forward, backward = (way.between(first, last) for way in frame.ways)
        return frame._replace(ways=(forward, backward))

    def _equip(self, record: LinkRecord, condition: LinkCondition) -> LinkEquipment:
        module = self.catalog.get_module(record.module)
        mode = self.catalog.get_mode(record.mode or module.modes[0])
        if isinstance(mode, CoherentMode):
            mode = self.worn.coherent_mode(mode, condition.receiver_penalty_db)
        equipment = equip_link(
            name=record.name,
            module=module,
            mode=mode,
            fec=self.catalog.get_fec(mode.fec),
            line=_line(record, self.catalog),
            plan=ChannelPlan(
                channels=record.channels,
                launch_power_dbm=record.launch_power_dbm,
                first_channel_thz=record.first_channel_thz,
                channel_spacing_ghz=record.channel_spacing_ghz,
                lit_channels=record.lit_channels,
            ),
        )
        if not (condition.is_alike_everywhere and condition.wear != GOOD_LINK.wear):
            return equipment
        pattern = equipment.pattern.map(lambda element: _drifted(element, self.worn, condition))
        raman = equipment.raman
        if raman is not None:
            wear_db = (condition.noise_figure_db.get("", 0.0), condition.pump_power_db.get("", 0.0))
            raman = self.worn.amplifier(raman, *wear_db)
        return replace(equipment, pattern=pattern, raman=raman)


def _drift_by_site(link: Link, worn: WornParts, condition: LinkCondition) -> Link:
    """Return a link whose amplifiers have drifted, not all of them alike."""
    ways = [tuple(_drifted(element, worn, condition) for element in way) for way in (link.a_to_b, link.b_to_a)]
    return replace(link, a_to_b=ways[0], b_to_a=ways[1])


def _drifted(element: Element, worn: WornParts, condition: LinkCondition) -> Element:
    if element.kind != "amplifier" or not isinstance(element.part, Amplifier):
        return element
    noise_figure_db, gain_db, pump_power_db = (
        _at_site(values, element.label)
        for values in (condition.noise_figure_db, condition.gain_db, condition.pump_power_db)
    )
    part = worn.amplifier(element.part, noise_figure_db, pump_power_db)
    if not gain_db:
        return element if part is element.part else replace(element, part=part)
    return element.with_figures(part=part, target_power_dbm=element.target_power_dbm + gain_db)


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


def _age_module(label: str, loss_db: float) -> list[Element]:
    return [Element("loss", label, _module_ageing(), ElementFigures(loss_db=loss_db))] if loss_db else []


@cache
def _module_ageing() -> Passive:
    return Passive(
        id="module-ageing",
        name="Ageing of a module",
        kind="connector",
        loss_db=0.0,
        source="Condition of the run",
        confidence="computed",
    )


_PLACE_FIELDS = ("a", "ducts")
_read_line = attrgetter(
    *_PLACE_FIELDS, "module", "mode", "mux", "demux", "express", "booster", "inline_amplifier", "preamplifier",
    "raman_amplifier", "span_launch_power_dbm", "received_power_dbm",
)  # fmt: skip
_read_channels = attrgetter("channels", "launch_power_dbm", "first_channel_thz", "channel_spacing_ghz", "lit_channels")
"""What of its record the frame of a link follows from; but for its places, its equipment too."""


def _is_same_line(one: _Key, other: _Key) -> bool:
    """Tell whether two keys of a link differ in its channels at most."""
    return one[0] == other[0] and one[2] == other[2]


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

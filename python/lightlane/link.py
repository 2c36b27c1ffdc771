"""The link: two modules and, in each direction, the ordered elements that light passes between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple, Protocol

from lightlane.catalog.line_parts import find_raman_lack
from lightlane.catalog.parts import Amplifier, CoherentMode, DirectMode, Fec, Fiber, Module, Part
from lightlane.elements import NO_VALUE, Element
from lightlane.errors import ParameterError
from lightlane.line_system import LinePattern, LineSystem, LineWay, draw_pattern
from lightlane.quick_making import quick_maker
from lightlane.units import SPEED_OF_LIGHT_M_PER_S

__all__ = [
    "ChannelPlan", "LineSystem", "Link", "LinkEquipment", "LinkFrame", "Run", "compose_link", "equip_link",
    "fiber_latency_us", "frame_link", "part_kind",
]  # fmt: skip


class Run(Protocol):
    """The fiber of one duct with what joins it, as a link passes it: a :class:`~lightlane.elements.FiberRun`."""

    @property
    def fiber(self) -> Fiber:
        """Type of the fiber."""

    @property
    def length_km(self) -> float:
        """Length of the fiber."""

    def elements(self, *, backward: bool = False, raman: Amplifier | None = None) -> Sequence[Element]:
        """Return what light passes in one direction, with the pumps of an amplifier where one is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A composed link, ready for any lane model.

    Attributes
    ----------
    a_to_b, b_to_a
        The elements of each direction in the order that light meets them.
    frequencies_thz
        Channel centers (coherent; empty for direct detection).
    lit_channels
        Indices of the channels that carry light, rising; None: all of them. The line is set up for all.
    notes
        What whoever made the link has to say about it.
    """

    name: str
    module: Module
    mode: CoherentMode | DirectMode
    fec: Fec
    a_to_b: tuple[Element, ...]
    b_to_a: tuple[Element, ...]
    channels: int = 1
    frequencies_thz: tuple[float, ...] = ()
    lit_channels: tuple[int, ...] | None = None
    channel_spacing_ghz: float = NO_VALUE
    launch_power_dbm: float | None = None
    muxed: bool = False
    length_km: float = field(default=0.0)
    notes: tuple[str, ...] = ()

    @property
    def rate_gbps(self) -> float:
        """Net rate of all lit channels."""
        count = self.channels if self.lit_channels is None else len(self.lit_channels)
        return self.mode.net_rate_gbps * self.module.engines_count * count

    @property
    def amplifiers(self) -> list[Amplifier]:
        """Amplifiers of both directions."""
        return [item.part for item in (*self.a_to_b, *self.b_to_a) if isinstance(item.part, Amplifier)]

    @property
    def span_count(self) -> int:
        """Fibers between amplifiers; those that are patched through count as one."""
        kinds = groupby(item.kind for item in self.a_to_b if item.kind in ("fiber", "amplifier"))
        return sum(1 for kind, _ in kinds if kind == "fiber")

    def parts(self) -> dict[str, Part]:
        """Return every part that the link rests on, by ``kind id``."""
        # Elements share their parts, so that most of them are the same few objects.
        parts: dict[int, Part] = {id(part): part for part in (self.module, self.mode, self.fec)}
        parts |= {id(item.part): item.part for item in (*self.a_to_b, *self.b_to_a)}
        return {f"{part_kind(part)} {part.id}": part for part in parts.values()}


ComposedLink = Link
"""Its public name: there a link is the fabric's record of one."""
_new_link = quick_maker(Link)


def fiber_latency_us(length_km: float, fiber: Fiber) -> float:
    """Return the one-way latency of a length of fiber by its group index."""
    return length_km * fiber.group_index / SPEED_OF_LIGHT_M_PER_S * 1e9


def part_kind(part: Part) -> str:
    """Return the word for a part's kind: module, mode, fec, fiber, amplifier or passive."""
    return "mode" if isinstance(part, CoherentMode | DirectMode) else type(part).__name__.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEquipment:
    """What a link is made of beside its fibers and the places that it passes, checked; links of one kind share it.

    Attributes
    ----------
    pattern
        Elements of the line system.
    raman
        Pumps of every fiber.
    """

    module: Module
    mode: CoherentMode | DirectMode
    fec: Fec
    pattern: LinePattern
    raman: Amplifier | None
    muxed: bool
    channels: int
    frequencies_thz: tuple[float, ...]
    lit_channels: tuple[int, ...] | None
    channel_spacing_ghz: float
    launch_power_dbm: float | None


class LinkFrame(NamedTuple):
    """A link without its fibers: what stays where only the state of its ducts changes.

    Attributes
    ----------
    places
        What it passes from a to b.
    ways
        What stands beside the fibers from a to b, and from b to a.
    """

    name: str
    equipment: LinkEquipment
    places: Sequence[str]
    ways: tuple[LineWay, LineWay]

    def lay(self, runs: Sequence[Run]) -> Link:
        """Return the link over its fibers, from a to b.

        Raises
        ------
        ParameterError
            If a fiber has no figures for the Raman pumps.
        """
        raman = self.equipment.raman
        if raman is not None:
            _check_pumped_fibers(self.name, raman, runs)
        forward, backward = self.ways
        return self._link(
            forward.with_runs([run.elements(raman=raman) for run in runs]),
            backward.with_runs([run.elements(backward=True, raman=raman) for run in reversed(runs)]),
            sum([run.length_km for run in runs]),
        )

    def take_over(self, before: Link) -> Link:
        """Return the link with the elements of another that was laid over the same ways and fibers."""
        return self._link(before.a_to_b, before.b_to_a, before.length_km)

    def _link(self, a_to_b: tuple[Element, ...], b_to_a: tuple[Element, ...], length_km: float) -> Link:
        equipment = self.equipment
        return _new_link(
            name=self.name,
            module=equipment.module,
            mode=equipment.mode,
            fec=equipment.fec,
            a_to_b=a_to_b,
            b_to_a=b_to_a,
            channels=equipment.channels,
            frequencies_thz=equipment.frequencies_thz,
            lit_channels=equipment.lit_channels,
            channel_spacing_ghz=equipment.channel_spacing_ghz,
            launch_power_dbm=equipment.launch_power_dbm,
            muxed=equipment.muxed,
            length_km=length_km,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPlan:
    """What a link says about its channels; absent: as its mode says."""

    channels: int = 1
    launch_power_dbm: float | None = None
    first_channel_thz: float | None = None
    channel_spacing_ghz: float | None = None
    lit_channels: Sequence[int] | None = None


def compose_link(  # noqa: PLR0913 - keyword-only, one argument per field of the file
    *,
    name: str,
    module: Module,
    mode: CoherentMode | DirectMode,
    fec: Fec,
    runs: Sequence[Run],
    places: Sequence[str] = (),
    line: LineSystem | None = None,
    channels: int = 1,
    launch_power_dbm: float | None = None,
    first_channel_thz: float | None = None,
    channel_spacing_ghz: float | None = None,
    lit_channels: Sequence[int] | None = None,
) -> Link:
    """Compose a link from its parts.

    Parameters
    ----------
    runs
        Fibers from a to b, at least one.
    places
        Names of the sites passed, from a to b: one more than ``runs``; they only name elements.

    Raises
    ------
    ParameterError
        If the mode is not one of the module's or the FEC not the mode's, the comb does not fit the mode's band or its
        least spacing, an amplifier has no level to be set to, or a direct-detect mode is given amplifiers.
    """
    if not runs:
        raise ParameterError(f"link {name!r} has no fiber")
    if places and len(places) != len(runs) + 1:
        raise ParameterError(f"link {name!r} passes {len(places)} places; {len(runs)} fibers join {len(runs) + 1}")
    plan = ChannelPlan(
        channels=channels,
        launch_power_dbm=launch_power_dbm,
        first_channel_thz=first_channel_thz,
        channel_spacing_ghz=channel_spacing_ghz,
        lit_channels=lit_channels,
    )
    places = places or [f"site {index}" for index in range(len(runs) + 1)]
    line = LineSystem() if line is None else line
    equipment = equip_link(name=name, module=module, mode=mode, fec=fec, line=line, plan=plan)
    return frame_link(name, equipment, places).lay(runs)


def frame_link(name: str, equipment: LinkEquipment, places: Sequence[str]) -> LinkFrame:
    """Return a link without its fibers, which passes these places from a to b."""
    pattern = equipment.pattern
    return LinkFrame(name, equipment, places, (pattern.way(places), pattern.way(places[::-1])))


def equip_link(
    *,
    name: str,
    module: Module,
    mode: CoherentMode | DirectMode,
    fec: Fec,
    line: LineSystem,
    plan: ChannelPlan,
) -> LinkEquipment:
    """Check what a link is made of; parameters and errors as of :func:`compose_link`."""
    _check_parts(name, module, mode, fec)
    if plan.channels < 1:
        raise ParameterError(f"link {name!r}: channels is {plan.channels}; allowed: 1 or more")
    _check_line(name, mode, line, plan.channels)
    _check_raman(name, line)
    spacing_ghz = NO_VALUE
    frequencies: tuple[float, ...] = ()
    if isinstance(mode, CoherentMode):
        spacing_ghz, frequencies = _comb(name, mode, plan)
    return LinkEquipment(
        module=module,
        mode=mode,
        fec=fec,
        pattern=draw_pattern(line),
        raman=line.raman,
        muxed=line.mux is not None,
        channels=plan.channels,
        frequencies_thz=frequencies,
        lit_channels=_lit(name, mode, plan.channels, plan.lit_channels),
        channel_spacing_ghz=spacing_ghz,
        launch_power_dbm=plan.launch_power_dbm,
    )


def _check_parts(name: str, module: Module, mode: CoherentMode | DirectMode, fec: Fec) -> None:
    if mode.id not in module.modes:
        raise ParameterError(
            f"link {name!r}: module {module.id!r} has no mode {mode.id!r}; it has {', '.join(module.modes)}"
        )
    if fec.id != mode.fec:
        # The mode's required OSNR or sensitivity is stated at the threshold of its own FEC.
        raise ParameterError(f"link {name!r}: mode {mode.id!r} is specified with FEC {mode.fec!r}, not {fec.id!r}")


def _check_line(name: str, mode: CoherentMode | DirectMode, line: LineSystem, channels: int) -> None:
    amplifiers = [part for part in (line.booster, line.inline, line.preamplifier, line.raman) if part is not None]
    if isinstance(mode, DirectMode):
        if amplifiers or line.mux is not None or line.demux is not None:
            raise ParameterError(f"link {name!r}: direct-detect mode {mode.id!r} takes no mux and no amplifiers")
        return
    if (line.booster or line.inline) and line.span_launch_power_dbm is None:
        raise ParameterError(f"link {name!r}: a booster or in-line amplifier needs span_launch_power_dbm")
    if line.preamplifier and line.received_power_dbm is None:
        raise ParameterError(f"link {name!r}: a preamplifier needs received_power_dbm")
    if line.preamplifier and line.demux is not None and line.demux.kind == "roadm_drop":
        raise ParameterError(f"link {name!r}: a ROADM's drop has its own preamplifier; it takes none before it")
    if amplifiers and not mode.amplified:
        raise ParameterError(f"link {name!r}: mode {mode.id!r} is specified for lines without amplifiers")
    for part in (line.mux, line.demux):
        if part is not None and part.kind == "mux_demux" and channels > (part.ports_count or channels):
            raise ParameterError(f"link {name!r}: {part.id!r} has {part.ports_count} ports for {channels} channels")
    if channels > 1 and line.mux is None:
        raise ParameterError(f"link {name!r}: {channels} channels on one fiber pair need a mux")


def _check_raman(name: str, line: LineSystem) -> None:
    for part in (line.booster, line.inline, line.preamplifier):
        if part is not None and part.kind == "raman":
            raise ParameterError(f"link {name!r}: {part.id!r} is a Raman amplifier, which is pumps in a fiber only")
    if line.raman is not None and line.raman.kind != "raman":
        raise ParameterError(f"link {name!r}: {line.raman.id!r} is no Raman amplifier")


def _check_pumped_fibers(name: str, raman: Amplifier, runs: Sequence[Run]) -> None:
    for run in runs:
        if lack := find_raman_lack(run.fiber, raman):
            raise ParameterError(f"link {name!r}: fiber {run.fiber.id!r} has no {lack}, which Raman pumps need")


def _comb(name: str, mode: CoherentMode, plan: ChannelPlan) -> tuple[float, tuple[float, ...]]:
    """Place the channels: from the first one given, else centered in the band."""
    channels = plan.channels
    spacing_ghz = mode.channel_spacing_min_ghz if plan.channel_spacing_ghz is None else plan.channel_spacing_ghz
    if spacing_ghz < mode.channel_spacing_min_ghz:
        raise ParameterError(
            f"link {name!r}: channel_spacing_ghz is {spacing_ghz:g}; mode {mode.id!r} needs at least "
            f"{mode.channel_spacing_min_ghz:g}"
        )
    span_thz = (channels - 1) * spacing_ghz * 1e-3
    middle_thz = 0.5 * (mode.frequency_min_thz + mode.frequency_max_thz)
    first_thz = middle_thz - 0.5 * span_thz if plan.first_channel_thz is None else plan.first_channel_thz
    # A millionth of a gigahertz of slack absorbs the rounding of decimal frequencies.
    slack_thz = 1e-9
    if first_thz < mode.frequency_min_thz - slack_thz or first_thz + span_thz > mode.frequency_max_thz + slack_thz:
        room = math.floor((mode.frequency_max_thz - mode.frequency_min_thz) * 1e3 / spacing_ghz + 1e-9) + 1
        raise ParameterError(
            f"link {name!r}: {channels} channels at {spacing_ghz:g} GHz from {first_thz:.4f} THz leave the band of "
            f"mode {mode.id!r}, {mode.frequency_min_thz:g} to {mode.frequency_max_thz:g} THz, which holds {room}"
        )
    return spacing_ghz, _grid(first_thz, spacing_ghz, channels)


@lru_cache(maxsize=256)
def _grid(first_thz: float, spacing_ghz: float, channels: int) -> tuple[float, ...]:
    """Return evenly spaced frequencies; links of one comb share them, which lowering makes use of."""
    return tuple(first_thz + index * spacing_ghz * 1e-3 for index in range(channels))


def _lit(
    name: str, mode: CoherentMode | DirectMode, channels: int, lit: Sequence[int] | None
) -> tuple[int, ...] | None:
    if lit is None:
        return None
    if isinstance(mode, DirectMode):
        raise ParameterError(f"link {name!r}: lit_channels is for wavelengths side by side, not for direct detection")
    if not lit or sorted(set(lit)) != list(lit) or lit[0] < 0 or lit[-1] >= channels:
        raise ParameterError(
            f"link {name!r}: lit_channels is {list(lit)}; allowed: one or more rising indices up to {channels - 1}"
        )
    return tuple(lit)

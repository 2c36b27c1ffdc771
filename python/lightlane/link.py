"""The link: two modules and, in each direction, the ordered elements that light passes between them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from lightlane.catalog.line_parts import find_raman_lack
from lightlane.catalog.parts import Amplifier, CoherentMode, DirectMode, Fec, Fiber, Module, Part, Passive
from lightlane.elements import NO_VALUE, Element, FiberRun, amplifier_element, passive_element, receiving_element
from lightlane.errors import ParameterError
from lightlane.units import SPEED_OF_LIGHT_M_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSystem:
    """What stands between modules and fiber: mux and demux, amplifiers, ROADM stages and the levels they are set to.

    ``raman`` pumps every fiber of each direction, where it ends (or, of a ``co`` pump, where it begins).
    ``span_launch_power_dbm`` is per channel into each amplified span, ``received_power_dbm`` per channel at the module.
    """

    mux: Passive | None = None
    demux: Passive | None = None
    express: Passive | None = None
    booster: Amplifier | None = None
    inline: Amplifier | None = None
    preamplifier: Amplifier | None = None
    raman: Amplifier | None = None
    span_launch_power_dbm: float | None = None
    received_power_dbm: float | None = None


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


def fiber_latency_us(length_km: float, fiber: Fiber) -> float:
    """Return the one-way latency of a length of fiber by its group index."""
    return length_km * fiber.group_index / SPEED_OF_LIGHT_M_PER_S * 1e9


def part_kind(part: Part) -> str:
    """Return the word for a part's kind: module, mode, fec, fiber, amplifier or passive."""
    return "mode" if isinstance(part, CoherentMode | DirectMode) else type(part).__name__.lower()


def compose_link(  # noqa: PLR0913 - keyword-only, one argument per field of the file
    *,
    name: str,
    module: Module,
    mode: CoherentMode | DirectMode,
    fec: Fec,
    runs: Sequence[FiberRun],
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
    line = LineSystem() if line is None else line
    _check_parts(name, module, mode, fec)
    _check_path(name, runs, places, channels)
    _check_line(name, mode, line, channels)
    _check_raman(name, line, runs)
    places = tuple(places) if places else tuple(f"site {index}" for index in range(len(runs) + 1))
    spacing_ghz = NO_VALUE
    frequencies: tuple[float, ...] = ()
    if isinstance(mode, CoherentMode):
        spacing_ghz, frequencies = _comb(name, mode, channels, first_channel_thz, channel_spacing_ghz)
    return Link(
        name=name,
        module=module,
        mode=mode,
        fec=fec,
        a_to_b=tuple(_direction(runs, places, line)),
        b_to_a=tuple(_direction(runs[::-1], places[::-1], line, backward=True)),
        channels=channels,
        frequencies_thz=frequencies,
        lit_channels=_lit(name, mode, channels, lit_channels),
        channel_spacing_ghz=spacing_ghz,
        launch_power_dbm=launch_power_dbm,
        muxed=line.mux is not None,
        length_km=sum(run.length_km for run in runs),
    )


def _check_parts(name: str, module: Module, mode: CoherentMode | DirectMode, fec: Fec) -> None:
    if mode.id not in module.modes:
        raise ParameterError(
            f"link {name!r}: module {module.id!r} has no mode {mode.id!r}; it has {', '.join(module.modes)}"
        )
    if fec.id != mode.fec:
        # The mode's required OSNR or sensitivity is stated at the threshold of its own FEC.
        raise ParameterError(f"link {name!r}: mode {mode.id!r} is specified with FEC {mode.fec!r}, not {fec.id!r}")


def _check_path(name: str, runs: Sequence[FiberRun], places: Sequence[str], channels: int) -> None:
    if not runs:
        raise ParameterError(f"link {name!r} has no fiber")
    if channels < 1:
        raise ParameterError(f"link {name!r}: channels is {channels}; allowed: 1 or more")
    if places and len(places) != len(runs) + 1:
        raise ParameterError(f"link {name!r} passes {len(places)} places; {len(runs)} fibers join {len(runs) + 1}")


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


def _check_raman(name: str, line: LineSystem, runs: Sequence[FiberRun]) -> None:
    for part in (line.booster, line.inline, line.preamplifier):
        if part is not None and part.kind == "raman":
            raise ParameterError(f"link {name!r}: {part.id!r} is a Raman amplifier, which is pumps in a fiber only")
    if line.raman is None:
        return
    if line.raman.kind != "raman":
        raise ParameterError(f"link {name!r}: {line.raman.id!r} is no Raman amplifier")
    for run in runs:
        if lack := find_raman_lack(run.fiber, line.raman):
            raise ParameterError(f"link {name!r}: fiber {run.fiber.id!r} has no {lack}, which Raman pumps need")


def _comb(
    name: str, mode: CoherentMode, channels: int, first_channel_thz: float | None, channel_spacing_ghz: float | None
) -> tuple[float, tuple[float, ...]]:
    """Place the channels: from the first one given, else centered in the band."""
    spacing_ghz = mode.channel_spacing_min_ghz if channel_spacing_ghz is None else channel_spacing_ghz
    if spacing_ghz < mode.channel_spacing_min_ghz:
        raise ParameterError(
            f"link {name!r}: channel_spacing_ghz is {spacing_ghz:g}; mode {mode.id!r} needs at least "
            f"{mode.channel_spacing_min_ghz:g}"
        )
    span_thz = (channels - 1) * spacing_ghz * 1e-3
    middle_thz = 0.5 * (mode.frequency_min_thz + mode.frequency_max_thz)
    first_thz = middle_thz - 0.5 * span_thz if first_channel_thz is None else first_channel_thz
    # A millionth of a gigahertz of slack absorbs the rounding of decimal frequencies.
    slack_thz = 1e-9
    if first_thz < mode.frequency_min_thz - slack_thz or first_thz + span_thz > mode.frequency_max_thz + slack_thz:
        room = math.floor((mode.frequency_max_thz - mode.frequency_min_thz) * 1e3 / spacing_ghz + 1e-9) + 1
        raise ParameterError(
            f"link {name!r}: {channels} channels at {spacing_ghz:g} GHz from {first_thz:.4f} THz leave the band of "
            f"mode {mode.id!r}, {mode.frequency_min_thz:g} to {mode.frequency_max_thz:g} THz, which holds {room}"
        )
    return spacing_ghz, tuple(first_thz + index * spacing_ghz * 1e-3 for index in range(channels))


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


def _direction(
    runs: Sequence[FiberRun], places: Sequence[str], line: LineSystem, *, backward: bool = False
) -> Iterable[Element]:
    if line.mux is not None:
        yield passive_element(line.mux, f"mux at {places[0]}")
    if line.booster is not None:
        yield amplifier_element(line.booster, f"booster at {places[0]}", line.span_launch_power_dbm)
    for index, run in enumerate(runs):
        if index > 0:
            if line.express is not None:
                yield passive_element(line.express, f"express at {places[index]}")
            if line.inline is not None:
                yield amplifier_element(line.inline, f"amplifier at {places[index]}", line.span_launch_power_dbm)
        yield from run.elements(backward=backward, raman=line.raman)
    demux = line.demux or line.mux
    if line.preamplifier is not None:
        # Set such that the level behind the demux is the wanted one.
        loss_db = demux.loss_db if demux is not None else 0.0
        target = NO_VALUE if line.received_power_dbm is None else line.received_power_dbm + loss_db
        yield amplifier_element(line.preamplifier, f"preamplifier at {places[-1]}", target)
    if demux is not None and demux.kind == "roadm_drop" and line.received_power_dbm is not None:
        # An amplified drop is set to the level that the module is to receive.
        yield replace(receiving_element(demux, f"drop at {places[-1]}"), target_power_dbm=line.received_power_dbm)
    elif demux is not None:
        yield receiving_element(demux, f"demux at {places[-1]}")

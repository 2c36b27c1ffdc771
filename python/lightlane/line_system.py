"""The line system of a link: what stands between its modules and fibers, and its elements in each direction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from lightlane.catalog.parts import Amplifier, Part, Passive
from lightlane.elements import (
    NO_VALUE,
    Element,
    ElementFigures,
    amplifier_figures,
    connector_figures,
    passive_figures,
    passive_kind,
)


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


@dataclass(slots=True)
class FigureStore:
    """Figures by part and setting, each made once: equal elements of many links share them.

    It keeps what it has made, so that it should live no longer than the composing of one state of a fabric.
    """

    _made: dict[tuple[str, int, float | None], tuple[Part, ElementFigures]] = field(default_factory=dict)

    def amplifier(self, part: Amplifier, target_power_dbm: float | None) -> ElementFigures:
        """Return the figures of an amplifier set to a level per channel."""
        return self._get("amplifier", part, target_power_dbm, lambda: amplifier_figures(part, target_power_dbm))

    def passive(self, part: Passive) -> ElementFigures:
        """Return the figures of a passive part."""
        return self._get("passive", part, None, lambda: passive_figures(part))

    def receiving(self, part: Passive) -> ElementFigures:
        """Return the figures of a passive part before receiving modules."""
        return self._get("receiving", part, None, lambda: passive_figures(part, receiving=True))

    def connectors(self, part: Passive, count: int) -> ElementFigures:
        """Return the figures of so many connectors side by side."""
        return self._get("connectors", part, count, lambda: connector_figures(part, count))

    def _get(self, kind: str, part: Part, setting: float | None, make: Callable[[], ElementFigures]) -> ElementFigures:
        key = (kind, id(part), setting)
        known = self._made.get(key)
        if known is None:
            # The part is kept, so that no other object can get its identity.
            known = self._made[key] = (part, make())
        return known[1]


@dataclass(frozen=True, slots=True)
class LineWay:
    """What stands in one direction of a line before its first fiber, between any two, and behind the last."""

    head: tuple[Element, ...]
    joints: tuple[tuple[Element, ...], ...]
    tail: tuple[Element, ...]

    def with_runs(self, runs: Sequence[Sequence[Element]]) -> tuple[Element, ...]:
        """Return the elements of the direction with those of its fibers."""
        if len(runs) == 1:
            return (*self.head, *runs[0], *self.tail)
        fibers = chain.from_iterable((*joint, *run) for joint, run in zip(self.joints, runs[1:], strict=True))
        return (*self.head, *runs[0], *fibers, *self.tail)

    def map(self, change: Callable[[Element], Element]) -> LineWay:
        """Return the way with every element changed."""
        return LineWay(
            tuple(map(change, self.head)),
            tuple(tuple(map(change, joint)) for joint in self.joints),
            tuple(map(change, self.tail)),
        )


def build_way(line: LineSystem, places: Sequence[str], store: FigureStore) -> LineWay:
    """Return what stands in the direction in which a line passes these places."""
    return LineWay(
        tuple(_head(line, places[0], store)),
        tuple(tuple(_joint(line, place, store)) for place in places[1:-1]),
        tuple(_tail(line, places[-1], store)),
    )


def _head(line: LineSystem, place: str, store: FigureStore) -> Iterator[Element]:
    if line.mux is not None:
        yield Element(passive_kind(line.mux), f"mux at {place}", line.mux, store.passive(line.mux))
    if line.booster is not None:
        yield _amplifier(line.booster, f"booster at {place}", line.span_launch_power_dbm, store)


def _joint(line: LineSystem, place: str, store: FigureStore) -> Iterator[Element]:
    if line.express is not None:
        yield Element(passive_kind(line.express), f"express at {place}", line.express, store.passive(line.express))
    if line.inline is not None:
        yield _amplifier(line.inline, f"amplifier at {place}", line.span_launch_power_dbm, store)


def _tail(line: LineSystem, place: str, store: FigureStore) -> Iterator[Element]:
    demux = line.demux or line.mux
    if line.preamplifier is not None:
        # Set such that the level behind the demux is the wanted one.
        loss_db = demux.loss_db if demux is not None else 0.0
        target = NO_VALUE if line.received_power_dbm is None else line.received_power_dbm + loss_db
        yield _amplifier(line.preamplifier, f"preamplifier at {place}", target, store)
    if demux is None:
        return
    received = Element(passive_kind(demux), f"demux at {place}", demux, store.receiving(demux))
    if demux.kind == "roadm_drop" and line.received_power_dbm is not None:
        # An amplified drop is set to the level that the module is to receive.
        drop = Element(received.kind, f"drop at {place}", demux, received.figures)
        received = drop.with_figures(target_power_dbm=line.received_power_dbm)
    yield received


def _amplifier(part: Amplifier, label: str, target_power_dbm: float | None, store: FigureStore) -> Element:
    return Element("amplifier", label, part, store.amplifier(part, target_power_dbm))

"""The line system of a link: what stands between its modules and fibers, and its elements in each direction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from lightlane.catalog.parts import Amplifier, Passive
from lightlane.elements import (
    NO_VALUE,
    Element,
    amplifier_figures,
    new_element,
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


class LineWay(NamedTuple):
    """What stands in one direction of a line before its first fiber, between any two, and behind the last."""

    head: tuple[Element, ...]
    joints: tuple[tuple[Element, ...], ...]
    tail: tuple[Element, ...]

    def with_runs(self, runs: Sequence[Sequence[Element]]) -> tuple[Element, ...]:
        """Return the elements of the direction with those of its fibers."""
        if len(runs) == 1:
            return (*self.head, *runs[0], *self.tail)
        fibers = chain.from_iterable([(*joint, *run) for joint, run in zip(self.joints, runs[1:], strict=True)])
        return (*self.head, *runs[0], *fibers, *self.tail)

    def between(self, first: Sequence[Element], last: Sequence[Element]) -> LineWay:
        """Return the way with elements in front of it and behind it."""
        return LineWay((*first, *self.head), self.joints, (*self.tail, *last))


@dataclass(frozen=True, slots=True)
class LinePattern:
    """The elements of a line system, which all of its links share, but for the places that their labels end with."""

    head: tuple[Element, ...]
    joint: tuple[Element, ...]
    tail: tuple[Element, ...]

    def way(self, places: Sequence[str]) -> LineWay:
        """Return what stands in the direction in which a link passes these places."""
        inside = places[1:-1]
        joints = tuple([_put(self.joint, place) for place in inside]) if self.joint else ((),) * len(inside)
        return LineWay(
            _put(self.head, places[0]) if self.head else (), joints, _put(self.tail, places[-1]) if self.tail else ()
        )

    def map(self, change: Callable[[Element], Element]) -> LinePattern:
        """Return the pattern with every element changed."""
        return LinePattern(*(tuple(map(change, elements)) for elements in (self.head, self.joint, self.tail)))


def _put(elements: tuple[Element, ...], place: str) -> tuple[Element, ...]:
    return tuple([new_element(item.kind, f"{item.label} at {place}", item.part, item.figures) for item in elements])


def draw_pattern(line: LineSystem) -> LinePattern:
    """Return the elements of a line system but for their places."""
    mux, demux = line.mux, line.demux or line.mux
    # A preamplifier is set such that the level behind the demux is the wanted one.
    loss_db = demux.loss_db if demux is not None else 0.0
    target = NO_VALUE if line.received_power_dbm is None else line.received_power_dbm + loss_db
    head = [*_passive(mux, "mux"), *_amplifier(line.booster, "booster", line.span_launch_power_dbm)]
    joint = [*_passive(line.express, "express"), *_amplifier(line.inline, "amplifier", line.span_launch_power_dbm)]
    tail = _amplifier(line.preamplifier, "preamplifier", target)
    if demux is not None:
        received = Element(passive_kind(demux), "demux", demux, passive_figures(demux, receiving=True))
        if demux.kind == "roadm_drop" and line.received_power_dbm is not None:
            # An amplified drop is set to the level that the module is to receive.
            received = replace(received, label="drop").with_figures(target_power_dbm=line.received_power_dbm)
        tail.append(received)
    return LinePattern(tuple(head), tuple(joint), tuple(tail))


def _passive(part: Passive | None, label: str) -> list[Element]:
    return [] if part is None else [Element(passive_kind(part), label, part, passive_figures(part))]


def _amplifier(part: Amplifier | None, label: str, target_power_dbm: float | None) -> list[Element]:
    return [] if part is None else [Element("amplifier", label, part, amplifier_figures(part, target_power_dbm))]

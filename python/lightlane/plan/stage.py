"""The stage on which a fabric is evaluated state after state: what did not change is not computed again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.distributions import Distribution
from lightlane.fabric.composition import LinkComposer, list_amplifiers
from lightlane.fabric.condition import GOOD_LINK, LinkCondition, PlantState
from lightlane.fabric.topology import Duct
from lightlane.kernels import Task
from lightlane.kernels.draws import DrawList
from lightlane.lane.batch import Explained, LaneBatch
from lightlane.lane.budget import evaluate_links, explain_lanes
from lightlane.lane.draw_list import LoweredDraws
from lightlane.lane.merging import Place, merge_batches
from lightlane.lane.options import BudgetOptions
from lightlane.lane.outage import Outages
from lightlane.link import Link

Known = tuple[int, float]
"""What a link's answer depends on besides the options: the composed link, as an object, and its SOP rate."""


@dataclass(slots=True)
class Stage:
    """Evaluates the states of one fabric under one set of options.

    Every answer is that of the state alone, bit for bit, whatever was evaluated before.

    Attributes
    ----------
    options
        ``draws_count`` of them is used for quantiles; :meth:`list_draws` takes its draws from the caller.
    """

    composer: LinkComposer
    wanted_margin_db: float
    options: BudgetOptions
    distributions: Sequence[Distribution]
    _batch: LaneBatch | None = None
    _batch_keys: list[Known] = field(default_factory=list)
    _lowered: tuple[list[Known], list[Link], list[tuple[list[int], LoweredDraws]]] | None = None
    _draws: tuple[range, list[Link], list[Known], DrawList] | None = None

    def resume(self, before: Stage) -> Stage:
        """Return a stage like this one that knows what another has evaluated, as far as it holds here too."""
        if not self.composer.is_like(before.composer):
            return self
        same = (self.wanted_margin_db, self.options, self.distributions)
        if same == (before.wanted_margin_db, before.options, before.distributions):
            return before
        return replace(self, composer=before.composer)

    def copy(self) -> Stage:
        """Return a stage that goes on from what this one knows on its own."""
        return replace(self, composer=self.composer.copy())

    def evaluate(self, state: PlantState, *, task: Task | None = None) -> LaneBatch:
        """Evaluate every lane of a state as if nothing were out of service.

        Raises
        ------
        ParameterError
            If parts do not fit each other, or a link carries a value that the model does not allow.
        Cancelled
            If ``task`` was cancelled.
        """
        links = self.composer.compose(state)
        keys = self._keys(state, links)
        if self._batch is None or keys != self._batch_keys:
            known = {} if self._batch is None else {key: place for place, key in enumerate(self._batch_keys)}
            self._batch = self._evaluate_new(links, keys, known, task)
            self._batch_keys = keys
        return self._batch

    def recall(self, state: PlantState) -> LaneBatch | None:
        """Return what was evaluated last if that has the lanes of a state; None otherwise."""
        if self._batch is None:
            return None
        links = self.composer.compose(state)
        return self._batch if self._keys(state, links) == self._batch_keys else None

    def list_draws(self, state: PlantState, draws: range, *, task: Task | None = None) -> DrawList:
        """Evaluate a range of draws of a state, links in its order, as if nothing were out of service."""
        links = self.composer.compose(state)
        keys = self._keys(state, links)
        if self._draws is not None and self._draws[0] == draws:
            _, _, last_keys, last = self._draws
            known = {key: place for place, key in enumerate(last_keys)}
        else:
            known, last = {}, None
        shape = (len(links), len(draws))
        out = DrawList(np.empty(shape), np.empty(shape, dtype=np.uint8))
        kept = [place for place, key in enumerate(keys) if key in known]
        if last is not None and kept:
            rows = [known[keys[place]] for place in kept]
            out.margin_db[kept], out.limited_by[kept] = last.margin_db[rows], last.limited_by[rows]
        for numbers, lowered in self._lower(links, keys, known):
            found = lowered.list(draws, task=task)
            out.margin_db[numbers], out.limited_by[numbers] = found.margin_db, found.limited_by
        # The links are kept so that no other object can get their identities.
        self._draws = (draws, links, keys, out)
        return out

    def _lower(
        self, links: Sequence[Link], keys: Sequence[Known], known: dict[Known, int]
    ) -> list[tuple[list[int], LoweredDraws]]:
        """Lower the links that are not known; the same ones are lowered once for all ranges of draws."""
        new = [(numbers, sop_rate) for sop_rate, numbers in _group(keys, known)]
        wanted = [keys[number] for numbers, _ in new for number in numbers]
        if self._lowered is None or self._lowered[0] != wanted:
            tables = [
                (numbers, LoweredDraws.of([links[n] for n in numbers], self._with_sop(rate), self.distributions))
                for numbers, rate in new
            ]
            self._lowered = (wanted, list(links), tables)
        return [(numbers, lowered) for (numbers, _), (_, lowered) in zip(new, self._lowered[2], strict=True)]

    def _keys(self, state: PlantState, links: Sequence[Link]) -> list[Known]:
        usual, conditions = self.options.sop_rate_krad_per_s, state.links
        if not conditions:
            return [(id(link), usual) for link in links]
        rates = (conditions.get(link.name, GOOD_LINK).sop_rate_krad_per_s for link in links)
        return [(id(link), usual if math.isnan(rate) else rate) for link, rate in zip(links, rates, strict=True)]

    def _with_sop(self, sop_rate_krad_per_s: float) -> BudgetOptions:
        return replace(self.options, sop_rate_krad_per_s=sop_rate_krad_per_s)

    def _evaluate_new(
        self, links: Sequence[Link], keys: Sequence[Known], known: dict[Known, int], task: Task | None
    ) -> LaneBatch:
        batches = [] if self._batch is None else [self._batch]
        places: list[Place] = [(0, known.get(key, -1)) for key in keys]
        for sop_rate, numbers in _group(keys, known):
            batch = evaluate_links(
                [links[number] for number in numbers],
                wanted_margin_db=self.wanted_margin_db,
                options=self._with_sop(sop_rate),
                distributions=self.distributions,
                task=task,
            )
            if len(numbers) == len(links):
                return batch
            for place, number in enumerate(numbers):
                places[number] = (len(batches), place)
            batches.append(batch)
        return self._settle(merge_batches(batches, places), [rate for _, rate in keys])

    def _settle(self, batch: LaneBatch, sop_rates: Sequence[float]) -> LaneBatch:
        """Gather all columns now: a chain of batches of earlier states would grow without end."""
        for name in batch.columns:
            # Made of the links alone.
            if name != "assumed":
                batch.columns.stored(name)
        again = partial(_explain_again, batch.links, tuple(sop_rates), self.options, batch.link_bounds())
        return replace(batch, _explain=again)


def _explain_again(
    links: Sequence[Link],
    sop_rates_krad_per_s: Sequence[float],
    options: BudgetOptions,
    bounds: NDArray[np.int64],
    rows: Sequence[int],
) -> Explained:
    """Evaluate the links that hold some rows once more, those of one SOP rate together, and explain the rows."""
    by_rate: dict[float, list[int]] = {}
    numbers = (np.searchsorted(bounds, rows, side="right") - 1).tolist()
    for row, number in zip(rows, numbers, strict=True):
        by_rate.setdefault(sop_rates_krad_per_s[number], []).append(row)
    out: Explained = {}
    for rate, own in by_rate.items():
        alone = replace(options.nominal(), sop_rate_krad_per_s=rate)
        out |= explain_lanes(links, bounds, alone, own)
    return out


def _group(keys: Sequence[Known], known: dict[Known, int]) -> Iterable[tuple[float, list[int]]]:
    """Return the places of links that are not known, by their SOP rate."""
    groups: dict[float, list[int]] = {}
    for place, key in enumerate(keys):
        if key not in known:
            groups.setdefault(key[1], []).append(place)
    return groups.items()


def find_outages(state: PlantState, links: Sequence[Link]) -> Outages:
    """Return which directions of which links carry nothing in a state, and why."""
    if not (any(item.out_of_service for item in state.ducts.values()) or any(map(_is_hurt, state.links.values()))):
        return {}
    found: dict[int, dict[str, str]] = {}
    ducts = {duct.name: duct for duct in state.fabric.duct}
    for index, (record, link) in enumerate(zip(state.fabric.link, links, strict=True)):
        whole = state.reasons_down(record.name, record.ducts)
        if whole:
            found[index] = dict.fromkeys(("a_to_b", "b_to_a"), "; ".join(whole))
            continue
        for failed in state.link(record.name).failed_amplifiers:
            direction, _, site = failed.partition(":")
            labels = [label for way, label in list_amplifiers(link) if way == direction]
            here = [label for label in labels if label.endswith(f" at {site}")]
            here += [
                label
                for label in labels
                if label.startswith("Raman pumps of ") and site in _ends(ducts, label.removeprefix("Raman pumps of "))
            ]
            if here:
                found.setdefault(index, {})[direction] = f"failed amplifier: {', '.join(here)}"
    return found


def _is_hurt(condition: LinkCondition) -> bool:
    return bool(condition.out_of_service or condition.failed_amplifiers)


def _ends(ducts: dict[str, Duct], name: str) -> tuple[str, str]:
    return ducts[name].a, ducts[name].b

"""Links in draws of specimens, draw by draw: tables lowered once, evaluated for any range of draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from lightlane.catalog.distributions import Distribution
from lightlane.catalog.parts import CoherentMode
from lightlane.kernels import Task
from lightlane.kernels.draws import DrawList, list_coherent_draws, list_direct_draws
from lightlane.kernels.tables import Integers
from lightlane.lane.lowering import Lowered, coherent_settings, lower_coherent, lower_direct
from lightlane.lane.options import BudgetOptions
from lightlane.lane.surrogate.choose import eyes_of
from lightlane.lane.uncertainty import Spreads, lower_spread
from lightlane.link import Link


@dataclass(frozen=True, slots=True)
class LoweredDraws:
    """Links ready to be drawn; draw ``i`` of a link is the same in whatever range and company it is asked for.

    Attributes
    ----------
    seed
        Key of every number.
    """

    seed: int
    _links_count: int
    _jobs: tuple[tuple[Integers, Callable[..., DrawList]], ...]

    @classmethod
    def of(cls, links: Sequence[Link], options: BudgetOptions, distributions: Iterable[Distribution]) -> LoweredDraws:
        """Lower links with the spread of their figures.

        Raises
        ------
        ParameterError
            If a link carries a value that the model does not allow.
        """
        spreads = Spreads(tuple(distributions))
        # An integral takes as long as thousands of closed forms.
        quick = replace(options, nonlinear_model="closed_form") if options.nonlinear_model == "integral" else options
        jobs = []
        for coherent in (True, False):
            numbers = [i for i, link in enumerate(links) if isinstance(link.mode, CoherentMode) == coherent]
            if not numbers:
                continue
            lowered = (lower_coherent if coherent else lower_direct)(links, numbers, options)
            evaluate: Callable[..., DrawList] = partial(list_direct_draws, surrogates=eyes_of(options))
            if coherent:
                evaluate = partial(list_coherent_draws, settings=coherent_settings(quick))
            jobs.append((_links_of(lowered), _with_tables(evaluate, links, lowered, spreads)))
        return cls(options.seed, len(links), tuple(jobs))

    def list(self, draws: range, *, task: Task | None = None) -> DrawList:
        """Evaluate a range of draws: margins (links, draws) in dB and codes of what limits the deciding lanes.

        Raises
        ------
        Cancelled
            If ``task`` was cancelled.
        """
        shape = (self._links_count, len(draws))
        margin_db, limited_by = np.full(shape, np.nan), np.zeros(shape, dtype=np.uint8)
        for numbers, evaluate in self._jobs:
            found = evaluate(draws, seed=self.seed, task=task)
            margin_db[numbers] = found.margin_db
            limited_by[numbers] = found.limited_by
        return DrawList(margin_db, limited_by)


def _links_of(lowered: Lowered) -> Integers:
    return lowered.path_link[np.flatnonzero(np.diff(lowered.path_link, prepend=-1))]


def _with_tables(
    evaluate: Callable[..., DrawList], links: Sequence[Link], lowered: Lowered, spreads: Spreads
) -> Callable[..., DrawList]:
    return partial(evaluate, lowered.plant, lowered.modes, lowered.rows, lower_spread(links, lowered, spreads))

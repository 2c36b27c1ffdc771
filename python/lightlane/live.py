"""A scenario held open: state after state, edit after edit, and nothing computed twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lightlane.catalog.load import Catalog, load_catalog
from lightlane.errors import ParameterError
from lightlane.fabric.condition import PlantState
from lightlane.fabric.restoration import RestoredRouting
from lightlane.fabric.topology import Fabric
from lightlane.kernels import Task
from lightlane.lane.batch import LaneBatch
from lightlane.lane.model import Contribution
from lightlane.lane.options import BudgetOptions
from lightlane.link import Link
from lightlane.plan.case import Case
from lightlane.plan.state_problems import StateProblem, list_problems
from lightlane.plan.step_tables import StepKey, build_step_tables, measure_step
from lightlane.plan.traffic import list_down
from lightlane.results.records import Table
from lightlane.scenario.fields import Ground
from lightlane.scenario.load import load_any, load_fabric_of
from lightlane.scenario.objectives import Judged
from lightlane.scenario.schema import Scenario
from lightlane.scenario.variants import BASE_NAME

NAME_MAX = 80
"""Characters of a scenario's name."""


class LiveScenario:
    """Answers for a scenario that is being edited, from any variant and instant, one state at a time.

    What an edit leaves as it was is not evaluated again; the answers are those that :func:`lightlane.run` gives for the
    same scenario, bit for bit. Not for several threads at once.

    Attributes
    ----------
    scenario
        As it was opened; edited forms are given to :meth:`state`.
    fabric, catalog
        What it stands on.
    """

    def __init__(self, scenario: Scenario, fabric: Fabric, catalog: Catalog) -> None:
        self.scenario, self.fabric, self.catalog = scenario, fabric, catalog
        self._cases: dict[str, tuple[Scenario, Case]] = {}

    @classmethod
    def open(cls, source: Fabric | Scenario | Path | str, *, catalog: Catalog | None = None) -> LiveScenario:
        """Open a fabric, a scenario, or the file of either.

        Raises
        ------
        FormatError
            If a file is wrong; carries all its problems.
        ParameterError
            If what a scenario says does not hold for its fabric.
        """
        if isinstance(source, Path | str):
            source = load_any(source, load_catalog() if catalog is None else catalog)
        if isinstance(source, Scenario):
            catalog = load_catalog(source.catalog) if catalog is None else catalog
            return cls(source, load_fabric_of(source, catalog), catalog)
        scenario = Scenario(format=1, name=source.name[:NAME_MAX] or "fabric", fabric="(given)")
        return cls(scenario, source, load_catalog() if catalog is None else catalog)

    def ground(self, scenario: Scenario | None = None, *, variant: str = BASE_NAME) -> Ground:
        """Return scenario, fabric and catalog as a variant makes them; errors as of :meth:`state`."""
        return self._case(scenario, variant).ground

    def times_days(self, scenario: Scenario | None = None, *, variant: str = BASE_NAME) -> tuple[float, ...]:
        """Return the instants that a run of the scenario looks at; errors as of :meth:`state`."""
        return self._case(scenario, variant).times

    def state(
        self,
        scenario: Scenario | None = None,
        *,
        variant: str = BASE_NAME,
        time_days: float = 0.0,
        task: Task | None = None,
    ) -> LiveState:
        """Evaluate every lane at one instant.

        Parameters
        ----------
        scenario
            An edited form of the one that was opened, on the same fabric; absent: that one.
        variant
            Of the scenario.
        time_days
            Any instant, also between those of the timeline.
        task
            Handle by which another thread cancels.

        Raises
        ------
        ParameterError
            If a variant or an event does not fit the fabric, or parts do not fit each other.
        Cancelled
            If ``task`` was cancelled.
        """
        case = self._case(scenario, variant)
        state = case.state_at(time_days)
        return LiveState(case, state, time_days, case.evaluate_state(state, task=task))

    def forget_but(self, variants: Iterable[str]) -> None:
        """Let go of what was evaluated for variants that are not among these."""
        kept = set(variants)
        self._cases = {name: case for name, case in self._cases.items() if name in kept}

    def _case(self, scenario: Scenario | None, variant: str) -> Case:
        scenario = self.scenario if scenario is None else scenario
        known = self._cases.get(variant)
        if known is not None and known[0] is scenario:
            return known[1]
        if variant != BASE_NAME and all(item.name != variant for item in scenario.variant):
            raise ParameterError(f"{variant!r} is no variant of scenario {scenario.name!r}")
        # One state is looked at, without draws: these are for runs.
        options = BudgetOptions(seed=scenario.seed)
        plain = scenario.model_copy(update={"worst_case": False, "frame_loss": False})
        ground = Ground(plain, self.fabric, self.catalog)
        before = None if known is None else known[1]
        # A variant that is new is most likely much as one that was looked at before it.
        others = [item for _, item in self._cases.values()] if before is None else []
        beside = others[-1] if others else None
        case = Case(ground, variant, 0, (), options=options, before=before, beside=beside)
        self._cases[variant] = (scenario, case)
        return case


@dataclass(frozen=True, eq=False)
class LiveState:
    """A scenario at one instant: lanes at once, the rest when it is asked for.

    Attributes
    ----------
    plant
        The fabric with its condition.
    batch
        All lanes; those out of service have no figures.
    """

    case: Case
    plant: PlantState
    time_days: float
    batch: LaneBatch

    @property
    def fabric(self) -> Fabric:
        """The fabric as events have made it."""
        return self.plant.fabric

    @property
    def options(self) -> BudgetOptions:
        """What its lanes were evaluated with."""
        return self.case.options

    @property
    def wanted_margin_db(self) -> float:
        """A lane that closes with less is degraded."""
        return self.case.wanted_margin_db

    @cached_property
    def routing(self) -> RestoredRouting:
        """Where the demands go, against where they went before any event."""
        return self.case.traffic.route(self.fabric, list_down(self.batch))

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables ``lanes``, ``links``, ``demands`` and ``steps`` as a run writes them."""
        key = StepKey(self.case.variant, 0, 0, self.time_days)
        return build_step_tables(key, self.plant, self.batch, self.routing, lanes=True)

    @cached_property
    def figures(self) -> dict[str, Any]:
        """The one row of the table ``steps``: links and demands by status, capacity, traffic, least margin."""
        return measure_step(self.plant, self.batch, self.routing)

    def judge(self) -> list[Judged]:
        """Return what the objectives of the scenario say of this state."""
        objectives = self.case.ground.scenario.objectives
        if all(value is None for _, value in objectives):
            return []
        return list(objectives.judge(self.figures))

    @cached_property
    def problems(self) -> tuple[StateProblem, ...]:
        """What does not work at this instant, what would help, and what its figures rest on."""
        wanted_margin_db = self.case.wanted_margin_db
        return list_problems(self.batch, self.routing, self.judge(), wanted_margin_db=wanted_margin_db)

    def find_link(self, name: str) -> tuple[int, Link]:
        """Return the place of a link among all and its composed form.

        Raises
        ------
        ParameterError
            If there is no such link in this state.
        """
        for place, link in enumerate(self.batch.links):
            if link.name == name:
                return place, link
        raise ParameterError(f"{name!r} is no link of this state")

    def explain_link(self, name: str) -> tuple[Contribution, ...]:
        """Return what the margin of a link's deciding lane is made of; empty where it has none."""
        place, _ = self.find_link(name)
        return self.batch.explain(int(self.batch.deciding_lanes()[place]))

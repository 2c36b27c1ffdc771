"""One case of a scenario: a variant at a point of the sweep, and the states that it goes through."""

from __future__ import annotations

import weakref
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from lightlane.errors import ParameterError
from lightlane.fabric.composition import LinkComposer
from lightlane.fabric.condition import PlantState
from lightlane.kernels import Task
from lightlane.lane.batch import LaneBatch
from lightlane.lane.options import BudgetOptions
from lightlane.lane.outage import take_out_of_service
from lightlane.plan.draw_tables import build_draw_tables
from lightlane.plan.stage import Stage, find_outages
from lightlane.plan.step_tables import StepKey, build_step_tables
from lightlane.plan.traffic import Traffic, list_down
from lightlane.results.records import Table, build_table
from lightlane.results.schemas import STORE_SCHEMAS
from lightlane.scenario.effective_values import DEFAULT_WANTED_MARGIN_DB
from lightlane.scenario.fields import Ground
from lightlane.scenario.refusal import Refusal
from lightlane.scenario.sweep import Point
from lightlane.scenario.timeline import History, list_times

if TYPE_CHECKING:
    from lightlane.lane.waveform.compare import OnStep
from lightlane.scenario.variants import build_ground


class Case:
    """Evaluates the steps of a variant at a point; any step alone, in any order, with the same answer."""

    def __init__(
        self,
        ground: Ground,
        variant: str,
        point_index: int,
        point: Point,
        *,
        options: BudgetOptions,
        before: Case | None = None,
        beside: Case | None = None,
    ) -> None:
        """Stand on a variant at a point.

        Parameters
        ----------
        before
            Of an earlier form of the scenario, no longer in use: what it has evaluated is taken over where it holds.
        beside
            Of another variant that stays in use: the same, but of copies. Not together with ``before``.
        """
        try:
            self.ground = build_ground(ground, variant, point)
            self.history = History(self.ground)
        except Refusal as refusal:
            raise ParameterError(f"variant {variant!r}, point {point_index}: {refusal}") from None
        self.variant = variant
        self.point_index = point_index
        self._last: tuple[int, PlantState] | None = None
        scenario = self.ground.scenario
        self.times = list_times(scenario.timeline, scenario.event)
        own = scenario.options()
        # Draws that are kept one by one give their quantiles by a query; they are not drawn twice.
        count = 0 if scenario.keep_draws else options.draws_count
        self.options: BudgetOptions = replace(own, seed=options.seed, draws_count=count, quantiles=options.quantiles)
        given = (scenario.wanted_margin_db, self.ground.fabric.wanted_margin_db, DEFAULT_WANTED_MARGIN_DB)
        self.wanted_margin_db: float = next(margin for margin in given if margin is not None)
        if before is not None:
            self._take_over(before.stage, before._home, before.traffic)
        elif beside is not None:
            self._take_over(beside.stage.copy(), beside._home.copy(), beside.traffic)

    def _take_over(self, stage: Stage, home: Stage, traffic: Traffic) -> None:
        self.stage = self.stage.resume(stage)
        # Only a composer that is not taken over needs to be copied: with hundreds of ducts that takes milliseconds.
        if self.stage.composer.is_like(home.composer):
            self._home = self._stand_at_home(home.composer).resume(home)
        self.traffic = self.traffic.resume(traffic)

    @cached_property
    def stage(self) -> Stage:
        """Where the states are evaluated."""
        conditions, catalog = self.ground.scenario.conditions, self.ground.catalog
        composer = LinkComposer(catalog, conditions.zero_dispersion_nm_per_c, conditions.delay_ppm_per_c)
        return Stage(composer, self.wanted_margin_db, self.options, tuple(catalog.distributions.values()))

    @cached_property
    def _home(self) -> Stage:
        """Where the state before any event is evaluated; a stage of its own, so that it does not displace others."""
        return self._stand_at_home(self.stage.composer.copy())

    def _stand_at_home(self, composer: LinkComposer) -> Stage:
        return Stage(composer, self.wanted_margin_db, self.options.nominal(), self.stage.distributions)

    @cached_property
    def traffic(self) -> Traffic:
        """Where the demands are routed."""
        # Not held by what it holds: a case that is let go of is gone at once, with all that it has evaluated.
        owner = weakref.ref(self)

        def evaluate(state: PlantState) -> LaneBatch:
            case = owner()
            assert case is not None
            known = case.stage.recall(state)
            return case._home.evaluate(state) if known is None else known

        return Traffic(self.history.initial_state(), evaluate)

    def state(self, step: int) -> PlantState:
        """Return the state at a step.

        Raises
        ------
        ParameterError
            If an event does not fit the fabric as it is then.
        """
        if self._last is not None and self._last[0] == step:
            return self._last[1]
        state = self.state_at(self.times[step])
        # All draws of a step have its state.
        self._last = (step, state)
        return state

    def state_at(self, time_days: float) -> PlantState:
        """Return the state at any instant; errors as of :meth:`state`."""
        try:
            return self.history.state_at(time_days)
        except Refusal as refusal:
            place = ".".join(map(str, refusal.path))
            where = f"variant {self.variant!r}, point {self.point_index}, day {time_days:g}"
            raise ParameterError(f"{where}: {place}: {refusal}") from None

    def evaluate_state(self, state: PlantState, *, task: Task | None = None) -> LaneBatch:
        """Return the lanes of a state, those out of service without figures; errors as of lanes."""
        whole = self.stage.evaluate(state, task=task)
        return take_out_of_service(whole, find_outages(state, whole.links))

    def evaluate_step(self, step: int, *, lanes: bool | None = None, task: Task | None = None) -> dict[str, Table]:
        """Return the tables of one step, with what its objectives say; errors as of :meth:`state` and of lanes.

        Parameters
        ----------
        lanes
            Whether the table of lanes is wanted; absent: as the scenario says.
        """
        state = self.state(step)
        batch = self.evaluate_state(state, task=task)
        routing = self.traffic.route(state.fabric, list_down(batch))
        key = self._key(step)
        wanted = self.ground.scenario.keep_lanes if lanes is None else lanes
        tables = build_step_tables(key, state, batch, routing, lanes=wanted)
        judged = self._judge(key, tables["steps"])
        return tables if judged is None else {**tables, "objectives": judged}

    def evaluate_draws(self, step: int, draws: range, *, task: Task | None = None) -> dict[str, Table]:
        """Return the tables of some draws of one step; errors as of :meth:`evaluate_step`."""
        state = self.state(step)
        links = self.stage.composer.compose(state)
        drawn = self.stage.list_draws(state, draws, task=task)
        out = sorted(find_outages(state, links))
        return build_draw_tables(self._key(step), state, drawn, draws, out, self.wanted_margin_db, self.traffic)

    def simulate(self, *, task: Task | None = None, on_step: OnStep | None = None) -> dict[str, Table]:
        """Simulate the lanes that the scenario names at the first step; the tables of coherent and direct lanes.

        Raises
        ------
        Cancelled
            If ``task`` was cancelled.
        """
        # Few scenarios ask for this, and what simulates takes longer to load than a budget to compute.
        from lightlane.lane.waveform.compare import simulate_links
        from lightlane.results.direct_waveforms import direct_waveform_table
        from lightlane.results.waveforms import waveform_table

        waveform = self.ground.scenario.waveform
        if waveform is None:
            return {"waveforms": waveform_table(), "direct_waveforms": direct_waveform_table(())}
        links = {link.name: link for link in self.stage.composer.compose(self.state(0))}
        simulated = simulate_links(
            [links[name] for name in waveform.links],
            waveform.settings(self.options.seed),
            # What they are compared with is the budget.
            replace(self.options, fidelity="budget"),
            wanted_margin_db=self.wanted_margin_db,
            task=task,
            on_step=on_step,
        )
        return {"waveforms": waveform_table(simulated), "direct_waveforms": direct_waveform_table(simulated)}

    def _key(self, step: int) -> StepKey:
        return StepKey(self.variant, self.point_index, step, self.times[step])

    def _judge(self, key: StepKey, steps: Table) -> Table | None:
        found = list(self.ground.scenario.objectives.judge({name: steps[name][0] for name in steps.columns}))
        if not found:
            return None
        columns = {
            **key.columns(len(found)),
            "objective": [item.objective for item in found],
            "found_value": np.array([item.found_value for item in found]),
            "allowed_value": np.array([item.allowed_value for item in found]),
            "met": np.array([item.met for item in found]),
        }
        return build_table(STORE_SCHEMAS["objectives"], columns)

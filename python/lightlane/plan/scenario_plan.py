"""A scenario as a plan: chunks that any process can evaluate alone, and what the manifest says of the run."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from lightlane.catalog.load import Catalog, add_distributions
from lightlane.errors import ParameterError
from lightlane.fabric.topology import Fabric
from lightlane.files.hashing import hash_json
from lightlane.kernels import Task
from lightlane.lane.assumptions import assumed_values
from lightlane.lane.options import BudgetOptions
from lightlane.lane.surrogate.choose import describe_surrogates, hash_surrogates
from lightlane.plan.case import Case
from lightlane.plan.chunks import Chunk, cut_chunks, cut_draws
from lightlane.plan.manifest import hash_fabric, list_amplifier_bill, list_module_bill, list_parts, list_versions
from lightlane.plan.step_tables import join_tables
from lightlane.results.records import Table, build_table
from lightlane.results.schemas import STORE_SCHEMAS
from lightlane.results.state_fabric import GIVEN_FABRIC, LATER
from lightlane.scenario.events import NewSite, describe_target
from lightlane.scenario.fields import Ground
from lightlane.scenario.schema import Scenario
from lightlane.scenario.sweep import Point, list_points
from lightlane.scenario.timeline import list_times
from lightlane.scenario.variants import BASE_NAME, build_ground, list_variants

SETTING = "setting"
"""The chunk of the tables ``events`` and ``points``."""
_IDLE_COUNT = 2
"""Cases that wait with what they have evaluated."""
WAVEFORMS = "waveforms"
"""The chunk of the lanes that are simulated."""

PATHS = {"fabric", "catalog", "surrogate_folder"}
"""Keys of a scenario that say where files lie."""


@dataclass(slots=True)
class ScenarioPlan:
    """All variants, points, steps and draws of a scenario; a :class:`~lightlane.execution.plan.Plan`.

    Attributes
    ----------
    scenario
        With its wanted margin and seed settled.
    """

    scenario: Scenario
    fabric: Fabric
    catalog: Catalog
    _chunks: dict[str, Chunk] | None = None
    _points: list[Point] | None = None
    _idle: list[Case] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what a worker makes for itself."""
        return {"scenario": self.scenario, "fabric": self.fabric, "catalog": self.catalog}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.scenario, self.fabric, self.catalog = state["scenario"], state["fabric"], state["catalog"]
        self._chunks = self._points = None
        self._idle, self._lock = [], threading.Lock()

    @property
    def chunks(self) -> tuple[str, ...]:
        """Names of the chunks in the order of work: single evaluations of everything first, then the draws."""
        simulated = () if self.scenario.waveform is None else (WAVEFORMS,)
        return (SETTING, *self._cut(), *simulated)

    @property
    def options(self) -> BudgetOptions:
        """How lanes are evaluated where no variant says otherwise."""
        return self.scenario.options()

    @property
    def ground(self) -> Ground:
        """What the base of the scenario stands on."""
        return Ground(self.scenario, self.fabric, self.catalog)

    @property
    def fingerprint(self) -> str:
        """Checksum of scenario, fabric, catalog and build."""
        return hash_json({"scenario": self._plain_scenario(), **self._hashes(), **list_versions()})

    @property
    def header(self) -> dict[str, Any]:
        """What the manifest says: versions, hashes, the scenario, the fabric, its parts and bills."""
        with self.first_case() as case:
            state, wanted_margin_db = case.state(0), case.wanted_margin_db
            links = case.stage.composer.compose(state)
        return {
            **list_versions(),
            "created_utc": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "name": self.scenario.name,
            **asdict(self.options),
            **describe_surrogates(self.options),
            "wanted_margin_db": wanted_margin_db,
            **self._hashes(),
            "scenario": self._plain_scenario(),
            "variants": list(list_variants(self.scenario)),
            "points_count": len(self._list_points()),
            "fabric": state.fabric.model_dump(mode="json", by_alias=True, exclude_none=True),
            **self._given(state.fabric),
            **list_parts(links, ["; ".join(assumed_values(link)) for link in links]),
            "module_bill": list_module_bill(links),
            "amplifier_bill": list_amplifier_bill(links),
            "design_notes": {link.name: list(link.notes) for link in state.fabric.link if link.notes},
            **self._simulated(),
            LATER: self._list_later(),
        }

    def first_case(self) -> AbstractContextManager[Case]:
        """Lend the base of the scenario at the first point of its sweep."""
        return self._borrow(BASE_NAME, 0)

    def _given(self, first: Fabric) -> dict[str, Any]:
        """Return the fabric as it was given, where that of the first state is another."""
        if first == self.fabric:
            return {}
        return {GIVEN_FABRIC: self.fabric.model_dump(mode="json", by_alias=True, exclude_none=True)}

    def _list_later(self) -> dict[str, list[dict[str, Any]]]:
        """Return the records that events of base and variants bring, each once."""
        later: dict[str, dict[str, dict[str, Any]]] = {"site": {}, "duct": {}, "link": {}}
        for event in (*self.scenario.event, *(item for variant in self.scenario.variant for item in variant.event)):
            if isinstance(event, NewSite):
                for key, records in (("site", (event.site,)), ("duct", event.duct), ("link", event.link)):
                    for record in records:
                        later[key][record.name] = record.model_dump(mode="json", by_alias=True, exclude_none=True)
        return {key: list(records.values()) for key, records in later.items()}

    def _simulated(self) -> dict[str, Any]:
        waveform = self.scenario.waveform
        return {} if waveform is None else {"waveform": waveform.describe(self.options.seed)}

    def evaluate(self, chunk: str, task: Task | None = None) -> dict[str, Table]:
        """Return the tables of a chunk.

        Raises
        ------
        ParameterError
            If there is no such chunk, or what a point or an event makes of the fabric does not fit.
        Cancelled
            If ``task`` was cancelled.
        """
        if chunk == SETTING:
            return self._setting_tables()
        if chunk == WAVEFORMS and self.scenario.waveform is not None:
            with self.first_case() as case:
                return case.simulate(task=task)
        found = self._cut().get(chunk)
        if found is None:
            raise ParameterError(f"{chunk!r} is no chunk of scenario {self.scenario.name!r}")
        parts = []
        for point_index in found.points:
            with self._borrow(found.variant, point_index) as case:
                parts += _evaluate_steps(case, found, task)
        return join_tables(parts)

    @contextmanager
    def _borrow(self, variant: str, point_index: int) -> Iterator[Case]:
        """Have a case to oneself; what it has evaluated before makes the next step quick.

        Threads of one process never share one: those that are not in use wait for whoever asks next.
        """
        with self._lock:
            matching = [case for case in self._idle if (case.variant, case.point_index) == (variant, point_index)]
            if matching:
                self._idle.remove(matching[-1])
        if matching:
            case = matching[-1]
        else:
            case = Case(self.ground, variant, point_index, self._list_points()[point_index], options=self.options)
        yield case
        with self._lock:
            self._idle = [*self._idle, case][-_IDLE_COUNT:]

    def _list_points(self) -> list[Point]:
        if self._points is None:
            self._points = list_points(self.scenario.sweep)
        return self._points

    def _cut(self) -> dict[str, Chunk]:
        if self._chunks is None:
            draws_count = self.options.draws_count if self.scenario.keep_draws else 0
            links_count = len(self.fabric.link)
            single: list[Chunk] = []
            drawn: list[Chunk] = []
            for variant in list_variants(self.scenario):
                steps = self._count_steps(variant)
                single += cut_chunks(variant, steps, links_count)
                if draws_count:
                    drawn += cut_draws(variant, steps, links_count, draws_count)
            self._chunks = {chunk.name: chunk for chunk in (*single, *drawn)}
        return self._chunks

    def _count_steps(self, variant: str) -> list[int]:
        """Return how many steps each point of a variant has; only what moves events in time can change that."""
        counts: dict[Point, int] = {}
        out = []
        for point in self._list_points():
            moving = self._of_time(point)
            if moving not in counts:
                scenario = build_ground(self.ground, variant, moving).scenario
                counts[moving] = len(list_times(scenario.timeline, scenario.event))
            out.append(counts[moving])
        return out

    def _of_time(self, point: Point) -> Point:
        """Return what of a point moves events in time."""
        return tuple((field, value) for field, value in point if field.startswith("event."))

    def _hashes(self) -> dict[str, str]:
        own = hash_surrogates(self.options)
        return {"catalog_sha256": self.catalog.sha256, "fabric_sha256": hash_fabric(self.fabric), **own}

    def _plain_scenario(self) -> dict[str, Any]:
        # Where files lie does not matter: their content has hashes of its own.
        plain = self.scenario.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=PATHS)
        return {key: value for key, value in plain.items() if key != "import"}

    def _setting_tables(self) -> dict[str, Table]:
        tables = {}
        events = [row for variant in list_variants(self.scenario) for row in self._event_rows(variant)]
        if events:
            schema = STORE_SCHEMAS["events"]
            tables["events"] = build_table(schema, {name: [row[name] for row in events] for name in schema})
        points = [
            (variant, index, field, json.dumps(value, default=list))
            for variant in list_variants(self.scenario)
            for index, point in enumerate(self._list_points())
            for field, value in point
        ]
        if points:
            schema = STORE_SCHEMAS["points"]
            tables["points"] = build_table(schema, dict(zip(schema, zip(*points, strict=True), strict=True)))
        return tables

    def _event_rows(self, variant: str) -> list[dict[str, Any]]:
        scenario = build_ground(self.ground, variant).scenario
        return [
            {
                "variant": variant,
                "event_index": index,
                "time_days": event.start_days,
                "end_days": float("nan") if event.end_days is None else event.end_days,
                "kind": event.kind,
                "target": describe_target(event),
                "text": event.note,
            }
            for index, event in enumerate(scenario.event)
        ]


def _evaluate_steps(case: Case, chunk: Chunk, task: Task | None) -> list[dict[str, Table]]:
    steps = range(chunk.steps.start, min(chunk.steps.stop, len(case.times)))
    if chunk.draws is None:
        return [case.evaluate_step(step, task=task) for step in steps]
    return [case.evaluate_draws(step, chunk.draws, task=task) for step in steps]


def plan_scenario(
    scenario: Scenario,
    fabric: Fabric,
    catalog: Catalog,
    *,
    wanted_margin_db: float | None = None,
    options: BudgetOptions | None = None,
) -> ScenarioPlan:
    """Return the plan of a scenario whose fabric and catalog have been read.

    Parameters
    ----------
    wanted_margin_db, options
        In place of the scenario's own.

    Raises
    ------
    ParameterError
        If a value is out of range, or the fabric has no links.
    """
    changes: dict[str, Any] = {}
    if wanted_margin_db is not None:
        if not 0 <= wanted_margin_db < float("inf"):
            raise ParameterError(f"wanted_margin_db is {wanted_margin_db}; allowed: a finite number, 0 or above")
        changes["wanted_margin_db"] = wanted_margin_db
    if options is not None:
        changes |= {name: value for name, value in asdict(options).items() if name in Scenario.model_fields}
    if not fabric.link:
        raise ParameterError("the fabric has no links; `lightlane design` adds them")
    return ScenarioPlan(scenario.model_copy(update=changes), fabric, add_distributions(catalog, scenario.distribution))

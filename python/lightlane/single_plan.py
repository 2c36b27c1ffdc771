"""A run of one state as a plan of one chunk."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from lightlane.catalog.load import Catalog, load_catalog
from lightlane.engine import run
from lightlane.fabric.topology import Fabric
from lightlane.files import TomlDocument
from lightlane.kernels import Task, build_info
from lightlane.lane.options import BudgetOptions
from lightlane.lane.waveform.compare import OnStep
from lightlane.results.manifest import hash_json
from lightlane.results.records import Results, Table
from lightlane.results.store import SINGLE_CHUNK, key_tables
from lightlane.scenario.load import load_fabric_of
from lightlane.scenario.schema import Scenario


@dataclass(slots=True)
class SinglePlan:
    """One call of :func:`lightlane.engine.run`, whose results are kept for whoever asks first.

    Attributes
    ----------
    source
        Fabric or scenario.
    options
        Of the budget model.
    wanted_margin_db, catalog
        As of ``run``.
    document
        The file that the source was read from, to whose lines problems point.
    on_step
        Called with a word for each step; not known to workers.
    """

    source: Fabric | Scenario
    options: BudgetOptions
    wanted_margin_db: float | None = None
    catalog: Catalog | None = None
    document: TomlDocument | None = None
    on_step: OnStep | None = None
    _results: Results | None = field(default=None, init=False, repr=False)

    @property
    def chunks(self) -> tuple[str, ...]:
        """The one chunk."""
        return (SINGLE_CHUNK,)

    @property
    def header(self) -> dict[str, Any]:
        """The manifest of the results, which are evaluated for it."""
        return self.results().manifest

    @property
    def fingerprint(self) -> str:
        """Checksum of fabric, scenario, catalog, options, version, build and instruction set."""
        source, catalog = self.source, self.catalog
        fabric = source
        if isinstance(source, Scenario):
            catalog = load_catalog(source.catalog) if catalog is None else catalog
            fabric = load_fabric_of(source, catalog, self.document)
        catalog = load_catalog() if catalog is None else catalog
        return hash_json(
            {
                "source": source.model_dump(mode="json"),
                "fabric": fabric.model_dump(mode="json"),
                "catalog_sha256": catalog.sha256,
                "options": asdict(self.options),
                "wanted_margin_db": self.wanted_margin_db,
                **{name: build_info()[name] for name in ("version", "target", "instruction_set")},
            }
        )

    def results(self, task: Task | None = None) -> Results:
        """Return the results, evaluated at the first call."""
        if self._results is None:
            self._results = run(
                self.source,
                catalog=self.catalog,
                wanted_margin_db=self.wanted_margin_db,
                options=self.options,
                document=self.document,
                task=task,
                on_step=self.on_step,
            )
        return self._results

    def evaluate(self, chunk: str, task: Task | None = None) -> dict[str, Table]:
        """Return the tables of the results."""
        return key_tables(self.results(task))

    def __getstate__(self) -> dict[str, Any]:
        """Return what a worker needs: the work without what is known of it here."""
        names = ("source", "options", "wanted_margin_db", "catalog")
        return {name: getattr(self, name) for name in names}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Fill a plan from what was sent."""
        self.__init__(**state)  # type: ignore[misc]

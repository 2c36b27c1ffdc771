"""Work of our own in chunks: one module over one length is a chunk, which any worker evaluates alone."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

import lightlane
from lightlane.results.records import Table, build_table
from lightlane.results.schemas import LANE_COLUMNS, POINT_COLUMNS, STORE_SCHEMAS


@dataclass(frozen=True)
class ReachPlan:
    """Every module over every length, with draws over fibers, connectors and modules."""

    modules: tuple[str, ...]
    lengths_km: tuple[float, ...]
    draws_count: int

    @property
    def chunks(self) -> tuple[str, ...]:
        """A name for the files of each chunk, in the order of work."""
        return tuple(f"{module}-p{point:04}" for module in self.modules for point in range(len(self.lengths_km)))

    @property
    def header(self) -> dict[str, Any]:
        """What the manifest says."""
        return {"name": "reach of modules", **asdict(self)}

    @property
    def fingerprint(self) -> str:
        """A run is resumed by the same plan, catalog and version alone."""
        catalog = lightlane.load_catalog().sha256
        return hashlib.sha256(json.dumps([asdict(self), catalog, lightlane.__version__]).encode()).hexdigest()

    def evaluate(self, chunk: str, task: lightlane.Task | None = None) -> dict[str, Table]:
        """Return the rows of one module over one length."""
        module, _, number = chunk.rpartition("-p")
        length_km = self.lengths_km[int(number)]
        link = lightlane.point_to_point(module, length_km)
        options = lightlane.BudgetOptions(draws_count=self.draws_count)
        lanes = lightlane.evaluate_links([link], options=options, task=task).columns
        state = {"variant": module, "point_index": int(number), "step_index": 0, "time_days": 0.0}
        keys = {name: [value] * len(lanes["lane"]) for name, value in state.items()}
        point = {"variant": [module], "point_index": [int(number)], "field": ["length_km"], "value": [f"{length_km}"]}
        return {
            "lanes": build_table(STORE_SCHEMAS["lanes"], {**keys, **{name: lanes[name] for name in LANE_COLUMNS}}),
            "points": build_table(POINT_COLUMNS, point),
        }

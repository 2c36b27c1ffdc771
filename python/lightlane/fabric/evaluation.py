"""From the fabric's file to verdicts: compose every link from its parts and evaluate them all in one batch."""

from __future__ import annotations

from lightlane.catalog.load import Catalog
from lightlane.fabric.composition import compose_links
from lightlane.fabric.topology import Fabric
from lightlane.kernels import Task
from lightlane.lane.batch import LaneBatch
from lightlane.lane.budget import evaluate_links
from lightlane.lane.options import DEFAULT_OPTIONS, BudgetOptions


def evaluate_fabric(
    fabric: Fabric,
    catalog: Catalog,
    *,
    wanted_margin_db: float,
    options: BudgetOptions = DEFAULT_OPTIONS,
    explain: bool = False,
    task: Task | None = None,
) -> LaneBatch:
    """Evaluate every lane of every link of a fabric; parameters and errors as of ``evaluate_links``."""
    links = compose_links(fabric, catalog)
    return evaluate_links(
        links,
        wanted_margin_db=wanted_margin_db,
        options=options,
        distributions=catalog.distributions.values(),
        explain=explain,
        task=task,
    )

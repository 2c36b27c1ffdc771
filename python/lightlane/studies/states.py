"""What a study of failures starts from: the links of a fabric as the lane model sees them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightlane.catalog.load import Catalog, load_catalog
from lightlane.engine import run
from lightlane.fabric.composition import compose_links
from lightlane.fabric.load import load_fabric
from lightlane.fabric.restoration import LinkFigures
from lightlane.fabric.topology import Fabric
from lightlane.lane.batch import CLOSING
from lightlane.link import Link as ComposedLink
from lightlane.results.records import Results, Table

MANIFEST_KEYS = (
    "lightlane_version", "python_version", "numpy_version", "build", "instruction_set", "created_utc", "seed",
    "fidelity", "wanted_margin_db", "catalog_sha256", "fabric_sha256", "fabric", "assumed",
)  # fmt: skip
"""What a study's manifest takes from the run that it rests on."""


@dataclass(frozen=True, slots=True)
class EvaluatedFabric:
    """A fabric and what the lane model says of it."""

    fabric: Fabric
    catalog: Catalog
    results: Results
    figures: LinkFigures

    def compose(self) -> list[ComposedLink]:
        """Return the composed links in the fabric's order."""
        return compose_links(self.fabric, self.catalog)

    def manifest(self, **settings: Any) -> dict[str, Any]:
        """Return where the numbers come from, and the study's settings."""
        given = self.results.manifest
        return {**{key: given[key] for key in MANIFEST_KEYS if key in given}, "settings": settings}


def evaluate_for_study(
    source: Fabric | Path | str, catalog: Catalog | None = None, wanted_margin_db: float | None = None
) -> EvaluatedFabric:
    """Evaluate every link of a fabric or of the file of one.

    Raises
    ------
    FormatError, ParameterError
        As :func:`lightlane.run`.
    """
    catalog = load_catalog() if catalog is None else catalog
    fabric = source if isinstance(source, Fabric) else load_fabric(source, catalog)
    results = run(fabric, catalog=catalog, wanted_margin_db=wanted_margin_db)
    return EvaluatedFabric(fabric, catalog, results, figures_of(results.links))


def figures_of(links: Table) -> LinkFigures:
    """Take what routing needs from a table ``links``."""
    names = links["link"].tolist()
    return LinkFigures(
        latency_us=dict(zip(names, links["latency_us"].tolist(), strict=True)),
        rate_gbps=dict(zip(names, links["rate_gbps"].tolist(), strict=True)),
        up={name: status in CLOSING for name, status in zip(names, links["status"], strict=True)},
    )

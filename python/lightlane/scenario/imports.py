"""A fabric that a scenario imports in place: a topology from elsewhere, designed where it has no links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from lightlane.catalog.parts import PartId, Positive
from lightlane.fabric.design_options import DesignOptions

if TYPE_CHECKING:
    from lightlane.catalog.load import Catalog
    from lightlane.fabric.topology import Fabric


class Import(BaseModel):
    """Where the topology comes from and what is chosen for it; see ``lightlane import`` and ``lightlane design``."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    source: Annotated[str, Field(min_length=1, max_length=4096)]
    """``topohub:GROUP/NAME``, a folder of CSV files or a GeoJSON file, seen from the scenario's folder."""
    route_factor: Annotated[float, Field(ge=1, le=10)] | None = None
    fiber: PartId = "g652d"
    roles: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    total_demand_gbps: Positive | None = None
    """Sum to which the source's demand matrix is scaled."""
    latency_ms: Positive | None = None
    """One-way objective of demands that have none of their own."""
    edge_demand_gbps: Positive | None = None
    """Rate of an added demand from each edge site to its nearest core site."""
    edge_latency_ms: Positive | None = None
    design: DesignOptions = DesignOptions.model_construct()
    """How modules and amplifiers are chosen for what has no link."""

    def make_fabric(self, catalog: Catalog) -> Fabric:
        """Import the topology and design it.

        Raises
        ------
        FormatError, ParameterError
            As of the importer and the design.
        """
        from lightlane.fabric.design import design_fabric
        from lightlane.fabric.importers import import_topology
        from lightlane.fabric.importers.rules import DemandRule

        report = import_topology(
            self.source,
            route_factor=self.route_factor,
            fiber=self.fiber,
            roles=self.roles,
            demand=DemandRule(self.total_demand_gbps, self.latency_ms, self.edge_demand_gbps, self.edge_latency_ms),
            catalog=catalog,
        )
        return design_fabric(report.fabric, catalog, options=self.design).fabric

"""A triangle of three sites: two coherent links and one of direct detection, with demands over them."""

from __future__ import annotations

from typing import Any

import pytest

from lightlane.catalog.load import Catalog, load_catalog
from lightlane.fabric.topology import Demand, Duct, Fabric, Link, Site
from lightlane.plan.scenario_plan import ScenarioPlan, plan_scenario
from lightlane.scenario.schema import Scenario

COORDINATES = {"A": (50.0, 8.0), "B": (50.1, 8.4), "C": (50.4, 8.2)}
LENGTHS_KM = {("A", "B"): 32.0, ("B", "C"): 38.0, ("C", "A"): 9.0}


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="session")
def triangle() -> Fabric:
    modules = ("openzrplus-400g-ha", "openzrplus-400g-ha", "400g-lr4-10")
    ducts = tuple(
        Duct(name=f"{a}{b}".lower(), a=a, b=b, length_km=length, fiber="g652d") for (a, b), length in LENGTHS_KM.items()
    )
    return Fabric(
        format=1,
        name="triangle",
        site=tuple(
            Site(name=name, role="core", latitude_deg=lat, longitude_deg=lon)
            for name, (lat, lon) in COORDINATES.items()
        ),
        duct=ducts,
        link=tuple(
            Link(name=f"{duct.name}-1", a=duct.a, b=duct.b, module=module, ducts=(duct.name,))
            for duct, module in zip(ducts, modules, strict=True)
        ),
        demand=(
            Demand(from_site="A", to_site="B", rate_gbps=200, latency_ms=0.3, service="inference"),
            Demand(from_site="C", to_site="A", rate_gbps=150, latency_ms=0.4, service="replication"),
        ),
    )


@pytest.fixture(scope="session")
def make_plan(triangle: Fabric, catalog: Catalog) -> Any:
    def make(**keys: Any) -> ScenarioPlan:
        scenario = Scenario.model_validate({"format": 1, "name": "test", "fabric": "x", **keys})
        return plan_scenario(scenario, triangle, catalog)

    return make

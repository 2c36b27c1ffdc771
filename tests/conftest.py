"""Links built from catalog parts in one call, for every test that evaluates lanes."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import settings

from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import CoherentMode, DirectMode, Fiber
from lightlane.elements import FiberRun
from lightlane.link import LineSystem, Link, compose_link

# A change is judged on the same examples each time; at the desk hypothesis goes on looking for new ones.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

LINE_PARTS = ("mux", "demux", "express", "booster", "inline", "preamplifier", "raman")


def build_link(
    module: str,
    spans_km: Sequence[float] = (80.0,),
    *,
    mode: CoherentMode | DirectMode | str | None = None,
    fiber: Fiber | str = "g652d",
    line: dict[str, Any] | None = None,
    run: dict[str, Any] | None = None,
    name: str = "link",
    **link: Any,
) -> Link:
    """Compose a link over one fiber run a span.

    ``line`` and ``run`` hold fields of LineSystem and FiberRun, with parts as such or by id; ``mode`` may be a variant
    of one of the module's modes. Runs have no connectors and no splices unless ``run`` says so.
    """
    catalog = load_catalog()
    device = catalog.get_module(module)
    if not isinstance(mode, CoherentMode | DirectMode):
        mode = catalog.get_mode(mode or device.modes[0])
    system = dict(line or {})
    for key in LINE_PARTS:
        part = system.get(key)
        if isinstance(part, str):
            system[key] = (
                catalog.get_passive(part) if key in ("mux", "demux", "express") else catalog.get_amplifier(part)
            )
    joints = {"connector": "lc-upc", "splice": "fusion-splice", "connector_count": 0, **(run or {})}
    for key in ("connector", "splice"):
        if isinstance(joints[key], str):
            joints[key] = catalog.get_passive(joints[key])
    runs = [
        FiberRun(
            label=f"duct {number}",
            fiber=catalog.get_fiber(fiber) if isinstance(fiber, str) else fiber,
            length_km=length_km,
            **joints,
        )
        for number, length_km in enumerate(spans_km, 1)
    ]
    return compose_link(
        name=name,
        module=device,
        mode=mode,
        fec=catalog.get_fec(mode.fec),
        runs=runs,
        line=LineSystem(**system),
        **link,
    )


@pytest.fixture(scope="session")
def make_link() -> Callable[..., Link]:
    """Return :func:`build_link`."""
    return build_link

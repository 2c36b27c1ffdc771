"""Which eyes an evaluation reads, and what it says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from lightlane.catalog.parts import CoherentMode
from lightlane.lane.options import BudgetOptions

if TYPE_CHECKING:
    from lightlane.kernels.surrogate import EyeSurrogates
    from lightlane.link import Link


def eyes_of(options: BudgetOptions) -> EyeSurrogates | None:
    """Return the tables that options ask for; None for eyes that are computed."""
    if options.fidelity == "budget":
        return None
    from lightlane.lane.surrogate.store import shipped_eyes

    return shipped_eyes()


def fidelity_of(link: Link, options: BudgetOptions) -> Literal["budget", "surrogate"]:
    """Return the fidelity that a link is evaluated with: there is no surrogate of coherent lanes."""
    return "budget" if isinstance(link.mode, CoherentMode) else options.fidelity


def describe_surrogates(options: BudgetOptions) -> dict[str, Any]:
    """Return what a manifest keeps of the tables in use: names, runs and errors; nothing without them."""
    if options.fidelity == "budget":
        return {}
    from dataclasses import asdict

    from lightlane.lane.surrogate.store import shipped_surrogates

    tables = [
        {
            "name": surrogate.name,
            **asdict(surrogate.origin),
            "greatest_error_db": surrogate.greatest_error_db(),
            "held_out_count": len(surrogate.claimed()),
        }
        for surrogate in shipped_surrogates()
    ]
    return {"fidelity_by_detection": {"coherent": "budget", "direct": options.fidelity}, "surrogates": tables}

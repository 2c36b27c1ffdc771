"""Distributions of the catalog: how a figure spreads from one specimen to the next, and what shares one value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import model_validator

from lightlane.catalog.parts import Finite, Part, PartId, Positive

Quantity = Literal[
    "attenuation_db_per_km",
    "zero_dispersion_wavelength_nm",
    "zero_dispersion_slope_ps_per_nm2_km",
    "dispersion_ps_per_nm_km",
    "pmd_ps_per_sqrt_km",
    "connector_loss_db",
    "splice_loss_db",
    "mux_loss_db",
    "noise_figure_db",
    "lane_wavelength_nm",
    "launch_power_dbm",
    "oma_minus_tdecq_dbm",
    "sensitivity_dbm",
    "required_osnr_db",
]
"""What can be drawn; the unit is the last word. ``launch_power_dbm`` is that of coherent modules,
``oma_minus_tdecq_dbm`` that of direct-detect transmitters, ``sensitivity_dbm`` the least received power of either
receiver."""
Scope = Literal["cable", "fiber", "element", "module", "lane"]
"""What has one value: all fibers of a cable, one fiber with all its lanes, one connector, splice, mux or amplifier,
one module with all its lanes, one lane."""
Basis = Literal["offset", "ratio", "range"]
"""What a drawn number is: added to the part's figure, in its unit; multiplied with it; or the place between the least
(0) and the greatest value (1) that the part allows."""

SCOPES: dict[Quantity, tuple[Scope, ...]] = {
    "attenuation_db_per_km": ("cable", "fiber"),
    "zero_dispersion_wavelength_nm": ("cable", "fiber"),
    "zero_dispersion_slope_ps_per_nm2_km": ("cable", "fiber"),
    "dispersion_ps_per_nm_km": ("cable", "fiber"),
    "pmd_ps_per_sqrt_km": ("cable", "fiber"),
    "connector_loss_db": ("element",),
    "splice_loss_db": ("element",),
    "mux_loss_db": ("element",),
    "noise_figure_db": ("element",),
    "lane_wavelength_nm": ("module", "lane"),
    "launch_power_dbm": ("module", "lane"),
    "oma_minus_tdecq_dbm": ("module", "lane"),
    "sensitivity_dbm": ("module", "lane"),
    "required_osnr_db": ("module", "lane"),
}
"""The scopes that each quantity can have."""
RANGED: frozenset[Quantity] = frozenset({"zero_dispersion_wavelength_nm", "lane_wavelength_nm"})
"""The quantities of which a part gives a least and a greatest value."""
PARAMETERS: dict[str, tuple[str, ...]] = {
    "normal": ("mean", "standard_deviation"),
    "truncated_normal": ("mean", "standard_deviation", "low", "high"),
    "uniform": ("low", "high"),
    "triangular": ("low", "peak", "high"),
    "lognormal": ("mean", "standard_deviation"),
}
"""The fields that each kind of distribution needs, and the only ones that it may have."""


class Distribution(Part):
    """How one figure of the parts spreads, and which parts of a link share one drawn value."""

    quantity: Quantity
    scope: Scope
    basis: Basis
    kind: Literal["normal", "truncated_normal", "uniform", "triangular", "lognormal"]
    mean: Finite | None = None
    """With basis ``offset`` in the unit of the quantity, else a pure number, as all that follow; of a truncated normal
    distribution before the cut."""
    standard_deviation: Positive | None = None
    """Of a truncated normal distribution before the cut."""
    low: Finite | None = None
    peak: Finite | None = None
    """The most likely value of a triangular distribution."""
    high: Finite | None = None
    parts: tuple[PartId, ...] = ()
    """The parts whose figure it is; absent: of every part that no other distribution of the same quantity and scope
    names."""

    @model_validator(mode="after")
    def _consistent(self) -> Distribution:
        needed = PARAMETERS[self.kind]
        for name in ("mean", "standard_deviation", "low", "peak", "high"):
            if (getattr(self, name) is None) == (name in needed):
                raise ValueError(f"kind {self.kind!r} has {', '.join(needed)} and no other of its parameters")
        low, high = self.bounds()
        if low > high or not low <= (low if self.peak is None else self.peak) <= high:
            raise ValueError("needs low <= peak <= high")
        if self.scope not in SCOPES[self.quantity]:
            raise ValueError(f"scope of {self.quantity} is {' or '.join(SCOPES[self.quantity])}")
        if self.basis == "range" and self.quantity not in RANGED:
            raise ValueError(f"basis 'range' is for {' and '.join(sorted(RANGED))}")
        if self.basis == "range" and not (low >= 0.0 and high <= 1.0):
            raise ValueError("basis 'range' needs low and high within 0 to 1")
        if self.basis == "ratio" and (low < 0.0 or self.quantity.endswith("_dbm")):
            raise ValueError("basis 'ratio' is for figures that are not levels, and needs numbers of 0 or above")
        return self

    def bounds(self) -> tuple[float, float]:
        """Return the least and the greatest number that can be drawn; infinite where there is none."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        return (0.0 if self.kind == "lognormal" else -float("inf")), float("inf")


def choose_distributions(distributions: Iterable[Distribution], quantity: Quantity, part: str) -> list[Distribution]:
    """Return the distributions of a part's figure: of each scope the one that names the part, else the general one.

    Of two that fit alike the later one counts, so that a user's own wins over a shipped one of another id.
    """
    chosen: dict[Scope, Distribution] = {}
    for item in distributions:
        if item.quantity != quantity or (item.parts and part not in item.parts):
            continue
        if item.parts or not (item.scope in chosen and chosen[item.scope].parts):
            chosen[item.scope] = item
    return [chosen[scope] for scope in SCOPES[quantity] if scope in chosen]

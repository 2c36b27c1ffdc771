"""What the user asks of a design."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from lightlane.catalog.parts import Finite, NonNegative, PartId, Positive


class DesignOptions(BaseModel):
    """What the design may use and what it must reach."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    wanted_margin_db: NonNegative = 1.0
    """A link closes with at least this margin."""
    modules: tuple[PartId, ...] = ()
    """Modules to choose from; none: every module of the catalog."""
    rates_gbps: Annotated[tuple[Positive, ...], Field(min_length=1)] = (400.0, 800.0)
    """Net rates of one module; modes of other rates are not looked at."""
    max_span_km: Annotated[float, Field(ge=1, le=20_000)] = 80.0
    """Longest span between amplifier huts."""
    max_single_span_km: Annotated[float, Field(ge=1, le=20_000)] = 120.0
    """Longest amplified span without a hut."""
    muxes: tuple[PartId, ...] = ()
    """Mux-demuxes to choose from by channel spacing; none: every one of the catalog."""
    boosters: tuple[PartId, ...] = ()
    inline_amplifiers: tuple[PartId, ...] = ()
    preamplifiers: tuple[PartId, ...] = ()
    """Amplifier types to choose from in each place; none: every one of the catalog."""
    span_launch_powers_dbm: Annotated[tuple[Finite, ...], Field(min_length=1)] = (-2.0, 0.0, 1.0, 2.0, 4.0)
    """Powers per channel into a span that are tried."""
    max_fiber_pairs: Annotated[int, Field(ge=1)] | None = None
    """Most fiber pairs of one adjacency; absent: as many as the modules need."""
    price_book: dict[str, NonNegative] | None = None
    """Price of modules, amplifiers and muxes by their id, and of a ``hut``. Given, the least cost is chosen, not the
    least power; a candidate with an unpriced module or amplifier is left out, an unpriced mux costs nothing. Without
    a price for huts, as without a price book, the fewest huts come before anything else."""
    allow_assumed: bool = True
    """Whether a verdict may rest on values that no source gives."""
    fiber_limits: bool = False
    """Whether fibers are taken at their specified limits, not their typical figures."""
    redesign: bool = False
    """Whether links that the fabric has are dropped and chosen again."""

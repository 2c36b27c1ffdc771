"""What could replace the modules of a link: candidates of the next rate, as links that can be evaluated."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from lightlane.catalog.load import Catalog
from lightlane.catalog.parts import CoherentMode, DirectMode, Module
from lightlane.fabric.candidates import count_slots, list_unamplified_powers, pick_mux
from lightlane.fabric.design_options import DesignOptions
from lightlane.fabric.topology import Link
from lightlane.link import Link as ComposedLink

Keep = Literal["capacity", "channels"]


@dataclass(frozen=True, slots=True)
class Replacement:
    """A link with other modules.

    Attributes
    ----------
    channels_that_do_not_fit
        Channels that are wanted and that the band does not hold.
    power_w
        Of one module; NaN where nobody knows it.
    reach_km
        Of a direct-detect mode, as its standard names it; infinite for coherent.
    """

    link: Link
    channels_that_do_not_fit: int
    power_w: float
    reach_km: float


def list_replacements(
    record: Link, composed: ComposedLink, catalog: Catalog, new_modules: Mapping[str, str], keep: Keep
) -> list[Replacement]:
    """List links with modules of twice the rate, or of the one module that is given for theirs, in their place.

    Detection and band stay; amplified lines take modes that are specified for them. Where the mux is too narrow, the
    narrowest that is not replaces it. Levels of amplified lines are tried as they are, and as much higher as the symbol
    rate is, which is the same power in the whole band where half as many channels do it.
    """
    old_gbps = composed.mode.net_rate_gbps * composed.module.engines_count
    given = new_modules.get(record.module)
    modules = list(catalog.modules.values()) if given is None else [catalog.get_module(given)]
    out: list[Replacement] = []
    for module in modules:
        for name in module.modes:
            mode = catalog.get_mode(name)
            rate_gbps = mode.net_rate_gbps * module.engines_count
            wanted_rate = rate_gbps > old_gbps * 1.01 if given else math.isclose(rate_gbps, 2 * old_gbps, rel_tol=0.01)
            if wanted_rate and mode.detection == composed.mode.detection:
                ratio = rate_gbps / old_gbps
                wanted = record.channels if keep == "channels" else math.ceil(record.channels / ratio - 1e-9)
                out += _build(record, composed, module, mode, wanted, catalog)
    return out


def _build(
    record: Link,
    composed: ComposedLink,
    module: Module,
    mode: CoherentMode | DirectMode,
    wanted: int,
    catalog: Catalog,
) -> Iterator[Replacement]:
    known = (mode.power_w, module.power_w, mode.power_max_w, module.power_max_w)
    power_w = next((value for value in known if value is not None), math.nan)
    base = record.model_copy(
        update={"module": module.id, "mode": mode.id, "lit_channels": None, "first_channel_thz": None, "notes": ()}
    )
    if isinstance(mode, DirectMode):
        link = base.model_copy(update={"channels": wanted, "launch_power_dbm": None})
        yield Replacement(link, 0, power_w, mode.reach_km or math.inf)
        return
    before = composed.mode
    amplified = bool(composed.amplifiers)
    if not isinstance(before, CoherentMode) or mode.band != before.band or (amplified and not mode.amplified):
        return
    update: dict[str, object] = {}
    spacing_ghz = max(mode.channel_spacing_min_ghz, record.channel_spacing_ghz or 0.0)
    if record.mux is not None:
        mux = catalog.get_passive(record.mux)
        if mux.kind == "mux_demux" and (mux.channel_spacing_ghz or 0.0) < mode.channel_spacing_min_ghz - 1e-9:
            found = pick_mux(mode, catalog, DesignOptions())
            if found is None:
                return
            mux = found
            # A demux of its own was chosen for the old spacing.
            update |= {"mux": mux.id, "demux": None}
        spacing_ghz = max(spacing_ghz, mux.channel_spacing_ghz or 0.0)
    # No more than there were channels is a question of the band only where they stand side by side.
    slots = count_slots(mode, spacing_ghz)
    update |= {"channels": min(wanted, slots), "channel_spacing_ghz": spacing_ghz}
    higher_db = 10.0 * math.log10(mode.symbol_rate_gbd / before.symbol_rate_gbd)
    for levels in _list_levels(record, mode, higher_db, amplified=amplified):
        yield Replacement(base.model_copy(update=update | levels), max(0, wanted - slots), power_w, math.inf)


def _list_levels(
    record: Link, mode: CoherentMode, higher_db: float, *, amplified: bool
) -> Iterator[dict[str, float | None]]:
    if not amplified:
        for power_dbm in list_unamplified_powers(mode):
            yield {"launch_power_dbm": power_dbm}
        return
    for shift_db in (0.0, higher_db):
        levels: dict[str, float | None] = {"launch_power_dbm": None}
        if record.span_launch_power_dbm is not None:
            levels["span_launch_power_dbm"] = round(record.span_launch_power_dbm + shift_db, 2)
        if record.received_power_dbm is not None:
            levels["received_power_dbm"] = round(record.received_power_dbm + shift_db, 2)
        yield levels

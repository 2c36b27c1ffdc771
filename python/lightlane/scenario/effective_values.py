"""What holds where a record leaves a field open, as far as one figure says it."""

from __future__ import annotations

from typing import Any

from lightlane.catalog.line_parts import choose_attenuation
from lightlane.catalog.parts import CoherentMode
from lightlane.fabric.topology import Duct, Link
from lightlane.scenario.fields import Ground
from lightlane.units import SPEED_OF_LIGHT_M_PER_S

DEFAULT_WANTED_MARGIN_DB = 1.0
"""Where neither scenario nor fabric says one."""
_C_BAND_NM = 1550.0
"""Where the attenuation of a duct without links is shown."""


def find_effective(ground: Ground, record: Any, key: str) -> Any:
    """Return what holds in place of an open field of a record; None where no single figure does."""
    if isinstance(record, Link):
        return _of_link(ground, record, key)
    if isinstance(record, Duct) and key == "attenuation_db_per_km":
        return _of_attenuation(ground, record)
    if key == "wanted_margin_db":
        given = ground.fabric.wanted_margin_db
        return DEFAULT_WANTED_MARGIN_DB if given is None else given
    if key == "lit_ratio" and all(link.lit_channels is None for link in ground.fabric.link):
        return 1.0
    return None


def _of_link(ground: Ground, link: Link, key: str) -> Any:
    name = link.mode or ground.catalog.get_module(link.module).modes[0]
    mode = ground.catalog.get_mode(name)
    if key in ("mode", "demux"):
        return name if key == "mode" else link.mux
    if not isinstance(mode, CoherentMode):
        return None
    spacing_ghz = link.channel_spacing_ghz or mode.channel_spacing_min_ghz
    if key == "launch_power_dbm":
        return mode.launch_power_default_dbm
    if key == "channel_spacing_ghz":
        return spacing_ghz
    if key == "first_channel_thz":
        middle_thz = 0.5 * (mode.frequency_min_thz + mode.frequency_max_thz)
        return middle_thz - 0.5e-3 * (link.channels - 1) * spacing_ghz
    return None


def _of_attenuation(ground: Ground, duct: Duct) -> float:
    """Return what the table of a duct's fiber says in the middle of the band of the first link over it."""
    import numpy as np

    wavelength_nm = _C_BAND_NM
    for link in ground.fabric.link:
        if duct.name in link.ducts:
            mode = ground.catalog.get_mode(link.mode or ground.catalog.get_module(link.module).modes[0])
            if isinstance(mode, CoherentMode):
                middle_thz = 0.5 * (mode.frequency_min_thz + mode.frequency_max_thz)
                wavelength_nm = SPEED_OF_LIGHT_M_PER_S / middle_thz * 1e-3
            else:
                wavelength_nm = mode.lanes[len(mode.lanes) // 2].center_nm
            break
    points = choose_attenuation(ground.catalog.get_fiber(duct.fiber), limits=ground.scenario.fiber_limits)
    x_nm, y_db_per_km = zip(*points, strict=True)
    return float(np.interp(wavelength_nm, x_nm, y_db_per_km))

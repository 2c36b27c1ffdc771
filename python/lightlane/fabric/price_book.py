"""The user's price book: a TOML file of part ids and prices."""

from __future__ import annotations

import math
from pathlib import Path

from lightlane.catalog.load import Catalog
from lightlane.errors import FormatError, Problem
from lightlane.files import read_toml, show_value, suggest

HUT = "hut"
"""Key of the price of an amplifier hut."""


def list_priced_ids(catalog: Catalog) -> set[str]:
    """Return what a price book may name: modules, amplifiers, muxes and a hut."""
    muxes = {part.id for part in catalog.passives.values() if part.kind == "mux_demux"}
    return {*catalog.modules, *catalog.amplifiers, *muxes, HUT}


def load_price_book(path: Path | str, catalog: Catalog) -> dict[str, float]:
    """Read a price book: ``id = price`` for each part, in one currency of the user's.

    Raises
    ------
    FormatError
        With every id that the catalog does not have and every price that is not a number of at least 0.
    """
    document = read_toml(path)
    known = list_priced_ids(catalog)
    problems: list[Problem] = []
    prices: dict[str, float] = {}
    for name, value in document.data.items():
        if isinstance(value, dict):
            # Without quotes a dot in an id makes a table of it.
            meant = f"{name}.{next(iter(value), '')}"
            problems.append(
                document.problem((name,), "a table", f'a price; an id with a dot in quotes: "{meant}" = 3000')
            )
        elif name not in known:
            allowed = "the id of a module, an amplifier or a mux of the catalog, or 'hut'"
            problems.append(document.problem((name,), repr(name) + suggest(name, known), allowed))
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            problems.append(document.problem((name,), show_value(value), "a price of at least 0"))
        else:
            prices[name] = float(value)
    if problems:
        raise FormatError(problems)
    return prices

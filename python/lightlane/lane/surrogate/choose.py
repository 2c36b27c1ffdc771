"""Which eyes an evaluation reads, and what it says of them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lightlane.catalog.parts import CoherentMode
from lightlane.errors import ParameterError
from lightlane.lane.options import BudgetOptions

if TYPE_CHECKING:
    from lightlane.kernels.surrogate import EyeSurrogates
    from lightlane.lane.surrogate.record import Surrogate
    from lightlane.link import Link

Stamp = tuple[tuple[str, int, int], ...]
"""Name, size and time of each file of a folder: what is read once is read anew when they change."""


def eyes_of(options: BudgetOptions) -> EyeSurrogates | None:
    """Return the tables that options ask for; None for eyes that are computed.

    Raises
    ------
    FormatError
        If a file of the options' folder is no table.
    ParameterError
        If the folder holds none.
    """
    if options.fidelity == "budget":
        return None
    from lightlane.lane.surrogate.store import shipped_eyes

    if options.surrogate_folder is None:
        return shipped_eyes()
    return _own_tables(options.surrogate_folder, _stamp(options.surrogate_folder))[1]


def surrogates_of(options: BudgetOptions) -> tuple[Surrogate, ...]:
    """Return the tables that options ask for, the user's own before the shipped ones; errors as of `eyes_of`."""
    if options.fidelity == "budget":
        return ()
    from lightlane.lane.surrogate.store import shipped_surrogates

    if options.surrogate_folder is None:
        return shipped_surrogates()
    return _own_tables(options.surrogate_folder, _stamp(options.surrogate_folder))[0]


def _stamp(folder: str) -> Stamp:
    files = sorted(Path(folder).glob("*.parquet")) if Path(folder).is_dir() else []
    if not files:
        raise ParameterError(f"{folder} holds no surrogate; allowed: a folder of `lightlane surrogate build`")
    stats = [(path.name, path.stat()) for path in files]
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


@lru_cache(maxsize=4)
def _own_tables(folder: str, stamp: Stamp) -> tuple[tuple[Surrogate, ...], EyeSurrogates]:
    """Return a folder's tables and then the shipped ones: the first that holds a mode's transmitter serves it."""
    from lightlane.kernels.surrogate import EyeSurrogates
    from lightlane.lane.surrogate.store import load_surrogates, shipped_surrogates

    found = (*load_surrogates(Path(folder)), *shipped_surrogates())
    return found, EyeSurrogates([surrogate.table for surrogate in found])


def fidelity_of(link: Link, options: BudgetOptions) -> Literal["budget", "surrogate"]:
    """Return the fidelity that a link is evaluated with: there is no surrogate of coherent lanes."""
    return "budget" if isinstance(link.mode, CoherentMode) else options.fidelity


def describe_surrogates(options: BudgetOptions) -> dict[str, Any]:
    """Return what a manifest keeps of the tables in use: names, runs and errors; nothing without them."""
    if options.fidelity == "budget":
        return {}
    from dataclasses import asdict

    tables = [
        {
            "name": surrogate.name,
            **asdict(surrogate.origin),
            "greatest_error_db": surrogate.greatest_error_db(),
            "held_out_count": len(surrogate.claimed()),
        }
        for surrogate in surrogates_of(options)
    ]
    return {"fidelity_by_detection": {"coherent": "budget", "direct": options.fidelity}, "surrogates": tables}


def hash_surrogates(options: BudgetOptions) -> dict[str, str]:
    """Return a checksum of the user's own tables for the manifest; nothing without them."""
    if options.fidelity == "budget" or options.surrogate_folder is None:
        return {}
    import hashlib

    sum_of_all = hashlib.sha256()
    for name, _, _ in _stamp(options.surrogate_folder):
        sum_of_all.update(name.encode() + b"\0")
        sum_of_all.update((Path(options.surrogate_folder) / name).read_bytes())
    return {"surrogates_sha256": sum_of_all.hexdigest()}

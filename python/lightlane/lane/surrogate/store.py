"""Surrogate files: Parquet, one row by eye, everything else in the file's metadata."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.kernels.surrogate import EYE_NUMBERS_COUNT, EyeSurrogates, SurrogateTable
from lightlane.lane.surrogate.record import HeldOut, Surrogate, SurrogateOrigin

if TYPE_CHECKING:
    import pyarrow as pa

SURROGATE_FORMAT = 1
EYE_DIGITS = 5
"""Of the numbers of an eye, which are of the order of the outer OMA: a thousandth of a decibel."""
SHIPPED_FOLDER = Path(__file__).parent / "data"
AXES = ("extinction_ratio_db", "bandwidth_ratio", "chirp_alpha", "dispersion_ratio")
"""From the slowest to the fastest."""
_KEY = b"lightlane_surrogate"


def save_surrogate(surrogate: Surrogate, folder: Path) -> Path:
    """Write a surrogate into a folder and return its file."""
    import pyarrow as pa
    from pyarrow import parquet

    table = surrogate.table
    columns = np.meshgrid(*(getattr(table, name) for name in AXES), indexing="ij")
    numbers = np.round(table.eye_ratio.reshape(-1, EYE_NUMBERS_COUNT) * 10**EYE_DIGITS).astype(np.int32)
    described = {
        "format": SURROGATE_FORMAT,
        "digits": EYE_DIGITS,
        "name": surrogate.name,
        "equalizer": table.equalizer,
        "target_ser_ratio": table.target_ser_ratio,
        "origin": asdict(surrogate.origin),
        "held_out": [_without_nan(asdict(found)) for found in surrogate.held_out],
    }
    arrays = {name: pa.array(column.ravel()) for name, column in zip(AXES, columns, strict=True)}
    # A column by number, in whole steps of its last digit: neighbors are alike and their differences pack well.
    packed = [f"n{k:02d}" for k in range(EYE_NUMBERS_COUNT)]
    arrays |= {name: pa.array(numbers[:, k]) for k, name in enumerate(packed)}
    written = pa.table(arrays).replace_schema_metadata({_KEY: json.dumps(described).encode()})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{surrogate.name}.parquet"
    parquet.write_table(
        written,
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=list(AXES),
        column_encoding=dict.fromkeys(packed, "DELTA_BINARY_PACKED"),
        write_statistics=False,
    )
    return path


def load_surrogate(path: Path) -> Surrogate:
    """Read a surrogate file.

    Raises
    ------
    FormatError
        If the file is not one, or its eyes do not fill a grid.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        read = parquet.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise _wrong(path, str(error).splitlines()[0], "a Parquet file") from error
    metadata = read.schema.metadata or {}
    if _KEY not in metadata:
        raise _wrong(path, "no surrogate", "a file that `lightlane surrogate build` has written")
    try:
        return _to_surrogate(path, read, json.loads(metadata[_KEY]))
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        # Users hand files on, and not all of them whole.
        raise _wrong(path, f"a surrogate without {error}", "what `lightlane surrogate build` writes") from error


def _to_surrogate(path: Path, read: pa.Table, described: dict[str, Any]) -> Surrogate:
    if described.get("format") != SURROGATE_FORMAT:
        raise _wrong(path, f"format {described.get('format')}", f"format {SURROGATE_FORMAT}")
    axes = {name: np.unique(read.column(name).to_numpy()) for name in AXES}
    eyes = _eyes(path, read, axes)
    return Surrogate(
        name=described["name"],
        table=SurrogateTable(
            equalizer=described["equalizer"], target_ser_ratio=described["target_ser_ratio"], eye_ratio=eyes, **axes
        ),
        origin=SurrogateOrigin(**described["origin"]),
        held_out=tuple(HeldOut(**_with_nan(found)) for found in described["held_out"]),
    )


def _without_nan(figures: dict[str, float]) -> dict[str, float | None]:
    """JSON has no NaN."""
    return {name: None if math.isnan(figure) else figure for name, figure in figures.items()}


def _with_nan(figures: dict[str, float | None]) -> dict[str, float]:
    return {name: math.nan if figure is None else figure for name, figure in figures.items()}


def _eyes(path: Path, read: pa.Table, axes: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
    """Return the numbers of a file in the order of its axes."""
    shape = tuple(len(axis) for axis in axes.values())
    if read.num_rows != int(np.prod(shape)):
        raise _wrong(path, f"{read.num_rows} eyes", f"{int(np.prod(shape))}, one at each place of its axes")
    places = np.lexsort([read.column(name).to_numpy() for name in reversed(AXES)])
    numbers = np.stack([read.column(f"n{k:02d}").to_numpy() for k in range(EYE_NUMBERS_COUNT)], axis=1)
    return np.asarray(numbers[places] / 10**EYE_DIGITS).reshape(*shape, EYE_NUMBERS_COUNT)


def _wrong(path: Path, found: str, allowed: str) -> FormatError:
    return FormatError([Problem(str(path), 0, "", found, allowed)])


def load_surrogates(folder: Path) -> tuple[Surrogate, ...]:
    """Read all surrogates of a folder, in the order of their names.

    Raises
    ------
    FormatError
        If a file is wrong.
    ParameterError
        If the folder holds none.
    """
    files = sorted(folder.glob("*.parquet"))
    if not files:
        raise ParameterError(f"{folder} holds no surrogate; allowed: a folder of `lightlane surrogate build`")
    return tuple(load_surrogate(path) for path in files)


@lru_cache(maxsize=1)
def shipped_surrogates() -> tuple[Surrogate, ...]:
    """Return the surrogates that Lightlane ships."""
    return load_surrogates(SHIPPED_FOLDER)


@lru_cache(maxsize=1)
def shipped_eyes() -> EyeSurrogates:
    """Return the shipped surrogates, ready for the kernels."""
    return EyeSurrogates([surrogate.table for surrogate in shipped_surrogates()])

"""Captured waveforms: CSV of oscilloscopes, NumPy and HDF5 files."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lightlane.errors import FormatError, ParameterError, Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SUFFIXES = (".csv", ".txt", ".tsv", ".npy", ".npz", ".h5", ".hdf5")
WAVEFORM_NAMES = ("waveform_w", "power_w", "waveform", "samples", "signal", "y")
PATTERN_NAMES = ("symbols", "pattern", "levels")
TIME_TOLERANCE = 1e-3
"""Of a step, by which times of a table may deviate from even ones: what six printed digits leave."""

_STEP_KEYS = frozenset(
    {"xinc", "xincr", "xincrement", "sampleinterval", "increment", "dt", "timeperpoint", "hresolution"}
)
_RATE_KEYS = frozenset({"samplerate", "samplingrate", "samplefrequency", "fs"})
_SYMBOL_RATE_KEYS = frozenset({"symbolratebaud", "symbolrate", "baudrate"})
_NOISE_KEYS = frozenset({"channelnoise"})
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?nan|[-+]?inf", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedWaveform:
    """What a file says of a waveform; None for what it does not say.

    Attributes
    ----------
    power_w
        Samples as they stand in the file, whatever their unit.
    pattern
        Levels of one period, where the file holds them.
    instrument_noise_w
        Deviation of the instrument's noise, in the unit of the samples.
    """

    path: Path
    power_w: NDArray[np.float64]
    sample_rate_ghz: float | None = None
    symbol_rate_gbd: float | None = None
    pattern: NDArray[np.uint8] | None = None
    instrument_noise_w: float | None = None


def read_capture(path: Path | str, *, name: str | None = None) -> CapturedWaveform:
    """Read a captured waveform.

    CSV, with or without an oscilloscope's header: one column of samples, or times and samples. NumPy: an array of
    samples or of two columns; of an archive the array ``name`` or one of the usual names, with ``sample_rate_hz`` or
    ``sample_rate_ghz``, ``symbol_rate_hz`` and ``symbols`` where it holds them. HDF5: the same names, as data sets or
    attributes (h5py has to be installed).

    Parameters
    ----------
    name
        Array, data set or CSV column that holds the samples; absent: found by its place or name.

    Raises
    ------
    FormatError
        If the file is not what it says, or holds no waveform.
    ParameterError
        If its ending is not known.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ParameterError(f"capture is {path}; allowed: a file that ends in {', '.join(SUFFIXES)}")
    if suffix in {".h5", ".hdf5"}:
        return _read_hdf5(path, name)
    if suffix in {".npy", ".npz"}:
        return _read_numpy(path, name)
    return _read_text(path, name)


def _wrong(path: Path, line: int, key: str, found: str, allowed: str) -> FormatError:
    return FormatError(Problem(str(path), line, key, found, allowed))


def _read_numpy(path: Path, name: str | None) -> CapturedWaveform:
    import numpy as np

    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return _from_array(path, "array", loaded)
        with loaded:
            return _from_names(path, {key: loaded[key] for key in loaded.files}, name)
    except (ValueError, EOFError, KeyError) as error:
        if isinstance(error, FormatError):
            raise
        raise _wrong(path, 0, "", f"no NumPy file ({error})", "an array or archive without Python objects") from error


def _read_hdf5(path: Path, name: str | None) -> CapturedWaveform:
    try:
        import h5py
    except ImportError as error:
        raise ParameterError(f"capture is {path}; HDF5 needs the package h5py: install lightlane[captures]") from error

    arrays: dict[str, Any] = {}
    try:
        with h5py.File(path, "r") as file:

            def keep(key: str, item: Any) -> None:
                arrays.update({attribute: value for attribute, value in item.attrs.items() if _is_numeric(value)})
                if isinstance(item, h5py.Dataset) and _is_numeric(item):
                    arrays[key] = item[()]
                    arrays.setdefault(key.rsplit("/", 1)[-1], arrays[key])

            keep("", file)
            file.visititems(keep)
    except OSError as error:
        if not path.exists():
            raise
        raise _wrong(path, 0, "", f"no HDF5 file ({error})", "an HDF5 file") from error
    return _from_names(path, arrays, name)


def _is_numeric(value: Any) -> bool:
    import numpy as np

    return np.issubdtype(getattr(value, "dtype", np.asarray(value).dtype), np.number)


def _from_names(path: Path, arrays: dict[str, Any], name: str | None) -> CapturedWaveform:
    """Return the waveform among named arrays, with what stands beside it."""
    import numpy as np

    if name is not None and name not in arrays:
        raise _wrong(path, 0, name, "nothing of this name", ", ".join(arrays) or "a file with arrays")
    chosen = name or next((key for key in WAVEFORM_NAMES if key in arrays), None)
    if chosen is None:
        long = {id(value): key for key, value in arrays.items() if np.ndim(value) == 1 and np.size(value) > 1}
        candidates = [key for key in long.values() if key not in PATTERN_NAMES]
        if len(candidates) != 1:
            known = ", ".join(arrays) or "nothing"
            raise _wrong(path, 0, "", known, f"one array, one of the names {', '.join(WAVEFORM_NAMES)}, or --name")
        chosen = candidates[0]
    found = _from_array(path, chosen, arrays[chosen])
    header = {_plain(key): float(np.ravel(value)[0]) for key, value in arrays.items() if np.size(value) == 1}
    found = _with_header(found, header)
    pattern = next((np.asarray(arrays[key]) for key in PATTERN_NAMES if key in arrays and key != chosen), None)
    if pattern is not None:
        if pattern.ndim != 1 or not np.isin(pattern, (0, 1, 2, 3)).all():
            raise _wrong(path, 0, "symbols", f"an array of shape {pattern.shape}", "one row of levels 0 to 3")
        found = replace(found, pattern=pattern.astype(np.uint8))
    return found


def _from_array(path: Path, key: str, array: Any) -> CapturedWaveform:
    import numpy as np

    array = np.asarray(array)
    if not np.issubdtype(array.dtype, np.number) or np.iscomplexobj(array):
        raise _wrong(path, 0, key, f"values of type {array.dtype}", "real numbers")
    array = np.squeeze(array)
    if array.ndim == 1:
        return CapturedWaveform(path=path, power_w=np.ascontiguousarray(array, dtype=np.float64))
    if array.ndim == 2 and 2 in array.shape:
        times, samples = array if array.shape[0] == 2 else array.T
        return CapturedWaveform(
            path=path,
            power_w=np.ascontiguousarray(samples, dtype=np.float64),
            sample_rate_ghz=_rate_of_times(path, np.asarray(times, dtype=np.float64)),
        )
    raise _wrong(path, 0, key, f"an array of shape {array.shape}", "one row of samples, or times and samples")


def _rate_of_times(path: Path, times_s: NDArray[np.float64]) -> float:
    import numpy as np

    count = times_s.size
    step_s = (times_s[-1] - times_s[0]) / (count - 1) if count > 1 else math.nan
    if not (math.isfinite(step_s) and step_s > 0.0):
        raise _wrong(path, 0, "time", f"times from {times_s[0]:g} to {times_s[-1]:g} s", "times that rise")
    # Printed digits may spoil single steps, not the place in the record.
    even = times_s[0] + step_s * np.arange(count)
    worst = float(np.max(np.abs(times_s - even)))
    digits_s = float(np.max(np.abs(times_s))) * 1e-6
    if worst > TIME_TOLERANCE * step_s + digits_s:
        raise _wrong(path, 0, "time", f"times {worst / step_s:.2g} steps off even ones", "evenly spaced times")
    return 1e-9 / step_s


def _with_header(found: CapturedWaveform, header: dict[str, float]) -> CapturedWaveform:
    """Return a waveform with what its header says; keys are small letters without blanks or units in brackets."""
    rate_ghz, symbol_gbd = found.sample_rate_ghz, found.symbol_rate_gbd
    for key, value in header.items():
        if not (math.isfinite(value) and value > 0.0):
            continue
        if key in _STEP_KEYS and rate_ghz is None:
            rate_ghz = 1e-9 / value
        elif key in _RATE_KEYS or key == "sampleratehz":
            rate_ghz = rate_ghz or 1e-9 * value
        elif key == "samplerateghz":
            rate_ghz = rate_ghz or value
        elif key in _SYMBOL_RATE_KEYS or key == "symbolratehz":
            symbol_gbd = 1e-9 * value
        elif key == "symbolrategbd":
            symbol_gbd = value
        elif key in _NOISE_KEYS or key == "instrumentnoisew":
            found = replace(found, instrument_noise_w=value)
    return replace(found, sample_rate_ghz=rate_ghz, symbol_rate_gbd=symbol_gbd)


def _plain(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower().split("/")[-1])


def _separator(line: str) -> str | None:
    return next((sign for sign in ",;\t" if sign in line), None)


def _split(line: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.split(_separator(line))]


def _read_text(path: Path, name: str | None) -> CapturedWaveform:
    import numpy as np

    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    first, header, titles = _read_header(path, lines)
    cells = [cell for cell in _split(lines[first]) if cell]
    columns = _choose_columns(path, first, cells, titles, name)
    try:
        table = np.loadtxt(lines[first:], delimiter=_separator(lines[first]), usecols=columns, ndmin=2, comments="#")
    except ValueError as error:
        place = re.search(r"row (\d+)", str(error))
        line = first + 1 + (int(place[1]) if place else 0)
        found = lines[line - 1][:60] if line <= len(lines) else "the end of the file"
        raise _wrong(path, line, "", repr(found), f"{len(columns)} numbers, as in line {first + 1}") from error
    return _with_header(_from_array(path, "table", table), header)


def _read_header(path: Path, lines: list[str]) -> tuple[int, dict[str, float], list[str]]:
    """Return the index of the first line of numbers, the header's numbers, and the titles of the columns."""
    header: dict[str, float] = {}
    titles: list[str] = []
    for index, line in enumerate(lines):
        cells = _split(line)
        filled = [cell for cell in cells if cell]
        if not filled or line.startswith("#"):
            continue
        if all(_NUMBER.fullmatch(cell) for cell in filled):
            return index, header, titles
        key, values = _plain(re.sub(r"[\[(].*", "", filled[0].removesuffix(":"))), filled[1:]
        number = next((float(value) for value in values if _NUMBER.fullmatch(value)), None)
        # A scope repeats "key, value" left of its first samples; Tektronix writes so.
        if number is not None:
            header[key] = number
        titles = filled
    raise _wrong(path, len(lines), "", "no line of numbers", "a column of samples, or times and samples")


def _choose_columns(path: Path, first: int, cells: list[str], titles: list[str], name: str | None) -> tuple[int, ...]:
    if name is None:
        if len(cells) > 2:
            shown = ", ".join(titles) if len(titles) == len(cells) else f"{len(cells)} columns"
            raise _wrong(path, first + 1, "", shown, "one or two columns, or --name with the title of one")
        return tuple(range(len(cells)))
    if name not in titles or len(titles) != len(cells):
        raise _wrong(path, first, name, ", ".join(titles) or "no titles", "the title of a column")
    place = titles.index(name)
    is_time = _plain(re.sub(r"[\[(].*", "", titles[0])) in {"time", "t", "x", "second", "seconds"}
    return (0, place) if is_time and place else (place,)

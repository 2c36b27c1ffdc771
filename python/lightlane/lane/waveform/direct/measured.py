"""A transmitter's measured response from a Touchstone file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.kernels.direct_waveform import MeasuredResponse

Floats = NDArray[np.float64]
START_MAX_GHZ = 1.0
"""Where the lowest measured frequency may be: below it the response is taken as flat."""
DELAY_DEPTH_DB = 3.0
"""Down to which the phase is a delay for the most part."""


def load_response(path: Path | str) -> MeasuredResponse:
    """Read S21 of a two-port Touchstone file as the electro-optic response of a transmitter.

    Its gain at the lowest frequency becomes 1, and its delay, which moves the waveform as a whole, is taken off.

    Raises
    ------
    ParameterError
        If the package that reads such files is not installed.
    FormatError
        If the file is none, has another number of ports, or begins too high.
    """
    try:
        from skrf import Network
    except ImportError as error:
        raise ParameterError(
            f"response is {path}; Touchstone files need the package scikit-rf: install lightlane[responses]"
        ) from error
    try:
        network = Network(str(path))
    except OSError as error:
        raise _wrong(path, error.strerror or str(error), "a Touchstone file that can be read") from error
    except Exception as error:
        # The package raises whatever its parsers do.
        raise _wrong(path, f"text that is no Touchstone data ({error})", "a Touchstone file (.s2p)") from error
    if network.nports != 2:
        raise _wrong(path, f"{network.nports} ports", "two ports: drive and light")
    frequency_ghz, gain = np.asarray(network.f) * 1e-9, np.asarray(network.s[:, 1, 0], dtype=np.complex128)
    if len(frequency_ghz) < 3 or frequency_ghz[0] > START_MAX_GHZ or not (np.diff(frequency_ghz) > 0.0).all():
        first = f"{len(frequency_ghz)} frequencies from {frequency_ghz[0] if len(frequency_ghz) else 0:g} GHz"
        raise _wrong(path, first, f"three or more, rising, the lowest at {START_MAX_GHZ:g} GHz at most")
    if not (np.isfinite(gain).all() and abs(gain[0]) > 0.0):
        raise _wrong(path, "a gain that is not finite or is 0 at the lowest frequency", "finite gains")
    level = np.abs(gain) / abs(gain[0])
    phase_rad = np.unwrap(np.angle(gain))
    delayed = _take_delay_off(frequency_ghz, level, phase_rad)
    response = level * np.exp(1j * delayed)
    if frequency_ghz[0] > 0.0:
        frequency_ghz, response = np.append(0.0, frequency_ghz), np.append(1.0 + 0.0j, response)
    else:
        response[0] = 1.0
    return MeasuredResponse(frequency_ghz=tuple(frequency_ghz.tolist()), gain=tuple(response.tolist()))


def _take_delay_off(frequency_ghz: Floats, level: Floats, phase_rad: Floats) -> Floats:
    """Return the phase without its straight part, which a delay makes, found where the gain is high."""
    below = np.flatnonzero(level < 10.0 ** (-DELAY_DEPTH_DB / 20.0))
    used = slice(0, max(3, int(below[0]) if len(below) else len(level)))
    slope, start = np.polyfit(frequency_ghz[used], phase_rad[used], 1)
    # The phase at no frequency is 0 or, of an inverting driver, pi: its sign goes with it.
    return np.asarray(phase_rad - start - slope * frequency_ghz)


def _wrong(path: Path | str, found: str, allowed: str) -> FormatError:
    return FormatError(Problem(str(path), 0, "", found, allowed))

"""Building surrogates: a run at every value of a grid, and runs between them that tell how far the table is off."""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from lightlane.errors import ModelError
from lightlane.kernels.signal import random_bits
from lightlane.kernels.surrogate import EYE_NUMBERS_COUNT, EyeSurrogates, SurrogateTable
from lightlane.kernels.task import build_info
from lightlane.lane.surrogate.grids import SurrogateGrid
from lightlane.lane.surrogate.record import HeldOut, Surrogate, SurrogateOrigin
from lightlane.lane.surrogate.runs import FIRST_NOISE_RATIO, RunPoint, RunTarget, run_point, run_symbols
from lightlane.lane.surrogate.store import EYE_DIGITS
from lightlane.lane.waveform.address import HELD_OUT_PLACE, stream_of

Floats = NDArray[np.float64]
OnRun = Callable[[int, int], None]

UNIFORM_BITS_COUNT = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSettings:
    """How exactly a surrogate is built.

    Attributes
    ----------
    symbols_count
        Of each run.
    held_out_count, held_out_symbols_count
        Runs at places drawn from the box, with other symbols, that the table is held against.
    seed
        Key of the symbols; that of the held-out runs is one more.
    """

    symbols_count: int = 2**13
    held_out_count: int = 48
    held_out_symbols_count: int = 2**15
    seed: int = 1


DEFAULT_BUILD = BuildSettings()


def build_surrogate(
    grid: SurrogateGrid,
    *,
    settings: BuildSettings = DEFAULT_BUILD,
    on_run: OnRun | None = None,
) -> Surrogate:
    """Simulate a grid, tabulate its eyes and hold the table against runs at other places.

    Parameters
    ----------
    on_run
        Called with the runs that are done and their number.

    Raises
    ------
    ParameterError
        If a figure of the grid is not allowed.
    ModelError
        If a transmitter of the grid overshoots below zero power.
    """
    start_s = time.process_time()
    symbols = run_symbols(settings.symbols_count, settings.seed)
    shape = (
        len(grid.extinction_ratio_db),
        len(grid.bandwidth_ratio),
        len(grid.chirp_alpha),
        len(grid.dispersion_ratio),
    )
    eyes = np.empty((*shape, EYE_NUMBERS_COUNT))
    total = int(np.prod(shape)) + settings.held_out_count
    done = 0
    first_noise_ratio = FIRST_NOISE_RATIO
    for place, point in _points(grid):
        eye = run_point(point, grid.target, symbols, first_noise_ratio=first_noise_ratio)
        # The next point is a neighbor.
        first_noise_ratio = FIRST_NOISE_RATIO if math.isnan(eye.noise_ratio) else eye.noise_ratio
        eyes[place] = np.round(eye.eye_ratio, EYE_DIGITS)
        done += 1
        if on_run is not None:
            on_run(done, total)
    table = SurrogateTable(
        equalizer=grid.target.reference_equalizer,
        target_ser_ratio=grid.target.target_ser_ratio,
        dispersion_ratio=grid.dispersion_ratio,
        chirp_alpha=np.array(grid.chirp_alpha),
        bandwidth_ratio=np.array(grid.bandwidth_ratio),
        extinction_ratio_db=np.array(grid.extinction_ratio_db),
        eye_ratio=eyes,
    )
    held_out = []
    for found in hold_out(table, grid.target, settings):
        held_out.append(found)
        done += 1
        if on_run is not None:
            on_run(done, total)
    origin = _origin(settings, time.process_time() - start_s)
    return Surrogate(name=grid.name, table=table, origin=origin, held_out=tuple(held_out))


def _origin(settings: BuildSettings, processor_s: float) -> SurrogateOrigin:
    build = build_info()
    return SurrogateOrigin(
        seed=settings.seed,
        symbols_count=settings.symbols_count,
        held_out_symbols_count=settings.held_out_symbols_count,
        lightlane_version=build["version"],
        build=f"{build['target']} {build['instruction_set']}",
        python_version=platform.python_version(),
        processor_s=round(processor_s, 1),
    )


def _points(grid: SurrogateGrid) -> Iterator[tuple[tuple[int, int, int, int], RunPoint]]:
    """Yield the places of a grid; dispersion goes to and fro, so that each point is a neighbor of the last."""
    dispersions = grid.dispersion_ratio.tolist()
    backward = False
    for e, extinction_ratio_db in enumerate(grid.extinction_ratio_db):
        for b, bandwidth_ratio in enumerate(grid.bandwidth_ratio):
            for c, chirp_alpha in enumerate(grid.chirp_alpha):
                numbers = range(len(dispersions))
                for d in reversed(numbers) if backward else numbers:
                    yield (
                        (e, b, c, d),
                        RunPoint(
                            dispersion_ratio=dispersions[d],
                            chirp_alpha=chirp_alpha,
                            bandwidth_ratio=bandwidth_ratio,
                            extinction_ratio_db=extinction_ratio_db,
                        ),
                    )
                backward = not backward


def hold_out(table: SurrogateTable, target: RunTarget, settings: BuildSettings) -> Iterator[HeldOut]:
    """Yield what a table and runs of their own say of transmitters drawn evenly from its box."""
    surrogates = EyeSurrogates([table])
    symbols = run_symbols(settings.held_out_symbols_count, settings.seed + 1)
    shares = _uniform_numbers(4 * settings.held_out_count, settings.seed + 1).reshape(-1, 4)
    for row in shares:
        axes = (table.dispersion_ratio, table.chirp_alpha, table.bandwidth_ratio, table.extinction_ratio_db)
        figures = [float(axis[0] + share * (axis[-1] - axis[0])) for axis, share in zip(axes, row, strict=True)]
        point = RunPoint(
            dispersion_ratio=figures[0],
            chirp_alpha=figures[1],
            bandwidth_ratio=figures[2],
            extinction_ratio_db=figures[3],
        )
        yield compare_point(surrogates, point, target, symbols)


def compare_point(
    surrogates: EyeSurrogates, point: RunPoint, target: RunTarget, symbols: NDArray[np.uint8], table: int = 0
) -> HeldOut:
    """Return the TDECQ of one transmitter by a table and by a run of its own."""
    tabled_db = float(surrogates.tdecq_db(table, point.dispersion_ps_per_nm, point.transmitter())[0])
    try:
        noise_ratio = run_point(point, target, symbols).noise_ratio
    except ModelError:
        noise_ratio = math.nan
    # IEEE 802.3-2022, 121.8.5: OMA/(6 Qt sigma), SER = 3/2 Q(Qt).
    target_q = -NormalDist().inv_cdf(target.target_ser_ratio / 1.5)
    simulated_db = -10.0 * math.log10(6.0 * target_q * noise_ratio) if noise_ratio > 0.0 else math.nan
    return HeldOut(
        dispersion_ratio=point.dispersion_ratio,
        chirp_alpha=point.chirp_alpha,
        bandwidth_ratio=point.bandwidth_ratio,
        extinction_ratio_db=point.extinction_ratio_db,
        simulated_tdecq_db=simulated_db,
        tabled_tdecq_db=tabled_db,
    )


def _uniform_numbers(count: int, seed: int) -> Floats:
    bits = random_bits(
        UNIFORM_BITS_COUNT * count,
        seed=seed,
        stream=stream_of("surrogate", "a_to_b", 0, "held out"),
        purpose=HELD_OUT_PLACE,
    )
    return np.asarray(bits.reshape(count, UNIFORM_BITS_COUNT) @ 0.5 ** np.arange(1.0, UNIFORM_BITS_COUNT + 1.0))

"""Links cut into chunks that are lowered and evaluated side by side, each answer in its row."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import DirectMode
from lightlane.kernels import Task
from lightlane.kernels.budget import fill_coherent_lanes, fill_direct_lanes
from lightlane.kernels.lane_answers import LaneAnswers
from lightlane.lane.lowering import DIRECTIONS, Lowered, coherent_settings, lower_coherent, lower_direct
from lightlane.lane.options import BudgetOptions
from lightlane.lane.surrogate.choose import eyes_of
from lightlane.link import Link

Columns = dict[str, NDArray[Any]]
Answer = tuple[Lowered, NDArray[np.int64], Columns]
"""What was lowered, the rows that its lanes have, and the contributions to their margins."""

CHUNK_LANES_COUNT = 32_768
"""Lanes that are lowered and evaluated at a time: enough to keep all threads busy, few enough to keep memory flat and
their tables in memory that the process has already."""
FIRST_CHUNK_DIVISOR = 4
"""So much smaller is the first chunk of several: until it is lowered no kernel has work."""
KERNELS_AT_WORK = 3
"""Two share the threads, and the third has work for them when those two end at about one time, as they do."""
PARTS_AHEAD = 6
"""Parts that are lowered or evaluated, or wait to be read: the next ones are lowered before a kernel asks for them."""
KEPT_FROM_CHUNKS = 4
"""Of more chunks the memory of one serves the next."""
LARGEST_BLOCK_BYTES = (32 << 20) - (64 << 10)
"""Largest block that teaches the C library, with what it adds to a block."""
FEW_LANES_COUNT = 512
"""So few lanes are evaluated before a thread is there."""


def count_lanes(link: Link) -> int:
    """Count the lanes of both directions of a link."""
    if link.frequencies_thz:
        return 2 * len(link.frequencies_thz if link.lit_channels is None else link.lit_channels)
    assert isinstance(link.mode, DirectMode)
    return 2 * link.channels * len(link.mode.lanes) * link.module.engines_count


@dataclass(frozen=True, slots=True)
class _Part:
    """The links of one detection in a chunk.

    Attributes
    ----------
    start, end
        Rows of the chunk.
    """

    numbers: list[int]
    start: int
    end: int
    is_coherent: bool


def evaluate_chunks(
    links: Sequence[Link],
    bounds: NDArray[np.int64],
    answers: LaneAnswers,
    options: BudgetOptions,
    *,
    explain: bool,
    task: Task,
) -> Iterator[Answer]:
    """Evaluate links chunk by chunk into ``answers``, in order of the chunks, coherent ones before direct-detect ones.

    One thread lowers, which takes Python, ahead of the kernels, which do not: these wait neither for their tables nor
    for the last row of the part before.

    Parameters
    ----------
    bounds
        Where the lanes of each link start in the batch, and at the end how many lanes there are.
    """
    chunks = _chunks(links, bounds)
    first = next(chunks)
    batch = _Batch(links, bounds, answers, options, explain, task)
    is_alone = len(first) == 1 and first[0].end == bounds[-1]
    if is_alone or bounds[-1] <= FEW_LANES_COUNT:
        for part in chain(first, *chunks):
            yield batch.evaluate(part, batch.lower(part))
        return
    if bounds[-1] > KEPT_FROM_CHUNKS * CHUNK_LANES_COUNT:
        keep_freed_memory()
    with _Workers() as workers:
        yield from workers.evaluate(batch, chain([first], chunks))


@dataclass(frozen=True, slots=True)
class _Batch:
    """The links of one call with what all of their parts share."""

    links: Sequence[Link]
    bounds: NDArray[np.int64]
    answers: LaneAnswers
    options: BudgetOptions
    explain: bool
    task: Task

    def lower(self, part: _Part) -> tuple[Lowered, NDArray[np.int64]]:
        """Return the tables of a part, and for each row of its answer the place in the batch."""
        lowered = (lower_coherent if part.is_coherent else lower_direct)(self.links, part.numbers, self.options)
        return lowered, _positions(lowered, self.bounds)

    def evaluate(self, part: _Part, tables: tuple[Lowered, NDArray[np.int64]]) -> Answer:
        """Evaluate what was lowered into the answers of the batch."""
        lowered, rows = tables
        # Tables of the one detection or of the other, as the part has it.
        arguments: tuple[Any, Any, Any] = (lowered.plant, lowered.modes, lowered.rows)
        evaluate: Callable[..., Columns]
        if part.is_coherent:
            # The kernel of coherent lanes, which are most, writes to the batch; no two hold the same columns.
            own, own_rows = self.answers.between(part.start, part.end, len(lowered.path_link)), rows - part.start
            evaluate = partial(fill_coherent_lanes, settings=coherent_settings(self.options))
        else:
            own, own_rows = LaneAnswers(len(rows)), np.arange(len(rows))
            evaluate = partial(fill_direct_lanes, surrogates=eyes_of(self.options))
        steps = evaluate(*arguments, own, own_rows, explain=self.explain, task=self.task)
        if part.is_coherent:
            self.answers.take_paths(own, len(DIRECTIONS) * lowered.path_link + lowered.path_is_backward)
        else:
            self.answers.take(own, rows)
        return lowered, rows, steps


class _Workers:
    """Threads that lower and evaluate parts side by side; what is not begun when they are left is given up."""

    def __init__(self) -> None:
        self._lowering = ThreadPoolExecutor(max_workers=1)
        self._kernels = ThreadPoolExecutor(max_workers=KERNELS_AT_WORK)

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self._lowering.shutdown(cancel_futures=True)
        self._kernels.shutdown(cancel_futures=True)

    def evaluate(self, batch: _Batch, chunks: Iterable[Sequence[_Part]]) -> Iterator[Answer]:
        """Evaluate the parts of all chunks, in their order."""
        begun: deque[Future[Answer]] = deque()
        for chunk in chunks:
            while len(begun) >= PARTS_AHEAD:
                yield begun.popleft().result()
            # What is lowered soonest comes first: its kernel is at work while the other part is lowered.
            first = sorted(chunk, key=lambda part: len(part.numbers))
            evaluated = {part.is_coherent: self._begin(batch, part) for part in first}
            begun.extend(evaluated[part.is_coherent] for part in chunk)
        while begun:
            yield begun.popleft().result()

    def _begin(self, batch: _Batch, part: _Part) -> Future[Answer]:
        tables = self._lowering.submit(batch.lower, part)
        return self._kernels.submit(lambda: batch.evaluate(part, tables.result()))


def keep_freed_memory() -> None:
    """Have the C library keep the memory of tables that come and go with each chunk.

    glibc hands blocks above a threshold back to the system when they are freed, and the pages of the next chunk's
    tables are asked for again one by one. The threshold rises to the size of the largest block that was freed, 32 MiB
    at most (``mallopt(3)``, ``M_MMAP_THRESHOLD``); nothing is written to this one, so that it takes no memory. Other
    libraries do not mind.
    """
    np.empty(LARGEST_BLOCK_BYTES, dtype=np.uint8)


def _chunks(links: Sequence[Link], bounds: NDArray[np.int64]) -> Iterator[list[_Part]]:
    """Cut the links into runs of ``CHUNK_LANES_COUNT`` lanes at most, one link at least, and these by detection."""
    first, links_count = 0, len(bounds) - 1
    lanes_count = CHUNK_LANES_COUNT // (FIRST_CHUNK_DIVISOR if bounds[-1] > CHUNK_LANES_COUNT else 1)
    while first < links_count:
        last = int(np.searchsorted(bounds, bounds[first] + lanes_count, side="right")) - 1
        lanes_count = CHUNK_LANES_COUNT
        last = min(max(last, first + 1), links_count)
        numbers = range(first, last)
        coherent = [number for number in numbers if links[number].frequencies_thz]
        direct = [number for number in numbers if not links[number].frequencies_thz]
        place = int(bounds[first]), int(bounds[last])
        chunk = [_Part(coherent, *place, is_coherent=True)] if coherent else []
        if direct:
            chunk.append(_Part(direct, *place, is_coherent=False))
        yield chunk
        first = last


def _positions(lowered: Lowered, bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Place of each row of an answer in the batch, which is ordered by link, channel, direction and lane."""
    path, lane = lowered.row_path, lowered.row_lane
    # Rows are ordered by path, and within it by channel and lane: the last one has the last lane.
    ends = np.searchsorted(path, np.arange(len(lowered.path_link)), side="right")
    lanes_count = lane[ends - 1] + 1
    rows = lowered.row_rank * (len(DIRECTIONS) * lanes_count)[path]
    rows += (bounds[lowered.path_link] + lowered.path_is_backward * lanes_count)[path]
    rows += lane
    return rows

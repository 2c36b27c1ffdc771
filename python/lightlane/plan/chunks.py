"""The chunks of a scenario: what is evaluated, written and, if need be, done again as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LINK_ROWS_COUNT = 20_000
"""Links times steps of a chunk that is evaluated once."""
DRAW_ROWS_COUNT = 500_000
"""Links times steps times draws of a chunk of draws: about 30 MB while it is made."""
STEPS_MAX = 256
"""Steps of one chunk, of all its points together."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Steps of one variant at some points; with ``draws`` these draws of them, else every lane once.

    Attributes
    ----------
    steps
        Of every point, as far as that has them; several points go with all of their steps.
    """

    variant: str
    points: range
    steps: range
    draws: range | None = None

    @property
    def name(self) -> str:
        """The chunk as the name of a file."""
        name = f"{self.variant}-p{_span(self.points, 6)}-s{_span(self.steps, 6)}"
        return name if self.draws is None else f"{name}-d{_span(self.draws, 8)}"


def cut_chunks(variant: str, steps_by_point: Sequence[int], links_count: int) -> Iterator[Chunk]:
    """Cut a variant into chunks that are evaluated once.

    Chunks are a function of these numbers alone, so that every run of a scenario has the same.
    """
    for points, steps in _blocks(steps_by_point, max(1, LINK_ROWS_COUNT // max(1, links_count))):
        yield Chunk(variant, points, steps)


def cut_draws(variant: str, steps_by_point: Sequence[int], links_count: int, draws_count: int) -> Iterator[Chunk]:
    """Cut a variant into chunks of draws: whole steps with all of their draws, or draws of single steps."""
    links_count = max(1, links_count)
    draws_at_a_time = min(draws_count, max(1, DRAW_ROWS_COUNT // links_count))
    for points, steps in _blocks(steps_by_point, max(1, DRAW_ROWS_COUNT // (links_count * draws_count))):
        for first in range(0, draws_count, draws_at_a_time):
            yield Chunk(variant, points, steps, range(first, min(first + draws_at_a_time, draws_count)))


def _blocks(steps_by_point: Sequence[int], at_a_time: int) -> Iterator[tuple[range, range]]:
    """Yield (points, steps) of at most so many steps together: parts of one point, or several points as a whole."""
    at_a_time = min(STEPS_MAX, at_a_time)
    first, filled = 0, 0
    for point, count in enumerate(steps_by_point):
        if first < point and filled + count > at_a_time:
            yield range(first, point), range(max(steps_by_point[first:point]))
            first, filled = point, 0
        filled += count
        if count > at_a_time:
            for start in range(0, count, at_a_time):
                yield range(point, point + 1), range(start, min(start + at_a_time, count))
            first, filled = point + 1, 0
    if first < len(steps_by_point):
        yield range(first, len(steps_by_point)), range(max(steps_by_point[first:]))


def _span(numbers: range, digits: int) -> str:
    return f"{numbers.start:0{digits}d}-{numbers.stop - 1:0{digits}d}"

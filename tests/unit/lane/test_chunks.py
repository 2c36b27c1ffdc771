"""Chunks of links: every link in one of them, in order, and none with more lanes than it may have."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lightlane.lane.chunks import FIRST_CHUNK_DIVISOR, _chunks, count_lanes
from lightlane.link import Link

MakeLink = Callable[..., Link]


@pytest.mark.parametrize(("lanes_count", "first_count"), [(80, 20), (8, 4), (1000, 400)])
def test_chunks_hold_all_links_and_the_first_of_several_is_smaller(
    make_link: MakeLink, monkeypatch: pytest.MonkeyPatch, lanes_count: int, first_count: int
) -> None:
    assert FIRST_CHUNK_DIVISOR == 4
    monkeypatch.setattr("lightlane.lane.chunks.CHUNK_LANES_COUNT", lanes_count)
    coherent = make_link("openzrplus-400g-ha", [60.0], channels=2, line={"mux": "mux-75ghz"})
    direct = make_link("400gbase-fr4", [1.0], channels=2)
    links = [coherent, direct] * 20
    assert (count_lanes(coherent), count_lanes(direct)) == (4, 16)
    bounds = np.concatenate([[0], np.cumsum([count_lanes(link) for link in links])])
    chunks = list(_chunks(links, bounds))
    assert sorted(number for chunk in chunks for part in chunk for number in part.numbers) == [*range(40)]
    assert [chunk[0].start for chunk in chunks] == [0, *(chunk[0].end for chunk in chunks[:-1])]
    assert chunks[0][0].end == first_count
    assert chunks[-1][0].end == bounds[-1]
    for chunk in chunks:
        assert all(bool(links[number].frequencies_thz) == part.is_coherent for part in chunk for number in part.numbers)
        # One link at least, whatever it has.
        links_count = sum(len(part.numbers) for part in chunk)
        assert chunk[0].end - chunk[0].start <= lanes_count or links_count == 1

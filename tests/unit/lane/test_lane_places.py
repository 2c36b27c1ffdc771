"""Channel, direction, lane and frequency of each row of a batch, against a walk over links, channels and lanes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lightlane.catalog.parts import DirectMode
from lightlane.lane.budget import evaluate_links
from lightlane.link import Link

LIGHT_NM_THZ = 299_792.458
NAMES = ("link", "channel_index", "direction", "lane", "frequency_thz", "wavelength_nm", "symbol_rate_gbd")


@pytest.fixture(scope="module")
def links(make_link: Callable[..., Link]) -> list[Link]:
    comb = make_link("openzrplus-400g-ha", [30.0], name="comb", channels=6, line={"mux": "mux-75ghz"})
    return [
        make_link("400g-lr4-10", [5.0], name="four"),
        comb,
        replace(comb, name="some", lit_channels=(1, 4, 5)),
        # Two engines of four lanes, three modules side by side.
        make_link("800g-2xlr4", [4.0], name="engines", channels=3),
        replace(comb, name="last", lit_channels=(5,)),
        make_link("400gbase-lr8", [6.0], name="eight"),
    ]


def _walk(links: list[Link]) -> dict[str, list[Any]]:
    out: dict[str, list[Any]] = {name: [] for name in NAMES}
    for link in links:
        mode = link.mode
        for channel in range(link.channels) if link.lit_channels is None else link.lit_channels:
            for direction in ("a_to_b", "b_to_a"):
                if isinstance(mode, DirectMode):
                    lanes = [lane.center_nm for lane in mode.lanes] * link.module.engines_count
                    places = [(LIGHT_NM_THZ / nm, nm) for nm in lanes]
                else:
                    places = [(link.frequencies_thz[channel], LIGHT_NM_THZ / link.frequencies_thz[channel])]
                for lane, (thz, nm) in enumerate(places):
                    row = (link.name, channel, direction, lane, thz, nm, mode.symbol_rate_gbd)
                    for name, value in zip(NAMES, row, strict=True):
                        out[name].append(value)
    return out


def _check(name: str, column: NDArray[Any], expected: list[Any]) -> None:
    if column.dtype == np.float64:
        np.testing.assert_allclose(column, np.array(expected, dtype=np.float64), rtol=1e-15, err_msg=name)
    else:
        assert column.tolist() == expected, name


def test_places_are_those_of_a_walk(links: list[Link]) -> None:
    batch = evaluate_links(links)
    expected = _walk(links)
    for name in NAMES:
        _check(name, batch.columns[name], expected[name])


@pytest.mark.parametrize(
    "rows",
    [slice(3, 40), slice(None, None, 7), slice(50, 20, -3), np.array([60, 2, 2, 31]), slice(5, 5)],
    ids=["some", "each seventh", "backward", "places", "none"],
)
def test_some_rows_are_had_alone(links: list[Link], rows: Any) -> None:
    batch = evaluate_links(links)
    expected = {name: np.array(column, dtype=object)[rows].tolist() for name, column in _walk(links).items()}
    taken = batch.columns.take(rows)
    assert "frequency_thz" not in batch.columns.made()
    for name in NAMES:
        _check(name, taken[name], expected[name])


def test_rows_by_a_mask(links: list[Link]) -> None:
    batch = evaluate_links(links)
    mask = np.arange(len(batch)) % 3 == 1
    expected = np.array(_walk(links)["frequency_thz"])[mask]
    np.testing.assert_allclose(batch.columns.take(mask)["frequency_thz"], expected, rtol=1e-15)

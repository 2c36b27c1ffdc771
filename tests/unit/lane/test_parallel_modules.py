"""Direct-detect modules side by side on one link: what one of them has the others have."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lightlane.lane.budget import evaluate_links
from lightlane.link import Link


@pytest.mark.parametrize("module", ["400gbase-er8", "400g-lr4-10", "800g-2xlr4", "800gbase-dr8"])
def test_each_of_several_modules_is_as_one_alone(module: str, make_link: Callable[..., Link]) -> None:
    length_km = 0.4 if module.endswith("dr8") else 9.0
    # Other links and paths of other lengths stand between, so that what is kept of one is there for the next.
    links = [make_link(module, [length_km + 0.01 * k], name=f"{channels}-{k}", channels=channels)
             for k in range(2) for channels in (1, 6)]  # fmt: skip
    batch = evaluate_links(links, explain=True)
    bounds = batch.link_bounds()
    for one, six in ((0, 1), (2, 3)):
        rows = np.arange(bounds[one], bounds[one + 1])
        others = np.arange(bounds[six], bounds[six + 1]).reshape(6, -1)
        assert others.shape[1] == len(rows)
        for name, column in batch.columns.items():
            if name not in ("link", "channel_index"):
                for channel in others:
                    np.testing.assert_array_equal(column[channel], column[rows], name)
        for channel in others:
            assert batch.explain_rows(channel.tolist()) == batch.explain_rows(rows.tolist())


def test_lanes_and_lengths_differ(make_link: Callable[..., Link]) -> None:
    links = [make_link("400gbase-er8", [10.0 + 0.1 * k], name=f"e{k}", channels=3) for k in range(3)]
    margins_db = evaluate_links(links).columns["margin_db"].reshape(3, 3, -1)
    # Eight lanes of each of two directions; both have the same fiber.
    assert margins_db.shape[2] == 16
    for link in margins_db[:, 0]:
        assert len(set(link[:8].tolist())) == 8
        np.testing.assert_array_equal(link[:8], link[8:])
    assert len(set(margins_db[:, 0, 0].tolist())) == 3

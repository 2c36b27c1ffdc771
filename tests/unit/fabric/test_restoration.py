from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from lightlane.errors import ParameterError
from lightlane.fabric.restoration import Restoration
from lightlane.fabric.topology import Demand, Duct, Fabric, Link, Site

LinkRow = tuple[str, str, str, float, float]
"""Name, a, b, latency in microseconds, rate in Gb/s; links between the same sites share their duct."""


def restore(
    rows: Sequence[LinkRow], demands: Sequence[tuple[str, str, float]], *, k: int = 4, off: Sequence[str] = ()
) -> Restoration:
    ends = {row[0]: tuple(sorted(row[1:3])) for row in rows}
    ducts = {f"{a}-{b}": Duct(name=f"{a}-{b}", a=a, b=b, length_km=1, fiber="g652d") for a, b in ends.values()}
    fabric = Fabric(
        format=1,
        site=tuple(
            Site(name=name, role="core", latitude_deg=0, longitude_deg=0)
            for name in sorted({end for row in rows for end in row[1:3]})
        ),
        duct=tuple(ducts.values()),
        link=tuple(Link(name=n, a=a, b=b, module="m", ducts=("-".join(ends[n]),)) for n, a, b, _, _ in rows),
        demand=tuple(Demand(from_site=a, to_site=b, rate_gbps=rate, latency_ms=0.05) for a, b, rate in demands),
    )
    return Restoration(
        fabric,
        link_latency_us={row[0]: row[3] for row in rows},
        link_rate_gbps={row[0]: row[4] for row in rows},
        link_up={row[0]: row[0] not in off for row in rows},
        k=k,
    )


RING: list[LinkRow] = [
    ("ab", "A", "B", 10.0, 400.0),
    ("bc", "B", "C", 10.0, 400.0),
    ("cd", "C", "D", 10.0, 400.0),
    ("da", "D", "A", 10.0, 400.0),
]


def test_the_displaced_go_round_and_the_others_stay() -> None:
    restoration = restore(RING, [("A", "B", 300.0), ("C", "D", 50.0)])
    after = restoration.without({"ab"})
    assert after.path == ["da;cd;bc", "cd"]
    assert after.status == ["met", "met"]
    assert after.rerouted == [True, False]
    assert after.latency_us == [30.0, 10.0]
    assert after.latency_change_us == [20.0, 0.0]
    # Against the direction of "cd": both share the link and not the room.
    assert after.load_gbps == {"bc": (0.0, 300.0), "cd": (50.0, 300.0), "da": (0.0, 300.0)}


def test_what_stays_keeps_its_room_though_the_displaced_are_larger() -> None:
    restoration = restore(RING, [("A", "B", 300.0), ("D", "C", 150.0)])
    after = restoration.without({"ab"})
    assert after.carried_gbps == [250.0, 150.0]
    assert after.status == ["blocked", "met"]
    assert "'cd' from 'D' to 'C'" in after.reason[0]
    assert after.latency_change_us[0] == 20.0


def test_the_room_of_the_displaced_is_free_for_others() -> None:
    # The first one goes round the other way; the second needs what it had from B to C.
    rows = [RING[0], ("bc", "B", "C", 5.0, 400.0), *RING[2:]]
    restoration = restore(rows, [("A", "C", 300.0), ("B", "A", 150.0)])
    assert restoration.home.path == ["ab;bc", "ab"]
    after = restoration.without({"ab"})
    assert after.path == ["da;cd", "bc;cd;da"]
    assert after.status == ["met", "met"]


def test_late_and_no_path_at_all() -> None:
    after = restore([*RING[:3], ("da", "D", "A", 40.0, 400.0)], [("A", "B", 300.0)]).without(["ab"])
    assert after.status == ["late"]
    after = restore(RING, [("A", "B", 300.0)]).without(["ab", "da"])
    assert (after.status, after.carried_gbps, after.parts) == (["blocked"], [0.0], [()])
    assert after.rerouted == [False]
    assert math.isnan(after.latency_change_us[0])
    assert after.reason[0].startswith("no path")


def test_one_of_two_links_side_by_side() -> None:
    rows: list[LinkRow] = [("one", "A", "B", 10.0, 400.0), ("two", "A", "B", 20.0, 400.0), *RING[1:]]
    restoration = restore(rows, [("A", "B", 300.0), ("A", "B", 200.0), ("A", "B", 100.0)])
    assert restoration.home.path == ["one", "two", "one"]
    after = restoration.without(["one"])
    # The slower link has room for one of them whole; what it has left does not split the larger, which goes round.
    assert after.path == ["da;cd;bc", "two", "two"]
    assert after.latency_us == [30.0, 20.0, 20.0]


def test_links_that_are_not_up_change_nothing() -> None:
    restoration = restore([*RING, ("ac", "A", "C", 1.0, 400.0)], [("A", "C", 1.0)], off=["ac"])
    assert restoration.without(["ac"]) == restoration.home
    assert restoration.home.path == ["ab;bc"]


def test_unknown_links_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"'abc' is no link of the fabric.*'bc'"):
        restore(RING, [("A", "B", 1.0)]).without(["abc"])

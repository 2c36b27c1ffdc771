"""Splitting a duct into spans with amplifier huts between them."""

from __future__ import annotations

from collections.abc import Callable

from lightlane.errors import ParameterError
from lightlane.fabric.topology import Duct, Site

NAME_LENGTH_MAX = 80


def split_duct(
    duct: Duct, a: Site, b: Site, span_count: int, *, name_part: Callable[[str], str] = str
) -> tuple[tuple[Site, ...], tuple[Duct, ...]]:
    """Split ``duct`` into ``span_count`` spans of one length.

    The huts stand on the geodesic between the duct's ends, since the duct's real route is not in the file; lengths
    along the fiber are kept. Extra loss, repair splices and cuts are divided over the length; each hut adds a connector
    on either side of it.

    Parameters
    ----------
    a, b
        The sites at the duct's ends.
    name_part
        Makes a free name from ``<duct>-hut1`` or ``<duct>.1``.

    Returns
    -------
    The huts and the ducts, in order from ``a`` to ``b``.

    Raises
    ------
    ParameterError
        If ``span_count`` is below 1.
    """
    if span_count < 1:
        raise ParameterError(f"span_count is {span_count}; a duct has at least one span")
    if span_count == 1:
        return (), (duct,)
    positions = _list_positions(a, b, span_count)
    huts = tuple(
        Site(name=name_part(f"{duct.name}-hut{i}"), role="hut", latitude_deg=latitude, longitude_deg=longitude)
        for i, (latitude, longitude) in enumerate(positions, start=1)
    )
    ends = (duct.a, *(hut.name for hut in huts), duct.b)
    ducts = tuple(
        duct.model_copy(
            update={
                "name": name_part(f"{duct.name}.{i + 1}"),
                "a": ends[i],
                "b": ends[i + 1],
                "length_km": duct.length_km / span_count,
                "splice_count": _share(duct.splice_count, i, span_count),
                "connector_count": _count_connectors(duct.connector_count, i, span_count),
                "extra_loss_db": duct.extra_loss_db / span_count,
                "mtbf_h": None if duct.mtbf_h is None else duct.mtbf_h * span_count,
            }
        )
        for i in range(span_count)
    )
    return huts, ducts


def _list_positions(a: Site, b: Site, span_count: int) -> list[tuple[float, float]]:
    """Return latitude and longitude of the points between the spans (Karney 2013, doi 10.1007/s00190-012-0578-z)."""
    from geographiclib.geodesic import Geodesic

    line = Geodesic.WGS84.InverseLine(a.latitude_deg, a.longitude_deg, b.latitude_deg, b.longitude_deg)
    points = [line.Position(line.s13 * i / span_count) for i in range(1, span_count)]
    return [(round(point["lat2"], 5), round(point["lon2"], 5)) for point in points]


def _share(total: int, position: int, parts: int) -> int:
    """Return the part of ``total`` that falls on ``position``; all parts add up to it and differ by one at most."""
    return total * (position + 1) // parts - total * position // parts


def _count_connectors(total: int, position: int, span_count: int) -> int:
    """Keep the connectors of the duct's own ends there, one at each side of a hut."""
    at_a, at_b = total - total // 2, total // 2
    return (at_a if position == 0 else 1) + (at_b if position == span_count - 1 else 1)


def make_namer(taken: set[str]) -> Callable[[str], str]:
    """Return a function that makes a name that is neither taken nor too long, and takes it."""

    def name_part(wanted: str) -> str:
        name, number = wanted[:NAME_LENGTH_MAX], 1
        while name in taken:
            number += 1
            tail = f"~{number}"
            name = wanted[: NAME_LENGTH_MAX - len(tail)] + tail
        taken.add(name)
        return name

    return name_part

"""Make the base map that plots and reports draw under a fabric: coasts, country borders and borders of states.

The input is Natural Earth 1:50m (public domain) as Debian packs it. On any machine with Debian's package sources::

    apt-get download r-cran-rnaturalearthdata        # version 0.1.0-2, 3.2 MB
    python scripts/make_basemap.py r-cran-rnaturalearthdata_0.1.0-2_all.deb

or fetch the .deb by hand from Debian's package pages. No R is needed: the package's lazy-load database is read here.
The output, ``python/lightlane/plots/data/basemap.json.gz``, is the same byte for byte each time. ``--check`` compares
instead of writing. What the file holds and how it is packed is told in ``python/lightlane/plots/data/README.md``.

Algorithm
---------
1. Coasts are the coastline layer. Country borders are the edges that two country polygons share, borders of states the
   edges that two states share (United States, Canada, Brazil, Australia) and no two countries do. The shores of the
   Great Lakes are the edges of one state alone that are neither coast nor border.
2. Shared edges are chained to polylines at their common vertices; where two countries draw a stretch of their border
   with different vertices, one of the two drawings closes the gap.
3. Douglas-Peucker with a tolerance by region: 0.15 km in and around Europe, 0.3 km in Japan and Korea, 0.6 km in
   North America, 2 km elsewhere. Rings that vanish under the tolerance are dropped.
4. Vertices are rounded to 0.002 degrees and stored as differences.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import io
import json
import lzma
import struct
import sys
import tarfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

OUTPUT = Path(__file__).resolve().parents[1] / "python" / "lightlane" / "plots" / "data" / "basemap.json.gz"
FOLDER = "./usr/lib/R/site-library/rnaturalearthdata/data/"
STEP_DEG = 0.002
MATCH_DEG = 0.001
"""Vertices of two polygons closer than this are the same: the layers differ in their last digits."""
KM_PER_DEG = 111.2

Vertices = npt.NDArray[np.float64]
Key = tuple[int, int]


class RReader:
    """Reads R's serialized objects (XDR format), as far as this package's spatial objects need it."""

    def __init__(self, data: bytes) -> None:
        if data[:2] != b"X\n":
            raise SystemExit("not an R object in XDR format")
        self.data, self.at = data, 2
        self.references: list[Any] = []
        version, _, _ = self.integer(), self.integer(), self.integer()
        if version == 3:
            self.text()  # the name of the native encoding

    def integer(self) -> int:
        """Return the next 32-bit integer."""
        (value,) = struct.unpack_from(">i", self.data, self.at)
        self.at += 4
        return int(value)

    def vector(self, dtype: str) -> npt.NDArray[Any]:
        """Return the next counted vector of numbers."""
        count = self.integer()
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def text(self) -> str | None:
        """Return the next counted string, None where R has NA."""
        length = self.integer()
        if length < 0:
            return None
        raw = self.data[self.at : self.at + length]
        self.at += length
        return raw.decode("utf-8", "replace")

    def item(self) -> Any:  # noqa: PLR0911 - one return per kind of object
        """Return (value, attributes) of a vector or S4 object, a dict of a pairlist, a string, or None."""
        flags = self.integer() & 0xFFFFFFFF
        kind = flags & 0xFF
        if kind in (254, 253, 251, 242, 241):  # nil, global environment, missing, empty and base environments
            return None
        if kind == 255:
            return self.references[((flags >> 8) or self.integer()) - 1]
        if kind == 1:
            self.references.append(self.item())
            return self.references[-1]
        if kind in (247, 249):  # a persistent name or a namespace: strings that nobody here needs
            self.integer()
            self.references.append([self.item() for _ in range(self.integer())])
            return self.references[-1]
        if kind == 2:
            return self.pairlist(flags)
        if kind == 9:
            return self.text()
        return self.with_attributes(kind, flags)

    def pairlist(self, flags: int) -> dict[Any, Any]:
        """Return a pairlist as a dict; its own attributes are skipped."""
        if flags & 0x200:
            self.item()
        key = self.item() if flags & 0x400 else None
        first = {key: self.item()}
        return first | (self.item() or {})

    def with_attributes(self, kind: int, flags: int) -> tuple[Any, dict[str, Any]]:
        """Return a vector, list or S4 object and its attributes."""
        value: Any = None
        if kind in (10, 13):
            value = self.vector(">i4")
        elif kind == 14:
            value = self.vector(">f8")
        elif kind in (16, 19):
            value = [self.item() for _ in range(self.integer())]
        elif kind != 25:
            raise SystemExit(f"R object of kind {kind} is not known here")
        return value, (self.item() if flags & 0x200 or kind == 25 else {})


def read_package(path: Path) -> dict[str, bytes]:
    """Return the files of the package's data folder from the .deb (an ar archive around a tar)."""
    data, at = path.read_bytes(), 8
    if data[:8] != b"!<arch>\n":
        raise SystemExit(f"{path} is not a .deb")
    while at < len(data):
        name, size = data[at : at + 16].decode().strip().rstrip("/"), int(data[at + 48 : at + 58])
        if name.startswith("data.tar"):
            with tarfile.open(fileobj=io.BytesIO(data[at + 60 : at + 60 + size])) as tar:
                members = [member for member in tar.getmembers() if member.name.startswith(FOLDER) and member.isfile()]
                return {member.name.removeprefix(FOLDER): tar.extractfile(member).read() for member in members}  # type: ignore[union-attr]
        at += 60 + size + size % 2
    raise SystemExit(f"{path} has no data.tar")


def read_layer(files: dict[str, bytes], layer: str) -> list[tuple[dict[str, Any], list[Vertices]]]:
    """Return each feature of a layer: its attributes and its rings or lines as (vertices, 2) arrays of degrees."""
    index = RReader(gzip.decompress(files["Rdata.rdx"])).item()
    variables = dict(zip(index[1]["names"][0], index[0], strict=True))["variables"]
    offset, length = dict(zip(variables[1]["names"][0], variables[0], strict=True))[layer][0]
    chunk = files["Rdata.rdb"][offset : offset + length]
    kind, body = chunk[4:5], chunk[5:]
    if kind == b"Z":
        body = lzma.decompress(body, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 6}])
    elif kind == b"2":
        body = bz2.decompress(body)
    elif kind != b"0":
        body = zlib.decompress(chunk[4:])
    attributes = RReader(body).item()[1]
    outer, inner = ("polygons", "Polygons") if "polygons" in attributes else ("lines", "Lines")
    table = attributes["data"]
    columns = table[1]["names"][0]
    features = []
    for row, shape in enumerate(attributes[outer][0]):
        fields = {name: column[0][row] for name, column in zip(columns, table[0], strict=True)}
        parts = [part[1]["coords"][0].astype(float).reshape(2, -1).T for part in shape[1][inner][0]]
        features.append((fields, parts))
    return features


def list_edges(rings: Iterable[Vertices]) -> Counter[tuple[Key, Key]]:
    """Count each undirected edge on the grid that matches vertices."""
    edges: Counter[tuple[Key, Key]] = Counter()
    for ring in rings:
        keys = [(int(x), int(y)) for x, y in np.round(ring / MATCH_DEG)]
        edges.update((min(a, b), max(a, b)) for a, b in pairwise(keys) if a != b)
    return edges


def chain_edges(edges: Iterable[tuple[Key, Key]], stops: Collection[Key] = ()) -> list[Vertices]:
    """Join edges to polylines that end at stops and where other than two edges meet; rings come last."""
    neighbors: dict[Key, list[Key]] = defaultdict(list)
    for a, b in sorted(edges):
        neighbors[a].append(b)
        neighbors[b].append(a)
    left = {(a, b) for a, ends in neighbors.items() for b in ends}

    def walk(a: Key, b: Key) -> Vertices:
        line = [a, b]
        left.difference_update({(a, b), (b, a)})
        while len(neighbors[line[-1]]) == 2 and line[-1] not in stops:
            onward = [key for key in neighbors[line[-1]] if (line[-1], key) in left]
            if not onward:
                break
            left.difference_update({(line[-1], onward[0]), (onward[0], line[-1])})
            line.append(onward[0])
        return np.array(line, dtype=float) * MATCH_DEG

    junctions = [key for key in sorted(neighbors) if len(neighbors[key]) != 2 or key in stops]
    lines = [walk(a, b) for a in junctions for b in neighbors[a] if (a, b) in left]
    return lines + [walk(a, b) for a in sorted(neighbors) for b in neighbors[a] if (a, b) in left]


def bridge_gaps(borders: set[tuple[Key, Key]], single: set[tuple[Key, Key]]) -> list[Vertices]:
    """Return the stretches where two countries draw their border differently, one drawing each.

    Such a stretch is two chains of edges, one of each country, between the same two vertices of known borders.
    """
    ends = {key for edge in borders for key in edge}
    stretches: dict[tuple[Key, Key], Vertices] = {}
    for chain in chain_edges(single, ends):
        (x0, y0), (x1, y1) = np.round(chain[[0, -1]] / MATCH_DEG).astype(int).tolist()
        first, last = (x0, y0), (x1, y1)
        if first != last and {first, last} <= ends:
            pair = (min(first, last), max(first, last))
            if pair not in stretches or len(chain) > len(stretches[pair]):
                stretches[pair] = chain
    return list(stretches.values())


def tolerance_km(vertices: Vertices) -> Vertices:
    """Return the tolerance at each vertex: fine where most fabrics are, coarse elsewhere."""
    lon, lat = vertices[:, 0], vertices[:, 1]
    tolerance = np.full(len(vertices), 2.0)
    boxes = [(-130, -52, 14, 56, 0.6), (-25, 45, 27, 72, 0.15), (124, 147, 30, 46, 0.3)]
    for west, east, south, north, value in boxes:
        tolerance[(lon > west) & (lon < east) & (lat > south) & (lat < north)] = value
    return tolerance


def simplify(vertices: Vertices) -> Vertices:
    """Douglas-Peucker with a tolerance by vertex; a closed ring is cut at its vertex farthest from the first."""
    x = vertices * np.array([np.cos(np.radians(vertices[:, 1].mean())), 1.0]) * KM_PER_DEG
    tolerance = tolerance_km(vertices)
    keep = np.zeros(len(x), dtype=bool)
    keep[[0, -1]] = True
    stack = [(0, len(x) - 1)]
    if len(x) > 3 and np.array_equal(vertices[0], vertices[-1]):
        middle = int(np.argmax(((x - x[0]) ** 2).sum(axis=1)))
        if np.hypot(*(x[middle] - x[0])) < 2 * tolerance[middle]:
            return vertices[:0]
        keep[middle] = True
        stack = [(0, middle), (middle, len(x) - 1)]
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        chord, points = x[last] - x[first], x[first + 1 : last] - x[first]
        along = np.clip(points @ chord / max(chord @ chord, 1e-12), 0.0, 1.0)
        excess = np.hypot(*(points - along[:, None] * chord).T) / tolerance[first + 1 : last]
        worst = int(np.argmax(excess))
        if excess[worst] > 1.0:
            keep[first + 1 + worst] = True
            stack += [(first, first + 1 + worst), (first + 1 + worst, last)]
    return vertices[keep]


def encode(lines: Iterable[Vertices]) -> Iterator[list[int]]:
    """Yield each line as x0, y0, dx1, dy1, dx2 … in steps, without vertices that repeat."""
    for line in lines:
        grid = np.round(simplify(line) / STEP_DEG).astype(int)
        if len(grid) < 2:
            continue
        steps = np.diff(grid, axis=0)
        steps = steps[np.any(steps != 0, axis=1)]
        if len(steps):
            yield np.concatenate([grid[:1], steps]).ravel().tolist()


def build_layers(files: dict[str, bytes]) -> dict[str, list[list[int]]]:
    """Return the encoded polylines of each layer."""
    coast = [line for _, lines in read_layer(files, "coastline50") for line in lines]
    countries = list_edges(ring for _, rings in read_layer(files, "countries50") for ring in rings)
    state_features = read_layer(files, "states50")
    states = list_edges(ring for _, rings in state_features for ring in rings)
    coast_edges = list_edges(coast)
    borders = {edge for edge, count in countries.items() if count > 1}

    def in_great_lakes(edge: tuple[Key, Key]) -> bool:
        return all(-93 < x * MATCH_DEG < -75.8 and 41 < y * MATCH_DEG < 49.3 for x, y in edge)

    known = set(countries) | set(coast_edges)
    lake_shores = {edge for edge, count in states.items() if count == 1 and edge not in known and in_great_lakes(edge)}
    state_borders = {edge for edge, count in states.items() if count > 1 and edge not in known}
    single = {edge for edge, count in countries.items() if count == 1 and edge not in coast_edges}
    return {
        "coast": list(encode(coast + chain_edges(lake_shores))),
        "border": list(encode(chain_edges(borders) + bridge_gaps(borders, single))),
        "state": list(encode(chain_edges(state_borders))),
    }


def main() -> int:
    """Write the base map, or compare it with ``--check``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, help="r-cran-rnaturalearthdata_0.1.0-2_all.deb")
    parser.add_argument("--check", action="store_true", help="compare with the committed file, write nothing")
    arguments = parser.parse_args()
    layers = build_layers(read_package(arguments.package))
    content = {
        "format": 1,
        "source": "Natural Earth 1:50m, public domain (naturalearthdata.com)",
        "step_deg": STEP_DEG,
        "layers": layers,
    }
    text = json.dumps(content, separators=(",", ":"))
    packed = gzip.compress(text.encode(), compresslevel=9, mtime=0)
    counts = ", ".join(f"{name} {sum(map(len, lines)) // 2} vertices" for name, lines in layers.items())
    print(f"{counts}; {len(packed)} bytes", file=sys.stderr)  # noqa: T201 - a script
    if arguments.check:
        # The text is compared and not the bytes: zlib versions pack differently.
        return 0 if gzip.decompress(OUTPUT.read_bytes()) == text.encode() else 1
    OUTPUT.write_bytes(packed)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Measure the map of the desktop application: CPU milliseconds of the window's thread per frame, without a screen.

python scripts/bench_gui_map.py [--frames 60] [--width 900] [--height 650]

Fabrics are made on a sphere: sites at random, each linked to its nearest neighbors, classes of margin at random; no
lane is computed. Frames: all links change color; the map is dragged; it is magnified; the pointer goes over links.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane import Duct, Fabric, Link, Site
from lightlane.toolkit import lay_out_map

FABRICS = ((200, 400, (6.0, 47.0, 15.0, 55.0)), (3_800, 5_200, (-120.0, -40.0, 140.0, 65.0)))
"""Sites, links, and the box of longitudes and latitudes that they lie in."""


def build_fabric(sites_count: int, links_count: int, box_deg: tuple[float, float, float, float]) -> Fabric:
    """Return a fabric whose links, one duct each, join near sites."""
    rng = np.random.default_rng(7)
    west, south, east, north = box_deg
    x, y = rng.uniform(west, east, sites_count), rng.uniform(south, north, sites_count)
    pairs: list[tuple[int, int]] = []
    for site in range(sites_count):
        near = np.argsort(np.hypot(x - x[site], y - y[site]))[1:5].tolist()
        pairs += [(min(site, other), max(site, other)) for other in near]
    pairs = list(dict.fromkeys(pairs))
    chosen = rng.permutation(len(pairs))[:links_count].tolist()
    roles = np.where(rng.random(sites_count) < 0.1, "core", "edge").tolist()
    names = [f"Site {number}" for number in range(sites_count)]
    ducts, links = [], []
    for number, row in enumerate(chosen):
        a, b = (names[end] for end in pairs[row])
        ducts.append(Duct(name=f"d{number}", a=a, b=b, length_km=50, fiber="g652d"))
        links.append(Link(name=f"l{number}", a=a, b=b, module="oif-400zr", ducts=(f"d{number}",)))
    sites = tuple(
        Site(name=name, role=role, longitude_deg=float(lon), latitude_deg=float(lat))
        for name, role, lon, lat in zip(names, roles, x, y, strict=True)
    )
    return Fabric(format=1, name="bench", site=sites, duct=tuple(ducts), link=tuple(links))


@dataclass(eq=False)
class DrawnPicture:
    """What the map asks of a picture, with classes at random."""

    fabric: Fabric
    layout: Any
    class_index: NDArray[np.uint8]
    routed: bool = False

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Names."""
        return tuple(link.name for link in self.fabric.link)

    @cached_property
    def row_by_link(self) -> dict[str, int]:
        """Place of each link."""
        return {name: row for row, name in enumerate(self.links)}

    @cached_property
    def is_direct(self) -> NDArray[np.bool_]:
        """One of four is a direct-detect link."""
        return np.arange(len(self.links)) % 4 == 0

    @cached_property
    def state(self) -> Any:
        """Nothing is out of service."""
        return SimpleNamespace(fabric=self.fabric, plant=SimpleNamespace(ducts={}, sites={}))


def measure(act: Callable[[int], object], frames: int) -> str:
    """Say the least, the median and the 95th percentile of the CPU milliseconds of a call.

    The least is what the work costs; what is above it is mostly other programs in the caches.
    """
    took_ms = []
    for number in range(frames):
        started = time.thread_time()
        act(number)
        took_ms.append(1e3 * (time.thread_time() - started))
    least, median, high = np.percentile(took_ms, [0, 50, 95])
    return f"least {least:6.2f}, median {median:6.2f}, p95 {high:6.2f} ms"


def bench(sites: int, links: int, box_deg: tuple[float, float, float, float], arguments: argparse.Namespace) -> None:
    """Measure one fabric."""
    from PySide6.QtCore import QPointF
    from PySide6.QtWidgets import QApplication

    from lightlane_gui.map.camera import MapCamera
    from lightlane_gui.map.canvas import MapCanvas
    from lightlane_gui.map.scene import MapScene
    from lightlane_gui.theme import DARK

    fabric = build_fabric(sites, links, box_deg)
    started = time.thread_time()
    layout = lay_out_map(fabric)
    sys.stdout.write(f"{len(fabric.site)} sites, {len(fabric.link)} links\n")
    sys.stdout.write(f"  lay out (worker)     once  {1e3 * (time.thread_time() - started):6.1f} ms\n")
    rng = np.random.default_rng(3)
    weights = [0.02, 0.03, 0.1, 0.4, 0.43, 0.02]
    pictures: list[Any] = [
        DrawnPicture(fabric, layout, rng.choice(6, len(fabric.link), p=weights).astype(np.uint8)) for _ in range(4)
    ]
    camera = MapCamera()
    scene = MapScene(DARK, camera)
    canvas = MapCanvas(scene, camera)
    canvas.resize(arguments.width, arguments.height)
    canvas.show()
    QApplication.processEvents()
    canvas.show_anew(moved=scene.show(pictures[0], None))
    canvas.fit()
    canvas.repaint()

    def recolor(number: int) -> None:
        scene.show(pictures[number % 4], None)
        canvas.repaint()

    def drag(number: int) -> None:
        camera.pan_px(5.0 if number // 20 % 2 else -5.0, 3.0 if number // 20 % 2 else -3.0)
        canvas.repaint()

    def magnify(number: int) -> None:
        canvas.zoom(1.06 if number // 30 % 2 == 0 else 1 / 1.06)
        canvas.repaint()

    def point(number: int) -> None:
        at = QPointF(50 + 7.0 * number % (arguments.width - 100), arguments.height / 2)
        scene.accents.hovered = canvas.target_at(at)
        canvas.repaint()

    for what, act in (("recolor", recolor), ("drag", drag), ("magnify", magnify), ("hover", point)):
        sys.stdout.write(f"  {what:<20} {measure(act, arguments.frames)}\n")
    sys.stdout.write(f"  {'names, at rest':<20} {measure(lambda _: canvas.show_anew(moved=True), 10)}\n")
    canvas.close()


def main() -> None:
    """Measure both fabrics."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--width", type=int, default=900)
    parser.add_argument("--height", type=int, default=650)
    arguments = parser.parse_args()
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication([])
    for sites, links, box_deg in FABRICS:
        bench(sites, links, box_deg, arguments)
    del app


if __name__ == "__main__":
    main()

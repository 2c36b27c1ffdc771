"""Figures hold what the results say, are the same each time, and say a sentence where there is nothing to draw."""

from __future__ import annotations

import copy
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lightlane.plots import (
    classify_links,
    figure_to_png,
    figure_to_svg,
    plot_bill,
    plot_demand_latency,
    plot_fabric_map,
    plot_margins,
    plot_waterfall,
)
from lightlane.plots.margins import bin_edges_db
from lightlane.plots.style import display_name
from lightlane.plots.waterfall import format_db, shorten_steps
from lightlane.results.records import Results, Table

SVG = "{http://www.w3.org/2000/svg}"
PLOTS = [plot_fabric_map, plot_margins, plot_demand_latency, plot_bill]


def _texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


def _ids(svg: str) -> list[str]:
    return [element.attrib["id"] for element in ET.fromstring(svg).iter() if "id" in element.attrib]


def _select(results: Results, keep: np.ndarray) -> Results:
    fabric = copy.deepcopy(results.manifest["fabric"])
    fabric["link"] = [link for link, kept in zip(fabric["link"], keep, strict=True) if kept]
    links = Table({name: column[keep] for name, column in results.links.columns.items()})
    return Results(results.lanes, links, results.demands, {**results.manifest, "fabric": fabric})


@pytest.mark.parametrize("plot", PLOTS)
def test_same_results_same_bytes(plot: Callable[..., Any], synthetic_results: Results) -> None:
    one, other = (figure_to_svg(plot(synthetic_results, title="Title")) for _ in range(2))
    assert one == other
    assert "Title" in _texts(one)


def test_png_is_a_png(synthetic_results: Results) -> None:
    assert figure_to_png(plot_margins(synthetic_results), dots_per_inch=50).startswith(b"\x89PNG\r\n")


def test_map_draws_every_link_once_in_its_color(synthetic_results: Results) -> None:
    figure = plot_fabric_map(synthetic_results)
    lines = {line.get_gid(): line for line in figure.axes[0].lines if line.get_gid()}
    for row, item in enumerate(classify_links(synthetic_results.links)):
        line = lines[f"link-{row}"]
        assert line.get_color() == item.color
        assert (line.get_linestyle() == "--") == (item.key in {"down", "unknown"})
    ids = _ids(figure_to_svg(figure))
    assert sum(bool(re.fullmatch(r"link-\d+", name)) for name in ids) == len(synthetic_results.links)


def test_map_enlarges_metros_and_counts_classes(synthetic_results: Results) -> None:
    figure = plot_fabric_map(synthetic_results)
    assert any(name.endswith("-metro") for name in _ids(figure_to_svg(figure)))
    texts = _texts(figure_to_svg(figure))
    counts = [int(text.rsplit(": ", 1)[1]) for text in texts if re.fullmatch(r".*(dB|more|unknown): \d+", text)]
    assert sum(counts) == len(synthetic_results.links)


def test_map_halo_is_a_stroke_and_letters_stay_letters(synthetic_results: Results) -> None:
    svg = figure_to_svg(plot_fabric_map(synthetic_results))
    assert "Hannover" in _texts(svg)
    assert "paint-order: stroke" in svg


def test_map_of_a_wide_fabric_has_its_metros_below(synthetic_results: Results) -> None:
    results = Results(
        *(copy.deepcopy(getattr(synthetic_results, n)) for n in ("lanes", "links", "demands", "manifest"))
    )
    for site in results.manifest["fabric"]["site"]:
        site["longitude_deg"] *= 4
    figure = plot_fabric_map(results)
    boxes = [axes.get_position() for axes in figure.axes]
    assert all(box.y1 <= boxes[0].y0 + 1e-9 for box in boxes[1:])


@pytest.mark.parametrize("kept", [0, 1])
def test_tiny_fabrics(kept: int, synthetic_results: Results) -> None:
    results = _select(synthetic_results, np.arange(len(synthetic_results.links)) < kept)
    for plot in PLOTS:
        figure_to_svg(plot(results))


def test_nothing_to_draw_is_said(synthetic_results: Results) -> None:
    tables = (synthetic_results.lanes, synthetic_results.links, synthetic_results.demands)
    fabric: dict[str, Any] = {"name": "", "site": [], "duct": [], "link": [], "demand": []}
    manifest = {"fabric": fabric, "module_bill": [], "amplifier_bill": []}
    nothing = Results(*(Table({name: column[:0] for name, column in t.columns.items()}) for t in tables), manifest)
    for plot in PLOTS:
        (text,) = _texts(figure_to_svg(plot(nothing)))
        assert text.endswith(".")
    assert "no contributions" in _texts(figure_to_svg(plot_waterfall([])))[0]


@pytest.mark.parametrize(
    "name", ["$x^2$", "<script>alert(1)</script>", "東京", "a & b", "tab\there", "\x00null", "\ud800"]
)
def test_any_name_can_be_drawn(name: str, make_results: Callable[..., Results]) -> None:
    results = make_results(odd_name=name, edges=2)
    svg = figure_to_svg(plot_fabric_map(results, title=display_name(name)))
    assert display_name(name) in _texts(svg)
    figure_to_png(plot_fabric_map(results), dots_per_inch=40)


def test_histogram_counts_every_link(synthetic_results: Results) -> None:
    axes = plot_margins(synthetic_results).axes[0]
    known = np.isfinite(synthetic_results.links["margin_db"])
    assert sum(bar.get_height() for bar in axes.patches) == known.sum()


@pytest.mark.parametrize("margins", [[0.0], [3.0], [-0.1, 12.0], [0.0, 0.25], [-40.0, 900.0], [1.0, 1.0]])
def test_bins_hold_every_margin_and_meet_the_classes(margins: list[float]) -> None:
    edges = bin_edges_db(np.array(margins))
    counts, _ = np.histogram(margins, edges)
    assert counts.sum() == len(margins)
    assert len(edges) <= 40
    if edges[0] <= 0 <= edges[-1]:
        assert 0.0 in edges


def test_limits_count_blocked_and_unknown_apart(synthetic_results: Results) -> None:
    axes = plot_margins(synthetic_results).axes[1]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert "unknown" in labels
    assert "dispersion (blocked)" in labels
    assert sum(int(text.get_text()) for text in axes.texts) == len(synthetic_results.links)


def test_waterfall_ends_at_the_margin() -> None:
    steps = [("launch", -1.0), ("gain", 20.0), ("fiber", -17.5), ("penalty", -0.25)]
    figure = plot_waterfall(steps)
    bars = figure.axes[0].patches
    assert bars[-1].get_width() == pytest.approx(1.25)
    assert bars[-1].get_x() == 0
    assert bars[1].get_x() == pytest.approx(-1.0)
    texts = _texts(figure_to_svg(figure))
    assert "+1.25" in texts
    assert "\N{MINUS SIGN}17.50" in texts


@pytest.mark.parametrize("width_in", [3.5, 4.6, 7.2])
def test_waterfall_values_stay_inside(width_in: float) -> None:
    steps = [("transmitter OSNR", 37.0), ("noise bandwidth (12.5 GHz to symbol rate)", -9.76), ("deduction", -25.0)]
    figure = plot_waterfall(steps, width_in=width_in)
    figure.canvas.draw()
    edge = figure.get_window_extent().x1
    assert all(text.get_window_extent().x1 <= edge for text in figure.axes[0].texts)


def test_merging_small_steps_keeps_sum_and_order() -> None:
    steps = [(f"step {k}", float(v)) for k, v in enumerate([5, -0.1, 3, 0.2, -0.3, -4, 0.05, 1])]
    short = shorten_steps(steps, 5)
    assert len(short) == 5
    assert sum(value for _, value in short) == pytest.approx(sum(value for _, value in steps))
    assert [label for label, _ in short] == ["step 0", "4 smaller contributions", "step 2", "step 5", "step 7"]
    assert shorten_steps(steps, 8) == steps


@pytest.mark.parametrize(
    ("value", "signed", "text"),
    [(-0.001, False, "0.00"), (-1.5, False, "\N{MINUS SIGN}1.50"), (2, True, "+2.00"), (0, True, "0.00")],
)
def test_format_db(value: float, signed: bool, text: str) -> None:
    assert format_db(value, signed=signed) == text


def test_demand_rows_count_every_demand(synthetic_results: Results) -> None:
    axes = plot_demand_latency(synthetic_results).axes[0]
    words = " ".join(text.get_text() for text in axes.texts)
    for status in ("met", "late", "blocked"):
        counted = sum(int(number) for number in re.findall(rf"(\d+) {status}", words))
        assert counted == (synthetic_results.demands["status"] == status).sum()


def test_unknown_power_is_said(synthetic_results: Results) -> None:
    texts = _texts(figure_to_svg(plot_bill(synthetic_results)))
    assert texts.count("not known") == 1

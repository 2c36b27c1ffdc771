"""The report is one sound HTML page: nothing from outside, ids unique, every section there, names harmless."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lightlane.errors import ParameterError
from lightlane.report import render_report, write_report
from lightlane.report.page import SECTIONS, WORST_LINKS, format_number
from lightlane.results.records import Results, Table

VOID = {"meta", "link", "input", "br", "img", "hr"}


class Page(HTMLParser):
    """Collects what the tests ask for and checks that elements close in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"<{tag}> has an attribute twice"
        values = dict(attrs)
        self.elements.append((tag, values))
        if "id" in values:
            self.ids.append(values["id"] or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.open[-1] if self.open else "", data.strip()))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def text(synthetic_results: Results) -> str:
    return render_report(synthetic_results)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_sections_are_there_in_order(page: Page) -> None:
    assert [section["id"] for section in page.all("section")] == [identifier for identifier, _ in SECTIONS]
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == 1


def test_ids_are_unique_and_targets_exist(page: Page, text: str) -> None:
    assert len(set(page.ids)) == len(page.ids)
    for name, attributes in page.elements:
        target = attributes.get("href") or ""
        if target.startswith("#"):
            assert target[1:] in page.ids, (name, target)
    for target in re.findall(r"url\(#([^)]+)\)", text):
        assert target in page.ids


def test_nothing_comes_from_outside(page: Page, text: str) -> None:
    for name, attributes in page.elements:
        for key in ("src", "href", "srcset", "action", "data", "poster", "xlink:href"):
            value = attributes.get(key)
            assert value is None or value.startswith("#") or value == "data:,", (name, key, value)
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)
    assert "://" not in text
    (policy,) = [m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert "default-src 'none'" in policy


def test_table_rows_sort_by_their_data(page: Page, synthetic_results: Results) -> None:
    rows = [element for element in page.all("tr") if (element.get("id") or "").startswith("row-")]
    assert [row["id"] for row in rows] == [f"row-{index}" for index in range(len(synthetic_results.links))]
    inside, cells = False, []
    for name, attributes in page.elements:
        if name == "tr":
            inside = (attributes.get("id") or "").startswith("row-")
            cells += [[]] if inside else []
        elif name == "td" and inside:
            cells[-1].append(attributes["data-v"])
    heads = [head for head in page.all("th") if "aria-sort" in head]
    columns = len(cells[0])
    assert all(len(row) == columns for row in cells)
    assert {head["aria-sort"] for head in heads} == {"none"}
    margins = [row[5] for row in cells]
    for cell, margin in zip(margins, synthetic_results.links["margin_db"].tolist(), strict=True):
        assert (cell == "") == bool(np.isnan(margin))
        assert cell == "" or float(cell) == margin
    assert [row[7] for row in cells] == synthetic_results.links["status"].tolist()


def test_sortable_heads_filters_and_figures_have_names(page: Page) -> None:
    heads = [head for head in page.all("th") if "aria-sort" in head]
    sorters = [span for span in page.all("span") if span.get("class") == "sort"]
    assert len(heads) == len(sorters) == 18
    assert all("aria-label" in field for field in page.all("input"))
    assert all(svg.get("role") == "img" and svg.get("aria-label") for svg in page.all("svg"))


def test_map_links_lead_to_rows(page: Page, synthetic_results: Results) -> None:
    hot = [
        attributes["id"] or "" for name, attributes in page.elements if name == "g" and attributes.get("class") == "hot"
    ]
    rows = {int(re.fullmatch(r"map-link-(\d+)(-metro)?", name)[1]) for name in hot}  # type: ignore[index]
    assert rows == set(range(len(synthetic_results.links)))
    tooltips = [data for tag, data in page.texts if tag == "title"]
    assert sum("margin" in data for data in tooltips) >= len(hot) - 10
    assert len(tooltips) == len(hot) + 1  # and the page's own


def test_worst_links_come_with_reason(page: Page, text: str, synthetic_results: Results) -> None:
    blocked = int((synthetic_results.links["blocked_by"] != "").sum())
    assert 0 < blocked < WORST_LINKS
    assert len(page.all("article")) == WORST_LINKS + blocked
    assert len(page.all("svg")) == WORST_LINKS + 4
    assert text.count("What would help:") >= 4
    assert "Blocked by dispersion: 2600 of 2400 ps/nm." in text
    for name in synthetic_results.links["link"][synthetic_results.links["blocked_by"] != ""]:
        assert any(data == name for tag, data in page.texts if tag == "bdi")


def test_provenance_is_complete(text: str, synthetic_results: Results) -> None:
    manifest = synthetic_results.manifest
    for key in (
        "lightlane_version",
        "numpy_version",
        "instruction_set",
        "catalog_sha256",
        "fabric_sha256",
        "created_utc",
    ):
        assert manifest[key] in text
    assert "no source; as of the LR4 class" in text
    assert "no sensitivity of this module is published" in text
    for part in manifest["parts"]:
        assert part["source"] in text
    assert "Not in the sum, because no source gives their power: 400G-ER4-30." in text


def test_same_results_give_the_same_page(text: str, synthetic_results: Results) -> None:
    assert render_report(synthetic_results) == text


def test_colors_follow_the_page(text: str) -> None:
    svg = text[text.index("<svg") : text.rindex("</svg>")]
    assert set(re.findall(r"(?<!, )#[0-9a-f]{6}", svg)) == set()
    for name in re.findall(r"var\((--c-\w+)", svg):
        assert f"{name}:" in text


def test_size_leaves_room(text: str) -> None:
    assert len(text.encode()) < 600_000


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "\"><img src=x onerror='alert(1)'>",
        "</title></svg>",
        "{{ 7 * 7 }}",
        "\x00\x1b",
        "\ud800",
    ],
)
def test_names_are_only_text(name: str, make_results: Callable[..., Results]) -> None:
    results = make_results(odd_name=name, edges=2)
    results.manifest["fabric"]["name"] = name
    results.manifest["design_notes"] = {name + "-link": [name]}
    results.manifest["assumed"] = [{"part": name, "field": name, "value": name, "reason": name}]
    results.links["blocked_by"][0] = name
    text = render_report(results)
    text.encode()
    page = Page(text)
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    assert not any(key.startswith("on") for _, attributes in page.elements for key in attributes)
    if name.isprintable():
        assert (page.texts[page.texts.index(("a", "Skip to the summary")) + 1]) == ("bdi", name)


def _without(results: Results, **tables: Table) -> Results:
    parts: dict[str, Any] = {name: getattr(results, name) for name in ("lanes", "links", "demands", "manifest")}
    return Results(**{**parts, **tables})


def test_fabric_without_links_or_demands(synthetic_results: Results) -> None:
    empty = {
        name: Table({column: values[:0] for column, values in getattr(synthetic_results, name).columns.items()})
        for name in ("lanes", "links", "demands")
    }
    results = _without(synthetic_results, **empty)
    results = Results(results.lanes, results.links, results.demands, copy.deepcopy(results.manifest))
    results.manifest["fabric"]["link"] = []
    for key in ("module_bill", "amplifier_bill", "parts", "assumed"):
        results.manifest[key] = []
    results.manifest["design_notes"] = {}
    results.manifest["wanted_margin_db"] = None
    page = Page(render_report(results))
    assert [section["id"] for section in page.all("section")] == [identifier for identifier, _ in SECTIONS]
    assert ("p", "The fabric has no links.") in page.texts


def test_report_is_written_as_a_whole(synthetic_results: Results, tmp_path: Path, text: str) -> None:
    steps: list[str] = []
    path = write_report(synthetic_results, tmp_path / "report.html", on_step=steps.append)
    assert path.read_text(encoding="utf-8") == text
    assert len(steps) == len(set(steps)) == 5
    assert [item.name for item in tmp_path.iterdir()] == ["report.html"]


def test_unwritable_target_is_refused(synthetic_results: Results, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="folder"):
        write_report(synthetic_results, tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ParameterError, match="cannot write"):
        write_report(synthetic_results, tmp_path / "file" / "report.html")


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (None, 1, "\N{EN DASH}"),
        (float("nan"), 1, "\N{EN DASH}"),
        (1234567.0, 0, "1\u202f234\u202f567"),
        (-2.5, 1, "\u22122.5"),
    ],
)
def test_format_number(value: float | None, digits: int, text: str) -> None:
    assert format_number(value, digits) == text

"""What the map says of a link, site or duct under the pointer."""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np

from lightlane_gui.map.strokes import MINUS, Stroke, margin_strokes
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.theme import Theme


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: a word, what it is, and the color of the chip before it; empty: none."""

    word: str
    text: str
    chip: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of one thing."""

    title: str
    subtitle: str
    facts: tuple[Fact, ...] = ()

    def to_html(self, theme: Theme) -> str:
        """Return it as rich text: chips carry the color, words never do."""
        rows = []
        for fact in self.facts:
            chip = f'<span style="color:{fact.chip}">\N{BLACK SQUARE}</span> ' if fact.chip else ""
            rows.append(
                f'<tr><td style="color:{theme.muted}; padding-right:10px">{html.escape(fact.word)}</td>'
                f"<td>{chip}{html.escape(fact.text)}</td></tr>"
            )
        return (
            f'<b>{html.escape(self.title)}</b><br><span style="color:{theme.muted}">{html.escape(self.subtitle)}</span>'
            f'<table cellspacing="0" cellpadding="1">{"".join(rows)}</table>'
        )

    def to_text(self) -> str:
        """Return it as plain text, for readers of the screen."""
        return "; ".join([self.title, self.subtitle, *(f"{fact.word} {fact.text}" for fact in self.facts)])


def format_db(value: float, *, signed: bool = False) -> str:
    """Return decibels with two decimals and a real minus sign."""
    if not np.isfinite(value):
        return "none"
    return f"{value:+.2f} dB".replace("-", MINUS) if signed else f"{value:.2f} dB".replace("-", MINUS)


def describe_link(
    picture: FabricPicture, name: str, theme: Theme, *, stale: bool, reference: FabricPicture | None = None
) -> Card:
    """Return what the map says of a link: margin, limit and latency, and what it is."""
    row = picture.row_by_link[name]
    record = next(link for link in picture.state.fabric.link if link.name == name)
    composed = picture.state.batch.links[row]
    stroke = margin_strokes(theme)[int(picture.class_index[row])]
    mark = " ?" if stale else ""
    margin = (
        "out of service" if picture.is_dark[row] else f"{format_db(float(picture.margin_db[row]))}, {_word(stroke)}"
    )
    facts = [Fact("margin", margin + mark, stroke.color)]
    if reference is not None and name in reference.row_by_link:
        before_db = float(reference.margin_db[reference.row_by_link[name]])
        change_db = float(picture.margin_db[row]) - before_db
        facts.append(
            Fact(f"in {reference.variant}", f"{format_db(before_db)} (change {format_db(change_db, signed=True)})")
        )
    limit = picture.blocked_by[row] or picture.limited_by[row]
    latency_us = float(picture.latency_us[row])
    latency = f"{latency_us / 1e3:.3f} ms" if np.isfinite(latency_us) else "none"
    facts += [Fact("limited by", (limit or "nothing known").replace("_", " ") + mark), Fact("latency", latency + mark)]
    what = f"{record.channels} \N{MULTIPLICATION SIGN} {composed.module.name}"
    length = f"{composed.length_km:.1f} km" if composed.length_km else ""
    facts.append(Fact("carries", ", ".join(part for part in (what, length) if part)))
    return Card(name, f"link, {record.a} \N{EN DASH} {record.b}", tuple(facts))


def _word(stroke: Stroke) -> str:
    return stroke.label if stroke.key in ("down", "unknown") else stroke.key


def describe_site(
    picture: FabricPicture, name: str, theme: Theme, *, stale: bool, together: tuple[str, ...] = ()
) -> Card:
    """Return what the map says of a site; ``together``: what else is drawn as one with it."""
    fabric = picture.state.fabric
    record = next(site for site in fabric.site if site.name == name)
    down = picture.state.plant.sites.get(name, ())
    state = [Fact("state", ", ".join(down), theme.classes["down"])] if down else []
    if record.role == "hut":
        return _describe_hut(picture, name, theme, state, stale=stale)
    names = {name, *together}
    rows = [
        picture.row_by_link[link.name]
        for link in fabric.link
        if (link.a in names or link.b in names) and link.name in picture.row_by_link
    ]
    mark = " ?" if stale else ""
    facts = state + _list_classes(picture, rows, theme, stale=stale)
    ending = [number for number, d in enumerate(fabric.demand) if d.from_site in names or d.to_site in names]
    facts.append(Fact("demands", _describe_demands(picture, ending) + mark))
    if together:
        facts.append(
            Fact("with", ", ".join(together[:4]) + (f" and {len(together) - 4} more" if len(together) > 4 else ""))
        )
        return Card(name, f"{len(names)} sites close together; zoom in to part them", tuple(facts))
    return Card(name, f"{record.role} site", tuple(facts))


def _describe_hut(picture: FabricPicture, name: str, theme: Theme, state: list[Fact], *, stale: bool) -> Card:
    fabric = picture.state.fabric
    ducts = {duct.name for duct in fabric.duct if name in (duct.a, duct.b)}
    rows = [row for row, link in enumerate(picture.state.fabric.link) if not ducts.isdisjoint(link.ducts)]
    rows = [picture.row_by_link[fabric.link[row].name] for row in rows]
    facts = state + _list_classes(picture, rows, theme, stale=stale)
    return Card(name, "hut, which holds amplifiers only", tuple(facts))


def _list_classes(picture: FabricPicture, rows: list[int], theme: Theme, *, stale: bool) -> list[Fact]:
    """Return a line for each class that any of the links is in."""
    mark = " ?" if stale else ""
    counts = count_classes(picture, np.array(rows, dtype=np.intp), theme)
    found = [(f"{count} {_word(stroke)}{mark}", stroke.color) for stroke, count in counts if count]
    return [Fact("" if number else "links", text, color) for number, (text, color) in enumerate(found)]


def _describe_demands(picture: FabricPicture, numbers: list[int]) -> str:
    if not numbers or not picture.routed:
        return str(len(numbers))
    statuses = [picture.state.routing.status[number] for number in numbers]
    parts = [f"{statuses.count(word)} {word}" for word in ("met", "late", "blocked") if word in statuses]
    moved = sum(picture.state.routing.rerouted[number] for number in numbers)
    return ", ".join(parts) + (f"; {moved} rerouted" if moved else "")


def describe_duct(picture: FabricPicture, name: str, theme: Theme) -> Card:
    """Return what the map says of a duct."""
    record = next(duct for duct in picture.state.fabric.duct if duct.name == name)
    links = [link.name for link in picture.state.fabric.link if name in link.ducts]
    facts = [Fact("length", f"{record.length_km:.1f} km of {record.fiber}"), Fact("links", str(len(links)))]
    reasons = picture.state.plant.duct(name).out_of_service
    if reasons:
        facts.insert(0, Fact("state", ", ".join(reasons).replace("_", " "), theme.classes["down"]))
    return Card(name, f"duct, {record.a} \N{EN DASH} {record.b}", tuple(facts))


def count_classes(picture: FabricPicture, rows: np.ndarray | None, theme: Theme) -> list[tuple[Stroke, int]]:
    """Return how many of the links, or of some of them, are in each class."""
    classes = picture.class_index if rows is None else picture.class_index[rows]
    strokes = margin_strokes(theme)
    return list(zip(strokes, np.bincount(classes, minlength=len(strokes)).tolist(), strict=True))

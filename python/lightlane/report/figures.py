"""Figures inside a page: SVG that takes the page's colors and font and answers to the mouse."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lightlane.plots.style import THEME_COLORS, figure_to_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOR_ROLES = {light: role for role, (light, _) in THEME_COLORS.items()}
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_HEX_COLOR = re.compile(r"#[0-9a-f]{6}\b")
_LONG_NUMBER = re.compile(r"\d+\.\d{3,}")
_FONT = re.compile(r"font-family: [^;]+;? ?")


def inline_svg(figure: Figure, *, prefix: str, label: str, tooltips: Mapping[str, str] | None = None) -> str:
    """Return the figure as an ``<svg>`` element for the body of an HTML page.

    Its ids start with ``prefix`` and so never meet those of another figure; colors of the style become variables of the
    page (``--c-ink`` …); namespaces, metadata and ids that nothing refers to, which HTML does not need, are left out.

    Parameters
    ----------
    figure
        The figure.
    prefix
        Start of every id.
    label
        What a screen reader says.
    tooltips
        Id in the figure (a ``gid``) to the text that the mouse shows there; these elements get the class ``hot``.
    """
    # The text is our own, just written by matplotlib, which escapes what it quotes.
    root = ET.fromstring(figure_to_svg(figure))  # noqa: S314
    _strip(root)
    tooltips = tooltips or {}
    kept = _referenced_ids(root) | tooltips.keys()
    for element in list(root.iter()):
        name = element.attrib.pop("id", "")
        if name in tooltips:
            _add_tooltip(element, tooltips[name])
        if name in kept:
            element.set("id", prefix + name)
    for element in root.iter():
        _rewrite(element, prefix)
        if element.tag not in {"text", "title"}:
            element.text = None
        element.tail = None
    # Only the aspect is kept: the page decides the size.
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.attrib |= {"role": "img", "aria-label": label, "stroke-linejoin": "round"}
    return ET.tostring(root, encoding="unicode")


def _strip(root: ET.Element) -> None:
    """Remove namespaces, metadata and the style sheet, which would hold for the whole page."""
    for element in list(root.iter()):
        element.tag = element.tag.rpartition("}")[2]
        for key in list(element.attrib):
            if "}" in key:
                element.set(key.rpartition("}")[2], element.attrib.pop(key))
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag in {"metadata", "style"}]:
            parent.remove(child)


def _referenced_ids(root: ET.Element) -> set[str]:
    used = {element.get("href", "")[1:] for element in root.iter("use")}
    for element in root.iter():
        for value in element.attrib.values():
            used.update(_REFERENCE.findall(value))
    return used


def _add_tooltip(element: ET.Element, text: str) -> None:
    title = ET.Element("title")
    title.text = text
    element.insert(0, title)
    # A thin line is hard to hit: the same path, wide and without color, lies over it.
    for path in element.findall("path"):
        hit = ET.SubElement(
            element, "path", {key: path.get(key, "") for key in ("d", "clip-path") if key in path.attrib}
        )
        hit.set("class", "hit")
    element.set("class", "hot")


def _rewrite(element: ET.Element, prefix: str) -> None:
    for key, value in element.attrib.items():
        if key == "href" and value.startswith("#"):
            element.set(key, f"#{prefix}{value[1:]}")
            continue
        new = _REFERENCE.sub(rf"url(#{prefix}\1)", value)
        if key == "style":
            new = _FONT.sub("", _HEX_COLOR.sub(_to_variable, new))
        elif key == "transform":
            new = re.sub(r"^rotate\(-0 [^)]*\)$", "", new)
        elif key == "d":
            new = re.sub(
                r"\d+\.\d+", lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), " ".join(new.split())
            )
        element.set(key, new)
    if element.get("transform") == "":
        del element.attrib["transform"]


def _to_variable(match: re.Match[str]) -> str:
    role = _COLOR_ROLES.get(match[0])
    return f"var(--c-{role}, {match[0]})" if role else match[0]

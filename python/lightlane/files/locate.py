"""The line of every key in a TOML text, found in its syntax tree."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

KeyPath = tuple[str | int, ...]
"""Keys and list positions from the top of a file to a value: ``("link", 3, "module")``."""


def index_lines(text: str) -> dict[KeyPath, int]:
    """Map the path of every table, key and list item in ``text`` to its line, counted from 1.

    A table named by several headers or dotted keys has the line of the first. Parts that the grammar does not know are
    left out, so that a caller falls back to the line of what encloses them.
    """
    # Imported here because a file without errors needs no lines.
    import tree_sitter
    import tree_sitter_toml

    language = tree_sitter.Language(tree_sitter_toml.language())
    # The grammar wants a newline after the last line and knows only "\n".
    source = (text.replace("\r\n", "\n") + "\n").encode()
    root = tree_sitter.Parser(language).parse(source).root_node
    lines: dict[KeyPath, int] = {(): 1}
    lengths: dict[KeyPath, int] = {}
    for node in root.named_children:
        if node.type == "pair":
            _index_pairs([((), node)], lines)
        elif node.type in ("table", "table_array_element"):
            path = _open_table(node, lines, lengths)
            _index_pairs([(path, child) for child in node.named_children if child.type == "pair"], lines)
    return lines


def _open_table(node: Node, lines: dict[KeyPath, int], lengths: dict[KeyPath, int]) -> KeyPath:
    line = node.start_point[0] + 1
    header = next((child for child in node.named_children if child.type.endswith("key")), None)
    keys = _keys(header) if header is not None else []
    path: KeyPath = ()
    for position, key in enumerate(keys):
        path = (*path, key)
        lines.setdefault(path, line)
        if position == len(keys) - 1 and node.type == "table_array_element":
            lengths[path] = lengths.get(path, 0) + 1
        if path in lengths:
            # A name that stands for a list of tables means its last one.
            path = (*path, lengths[path] - 1)
            lines.setdefault(path, line)
    return path


def _index_pairs(pending: list[tuple[KeyPath, Node]], lines: dict[KeyPath, int]) -> None:
    """Walk pairs and values with a list of what is left to do: deep nesting must not exhaust Python's stack."""
    while pending:
        path, node = pending.pop()
        line = node.start_point[0] + 1
        if node.type == "pair":
            if len(node.named_children) < 2:
                continue
            for key in _keys(node.named_children[0]):
                path = (*path, key)
                lines.setdefault(path, line)
            pending.append((path, node.named_children[-1]))
        elif node.type == "inline_table":
            pending.extend((path, child) for child in node.named_children if child.type == "pair")
        elif node.type == "array":
            items = [child for child in node.named_children if child.type != "comment"]
            for index, item in enumerate(items):
                lines.setdefault((*path, index), item.start_point[0] + 1)
                pending.append(((*path, index), item))


def _keys(node: Node) -> list[str]:
    """Return the parts of a bare, quoted or dotted key."""
    parts: list[str] = []
    pending = [node]
    while pending:
        current = pending.pop()
        text = (current.text or b"").decode(errors="replace")
        if current.type == "dotted_key":
            pending.extend(reversed(current.named_children))
        elif current.type == "quoted_key":
            parts.append(_unquote(text))
        else:
            parts.append(text)
    return parts


def _unquote(text: str) -> str:
    try:
        return str(tomllib.loads(f"value = {text}")["value"])
    except tomllib.TOMLDecodeError:
        return text.strip("\"'")

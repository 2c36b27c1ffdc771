"""Colors by what they mean, so that a chart follows its theme."""

from __future__ import annotations

from lightlane_gui.theme import Theme


def resolve(theme: Theme, role: str) -> str:
    """Return a color as ``#rrggbb``.

    Parameters
    ----------
    role
        ``trace:N`` of curves in order, ``class:KEY`` of margin, the name of a color of :class:`Theme`, or a color.
    """
    kind, _, key = role.partition(":")
    if kind == "trace":
        return theme.traces[int(key) % len(theme.traces)]
    if kind == "class":
        return theme.classes[key]
    return role if role.startswith("#") else str(getattr(theme, role))

"""Labels whose texts change with every step of a drag, and whose size does not."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel


def write_steady(label: QLabel, text: str, *, spare_px: int = 60) -> None:
    """Write a text; the label is of a fixed size, changed where the text has no room or more than ``spare_px`` over.

    Qt lays out everything around a label that could have become another size, up to the window, for each text.
    """
    if text == label.text():
        return
    label.setText(text)
    wanted, room_px = label.sizeHint(), label.maximumWidth()
    if not wanted.width() <= room_px <= wanted.width() + spare_px:
        label.setFixedSize(wanted)

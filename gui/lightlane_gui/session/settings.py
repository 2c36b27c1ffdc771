"""What is remembered from one start to the next: recent files, theme, layout."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

RECENT_MAX = 10


class Settings:
    """The user's settings; tests give a file of their own."""

    def __init__(self, path: Path | None = None) -> None:
        if path is None:
            self._store = QSettings("Lightlane", "lightlane")
        else:
            self._store = QSettings(str(path), QSettings.Format.IniFormat)

    @property
    def recent(self) -> list[Path]:
        """Files that were opened, latest first; those that are gone are left out."""
        found = self._store.value("recent", [], list)
        return [Path(str(item)) for item in found if Path(str(item)).exists()] if isinstance(found, list) else []

    def add_recent(self, path: Path) -> None:
        """Remember that a file was opened."""
        resolved = path.resolve()
        paths = [resolved, *(item for item in self.recent if item != resolved)]
        self._store.setValue("recent", [str(item) for item in paths[:RECENT_MAX]])

    @property
    def theme(self) -> str:
        """Name of the theme."""
        return str(self._store.value("theme", "dark"))

    @theme.setter
    def theme(self, name: str) -> None:
        self._store.setValue("theme", name)

    @property
    def knows_the_way(self) -> bool:
        """Whether the three-step hint was seen."""
        return str(self._store.value("knows_the_way", "false")) == "true"

    @knows_the_way.setter
    def knows_the_way(self, value: bool) -> None:
        self._store.setValue("knows_the_way", "true" if value else "false")

    def layout(self, name: str) -> tuple[QByteArray, QByteArray] | None:
        """Return geometry and docks of a layout as they were left; None: never."""
        geometry, state = self._store.value(f"{name}/geometry"), self._store.value(f"{name}/state")
        if isinstance(geometry, QByteArray) and isinstance(state, QByteArray):
            return geometry, state
        return None

    def keep_layout(self, name: str, geometry: QByteArray, state: QByteArray) -> None:
        """Remember a layout."""
        self._store.setValue(f"{name}/geometry", geometry)
        self._store.setValue(f"{name}/state", state)

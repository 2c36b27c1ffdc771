"""A brightness that goes from one to zero once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation

STEP_MS = 33
"""Each step paints a map: half as many as there are frames look the same."""


class Fade(QObject):
    """Calls back with 1 to 0 over its time; a new start begins again."""

    def __init__(self, duration_ms: int, step: Callable[[float], None], parent: QObject) -> None:
        super().__init__(parent)
        self._step = step
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(duration_ms)
        self._animation.setStartValue(1.0)
        self._animation.setEndValue(0.0)
        self._animation.setEasingCurve(QEasingCurve.Type.InQuad)
        self._told_ms = 0
        self._animation.valueChanged.connect(lambda value: self._tell(float(value)))

    @property
    def is_running(self) -> bool:
        """Whether it is not at zero yet."""
        return self._animation.state() == QVariantAnimation.State.Running

    def start(self) -> None:
        """Begin at one."""
        self._animation.stop()
        self._told_ms = -STEP_MS
        self._animation.start()

    def _tell(self, brightness: float) -> None:
        now_ms = self._animation.currentTime()
        if brightness == 0.0 or now_ms - self._told_ms >= STEP_MS:
            self._told_ms = now_ms
            self._step(brightness)

    def stop(self) -> None:
        """Go to zero at once."""
        self._animation.stop()
        self._step(0.0)

"""What the FEC leaves over the errors before it, with the points of the lane on it."""

from __future__ import annotations

import math

import numpy as np

from lightlane import LaneResult
from lightlane.toolkit import map_fec
from lightlane_gui.charts import Axis, Chart
from lightlane_gui.session.session import Session
from lightlane_gui.workers.lane_worker import LaneShot

POINTS_COUNT = 60
SHOWN_LEAST = 1e-18
"""Below it a post-FEC BER means nothing that anybody could see."""


class FecChart(Chart):
    """The curve of the link's FEC, its threshold, the budget's point and the counted one."""

    def __init__(self, session: Session, empty_text: str) -> None:
        super().__init__(
            session,
            "FEC",
            Axis("pre_fec_ber", "Pre-FEC BER", is_log=True),
            Axis("post_fec_ber", "Post-FEC BER", is_log=True),
            empty_text=empty_text,
        )

    def show_shot(self, shot: LaneShot) -> None:
        """Draw curve and points of a lane."""
        fec = shot.key.link.fec
        threshold = fec.threshold_pre_fec_ber
        results = [result for result in (shot.budget, shot.result) if result is not None and _is_known(result)]
        low = min([threshold / 30.0, *(0.5 * item.pre_fec_ber for item in results)])
        high = max([threshold * 4.0, *(2.0 * item.pre_fec_ber for item in results)])
        x = np.geomspace(max(low, 1e-12), min(high, 0.3), POINTS_COUNT)
        y = map_fec(fec, x)
        self.heading.setToolTip(
            f"{fec.name}: {self.y_axis.text} over {self.x_axis.text}; points that lie below 1e-18 stand there."
        )
        self.set_curve("curve", x, np.where(y >= SHOWN_LEAST, y, np.nan), color="trace:2")
        self.set_line("threshold", threshold, "threshold", along="y")
        for key, result, label, color in (
            ("budget", shot.budget, "budget", "trace:0"),
            ("waveform", shot.result, "waveform", "trace:1"),
        ):
            if result is None or not _is_known(result):
                self.remove(key)
                continue
            height = max(result.post_fec_ber, SHOWN_LEAST)
            self.set_points(key, np.array([result.pre_fec_ber]), np.array([height]), label, color=color)


def _is_known(result: LaneResult) -> bool:
    return math.isfinite(result.pre_fec_ber) and math.isfinite(result.post_fec_ber) and result.pre_fec_ber > 0.0

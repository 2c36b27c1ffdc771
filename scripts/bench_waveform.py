"""Time one 400ZR lane by waveform, 80 km and 2^17 symbols, from bits to counted errors, and say where the time goes."""

from __future__ import annotations

from lightlane.fabric.point_to_point import point_to_point
from lightlane.lane.waveform.settings import WaveformSettings
from lightlane.lane.waveform.simulate import simulate_link

SYMBOLS = 2**17
GOAL_S = 2.0
"""On two cores."""


def main() -> None:
    """Print the seconds of each part, the faster of two lanes, for both precisions of the fiber."""
    link = point_to_point("oif-400zr", 80.0, line="designed")
    simulate_link(link, settings=WaveformSettings(symbols_count=2**14))
    print(f"400ZR over 80 km, {SYMBOLS:,} symbols by waveform; goal {GOAL_S:g} s on two cores:")  # noqa: T201
    for precision in ("f64", "f32"):
        settings = WaveformSettings(symbols_count=SYMBOLS, precision=precision)
        lanes = [lane for lane in simulate_link(link, settings=settings).waveforms if lane is not None]
        fastest = min(lanes, key=lambda lane: sum(lane.durations_s.values()))
        parts = ", ".join(f"{part} {seconds:.2f} s" for part, seconds in fastest.durations_s.items())
        total_s = sum(fastest.durations_s.values())
        print(f"  {precision}: {total_s:.2f} s: {parts}; {fastest.steps_count} steps in the fiber")  # noqa: T201


if __name__ == "__main__":
    main()

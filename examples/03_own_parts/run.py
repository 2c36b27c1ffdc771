"""Use a folder of one's own parts beside the shipped catalog."""

from pathlib import Path

import lightlane

catalog = lightlane.load_catalog([Path(__file__).parent / "parts"])
for fiber, amplifier in (("g652d", "edfa-fixed-5.5"), ("g652d-measured", "edfa-low-noise")):
    link = lightlane.point_to_point(
        "oif-400zr",
        95.0,
        fiber=fiber,
        catalog=catalog,
        booster="edfa-fixed-5.5",
        preamplifier=amplifier,
        span_launch_power_dbm=1.0,
        received_power_dbm=-9.0,
    )
    result = lightlane.evaluate_link(link)
    worst = result.worst()
    print(f"{fiber}, {amplifier}: OSNR {worst.osnr_db:.2f} dB, margin {result.margin_db:.2f} dB ({result.status})")
    print(f"  rests on assumed: {', '.join(worst.assumed) or 'nothing'}")

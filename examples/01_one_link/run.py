"""Evaluate single links and ask why."""

import lightlane

for module, length_km in (("400g-lr4-10", 10.0), ("400gbase-er8", 35.0), ("oif-400zr", 80.0)):
    link = lightlane.point_to_point(module, length_km, line="designed", wanted_margin_db=1.0)
    result = lightlane.evaluate_link(link, wanted_margin_db=1.0)
    print(f"{module}, {length_km:g} km: {result.status}, {result.margin_db:.2f} dB, limited by {result.limited_by}")
    for step in result.explain():
        print(f"  {step.value_db:+8.2f} dB  {step.label}")

# Batches are as easy as single links, and far quicker per link.
lengths_km = range(60, 141, 10)
links = [
    lightlane.point_to_point(
        "oif-400zr",
        float(length_km),
        mux="mux-75ghz",
        channels=16,
        booster="edfa-fixed-5.5",
        preamplifier="edfa-fixed-5.5",
        span_launch_power_dbm=1.0,
        received_power_dbm=-8.0,
    )
    for length_km in lengths_km
]
print("400ZR, 16 channels, booster and preamplifier:")
for length_km, result in zip(lengths_km, lightlane.evaluate_links(links).link_results(), strict=True):
    print(f"  {length_km:4d} km  {result.status:5s}  {result.margin_db:6.2f} dB  {result.limited_by}")

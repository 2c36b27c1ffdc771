"""Evaluate a fabric file, keep the results, write the report."""

from pathlib import Path

import lightlane

here = Path(__file__).parent
results = lightlane.run(here / "metro.toml", wanted_margin_db=1.0)
lightlane.write_results(results, "results", overwrite=True)
lightlane.write_report(results, "report.html")

for row in sorted(results.links.rows(), key=lambda row: row["margin_db"] if row["margin_db"] is not None else -99):
    margin = "     -" if row["margin_db"] is None else f"{row['margin_db']:6.2f}"
    print(f"{row['link']:18s} {row['length_km']:6.1f} km  {margin} dB  {row['status']:9s} {row['limited_by']}")
for row in results.demands.rows():
    print(f"{row['from']} to {row['to']}: {row['status']}, {row['latency_us']:.0f} of {row['objective_us']:.0f} us")
print("wrote results/ and report.html")

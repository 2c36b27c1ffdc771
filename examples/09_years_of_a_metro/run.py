"""Run six years of a ring in two variants with draws, ask the results, write the report."""

from pathlib import Path

import lightlane
from lightlane.results.history import read_drawn_history, read_history

here = Path(__file__).parent
folder = lightlane.run(here / "scenario.toml", "results", overwrite=True)

for variant in ("baseline", "careless"):
    history = read_history(folder, variant=variant)
    drawn = read_drawn_history(folder, history)
    link, day = history.first_failure or ("no link", float("nan"))
    share = drawn.all_lasting_ratio[-1]
    print(f"{variant:9s} first to fail: {link} on day {day:.0f}; all links last in {share:.0%} of the draws")

worst = folder.query(
    "select variant, time_days, demands_blocked_count, round(demand_gbps - carried_gbps) as lost_gbps from steps "
    "order by demand_gbps - carried_gbps desc, variant, time_days limit 3"
)
for row in worst.to_pylist():
    lost = f"{row['demands_blocked_count']} demands, {row['lost_gbps']:.0f} Gb/s not carried"
    print(f"{row['variant']:9s} day {row['time_days']:6.0f}: {lost}")

lightlane.write_report(lightlane.read_results("results"), "report.html", folder="results")
print("wrote results/ and report.html")

"""Run a scenario that simulates a link, keep the results, write the report."""

from pathlib import Path

import lightlane

here = Path(__file__).parent
results = lightlane.run(here / "scenario.toml")
lightlane.write_results(results, "results", overwrite=True)
lightlane.write_report(lightlane.read_results("results"), "report.html")

for row in results.links.rows():
    print(f"{row['link']:15s} {row['status']:9s} margin {row['margin_db']:.2f} dB by budget")
for row in results.waveforms.rows():
    print(
        f"{row['link']:15s} {row['direction']}, channel {row['channel_index']}: "
        f"Q {row['budget_q_db']:.2f} dB by budget, {row['q_db']:.2f} dB by waveform "
        f"({row['bit_errors_count']} errors in {row['bits_count']} bits)"
    )
print("wrote results/ and report.html")

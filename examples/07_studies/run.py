"""Ask a small ring what fails, how long it is down, what faster modules do, and what its sites can serve."""

from pathlib import Path

import lightlane
from lightlane.plots import figure_to_svg, plot_failure_matrix

here = Path(__file__).parent
ring = here / "ring.toml"

failures = lightlane.study_failures(ring, dual=True)
print(f"safe against one failure: {failures.summary['n_minus_1_safe']}")
for row in failures.table.rows()[:3]:
    print(f"  {row['elements']}: {row['not_carried_gbps']:.0f} Gb/s not carried, services {row['services_hit']}")
Path("cuts.svg").write_text(figure_to_svg(plot_failure_matrix(failures)), encoding="utf-8")

availability = lightlane.study_availability(ring)
for row in availability.table.rows():
    print(f"{row['kind']} {row['name']}: {row['down_min_per_year']:.3g} min/year, most by {row['worst_element']}")

upgrade = lightlane.study_upgrade(ring, keep="channels")
for row in upgrade.table.rows():
    margins = f"{row['margin_before_db']:.2f} to {row['margin_after_db']:.2f} dB"
    print(f"{row['link']}: {row['outcome']} with {row['module_after']}, {margins}")

for n_minus_1 in (False, True):
    placement = lightlane.study_placement(ring, here / "services.toml", n_minus_1=n_minus_1)
    when = "under every single cut" if n_minus_1 else "with everything up"
    print(f"{when}: {placement.summary['served']} of {placement.summary['users']} served, {placement.summary['gpus']}")
    for row in placement.table.rows():
        print(f"  {row['service']} at {row['users_at']}: {row['served_from'] or row['reason']}")
lightlane.write_study(placement, "placement", overwrite=True)
print("wrote cuts.svg and placement/")

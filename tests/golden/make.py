"""Writes what the tests of this folder compare with: run it only when numbers are meant to change.

python tests/golden/make.py            the metro example's numbers
python tests/golden/make.py --release  also a results folder of this version
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import lightlane

HERE = Path(__file__).parent
METRO = HERE.parents[1] / "examples" / "02_metro_fabric" / "metro.toml"
LINK_FIGURES = ("margin_db", "limited_by", "status", "latency_us", "rate_gbps")
LANE_FIGURES = ("received_power_dbm", "osnr_db", "snr_nli_db", "snr_db", "chromatic_dispersion_ps_per_nm", "q_db")


def collect(results: lightlane.Results) -> dict[str, object]:
    """Return the figures of every link and of the first channel's lanes from a to b."""
    links = {row["link"]: {name: row[name] for name in LINK_FIGURES} for row in results.links.rows()}
    lanes = {
        f"{row['link']} lane {row['lane']}": {name: row[name] for name in LANE_FIGURES}
        for row in results.lanes.rows()
        if row["channel_index"] == 0 and row["direction"] == "a_to_b"
    }
    demands = {f"{row['from']} to {row['to']}": [row["status"], row["latency_us"]] for row in results.demands.rows()}
    return {"links": links, "lanes": lanes, "demands": demands}


def main() -> None:
    """Write the files."""
    results = lightlane.run(METRO)
    text = json.dumps(collect(results), indent=1, ensure_ascii=False)
    (HERE / "metro.json").write_text(text + "\n", encoding="utf-8")
    if "--release" in sys.argv:
        lightlane.write_results(results, HERE / f"results-{results.manifest['lightlane_version']}", overwrite=True)


if __name__ == "__main__":
    main()

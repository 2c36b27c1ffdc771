"""Evaluate a batch on two workers of this machine, stop it, go on without them, and ask the results."""

from distributed import Client, LocalCluster
from reach_plan import ReachPlan

import lightlane
from lightlane.execution import execute

LEAST = """
select variant as module, max(value::double) as reach_km
from (select variant, point_index, min(margin_5_percent_db) as margin_db from lanes group by all)
join points using (variant, point_index)
where field = 'length_km' and margin_db >= 0
group by variant order by variant
"""


def main() -> None:
    """Run the example; workers import this file, and must not."""
    plan = ReachPlan(("400gbase-fr4", "400g-lr4-10"), tuple(2.0 + 3.0 * n for n in range(8)), 100)

    def stop_at_a_third(done: int, total: int, left_s: float | None) -> None:
        if done >= total // 3:
            raise lightlane.Cancelled

    # A cluster elsewhere is Client("tcp://scheduler:8786"); the rest is the same.
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster, Client(cluster) as client:
        try:
            execute(plan, "results", client=client, on_progress=stop_at_a_third)
        except lightlane.Cancelled as stopped:
            print(stopped)
        done = execute(plan, "results", client=client, resume=True)
    print(f"{done.chunks_count - done.kept_count} chunks were missing; now all {done.chunks_count} are there")
    results = lightlane.open_results("results")
    for row in results.query(LEAST).to_pylist():
        print(f"{row['module']:12s} closes over {row['reach_km']:.0f} km in 95 of 100 draws")


if __name__ == "__main__":
    main()

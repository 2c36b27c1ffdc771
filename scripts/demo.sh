#!/bin/sh
# The main job on a real topology: Germany's 50-node network with real towns as edge sites, imported, designed, evaluated, reported.
set -eu

cd "$(dirname "$0")/.."
out=build/demo
lightlane=.venv/bin/lightlane

rm -rf "$out"
mkdir -p "$out"
"$lightlane" import topohub:sndlib/germany50 --route-factor 1.3 --roles degree:99 \
    --core Berlin --core Duesseldorf --core Frankfurt --core Hamburg --core Leipzig --core Muenchen --core Nuernberg --core Stuttgart \
    --metro-edges 4 --metro-radius-km 40 --metro-bands 1-3,3-8,8-20,20-40 \
    --total-demand-gbps 20000 --latency-ms 10 --edge-demand-gbps 400 --edge-latency-ms 2 \
    -o "$out/imported.toml"
# Modules of standards and multi-source agreements only. Exit code 1 says that some adjacency did not close; the others are
# worth seeing all the same.
"$lightlane" design "$out/imported.toml" -o "$out/fabric.toml" \
    --modules 400gbase-dr4,400gbase-fr4,400g-lr4-10,400gbase-lr8,400gbase-er8,oif-400zr,openzrplus-400g,openzrplus-400g-ha,openroadm-400g,oif-800zr,openroadm-800g-118,800g-zrplus \
    || [ "$?" -eq 1 ]
"$lightlane" run "$out/fabric.toml" -o "$out/results"
"$lightlane" report "$out/results" -o "$out/report.html" --png "$out/map.png"
printf 'The report: %s\n' "$PWD/$out/report.html"

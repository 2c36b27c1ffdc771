#!/bin/sh
# The main job on a real topology: Germany's 50-node network with edge sites around its metros, imported, designed, evaluated, reported.
set -eu

cd "$(dirname "$0")/.."
out=build/demo
lightlane=.venv/bin/lightlane

rm -rf "$out"
mkdir -p "$out"
"$lightlane" import topohub:sndlib/germany50 --route-factor 1.3 --roles degree:4 \
    --metro-edges 3 --metro-radius-km 40 --metro-bands 2-10,10-20,20-40 \
    --latency-ms 5 --edge-demand-gbps 800 --edge-latency-ms 1 -o "$out/imported.toml"
# Exit code 1 says that some adjacency did not close; the others are worth seeing all the same.
"$lightlane" design "$out/imported.toml" -o "$out/fabric.toml" || [ "$?" -eq 1 ]
"$lightlane" run "$out/fabric.toml" -o "$out/results"
"$lightlane" report "$out/results" -o "$out/report.html"
printf 'The report: %s\n' "$PWD/$out/report.html"

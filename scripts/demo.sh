#!/bin/sh
# The main job on a real topology: Germany's 50-node network with edge sites around its metros, imported, designed, evaluated, reported.
set -eu

cd "$(dirname "$0")/.."
out=build/demo
lightlane=.venv/bin/lightlane

rm -rf "$out"
mkdir -p "$out"
"$lightlane" import topohub:sndlib/germany50 -o "$out/imported.toml"
# Exit code 1 says that some adjacency did not close; the others are worth seeing all the same.
"$lightlane" design "$out/imported.toml" -o "$out/fabric.toml" || [ "$?" -eq 1 ]
"$lightlane" run "$out/fabric.toml" -o "$out/results"
"$lightlane" report "$out/results" -o "$out/report.html"
printf 'The report: %s\n' "$PWD/$out/report.html"

#!/bin/sh
# Counts the waterfalls of the catalog again and writes its tables: some ten minutes on two cores. Points below what can be
# counted get few frames; they go on by a bound or a line. Give codes to count those alone.
set -eu
cd "$(dirname "$0")/.."
run=.venv/bin/lightlane
folder=python/lightlane/catalog/waterfalls

count() { # code, points that are counted, points below them
	"$run" fec waterfall "$1" --points "$2" --errors 4000 --frames-max 20000000 -o "$folder/$1.json" --overwrite
	"$run" fec waterfall "$1" --points "$3" --errors 4000 --frames-max 65536 -o "$folder/$1.json" --resume
}

for code in ${*:-hamming-128-120 bch-126-110}; do
	case $code in
	hamming-128-120)
		count "$code" 1e-3,1.5e-3,2e-3,2.5e-3,3e-3,3.5e-3,4e-3,4.4e-3,4.8e-3,5e-3,5.2e-3,5.6e-3,6e-3,7e-3,8e-3,1e-2,1.3e-2,1.6e-2,2e-2 \
			1e-5,1e-4,3e-4
		;;
	bch-126-110)
		count "$code" 2e-3,3e-3,4e-3,5e-3,6e-3,7e-3,8e-3,9e-3,1e-2,1.07e-2,1.09e-2,1.1e-2,1.14e-2,1.22e-2,1.37e-2,1.6e-2,2e-2,2.5e-2 \
			1e-4,1e-3
		;;
	*)
		echo "no points are set for $code" >&2
		exit 2
		;;
	esac
done
"$run" fec tables python/lightlane/catalog/data/fecs.toml "$folder"/*.json

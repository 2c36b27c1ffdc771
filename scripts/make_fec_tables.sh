#!/bin/sh
# Counts the waterfalls of the catalog again and writes its tables: some ten minutes on two free cores. Points far below what
# can be counted get few frames; they go on by a bound or a line. Give codes to count those alone.
set -eu
cd "$(dirname "$0")/.."
run=.venv/bin/lightlane
folder=python/lightlane/catalog/waterfalls

count() { # code, points, failed frames, most frames
	"$run" fec waterfall "$1" --points "$2" --errors "$3" --frames-max "$4" -o "$folder/$1.json" --resume
}

for code in ${*:-hamming-128-120 bch-126-110 ofec cfec sc-fec}; do
	rm -f "$folder/$code.json"
	case $code in
	hamming-128-120)
		count "$code" 1.5e-3,2e-3,2.5e-3,3e-3,3.5e-3,4e-3,4.4e-3,4.8e-3,5e-3,5.2e-3,5.6e-3,6e-3,7e-3,8e-3,1e-2,1.3e-2,1.6e-2,2e-2 \
			4000 20000000
		count "$code" 1e-3 4000 15990784
		count "$code" 1e-5,1e-4,3e-4 4000 65536
		;;
	bch-126-110)
		count "$code" 3e-3,4e-3,5e-3,6e-3,7e-3,8e-3,9e-3,1e-2,1.07e-2,1.09e-2,1.1e-2,1.14e-2,1.22e-2,1.37e-2,1.6e-2,2e-2,2.5e-2 \
			1000 2000000
		count "$code" 1e-4,1e-3 1000 65536
		;;
	ofec)
		count "$code" 2.03e-2,2.06e-2,2.1e-2,2.15e-2,2.2e-2,2.27e-2 30 600
		;;
	cfec)
		count "$code" 1.33e-2,1.34e-2,1.36e-2,1.4e-2,1.45e-2 12 12
		;;
	sc-fec)
		count "$code" 5.1e-3,5.2e-3,5.3e-3,5.5e-3 12 40
		;;
	*)
		echo "no points are set for $code" >&2
		exit 2
		;;
	esac
done
"$run" fec tables python/lightlane/catalog/data/fecs.toml "$folder"/*.json

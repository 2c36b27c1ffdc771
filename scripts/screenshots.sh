#!/bin/sh
# Real windows on a virtual display, driven through every view in both themes; pictures into build/screenshots.
set -eu

cd "$(dirname "$0")/.."
out=${1:-build/screenshots}
packages="xvfb libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0"

if ! command -v Xvfb >/dev/null || ! ldconfig -p | grep -q libxcb-cursor.so.0 || ! ldconfig -p | grep -q libxcb-icccm.so.4; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        # shellcheck disable=SC2086 # one word per package
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages; } </dev/null >&2
    else
        echo "missing: a virtual X server. Install with: sudo apt-get install $packages" >&2
        exit 1
    fi
fi

rm -rf "$out"
mkdir -p "$out"
# A free display, never a fixed number.
display=$(mktemp)
Xvfb -displayfd 3 -screen 0 2600x1500x24 -nolisten tcp 3>"$display" 2>/dev/null &
server=$!
trap 'kill $server 2>/dev/null; rm -f "$display"' EXIT INT TERM
while [ ! -s "$display" ]; do
    kill -0 $server || exit 1
    sleep 0.1
done
DISPLAY=":$(cat "$display")" QT_QPA_PLATFORM=xcb .venv/bin/python -m lightlane_gui.tour "$out"
printf 'The pictures: %s\n' "$(cd "$out" && pwd)"

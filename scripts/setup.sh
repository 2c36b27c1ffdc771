#!/bin/sh
# Make this checkout ready to use: tools checked, .venv with the locked packages, the Rust extension built.
#
# Safe to repeat: what is already in place is not fetched again, so a second call works without a network.
# Python packages come through pip, not uv: pip reads the index mirrors and certificates that a machine has set up for it.
# PYTHON=/path/to/python chooses the interpreter of a new .venv.
set -eu

cd "$(dirname "$0")/.."
here=$(pwd -P)
unset PYTHONPATH PYTHONHOME # another project's modules must not shadow the locked ones

say() { printf 'setup: %s\n' "$*" >&2; }
stop() { say "$*" && exit 1; }

rust_needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
peer="serdes-optical-lab==0.2.0 --hash=sha256:3e480aca998a721d24ed306fd12432ec1aaf5126957ac4827fab1f5e29a2c693"
missing_packages= # Debian's names, to install
missing_things=   # what they stand for, to tell where there is no apt

find_python() {
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$candidate
            return 0
        fi
    done
    return 1
}

need() { # $1: what is missing; the rest: the Debian packages that bring it
    missing_things="${missing_things:+$missing_things, }$1"
    shift
    missing_packages="${missing_packages:+$missing_packages }$*"
}

# A compiler driver that cannot link (no libc headers, no crt1.o) is found out here and not in the middle of a build.
links_programs() {
    probe=$(mktemp -d)
    printf '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n' >"$probe/probe.c"
    status=0
    cc -o "$probe/probe" "$probe/probe.c" >/dev/null 2>&1 || status=1
    rm -rf "$probe"
    return "$status"
}

# The libraries of the system that Qt's wheels do not bring; programs without a window load them too.
lacks_libraries() {
    for library in libEGL.so.1 libGL.so.1 libxkbcommon.so.0 libfontconfig.so.1 libdbus-1.so.3 libglib-2.0.so.0; do
        ldconfig -p 2>/dev/null | grep -q "$library" || return 0
    done
    return 1
}

environment_works() {
    .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

makes_environments() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null || command -v uv >/dev/null || command -v virtualenv >/dev/null
}

check_system() {
    missing_packages=
    missing_things=
    links_programs || need "a C compiler and linker (cc)" gcc libc6-dev
    if [ "$(uname -s)" = Linux ] && command -v ldconfig >/dev/null && lacks_libraries; then
        need "libraries of the desktop application" libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3 libglib2.0-0
    fi
    if ! find_python; then
        need "Python 3.11 or later" python3 python3-venv
    elif ! environment_works && ! makes_environments; then
        need "Python's venv and ensurepip" "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    fi
}

check_rust() {
    # rustup puts its programs here and leaves PATH to the next login.
    PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
    export PATH
    rust_help="Rust $rust_needed or later with cargo is needed: install it with rustup (https://rustup.rs) or your system's packages"
    command -v cargo >/dev/null || stop "cargo was not found. $rust_help."
    rust_found=$(rustc --version 2>/dev/null | sed -n 's/^rustc \([0-9]*\.[0-9]*\).*/\1/p')
    [ -n "$rust_found" ] || stop "rustc does not run. $rust_help."
    [ "${rust_found%%.*}" -gt "${rust_needed%%.*}" ] ||
        { [ "${rust_found%%.*}" -eq "${rust_needed%%.*}" ] && [ "${rust_found#*.}" -ge "${rust_needed#*.}" ]; } ||
        stop "rustc $rust_found is too old. $rust_help."
}

install_system_packages() {
    say "installing $missing_packages"
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    # shellcheck disable=SC2086 # one word per package
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing_packages; } </dev/null >&2 ||
        stop "apt-get could not install $missing_packages."
}

make_environment() {
    # Scripts and the editable install hold absolute paths, so an environment that was moved or copied is made anew.
    if [ -f .venv/.folder ] && [ "$(cat .venv/.folder)" != "$here" ]; then
        say "removing .venv, which was made for $(cat .venv/.folder)"
        rm -rf .venv
    fi
    if ! environment_works; then
        rm -rf .venv
        say "making .venv with $("$python" --version)"
        if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            "$python" -m venv .venv
        elif command -v uv >/dev/null; then
            uv venv --quiet --seed --python "$python" .venv
        else
            virtualenv --quiet --python "$python" .venv
        fi
    fi
    printf '%s\n' "$here" >.venv/.folder
}

install_packages() {
    cmp -s requirements.lock .venv/.requirements.lock && return 0
    say "installing the Python packages of requirements.lock, about a minute"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --require-hashes \
        --requirement requirements.lock || stop "pip could not install requirements.lock; its message stands above."
    cp requirements.lock .venv/.requirements.lock
}

# The desktop application, from this checkout.
install_application() {
    cmp -s gui/pyproject.toml .venv/.application && return 0
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation \
        --editable gui || stop "pip could not install the desktop application; its message stands above."
    cp gui/pyproject.toml .venv/.application
}

# A program that tests compare with; it asks for Python 3.12 and for old numpy and scipy, but the part in question runs without.
install_peer() {
    [ -f .venv/.peer ] && return 0
    if printf '%s\n' "$peer" | .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps \
        --ignore-requires-python --require-hashes --requirement /dev/stdin 2>/dev/null; then
        touch .venv/.peer
    else
        say "serdes-optical-lab could not be had: tests that compare with it are skipped"
    fi
}

build_extension() {
    # All crates of the lock, those of tests and other systems too: from here on nothing needs the network.
    cargo fetch --quiet --locked || stop "cargo could not fetch the crates of Cargo.lock; its message stands above."
    say "building the Rust extension (release)"
    PIP_QUIET=1 VIRTUAL_ENV=$here/.venv .venv/bin/python -m maturin develop --release --locked ||
        stop "the Rust extension did not build; the compiler's message stands above."
}

check_system
if [ -n "$missing_packages" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    install_system_packages
    check_system
fi
if [ -n "$missing_packages" ]; then
    if command -v apt-get >/dev/null; then
        stop "missing: $missing_things. Install with: sudo apt-get install $missing_packages"
    fi
    stop "missing: $missing_things. Install with your system's package manager."
fi
check_rust
make_environment
install_packages
install_application
install_peer
build_extension
say "ready: .venv/bin/lightlane --help"

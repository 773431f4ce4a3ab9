#!/usr/bin/env bash
# Sees that this machine has what `make test` and `make demo` need; run by both. As root on Debian or Ubuntu it installs what is
# missing, else it names what to install. Quick and silent if nothing is missing. `scripts/setup.sh servers`: also what brings and builds
# other servers (`make test-servers`).
set -euo pipefail

readonly purpose="${1-}"

# Each line: the program that must be there, the Debian package that brings it.
needed() {
    if [ "$purpose" = servers ]; then
        printf '%s\n' "make make"
    fi
    cat <<'TABLE'
redis-server redis-server
redis-cli redis-tools
cc gcc
g++ g++
nm binutils
valgrind valgrind
iptables iptables
javac openjdk-17-jdk-headless
pip3 python3-pip
mvn maven
TABLE
}

main() {
    need_rust
    install_needed
    # The tests of metrics and alerts ask it, and are left out without it.
    is_there promtool || install_promtool || echo "setup: promtool (Debian: prometheus) is missing: the tests with it are left out" >&2
}

install_needed() {
    local packages
    packages=$(missing_packages)
    [ -z "$packages" ] && return
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "setup: these are missing; please install them (names of Debian packages): $packages" >&2
        exit 1
    fi
    echo "setup: installing $packages ..."
    # shellcheck disable=SC2086  # a list of words
    install $packages
    packages=$(missing_packages)
    if [ -n "$packages" ]; then
        echo "setup: installed, and still not to be found on PATH: what $packages should bring" >&2
        exit 1
    fi
}

# As a condition, none of its steps ends the script.
install_promtool() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "setup: installing prometheus ..."
        install prometheus
    fi
    is_there promtool
}

need_rust() {
    local tool
    for tool in cargo cargo-fmt cargo-clippy; do
        if ! command -v "$tool" >/dev/null; then
            echo "setup: $tool is missing: install Rust 1.89 or later with rustfmt and clippy (https://rustup.rs)" >&2
            exit 1
        fi
    done
}

missing_packages() {
    local program package packages=""
    while read -r program package; do
        is_there "$program" || packages="$packages $package"
    done < <(needed)
    echo "${packages# }"
}

is_there() {
    # sbin is not on everybody's PATH.
    PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null || return 1
    [ "$1" != javac ] || [ "$(java_version)" -ge 17 ]
}

java_version() {
    javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'
}

# Installs packages. A redis-server that comes with them is for the tests, which start servers of their own: no service of it
# may start now (policy-rc.d) or at the next boot (disable), and take port 6379.
install() {
    local policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -q -y --no-install-recommends "$@"
    case " $* " in
        *" redis-server "*) disable redis-server ;;
    esac
    case " $* " in
        *" prometheus "*) disable prometheus ;;
    esac
}

disable() {
    ! command -v systemctl >/dev/null || systemctl --quiet disable "$1.service"
}

main

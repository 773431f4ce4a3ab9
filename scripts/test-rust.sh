#!/usr/bin/env bash
# Runs the tests of the core, of the C ABI and of the program `slotkeeper`: the test programs side by side, since most of them wait for
# clusters most of the time, and prints what each says once it is over, with its time. Exit status 0 only if nothing failed.
#
#   scripts/test-rust.sh [--side-by-side N]      default: as many as there are cores
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
# Of each program: two tests on a core do not slow each other down.
export RUST_TEST_THREADS="${RUST_TEST_THREADS:-$((2 * $(nproc)))}"

# Under valgrind programs compute all the time, and have their deadlines all the same: not beside others.
readonly ALONE="c_abi"
# What takes longest begins first, so that nothing long is left over at the end.
readonly LONG="keeper keeper_identity hostile diff plan properties reality drift tls soak launcher"

at_once=$(nproc)

main() {
    while [ $# -gt 1 ]; do
        case "$1" in
            --side-by-side) at_once=$2 ;;
            *) break ;;
        esac
        shift 2
    done
    if [ $# -gt 0 ]; then
        echo "test-rust: what is $1? Allowed is --side-by-side N" >&2
        exit 2
    fi
    local built all status=0
    built=$(cargo test --no-run --color=never 2>&1) || { echo "$built" >&2 && exit 1; }
    all=$(sed -n 's/^ *Executable \(unittests \)\?\(tests\|src\)\/\(.*\)\.rs (\(.*\))$/\3 \4/p' <<<"$built")
    some "$ALONE" "$all" | xargs -L 1 "$0" one || status=$?
    { some "$LONG" "$all" && others "$ALONE $LONG" "$all"; } | xargs -P "$at_once" -L 1 "$0" one || status=$?
    cargo test --doc
    echo "== the program slotkeeper, and alerts in a Prometheus that scrapes it"
    cargo test --features cli --test cli --test alerts
    [ "$status" = 0 ]
}

# The lines of these programs, in their order: the name, and the file.
some() {
    local name
    for name in $1; do
        grep "^$name " <<<"$2" || { echo "test-rust: there is no test program $name" >&2 && return 1; }
    done
}

# The lines of all programs but these.
others() {
    awk -v not=" $1 " '!index(not, " " $1 " ")' <<<"$2"
}

# Runs one program; what it says is printed whole.
one() {
    local name=$1 program=$2 log start status=0
    log=$(mktemp)
    start=$SECONDS
    "$program" >"$log" 2>&1 || status=$?
    {
        flock 9
        echo "== $name: $((SECONDS - start)) s"
        cat "$log"
    } 9>"$CARGO_TARGET_DIR/test-rust.lock"
    rm -f "$log"
    return "$status"
}

case "${1-}" in
    one) shift && one "$@" ;;
    *) main "$@" ;;
esac

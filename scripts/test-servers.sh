#!/usr/bin/env bash
# Runs the tests on real clusters with each server that scripts/servers.sh brings, and prints a table: server, test, how it went; below
# a test what of it was left out there, and why. The logs lie in target/servers/. Exit status 0 only if nothing failed.
#
#   scripts/test-servers.sh [--servers "redis-3.0.5 valkey-9.0.0"] [--tests "keeper soak"]
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
readonly LOGS="$CARGO_TARGET_DIR/servers"

servers=""
tests="launcher seed_filter last_good_live merge_live agreement keeper keeper_identity keeper_pace faults soak reality"
programs=""
failed=0

main() {
    while [ $# -gt 1 ]; do
        case "$1" in
            --servers) servers=$2 ;;
            --tests) tests=$2 ;;
            *) break ;;
        esac
        shift 2
    done
    if [ $# -gt 0 ]; then
        echo "test-servers: what is $1? Allowed are --servers \"...\" and --tests \"...\"" >&2
        exit 2
    fi
    local table built
    table=$(scripts/servers.sh)
    # Built once: all servers are to meet the same programs.
    # shellcheck disable=SC2046  # a list of words
    built=$(cargo test --no-run $(printf -- '--test %s ' $tests) 2>&1) || { echo "$built" >&2 && exit 1; }
    programs=$(sed -n 's/^ *Executable tests\/\(.*\)\.rs (\(.*\))$/\1\t\2/p' <<<"$built")
    local name server test
    while read -r name server <&3; do
        for test in $(chosen "$name"); do
            run "$name" "$server" "$test"
        done
    done 3<<<"$table"
    echo "$failed failed"
    [ "$failed" = 0 ]
}

# The tests for a server: all or none.
chosen() {
    case " ${servers:-$1} " in
        *" $1 "*) echo "$tests" ;;
    esac
}

# Runs one test program, and prints a row for each of its tests.
run() {
    local name=$1 server=$2 test=$3 log="$LOGS/$1/$3.log" status=0 program
    mkdir -p "$LOGS/$name"
    program=$(awk -F '\t' -v test="$test" '$1 == test { print $2 }' <<<"$programs")
    SLOTKEEPER_TEST_SERVER="$server" "$program" --show-output >"$log" 2>&1 || status=$?
    rows "$name" "$test" <"$log"
    if [ "$status" != 0 ]; then
        failed=$((failed + 1))
        echo "$name $test: failed, see $log"
    fi
}

# Reads the output of a test program. A test's own words stand behind its results, below "---- <name> stdout ----".
rows() {
    awk -v server="$1" -v program="$2" '
        /^test .* \.\.\. / {
            split($0, halves, " [.][.][.] ")
            name = substr(halves[1], 6)
            if (halves[2] !~ /^ignored/) { order[++count] = name; outcome[name] = tolower(halves[2]) }
        }
        /^---- .* stdout ----$/ { teller = $2 }
        /^(left out|SKIPPED)/ && teller in outcome {
            words[teller] = words[teller] "\n" sprintf("%40s", "") $0
            if ($0 ~ /: this test/ && outcome[teller] == "ok") outcome[teller] = "left out"
        }
        END {
            for (place = 1; place <= count; place++) {
                name = order[place]
                printf "%-13s %-15s %-9s %s%s\n", server, program, outcome[name], name, words[name]
            }
        }'
}

main "$@"

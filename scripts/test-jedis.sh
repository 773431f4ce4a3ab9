#!/usr/bin/env bash
# Runs the tests of slotkeeper-jedis2 and slotkeeper-jedis4 with each version of Jedis, all on real clusters, and prints a table in Markdown:
# a row a version, a column for what must work. The modules stay compiled against the oldest version. The logs and reports lie in
# target/jedis/. Exit status 0 only if nothing failed.
#
#   scripts/test-jedis.sh [VERSION...]
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
readonly LOGS="$CARGO_TARGET_DIR/jedis"

# What a column shows: its head, and the test classes or tests behind it.
readonly COLUMNS=(
    "start with dead seeds|KeeperClusterTest.starts_while_a_node_is_dead"
    "dead at start, back later|KeeperClusterTest.starts_while_the_whole_cluster_is_dead_and_works_once_it_is_back"
    "keeper cluster|KeeperClusterTest"
    "attach|AttachTest"
    "failover under load|FailoverTest"
    "gate|GatedClusterTest"
    "gate steps aside|FailOpenTest"
    "resharding under load|ReshardingTest"
    "hand-over under load|HandOverTest"
    "\`UnifiedJedis\`|ClientsTest.unified_jedis_starts_dead_and_follows_the_cluster"
    "\`RedisClusterClient\`|ClientsTest.redis_cluster_client_starts_dead_and_follows_the_cluster"
)

failed=0

main() {
    local versions=("$@") version column head=" Jedis |" rule="---|"
    [ $# -gt 0 ] || versions=(2.9.0 2.9.3 2.10.2 3.10.0 4.3.2 4.4.8 5.2.0 7.5.3 8.0.2)
    for column in "${COLUMNS[@]}"; do
        head+=" ${column%%|*} |"
        rule+="---|"
    done
    printf '|%s\n|%s\n' "$head" "$rule"
    for version in "${versions[@]}"; do
        run "$version"
    done
    [ "$failed" = 0 ]
}

# Runs all tests of the version's module, and prints its row.
run() {
    local version=$1 module logs="$LOGS/$1" row column
    case "$version" in
        [23].*) module=slotkeeper-jedis2 ;;
        *) module=slotkeeper-jedis4 ;;
    esac
    mkdir -p "$logs"
    rm -rf "java/$module/target/surefire-reports" "$logs"/*
    # The tests of the modules below need no Jedis.
    if ! mvn --batch-mode --no-transfer-progress -f java/pom.xml -Dslotkeeper.cargo-target="$CARGO_TARGET_DIR" \
        -pl "$module" -am -Djedis.run-version="$version" \
        -Dslotkeeper.test.hand-overs=200 -Dslotkeeper.test.moved-slots=1500 -Dtest='io/slotkeeper/jedis/**/*Test' \
        -Dsurefire.failIfNoSpecifiedTests=false verify >"$logs/log" 2>&1; then
        failed=$((failed + 1))
        echo "Jedis $version: failed, see $logs/log" >&2
    fi
    cp java/"$module"/target/surefire-reports/TEST-*.xml "$logs" || true
    row=" $version |"
    for column in "${COLUMNS[@]}"; do
        row+=" $(cell "$logs" "${column#*|}") |"
    done
    echo "|$row"
}

# How a test class, or one test of it, went: ok, FAILED, the reason why it was left out, or a dash if there is no such test.
cell() {
    local class=${2%%.*} test="" report
    [ "$class" = "$2" ] || test=${2#*.}
    report="$1/TEST-io.slotkeeper.jedis.$class.xml"
    [ -f "$report" ] || report=/dev/null
    awk -v test="$test" '
        /<testcase / {
            match($0, /name="[^"]*"/)
            name = substr($0, RSTART + 6, RLENGTH - 7)
            counts = test == "" || name == test
            seen += counts
        }
        counts && /<(failure|error)[ >]/ { bad = 1 }
        counts && test != "" && /<skipped / {
            why = "left out"
            if (match($0, /message="[^"]*"/)) why = substr($0, RSTART + 9, RLENGTH - 10)
            sub(/.*==&gt; /, "", why)
        }
        END { print bad ? "FAILED" : why != "" ? why : seen ? "ok" : "-" }' "$report"
}

main "$@"

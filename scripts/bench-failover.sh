#!/usr/bin/env bash
# What failovers, lost slots and moving slots cost under load with each version of Jedis, plain and with a gate, on real clusters. Prints
# tables in Markdown and which floors are held; the same and all values as JSON lie in target/. Exit status 0 if all was measured.
#
#   scripts/bench-failover.sh [--runs 10] [--parts few,many,alone,incr,slow,lost,moving] [VERSION...]
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"

runs=10
parts=few,many,alone,incr,slow,lost,moving
while [[ "${1:-}" == --* ]]; do
    case "$1" in
        --runs) runs=$2 ;;
        --parts) parts=$2 ;;
        *) echo "there is no option $1" >&2 && exit 2 ;;
    esac
    shift 2
done
[ $# -gt 0 ] || set -- 2.9.0

cargo build --quiet --release --lib
cargo build --quiet --example test-cluster
for version in "$@"; do
    case "$version" in
        [23].*) module=slotkeeper-jedis2 ;;
        *) module=slotkeeper-jedis4 ;;
    esac
    out="$CARGO_TARGET_DIR/failover-$version"
    echo "== Jedis $version: $runs runs of each; how it goes: $out.log"
    mvn --batch-mode --no-transfer-progress -f java/pom.xml -Dslotkeeper.cargo-target="$CARGO_TARGET_DIR" -pl "$module" -am \
        -Djedis.run-version="$version" -Dtest=FailoverBench -Dsurefire.failIfNoSpecifiedTests=false \
        -Dslotkeeper.bench.runs="$runs" -Dslotkeeper.bench.parts="$parts" -Dslotkeeper.bench.out="$out" test >"$out.log" 2>&1 ||
        { tail -n 40 "$out.log" >&2 && exit 1; }
    cat "$out.md"
done

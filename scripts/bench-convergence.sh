#!/usr/bin/env bash
# How soon a keeper has the new map when a real cluster fails over, and Lettuce in the same runs. Arguments go to the benchmark, such as:
# scripts/bench-convergence.sh --runs 5 --slow-runs 0
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"

echo "== Lettuce"
mvn --batch-mode --no-transfer-progress --quiet -f java/pom.xml --activate-profiles bench --projects bench --also-make \
    -Dmaven.test.skip=true package

echo "== the benchmark"
exec cargo bench --bench convergence -- "$@"

#!/usr/bin/env bash
# How fast the Java side is beside other clients, in one run with what `cargo bench` has measured just before: `make bench` does both.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"

echo "== the native library"
cargo build --release --lib

echo "== the Java benchmarks"
mvn --batch-mode --no-transfer-progress --quiet -f java/pom.xml -Dslotkeeper.cargo-target="$CARGO_TARGET_DIR" \
    --activate-profiles bench --projects bench --also-make -Dmaven.test.skip=true package

echo "== measuring"
exec java -cp "java/bench/target/classes:java/bench/target/lib/*" io.slotkeeper.bench.Main "$PWD/tests/data" "$CARGO_TARGET_DIR"

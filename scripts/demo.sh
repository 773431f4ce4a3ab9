#!/usr/bin/env bash
# The disaster, replayed on a real cluster: builds what is missing, then runs the demo's director.
# Exit status 0 only if every expectation of the demo held. `make demo` sees first that the tools are there.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"

echo "== the native library, the program slotkeeper, and the program that runs the cluster"
cargo build --release --lib
cargo build --features cli --bin slotkeeper --example test-cluster

echo "== the Java modules, and the demo"
mvn --batch-mode --no-transfer-progress --quiet -f java/pom.xml -Dslotkeeper.cargo-target="$CARGO_TARGET_DIR" \
    --projects demo --also-make -Dmaven.test.skip=true package

echo "== the demo"
exec java -XX:TieredStopAtLevel=1 \
    -Dslotkeeper.test-cluster="$CARGO_TARGET_DIR/debug/examples/test-cluster" \
    -Dslotkeeper.program="$CARGO_TARGET_DIR/debug/slotkeeper" \
    -cp "java/demo/target/classes:java/demo/target/lib/*" \
    io.slotkeeper.demo.director.Director

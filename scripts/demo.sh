#!/bin/sh
# The disaster, replayed on a real cluster: builds what is missing, then runs the demo's director.
# Exit status 0 only if every expectation of the demo held. Needs cargo, Maven, a JDK and redis-server (see `make setup`).
set -eu
cd "$(dirname "$0")/.."

log=java/demo/target/build.log
mkdir -p java/demo/target

echo "building the native library (release) and the test cluster's program ..."
cargo build --release --lib
cargo build --example test-cluster
echo "building the Java modules and the demo ..."
mvn --batch-mode --quiet -f java/pom.xml -pl demo -am -Dmaven.test.skip=true package >"$log" 2>&1 || { cat "$log"; exit 1; }

# Words of the built demo only: what the programs print is shown as it comes.
exec java -XX:TieredStopAtLevel=1 \
    -Dslotkeeper.test-cluster=target/debug/examples/test-cluster \
    -cp "java/demo/target/classes:java/demo/target/lib/*" \
    io.slotkeeper.demo.director.Director

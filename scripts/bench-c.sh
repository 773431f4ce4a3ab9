#!/usr/bin/env bash
# How fast the library is for a C program: builds it, and the harness in bench/c with nothing but it; starts a cluster, measures, and
# clears away. Arguments go to the harness, such as: scripts/bench-c.sh --only parse
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
folder="$CARGO_TARGET_DIR/bench-c"

echo "== the native library, and the program that runs the cluster"
cargo build --release --lib
cargo build --example test-cluster

echo "== the harness"
mkdir -p "$folder"
for name in libslotkeeper.so libslotkeeper.so.0; do
    ln -sfn "$CARGO_TARGET_DIR/release/libslotkeeper.so" "$folder/$name"
done
flags=(-std=c11 -Wall -Wextra -Werror -pedantic -O2 -Iinclude "-Wl,-rpath,$folder")
cc "${flags[@]}" bench/c/{main,bench,pure,live}.c -o "$folder/bench" -L"$folder" -lslotkeeper -pthread
# Not linked to the library, which it is to load itself.
cc "${flags[@]}" bench/c/load.c -o "$folder/load" -ldl

echo "== the cluster"
# Nodes are stopped for some seconds each: with a timeout that long nobody is failed over meanwhile.
coproc CLUSTER { exec "$CARGO_TARGET_DIR/debug/examples/test-cluster" --node-timeout 60000; }
cluster=$CLUSTER_PID
# The end of its input makes it clear everything away, also when this script is interrupted.
trap 'eval "exec ${CLUSTER[1]}>&-"; wait "$cluster"' EXIT
read -r first <&"${CLUSTER[0]}"
seeds=$(sed -n 's/.*"seeds":"\([^"]*\)".*/\1/p' <<<"$first")
pids=$(grep -o '"pid":[0-9]*' <<<"$first" | cut -d: -f2 | paste -sd,)
[ -n "$seeds" ] || { echo "the cluster did not start: $first" >&2; exit 1; }

echo "== measuring"
"$folder/bench" --data tests/data --loader "$folder/load" --cluster "$seeds" --pids "$pids" --json "$folder/results.json" "$@"
echo "the same as JSON: $folder/results.json"

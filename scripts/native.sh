#!/usr/bin/env bash
# Builds the library that goes into the jar, and prints its path. On x86-64 Linux it needs no symbol of glibc that is newer than 2.17, so that
# it runs wherever a JVM does: zig, which has the symbols of every glibc, links it in place of this system's compiler. Elsewhere it is
# what cargo builds. `cargo build --release` remains the library for this system's own programs.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/fetched.sh
. scripts/fetched.sh
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
readonly OLDEST_GLIBC=2.17
readonly TARGET=x86_64-unknown-linux-gnu

main() {
    if [ "$(rustc -vV | sed -n 's/^host: //p')" != "$TARGET" ]; then
        echo "native: built for this system's own libc" >&2
        cargo build --release --lib >&2
        echo "$CARGO_TARGET_DIR/release/libslotkeeper.so"
        return
    fi
    local zig zigbuild library="$CARGO_TARGET_DIR/$TARGET/release/libslotkeeper.so" newest
    zig=$(fetch zig-0.13.0 ziglang==0.13.0 3ce0c9f16547e5d61b32e0d226926e9a2552ef4b91fccf7ab5ea1a623a77824b)
    zigbuild=$(fetch cargo-zigbuild-0.20.1 cargo-zigbuild==0.20.1 cb9508149ee63d60e5110ff24b527ab25ed418a6329252aa4f86868197c55bf6)
    PATH="$zigbuild/bin:$PATH" CARGO_ZIGBUILD_ZIG_PATH="$zig/ziglang/zig" \
        cargo zigbuild --release --lib --target "$TARGET.$OLDEST_GLIBC" >&2
    newest=$(objdump -T "$library" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)
    if [ "$(printf '%s\n' "$newest" "GLIBC_$OLDEST_GLIBC" | sort -V | tail -n 1)" != "GLIBC_$OLDEST_GLIBC" ]; then
        echo "native: $library needs $newest, newer than $OLDEST_GLIBC:" >&2
        objdump -T "$library" | grep -F "$newest" >&2
        exit 1
    fi
    echo "$library"
}

main

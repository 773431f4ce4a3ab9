#!/usr/bin/env bash
# The Rust tests of the core and of the keeper on real clusters, under ThreadSanitizer and AddressSanitizer, the standard library included.
# Arguments: which of them, "thread" and "address" by default. Needs the standard library's source, which rustup brings.
#
# Left out is the test of a panic that leaks what it carries, as it must. Without the JNI face: its tests start a JVM, of which the
# sanitizers know nothing. tests/c_abi.rs runs C programs under valgrind instead.
set -euo pipefail
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
host=$(rustc -vV | sed -n 's/^host: //p')

[ -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library" ] || rustup component add rust-src

[ $# -gt 0 ] || set -- thread address
for name in "$@"; do
    echo "== ${name^}Sanitizer"
    # The flags are unstable; the compiler is the one that all else is built with. The first finding ends a test program.
    RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=$name" TSAN_OPTIONS="halt_on_error=1" ASAN_OPTIONS="detect_leaks=1" \
        cargo test -Zbuild-std --target "$host" --target-dir "$target/sanitize-$name" \
        --no-default-features --features tls --lib --test keeper --test faults --test last_good_live --test tls --test credentials \
        -- --test-threads=2 --skip a_payload_that_panics_when_dropped_is_caught
done

#!/usr/bin/env bash
# Runs the tests of all Java modules on other Javas than the one that builds, with the same classes, and prints a table in Markdown.
# `jni` in place of a version: on the Java that builds, which checks each use of JNI (-Xcheck:jni); a complaint is a failure. The logs
# and reports lie in target/jdk/. Exit status 0 only if nothing failed.
#
#   scripts/test-jdk.sh [VERSION|jni...]
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
readonly LOGS="$CARGO_TARGET_DIR/jdk"

failed=0

main() {
    local runs=("$@") run native
    [ $# -gt 0 ] || runs=(25 jni)
    native=$(scripts/native.sh)
    printf '| Java | tests | failed | left out | complaints of JNI | warnings of native access |\n|---|---|---|---|---|---|\n'
    for run in "${runs[@]}"; do
        run "$run"
    done
    [ "$failed" = 0 ]
}

# Runs all tests this way, and prints its row.
run() {
    local name=$1 logs="$LOGS/$1" options=() complaints
    mkdir -p "$logs"
    rm -rf "${logs:?}"/* java/*/target/surefire-reports
    case "$name" in
        jni) options=(-Dslotkeeper.jvm-options=-Xcheck:jni) ;;
        *) options=(-Djvm="$(scripts/jdk.sh "$name")/bin/java") ;;
    esac
    if ! mvn --batch-mode --no-transfer-progress -f java/pom.xml -Dslotkeeper.cargo-target="$CARGO_TARGET_DIR" \
        -Dslotkeeper.native="$native" --fail-at-end "${options[@]}" verify >"$logs/log" 2>&1; then
        failed=$((failed + 1))
        echo "Java $name: failed, see $logs/log" >&2
    fi
    # What the JVM itself says goes into the dumps, past the tests' own output.
    cp java/*/target/surefire-reports/TEST-*.xml java/*/target/surefire-reports/*.dumpstream "$logs" 2>/dev/null || true
    complaints=$(cat "$logs/log" "$logs"/*.dumpstream 2>/dev/null |
        grep -cE 'WARNING in native method|FATAL ERROR in native method|WARNING: JNI local refs' || true)
    [ "$complaints" = 0 ] || failed=$((failed + 1))
    cat "$logs"/TEST-*.xml | awk -v run="$name" -v complaints="$complaints" \
        -v warnings="$(cat "$logs/log" "$logs"/*.dumpstream 2>/dev/null | grep -c 'restricted method' || true)" '
        function number(name) { match($0, name "=\"[0-9]+\""); return substr($0, RSTART + length(name) + 2, RLENGTH - length(name) - 3) }
        /<testsuite / { tests += number(" tests"); bad += number(" errors") + number(" failures"); skipped += number(" skipped") }
        match($0, /name="java.specification.version" value="[^"]*"/) { java = substr($0, RSTART + 41, RLENGTH - 42) }
        END { printf "| %s%s | %d | %d | %d | %d | %d |\n", java, run == "jni" ? " with -Xcheck:jni" : "", tests, bad, skipped, complaints, warnings }'
}

main "$@"

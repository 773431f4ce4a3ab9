#!/usr/bin/env bash
# Runs the tests of slotkeeper-spring with each version of Spring Boot, all on real clusters, and prints a table in Markdown. The module
# stays compiled against the version in java/pom.xml, and runs on the Java that builds or, as 4.1.2@25, on another. The logs and reports lie in target/spring/. Exit status 0 only if nothing failed.
#
#   scripts/test-spring.sh [VERSION[@JAVA]...]
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
readonly LOGS="$CARGO_TARGET_DIR/spring"
readonly REPORTS=java/slotkeeper-spring/target/surefire-reports

failed=0

main() {
    local versions=("$@") version
    [ $# -gt 0 ] || versions=(1.5.22.RELEASE 2.1.18.RELEASE 2.7.18 3.5.16 4.1.2 4.1.2@25)
    printf '| Spring Boot | Java | tests | failed | left out |\n|---|---|---|---|---|\n'
    for version in "${versions[@]}"; do
        run "$version"
    done
    [ "$failed" = 0 ]
}

# What goes with a version: the Jedis that it manages, Spring Cloud's spring-cloud-context (there is none for 4.1 yet: that for 4.0), the
# module for the other families of Jedis, and the Micrometer that it manages (1.5 knows none: any old one).
beside() {
    case $1 in
        1.*) echo "2.9.3 1.3.6.RELEASE slotkeeper-jedis4 1.1.19" ;;
        2.1.*) echo "2.9.3 2.1.6.RELEASE slotkeeper-jedis4 1.1.19" ;;
        2.*) echo "3.8.0 3.1.8 slotkeeper-jedis4 1.9.17" ;;
        3.*) echo "6.0.0 4.3.3 slotkeeper-jedis2 1.15.12" ;;
        *) echo "7.4.1 5.0.2 slotkeeper-jedis2 1.17.2" ;;
    esac
}

# Runs all tests with this version, and prints its row.
run() {
    local version=${1%@*} logs="$LOGS/$1" java=() jedis cloud other micrometer
    [ "$version" = "$1" ] || java=(-Djvm="$(scripts/jdk.sh "${1#*@}")/bin/java")
    read -r jedis cloud other micrometer < <(beside "$version")
    mkdir -p "$logs"
    rm -rf "$REPORTS" "$logs"/*
    # The tests of the modules below need no Spring.
    if ! mvn --batch-mode --no-transfer-progress -f java/pom.xml -Dslotkeeper.cargo-target="$CARGO_TARGET_DIR" \
        -pl slotkeeper-spring -am -Dspring-boot.run-version="$version" -Dspring-boot.jedis-version="$jedis" \
        -Dspring-boot.cloud-version="$cloud" -Dspring-boot.other-jedis="$other" \
        -Dspring-boot.micrometer-version="$micrometer" -Dslotkeeper.refreshes=500 -Dtest='io.slotkeeper.spring.*Test' \
        -Dsurefire.failIfNoSpecifiedTests=false "${java[@]}" verify >"$logs/log" 2>&1; then
        failed=$((failed + 1))
        echo "Spring Boot $version: failed, see $logs/log" >&2
    fi
    cp "$REPORTS"/TEST-*.xml "$logs" || true
    cat "$logs"/TEST-*.xml | awk -v version="$version" '
        function number(name) { match($0, name "=\"[0-9]+\""); return substr($0, RSTART + length(name) + 2, RLENGTH - length(name) - 3) }
        /<testsuite / { tests += number(" tests"); bad += number(" errors") + number(" failures"); skipped += number(" skipped") }
        match($0, /name="java.specification.version" value="[^"]*"/) { java = substr($0, RSTART + 41, RLENGTH - 42) }
        END { printf "| %s | %s | %d | %d | %d |\n", version, java, tests, bad, skipped }'
}

main "$@"

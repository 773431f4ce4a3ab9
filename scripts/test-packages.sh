#!/usr/bin/env bash
# Whether what is published can be used: deploys all modules into a directory as releases are, looks at what is there, and builds and runs
# java/consumer, an application outside the reactor, with a local repository of its own. Exit status 0 only if all is as it should be.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
readonly PLACE="$CARGO_TARGET_DIR/packages"
readonly PUBLISHED=(slotkeeper slotkeeper-jedis2 slotkeeper-jedis4 slotkeeper-spring)

main() {
    rm -rf "$PLACE"
    mkdir -p "$PLACE"
    echo "== deploying into $PLACE/deployed"
    local native
    native=$(scripts/native.sh)
    mvn --batch-mode --no-transfer-progress --quiet -f java/pom.xml -Dslotkeeper.cargo-target="$CARGO_TARGET_DIR" \
        -Dslotkeeper.native="$native" --activate-profiles publish -DskipTests \
        -DaltDeploymentRepository="deployed::file://$PLACE/deployed" deploy

    local module jars=()
    for module in "${PUBLISHED[@]}"; do
        jars+=("$(artifact "$module" "[0-9].jar")")
        artifact "$module" "-sources.jar" >/dev/null
        artifact "$module" "-javadoc.jar" >/dev/null
    done
    artifact slotkeeper-bom .pom >/dev/null
    artifact slotkeeper-parent .pom >/dev/null
    local strangers
    strangers=$(find "$PLACE/deployed/io/slotkeeper" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' |
        grep -vxF -e slotkeeper-bom -e slotkeeper-parent "${PUBLISHED[@]/#/-e}" || true)
    [ -z "$strangers" ] || fail "not to be published: $strangers"

    echo "== java/consumer with a local repository of its own"
    mkdir -p "$PLACE/consumer"
    cp -r java/consumer/pom.xml java/consumer/src "$PLACE/consumer"
    mvn --batch-mode --no-transfer-progress --quiet -f "$PLACE/consumer/pom.xml" -Dmaven.repo.local="$PLACE/repository" \
        -Ddeployed="file://$PLACE/deployed" -Dat-hand="file://${HOME}/.m2/repository" compile dependency:copy-dependencies
    java -cp "$PLACE/consumer/target/classes:$PLACE/consumer/target/dependency/*" com.example.consumer.Consumer "${jars[@]}"
    echo "packages: all as it should be"
}

# The one file of a module that ends so.
artifact() {
    local files
    files=$(find "$PLACE/deployed/io/slotkeeper/$1" -name "*$2")
    [ "$(grep -c . <<<"$files")" = 1 ] || fail "$1 has not one *$2: $files"
    echo "$files"
}

fail() {
    echo "packages: $1" >&2
    exit 1
}

main

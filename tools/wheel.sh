#!/usr/bin/env bash
# Makes the Python package `vitrine` of python/.
#
#   tools/wheel.sh                   the wheel, target/wheel/vitrine-*.whl, with the engine optimised; many minutes
#   tools/wheel.sh --sdist           the source distribution beside it; needs Rust where it is installed
#   tools/wheel.sh --dev [PKG]       for tests: the package as a folder, of a quick build; prints what goes on PYTHONPATH
#
# The page in it is the one of www/ and PKG (default pkg), packed by tools/single.mjs: at run time there is no Node.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

what=${1:-wheel}
data=python/vitrine/data
cargo=${CARGO:-cargo}

page() {
  tools/npm.sh >&2
  mkdir -p "$data"
  node tools/single.mjs --pkg "${1:-pkg}" --parts "$data" >&2
  cp src/stay/manifest_mimic3.json "$data/"
}

# What goes into a package is packed as well as Python itself can unpack it: a third less than by deflate.
squeezed_page() {
  page "$@"
  python3 - "$data/page.bin" <<'END'
import lzma, pathlib, sys, zlib
page = pathlib.Path(sys.argv[1])
page.write_bytes(lzma.compress(zlib.decompress(page.read_bytes(), -15), preset=9))
END
}

# The most that a wheel may have, in bytes.
MOST=9000000

maturin() {
  local python
  python=$(tools/venv.sh python/requirements-build.txt)
  "$(dirname "$python")/maturin" "$@" --manifest-path python/Cargo.toml --out target/wheel
}

case $what in
  --dev)
    page "${2:-pkg}"
    # As a whole, because of one package cargo would choose other features, and compile tract a second time.
    "$cargo" build --quiet --locked --workspace --all-targets >&2
    made=target/python/vitrine
    rm -rf "$made"
    mkdir -p "$made"
    cp -R python/vitrine/. "$made/"
    cp target/debug/lib_engine.so "$made/_engine.abi3.so" 2>/dev/null ||
      cp target/debug/lib_engine.dylib "$made/_engine.abi3.so"
    printf '%s\n' "$ROOT/target/python"
    ;;
  wheel)
    squeezed_page
    rm -f target/wheel/vitrine-*.whl
    maturin build --release --locked
    ls -l target/wheel >&2
    [ "$(cat target/wheel/vitrine-*.whl | wc -c)" -le "$MOST" ] || die "the wheel has more than $MOST bytes"
    ;;
  --sdist)
    squeezed_page
    maturin sdist
    ;;
  *) die "unknown option $what; see the head of tools/wheel.sh" ;;
esac

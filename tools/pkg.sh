#!/usr/bin/env bash
# Builds the npm package that the page loads.
#
#   tools/pkg.sh [DIR]          the real one, optimised as a whole program, into DIR (default pkg); minutes
#   FAST=1 tools/pkg.sh [DIR]   for developing the page, into DIR (default target/pkg-dev); larger and slower, never committed
#
# DIR is replaced only when everything has worked, and left alone where the same tools have made it of the same sources. tools/wasm-toolchain.sh describes WASM_ROUTE=rustup|debian.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tools/wasm-toolchain.sh"
cd "$ROOT"

profile=pkg
dir=${1:-pkg}
if [ "${FAST:-0}" != 0 ]; then
  profile=pkg-dev
  dir=${1:-target/pkg-dev}
fi
has node || die "node is not on PATH; install Node 20 or newer (Debian: nodejs npm)"

wasm_toolchain
bindgen=$(wasm_bindgen_version)
bindgen_path=$(cargo_tool wasm-bindgen-cli "$bindgen" wasm-bindgen)
pack_path=$(cargo_tool wasm-pack "$WASM_PACK_VERSION" wasm-pack)
export PATH=${WASM_PATH:+$WASM_PATH:}$bindgen_path:$pack_path:$PATH
build=$(printf '{"route": "%s", "rustc": "%s", "wasmBindgen": "%s", "wasmPack": "%s", "profile": "%s"}' \
  "$ROUTE" "$RUSTC_VERSION" "$bindgen" "$WASM_PACK_VERSION" "$profile")
# What these tools have made of these sources they need not make again.
if tools/pkg-digest check "$dir" 2>/dev/null && node tools/finish-pkg.mjs --is-built "$dir" "$build"; then
  say "$dir is what these sources give: nothing to build"
  exit 0
fi
# RUSTFLAGS would take the place of the flags in .cargo/config.toml.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS

# Two compilers in one target folder would rebuild each other's work each time.
target=${CARGO_TARGET_DIR:-$ROOT/target}
[ "$ROUTE" = rustup ] || target=$target/$ROUTE
export CARGO_TARGET_DIR=$target

# Panic messages name source files; no path of the machine that built the package belongs in them.
remap_flags() {
  local crates=${CARGO_HOME:-$HOME/.cargo}/registry/src flags= folder
  for folder in "$crates"/*/; do flags="$flags\"--remap-path-prefix=${folder%/}=/crates\", "; done
  [ -z "$STD_SOURCE" ] || flags="$flags\"--remap-path-prefix=$STD_SOURCE=/rustc\", "
  printf 'target.%s.rustflags=[%s]\n' "$WASM_TARGET" "${flags%, }"
}
# Only of a program that is optimised as a whole does the linker see one object file; see tools/pkg/link.mjs.
link_config() {
  [ "$profile" = pkg ] || return 0
  if [ "$ROUTE" = debian ]; then
    say "Debian's linker is called as it is: the parser of NNEF stays in, a quarter more bytes"
  else
    # By its name alone: cargo builds everything anew where a linker has another path.
    printf 'target.%s.linker="link.mjs"\n' "$WASM_TARGET"
  fi
}
link=$(link_config)
export PATH=$ROOT/tools/pkg:$PATH
# On the first build the registry's folder is not there to be named yet.
cargo fetch --quiet --locked

made=$target/pkg-made-$$
trap 'rm -rf "$made"' EXIT
say "building $dir (profile $profile)"
# wasm-pack looks for an installed target unless forced, and Debian has none; it never downloads in either mode, since
# its tools are on PATH.
mode=no-install
[ "$ROUTE" = rustup ] || mode=force
env "${WASM_ENV[@]+"${WASM_ENV[@]}"}" wasm-pack --log-level warn build tools/wasm --mode "$mode" --no-opt --target web \
  --out-dir "$made" --out-name vitrine --profile "$profile" \
  -- --locked "${WASM_FLAGS[@]+"${WASM_FLAGS[@]}"}" --config "$(remap_flags)" ${link:+--config "$link"} >&2

sources=$(node tools/finish-pkg.mjs "$made" "$target/$WASM_TARGET/$profile/vitrine_wasm.d" "$build")

mkdir -p "$(dirname "$dir")"
rm -rf "$dir"
mv "$made" "$dir"
printf '%s\n' "$sources" | tools/pkg-digest stamp "$dir"
say "$dir is ready"

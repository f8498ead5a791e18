#!/usr/bin/env bash
# cargo-wasm.sh SUBCOMMAND ARG...: cargo for the browser's target, by the same toolchain as pkg/.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tools/wasm-toolchain.sh"
cd "$ROOT"

wasm_toolchain
if [ "$ROUTE" = debian ]; then
  export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$ROOT/target}/$ROUTE
  if [ "$1" = clippy ]; then
    [ -x /usr/bin/cargo-clippy ] || apt_install "clippy for wasm32" rust-web-clippy
    link_tool cargo-clippy
    link_tool clippy-driver
  fi
fi
export PATH=${WASM_PATH:+$WASM_PATH:}$PATH
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
subcommand=$1
shift
exec env "${WASM_ENV[@]+"${WASM_ENV[@]}"}" cargo "$subcommand" --target "$WASM_TARGET" \
  "${WASM_FLAGS[@]+"${WASM_FLAGS[@]}"}" "$@"

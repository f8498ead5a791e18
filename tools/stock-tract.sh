#!/usr/bin/env bash
# Builds benches/stock-tract, a peer of `make bench`, by the toolchain and profile of pkg/, and prints the folder that
# holds it. Several minutes, once for each content of its sources and compiler.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tools/wasm-toolchain.sh"
cd "$ROOT"

crate=benches/stock-tract
wasm_toolchain
bindgen=$(wasm_bindgen_version)
sources=$(hash_of "$crate/Cargo.toml" "$crate/Cargo.lock" "$crate/lib.rs" .cargo/config.toml tools/strip-wasm.mjs)
compiler=$(printf '%s %s\n' "$ROUTE" "$RUSTC_VERSION" | hash_of)
folder=$CACHE/stock-tract-${sources:0:12}-${compiler:0:8}
if [ ! -f "$folder/stock_tract_bg.wasm" ]; then
  bindgen_path=$(cargo_tool wasm-bindgen-cli "$bindgen" wasm-bindgen)
  export PATH=${WASM_PATH:+$WASM_PATH:}$bindgen_path:$PATH
  unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
  target=${CARGO_TARGET_DIR:-$ROOT/target}
  [ "$ROUTE" = rustup ] || target=$target/$ROUTE
  say "building stock tract for the bench into $folder (several minutes, once)"
  env "${WASM_ENV[@]+"${WASM_ENV[@]}"}" cargo build --quiet --locked --manifest-path "$crate/Cargo.toml" --target-dir "$target" \
    --target "$WASM_TARGET" --profile pkg "${WASM_FLAGS[@]+"${WASM_FLAGS[@]}"}" >&2
  made=$target/stock-tract-made-$$
  trap 'rm -rf "$made"' EXIT
  wasm-bindgen --target web --no-typescript --out-dir "$made" "$target/$WASM_TARGET/pkg/stock_tract.wasm" >&2
  # Without names, as pkg/ is.
  node --input-type=module -e '
    import { readFileSync, writeFileSync } from "node:fs";
    import { stripWasm } from "./tools/strip-wasm.mjs";
    const file = process.argv[1];
    writeFileSync(file, stripWasm(readFileSync(file), file));
  ' "$made/stock_tract_bg.wasm"
  rm -rf "$folder"
  mkdir -p "$CACHE"
  mv "$made" "$folder"
fi
printf '%s\n' "$folder"

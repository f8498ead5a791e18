#!/usr/bin/env bash
# Asks cargo-deny what deny.toml says: licences, bans, sources; and advisories, where their database can be fetched.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tools/wasm-toolchain.sh"
cd "$ROOT"
tool=$(cargo_tool cargo-deny 0.20.2 cargo-deny)
"$tool/cargo-deny" --locked check licenses bans sources
if "$tool/cargo-deny" --locked fetch db >/dev/null 2>&1; then
  "$tool/cargo-deny" --locked check advisories
else
  say "the database of advisories cannot be fetched from here: advisories were not checked"
fi

#!/usr/bin/env bash
# Asks cargo-deny what deny.toml says: licences, bans, sources; and advisories, of the database where it can be fetched,
# elsewhere of tools/advisories.json.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tools/wasm-toolchain.sh"
cd "$ROOT"
tool=$(cargo_tool cargo-deny 0.20.2 cargo-deny)
# deny.toml skips crates that only tests use, which cargo-deny does not see.
"$tool/cargo-deny" --locked --workspace check -A unmatched-skip -A unnecessary-skip licenses bans sources
if "$tool/cargo-deny" --locked fetch db >/dev/null 2>&1; then
  "$tool/cargo-deny" --locked --workspace check advisories
else
  say "the database of advisories cannot be fetched from here; taking tools/advisories.json"
  made=$(mktemp -d)
  trap 'rm -rf "$made"' EXIT
  node tools/advisories.mjs database "$made"
  sed "s|^\\[advisories\\]\$|&\\ndb-path = \"$made\"|" deny.toml >"$made/deny.toml"
  "$tool/cargo-deny" --locked --offline --workspace --config "$made/deny.toml" check advisories
fi

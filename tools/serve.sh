#!/usr/bin/env bash
# Serves the page. With a fresh pkg/ that takes no more than Node; otherwise the engine is built first, the quick way,
# into target/pkg-dev.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

port=${PORT:-8000}
dir=pkg
if ! tools/pkg-digest check pkg; then
  dir=target/pkg-dev
  if ! tools/pkg-digest check "$dir" 2>/dev/null; then
    say "building the engine for development into $dir; \`make pkg\` builds the optimised one"
    FAST=1 tools/pkg.sh "$dir"
  fi
  say "serving $dir as /pkg/"
fi
has node || die "node is not on PATH; install it, or serve this folder by any static file server"
exec node tools/serve.mjs --port "$port" --pkg "$dir"

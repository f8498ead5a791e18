#!/usr/bin/env bash
# Serves the page. With a fresh pkg/ that takes no more than Node or Python; otherwise the engine is built first, the
# quick way, into target/pkg-dev.
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
if has node; then exec node tools/serve.mjs --port "$port" --pkg "$dir"
elif has python3; then exec python3 tools/serve.py --port "$port" --pkg "$dir"
else die "neither node nor python3 is on PATH; install one, or serve this folder by any static file server"
fi

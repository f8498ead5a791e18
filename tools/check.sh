#!/usr/bin/env bash
# What `make test` and CI run; tools/check.mjs has the list of steps.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
has node || die "node is not on PATH; install Node 20 or newer (Debian: nodejs npm)"
exec node tools/check.mjs "$@"

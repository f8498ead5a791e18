#!/usr/bin/env bash
# Times the engine beside its peers, in Node and in Chromium, and writes docs/bench.md, docs/peers.svg and docs/scaling.svg. Only
# the optimised pkg/ is worth timing. A few minutes; leave the machine alone meanwhile.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
tools/npm.sh
tools/pkg-digest check pkg || tools/pkg.sh
CHROME=$(tools/chrome.sh)
# Without Python the native peer is left out, and the report says so.
VITRINE_PYTHON=$(tools/venv.sh tests/reference/requirements.txt) || VITRINE_PYTHON=
# The same goes for tract as it is; its build takes some minutes, once.
VITRINE_STOCK_TRACT=$(tools/stock-tract.sh) || VITRINE_STOCK_TRACT=
export CHROME VITRINE_PYTHON VITRINE_STOCK_TRACT
node benches/bench.mjs "$@"
node benches/scaling.mjs
node benches/page.mjs

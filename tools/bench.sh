#!/usr/bin/env bash
# Times the engine beside onnxruntime-web and writes docs/bench.md. Only the optimised pkg/ is worth timing.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
tools/npm.sh
tools/pkg-digest check pkg || tools/pkg.sh
node benches/bench.mjs "$@"
CHROME=$(tools/chrome.sh) node benches/page.mjs

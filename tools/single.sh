#!/usr/bin/env bash
# single.sh: the page as one file; with MODEL and STAYS in the environment, and perhaps MANIFEST, that of a network and
# stays (files and folders, apart by blanks) of one's own. Needs Node, and for one's own Python; no Rust.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

[ -n "${MODEL:-}${STAYS:-}" ] || exec node tools/single.mjs
[ -n "${MODEL:-}" ] && [ -n "${STAYS:-}" ] || die "give both: make single MODEL=model.onnx STAYS=\"stay.csv folder\" [MANIFEST=manifest.json]"
has python3 || die "python3 is not on PATH; install Python 3.10 or newer"
parts=target/single
node tools/single.mjs --pkg "${VITRINE_PKG:-pkg}" --parts "$parts"
read -ra stays <<<"$STAYS"
python3 python/vitrine/page.py --data "$parts" --out target/explain.html ${MANIFEST:+--manifest "$MANIFEST"} -- "$MODEL" "${stays[@]}"

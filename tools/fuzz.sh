#!/usr/bin/env bash
# Runs every fuzz target for FUZZ_SECONDS (60) with a nightly compiler, one after another, and writes docs/fuzzing.md. What
# it finds on the way is kept in fuzz/found/, what ends the engine in fuzz/artifacts/; neither is committed.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tools/wasm-toolchain.sh"
cd "$ROOT"

seconds=${FUZZ_SECONDS:-60}
has node || die "node is not on PATH; install Node 20 or newer (Debian: nodejs npm)"
has rustup || die "fuzzing needs a nightly compiler, which rustup installs; install rustup and run the command again"
if ! rustup toolchain list | grep -q '^nightly'; then
  say "installing the nightly Rust toolchain by rustup (a few minutes, once)"
  rustup toolchain install nightly --profile minimal >&2 || die "rustup could not install nightly; see above"
fi
tool=$(cargo_tool cargo-fuzz 0.13.2 cargo-fuzz)
export PATH=$tool:$PATH
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
failed=0
rows=

# row TARGET EXECUTIONS EDGES CRASHES SECONDS
row() { rows="$rows| \`$1\` | $2 | $3 | $4 | $5 |
"; }

cargo +nightly fuzz build --sanitizer none
for target in onnx manifest record view; do
  mkdir -p "fuzz/found/$target"
  log=$(mktemp)
  status=0
  cargo +nightly fuzz run --sanitizer none "$target" "fuzz/found/$target" "fuzz/corpus/$target" -- \
    -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=1024 -max_len=65536 -print_final_stats=1 \
    >"$log" 2>&1 || status=$?
  runs=$(sed -nE 's/^stat::number_of_executed_units: +([0-9]+).*/\1/p' "$log" | tail -1)
  took=$(sed -nE 's/^Done [0-9]+ runs in ([0-9]+) second.*/\1/p' "$log" | tail -1)
  cover=$(grep -oE 'cov: [0-9]+' "$log" | tail -1 | cut -d' ' -f2)
  [ "$status" = 0 ] || { failed=1; tail -40 "$log" >&2; }
  [ "$target" != onnx ] || caught=$(grep -c '^CAUGHT' "$log" || true)
  grep '^CAUGHT' "$log" >&2 || true
  row "$target" "${runs:-0}" "${cover:-}" "$([ "$status" = 0 ] && echo 0 || echo 1)" "${took:-}"
  rm -f "$log"
done

start=$SECONDS
log=$(mktemp)
EMBED_MESSAGES=$((20 * seconds)) node --test tests/node/embed.test.mjs >"$log" 2>&1 || { failed=1; embed_crashes=1; cat "$log" >&2; }
row embed "$(sed -nE 's/.*embed: .*"messages":([0-9]+).*/\1/p' "$log")" "" "${embed_crashes:-0}" "$((SECONDS - start))"
rm -f "$log"
{
  cat <<TEXT
# Fuzzing

Written by \`make fuzz\` (libFuzzer, $(rustc +nightly --version | cut -d' ' -f1-2); time limit 20 s and memory limit 2 GiB a file), which starts from the corpora in \`fuzz/corpus/\`. Half of the changes know what they change: in a model a node's operator, its wires and attributes, a shape, a weight; in JSON a value, a key, an entry. What is refused must be refused in words, what is read must be numbers whose explanation adds up.

| target | executions | edges covered | crashes | s |
|---|---:|---:|---:|---:|
${rows}
- \`onnx\`: models. \`manifest\`: manifests, and stays prepared by them. \`record\`: the benchmark's CSV, PhysioNet 2012, long tables with and without a mapping, FHIR in JSON and by lines, lists of labels. \`view\`: saved views, opened with a model. Arithmetic is checked for overflow, which in \`pkg/\` it is not.
- \`embed\`: messages to the embedded page in Node: \`www/embed.js\`, the worker's handlers and the engine as WebAssembly behind them. Every message is answered once or is none; a refusal changes nothing that is shown.
- Panics inside tract that were caught, so that the model was refused: at ${caught:-0} places. In WebAssembly each would end the worker, which the page says and replaces ([page.md](page.md)).

\`cargo test --test records fuzz_corpus\` replays the corpora with 40 changes to each file, always the same ones, on the stable compiler, and \`tests/node/embed.test.mjs\` sends 200 messages: both are part of \`make test\` and of CI.
TEXT
} >docs/fuzzing.md
cat docs/fuzzing.md
exit $failed

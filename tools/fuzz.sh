#!/usr/bin/env bash
# Runs every fuzz target for FUZZ_SECONDS (60) with the nightly compiler and writes docs/fuzzing.md. What it finds on the way
# is kept in fuzz/found/, what ends the engine in fuzz/artifacts/; neither is committed.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tools/wasm-toolchain.sh"
cd "$ROOT"

seconds=${FUZZ_SECONDS:-60}
rustup toolchain list | grep -q nightly || die "fuzzing needs the nightly compiler: run \`rustup toolchain install nightly\`"
tool=$(cargo_tool cargo-fuzz 0.13.2 cargo-fuzz)
export PATH=$tool:$PATH
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS

rows=
failed=0
for target in onnx manifest record; do
  mkdir -p "fuzz/found/$target"
  log=$(mktemp)
  status=0
  cargo +nightly fuzz run --sanitizer none "$target" "fuzz/found/$target" "fuzz/corpus/$target" -- \
    -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=65536 >"$log" 2>&1 || status=$?
  runs=$(sed -nE 's/^#([0-9]+).*DONE.*/\1/p' "$log" | tail -1)
  cover=$(sed -nE 's/.*DONE +cov: ([0-9]+).*/\1/p' "$log" | tail -1)
  [ "$status" = 0 ] || { failed=1; tail -40 "$log" >&2; }
  rows="$rows| \`$target\` | ${runs:-stopped} | ${cover:-} | $([ "$status" = 0 ] && echo 0 || echo 1) |
"
  rm -f "$log"
done
{
  printf '# Fuzzing\n\nWritten by `make fuzz`: libFuzzer, %s s a target from the committed corpora, time limit 20 s and memory limit 2 GiB a file. ONNX bytes are changed with their structure in mind every second time. `cargo test --test fuzz_corpus` replays the corpora, and a short burst of changes to each file, on the stable compiler.\n\n' "$seconds"
  printf '| target | executions | edges covered | crashes |\n|---|---:|---:|---:|\n%s' "$rows"
} >docs/fuzzing.md
cat docs/fuzzing.md
exit $failed

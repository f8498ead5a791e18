// Milliseconds per stay of the engine beside its peers, in one run, in Node and in headless Chromium, on one thread; and what
// each downloads. Prints the tables and writes them to docs/bench.md.
//
//   node benches/bench.mjs [--rounds 60]
//
// The subjects take turns within a round, so that a machine that slows down slows all of them; compare the ratios.
// VITRINE_PYTHON names a Python with onnxruntime; without one, the native peer is left out and the report says so. CHROME
// names the browser. VITRINE_PKG names the package, pkg/ if not given.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import { spawnSync } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import * as ort from "onnxruntime-web/wasm";
import { bundle, inChromium } from "./chromium.mjs";
import { downloads, sizes } from "./downloads.mjs";
import { native } from "./native.mjs";
import { median, quantile } from "./statistics.mjs";
import { onnxruntime, tensorflow, vitrine } from "./subjects.mjs";
import { packages } from "./tensorflow.mjs";
import { difference, takeTurns, turn } from "./turns.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const MODEL = "www/models/in-hospital-mortality.onnx";
const STAYS = "www/stays";
const WARM_UP_ROUNDS = 10;
/** Stays a turn of TensorFlow.js, which takes a hundred times as long as the others. */
const FEW = 1;
/** Two programs that do not compute the same are not worth comparing. */
const LARGEST_DIFFERENCE = 2e-6;
/** Stays of the cohort that is explained in one go. */
const COHORT = 1000;
/** What takes long, each timed this often on one stay. */
const SLOW = [
  ["integrated gradients, 50 points", [{ method: "integrated-gradients", steps: 50 }]],
  ["occlusion of every cell", [{ method: "occlusion" }]],
  ["all methods of the comparison", ["lrp", "gradient-x-input", "integrated-gradients", "smooth-grad", "deep-shap", "occlusion"].map((method) => ({ method }))],
];
const SLOW_ROUNDS = 5;

const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "60" } } });
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${options.rounds}: give a whole number from 1`);
const count = { rounds, warmUp: WARM_UP_ROUNDS, slow: FEW };

const onnx = readFileSync(join(ROOT, MODEL));
const pkg = await import(pathToFileURL(join(PKG, "vitrine.js")).href);
const engine = await vitrine(pkg, readFileSync(join(PKG, "vitrine_bg.wasm")), onnx);
const { steps, columns } = engine.model;
const inputs = readInputs();
const slow = SLOW.map(([name, methods]) => [name, leastTime(() => methods.forEach((method) => engine.explain(inputs[0], method)))]);
const cohort = leastTime(explainCohort);
const memory = engine.memory.buffer.byteLength;

const web = await onnxruntime(ort, onnx, steps, columns);
const tf = await tensorflow(packages(), onnx, steps, columns);
const python = process.env.VITRINE_PYTHON;
const scratch = join(ROOT, "target/bench/inputs.f32");
const library = python ? await native(python, join(ROOT, MODEL), inputs, { steps, columns, scratch }) : undefined;
const differences = await compare();
const times = await takeTurns(
  [
    turn("predict", engine.predict),
    turn("explain", (input) => engine.explain(input)),
    turn("gradient", (input) => engine.explain(input, { method: "gradient" })),
    turn("web", web.predict),
    turn("tf", tf.predict, FEW),
    ...(library ? [{ name: "native", take: library.take }] : []),
  ],
  inputs,
  count,
);
library?.close();
const chromium = await inChromium(MODEL, inputs, count);

const report = markdown(await peerSizes());
console.log(report);
mkdirSync(join(ROOT, "docs"), { recursive: true });
writeFileSync(join(ROOT, "docs/bench.md"), report);
const largest = Math.max(...Object.values(differences), chromium.difference);
if (!(largest <= LARGEST_DIFFERENCE)) {
  console.error(`error: two probabilities differ by ${largest}, more than ${LARGEST_DIFFERENCE}`);
  process.exit(1);
}

/** Each demo stay as the model's input, read by the engine. */
function readInputs() {
  const names = readdirSync(join(ROOT, STAYS)).filter((name) => name.endsWith(".csv")).sort();
  if (names.length === 0) throw new Error(`${STAYS}: no stays to time`);
  return names.map((name) => {
    const stay = pkg.Stay.parse(readFileSync(join(ROOT, STAYS, name), "utf8"), engine.model, { name });
    const input = stay.input;
    stay.free();
    return input;
  });
}

function explainCohort() {
  const stays = new Float32Array(COHORT * steps * columns);
  for (let k = 0; k < COHORT; k++) stays.set(inputs[k % inputs.length], k * steps * columns);
  engine.model.explainBatch(stays).free();
}

/** The largest difference of each peer's probabilities from the engine's. */
async function compare() {
  const wanted = inputs.map((input) => engine.predict(input));
  const of = (predict) => difference(predict, inputs, wanted);
  const found = { web: await of(web.predict), tf: await of(tf.predict) };
  if (!library) return found;
  const probabilities = await library.probabilities();
  return { ...found, native: await of((input) => probabilities[inputs.indexOf(input)]) };
}

/** The least time of some rounds, in milliseconds: these last long enough to be interrupted. @param {() => void} work */
function leastTime(work) {
  let least = Infinity;
  for (let round = 0; round < SLOW_ROUNDS; round++) {
    const start = performance.now();
    work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** What a page downloads of each peer: scripts as minified, and its WebAssembly. */
async function peerSizes() {
  const of = (files) => files.map((file) => sizes(readFileSync(file)))
    .reduce((sum, { raw, gzip, brotli }) => ({ raw: sum.raw + raw, gzip: sum.gzip + gzip, brotli: sum.brotli + brotli }));
  const modules = join(ROOT, "node_modules");
  const ortFolder = join(modules, "onnxruntime-web/dist");
  return {
    engine: of([join(PKG, "vitrine.js"), join(PKG, "vitrine_bg.wasm")]),
    web: of([join(ortFolder, "ort.wasm.bundle.min.mjs"), join(ortFolder, "ort-wasm-simd-threaded.wasm")]),
    tf: of([join(ROOT, await bundle("tensorflow")), join(modules, "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm")]),
  };
}

function version(name) {
  return JSON.parse(readFileSync(join(ROOT, "node_modules", name, "package.json"), "utf8")).version;
}

function names() {
  return {
    predict: "Vitrine, predict",
    explain: "Vitrine, predict + LRP",
    gradient: "Vitrine, predict + gradient",
    web: `onnxruntime-web ${version("onnxruntime-web")}, predict`,
    tf: `TensorFlow.js ${version("@tensorflow/tfjs-core")} wasm, predict`,
    native: `onnxruntime ${library?.version}, native, predict`,
  };
}

/** The rows of one run, each beside onnxruntime-web of the same run. @param {Record<string, number[]>} times */
function rows(times) {
  const peer = median(times.web);
  return Object.entries(times).map(([key, values]) =>
    `| ${names()[key]} | ${median(values).toFixed(3)} | ${quantile(values, 0.1).toFixed(3)} to ${quantile(values, 0.9).toFixed(3)} | ${(median(values) / peer).toFixed(2)} |`).join("\n");
}

function loadRow(name, start, [first, ...again]) {
  return `| ${name} | ${start === null ? "in the first load" : start.toFixed(0)} | ${first.toFixed(1)} | ${median(again).toFixed(1)} |`;
}

function loadRows() {
  const { predict, web: peer, tf: other, native: own } = names();
  const bare = (name) => name.replace(/, predict$/, "");
  const inPage = Object.entries(chromium.loads).map(([key, [start, loads]]) =>
    loadRow(`${bare({ engine: predict, web: peer, tf: other }[key])}, in Chromium`, start, loads));
  return [
    loadRow(bare(predict), engine.start, engine.loads),
    loadRow(bare(peer), web.start, web.loads),
    loadRow(bare(other), tf.start, tf.loads),
    ...(library ? [loadRow(bare(own), null, library.loads)] : []),
    ...inPage,
  ].join("\n");
}

function markdown(peers) {
  const build = JSON.parse(readFileSync(join(PKG, "BUILD.json"), "utf8"));
  const digest = spawnSync(join(ROOT, "tools/pkg-digest"), ["print"], { encoding: "utf8" }).stdout.trim();
  const files = downloads(ROOT);
  const size = (name, { raw, gzip, brotli }) => `| ${name} | ${raw} | ${gzip} | ${brotli} |`;
  const { web: peer, tf: other } = names();
  const off = (key) => (differences[key] ?? NaN).toExponential(1);
  return `# Bench

Written by \`make bench\`. ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${platform()} ${arch()}, Node ${process.versions.node}; one thread.
\`pkg/\` by ${build.rustc.split(" (")[0]}, ${build.route} route, sources ${digest.slice(0, 16)}.

## Time per stay

${inputs.length} demo stays of ${steps} x ${columns}, ${rounds} rounds after ${WARM_UP_ROUNDS} to warm up, the subjects taking turns; TensorFlow.js, on the same network rebuilt from its weights, runs ${FEW === 1 ? "one of them" : `${FEW} of them`} a turn. The middle of the rounds, and 80 % of them.

In Node:

| | ms per stay | 80 % of rounds | x onnxruntime-web |
|---|---:|---:|---:|
${rows(times)}

In ${chromium.version}, headless:

| | ms per stay | 80 % of rounds | x onnxruntime-web |
|---|---:|---:|---:|
${rows(chromium.times)}

Largest difference of a probability from Vitrine's: onnxruntime-web ${off("web")}, TensorFlow.js ${off("tf")}, ${library ? `native onnxruntime ${off("native")}` : "no Python with onnxruntime here, so no native peer"}; in Chromium ${chromium.difference.toExponential(1)}.

## More of one stay, and many

In Node, the least of ${SLOW_ROUNDS} rounds.

| | |
|---|---:|
${slow.map(([name, time]) => `| ${name}, ms | ${time.toFixed(1)} |`).join("\n")}
| ${COHORT.toLocaleString("en")} stays explained in one call, stays a second on one core | ${((COHORT / cohort) * 1e3).toFixed(0)} |
| WebAssembly memory after all of this, MiB | ${(memory / 2 ** 20).toFixed(1)} |

## Loading, ms

| | start the engine | load the model, first | again |
|---|---:|---:|---:|
${loadRows()}

## Engines, bytes

Without the model: scripts as minified, and WebAssembly.

| | raw | gzip | brotli |
|---|---:|---:|---:|
${size("Vitrine", peers.engine)}
${size(peer.replace(/, predict$/, ""), peers.web)}
${size(other.replace(/, predict$/, ""), peers.tf)}

## What the page downloads, bytes

| file | raw | gzip | brotli |
|---|---:|---:|---:|
${files.map((file) => size(file.name, file)).join("\n")}
`;
}

// Milliseconds per stay of the engine beside onnxruntime-web, in one run, in Node, on one thread; and what the page
// downloads. Prints the tables and writes them to docs/bench.md.
//
//   node benches/bench.mjs [--rounds 60]
//
// The subjects take turns within a round, so that a machine that slows down slows all of them; compare the ratios.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import { spawnSync } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import * as ort from "onnxruntime-web/wasm";
import { downloads } from "./downloads.mjs";
import { median, quantile } from "./statistics.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const MODEL = "www/models/in-hospital-mortality.onnx";
const STAYS = "www/stays";
const WARM_UP_ROUNDS = 10;
const LOADS = 10;
/** Two programs that do not compute the same are not worth comparing. */
const LARGEST_DIFFERENCE = 2e-6;
/** Stays of the cohort that is explained in one go. */
const COHORT = 1000;
/** Methods that take long, each timed this often on one stay. */
const SLOW = [
  ["integrated gradients, 50 points", { method: "integrated-gradients", steps: 50 }],
  ["occlusion of every cell", { method: "occlusion" }],
];
const SLOW_ROUNDS = 5;

const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "60" } } });
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${options.rounds}: give a whole number from 1`);

const onnx = readFileSync(join(ROOT, MODEL));
const engine = await startEngine();
const peer = await startPeer();
const inputs = readInputs(engine);
const difference = await largestDifference();
const times = await timeRounds();
const slow = SLOW.map(([name, options]) => [name, timeSlow(options)]);
const cohort = milliseconds(() => {
  for (let k = 0; k < COHORT; k++) predictAndExplain(inputs[k % inputs.length]);
});
const report = markdown();
console.log(report);
mkdirSync(join(ROOT, "docs"), { recursive: true });
writeFileSync(join(ROOT, "docs/bench.md"), report);
if (difference > LARGEST_DIFFERENCE) {
  console.error(`error: the two probabilities differ by ${difference}, more than ${LARGEST_DIFFERENCE}`);
  process.exit(1);
}

async function startEngine() {
  const { initSync, Model, Stay } = await import(pathToFileURL(join(ROOT, "pkg/vitrine.js")).href);
  const bytes = readFileSync(join(ROOT, "pkg/vitrine_bg.wasm"));
  let memory;
  const start = milliseconds(() => ({ memory } = initSync({ module: bytes })));
  const loads = [];
  let model;
  for (let n = 0; n < LOADS; n++) {
    model?.free();
    loads.push(milliseconds(() => (model = new Model(onnx))));
  }
  return { Stay, model, start, loads, memory };
}

async function startPeer() {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  const loads = [];
  let session;
  for (let n = 0; n < LOADS; n++) {
    await session?.release();
    const start = performance.now();
    session = await ort.InferenceSession.create(onnx, { executionProviders: ["wasm"] });
    loads.push(performance.now() - start);
  }
  return { session, loads };
}

/** Each demo stay as the model's input, read by the engine. */
function readInputs({ Stay, model }) {
  const names = readdirSync(join(ROOT, STAYS)).filter((name) => name.endsWith(".csv")).sort();
  if (names.length === 0) throw new Error(`${STAYS}: no stays to time`);
  return names.map((name) => {
    const stay = Stay.parse(readFileSync(join(ROOT, STAYS, name), "utf8"), model, { name });
    const input = stay.input;
    stay.free();
    return input;
  });
}

async function predictByPeer(input) {
  const { session } = peer;
  const { steps, columns } = engine.model;
  const results = await session.run({ [session.inputNames[0]]: new ort.Tensor("float32", input, [1, steps, columns]) });
  return results[session.outputNames[0]].data;
}

function predict(input) {
  return engine.model.predict(input);
}

function predictAndExplain(input, options) {
  const explanation = engine.model.explain(input, options);
  const { relevance, probability } = explanation;
  explanation.free();
  return { relevance, probability };
}

async function largestDifference() {
  let largest = 0;
  for (const input of inputs) {
    largest = Math.max(largest, Math.abs(predict(input)[0] - (await predictByPeer(input))[0]));
  }
  return largest;
}

/** Milliseconds per stay of each round, by subject. */
async function timeRounds() {
  const subjects = [
    ["predict", (input) => predict(input)],
    ["explain", (input) => predictAndExplain(input)],
    ["gradient", (input) => predictAndExplain(input, { method: "gradient" })],
    ["peer", (input) => predictByPeer(input)],
  ];
  const taken = { predict: [], explain: [], gradient: [], peer: [] };
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const [name, work] = subjects[(turn + round + WARM_UP_ROUNDS) % subjects.length];
      const start = performance.now();
      // The peer's interface is asynchronous; awaiting the others as well gives each the same overhead.
      for (const input of inputs) await work(input);
      if (round >= 0) taken[name].push((performance.now() - start) / inputs.length);
    }
  }
  return taken;
}

/** The least time of some rounds: these last long enough to be interrupted. */
function timeSlow(options) {
  const rounds = Array.from({ length: SLOW_ROUNDS }, () => milliseconds(() => predictAndExplain(inputs[0], options)));
  return Math.min(...rounds);
}

function milliseconds(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function markdown() {
  const peerTime = median(times.peer);
  const versions = JSON.parse(readFileSync(join(ROOT, "node_modules/onnxruntime-web/package.json"), "utf8")).version;
  const build = JSON.parse(readFileSync(join(ROOT, "pkg/BUILD.json"), "utf8"));
  const digest = spawnSync(join(ROOT, "tools/pkg-digest"), ["print"], { encoding: "utf8" }).stdout.trim();
  const row = (name, values) =>
    `| ${name} | ${median(values).toFixed(3)} | ${quantile(values, 0.1).toFixed(3)} to ${quantile(values, 0.9).toFixed(3)} | ${(median(values) / peerTime).toFixed(2)} |`;
  const load = (name, start, [first, ...again]) =>
    `| ${name} | ${start === null ? "in the first load" : start.toFixed(0)} | ${first.toFixed(1)} | ${median(again).toFixed(1)} |`;
  const files = downloads(ROOT);
  return `# Bench

Written by \`make bench\`. ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${platform()} ${arch()}, Node ${process.versions.node}; one thread.
\`pkg/\` by ${build.rustc.split(" (")[0]}, ${build.route} route, sources ${digest.slice(0, 16)}.

## Time per stay

${inputs.length} demo stays of ${engine.model.steps} x ${engine.model.columns}, ${rounds} rounds after ${WARM_UP_ROUNDS} to warm up, the subjects taking turns. The middle of the rounds, and 80 % of them.

| | ms per stay | 80 % of rounds | x onnxruntime-web |
|---|---:|---:|---:|
${row("Vitrine, predict", times.predict)}
${row("Vitrine, predict + LRP", times.explain)}
${row("Vitrine, predict + gradient", times.gradient)}
${row(`onnxruntime-web ${versions}, predict`, times.peer)}

Largest difference between the two probabilities: ${difference.toExponential(1)}.

## More of one stay, and many

| | |
|---|---:|
${slow.map(([name, time]) => `| ${name}, ms | ${time.toFixed(1)} |`).join("\n")}
| ${COHORT.toLocaleString("en")} stays explained, stays a second on one core | ${((COHORT / cohort) * 1e3).toFixed(0)} |
| WebAssembly memory after all of this, MiB | ${(engine.memory.buffer.byteLength / 2 ** 20).toFixed(1)} |

## Loading, ms

| | start the engine | load the model, first | again |
|---|---:|---:|---:|
${load("Vitrine", engine.start, engine.loads)}
${load(`onnxruntime-web ${versions}`, null, peer.loads)}

## What the page downloads, bytes

| file | raw | gzip | brotli |
|---|---:|---:|---:|
${files.map(({ name, raw, gzip, brotli }) => `| ${name} | ${raw} | ${gzip} | ${brotli} |`).join("\n")}
`;
}

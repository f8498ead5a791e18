// The engine beside its peers, in one run, in Node and in headless Chromium, on one thread: milliseconds per stay, by size of
// the network, cold start, memory, and what each downloads. Prints the tables, writes them to docs/bench.md and draws
// docs/peers.svg and docs/sizes.svg.
//
//   node benches/bench.mjs [--rounds 60]
//
// The subjects take turns within a round, so that a machine that slows down slows all of them; compare the ratios.
// VITRINE_PYTHON names a Python with onnxruntime and VITRINE_STOCK_TRACT the folder that tools/stock-tract.sh prints; where
// one is not given its peer is left out, and the report says so. CHROME names the browser. VITRINE_PKG names the package,
// pkg/ if not given.

import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { chart } from "./chart.mjs";
import { aloneInChromium, bundle, inChromium, sizesInChromium } from "./chromium.mjs";
import { downloads, sum, weigher } from "./downloads.mjs";
import { native } from "./native.mjs";
import { MODEL, PKG, ROOT, STOCK_TRACT, make } from "./node-subjects.mjs";
import { SIZES } from "./recurrent.mjs";
import { COHORT, SLOW_ROUNDS, markdown } from "./report.mjs";
import { timeSize } from "./sizes.mjs";
import { sizesChart } from "./sizes-chart.mjs";
import { difference, takeTurns, turn } from "./turns.mjs";

const STAYS = "www/stays";
const MADE = join(ROOT, "target/bench");
const WARM_UP_ROUNDS = 10;
/** Stays a turn of TensorFlow.js, which takes a hundred times as long as the others. */
const FEW = { tf: 1 };
/** Two programs that do not compute the same are not worth comparing. */
const LARGEST_DIFFERENCE = 2e-6;
/** What takes long, each timed this often on one stay. */
const SLOW = [
  ["integrated gradients, 50 points", [{ method: "integrated-gradients", steps: 50 }]],
  ["occlusion of every cell", [{ method: "occlusion" }]],
  [
    "all methods of the comparison",
    ["lrp", "gradient-x-input", "integrated-gradients", "smooth-grad", "deep-shap", "occlusion"].map((method) => ({
      method,
    })),
  ],
];

const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "60" } } });
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${options.rounds}: give a whole number from 1`);
const count = { rounds, warmUp: WARM_UP_ROUNDS, few: FEW };
const peers = [...(STOCK_TRACT ? ["tract"] : []), "web", "tf"];

const engine = await make("engine", { steps: 0, columns: 0 });
const shape = { steps: engine.model.steps, columns: engine.model.columns };
const inputs = await readInputs();
const scratch = join(MADE, "inputs.f32");
mkdirSync(MADE, { recursive: true });
writeFileSync(
  scratch,
  Buffer.concat(inputs.map((input) => Buffer.from(input.buffer, input.byteOffset, input.byteLength))),
);
if (STOCK_TRACT) cpSync(STOCK_TRACT, join(MADE, "stock-tract"), { recursive: true });

const slow = SLOW.map(([name, methods]) => [
  name,
  leastTime(() => methods.forEach((method) => engine.explain(inputs[0], method))),
]);
const cohort = leastTime(explainCohort);
const memory = engine.memory.buffer.byteLength;

const made = {};
// One after another: loading is timed.
for (const name of peers) made[name] = await make(name, shape);
const python = process.env.VITRINE_PYTHON;
const library = python ? await native(python, join(ROOT, MODEL), scratch, shape) : undefined;
const differences = await compare();
const times = await takeTurns(
  [
    turn("predict", engine.predict),
    turn("explain", (input) => engine.explain(input)),
    turn("gradient", (input) => engine.explain(input, { method: "gradient" })),
    ...peers.map((name) => turn(name, made[name].predict, FEW[name])),
    ...(library ? [{ name: "native", take: library.take }] : []),
  ],
  inputs,
  count,
);
const { most, before } = (await library?.ask()) ?? {};
library?.close();

const names = ["predict", "explain", ...peers];
const alone = Object.fromEntries(["nothing", ...names].map((name) => [name, aloneInNode(name)]));
const chromium = await inChromium(peers, inputs, shape, count);
const sizes = { Node: await sizesInNode(), Chromium: await sizesInChromium(SIZES) };
const cold = await aloneInChromium(names, shape);
Object.assign(differences, compareCold());

const report = markdown({
  root: ROOT,
  pkg: PKG,
  inputs,
  ...shape,
  rounds,
  warmUp: WARM_UP_ROUNDS,
  few: FEW,
  times,
  sizes,
  chromium,
  differences,
  slow,
  cohort,
  memory,
  alone,
  cold,
  loads: { engine, ...made, ...(library && { native: { start: null, loads: library.loads } }) },
  library: library && { version: library.version, most, before },
  ...(await weights()),
});
console.log(report);
writeFileSync(join(ROOT, "docs/bench.md"), report);
writeFileSync(join(ROOT, "docs/peers.svg"), chart({ Node: times, Chromium: chromium.times }));
writeFileSync(join(ROOT, "docs/sizes.svg"), sizesChart(sizes));
const largest = Math.max(...Object.values(differences), ...Object.values(chromium.differences));
if (!(largest <= LARGEST_DIFFERENCE)) {
  console.error(`error: two probabilities differ by ${largest}, more than ${LARGEST_DIFFERENCE}`);
  process.exit(1);
}
// The peers leave timers behind.
process.exit(0);

/** Each demo stay as the model's input, read by the engine. */
async function readInputs() {
  const { Stay } = await import(pathToFileURL(join(PKG, "vitrine.js")).href);
  const files = readdirSync(join(ROOT, STAYS))
    .filter((name) => name.endsWith(".csv"))
    .sort();
  if (files.length === 0) throw new Error(`${STAYS}: no stays to time`);
  return files.map((name) => {
    const stay = Stay.parse(readFileSync(join(ROOT, STAYS, name), "utf8"), engine.model, { name });
    const input = stay.input;
    stay.free();
    return input;
  });
}

/** The engine beside onnxruntime-web on networks of many sizes. */
async function sizesInNode() {
  const { Model } = await import(pathToFileURL(join(PKG, "vitrine.js")).href);
  const ort = await import("onnxruntime-web/wasm");
  const found = [];
  // The first time nothing is compiled as well as it will be.
  for (const size of [SIZES[0], ...SIZES]) found.push(await timeSize(size, Model, ort));
  return found.slice(1);
}

function explainCohort() {
  const { steps, columns } = shape;
  const stays = new Float32Array(COHORT * steps * columns);
  for (let k = 0; k < COHORT; k++) stays.set(inputs[k % inputs.length], k * steps * columns);
  engine.model.explainBatch(stays).free();
}

/** The largest difference of each peer's probabilities from the engine's. */
async function compare() {
  const wanted = inputs.map((input) => engine.predict(input));
  const found = {};
  for (const name of peers) found[name] = await difference(made[name].predict, inputs, wanted);
  if (!library) return found;
  const { probabilities } = await library.ask();
  return { ...found, native: await difference((input) => probabilities[inputs.indexOf(input)], inputs, wanted) };
}

/** What each computed first in a page of its own is what it computes here. */
function compareCold() {
  const wanted = engine.predict(inputs[0]);
  return { cold: Math.max(...names.map((name) => Math.abs(cold[name].probability - wanted))) };
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

/** @param {string} name @returns {{ wasm: number, heap: number, most: number }} bytes */
function aloneInNode(name) {
  const args = [
    "--expose-gc",
    join(ROOT, "benches/alone.mjs"),
    name,
    scratch,
    String(shape.steps),
    String(shape.columns),
  ];
  const said = execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  // TensorFlow.js greets.
  return JSON.parse(said.trimEnd().split("\n").at(-1));
}

/** What a page downloads of each engine, scripts as minified with its WebAssembly, and of all of ours. */
async function weights() {
  const sizes = weigher(join(MADE, "sizes.json"));
  const of = async (...files) => sum(await Promise.all(files.map(sizes)));
  const modules = join(ROOT, "node_modules");
  const ort = join(modules, "onnxruntime-web/dist");
  return {
    engines: {
      engine: await of(join(PKG, "vitrine.js"), join(PKG, "vitrine_bg.wasm")),
      ...(STOCK_TRACT && {
        tract: await of(join(STOCK_TRACT, "stock_tract.js"), join(STOCK_TRACT, "stock_tract_bg.wasm")),
      }),
      web: await of(join(ort, "ort.wasm.bundle.min.mjs"), join(ort, "ort-wasm-simd-threaded.wasm")),
      tf: await of(
        join(ROOT, await bundle("tensorflow")),
        join(modules, "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm"),
      ),
    },
    page: await downloads(ROOT, PKG, sizes),
  };
}

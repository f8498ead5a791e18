// Long life: many explanations and many changes of model in one instance, and its memory stays what it was: WebAssembly's,
// and JavaScript's heap with the arrays that hang on it.
//
//   node tests/node/endurance.mjs [EXPLANATIONS] [SWAPS]     100,000 and 1,000; writes docs/endurance.md

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const MODELS = [
  "www/models/in-hospital-mortality.onnx",
  "tests/fixtures/exporters/tf_keras2.onnx",
  "tests/fixtures/exporters/torch_torchscript.onnx",
];
const METHODS = [
  {},
  { method: "gradient" },
  { explain: "score", biasFactor: 1 },
  { rule: "arras2019" },
  { method: "gradient-x-input" },
];
/** Pages of 64 KiB by which WebAssembly's memory may differ between the quarter and the end: none. */
const PAGE = 65536;
/** Bytes by which the heap may: what compiled code and caches of the engine's own take. */
export const HEAP_SLACK = 2 ** 20;

setFlagsFromString("--expose-gc");
/** Collects the heap. @type {() => void} */
const gc = runInNewContext("gc");

const { initSync, Model, Stay } = await import(pathToFileURL(join(PKG, "vitrine.js")).href);
const { memory } = initSync({ module: readFileSync(join(PKG, "vitrine_bg.wasm")) });

/** What is held now, in bytes. @typedef {{ wasm: number, heap: number }} Held */

/** @returns {Held} */
function held() {
  // Arrays are freed beside the collection that finds them; a second one waits for that.
  gc();
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { wasm: memory.buffer.byteLength, heap: heapUsed + arrayBuffers };
}

/** @param {number} n explanations, methods and stays taking turns; every tenth stay is read anew, every seventh record is bad */
export function explanations(n) {
  const model = new Model(file(MODELS[0]));
  const texts = readdirSync(join(ROOT, "www/stays"))
    .filter((name) => name.endsWith(".csv"))
    .map((name) => file(`www/stays/${name}`).toString());
  const stays = texts.map((text) => Stay.parse(text, model));
  const sizes = [];
  const first = METHODS.map((method) => digest(model.explain(stays[0].input, method)));
  for (let k = 0; k < n; k++) {
    const at = k % stays.length;
    if (k % 10 === 0) {
      stays[at].free();
      stays[at] = Stay.parse(texts[at], model);
    }
    if (k % 7 === 0) refused(() => Stay.parse(texts[at].slice(0, 400 + (k % 97)), model));
    const explanation = model.explain(stays[at].input, METHODS[k % METHODS.length]);
    if (!Number.isFinite(explanation.score) || explanation.relevance.length !== model.steps * model.columns)
      throw new Error(`explanation ${k} is none`);
    explanation.free();
    if (k % Math.max(1, Math.floor(n / 20)) === 0) sizes.push(held());
  }
  sizes.push(held());
  const last = METHODS.map((method) => digest(model.explain(stays[0].input, method)));
  if (last.join() !== first.join()) throw new Error("the last explanations are not the first ones");
  for (const stay of stays) stay.free();
  model.free();
  return sizes;
}

/** @param {number} n changes of model, sound ones and damaged ones, each explained once */
export function swaps(n) {
  const sound = MODELS.map(file);
  const sizes = [];
  let model = new Model(sound[0]);
  const input = new Float32Array(48 * 76).map((_, k) => ((k * 37) % 101) / 60 - 0.8);
  for (let k = 0; k < n; k++) {
    const bytes = sound[k % sound.length];
    refused(() => new Model(bytes.subarray(0, (bytes.length * ((k % 9) + 0.5)) / 10)));
    const next = new Model(bytes);
    model.free();
    model = next;
    model.explain(input).free();
    if (k % Math.max(1, Math.floor(n / 20)) === 0) sizes.push(held());
  }
  sizes.push(held());
  model.free();
  return sizes;
}

/** Bytes by which each has grown since a quarter of the way. @param {Held[]} sizes @returns {Held} */
export function growth(sizes) {
  const [before, after] = [sizes[Math.floor(sizes.length / 4)], sizes.at(-1)];
  return { wasm: after.wasm - before.wasm, heap: after.heap - before.heap };
}

function file(name) {
  return readFileSync(join(ROOT, name));
}

function refused(work) {
  try {
    work().free();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) throw error;
  }
}

function digest(explanation) {
  const { relevance, score } = explanation;
  explanation.free();
  return Buffer.from(relevance.buffer).toString("base64") + score;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [nExplanations, nSwaps] = [Number(process.argv[2] ?? 100_000), Number(process.argv[3] ?? 1000)];
  let hasGrown = false;
  const rows = [
    ["explanations", nExplanations, explanations],
    ["changes of model", nSwaps, swaps],
  ].map(([what, n, run]) => {
    const start = performance.now();
    const sizes = run(n);
    const seconds = (performance.now() - start) / 1e3;
    const { wasm, heap } = growth(sizes);
    hasGrown ||= wasm > 0 || heap > HEAP_SLACK;
    const mib = (kind) =>
      [sizes[0], sizes[Math.floor(sizes.length / 4)], sizes.at(-1)]
        .map((it) => (it[kind] / 2 ** 20).toFixed(1))
        .join(" | ");
    return [
      `| ${n.toLocaleString("en")} ${what}: WebAssembly | ${mib("wasm")} | ${wasm / PAGE} pages | ${seconds.toFixed(0)} |`,
      `| JavaScript's heap meanwhile | ${mib("heap")} | ${(heap / 1024).toFixed(0)} KiB | |`,
    ].join("\n");
  });
  const text = `# Endurance

Written by \`make endure\`: one instance in Node ${process.versions.node}, memory in MiB, JavaScript's after a collection. Methods and stays take turns, records are read anew, every seventh record and every second model is damaged and refused; the last explanations equal the first ones byte for byte.

| | at the start | after a quarter | at the end | grown since | s |
|---|---:|---:|---:|---:|---:|
${rows.join("\n")}

WebAssembly's memory may not grow by a page, JavaScript's heap by no more than ${HEAP_SLACK / 1024} KiB. Workers killed at random during a cohort: \`tests/node/pool.test.mjs\` and, in the page, \`tests/browser/pool.test.mjs\`, where every stay has its outcome exactly once.
`;
  console.log(text);
  writeFileSync(join(ROOT, "docs/endurance.md"), text);
  if (hasGrown) {
    console.error("error: memory has grown");
    process.exit(1);
  }
}

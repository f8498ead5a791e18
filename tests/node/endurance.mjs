// Long life: many explanations and many changes of model in one instance, and its memory stays what it was.
//
//   node tests/node/endurance.mjs [EXPLANATIONS] [SWAPS]     100,000 and 1,000; writes docs/endurance.md

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const MODELS = ["www/models/in-hospital-mortality.onnx", "tests/fixtures/exporters/tf_keras2.onnx", "tests/fixtures/exporters/torch_torchscript.onnx"];
const METHODS = [{}, { method: "gradient" }, { explain: "score", biasFactor: 1 }, { rule: "arras2019" }, { method: "gradient-x-input" }];
/** Pages of 64 KiB by which memory may differ between the quarter and the end: none. */
const PAGE = 65536;

const { initSync, Model, Stay } = await import(pathToFileURL(join(PKG, "vitrine.js")).href);
const { memory } = initSync({ module: readFileSync(join(PKG, "vitrine_bg.wasm")) });

/** @param {number} n explanations, methods and stays taking turns; every tenth stay is read anew, every seventh record is bad */
export function explanations(n) {
  const model = new Model(file(MODELS[0]));
  const texts = readdirSync(join(ROOT, "www/stays")).filter((name) => name.endsWith(".csv")).map((name) => file(`www/stays/${name}`).toString());
  let stays = texts.map((text) => Stay.parse(text, model));
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
    if (!Number.isFinite(explanation.score) || explanation.relevance.length !== model.steps * model.columns) throw new Error(`explanation ${k} is none`);
    explanation.free();
    if (k % Math.max(1, Math.floor(n / 20)) === 0) sizes.push(memory.buffer.byteLength);
  }
  sizes.push(memory.buffer.byteLength);
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
    if (k % Math.max(1, Math.floor(n / 20)) === 0) sizes.push(memory.buffer.byteLength);
  }
  sizes.push(memory.buffer.byteLength);
  model.free();
  return sizes;
}

/** Bytes by which memory has grown since a quarter of the way. */
export function growth(sizes) {
  return sizes.at(-1) - sizes[Math.floor(sizes.length / 4)];
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
  const rows = [["explanations", nExplanations, explanations], ["changes of model", nSwaps, swaps]].map(([what, n, run]) => {
    const start = performance.now();
    const sizes = run(n);
    const seconds = (performance.now() - start) / 1e3;
    const mib = (bytes) => (bytes / 2 ** 20).toFixed(1);
    return `| ${n.toLocaleString("en")} ${what} | ${mib(sizes[0])} | ${mib(sizes[Math.floor(sizes.length / 4)])} | ${mib(sizes.at(-1))} | ${growth(sizes) / PAGE} | ${seconds.toFixed(0)} |`;
  });
  const text = `# Endurance

Written by \`make endure\`: one instance in Node ${process.versions.node}, its WebAssembly memory in MiB. Methods and stays take turns, records are read anew, every seventh record and every second model is damaged and refused; the last explanations equal the first ones byte for byte.

| | at the start | after a quarter | at the end | pages grown since | s |
|---|---:|---:|---:|---:|---:|
${rows.join("\n")}

Workers killed at random during a cohort: \`tests/node/pool.test.mjs\`, where every stay has its outcome exactly once.
`;
  console.log(text);
  writeFileSync(join(ROOT, "docs/endurance.md"), text);
  if (rows.some((row) => Number(row.split("|")[5]) > 0)) {
    console.error("error: memory has grown");
    process.exit(1);
  }
}

// One subject in a page of its own, named by the address: the time from the navigation to its first result, and its memory.

import { watchMemory } from "./memory.mjs";
import { PLACES, make } from "./page-subjects.mjs";

const RUNS = 3;
const memory = watchMemory();
const [name, steps, columns] = location.hash
  .slice(1)
  .split(",")
  .map((it, k) => (k === 0 ? it : Number(it)));
const fetched = async (/** @type {string} */ url) => (await fetch(url)).arrayBuffer();

const stays = fetched("/target/bench/inputs.f32");
const onnx = fetched(PLACES.model).then((bytes) => new Uint8Array(bytes));
const subject = await make(
  name === "predict" || name === "explain" ? "engine" : name,
  onnx,
  { steps, columns, loads: 1 },
  (url) => fetch(url),
);
const run = name === "explain" ? subject.explain : subject.predict;
const all = new Float32Array(await stays);
const inputs = Array.from({ length: all.length / (steps * columns) }, (_, k) =>
  all.slice(k * steps * columns, (k + 1) * steps * columns),
);
const first = await run(inputs[0]);
window.first = { ms: performance.now(), probability: first.probability ?? first };
for (let n = 0; n < RUNS; n++) for (const input of inputs) await run(input);
window.memory = memory();

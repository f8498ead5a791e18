// One subject in a process of its own: the memory that it takes.
//
//   node --expose-gc benches/alone.mjs NAME INPUTS.f32 STEPS COLUMNS     NAME: predict, explain, tract, web, tf or nothing
//
// Prints bytes as JSON: of its WebAssembly memories, of JavaScript's heap after a collection, and the most that the process
// held. The model is loaded once and every stay is run three times.

import { existsSync, readFileSync } from "node:fs";
import { watchMemory } from "./memory.mjs";
import { divided, make } from "./node-subjects.mjs";

const RUNS = 3;
const STATUS = "/proc/self/status";

const [name, file, ...numbers] = process.argv.slice(2);
const [steps, columns] = numbers.map(Number);
const bytes = readFileSync(file);
const inputs = divided(
  new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
  steps * columns,
);
const memory = watchMemory();
if (name !== "nothing") {
  const subject = await make(name === "predict" || name === "explain" ? "engine" : name, { steps, columns, loads: 1 });
  const run = name === "explain" ? subject.explain : subject.predict;
  for (let n = 0; n < RUNS; n++) for (const input of inputs) await run(input);
}
gc();
console.log(JSON.stringify({ wasm: memory(), heap: process.memoryUsage().heapUsed, most: most() }));
// Some leave timers behind.
process.exit(0);

/** The most that this process has held. What Linux says of its resources counts the parent that it was forked from. */
function most() {
  const held = existsSync(STATUS) && /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(STATUS, "utf8"));
  return (held ? Number(held[1]) : process.resourceUsage().maxRSS) * 1024;
}

// The part of the bench that runs in a browser's page: the subjects taking turns, loaded as a page loads them.

import * as ort from "onnxruntime-web/wasm";

import { PLACES, make } from "./page-subjects.mjs";
import { timeSize } from "./sizes.mjs";
import { difference, takeTurns, turn } from "./turns.mjs";

/**
 * @param {("tract" | "web" | "tf")[]} peers
 * @param {number[][]} stays
 * @param {import("./subjects.mjs").Shape} shape
 * @param {{ rounds: number, warmUp: number, few: Record<string, number> }} count few: stays a turn of what takes long
 */
export async function run(peers, stays, shape, count) {
  const bytes = async (/** @type {string} */ url) => new Uint8Array(await (await fetch(url)).arrayBuffer());
  const onnx = bytes(PLACES.model);
  const made = {};
  for (const name of ["engine", ...peers]) made[name] = await make(name, onnx, shape, bytes);
  const { engine } = made;
  const inputs = stays.map((stay) => Float32Array.from(stay));
  const wanted = inputs.map((input) => engine.predict(input));
  const differences = {};
  for (const name of peers) differences[name] = await difference(made[name].predict, inputs, wanted);
  const turns = [
    turn("predict", engine.predict),
    turn("explain", (input) => engine.explain(input)),
    turn("gradient", (input) => engine.explain(input, { method: "gradient" })),
    ...peers.map((name) => turn(name, made[name].predict, count.few[name])),
  ];
  const loads = Object.fromEntries(Object.entries(made).map(([name, { start, loads }]) => [name, [start, loads]]));
  return { loads, differences, times: await takeTurns(turns, inputs, count) };
}

/** @type {Promise<any> | undefined} */
let engine;

/** The engine beside onnxruntime-web on a network of this size. @param {import("./recurrent.mjs").Size} size */
export async function runSize(size) {
  engine ??= start();
  return timeSize(size, (await engine).Model, ort);
}

async function start() {
  ort.env.wasm.wasmPaths = { wasm: new URL(PLACES.web, location.href).href };
  const place = new URL(PLACES.engine, location.href).href;
  const pkg = await import(`${place}.js`);
  await pkg.default({ module_or_path: fetch(`${place}_bg.wasm`) });
  return pkg;
}

// The part of the bench that runs in a browser's page: the subjects of subjects.mjs, loaded as a page loads them.

import * as ort from "onnxruntime-web/wasm";
import { packages } from "./tensorflow.mjs";
import { onnxruntime, tensorflow, vitrine } from "./subjects.mjs";
import { difference, takeTurns, turn } from "./turns.mjs";

/**
 * @param {{ model: string, pkg: string, ort: string, tfjs: string }} places addresses of the model, of pkg/, of the WebAssembly of onnxruntime-web, and of the folder of that of TensorFlow.js
 * @param {number[][]} stays
 * @param {{ rounds: number, warmUp: number, slow: number }} count slow: stays a turn of what takes long
 */
export async function run(places, stays, count) {
  const bytes = async (/** @type {string} */ url) => new Uint8Array(await (await fetch(url)).arrayBuffer());
  const onnx = await bytes(places.model);
  const pkg = await import(`${places.pkg}vitrine.js`);
  const engine = await vitrine(pkg, await bytes(`${places.pkg}vitrine_bg.wasm`), onnx);
  const { steps, columns } = engine.model;
  ort.env.wasm.wasmPaths = { wasm: places.ort };
  const web = await onnxruntime(ort, onnx, steps, columns);
  const tf = await tensorflow(packages(places.tfjs), onnx, steps, columns);
  const inputs = stays.map((stay) => Float32Array.from(stay));
  const wanted = inputs.map((input) => engine.predict(input));
  return {
    loads: { engine: [engine.start, engine.loads], web: [web.start, web.loads], tf: [tf.start, tf.loads] },
    difference: Math.max(await difference(web.predict, inputs, wanted), await difference(tf.predict, inputs, wanted)),
    times: await takeTurns(
      [
        turn("predict", engine.predict),
        turn("explain", (input) => engine.explain(input)),
        turn("gradient", (input) => engine.explain(input, { method: "gradient" })),
        turn("web", web.predict),
        turn("tf", tf.predict, count.slow),
      ],
      inputs,
      count,
    ),
  };
}

// What is timed beside each other, in Node and in a browser alike: each subject reads the same ONNX file, on one thread.

import { rebuilt } from "./rebuilt.mjs";

const LOADS = 10;

/**
 * @typedef {object} Subject
 * @property {number | null} start milliseconds until the engine could load a model; null where that is part of the first load
 * @property {number[]} loads milliseconds for each time the model was loaded
 * @property {(input: Float32Array) => number | Promise<number>} predict the probability for one stay
 */

/**
 * @param {{ default: (options: { module_or_path: BufferSource }) => Promise<{ memory: WebAssembly.Memory }>, Model: any }} pkg what pkg/ exports
 * @param {BufferSource} module pkg/vitrine_bg.wasm
 * @param {Uint8Array} onnx
 */
export async function vitrine({ default: init, Model }, module, onnx) {
  const begun = performance.now();
  const { memory } = await init({ module_or_path: module });
  const start = performance.now() - begun;
  let model;
  const loads = await timeLoads(() => {
    model?.free();
    model = new Model(onnx);
  });
  const explain = (input, options) => {
    const explanation = model.explain(input, options);
    const { relevance, probability } = explanation;
    explanation.free();
    return { relevance, probability };
  };
  return { start, loads, memory, model, explain, predict: (input) => model.predict(input)[0] };
}

/**
 * @param {any} ort onnxruntime-web/wasm
 * @param {Uint8Array} onnx
 * @param {number} steps
 * @param {number} columns
 * @returns {Promise<Subject>}
 */
export async function onnxruntime(ort, onnx, steps, columns) {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  let session;
  const loads = await timeLoads(async () => {
    await session?.release();
    session = await ort.InferenceSession.create(onnx, { executionProviders: ["wasm"] });
  });
  const predict = async (input) => {
    const results = await session.run({ [session.inputNames[0]]: new ort.Tensor("float32", input, [1, steps, columns]) });
    return results[session.outputNames[0]].data[0];
  };
  return { start: null, loads, predict };
}

/**
 * @param {{ tf: any, layers: any }} packages tfjs-core and tfjs-layers; tfjs-backend-wasm has been imported
 * @param {Uint8Array} onnx
 * @param {number} steps
 * @param {number} columns
 * @returns {Promise<Subject>}
 */
export async function tensorflow({ tf, layers }, onnx, steps, columns) {
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  const begun = performance.now();
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js could not start its backend wasm");
  const start = performance.now() - begun;
  let network;
  const loads = await timeLoads(() => {
    network?.free();
    network = rebuilt(tf, layers, onnx, steps, columns);
  });
  return { start, loads, predict: async (input) => (await network.predict(input))[0] };
}

/** @param {() => void | Promise<void>} load */
async function timeLoads(load) {
  const loads = [];
  for (let n = 0; n < LOADS; n++) {
    const start = performance.now();
    await load();
    loads.push(performance.now() - start);
  }
  return loads;
}

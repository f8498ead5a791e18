// What is timed beside each other, in Node and in a browser alike: each subject reads the same ONNX file, on one thread.

import { rebuilt } from "./rebuilt.mjs";

/** Times that a model is loaded. */
export const LOADS = 10;

/**
 * @typedef {object} Subject
 * @property {number | null} start milliseconds until the engine could load a model; null where that is part of the first load
 * @property {number[]} loads milliseconds for each time the model was loaded
 * @property {(input: Float32Array) => number | Promise<number>} predict the probability for one stay
 */

/** The stay's shape, and how often the model is loaded. @typedef {{ steps: number, columns: number, loads?: number }} Shape */

/**
 * @param {{ default: (options: { module_or_path: BufferSource | Promise<Response> }) => Promise<{ memory: WebAssembly.Memory }>, Model: any }} pkg what pkg/ exports
 * @param {BufferSource | Promise<Response>} module pkg/vitrine_bg.wasm
 * @param {Uint8Array} onnx
 * @param {number} [loads]
 */
export async function vitrine({ default: init, Model }, module, onnx, loads) {
  const begun = performance.now();
  const { memory } = await init({ module_or_path: module });
  const start = performance.now() - begun;
  let model;
  const taken = await timeLoads(() => {
    model?.free();
    model = new Model(onnx);
  }, loads);
  const explain = (input, options) => {
    const explanation = model.explain(input, options);
    const { relevance, probability } = explanation;
    explanation.free();
    return { relevance, probability };
  };
  return { start, loads: taken, memory, model, explain, predict: (input) => model.predict(input)[0] };
}

/**
 * @param {any} pkg what stock-tract/ exports, as tools/stock-tract.sh builds it
 * @param {BufferSource | Promise<Response>} module its WebAssembly
 * @param {Uint8Array} onnx
 * @param {Shape} shape
 * @returns {Promise<Subject>}
 */
export async function stockTract({ default: init, Model }, module, onnx, { steps, columns, loads }) {
  const begun = performance.now();
  await init({ module_or_path: module });
  const start = performance.now() - begun;
  let model;
  const taken = await timeLoads(() => {
    model?.free();
    model = new Model(onnx);
  }, loads);
  return { start, loads: taken, predict: (input) => model.predict(input, steps, columns)[0] };
}

/**
 * @param {any} ort onnxruntime-web/wasm
 * @param {Uint8Array} onnx
 * @param {Shape} shape
 * @returns {Promise<Subject>}
 */
export async function onnxruntime(ort, onnx, { steps, columns, loads }) {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  let session;
  const taken = await timeLoads(async () => {
    await session?.release();
    session = await ort.InferenceSession.create(onnx, { executionProviders: ["wasm"] });
  }, loads);
  const predict = async (input) => {
    const results = await session.run({
      [session.inputNames[0]]: new ort.Tensor("float32", input, [1, steps, columns]),
    });
    return results[session.outputNames[0]].data[0];
  };
  return { start: null, loads: taken, predict, release: () => session.release() };
}

/**
 * @param {{ tf: any, layers: any }} packages tfjs-core and tfjs-layers; tfjs-backend-wasm has been imported
 * @param {Uint8Array} onnx
 * @param {Shape} shape
 * @returns {Promise<Subject>}
 */
export async function tensorflow({ tf, layers }, onnx, { steps, columns, loads }) {
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  const begun = performance.now();
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js could not start its backend wasm");
  const start = performance.now() - begun;
  let network;
  const taken = await timeLoads(() => {
    network?.free();
    network = rebuilt(tf, layers, onnx, steps, columns);
  }, loads);
  return { start, loads: taken, predict: async (input) => (await network.predict(input))[0] };
}

/** @param {() => void | Promise<void>} load @param {number} [times] */
async function timeLoads(load, times = LOADS) {
  const loads = [];
  for (let n = 0; n < times; n++) {
    const start = performance.now();
    await load();
    loads.push(performance.now() - start);
  }
  return loads;
}

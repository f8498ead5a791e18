// The engine beside onnxruntime-web on recurrent networks of many sizes, in Node and in a page alike: subjects take turns on the
// same network, one network after the other.

import { nameOf, recurrent, whole } from "./recurrent.mjs";
import { median } from "./statistics.mjs";
import { onnxruntime } from "./subjects.mjs";
import { difference, takeTurns, turn } from "./turns.mjs";
import { numbers } from "./write-onnx.mjs";

/** A turn lasts about this long, in milliseconds: a clock in a page shows tenths of one. */
const TURN = 20;
const [LEAST_ROUNDS, MOST_ROUNDS] = [5, 40];
/** How long each program runs until the compilers have done their best, and how long all turns last, in milliseconds. */
const PATIENCE = { warmUp: 500, whole: 5000 };
/** Stays, of which each turn takes as many as it needs. */
const N_INPUTS = 8;
const LOADS = 6;
/** Two programs that do not compute the same are not worth comparing. */
const LARGEST_DIFFERENCE = 2e-6;

/**
 * @typedef {object} Timed milliseconds, medians: of a stay predicted, and of the network opened again
 * @property {string} name
 * @property {number} web
 * @property {number} predict
 * @property {number} explain
 * @property {number} gradient
 * @property {number} opens
 * @property {number} webOpens
 */

/**
 * @param {import("./recurrent.mjs").Size} size
 * @param {any} Model of what pkg/ exports, started
 * @param {any} ort onnxruntime-web/wasm
 * @param {{ warmUp: number, whole: number }} [patience]
 * @returns {Promise<Timed>}
 */
export async function timeSize(size, Model, ort, { warmUp, whole: all } = PATIENCE) {
  const onnx = recurrent(size);
  const { steps, columns } = whole(size);
  const random = numbers(7);
  const inputs = Array.from({ length: N_INPUTS }, () => Float32Array.from({ length: steps * columns }, () => random()));
  const web = await onnxruntime(ort, onnx, { steps, columns, loads: LOADS });
  const opened = openings(Model, onnx);
  const { model } = opened;
  const predict = (/** @type {Float32Array} */ input) => model.predict(input)[0];
  const explain = (/** @type {object} */ options) => (/** @type {Float32Array} */ input) => {
    const explanation = model.explain(input, options);
    const { relevance } = explanation;
    explanation.free();
    return relevance;
  };
  const subjects = { web: web.predict, predict, explain: explain(), gradient: explain({ method: "gradient" }) };
  const off = await difference(web.predict, inputs, inputs.map(predict));
  if (!(off <= LARGEST_DIFFERENCE)) throw new Error(`${nameOf(size)}: the probabilities differ by ${off}`);

  const once = await warm(Object.values(subjects), inputs[0], warmUp);
  const turns = Object.entries(subjects).map(([name, work], k) =>
    turn(name, work, Math.min(N_INPUTS, Math.ceil(TURN / once[k]))),
  );
  const round = once.reduce((sum, ms) => sum + Math.max(ms, Math.min(TURN, N_INPUTS * ms)), 0);
  const rounds = Math.round(Math.min(MOST_ROUNDS, Math.max(LEAST_ROUNDS, all / round)));
  const times = await takeTurns(turns, inputs, { rounds, warmUp: 1 });
  model.free();
  const [, ...webLoads] = web.loads;
  await web.release();
  return {
    name: nameOf(size),
    .../** @type {any} */ (Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]))),
    opens: median(opened.again),
    webOpens: median(webLoads),
  };
}

/** @param {any} Model @param {Uint8Array} onnx */
function openings(Model, onnx) {
  let model;
  const again = [];
  for (let n = 0; n < LOADS; n++) {
    model?.free();
    const start = performance.now();
    model = new Model(onnx);
    if (n > 0) again.push(performance.now() - start);
  }
  return { model, again };
}

/** Runs each for a while, and says how many milliseconds it takes then. @param {((input: Float32Array) => unknown)[]} works @param {Float32Array} input @param {number} time */
async function warm(works, input, time) {
  const least = [];
  for (const work of works) {
    let best = Infinity;
    for (const end = performance.now() + time; performance.now() < end || best === Infinity;) {
      const start = performance.now();
      await work(input);
      best = Math.min(best, performance.now() - start);
    }
    least.push(Math.max(best, 0.01));
  }
  return least;
}

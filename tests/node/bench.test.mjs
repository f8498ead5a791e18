// The parts of the bench that compute: turns, and the network rebuilt for TensorFlow.js.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { channelWise } from "../../benches/channel-wise.mjs";
import { readOnnx } from "../../benches/onnx.mjs";
import { kerasWeights, readNetwork } from "../../benches/rebuilt.mjs";
import { difference, takeTurns, turn } from "../../benches/turns.mjs";

const DEMO = fileURLToPath(new URL("../../www/models/in-hospital-mortality.onnx", import.meta.url));

test("every subject takes its turn in every round, each first in its time, and warming up is not counted", async () => {
  const order = [];
  const subject = (name) => ({ name, take: async () => order.push(name) });
  const taken = await takeTurns(["a", "b", "c"].map(subject), [], { rounds: 2, warmUp: 1 });
  assert.deepEqual(order, ["a", "b", "c", "b", "c", "a", "c", "a", "b"]);
  assert.deepEqual(taken, { a: [6, 8], b: [4, 9], c: [5, 7] });
});

test("a turn runs each stay, or the first few, and divides by how many it ran", async (t) => {
  let clock = 0;
  t.mock.method(performance, "now", () => clock);
  const inputs = [1, 2, 6].map((x) => Float32Array.of(x));
  const seen = [];
  const work = async ([x]) => {
    await null;
    seen.push(x);
    clock += x;
  };
  assert.equal(await turn("all", work).take(inputs), 3);
  assert.equal(await turn("few", work, 1).take(inputs), 1);
  assert.deepEqual(seen, [1, 2, 6, 1]);
});

test("a difference that is no number is not taken for a small one", async () => {
  const inputs = [0, 1, 2].map((x) => Float32Array.of(x));
  assert.equal(await difference((input) => input[0] * 2, inputs, [0, 1, 2]), 2);
  assert.ok(Number.isNaN(await difference((input) => (input[0] === 1 ? NaN : 0), inputs, [0, 1, 2])));
});

test("an ONNX file's nodes and weights are read", () => {
  const { nodes, tensors } = readOnnx(channelWise(6, 3));
  assert.deepEqual(nodes.slice(0, 3).map(({ operator }) => operator), ["Transpose", "Split", "LSTM"]);
  assert.deepEqual(nodes[2].inputs, ["c0", "c0.w", "c0.r", "c0.b"]);
  assert.deepEqual(tensors.get("c1.w")?.dims, [2, 16, 2]);
  assert.deepEqual(tensors.get("sizes")?.numbers, [2, 2, 2]);
  assert.ok(tensors.get("out.w")?.numbers.some((x) => x !== 0));
  assert.throws(() => readOnnx(channelWise(6, 3).subarray(0, 100)), /ONNX/);
});

test("the demo network is taken apart into its channels, which read every column once", () => {
  const { channels, top, dense } = readNetwork(readFileSync(DEMO));
  assert.equal(channels.length, 17);
  assert.deepEqual(channels.flatMap(({ columns }) => columns).sort((a, b) => a - b), Array.from({ length: 76 }, (_, k) => k));
  for (const { columns, lstm } of channels) assert.deepEqual(lstm.w.dims, [2, 16, columns.length]);
  assert.deepEqual([top.w.dims, top.r.dims, dense.w.length], [[1, 128, 136], [1, 128, 32], 32]);
});

test("gates, directions and the two biases come in Keras' order", () => {
  // One unit and two inputs: row g of W is gate g of i, o, f, c, in two directions.
  const w = { dims: [2, 4, 2], numbers: Float32Array.from({ length: 16 }, (_, k) => k) };
  const r = { dims: [2, 4, 1], numbers: Float32Array.from({ length: 8 }, (_, k) => 100 + k) };
  const b = Float32Array.from({ length: 16 }, (_, k) => 10 ** (k % 8 < 4 ? 0 : 1) * (1 + (k % 4)));
  const { kernel, recurrent, bias, units, n_inputs } = kerasWeights({ w, r, b }, 1);
  assert.deepEqual([units, n_inputs], [1, 2]);
  assert.deepEqual([...kernel], [8, 12, 14, 10, 9, 13, 15, 11]);
  assert.deepEqual([...recurrent], [104, 106, 107, 105]);
  assert.deepEqual([...bias], [11, 33, 44, 22]);
});

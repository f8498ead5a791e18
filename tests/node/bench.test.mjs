// The parts of the bench that compute: turns, memory, sizes, the chart, and the network rebuilt for TensorFlow.js; and that
// tract as it is has our versions.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { channelWise } from "../../benches/channel-wise.mjs";
import { chart } from "../../benches/chart.mjs";
import { downloads, sum, weigher } from "../../benches/downloads.mjs";
import { watchMemory } from "../../benches/memory.mjs";
import { readOnnx } from "../../benches/onnx.mjs";
import { nameOf, recurrent } from "../../benches/recurrent.mjs";
import { kerasWeights, readNetwork } from "../../benches/rebuilt.mjs";
import { sizesChart } from "../../benches/sizes-chart.mjs";
import { timeSize } from "../../benches/sizes.mjs";
import { difference, takeTurns, turn } from "../../benches/turns.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
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

test("memories of WebAssembly are found however they are made, once each, with what they grew by", async () => {
  const { Memory, Module, Instance, instantiate } = WebAssembly;
  const scope = { WebAssembly: { Memory, Module, Instance, instantiate } };
  const bytes = watchMemory(scope);
  const wasm = scope.WebAssembly;
  assert.equal(bytes(), 0);
  // (module (memory (export "m") 2))
  const module = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 0, 2, 7, 5, 1, 1, 109, 2, 0);
  const { instance } = await wasm.instantiate(module);
  assert.equal(bytes(), 2 * 65536);
  const second = new wasm.Instance(new Module(module));
  const third = await wasm.instantiate(new Module(module));
  assert.ok(second instanceof Instance && third instanceof Instance);
  const own = new wasm.Memory({ initial: 1 });
  assert.equal(bytes(), 7 * 65536);
  instance.exports.m.grow(3);
  own.grow(1);
  assert.equal(bytes(), 11 * 65536);
});

test("the bytes that docs/bench.md states are those of the page and of pkg/, within a tenth", async () => {
  const text = readFileSync(join(ROOT, "docs/bench.md"), "utf8");
  const raw = async (/** @type {string} */ file) => ({ raw: readFileSync(file).length, gzip: 0, brotli: 0 });
  // As they are committed: the package under test may be a quick and large build.
  const counted = await downloads(resolve(ROOT), join(ROOT, "pkg"), raw);
  for (const name of ["pkg/vitrine_bg.wasm", "total"]) {
    const stated = Number(new RegExp(`^\\| ${name} \\| (\\d+) `, "m").exec(text)?.[1]);
    const bytes = counted.find((it) => it.name === name)?.raw ?? 0;
    assert.ok(Math.abs(stated - bytes) < bytes / 10, `${name}: ${stated} stated, ${bytes} counted; run make bench`);
  }
});

test("a file is weighed raw and compressed, and an equal one is not compressed again", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "weigh-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [file, copy, store] = ["a", "b", "store.json"].map((name) => join(folder, name));
  for (const name of [file, copy]) writeFileSync(name, "vitrine ".repeat(500));
  const size = await weigher(store)(file);
  assert.equal(size.raw, 4000);
  assert.ok(size.brotli < size.gzip && size.gzip < 100);
  assert.deepEqual(sum([size, size]), { raw: 8000, gzip: 2 * size.gzip, brotli: 2 * size.brotli });
  const [key] = Object.keys(JSON.parse(readFileSync(store, "utf8")));
  writeFileSync(store, JSON.stringify({ [key]: { raw: 1, gzip: 2, brotli: 3 } }));
  assert.deepEqual(await weigher(store)(copy), { raw: 1, gzip: 2, brotli: 3 });
});

test("the chart's bars are as long as the logarithm of their medians", () => {
  const svg = chart({
    Node: { predict: [0.1, 0.1, 0.2], web: [1, 1, 1], tf: [100, 100, 99] },
    Chromium: { predict: [0.1], web: [10] },
  });
  const widths = [...svg.matchAll(/<rect class="(\w+)" x="0" y="\d+" width="([\d.]+)"/g)].map(([, kind, width]) => [
    kind,
    Number(width),
  ]);
  const decade = widths[1][1];
  assert.ok(decade > 50);
  assert.deepEqual(
    widths.map(([kind]) => kind),
    ["own", "other", "other", "own", "other"],
  );
  for (const [k, decades] of [0, 1, 3, 0, 2].entries())
    assert.ok(Math.abs(widths[k][1] - decades * decade) < 0.3, `${widths[k]}`);
  assert.match(svg, /TensorFlow\.js, predict 100 ms/);
});

test("tract as it is, is built of the versions and by the profile of the engine", () => {
  const read = (file) => readFileSync(join(ROOT, file), "utf8");
  const crates = (lock) =>
    [...lock.matchAll(/^name = "(.*)"\nversion = "(.*)"\nsource/gm)].map(([, name, version]) => `${name} ${version}`);
  const [own, stock] = ["Cargo.lock", "benches/stock-tract/Cargo.lock"].map((file) => crates(read(file)));
  assert.ok(stock.length > 80);
  // Crates that only one of them needs may have any version.
  const names = new Set(own.map((crate) => crate.split(" ")[0]));
  const other = stock.filter((crate) => names.has(crate.split(" ")[0]) && !own.includes(crate));
  assert.deepEqual(
    other,
    [],
    "take Cargo.lock's versions over into benches/stock-tract/Cargo.lock (cargo update --precise)",
  );
  const profile = (text) =>
    /^\[profile\.pkg\]\n([\s\S]*?)\n\n/m
      .exec(text)[1]
      .split("\n")
      .filter((line) => line !== "codegen-units = 1");
  assert.deepEqual(profile(read("benches/stock-tract/Cargo.toml")), profile(read("Cargo.toml")));
});

test("an ONNX file's nodes and weights are read", () => {
  const { nodes, tensors } = readOnnx(channelWise(6, 3));
  assert.deepEqual(
    nodes.slice(0, 3).map(({ operator }) => operator),
    ["Transpose", "Split", "LSTM"],
  );
  assert.deepEqual(nodes[2].inputs, ["c0", "c0.w", "c0.r", "c0.b"]);
  assert.deepEqual(tensors.get("c1.w")?.dims, [2, 16, 2]);
  assert.deepEqual(tensors.get("sizes")?.numbers, [2, 2, 2]);
  assert.ok(tensors.get("out.w")?.numbers.some((x) => x !== 0));
  assert.throws(() => readOnnx(channelWise(6, 3).subarray(0, 100)), /ONNX/);
});

test("networks of a size have its cells, layers, directions and widths, and both programs agree on them", async () => {
  const size = /** @type {const} */ ({ cell: "GRU", units: 5, steps: 7, columns: 3, layers: 2, directions: 1 });
  const { nodes, tensors } = readOnnx(recurrent(size));
  assert.deepEqual(
    nodes.map(({ operator }) => operator),
    ["Transpose", "GRU", "Transpose", "Reshape", "GRU", "Reshape", "Gemm", "Sigmoid"],
  );
  assert.deepEqual(
    [tensors.get("w1")?.dims, tensors.get("w2")?.dims],
    [
      [1, 15, 3],
      [1, 15, 5],
    ],
  );
  assert.equal(nameOf(size), "GRU 5, 2 layers, one direction, 7 steps, 3 columns");
  assert.equal(nameOf({ cell: "LSTM", units: 64, steps: 3000 }), "LSTM 64, 3,000 steps");

  const { initSync, Model } = await import(pathToFileURL(join(PKG, "vitrine.js")).href);
  initSync({ module: readFileSync(join(PKG, "vitrine_bg.wasm")) });
  const ort = await import("onnxruntime-web/wasm");
  for (const cell of /** @type {const} */ (["LSTM", "GRU", "RNN"])) {
    const timed = await timeSize({ ...size, cell, directions: 2 }, Model, ort, { warmUp: 1, whole: 1 });
    assert.equal(timed.name, `${cell} 5, 2 layers, 7 steps, 3 columns`);
    for (const ms of [timed.web, timed.predict, timed.explain, timed.gradient, timed.opens, timed.webOpens])
      assert.ok(ms > 0 && ms < 1e4, JSON.stringify(timed));
  }
});

test("the chart of sizes puts each time at its ratio to onnxruntime-web's, and none outside", () => {
  const of = (name, predict) => ({ name, web: 2, predict, explain: 4, gradient: 400, opens: 1, webOpens: 1 });
  const svg = sizesChart({ Node: [of("a", 2), of("b", 0.2)], Chromium: [of("a", 2), of("b", 0.2)] });
  const own = [...svg.matchAll(/<circle class="own" cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x]) => Number(x)).slice(1);
  assert.deepEqual(own, [135, 0, 135, 0], "1 in the middle of 0.1 to 10, 0.1 at the left edge");
  const slopes = [...svg.matchAll(/<circle class="slope" cx="([\d.]+)"/g)].map(([, x]) => Number(x)).slice(1);
  assert.ok(
    slopes.every((x) => x === 270),
    "what is beyond the axis stands at its end",
  );
});

test("the demo network is taken apart into its channels, which read every column once", () => {
  const { channels, top, dense } = readNetwork(readFileSync(DEMO));
  assert.equal(channels.length, 17);
  assert.deepEqual(
    channels.flatMap(({ columns }) => columns).sort((a, b) => a - b),
    Array.from({ length: 76 }, (_, k) => k),
  );
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

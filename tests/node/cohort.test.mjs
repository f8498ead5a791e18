// Many stays: in one call, and explained in one place and taken up in another. Each number is that of the stay on its own.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const { Cohort, Model, Stay, explainRecord, initSync } = await import(pathToFileURL(join(PKG, "vitrine.js")).href);
initSync({ module: readFileSync(join(PKG, "vitrine_bg.wasm")) });

const model = new Model(readFileSync(join(ROOT, "www/models/in-hospital-mortality.onnx")));
const names = readdirSync(join(ROOT, "www/stays")).filter((name) => name.endsWith("_timeseries.csv"));
const texts = names.map((name) => readFileSync(join(ROOT, "www/stays", name), "utf8"));
const inputs = texts.map((text, k) => Stay.parse(text, model, { name: names[k] }).input);

test("a batch is explained as each of its stays, byte for byte", () => {
  const size = model.steps * model.columns;
  const all = new Float32Array(size * inputs.length);
  inputs.forEach((input, k) => all.set(input, k * size));
  for (const options of [undefined, { method: "gradient" }, { epsilon: 0.1, biasFactor: 1 }]) {
    const batch = model.explainBatch(all, options);
    assert.equal(batch.count, inputs.length);
    const { relevance, scores, probabilities, residuals } = batch;
    inputs.forEach((input, k) => {
      const alone = model.explain(input, options);
      assert.deepEqual(relevance.subarray(k * size, (k + 1) * size), alone.relevance);
      assert.deepEqual([scores[k], probabilities[k], residuals[k]], [alone.score, alone.probability, alone.residual]);
    });
  }
  assert.throws(() => model.explainBatch(all.subarray(0, size + 5)), /stay 1: .*the input has 5 numbers/s);
  assert.throws(() => model.explainBatch(all, { method: "guess" }), /method/);
});

test("stays explained elsewhere make the cohort that stays added here make", () => {
  const [here, there] = [new Cohort(model), new Cohort(model)];
  const records = [
    ...names.map((name, k) => [name, texts[k]]),
    ["broken.csv", "Hours,pH\n1,sour\n"],
    [names[0], texts[1]],
  ];
  for (const [name, text] of records) {
    const added = here.add(model, name, text);
    const { row, relevance } = explainRecord(model, name, text);
    // As it comes out of a message from another worker.
    assert.deepEqual(there.take(model, structuredClone(row), relevance && structuredClone(relevance)), added);
  }
  assert.deepEqual(there.rows(), here.rows());
  assert.match(there.rows().at(-1).error, /name/);
  assert.ok(there.rows().at(-2).error);
  for (const group of ["high", "low"]) {
    assert.equal(there.count({ group, average: "signed" }), here.count({ group, average: "signed" }));
  }
  assert.equal(there.csv(), here.csv());
  assert.throws(() => there.take(model, { name: "odd" }, undefined), /row/);
  assert.throws(() => there.take(model, here.rows()[0], new Float64Array(3)), /relevance/);
});

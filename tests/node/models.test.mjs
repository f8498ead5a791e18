// Several networks shown as one, as a host page calls them: held to the networks one by one.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const FIXTURES = join(ROOT, "tests/fixtures");

const engine = await import(pathToFileURL(join(PKG, "vitrine.js")).href);
engine.initSync({ module: new WebAssembly.Module(readFileSync(join(PKG, "vitrine_bg.wasm"))) });

// Five networks of one shape: LSTM, GRU and plain cells that read 6 steps of 5 columns.
const NAMES = ["channel_wise", "stacked", "gru_stacked", "peepholes", "rnn_channel_wise"];
const bytes = NAMES.map((name) => readFileSync(join(FIXTURES, "explain", `${name}.onnx`)));
const { inputs } = JSON.parse(String(readFileSync(join(FIXTURES, "explain/stacked.json"))));
const input = Float32Array.from(inputs.x.data);
const options = { method: "deep-shap", explain: "score" };

function near(got, want, allowed, what) {
  assert.ok(Math.abs(got - want) <= allowed, `${what}: ${got}, not ${want} within ${allowed}`);
}

const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

test("networks are taken as bytes and as models, which stay usable", () => {
  const single = new engine.Model(bytes[0]);
  const models = new engine.Models([single, ...bytes.slice(1)]);
  assert.deepEqual([models.count, models.enough, models.steps, models.columns], [5, 4, 6, 5]);
  assert.deepEqual(models.outputs, single.outputs);
  assert.equal(models.manifest.channels.length, single.manifest.channels.length);
  assert.deepEqual(models.models[0].predict(input), single.predict(input));
  assert.throws(() => new engine.Models([]), /no network was given/);
  assert.throws(() => new engine.Models([single, 7]), /models\[1\].*neither a Model nor a Uint8Array/);
  assert.throws(() => new engine.Models([single, bytes[1].subarray(0, 40)]), /network 2 of 2/);
});

test("outputs are means with their spread", () => {
  const models = new engine.Models(bytes);
  const each = models.models.map((model) => model.predict(input)[0]);
  const { probability, score } = models.together(input);
  assert.deepEqual(probability.each, each);
  near(models.predict(input)[0], mean(each), 1e-7, "the mean output");
  near(probability.mean, mean(each), 1e-12, "the same");
  const variance = each.reduce((sum, p) => sum + (p - mean(each)) ** 2, 0) / 4;
  near(probability.deviation, Math.sqrt(variance), 1e-12, "the deviation");
  assert.deepEqual([probability.least, probability.greatest], [Math.min(...each), Math.max(...each)]);
  assert.ok(score.least < score.mean && score.mean < score.greatest);
  assert.throws(() => models.together(input, 3), /field target/);
});

test("the explanation is the mean of the explanations, of the mean score, and counts who agrees", () => {
  const models = new engine.Models(bytes);
  const explanation = models.explain(input, options);
  const each = models.models.map((model) => model.explain(input, options));
  near(explanation.score, mean(each.map(({ score }) => score)), 1e-12, "the score");
  near(explanation.probability, models.together(input).probability.mean, 1e-12, "the probability");
  assert.ok(Math.abs(explanation.residual) < 1e-6);
  assert.deepEqual(
    explanation.members.map(({ relevance }) => relevance),
    each.map(({ relevance }) => relevance),
  );
  const { agreement, relevance } = explanation;
  relevance.forEach((r, cell) => {
    const values = each.map((one) => one.relevance[cell]);
    near(r, mean(values), 1e-6, `cell ${cell}`);
    assert.equal(agreement[cell], values.filter((value) => Math.sign(value) === Math.sign(r)).length, `cell ${cell}`);
  });
  // Each channel is one column here, so that the cells of the picture are those of the relevance, turned.
  const unsure = new Set(engine.unsureCells(models.asOne(), explanation));
  agreement.forEach((count, cell) => {
    const [step, column] = [Math.floor(cell / 5), cell % 5];
    assert.equal(unsure.has(column * 6 + step), count < 4, `step ${step}, column ${column}`);
  });
  assert.ok(unsure.size > 0 && unsure.size < agreement.length);
  assert.equal(each[0].agreement, undefined);
  assert.deepEqual(each[0].members, []);
  assert.equal(engine.unsureCells(models.models[0], each[0]).length, 0);
  // One network's part belongs to it and to all of them together; what all say is none of theirs alone.
  for (const model of [models.models[0], models.asOne()]) engine.unsureCells(model, explanation.members[0]);
  for (const [model, given] of [
    [models.models[0], explanation],
    [models.models[1], explanation.members[0]],
    [models.asOne(), each[0]],
  ])
    assert.throws(() => engine.unsureCells(model, given), /field explanation: is of another model/);
});

test("networks that read or predict otherwise are refused by name", () => {
  const hour = readFileSync(join(FIXTURES, "explain/one_hour.onnx"));
  assert.throws(() => new engine.Models([bytes[0], hour]), /models\[1\].*reads 1 steps and not 6/);
});

test("an explanation with progress is the explanation, and says in words what it misses", () => {
  const model = new engine.Model(bytes[1]);
  const by = { method: "integrated-gradients", explain: "score" };
  const task = engine.explainTask(model, input, by);
  assert.equal(task.unit, "derivatives");
  while (task.advance(1) < 1);
  assert.equal(task.done, task.total);
  const made = task.result();
  assert.deepEqual(made.relevance, model.explain(input, by).relevance);
  assert.equal(made.note, undefined);
  const { reference } = made.ledger;
  assert.ok(Math.abs(made.residual) <= 1.1e-5 * Math.abs(made.score - reference));
});

test("an input that the network has no number for is named, and so is a reference", () => {
  const model = new engine.Model(readFileSync(join(FIXTURES, "obstacles/masked-mean-all-zero.onnx")));
  const zero = new Float32Array(model.steps * model.columns);
  assert.throws(() => model.predict(zero), {
    message: /the network itself returns NaN for this input/,
    kind: "no number",
  });
  const some = zero.map((_, k) => Math.sin(k));
  assert.throws(
    () => model.explain(some, { method: "deep-shap", baseline: zero }),
    /for the reference the network itself returns NaN/,
  );
});

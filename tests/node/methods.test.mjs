// The methods that take many runs, how far explanations agree, and how far one can be believed: as a host page calls
// them, held to what each number must be by its definition.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const NAME = "septic-shock_timeseries.csv";

const engine = await import(pathToFileURL(join(PKG, "vitrine.js")).href);
engine.initSync({ module: new WebAssembly.Module(readFileSync(join(PKG, "vitrine_bg.wasm"))) });
const model = new engine.Model(readFileSync(join(ROOT, "www/models/in-hospital-mortality.onnx")));
const { input } = engine.Stay.parse(String(readFileSync(join(ROOT, "www/stays", NAME))), model, { name: NAME });
const score = (it) => model.explain(it, { explain: "score" }).logit;
const empty = engine.normalInput(model);

/** Runs a task to its end, in slices, and makes sure that what it says of its progress is so. */
function finish(task, slice = 5) {
  const parts = [0];
  while (parts.at(-1) < 1) {
    parts.push(task.advance(slice));
    assert.ok(parts.at(-1) >= parts.at(-2), "progress never goes back");
    assert.ok(task.done <= task.total);
  }
  assert.equal(task.done, task.total);
  const result = task.result();
  assert.throws(() => task.result(), /was taken before/);
  task.free();
  return result;
}

function near(got, want, allowed, what) {
  assert.ok(Math.abs(got - want) <= allowed, `${what}: ${got}, not ${want} within ${allowed}`);
}

const total = (numbers) => numbers.reduce((sum, number) => sum + number, 0);

test("a task that is not done has no result, and one that is dropped leaves nothing", () => {
  const task = engine.occlusionTask(model, input);
  assert.throws(() => task.result(), /is not done/);
  assert.ok(task.advance(0) < 1);
  task.free();
  assert.equal(
    finish(engine.occlusionTask(model, input, { by: "channel" })).groups.length,
    model.manifest.channels.filter((_, row) =>
      finish(engine.occlusionTask(model, input)).groups.some(({ channel }) => channel === row),
    ).length,
  );
});

test("occlusion: each effect is finite; all hours taken away as one leave the stay in which nothing was observed", () => {
  const { groups, explanation } = finish(engine.occlusionTask(model, input));
  assert.ok(groups.length > 300);
  assert.ok(groups.every(({ effect, from, to, error }) => Number.isFinite(effect) && to === from + 1 && error === 0));
  assert.ok(groups.some(({ effect }) => effect !== 0));
  assert.ok(Number.isNaN(explanation.residual), "occlusion divides nothing");
  assert.deepEqual(explanation.relevance, model.explain(input, { method: "occlusion" }).relevance);
  const [all, ...more] = finish(engine.occlusionTask(model, input, { by: "window", window: model.steps })).groups;
  assert.equal(more.length, 0);
  near(all.effect, score(input) - score(empty), 1e-5, "the effect of all measurements");
});

test("Shapley values add up to the score minus that of the empty stay, exact and sampled", () => {
  const difference = score(input) - score(empty);
  for (const options of [
    { by: "window", window: 6 },
    { by: "channel", orders: 4 },
  ]) {
    const { groups } = finish(engine.shapleyTask(model, input, options));
    near(total(groups.map(({ effect }) => effect)), difference, 1e-5, JSON.stringify(options));
    assert.equal(
      groups.some(({ error }) => error > 0),
      groups.length > 12,
      "only sampled values have an error",
    );
  }
  const sampled = () => finish(engine.shapleyTask(model, input, { by: "channel", orders: 4 }, { seed: 7 })).groups;
  assert.deepEqual(sampled(), sampled(), "the seed fixes the orders");
});

test("deep-shap and integrated gradients add up, against the empty stay and against the patient's own hours", () => {
  const own = engine.heldInput(model, input, 24);
  for (const baseline of [empty, own]) {
    for (const [method, allowed] of [
      ["deep-shap", 1e-6],
      ["integrated-gradients", 2e-2],
    ]) {
      const it = model.explain(input, { method, baseline });
      near(total(it.relevance), score(input) - score(baseline), allowed, method);
      near(it.ledger.reference, score(baseline), 1e-6, `${method}: the reference's score`);
    }
  }
});

test("an explanation agrees with itself, and agreement has no direction", () => {
  const lrp = model.explain(input, { method: "lrp" });
  const other = model.explain(input, { method: "deep-shap" });
  assert.deepEqual(engine.compareExplanations(model, input, lrp, lrp), {
    rankCorrelation: 1,
    topOverlap: 1,
    signAgreement: 1,
    opposite: [],
  });
  const there = engine.compareExplanations(model, input, lrp, other);
  assert.deepEqual(engine.compareExplanations(model, input, other, lrp), there);
  assert.ok(there.rankCorrelation < 1 && there.rankCorrelation >= -1);
  assert.ok(there.opposite.length > 0 && there.signAgreement < 1);
  for (const [channel, step] of there.opposite)
    assert.ok(channel < model.manifest.channels.length && step < model.steps);
});

test("trust: the curves begin and end where they must, and the verdict is the word for the probability", () => {
  const trust = finish(engine.trustTask(model, input, { method: "lrp" }));
  const { parts, deletion, insertion } = trust.curves;
  assert.deepEqual([parts[0], parts.at(-1)], [0, 1]);
  for (const curve of deletion) {
    near(curve[0], score(input), 1e-5, "nothing taken away");
    near(curve.at(-1), score(empty), 1e-5, "all taken away");
  }
  for (const curve of insertion) {
    near(curve[0], score(empty), 1e-5, "nothing put back");
    near(curve.at(-1), score(input), 1e-5, "all put back");
  }
  assert.ok(trust.probability >= 0 && trust.probability <= 1);
  assert.equal(
    trust.verdict,
    trust.probability >= 0.5 ? "holds" : trust.probability >= 0.05 ? "shaky" : "does not hold",
  );
  for (const {
    question,
    value,
    interval: [low, high],
    decides,
  } of trust.answers) {
    assert.ok(low <= value + 1e-9 && value <= high + 1e-9, question);
    assert.equal(decides, ["follows", "finds"].includes(question));
  }
  assert.deepEqual(
    trust.answers.map(({ question }) => question).filter((it) => it !== "noise"),
    ["follows", "finds", "shuffles", "epsilon"],
  );
  assert.equal(trust.shuffles.length, 10);
  const again = finish(engine.trustTask(model, input, { method: "lrp" }), 50);
  assert.deepEqual(again, trust, "the same stay, the same numbers");
});

test("trust: the word is known before the rest, is told from it, and is that of the result", () => {
  const task = engine.trustTask(model, input, { method: "deep-shap" });
  assert.equal(task.early(), undefined, "nothing is known at the start");
  while (task.early() === undefined) assert.ok(task.advance(0) < 1, "it is known before the task is done");
  const word = task.early();
  assert.equal(word.isFinal, false);
  assert.ok(["curves", "shuffles", "epsilons"].every((it) => !(it in word)));
  assert.ok(word.answers.every(({ decides }) => decides));
  while (task.advance(50) < 1);
  assert.deepEqual(task.early(), word, "it stays as it was");
  const { curves: _a, shuffles: _b, epsilons: _c, ...whole } = task.result();
  assert.deepEqual({ ...whole, answers: whole.answers.filter(({ decides }) => decides), isFinal: false }, word);
  assert.equal(whole.isFinal, true);
  assert.equal(task.early(), undefined, "the result was taken, and everything with it");
  task.free();
  const other = engine.occlusionTask(model, input);
  other.advance(0);
  assert.equal(other.early(), undefined, "other tasks say nothing on their way");
  other.free();
});

test("a map from elsewhere is judged as the method that made it, and read from a table or an array", () => {
  const options = { method: "deep-shap" };
  const own = model.explain(input, options);
  const deciding = (/** @type {any} */ given) =>
    finish(engine.trustTask(model, input, options, given), 50).answers.filter(({ decides }) => decides);
  const relevance = own.relevance;
  deciding({ relevance }).forEach(({ value }, at) =>
    near(value, deciding(own)[at].value, 1e-5, "single precision is all that differs"),
  );
  assert.equal(
    finish(engine.trustTask(model, input, options, { relevance: relevance.map((r) => -r) }), 50).verdict,
    "does not hold",
  );
  assert.throws(() => engine.trustTask(model, input, options, { relevance: relevance.slice(1) }), /has \d+ numbers/);
  assert.throws(() => engine.trustTask(model, input, options, { relevance: [1, 2] }), /has 2 numbers/);
  assert.throws(() => engine.trustTask(model, input, options, { relevance: "none" }), /Float32Array/);
  assert.throws(() => engine.trustTask(model, input, options, { relevance: relevance.map(() => NaN) }), /not finite/);
  const header = `${`{'descr': '<f4', 'fortran_order': False, 'shape': (${model.steps}, ${model.columns}), }`.padEnd(117)}\n`;
  const npy = Buffer.concat([
    Buffer.from([0x93]),
    Buffer.from("NUMPY"),
    Buffer.from([1, 0, header.length, 0]),
    Buffer.from(header),
    Buffer.from(relevance.buffer),
  ]);
  const read = engine.readExplanation(model, input, npy);
  assert.deepEqual(read.relevance, relevance);
  assert.deepEqual(deciding(read), deciding({ relevance }));
  const lines = [...relevance].map((r, at) => `${Math.floor(at / model.columns)},${at % model.columns},${r}`);
  const table = new TextEncoder().encode(`hour,column,relevance\n${lines.join("\n")}\n`);
  // Text has no negative zero.
  assert.deepEqual(
    [...engine.readExplanation(model, input, table).relevance],
    [...relevance].map((r) => r + 0),
  );
  assert.throws(
    () => engine.readExplanation(model, input, new TextEncoder().encode("hour,relevance\n1,2\n")),
    /channel or column/,
  );
});

test("cells that methods dispute: as counted here from their numbers, channel by channel and hour by hour", () => {
  const made = ["lrp", "deep-shap", "gradient-x-input"].map((method) => model.explain(input, { method }));
  const { channels } = model.manifest;
  const sums = made.map(({ relevance }) =>
    channels.flatMap(({ columns }) =>
      Array.from({ length: model.steps }, (_, step) =>
        total(columns.map((column) => relevance[step * model.columns + column])),
      ),
    ),
  );
  const least = sums.map((cells) => 0.01 * Math.max(...cells.map(Math.abs)));
  const wanted = sums[0].flatMap((_, cell) => {
    const signs = new Set(
      sums.flatMap((cells, at) => (Math.abs(cells[cell]) > least[at] ? [Math.sign(cells[cell])] : [])),
    );
    return signs.size === 2 ? [cell] : [];
  });
  const found = engine.disputedCells(model, made);
  assert.ok(wanted.length > 20, `${wanted.length}`);
  assert.deepEqual([...found], wanted);
  assert.deepEqual(
    [...engine.disputedCells(model, [made[0], model.explain(input, { method: "gradient" })])],
    [],
    "magnitudes have no sign",
  );
  assert.notDeepEqual([...engine.disputedCells(model, made, { part: "mask" })], wanted);
});

test("the account by channel and hour adds up to the score, and its CSV says the same", () => {
  for (const method of ["lrp", "deep-shap"]) {
    const made = model.explain(input, { method });
    const { channels, hours, inputs, rest } = engine.account(model, made);
    const kept = rest.biases + rest.initialStates + rest.epsilon + rest.reference + rest.residual;
    for (const lines of [channels, hours, [inputs]]) {
      near(total(lines.map(({ values, masks }) => values.signed + masks.signed)) + kept, made.score, 1e-12, method);
    }
    near(inputs.values.signed, made.ledger.cells, 1e-12, "cells");
    near(inputs.masks.signed, made.ledger.masks, 1e-12, "masks");
    const text = engine.accountCsv(model, made, { model: "m", modelSha256: "a", data: "d", dataSha256: "b", method });
    const amounts = text
      .split("\n")
      .filter((line) => line.startsWith("channel,"))
      .map((line) =>
        line
          .match(/,([^,]*),[^,]*,([^,]*),[^,]*,[^,]*,[^,]*$/)
          .slice(1)
          .map(Number),
      );
    assert.deepEqual(
      amounts,
      channels.map(({ values, masks }) => [values.signed, masks.signed]),
    );
  }
  assert.equal(engine.account(model, model.explain(input, { method: "gradient-x-input" })).rest, undefined);
});

test("trust takes an explanation as it is given", () => {
  const effects = finish(engine.shapleyTask(model, input, { by: "channel-window", window: 24, orders: 4 }), 50);
  assert.deepEqual(
    [...effects.strongest].slice(0, 2).map((at) => Math.abs(effects.groups[at].effect)),
    effects.groups
      .map(({ effect }) => Math.abs(effect))
      .toSorted((a, b) => b - a)
      .slice(0, 2),
  );
  const trust = finish(engine.trustTask(model, input, { method: "occlusion" }, effects.explanation), 50);
  assert.deepEqual(
    trust.answers.map(({ question }) => question),
    ["follows", "finds"],
  );
  const own = finish(engine.trustTask(model, input, { method: "occlusion" }), 50);
  assert.notDeepEqual(trust.curves.deletion[0], own.curves.deletion[0], "another picture, another order");
  // Where as many runs were enough for both, they are held against the same best picture.
  const given = finish(
    engine.trustTask(model, input, { method: "occlusion" }, model.explain(input, { method: "occlusion" })),
    50,
  );
  assert.deepEqual([given.runs, given.ceiling, given.answers], [own.runs, own.ceiling, own.answers]);
  assert.deepEqual(given.curves, own.curves);
  assert.throws(
    () => engine.shapleyTask(model, input, { by: "channel", orders: 5 }),
    /orders: is 5; orders come in pairs/,
  );
});

test("many stays: rows as each stay alone gives them, put together from several tasks, with means and both tables", () => {
  const text = String(readFileSync(join(ROOT, "www/stays/sparse-dirty_timeseries.csv")));
  const options = { method: "deep-shap" };
  const rows = finish(
    engine.trustStaysTask(
      model,
      [
        { name: "sparse", text },
        { name: "broken", text: "Hours,pH\n1,sour\n" },
      ],
      options,
    ),
  );
  assert.deepEqual(
    rows.map(({ name }) => name),
    ["sparse", "broken"],
  );
  assert.match(rows[1].error, /line 2/);
  const alone = finish(engine.trustTask(model, engine.Stay.parse(text, model, { name: "sparse" }).input, options));
  assert.deepEqual(rows[0].answers, alone.answers);
  assert.equal(rows[0].verdict, alone.verdict);
  const other = finish(
    engine.trustStaysTask(model, [{ name: NAME, text: String(readFileSync(join(ROOT, "www/stays", NAME))) }], options),
  );
  const summary = engine.summariseTrust([...rows, ...other], 200, 3);
  assert.deepEqual([summary.stays, summary.failed, summary.resamples], [2, 1, 200]);
  for (const [at, { question, mean, decides }] of summary.checks.entries()) {
    const values = [rows[0], other[0]].map(({ answers }) => answers[at].value);
    assert.equal(question, rows[0].answers[at].question);
    near(mean.value, total(values) / 2, 1e-12, question);
    assert.deepEqual(
      mean.interval,
      [...values].sort((a, b) => a - b),
      "of two stays, resamples reach both",
    );
    assert.equal(decides, rows[0].answers[at].decides);
  }
  assert.equal(total(summary.verdicts), 2);
  assert.equal(summary.csv.split("\n").length, summary.checks.length + 2);
  assert.equal(summary.rowsCsv.split("\n").length, 5);
  assert.throws(
    () =>
      engine.summariseTrust([
        { name: "a", measurements: 1, answers: [{ question: "beauty", value: 1, interval: [1, 1] }] },
      ]),
    /beauty/,
  );
  assert.throws(() => engine.trustStaysTask(model, [{ name: "a" }]), /records/);
});

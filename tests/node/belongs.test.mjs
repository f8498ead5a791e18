// Pictures, sentences and files that are made of what does not belong together would look right: an explanation is taken
// for the stay and the network that it is of, a stay for the model that it was read for, and numbers for numbers.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");

const engine = await import(pathToFileURL(join(PKG, "vitrine.js")).href);
engine.initSync({ module: new WebAssembly.Module(readFileSync(join(PKG, "vitrine_bg.wasm"))) });
const bytes = (name) => readFileSync(join(ROOT, "www/models", name));
const text = (name) => String(readFileSync(join(ROOT, `www/stays/${name}_timeseries.csv`)));
const model = new engine.Model(bytes("in-hospital-mortality.onnx"));
const second = new engine.Model(bytes("in-hospital-mortality-2.onnx"));
const read = (name, by = model) => engine.Stay.parse(text(name), by, { name });
const [stay, other] = [read("septic-shock"), read("stable")];
const [explanation] = model.explainStay(stay, [{ method: "deep-shap" }]);
const PROVENANCE = {
  model: "m",
  modelSha256: "0",
  data: "d",
  dataSha256: "0",
  method: "deep-shap",
  version: "0",
  created: "2026-01-01T00:00:00Z",
};

/** Everything that takes a model, a stay and an explanation of it. */
const USES = {
  summary: (m, s, e) => engine.summary(m, s, e),
  riskAssessment: (m, s, e) => engine.riskAssessment(m, s, e),
  toCsv: (m, s, e) => engine.toCsv(m, s, e, PROVENANCE),
  totals: (m, s, e) => engine.totals("relevance", m, s, e),
  strongestCells: (m, s, e) => engine.strongestCells(m, s, e),
  cellsBeyond: (m, s, e) => engine.cellsBeyond(m, s, e),
  inspect: (m, s, e) => engine.inspect(m, s, 3, 40, e),
  inspectAll: (m, s, e) => engine.inspectAll(m, s, e),
  trustTask: (m, s, e) => engine.trustTask(m, s, {}, e).free(),
  compareExplanations: (m, s, e) => engine.compareExplanations(m, s.input, e, e),
  Figure: (m, s, e) => new engine.Figure(m).add({ title: "", low: "", high: "" }, "relevance", m, s, e),
};
/** Those that ask nothing of the model but the shape of its input. */
const OF_ANY_MODEL = new Set(["compareExplanations"]);

function refuses(work, message, of) {
  const check = (error) => {
    assert.equal(error.name, "VitrineError", of);
    assert.match(error.message, message, of);
    return true;
  };
  assert.throws(work, check, of);
}

test("an explanation is of one stay and one network, wherever it is given", () => {
  for (const [name, use] of Object.entries(USES)) {
    use(model, stay, explanation);
    refuses(() => use(model, other, explanation), /explanation: is of another stay/);
    if (!OF_ANY_MODEL.has(name)) refuses(() => use(second, stay, explanation), /explanation: is of another model/);
  }
  refuses(() => engine.account(second, explanation), /explanation: is of another model/);
  refuses(() => engine.disputedCells(second, [explanation]), /explanation: is of another model/);
});

test("the same file read again is the same network, and a stay read again the same stay", () => {
  const again = new engine.Model(bytes("in-hospital-mortality.onnx"));
  for (const use of Object.values(USES)) use(again, read("septic-shock", again), explanation);
});

test("an explanation made before an edit is not one of the stay after it", () => {
  const editor = new engine.Editor(model, stay);
  const row = model.manifest.channels.findIndex(({ name }) => name === "Heart Rate");
  editor.type(model, row, 40, "80");
  for (const use of Object.values(USES)) refuses(() => use(model, editor.stay(), explanation), /before it changed/);
  const [anew] = editor.explainAll(model, [{ method: "deep-shap" }]);
  for (const use of Object.values(USES)) use(model, editor.stay(), anew);
  editor.undo(model);
  for (const use of Object.values(USES)) use(model, editor.stay(), explanation);
});

test("every way to make an explanation says what it is of", () => {
  const options = { method: "integrated-gradients" };
  const task = engine.explainTask(model, stay, options);
  while (task.advance(50) < 1);
  const groups = engine.occlusionTask(model, stay, { by: "channel" });
  while (groups.advance(50) < 1);
  const table = new TextEncoder().encode("hour,column,relevance\n0,0,1\n");
  const known = stay.knownUntil(model, 20);
  for (const [made, of] of [
    [task.result(), stay],
    [groups.result().explanation, stay],
    [model.explain(stay.input), stay],
    [model.explainAll(stay.input, [{}])[0], stay],
    [engine.readExplanation(model, stay.input, table), stay],
    [model.explainStay(known, [{}])[0], known],
  ]) {
    engine.totals("relevance", model, of, made);
    refuses(() => engine.totals("relevance", model, other, made), /explanation: is of another stay/);
  }
});

test("a map from elsewhere is of the output that it is said to be of", () => {
  const several = new engine.Model(readFileSync(join(ROOT, "tests/fixtures/families/multitask-torchscript.onnx")));
  assert.ok(several.heads.length > 1);
  const own = engine.Stay.parse("Hours,c0\n0,1\n", several, { name: "own" });
  const { relevance } = several.explain(own.input, { target: 1 });
  const lines = [...relevance].map((r, at) => `${Math.floor(at / several.columns)},${at % several.columns},${r}`);
  const table = new TextEncoder().encode(`hour,column,relevance\n${lines.join("\n")}\n`);
  for (const target of [undefined, 0, 1]) {
    const map = engine.readExplanation(several, own.input, table, target);
    const { logit } = several.explain(own.input, { target: target ?? 0 });
    assert.equal(map.score, logit);
    engine.summary(several, own, map, target ?? 0);
    engine.trustTask(several, own, { target: target ?? 0 }, map).free();
    refuses(
      () => engine.summary(several, own, map, 2),
      new RegExp(`target: is 2, and the explanation is of output ${target ?? 0}`),
    );
  }
  refuses(() => engine.readExplanation(several, own.input, table, several.outputs.length), /target/);
});

test("a stay is read for a model, or for one that makes the same numbers of it", () => {
  const manifest = structuredClone(model.manifest);
  manifest.name = "another name";
  const renamed = new engine.Model(bytes("in-hospital-mortality.onnx"), JSON.stringify(manifest));
  renamed.explainStay(stay, [{}]);
  manifest.channels.find(({ encoding }) => encoding.kind === "continuous").encoding.std *= 2;
  const scaled = new engine.Model(bytes("in-hospital-mortality.onnx"), JSON.stringify(manifest));
  for (const use of [
    () => scaled.explainStay(stay, [{}]),
    () => new engine.Editor(scaled, stay),
    () => engine.replayTask(scaled, stay),
    () => engine.counterfactualTask(scaled, stay),
    () => stay.knownUntil(scaled, 20),
    () => engine.trustTask(scaled, stay),
    () => engine.totals("input", scaled, stay),
    () => engine.withoutReading(scaled, stay, 3, 40),
    () => engine.inspect(scaled, stay, 3, 40),
  ])
    refuses(use, /stay: belongs to another model/);
});

test("numbers are numbers: text, empty memory and nothing are refused in words", () => {
  const size = model.steps * model.columns;
  const uses = [(it) => model.predict(it), (it) => model.explain(it, {}), (it) => engine.heldInput(model, it, 3)];
  for (const use of uses) {
    for (const given of [undefined, null, {}, "1", new ArrayBuffer(4 * size), new DataView(new ArrayBuffer(4 * size))])
      refuses(() => use(given), /input: must be a Float32Array/);
    refuses(() => use(new BigInt64Array(size)), /input: must be a Float32Array/);
    refuses(() => use([...Array(size - 1).fill(0), "98"]), new RegExp(`input\\[${size - 1}\\]: is no number`));
  }
  const plain = [...stay.input];
  assert.deepEqual(model.predict(plain), model.predict(stay.input));
  assert.deepEqual(model.predict(Float64Array.from(plain)), model.predict(stay.input));
});

test("a baseline serves many stays as it does one", () => {
  const options = { method: "deep-shap", baseline: other.input };
  const { relevance } = model.explainBatch(stay.input, options);
  assert.deepEqual(relevance, model.explain(stay.input, options).relevance);
  assert.notDeepEqual(relevance, model.explain(stay.input, { method: "deep-shap" }).relevance);
});

test("a baseline serves a record among many as it does one", () => {
  const record = ["septic", text("septic-shock")];
  const options = { method: "deep-shap", baseline: other.input };
  const wanted = model.explain(stay.input, options).relevance;
  const { relevance } = engine.explainRecord(model, ...record, options);
  assert.deepEqual(Float32Array.from(relevance), wanted);
  const [against, plain] = [options, { method: "deep-shap" }].map((it) => {
    const cohort = new engine.Cohort(model, it);
    return cohort.add(model, ...record).raising.map(({ share }) => share);
  });
  assert.notDeepEqual(against, plain);
});

test("what the tasks of groups would ignore is refused", () => {
  const task = (groups, options) => () => engine.occlusionTask(model, stay, groups, options).free();
  refuses(task({ by: "channel", window: 6 }), /window: is of windows alone; by "channel" has none/);
  refuses(task({ by: "channel", orders: 10 }), /options\.orders: is not one of by, window/);
  refuses(task({}, { baseline: other.input }), /baseline: is not used/);
  refuses(task({}, { epsilon: 1 }), /epsilon: is of lrp alone/);
  refuses(task({}, { method: "lrp" }), /method: is "lrp"; this task takes measurements away/);
  task({ by: "window", window: 6 }, { method: "occlusion", target: 0, explain: "score", seed: 3 })();
});

test("what a method would ignore is refused, and its owner named", () => {
  refuses(
    () => model.explain(stay.input, { steps: 5 }),
    /steps: is of integrated-gradients and smooth-grad alone; lrp/,
  );
  refuses(() => model.explain(stay.input, { method: "deep-shap", epsilon: 1 }), /epsilon: is of lrp alone; deep-shap/);
});

test("places are whole numbers: what JavaScript would make one of is refused", () => {
  const editor = new engine.Editor(model, stay);
  const uses = {
    inspect: (n) => engine.inspect(model, stay, n, 3, explanation),
    "inspect, step": (n) => engine.inspect(model, stay, 3, n, explanation),
    withoutReading: (n) => engine.withoutReading(model, stay, n, 40),
    knownUntil: (n) => stay.knownUntil(model, n),
    heldInput: (n) => engine.heldInput(model, stay.input, n),
    type: (n) => editor.type(model, n, 0, "1"),
    nudge: (n) => editor.nudge(model, 0, n, 1),
    clear: (n) => editor.clear(model, 3, n),
    classModel: (n) => engine.classModel(model, n),
  };
  for (const [name, use] of Object.entries(uses)) {
    for (const given of [undefined, null, NaN, -1, 1.5, "3", 2 ** 32]) {
      refuses(() => use(given), /(row|step|steps|from|target): must be a whole number from 0/, `${name} of ${given}`);
    }
  }
  assert.equal(editor.nDone, 0);
  for (const target of [NaN, -1, "0"])
    refuses(() => engine.summary(model, stay, explanation, target), /target: must be/);
});

test("bytes are bytes, and lists are lists", () => {
  const onnx = bytes("in-hospital-mortality.onnx");
  const buffer = onnx.buffer.slice(onnx.byteOffset, onnx.byteOffset + onnx.length);
  assert.equal(new engine.Model(buffer).steps, model.steps);
  assert.equal(engine.sha256(buffer), engine.sha256(onnx));
  for (const given of ["abc", [1, 2], undefined, 3, {}]) {
    refuses(() => new engine.Model(given), /onnx: must be the file's bytes/);
    refuses(() => engine.sha256(given), /bytes: must be the file's bytes/);
    refuses(() => engine.recordFiles("a.csv", given), /bytes: must be the file's bytes/);
  }
  for (const given of [{ method: "lrp" }, undefined, "lrp"]) {
    refuses(() => model.explainStay(stay, given), /options: must be a list/);
    refuses(() => model.explainAll(stay.input, given), /options: must be a list/);
  }
});

test("an option of another type is named, in words", () => {
  const explain = (options) => () => model.explain(stay.input, options);
  refuses(explain({ target: -1 }), /options\.target: .*-1.*expected a whole number from 0/);
  refuses(explain({ method: "lrp", target: "0" }), /options\.target: .*expected a whole number from 0/);
  refuses(explain({ rule: "arras2017", epsilon: "0.1" }), /options\.epsilon: is of another type: .*expected a number/);
});

test("an explanation of one output stands for no other", () => {
  const heads = new engine.Model(readFileSync(join(ROOT, "tests/fixtures/families/pooled-torchscript.onnx")));
  const own = engine.Stay.parse(engine.templateRecord(heads), heads, { name: "a" });
  const [second] = heads.explainStay(own, [{ target: 1 }]);
  const said = engine.summary(heads, own, second);
  assert.equal(said.probability, heads.predict(own.input)[1]);
  assert.deepEqual(engine.summary(heads, own, second, 1), said);
  refuses(() => engine.summary(heads, own, second, 0), /target: is 0, and the explanation is of output 1/);
  refuses(() => engine.riskAssessment(heads, own, second, { target: 0 }), /target: is 0, .*output 1/);
  refuses(() => engine.trustTask(heads, own, {}, second), /target: is 0, .*output 1/);
  refuses(() => new engine.ViewFile(PROVENANCE, 0, {}).add("lrp", {}, second), /target: is 0, .*output 1/);
});

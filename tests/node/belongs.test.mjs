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
const record = (name) => String(readFileSync(join(ROOT, `www/stays/${name}_timeseries.csv`)));
const model = new engine.Model(bytes("in-hospital-mortality.onnx"));
const second = new engine.Model(bytes("in-hospital-mortality-2.onnx"));
const read = (name, by = model) => engine.Stay.parse(record(name), by, { name });
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

function refuses(work, message) {
  assert.throws(work, (error) => {
    assert.equal(error.name, "VitrineError");
    assert.match(error.message, message);
    return true;
  });
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

test("what a method would ignore is refused, and its owner named", () => {
  refuses(
    () => model.explain(stay.input, { steps: 5 }),
    /steps: is of integrated-gradients and smooth-grad alone; lrp/,
  );
  refuses(() => model.explain(stay.input, { method: "deep-shap", epsilon: 1 }), /epsilon: is of lrp alone; deep-shap/);
});

// The path of the README from torch.nn.LSTM to a picture: the lines are those of docs/recipes.md, which
// training/recipes/check.py runs in PyTorch and Keras, and the files that they wrote are read and explained: the one that
// is kept, and all of them as they were written just now, where VITRINE_RECIPES names their folder.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "../..");
const pkg = process.env.VITRINE_PKG ?? join(ROOT, "pkg");
const read = (path) => readFile(join(ROOT, path));

test("every recipe stays under ten lines, and the README's is one of them", async () => {
  const text = String(await read("docs/recipes.md"));
  const recipes = new Map(
    [...text.matchAll(/```python ([\w-]+)\n(.*?)```/gs)].map(([, name, code]) => [name, code.trim()]),
  );
  assert.ok(recipes.size >= 6);
  for (const [name, code] of recipes) assert.ok(code.split("\n").filter((line) => line.trim()).length < 10, name);
  const readme = String(await read("README.md"));
  for (const [, code] of readme.matchAll(/```python\n(.*?)```/gs)) {
    if (code.includes("torch.onnx.export")) assert.ok(code.includes(recipes.get("torch-torchscript")), "README.md");
  }
});

test("the file that the recipe wrote is read, explained and conserved", async () => {
  const { initSync, Model, Stay } = await import(join(pkg, "vitrine.js"));
  initSync({ module: await readFile(join(pkg, "vitrine_bg.wasm")) });
  const model = new Model(await read("tests/fixtures/recipes/readme.onnx"));
  const stay = Stay.parse(String(await read("www/stays/septic-shock_timeseries.csv")), model);
  const explanation = model.explain(stay.input, { explain: "score", biasFactor: 1 });
  const sum = explanation.relevance.reduce((sum, r) => sum + r, 0);
  assert.ok(
    Math.abs(sum - explanation.score) < 1e-4 * Math.max(1, Math.abs(explanation.score)),
    `${sum} of ${explanation.score}`,
  );
  assert.ok(explanation.relevance.filter((r) => r !== 0).length > 500);
});

test(
  "every file that a recipe wrote just now says what onnxruntime says, and is explained",
  {
    skip: process.env.VITRINE_RECIPES
      ? false
      : "VITRINE_RECIPES is not set; tools/check.mjs sets it where PyTorch and Keras are installed",
  },
  async () => {
    const { initSync, Model } = await import(join(pkg, "vitrine.js"));
    initSync({ module: await readFile(join(pkg, "vitrine_bg.wasm")) });
    const folder = process.env.VITRINE_RECIPES ?? "";
    const recipes = [...String(await read("docs/recipes.md")).matchAll(/```python ([\w-]+)\n/g)].map(
      ([, name]) => name,
    );
    const made = (await readdir(folder))
      .filter((name) => name.endsWith(".onnx"))
      .map((name) => name.replace(".onnx", ""));
    const of = [...new Set(made.map((name) => name.split("@")[0]))];
    assert.deepEqual(of.sort(), recipes.filter((name) => name !== "manifest").sort());
    // A toolkit's recipe is run for each of its families.
    assert.ok(made.filter((name) => name.includes("@")).length >= 20, made.join(", "));
    for (const name of made) {
      const model = new Model(await readFile(join(folder, `${name}.onnx`)));
      const { input, output } = JSON.parse(String(await readFile(join(folder, `${name}.json`))));
      const explanation = model.explain(Float32Array.from(input), { explain: "score", biasFactor: 1 });
      const said = model.predict(Float32Array.from(input));
      assert.equal(said.length, output.length, name);
      for (const [k, number] of output.entries()) {
        assert.ok(Math.abs(said[k] - number) < 2e-6, `${name}: ${said[k]}, onnxruntime ${number}`);
      }
      // What arrives at the states before the first step stands in the ledger.
      const sum = explanation.relevance.reduce((sum, r) => sum + r, explanation.ledger.initialStates);
      assert.ok(
        Math.abs(sum - explanation.score) < 1e-4 * Math.max(1, Math.abs(explanation.score)),
        `${name}: ${sum} of ${explanation.score}`,
      );
    }
  },
);

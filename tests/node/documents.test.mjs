// The blocks of code in the documents: every one is run by a test that is named here, or it says here why it is not. Those
// that need neither browser nor Python are run here.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { blocks, code, pageWithViews } from "../browser/readme.mjs";

const ROOT = resolve(import.meta.dirname, "../..");
const pkg = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const read = (/** @type {string} */ path) => readFileSync(join(ROOT, path), "utf8");

const BATCHES = "python/tests/test_batches.py";
const BROWSER = "tests/browser/documents.test.mjs";
const ENGINES = "python/tests/test_engines.py";
const MANIFEST = "python/tests/test_manifest.py";
const PACKAGE = "python/tests/test_package.py";
const README = "tests/browser/readme.test.mjs";
// It holds one of the README to be a recipe.
const RECIPE = "tests/node/recipe.test.mjs";
const RECIPES = "training/recipes/check.py";

/**
 * How many blocks of a label a document has, and the tests that run them: a new block changes the number.
 * @type {Record<string, Record<string, [count: number, ...ranBy: string[]]>>}
 */
const RUN = {
  "README.md": { python: [2, PACKAGE, RECIPE], js: [2, README] },
  "docs/embedding.md": { html: [2, BROWSER], js: [1, BROWSER] },
  "docs/manifest.md": { json: [5, MANIFEST], python: [1, MANIFEST] },
  "docs/page.md": { js: [3, BROWSER], ts: [1, "tests/node/documents.test.mjs"] },
  "docs/python.md": {
    python: [1, PACKAGE],
    "python mlflow": [1, PACKAGE],
    "python card": [1, PACKAGE],
    sh: [1, BATCHES],
    "python arrow": [1, BATCHES],
    "python spark": [1, ENGINES],
    "python polars": [1, ENGINES],
    "python duckdb": [1, ENGINES],
  },
  "docs/recipes.md": Object.fromEntries(
    [
      ...["torch-torchscript", "torch-dynamo", "torch-masks-and-times", "torch-pyhealth", "torch-yaib"],
      ...["torch-benchmark", "tf-keras", "keras3", "keras-masking", "manifest"],
    ].map((name) => [`python ${name}`, [1, RECIPES]]),
  ),
  "docs/records.md": { json: [1, "tests/node/documents.test.mjs"] },
  "python/README.md": { python: [1, PACKAGE] },
  "tools/pkg/README.md": Object.fromEntries(
    ["node", "page", "esbuild"].map((name) => [`js ${name}`, [1, "tests/package/package.test.mjs"]]),
  ),
};

/** What is not run, and why. @type {Record<string, Record<string, [count: number, why: string]>>} */
const NOT_RUN = {
  "docs/compatibility.md": { text: [1, "what another program's optimiser says; tests/engine/tract.rs has the graph"] },
};

test("every block of the documents is run by a test that is named, or says why it is not", () => {
  const docs = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md"));
  const documents = ["README.md", "python/README.md", "tools/pkg/README.md", ...docs.map((name) => `docs/${name}`)];
  const known = Object.keys({ ...RUN, ...NOT_RUN });
  assert.deepEqual(
    known.filter((name) => !documents.includes(name)),
    [],
  );
  for (const name of documents) {
    const counted = {};
    for (const { label } of blocks(name)) counted[label] = (counted[label] ?? 0) + 1;
    const told = Object.entries({ ...RUN[name], ...NOT_RUN[name] }).map(([label, [count]]) => [label, count]);
    assert.deepEqual(counted, Object.fromEntries(told), name);
    // A fence that is not closed, or has no label, would be none of these blocks.
    const fences = read(name).match(/^ *```/gm) ?? [];
    assert.equal(fences.length, 2 * blocks(name).length, `${name}: a block has no label`);
  }
  for (const [name, labels] of Object.entries(RUN)) {
    for (const [label, [, ...tests]] of Object.entries(labels)) {
      // The package has its README beside it.
      const own = name.replace("tools/pkg/", "");
      for (const by of tests) assert.ok(read(by).includes(own), `${name}, ${label}: ${by} does not name the document`);
    }
  }
});

test("the table of codes in docs/records.md reads a record that only it can", async () => {
  const { initSync, Model, Stay } = await import(pathToFileURL(join(pkg, "vitrine.js")).href);
  initSync({ module: readFileSync(join(pkg, "vitrine_bg.wasm")) });
  const [codes] = code("docs/records.md", "json").map((text) => JSON.parse(text));
  const onnx = readFileSync(join(ROOT, "tests/fixtures/families/lstm-torchscript-open.onnx"));
  const channels = ["lactate", "b", "c", "d", "e"].map((name, column) => ({
    name,
    label: name,
    columns: [column],
    ...(column === 0 ? { unit: "mmol/L" } : {}),
    encoding: { kind: "continuous", mean: 0, std: 1, normal: 1 },
  }));
  const manifest = { format: "vitrine-manifest/1", name: "lactate", steps: 2, step_hours: 1, columns: 5 };
  const whole = { ...manifest, outcomes: [{ name: "death" }], channels };
  const record = "time,code,value,unit\n2020-01-01T00:00:00,2524-7,18,mg/dL\n2020-01-01T01:10:00,lac,3,mmol/L\n";
  const stay = (/** @type {object} */ it) => Stay.parse(record, new Model(onnx, JSON.stringify(it)));
  // 18 mg/dL are 0.111 times as many mmol/L.
  const values = [...stay({ ...whole, codes }).input].filter((_, k) => k % 5 === 0);
  assert.deepEqual(values, [Math.fround(18 * 0.111), 3]);
  assert.throws(() => stay(whole));
});

test("what docs/page.md says to add to the page fits its types", () => {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-types-"));
  try {
    pageWithViews(folder);
    cpSync(join(ROOT, "tsconfig.json"), join(folder, "tsconfig.json"));
    cpSync(pkg, join(folder, "pkg"), { recursive: true });
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    const { status, stdout } = spawnSync(tsc, ["-p", folder], { cwd: folder, encoding: "utf8" });
    assert.equal(status, 0, stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

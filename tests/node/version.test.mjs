// One version, which stands in the workspace's Cargo.toml and is brought elsewhere by tools.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const read = (/** @type {string} */ name) => readFileSync(resolve(ROOT, name), "utf8");
const VERSION = read("Cargo.toml").match(/^\[workspace\.package\]\nversion = "([^"]+)"/m)?.[1];
const OURS = ["vitrine", "vitrine-engine", "vitrine-python", "vitrine-wasm"];

test("every crate, and both lock files, have the workspace's version", () => {
  assert.match(VERSION ?? "", /^\d+\.\d+\.\d+$/);
  for (const name of ["Cargo.toml", "python/Cargo.toml", "tools/engine/Cargo.toml", "tools/wasm/Cargo.toml"])
    assert.match(read(name), /^version\.workspace = true$/m, name);
  for (const [lock, names] of [
    ["Cargo.lock", OURS],
    ["fuzz/Cargo.lock", ["vitrine"]],
  ]) {
    const found = [...read(lock).matchAll(/^name = "([^"]+)"\nversion = "([^"]+)"/gm)];
    for (const name of names)
      assert.deepEqual(
        found.filter(([, its]) => its === name).map(([, , version]) => version),
        [VERSION],
        `${lock}: ${name}; cargo update --workspace --offline sets it`,
      );
  }
});

test("the npm package and the engine in it have it, and so has the Python package by its build", async () => {
  assert.equal(JSON.parse(read(join(PKG, "package.json"))).version, VERSION, "make pkg sets it");
  const { version } = await import(join(PKG, "node.js"));
  assert.equal(version(), VERSION);
  assert.match(read("python/pyproject.toml"), /^dynamic = \["version"\]$/m);
  for (const name of ["package.json", "tests/package/package.json", "examples/npm/package.json"])
    assert.equal(JSON.parse(read(name)).version, undefined, `${name}: is no package, and has no version`);
});

test("what the page says of itself, the bill of materials, the notebook and the changelog have it", () => {
  assert.equal(JSON.parse(read("www/licenses.json")).version, VERSION, "node tools/licenses.mjs sets it");
  const { metadata, components } = JSON.parse(read("docs/sbom.cdx.json"));
  const ours = [metadata.component, ...components].filter(({ name }) => OURS.includes(name));
  assert.deepEqual(
    ours.map(({ version, purl }) => [version, purl.split("@")[1]]),
    ours.map(() => [VERSION, VERSION]),
    "make sbom sets it",
  );
  assert.ok(ours.length > 1);
  const pictures = [...read("docs/notebook.ipynb").matchAll(/data:image\/svg\+xml;base64,([\w+/=]+)/g)];
  assert.ok(pictures.length > 0);
  for (const [, picture] of pictures)
    assert.match(Buffer.from(picture, "base64").toString(), new RegExp(`Vitrine ${VERSION.replaceAll(".", "\\.")}\\b`));
  assert.equal(read("CHANGELOG.md").match(/^## (\S+)/m)?.[1], VERSION, "the newest heading of CHANGELOG.md");
});

// What the crates may be, and that the page needs no npm package to run.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { complaints, isAllowed } from "../../tools/deny.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const ALLOWED = new Set(["MIT", "Apache-2.0", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"]);

test("an expression is met by what is allowed, or not", () => {
  for (const met of ["MIT", "MIT OR GPL-3.0", "GPL-3.0/MIT", "(MIT OR GPL-3.0) AND Unicode-3.0", "Apache-2.0 WITH LLVM-exception OR GPL-2.0"]) assert.ok(isAllowed(met, ALLOWED), met);
  for (const not of ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR GPL-3.0) AND LGPL-2.1", "", "MIT MIT"]) assert.ok(!isAllowed(not, ALLOWED), not);
});

test("a crate of another licence, of another source, denied or there twice is named", () => {
  const source = "registry+https://github.com/rust-lang/crates.io-index";
  const crate = (name, more = {}) => ({ name, version: "1.0.0", license: "MIT", source, ...more });
  const lists = { allowed: ALLOWED, denied: new Set(["hyper"]), twice: new Set(["syn"]) };
  assert.deepEqual(complaints([crate("serde"), crate("syn"), crate("syn", { version: "2.0.0" })], lists), []);
  const wrong = [crate("a", { license: "GPL-3.0" }), crate("b", { license: null }), crate("c", { source: "git+https://example.org/c" }), crate("hyper"), crate("d"), crate("d")];
  assert.equal(complaints(wrong, lists).length, 5);
});

test("the page and pkg/ have no npm dependency to run, and load nothing from node_modules", () => {
  for (const file of ["package.json", "pkg/package.json"]) {
    const { dependencies, peerDependencies, optionalDependencies } = JSON.parse(readFileSync(join(ROOT, file), "utf8"));
    assert.deepEqual([dependencies, peerDependencies, optionalDependencies].filter(Boolean), [], file);
  }
  const files = readdirSync(join(ROOT, "www"), { recursive: true }).map(String).filter((name) => /\.(js|html|css)$/.test(name));
  assert.ok(files.length > 30);
  for (const file of files) {
    const text = readFileSync(join(ROOT, "www", file), "utf8");
    assert.ok(!text.includes("node_modules"), file);
    // A bare name is looked up in node_modules; the page's own files begin with a dot.
    for (const [, from] of text.matchAll(/^\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"/gm)) assert.match(from, /^\.{1,2}\//, `${file}: ${from}`);
  }
});

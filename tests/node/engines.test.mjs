// CONTRIBUTING.md's tables of what each engine proves, held to the tests that there are.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const FOLDER = join(ROOT, "tests/browser");
const section = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8")
  .split("## What each engine proves")[1]
  .split("\n## ")[0];
const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".test.mjs"))
  .sort();
const rows = section
  .split("\n")
  .map((line) => /^\| `([\w-]+)` \| .+ \| (.+) \| (.+) \|$/.exec(line))
  .filter((row) => row !== null);

test("every file of browser tests has its row", () => {
  assert.deepEqual(
    rows.map(([, name]) => `${name}.test.mjs`),
    files,
  );
});

test("a row says that Firefox runs all of a file exactly where the file leaves nothing to Chromium", () => {
  for (const [, name, inChromium, inFirefox] of rows) {
    const text = readFileSync(join(FOLDER, `${name}.test.mjs`), "utf8");
    assert.match(inChromium, /^all\b/, `${name}: Chromium runs everything`);
    const leaves = /import \{[^}]*\bonce\b[^}]*\} from "\.\/pages\.mjs"|skip: isFirefox/.test(text);
    assert.equal(/^all(?! but)/.test(inFirefox), !leaves, `${name} in Firefox: ${inFirefox}`);
    assert.match(text, /^ *test\(/m, `${name}: a file without a test for Firefox starts it and never ends`);
  }
});

// The bill of materials is that of the lock file.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

test("docs/sbom.cdx.json is what the lock file gives; where it is not, run `make sbom`", () => {
  const { status, stdout } = spawnSync("node", [join(ROOT, "tools/sbom.mjs")], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  assert.equal(status, 0);
  const made = JSON.parse(stdout);
  assert.deepEqual(made, JSON.parse(readFileSync(join(ROOT, "docs/sbom.cdx.json"), "utf8")));
  assert.ok(made.components.length > 50);
  for (const { name, licenses, hashes, purl } of made.components) {
    assert.ok(licenses?.[0].expression, `${name} has a licence`);
    if (purl.startsWith("pkg:cargo/")) assert.match(hashes[0].content, /^[0-9a-f]{64}$/, name);
  }
});

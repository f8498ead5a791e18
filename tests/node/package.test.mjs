// pkg/ as an npm package: packed, installed into a project of its own, typed, and run.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");

let folder, project;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "vitrine-npm-"));
  project = join(folder, "examples/npm");
  mkdirSync(dirname(project), { recursive: true });
  cpSync(join(ROOT, "examples/npm"), project, { recursive: true, filter: (name) => !name.includes("node_modules") });
  for (const name of ["models", "stays"])
    cpSync(join(ROOT, "www", name), join(folder, "www", name), { recursive: true });
  const { filename } = JSON.parse(
    run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], PKG),
  )[0];
  const file = join(project, "package.json");
  writeFileSync(file, readFileSync(file, "utf8").replace("file:../../pkg", `file:${join(folder, filename)}`));
  run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--offline"], project);
});
after(() => rmSync(folder, { recursive: true, force: true }));

function run(program, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: "utf8" });
  assert.equal(status, 0, `${program} ${args.join(" ")}: ${error ?? stderr}${stdout}`);
  return stdout;
}

test("the installed package explains a stay", () => {
  const words = run("node", ["explain.mjs"], project);
  assert.match(words, /^septic shock: in-hospital mortality \d+\.\d %\n {2}raised by /);
});

test("the installed package brings its types", () => {
  writeFileSync(
    join(project, "use.ts"),
    'import { Model, Stay } from "vitrine";\nexport const read = (m: Model): Float32Array => Stay.parse("", m, { format: "fhir", patient: "a" }).input;\n',
  );
  writeFileSync(
    join(project, "wrong.ts"),
    'import { Stay, type Model } from "vitrine";\nexport const read = (m: Model) => Stay.parse("", m, { format: "csv" });\n',
  );
  const tsc = (name) =>
    spawnSync(
      join(ROOT, "node_modules/.bin/tsc"),
      ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--lib", "esnext,dom", name],
      { cwd: project, encoding: "utf8" },
    );
  const good = tsc("use.ts");
  assert.equal(good.status, 0, good.stdout);
  assert.match(tsc("wrong.ts").stdout, /"csv"/);
});

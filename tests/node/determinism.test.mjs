// The same bytes in WebAssembly as on the host.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compare, digests } from "./digests.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");

test("WebAssembly gives the bytes that the host gives", async () => {
  const engine = await import(pathToFileURL(join(PKG, "vitrine.js")).href);
  engine.initSync({ module: readFileSync(join(PKG, "vitrine_bg.wasm")) });
  const names = readdirSync(join(ROOT, "www/stays")).filter((name) => name.endsWith("_timeseries.csv"));
  const stays = Object.fromEntries(
    names.map((name) => [name.replace("_timeseries.csv", ""), readFileSync(join(ROOT, "www/stays", name), "utf8")]),
  );
  const found = digests(engine, readFileSync(join(ROOT, "www/models/in-hospital-mortality.onnx")), stays);
  compare(assert, found, JSON.parse(readFileSync(join(ROOT, "tests/golden/determinism.json"), "utf8")));
});

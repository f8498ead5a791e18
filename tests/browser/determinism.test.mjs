// The same bytes in the browser as on the host.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { compare, digests } from "../node/digests.mjs";
import { BROWSER, launch } from "./browser.mjs";
import { ROOT, serve } from "./server.mjs";

let server, running;
before(async () => {
  server = await serve();
  running = await launch();
});
after(async () => {
  await running?.close();
  await server?.close();
});

test(`${BROWSER} gives the bytes that the host gives`, async () => {
  const page = await running.browser.newPage();
  // A file of this origin without a policy or scripts of its own.
  await page.goto(new URL("/www/stays/index.json", server.page).href);
  const names = readdirSync(join(ROOT, "www/stays")).filter((name) => name.endsWith("_timeseries.csv"));
  const found = await page.evaluate(
    async (source, files) => {
      const engine = await import("/pkg/vitrine.js");
      await engine.default();
      const onnx = new Uint8Array(await (await fetch("/www/models/in-hospital-mortality.onnx")).arrayBuffer());
      const stays = {};
      for (const file of files)
        stays[file.replace("_timeseries.csv", "")] = await (await fetch(`/www/stays/${file}`)).text();
      return new Function(`return ${source}`)()(engine, onnx, stays);
    },
    digests.toString(),
    names,
  );
  compare(assert, found, JSON.parse(readFileSync(join(ROOT, "tests/golden/determinism.json"), "utf8")));
});

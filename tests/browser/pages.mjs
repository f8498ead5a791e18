// One server and one browser for all tests of a file, a page for each of them, and the engine beside the page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { file, isFirefox, launch, visit } from "./browser.mjs";
import { ROOT, serve } from "./server.mjs";

/**
 * A test of what no browser can change: words, markup, and numbers that the engine has worked out. It runs in Chromium
 * alone; CONTRIBUTING.md says which these are, and why nothing is lost.
 */
export const once = isFirefox ? () => {} : test;

/**
 * Starts both before the first test, and ends them after the last.
 * @param {{ serving?: Parameters<typeof serve>[0], launching?: Parameters<typeof launch>[0] }} [options]
 * @returns `server` and `running`, once the first test has begun; and `on`, which opens the page (with a hash, if one is
 *   given), runs a test on it, and closes it; where the test `isQuiet`, the console must have stayed empty
 */
export function pages({ serving, launching } = {}) {
  const it = {
    server: undefined,
    running: undefined,
    async on(run, { url = it.server.page, hash = "", isQuiet = false, ...options } = {}) {
      const visited = await visit(it.running.browser, url + hash, options);
      try {
        await run(visited.page, visited);
        if (isQuiet) assert.deepEqual(visited.complaints, []);
      } finally {
        await visited.page.close();
      }
    },
  };
  before(async () => {
    it.server = await serve(serving);
    it.running = await launch(launching);
  });
  after(async () => {
    await it.running?.close();
    await it.server?.close();
  });
  return it;
}

/** What the engine gives in this process, without the page, and the demo network. */
export async function engine() {
  const pkg = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
  const it = await import(pathToFileURL(join(pkg, "vitrine.js")).href);
  it.initSync({ module: readFileSync(join(pkg, "vitrine_bg.wasm")) });
  const model = new it.Model(await file("www/models/in-hospital-mortality.onnx"));
  return { ...it, model };
}

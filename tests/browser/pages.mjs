// One server, one browser and one page for all tests of a file, and the engine beside the page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { file, isFirefox, launch, visit, visitAgain } from "./browser.mjs";
import { ROOT, serve } from "./server.mjs";

/**
 * A test of what no browser can change: words, markup, and numbers that the engine has worked out. It runs in Chromium
 * alone; CONTRIBUTING.md says which these are, and why nothing is lost.
 */
export const once = isFirefox ? () => {} : test;

/** Most tests look at the paper's pictures: LRP of the values. What the page opens with by itself has tests of its own. */
export const PAPER = "#method=lrp&part=value";

/**
 * Starts both before the first test, and ends them after the last.
 * @param {{ serving?: Parameters<typeof serve>[0], launching?: Parameters<typeof launch>[0] }} [options]
 * @returns `server` and `running`, once the first test has begun; and `on`, which brings the page to its first state (with a
 *   hash, if one is given) and runs a test on it. Where the test `isQuiet`, the console must have stayed empty; where it
 *   `isFresh`, it gets a page of its own.
 */
export function pages({ serving, launching } = {}) {
  /** The page that the last test left. @type {Awaited<ReturnType<typeof visit>> | undefined} */
  let kept;
  const it = {
    server: undefined,
    running: undefined,
    async on(run, { url = it.server.page, hash = PAPER, isQuiet = false, isFresh = false, ...options } = {}) {
      const visited = isFresh ? undefined : kept;
      kept = undefined;
      if (visited) await visitAgain(visited, url + hash, options);
      const here = visited ?? (await visit(it.running.browser, url + hash, options));
      try {
        await run(here.page, here);
        if (isQuiet) assert.deepEqual(here.complaints, []);
        kept = here;
      } finally {
        // After a failure nobody knows what the page is up to.
        if (!kept) await here.page.close();
      }
    },
  };
  before(async () => {
    it.server = await serve({ isKept: true, ...serving });
    it.running = await launch(launching);
  });
  after(async () => {
    await it.running?.close();
    await it.server?.close();
  });
  return it;
}

/** What the engine gives in this process, without the page, and the demo networks. */
export async function engine() {
  const pkg = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
  const it = await import(pathToFileURL(join(pkg, "vitrine.js")).href);
  it.initSync({ module: readFileSync(join(pkg, "vitrine_bg.wasm")) });
  const seeds = ["", "-2", "-3", "-4", "-5"];
  const networks = seeds.map(async (seed) => new it.Model(await file(`www/models/in-hospital-mortality${seed}.onnx`)));
  // As the page has them: five networks as one.
  const model = new it.Models(await Promise.all(networks)).asOne();
  return { ...it, model };
}

// One server, one browser and one page for all tests of a file, and the engine beside the page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { file, isFirefox, isOneFile, launch, visit, visitAgain } from "./browser.mjs";
import { ROOT, serve } from "./server.mjs";

/**
 * A test of what no browser can change, nor the packing into one file: words, markup, and numbers that the engine has worked
 * out. It runs on the page in Chromium alone; CONTRIBUTING.md says which these are, and why nothing is lost.
 */
export const once = isFirefox || isOneFile ? () => {} : test;

/** Most tests look at the paper's pictures: LRP of the values. What the page opens with by itself has tests of its own. */
export const PAPER = "#method=lrp&part=value&scaling=linear";

/** The demo networks, of which the page shows the mean. */
const NETWORKS = ["", "-2", "-3", "-4", "-5"].map((seed) => `in-hospital-mortality${seed}.onnx`);

/**
 * Starts both before the first test, and ends them after the last.
 * @param {{ serving?: Parameters<typeof serve>[0], launching?: Parameters<typeof launch>[0], isOfOne?: boolean, isChecked?: boolean }} [options]
 *   isOfOne: the page is set up for the first demo network alone, as index.html lets whoever serves it choose: a fifth of the
 *   work, for tests of what does not depend on how many networks there are. The one file has all of them.
 *   isChecked: the page checks by itself whether its explanation holds, seconds of work after each action, which other tests
 *   do without.
 * @returns `server` and `running`, once the first test has begun; and `on`, which brings the page to its first state (with a
 *   hash, if one is given) and runs a test on it. Where the test `isQuiet`, the console must have stayed empty; where it
 *   `isFresh`, it gets a page of its own.
 */
export function pages({ serving, launching, isOfOne = false, isChecked = false } = {}) {
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
    const { args = [], ...rest } = launching ?? {};
    const alter = (path, bytes) => {
      const here = isOfOne ? ofOne(path, bytes) : bytes;
      return isChecked ? here : unchecked(path, here);
    };
    it.server = await serve({ isKept: true, alter, ...serving });
    it.running = await launch({ args: [...ONE_PROCESS, ...args], ...rest });
    await keepCompiled(it.running.browser, it.server);
  });
  after(async () => {
    await it.running?.close();
    await it.server?.close();
  });
  return it;
}

/** All tabs of the page's own origin share a renderer, as they do where memory is short. */
const ONE_PROCESS = ["--process-per-site"];

/**
 * Opens a tab that holds the compiled engine for as long as the browser runs. Each start of the page then takes up the code of
 * the starts before it, which would else be compiled anew: nearly half of what a start costs. (Firefox
 * shares no code among tabs.)
 * @param {import("puppeteer-core").Browser} browser
 * @param {Awaited<ReturnType<typeof serve>>} server
 */
async function keepCompiled(browser, { page: address, origin }) {
  if (isFirefox) return;
  if (isOneFile) return void (await visit(browser, address));
  const tab = await browser.newPage();
  await tab.goto(`${origin}/www/licenses.json`);
  await tab.evaluate(async () => {
    globalThis.held = await WebAssembly.compileStreaming(fetch("/pkg/vitrine_bg.wasm"));
  });
}

/** The page for the first network alone. @param {string} path @param {Buffer} bytes */
function ofOne(path, bytes) {
  if (!path.endsWith("/www/")) return bytes;
  const all = NETWORKS.map((name) => `models/${name}`).join(" ");
  const page = String(bytes);
  assert.ok(page.includes(`content="${all}"`), "index.html names the demo networks");
  return page.replace(`content="${all}"`, `content="models/${NETWORKS[0]}"`);
}

/** The page without the check that it makes by itself. @param {string} path @param {Buffer | string} bytes */
export function unchecked(path, bytes) {
  if (!path.endsWith("/view/verdict.js")) return bytes;
  const wait = /^const IDLE = \d+;$/m;
  assert.match(String(bytes), wait);
  return String(bytes).replace(wait, "const IDLE = 1e9;");
}

/** What was started of the engine in this process. @type {Map<boolean, ReturnType<typeof started>>} */
const engines = new Map();

/**
 * What the engine gives in this process, without the page, and the network of the page. It is started once.
 * @param {{ isOfOne?: boolean }} [options] as for `pages`
 */
export function engine({ isOfOne = false } = {}) {
  const made = engines.get(isOfOne) ?? started(isOfOne);
  engines.set(isOfOne, made);
  return made;
}

/** @param {boolean} isOfOne */
async function started(isOfOne) {
  const pkg = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
  const it = await import(pathToFileURL(join(pkg, "vitrine.js")).href);
  it.initSync({ module: readFileSync(join(pkg, "vitrine_bg.wasm")) });
  const read = async (/** @type {string} */ name) => new it.Model(await file(`www/models/${name}`));
  if (isOfOne && !isOneFile) return { ...it, model: await read(NETWORKS[0]) };
  // As the page has them: five networks as one.
  const model = new it.Models(await Promise.all(NETWORKS.map(read))).asOne();
  return { ...it, model };
}

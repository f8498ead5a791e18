// The subjects in headless Chromium: bundles what peers need and serves the repository on the loopback. They take turns in
// one page (in-page.mjs), and each is opened in a new browser of its own (alone-in-page.mjs).

import { join } from "node:path";
import { build } from "esbuild";

import { launch } from "../tests/browser/browser.mjs";
import { ROOT, serve } from "../tests/browser/server.mjs";

const PATIENCE = 5 * 60_000;
const MADE = "target/bench";
/** Times that each is opened alone. */
export const VISITS = 3;

/** Bundles an entry of benches/ for a page. @param {string} name @returns {Promise<string>} the file, from the root */
export async function bundle(name) {
  const outfile = `${MADE}/${name}.js`;
  await build({ ...BUNDLE, entryPoints: [join(ROOT, "benches", `${name}.mjs`)], outfile: join(ROOT, outfile) });
  return outfile;
}

/** @type {import("esbuild").BuildOptions} */
const BUNDLE = { bundle: true, minify: true, format: "esm", platform: "browser", logLevel: "error" };

/**
 * All of them in one page, taking turns.
 * @param {string[]} peers
 * @param {Float32Array[]} inputs
 * @param {{ steps: number, columns: number }} shape
 * @param {{ rounds: number, warmUp: number, few: Record<string, number> }} count
 */
export async function inChromium(peers, inputs, shape, count) {
  const script = await bundle("in-page");
  const server = await serve();
  const chromium = await launch();
  try {
    const page = await chromium.browser.newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.goto(`${server.origin}/benches/blank.html`);
    const results = await page.evaluate(
      async (script, ...rest) => (await import(script)).run(...rest),
      `/${script}`,
      peers,
      inputs.map((input) => [...input]),
      shape,
      count,
    );
    return { version: await chromium.browser.version(), ...results };
  } finally {
    await chromium.close();
    await server.close();
  }
}

/**
 * The engine beside onnxruntime-web on networks of these sizes, one after the other in one page.
 * @param {import("./recurrent.mjs").Size[]} sizes
 * @returns {Promise<import("./sizes.mjs").Timed[]>}
 */
export async function sizesInChromium(sizes) {
  const script = await bundle("in-page");
  const server = await serve();
  const chromium = await launch();
  try {
    const page = await chromium.browser.newPage();
    await page.goto(`${server.origin}/benches/blank.html`);
    const found = [];
    // The first time nothing is compiled as well as it will be.
    for (const size of [sizes[0], ...sizes]) {
      const timed = page.evaluate(async (script, it) => (await import(script)).runSize(it), `/${script}`, size);
      found.push(await timed);
    }
    return found.slice(1);
  } finally {
    await chromium.close();
    await server.close();
  }
}

/**
 * Each by itself, again and again in a new browser with an empty cache. The inputs have to lie in target/bench/inputs.f32.
 * @param {string[]} names
 * @param {{ steps: number, columns: number }} shape
 * @returns {Promise<Record<string, { first: number[], probability: number, wasm: number, heap: number }>>} milliseconds from
 *   the navigation to the first result, what it was, and bytes once all stays were run
 */
export async function aloneInChromium(names, { steps, columns }) {
  const entryPoints = [join(ROOT, "benches/alone-in-page.mjs")];
  await build({ ...BUNDLE, entryPoints, outdir: join(ROOT, MADE, "alone"), splitting: true });
  const server = await serve();
  const found = Object.fromEntries(names.map((name) => [name, { first: [] }]));
  try {
    for (let visit = 0; visit < VISITS; visit++) {
      for (const name of names) {
        const { ms, ...rest } = await openAlone(`${server.origin}/benches/alone.html#${name},${steps},${columns}`);
        found[name].first.push(ms);
        Object.assign(found[name], rest);
      }
    }
  } finally {
    await server.close();
  }
  return found;
}

/** @param {string} url */
async function openAlone(url) {
  const chromium = await launch();
  try {
    const page = await chromium.browser.newPage();
    page.setDefaultTimeout(PATIENCE);
    const failed = new Promise((_, reject) => page.on("pageerror", reject));
    await page.goto(url);
    await Promise.race([failed, page.waitForFunction(() => window.memory, { polling: 20 })]);
    const { first, memory } = await page.evaluate(() => ({ first: window.first, memory: window.memory }));
    const session = await page.createCDPSession();
    await session.send("HeapProfiler.collectGarbage");
    const { JSHeapUsedSize } = await page.metrics();
    return { ...first, wasm: memory, heap: JSHeapUsedSize };
  } finally {
    await chromium.close();
  }
}

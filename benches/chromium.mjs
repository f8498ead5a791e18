// The subjects in headless Chromium: bundles what peers need, serves the repository on the loopback, and runs in-page.mjs.

import { join } from "node:path";
import { build } from "esbuild";

import { launch } from "../tests/browser/browser.mjs";
import { ROOT, serve } from "../tests/browser/server.mjs";

const PATIENCE = 5 * 60_000;
const MADE = "target/bench";

/** Bundles an entry of benches/ for a page. @param {string} name @returns {Promise<string>} the file, from the root */
export async function bundle(name) {
  const outfile = `${MADE}/${name}.js`;
  await build({
    entryPoints: [join(ROOT, "benches", `${name}.mjs`)],
    outfile: join(ROOT, outfile),
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    logLevel: "error",
  });
  return outfile;
}

/**
 * @param {string} model from the root
 * @param {Float32Array[]} inputs
 * @param {{ rounds: number, warmUp: number, slow: number }} count
 */
export async function inChromium(model, inputs, count) {
  const script = await bundle("in-page");
  const server = await serve();
  const chromium = await launch();
  try {
    const page = await chromium.browser.newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.goto(`${server.origin}/benches/blank.html`);
    const places = { model: `/${model}`, pkg: "/pkg/", ort: "/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm", tfjs: "/node_modules/@tensorflow/tfjs-backend-wasm/dist/" };
    const absolute = Object.fromEntries(Object.entries(places).map(([name, path]) => [name, server.origin + path]));
    const results = await page.evaluate(
      async (script, ...rest) => (await import(script)).run(...rest),
      `/${script}`, absolute, inputs.map((input) => [...input]), count,
    );
    return { version: await chromium.browser.version(), ...results };
  } finally {
    await chromium.close();
    await server.close();
  }
}

// The page, the one file and the examples in a third engine: WebKit. WEBKIT names the browser; without it nothing is run.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";

import { single } from "../../tools/single.mjs";
import { DRIVE, clone, follow } from "../browser/readme.mjs";
import { ROOT, serve } from "../browser/server.mjs";
import { launch } from "./driver.mjs";

const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const MADE = join(ROOT, "target/vitrine.html");
const DEMO = "septic-shock_timeseries.csv";
const READY = "return document.body.dataset.state === 'ready' && document.body.dataset.state";

const skip = !process.env.WEBKIT && "WEBKIT names no browser";

describe("WebKit", () => {
  let server, webkit, expected;
  before(async () => {
    if (skip) return;
    await single({ pkg: PKG, out: MADE });
    server = await serve();
    webkit = await launch(process.env.WEBKIT);
    expected = await risks();
  });
  after(async () => {
    await webkit?.close();
    await server?.close();
  });

  /** The risk of each demo stay by the five demo networks together, by the engine in Node. */
  async function risks() {
    const engine = await import(pathToFileURL(join(PKG, "vitrine.js")).href);
    engine.initSync({ module: readFileSync(join(PKG, "vitrine_bg.wasm")) });
    const read = (end) => new engine.Model(readFileSync(join(ROOT, `www/models/in-hospital-mortality${end}.onnx`)));
    const model = new engine.Models(["", "-2", "-3", "-4", "-5"].map(read)).asOne();
    return (name) =>
      model.predict(engine.Stay.parse(readFileSync(join(ROOT, "www/stays", name), "utf8"), model).input)[0];
  }

  const percent = (name) => `${(100 * expected(name)).toFixed(1)}%`;
  const colours = (name) =>
    webkit.run(`
    const canvas = document.querySelector('canvas[data-grid="${name}"]');
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return new Set(new Uint32Array(pixels.buffer)).size;`);

  /** The first stay is explained; another one is opened from the list, and nothing is asked for but its file. */
  async function explains() {
    await webkit.wait(READY);
    assert.match(await webkit.run("return document.body.innerText"), new RegExp(percent(DEMO).replace(".", "\\.")));
    for (const name of ["input", "lrp", "gradient"]) assert.ok((await colours(name)) > 10, `${name} is painted`);
    await webkit.run(`
      document.body.dataset.state = "asked";
      const list = document.querySelector("#demo-stay");
      list.value = "stable_timeseries.csv";
      list.dispatchEvent(new Event("change", { bubbles: true }));`);
    await webkit.wait(READY);
    await webkit.wait("return document.body.innerText.includes(arguments[0])", percent("stable_timeseries.csv"));
    assert.equal(await webkit.run("return document.querySelector('[role=alert]').textContent"), "");
  }

  test("the page explains", { skip }, async () => {
    await webkit.go(server.page);
    await explains();
  });

  test("the one file explains from file:, and asks for nothing", { skip }, async () => {
    await webkit.go(pathToFileURL(MADE).href);
    await explains();
    assert.equal(
      await webkit.run("return document.querySelector('#network').textContent"),
      "network: 0 requests since start",
    );
    assert.equal(
      await webkit.run(
        "return performance.getEntriesByType('resource').filter(({ name }) => /^(https?|wss?|file):/.test(name)).length",
      ),
      0,
    );
  });

  test("the engine agrees with its stored values", { skip }, async () => {
    await webkit.go(server.page);
    await webkit.wait(READY);
    await webkit.run(`
      document.querySelector("#about").open = true;
      document.querySelector("#self-test button").click();`);
    const said = await webkit.wait("return document.querySelector('#self-test .verdict').textContent");
    assert.match(said, /^\d+ values compared: all agree with the stored ones\.$/);
  });
});

// The examples by the commands of their README.
describe("WebKit, the examples", () => {
  let followed, webkit;
  before(async () => {
    if (skip) return;
    followed = await follow("examples/README.md", clone());
    webkit = await launch(process.env.WEBKIT);
  });
  after(async () => {
    await webkit?.close();
    await followed?.close();
  });

  for (const [address, drive] of Object.entries(DRIVE)) {
    test(`${address} does what it shows`, { skip }, async (context) => {
      const missing = address === "/examples/smart/" && followed.failed.get("tools/fhirclient.sh");
      if (missing) return context.skip(`the client cannot be fetched here: ${missing.trim().split("\n").at(-1)}`);
      await drive(webkit, followed);
    });
  }
});

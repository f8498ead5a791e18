// The page with a network and stays of one's own, as `make single MODEL= STAYS=` and the Python package write it: from a
// file, and in a notebook's frame.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";

import { BROWSER, PATIENCE, settled, text } from "./browser.mjs";
import { pressing } from "./doing.mjs";
import { engine, once, pages } from "./pages.mjs";
import { ROOT } from "./server.mjs";

/** The second demo network, under a name of its own, and a stay with another's content. */
const NETWORK = join(ROOT, "www/models/in-hospital-mortality-2.onnx");
const RECORD = join(ROOT, "www/stays/stable_timeseries.csv");

const stage = pages();
let folder, made;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "vitrine-own-"));
  copyFileSync(NETWORK, join(folder, "our network.onnx"));
  copyFileSync(RECORD, join(folder, "our stay.csv"));
  made = join(folder, "explain.html");
  const parts = join(folder, "parts");
  const pkg = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
  const run = (...command) => execFileSync(command[0], command.slice(1), { cwd: ROOT, stdio: "pipe" });
  run("node", "tools/single.mjs", "--pkg", pkg, "--parts", parts);
  const given = [join(folder, "our network.onnx"), join(folder, "our stay.csv")];
  run("python3", "python/vitrine/page.py", "--data", parts, "--out", made, ...given);
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** What the engine makes of that stay in this process. */
async function expected() {
  const { Model, Stay } = await engine();
  const model = new Model(readFileSync(NETWORK));
  return model.predict(Stay.parse(readFileSync(RECORD, "utf8"), model).input)[0];
}

describe(BROWSER, () => {
  test("the file opens with its own network and stay, asks for nothing, and is the engine that it says", async () => {
    const page = await stage.running.browser.newPage();
    await page.goto(String(pathToFileURL(made)));
    await settled(page);
    assert.match(await text(page, "#title"), /^our stay\.csvOutcome: not known/);
    assert.deepEqual(
      await page.$$eval("#demo-stay option:not([hidden])", (all) => all.slice(0, 1).map(({ value }) => value)),
      ["our stay.csv"],
    );
    // Nobody says that these are demos, or made up.
    assert.equal(await page.$eval("#demo-stay", (list) => list.ariaLabel), "Stays in this page");
    const said = await page.$$eval("[data-t]", (all) => all.map((it) => it.textContent).join("\n"));
    assert.match(said, /Stays in this page[\s\S]*This stay is already explained[\s\S]*somebody packed it with/);
    assert.doesNotMatch(said, /synthetic/);
    const shown = await page.$eval("#probability", (it) => Number(it.dataset.value));
    assert.ok(Math.abs(shown - (await expected())) < 2e-7, `${shown}`);
    assert.equal(await text(page, "#model-name"), "in-hospital mortality, channel-wise LSTM 2");
    assert.match(await text(page, "#network"), /0 requests since start/);
    await page.$eval("#about", (panel) => (panel.open = true));
    await pressing(page, "#self-test button");
    assert.match(await text(page, "#self-test .verdict"), /all agree/);
    await page.close();
  });

  once("in a notebook's frame, without an origin, it is the same and asks for nothing", async () => {
    const page = await stage.running.browser.newPage();
    await page.goto(new URL("/benches/blank.html", stage.server.page).href);
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.evaluate(
      (html) => {
        const frame = document.createElement("iframe");
        frame.sandbox = "allow-scripts allow-downloads";
        Object.assign(frame, { width: 1200, height: 900, srcdoc: html });
        document.body.append(frame);
      },
      readFileSync(made, "utf8"),
    );
    const handle = await page.waitForSelector("iframe");
    const frame = await handle.contentFrame();
    await frame.waitForSelector('body[data-state="ready"]', { timeout: PATIENCE });
    assert.match(await frame.$eval("#title", (it) => it.textContent), /our stay\.csv/);
    assert.equal(await frame.evaluate(() => origin), "null");
    assert.deepEqual(
      // The icon is the outer page's.
      asked.filter((url) => !/^(?:about|blob|data):|favicon\.ico$/.test(url)),
      [],
    );
    await page.close();
  });
});

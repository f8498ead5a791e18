// The blocks of docs/page.md and docs/embedding.md, run as they stand there: in a page that has the views which the one
// says to add, and in pages of a host's.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";

import { single } from "../../tools/single.mjs";
import { BROWSER, PATIENCE, eventually, launch, visit } from "./browser.mjs";
import { code, pageWithViews } from "./readme.mjs";
import { ROOT, serve } from "./server.mjs";

const EMBEDDING = "docs/embedding.md";
const HEAD = '<!doctype html><meta charset="utf-8"><title>pasted</title><link rel="icon" href="data:,">';
/** Heart rates of two patients, so that one has to be named. */
const BUNDLE = {
  resourceType: "Bundle",
  type: "searchset",
  entry: ["17", "18"].flatMap((patient) =>
    [88, 121].map((value, hour) => ({
      resource: {
        resourceType: "Observation",
        status: "final",
        code: { coding: [{ system: "http://loinc.org", code: "8867-4" }] },
        subject: { reference: `Patient/${patient}` },
        effectiveDateTime: `2020-01-01T0${hour}:10:00Z`,
        valueQuantity: { value, code: "/min", system: "http://unitsofmeasure.org" },
      },
    })),
  ),
};

describe(BROWSER, () => {
  let folder, host, engine;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "vitrine-documents-"));
    pageWithViews(folder);
    // The host's own folder, as the blocks call it.
    cpSync(join(folder, "www"), join(folder, "vitrine"), { recursive: true });
    const pkg = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
    await single({ pkg, out: join(folder, "vitrine/vitrine.html") });
    host = await serve({ root: folder });
    engine = await launch();
  });
  after(async () => {
    await engine?.close();
    await host?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Writes a page of the host's beside the files that it names, opens it, and drives it: the console has to stay empty. */
  async function pasted(name, html, files, drive) {
    mkdirSync(join(folder, name));
    for (const [file, from] of Object.entries(files)) cpSync(join(ROOT, from), join(folder, name, file));
    writeFileSync(join(folder, name, "index.html"), HEAD + html);
    const page = await engine.browser.newPage();
    const said = { log: [], warn: [], error: [] };
    page.on("console", (message) => said[message.type()]?.push(message.text()));
    page.on("pageerror", (error) => said.error.push(String(error)));
    await page.goto(`${host.origin}/${name}/index.html`);
    await drive(page, said);
    assert.deepEqual([...said.warn, ...said.error], []);
    await page.close();
  }

  test("the views and the request that docs/page.md adds are there and work", async () => {
    const { page, complaints } = await visit(engine.browser, host.page);
    await eventually(page, "document.body.dataset.state === 'ready'");
    const name = await page.$eval(".charted", (place) => place.textContent);
    assert.notEqual(name, "");
    // The page asks itself what would have to change, and keeps the answer while the same stay is open.
    await page.evaluate("import('/www/view/asking.js').then(({ ask }) => ask(new AbortController().signal))");
    assert.equal(await page.evaluate("document.body.dataset.asked"), name);
    // The first channel's charted hours, of 48.
    await page.click(".charted");
    await eventually(page, "/^\\d+$/.test(document.querySelector('.charted').textContent)");
    const counted = await page.$eval(".charted", (place) => Number(place.textContent));
    assert.ok(counted > 0 && counted <= 48, `${counted}`);
    await page.click("#view-tab-charted");
    assert.equal(await page.$eval("#view-charted", (view) => view.textContent), String(counted));
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test("the frame of docs/embedding.md shows the host's record and tells what it predicts", () => {
    const [frame] = code(EMBEDDING, "html");
    const [script] = code(EMBEDDING, "js");
    const ready = 'document.body.dataset.state = "ready";';
    const html = `${frame}<script type="module">\nconst bundle = ${JSON.stringify(BUNDLE)};\n${script}\n${ready}</script>`;
    return pasted("frame", html, { "host.js": "examples/host.js" }, async (page, said) => {
      await eventually(page, "document.body.dataset.state === 'ready'");
      for (const end = Date.now() + PATIENCE; said.log.length === 0 && Date.now() < end;)
        await new Promise((done) => setTimeout(done, 50));
      assert.match(said.log.at(-1), /^0\.\d+$/);
    });
  });

  test("the element of docs/embedding.md explains the record that it names", () => {
    const [, element] = code(EMBEDDING, "html");
    const files = {
      "model.onnx": "www/models/in-hospital-mortality.onnx",
      "stay.csv": "www/stays/septic-shock_timeseries.csv",
    };
    return pasted("element", element, files, (page) =>
      eventually(page, "/\\d %|\\d%/.test(document.querySelector('vitrine-explainer').shadowRoot?.textContent ?? '')"),
    );
  });
});

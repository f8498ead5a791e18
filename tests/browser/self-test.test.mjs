// The engine's check of itself: it passes on the page as it is, and fails where a stored value or a file is another.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";

import { single } from "../../tools/single.mjs";
import { BROWSER, settled, shoot, text } from "./browser.mjs";
import { pressing } from "./doing.mjs";
import { once, pages } from "./pages.mjs";
import { ROOT } from "./server.mjs";

const STORED = JSON.parse(readFileSync(join(ROOT, "www/self-test.json"), "utf8"));
const ITEMS = 1 + 5 * STORED.stays.length;

const stage = pages();
const { on } = stage;
let folder, file;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitrine-self-test-"));
  file = join(folder, "vitrine.html");
  await single({ pkg: resolve(ROOT, process.env.VITRINE_PKG ?? "pkg"), out: file });
});
after(() => rm(folder, { recursive: true, force: true }));

/** Presses the button, and gives what is said and which items passed. */
async function pressed(page) {
  await page.$eval("#about", (panel) => (panel.open = true));
  await pressing(page, "#self-test button");
  const items = await page.$$eval("#self-test tbody tr", (rows) =>
    rows.map(({ dataset, innerText }) => ({ what: dataset.what, passed: dataset.passed === "true", text: innerText })),
  );
  return { said: await text(page, "#self-test .verdict"), items };
}

/** From now on, the page gets `file` with `from` turned into `to`. */
function tamper(page, ending, from, to) {
  return page.evaluate(
    (...[ending, from, to]) => {
      const native = globalThis.fetch;
      globalThis.fetch = async (address, options) => {
        const response = await native(address, options);
        if (!String(address).endsWith(ending)) return response;
        const text = await response.text();
        if (!text.includes(from)) throw new Error(`${ending} holds no ${from}`);
        return new Response(text.replace(from, to));
      };
    },
    ending,
    from,
    to,
  );
}

const failed = ({ items }) => items.filter(({ passed }) => !passed).map(({ what }) => what);

describe(BROWSER, () => {
  test("the engine that is served agrees with the stored values, and the open stay stays", () =>
    on(async (page, { complaints }) => {
      const title = await text(page, "#title");
      const result = await pressed(page);
      assert.deepEqual(failed(result), []);
      assert.equal(result.items.length, ITEMS);
      assert.equal(result.said, `${ITEMS} values compared: all agree with the stored ones.`);
      assert.equal(await text(page, "#title"), title);
      assert.deepEqual(complaints, []);
      for (const stay of STORED.stays)
        assert.ok(
          result.items.some(({ text }) => text.includes(stay.lrp.slice(0, 12))),
          stay.record.file,
        );
      await page.$eval("#self-test", (part) => part.scrollIntoView());
      await shoot(page, `self-test-${BROWSER}`);
    }));

  const { lrp, gradient, picture, probability } = STORED.stays[0];
  for (const [what, from, to] of [
    ["lrp", lrp, lrp.replace(/^./, (digit) => (digit === "0" ? "1" : "0"))],
    ["gradient", gradient, "0".repeat(64)],
    ["picture", picture, "0".repeat(64)],
    ["probability", `"probability": ${probability}`, `"probability": ${probability + 1e-6}`],
  ]) {
    once(`another stored value (${what}) is one item that fails, in words`, () =>
      on(async (page) => {
        await tamper(page, "self-test.json", from, to);
        const result = await pressed(page);
        assert.deepEqual(failed(result), [what]);
        assert.match(
          result.said,
          new RegExp(`^1 of ${ITEMS} values differs from the stored one\\. Do not rely on this page`),
        );
        if (what === "lrp") {
          await page.$eval("#self-test", (part) => part.scrollIntoView());
          await shoot(page, `self-test-failed-${BROWSER}`);
        }
      }),
    );
  }

  once("another record is told from another engine", () =>
    on(async (page) => {
      await tamper(page, "septic-shock_timeseries.csv", ",168,", ",160,");
      const result = await pressed(page);
      assert.deepEqual(failed(result), ["file", "probability", "lrp", "gradient", "picture"]);
    }),
  );

  once("a page without its stored values says so", () =>
    on(async (page) => {
      await page.evaluate(() => (globalThis.fetch = async () => new Response("", { status: 404 })));
      await page.$eval("#about", (panel) => (panel.open = true));
      await pressing(page, "#self-test button", "error");
      assert.match(await text(page, "[role=alert]"), /self-test\.json: the server answers 404/);
    }),
  );

  test("the one file checks itself without a request, and can fail", async () => {
    const page = await stage.running.browser.newPage();
    await page.goto(String(pathToFileURL(file)));
    await settled(page);
    assert.equal((await pressed(page)).said, `${ITEMS} values compared: all agree with the stored ones.`);
    assert.match(await text(page, "#network"), /0 requests since start/);
    await tamper(page, "self-test.json", lrp, "0".repeat(64));
    assert.deepEqual(failed(await pressed(page)), ["lrp"]);
    await page.close();
  });

  once("in Armenian, when narrow and dark", () =>
    on(
      async (page) => {
        const { said } = await pressed(page);
        assert.match(said, new RegExp(`^Համեմատվել է ${ITEMS} արժեք`));
        const right = await page.$eval("#self-test", (part) => part.getBoundingClientRect().right);
        assert.ok(right <= 360, `the part ends at ${right} of 360 pixels`);
        await page.$eval("#self-test", (part) => part.scrollIntoView());
        await shoot(page, "self-test-narrow-dark-hy");
      },
      { hash: "#lang=hy", width: 360, height: 740, dark: true },
    ),
  );
});

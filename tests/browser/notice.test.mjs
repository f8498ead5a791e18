// The notice and the model's card: on the page, on paper, and in whatever is taken away.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { BROWSER, PATIENCE, drop, text } from "./browser.mjs";
import { acting, press, pressing } from "./doing.mjs";
import { once, pages } from "./pages.mjs";
import { ROOT } from "./server.mjs";

const NOTICE = /Not a medical device[\s\S]*not causation/;
/** What the demo network's manifest says of its training, which is its card in short. */
const CARD = "trained on 6,400 stays of the PhysioNet/Computing in Cardiology Challenge 2012";

const { on } = pages({ isOfOne: true });

/** Everything the page has saved from now on, by name. */
async function watchSaved(page) {
  await page.evaluate(() => {
    globalThis.taken = [];
    const blobs = new Map();
    const native = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (blob) => {
      const url = native(blob);
      blobs.set(url, blob);
      return url;
    };
    HTMLAnchorElement.prototype.click = function () {
      const blob = blobs.get(this.href);
      blob.text().then((content) => globalThis.taken.push({ name: this.download, type: blob.type, content }));
    };
    globalThis.print = () =>
      globalThis.taken.push({
        name: "paper",
        type: "",
        content: document.querySelector("#print-report").shadowRoot.textContent,
      });
  });
}

/** Words as they are read, whatever the lines on which they stand. */
const words = (content) => content.replaceAll(/<[^>]*>|\s+|\\n/g, " ").replaceAll(/ +/g, " ");

test(`every export of a stay bears the notice and the model's card, ${BROWSER}`, () =>
  on(async (page) => {
    await watchSaved(page);
    const labels = await page.$$eval("#export button", (all) =>
      all.map((it) => it.textContent.trim()).filter((label) => !/copy/i.test(label)),
    );
    for (const label of labels) {
      await press(page, "#export", label);
    }
    await page.waitForFunction(
      (count) => globalThis.taken.length === count,
      { timeout: PATIENCE, polling: 100 },
      labels.length,
    );
    const taken = await page.evaluate(() => globalThis.taken);
    assert.ok(taken.length >= 6, taken.map(({ name }) => name).join(", "));
    for (const { name, content } of taken) {
      // The picture is the drawing as pixels.
      if (name.endsWith(".png")) continue;
      assert.match(words(content), NOTICE, name);
      assert.ok(words(content).includes(CARD), `${name}: ${words(content).slice(-900)}`);
    }
  }));

once(`the table of many stays bears them, too, ${BROWSER}`, () =>
  on(async (page) => {
    const files = ["septic-shock", "stable", "late-arrest"].map((name) => ({
      name: `${name}.csv`,
      content: readFileSync(join(ROOT, `www/stays/${name}_timeseries.csv`)),
    }));
    await acting(page, () => drop(page, files));
    await watchSaved(page);
    await page.evaluate(() =>
      [...document.querySelectorAll(".cohort-tools button")].find((it) => /CSV/.test(it.textContent)).click(),
    );
    await pressing(page, "#cohort-trust-ask");
    await page.$$eval("#cohort-trust .cohort-tools button", (all) => all.forEach((it) => it.click()));
    await page.waitForFunction(() => globalThis.taken.length === 3, { timeout: PATIENCE, polling: 100 });
    const taken = await page.evaluate(() => globalThis.taken);
    assert.deepEqual(
      taken.map(({ name }) => name),
      ["vitrine-stays.csv", "vitrine-trust.csv", "vitrine-trust-stays.csv"],
    );
    for (const { name, content } of taken) {
      assert.match(content, NOTICE, name);
      assert.ok(content.includes(CARD), content);
      assert.match(
        content,
        /^# Method: lrp of output 0, explain default, rule arras2017, gates all, epsilon 0.01, bias factor 0$/m,
        "no residual is said of many",
      );
      if (name !== "vitrine-trust.csv")
        assert.equal(content.split("\n").filter((line) => line && !line.startsWith("#")).length, 1 + files.length);
    }
  }),
);

test(`the page itself says it: notice, card, licences, patents, ${BROWSER}`, () =>
  on(async (page) => {
    assert.match(await text(page, "footer.notice"), /Not a medical device/);
    await page.$eval("#about", (panel) => (panel.open = true));
    for (const [heading, wanted] of [
      ["Model card", "Glasgow coma scale parts are drawn, not measured"],
      ["Licences", "tract-core"],
    ]) {
      const found = await page.evaluate((start) => {
        const details = [...document.querySelectorAll("#about details")].find((it) =>
          it.querySelector("summary").textContent.startsWith(start),
        );
        details.open = true;
        return details !== undefined;
      }, heading);
      assert.ok(found, heading);
      await page.waitForFunction(
        (words) => document.querySelector("#about").textContent.includes(words),
        { timeout: PATIENCE },
        wanted,
      );
    }
    // They stand in the panel, and lie over nothing.
    const ways = await page.$$eval("#about pre", (all) => all.map((it) => getComputedStyle(it).position));
    assert.deepEqual(ways, ["static", "static"]);
    assert.match(await text(page, "#about"), /LRP may be covered by patents for commercial use/);
  }));

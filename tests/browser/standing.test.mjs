// Nothing is shown that is not so: answers go with what they were of, what is changed or replayed says so wherever it is
// seen or taken, giving up is no error, and an alert goes with its view.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PATIENCE, dropAndWait, file, settled, shoot, text } from "./browser.mjs";
import { acting, cancelling, choose, point, press, pressing, set } from "./doing.mjs";
import { once, pages } from "./pages.mjs";

const here = pages();
const STALE = "Something else is shown since; ask again.";
/** Two patients whose records are called the same. */
const record = (rate) => ({ name: "record.csv", content: `Hours,Heart Rate,pH\n0.5,${rate},7.31\n20,140,7.2\n` });

/** Shows the stay as of an hour, and lets all of the page follow. */
const replayTo = async (page, hour) => {
  await page.$eval(
    "#replay-hour",
    (slider, at) => {
      slider.value = String(at);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    },
    hour,
  );
  await page.waitForFunction(() => document.querySelector("#strip").textContent.includes("h known"), {
    timeout: PATIENCE,
  });
  await page.waitForFunction(() => !document.body.hasAttribute("data-behind"), { timeout: PATIENCE });
};

/** Types a value into the cell under the cursor. */
const type = async (page, value, state = "ready") => {
  await page.$eval("#whatif-value", (field, it) => (field.value = it), value);
  await acting(page, () => press(page, "#whatif", "Set"), state);
};

/** What was found is there, or said to be gone. */
const answers = (page) =>
  page.evaluate(() => ({
    counterfactual: document.querySelector(".whatif-found").textContent,
    take: [...document.querySelectorAll(".whatif-found button")].length,
    trust: document.querySelector("#trust .trust-found").textContent,
    compared: document.querySelectorAll(".compare-pictures canvas").length,
    said: document.querySelector(".compare-words").textContent,
    curve: document.querySelector(".replay-chart .curve")?.getAttribute("d"),
  }));

const askAll = async (page) => {
  await pressing(page, "#trust-ask");
  await page.waitForSelector(".replay-chart .curve", { timeout: PATIENCE });
  await pressing(page, "#compare-run");
};

test("another stay takes every answer with it, also where both are called the same", () =>
  here.on(async (page) => {
    await dropAndWait(page, [record(96)], "ready");
    await askAll(page);
    const before = await answers(page);
    assert.ok(before.trust.length > 40 && before.compared >= 4 && before.curve, JSON.stringify(before));
    await dropAndWait(page, [record(120)], "ready");
    const { trust, compared, said, curve } = await answers(page);
    assert.deepEqual({ trust, compared, said }, { trust: STALE, compared: 0, said: STALE });
    assert.notEqual(curve, before.curve, "the curve comes anew by itself");
  }));

once("another hour, an edit and another method take what depends on them", () =>
  here.on(async (page) => {
    await askAll(page);
    const { curve } = await answers(page);
    await replayTo(page, 30);
    const replayed = await answers(page);
    assert.equal(replayed.trust, STALE);
    assert.equal(replayed.compared, 0);
    assert.equal(replayed.curve, curve, "the curve is of all hours");
    await pressing(page, "#strip button");
    await askAll(page);
    await choose(page, { "#epsilon": "0.1" });
    const explained = await answers(page);
    assert.equal(explained.trust, STALE);
    assert.ok(explained.compared >= 4, "what was compared has methods of its own");
    await point(page, 4, 10);
    await type(page, "60");
    const edited = await answers(page);
    assert.equal(edited.compared, 0);
    assert.notEqual(edited.curve, curve);
  }),
);

test("what would have to change is of one patient: it goes, and is not made in another", { timeout: 300_000 }, () =>
  here.on(async (page) => {
    const stay = { name: "record.csv", content: await file("www/stays/septic-shock_timeseries.csv") };
    await dropAndWait(page, [stay], "ready");
    await acting(page, () => press(page, "#whatif", "What would have to change?"));
    const before = await answers(page);
    assert.ok(before.take > 0, before.counterfactual);
    // Pressed in the very moment in which another record opens: by the time it is its turn, the other is shown.
    await page.evaluate((content) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], "record.csv"));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }, record(120).content);
    await page.evaluate(() =>
      new Promise((done) => setTimeout(done)).then(() => document.querySelector(".whatif-found button")?.click()),
    );
    await page.waitForFunction(() => /ask again/.test(document.querySelector(".whatif-found").textContent), {
      timeout: PATIENCE,
    });
    await page.waitForFunction(() => ["ready", "error"].includes(document.body.dataset.state), { timeout: PATIENCE });
    const after = await answers(page);
    assert.equal(after.take, 0);
    assert.equal(after.counterfactual, STALE);
    assert.equal(await page.$$eval(".whatif-log li", (all) => all.length), 0, "nothing was changed");
    assert.equal(await page.$eval("#strip", (it) => it.hidden), true);
  }),
);

test("an edited or replayed stay says so in its head, in Compare and in what is taken, and goes back at one press", () =>
  here.on(async (page) => {
    const risk = () => page.$eval("#probability", (it) => it.dataset.value);
    const first = await risk();
    assert.equal(await page.$eval("#strip", (it) => it.hidden), true);
    await point(page, 4, 10);
    await type(page, "60");
    assert.match(await text(page, "#strip"), /^1 value changed/);
    await replayTo(page, 12);
    assert.match(await text(page, "#strip"), /^First 12 h known · 1 value changed ?Back to the record$/);
    const hatched = await page.$$eval("#pictures .plot", (plots) =>
      plots.map((plot) => {
        const [veil, canvas] = [".unknown", "canvas"].map((it) => plot.querySelector(it)?.getBoundingClientRect());
        return veil && canvas.width ? Math.round((100 * (veil.left - canvas.left)) / canvas.width) : 25;
      }),
    );
    assert.deepEqual(hatched, [25, 25, 25], "12 of 48 hours are clear");
    assert.doesNotMatch(await text(page, "#reading"), /\b(1[3-9]|[234]\d)–\d+ h/, "no later hour is named");
    await shoot(page, "strip");
    const svg = await page.evaluate(async () => (await import(new URL("view/taking.js", document.baseURI).href)).svg());
    assert.match(svg, /First 12 h known · 1 value changed/);
    assert.equal(svg.match(/url\(#unknown\)/g).length, 3, "each picture is hatched");
    await page.click("#view-tab-compare");
    await pressing(page, "#compare-run");
    assert.equal(await page.$eval("#strip", (it) => it.checkVisibility()), true);
    assert.equal(await page.$$eval(".compare-pictures .unknown", (all) => all.length), 2);
    await shoot(page, "strip-compare");
    await pressing(page, "#strip button");
    assert.equal(await page.$eval("#strip", (it) => it.hidden), true);
    assert.equal(await page.$$eval(".unknown", (all) => all.length), 0);
    assert.equal(await risk(), first);
    const plain = await page.evaluate(async () =>
      (await import(new URL("view/taking.js", document.baseURI).href)).svg(),
    );
    assert.doesNotMatch(plain, /unknown|changed/);
  }));

once("many stays say which network and method they were read with, where the page has gone on to another", () =>
  here.on(async (page, { complaints }) => {
    await page.click("#view-tab-cohort");
    await acting(page, () => press(page, "#view-cohort", "Read the demo stays"), "ready").catch(async () => {
      throw new Error(await text(page, "#view-cohort"));
    });
    const outdated = () => page.$eval("#cohort-outdated", (it) => (it.hidden ? "" : it.textContent));
    assert.equal(await outdated(), "");
    await choose(page, { "#method-kind": "gradient-x-input" });
    assert.match(await outdated(), /explained by LRP relevance/);
    await choose(page, { "#method-kind": "lrp" });
    assert.equal(await outdated(), "", "the page explains in the same way again");
    await choose(page, { "#method-kind": "gradient-x-input" });
    await pressing(page, "#cohort-outdated button");
    assert.equal(await outdated(), "");
    // Another network has other channels and outcomes: nothing is left that could be named after them.
    const other = "tests/fixtures/explain/bidirectional_last_state.onnx";
    await dropAndWait(page, [{ name: "other.onnx", content: await file(other) }], "ready");
    await page.click("#view-tab-cohort");
    assert.match(await outdated(), /^These stays were read with the network/);
    const seen = await page.$$eval(".cohort-filled > *, [data-t='cohort.csv']", (all) =>
      all.filter((it) => it.checkVisibility()).map((it) => it.id),
    );
    assert.deepEqual(seen, ["cohort-outdated"]);
    assert.deepEqual(complaints, []);
  }),
);

test("an error stays in sight, marks nothing that was not asked, and goes with its view", () =>
  here.on(async (page) => {
    await point(page, 4, 10);
    await page.$eval("#whatif", (it) => it.scrollIntoView({ block: "end" }));
    await type(page, "abc", "error");
    const box = await page.$eval("[role=alert]", (it) => {
      const { top, bottom } = it.getBoundingClientRect();
      return { top, bottom, height: innerHeight };
    });
    assert.ok(box.top >= 0 && box.bottom <= box.height, JSON.stringify(box));
    await page.click("#view-tab-compare");
    assert.equal(await text(page, "[role=alert]"), "");
    // It compares as soon as it is opened.
    await settled(page);
    for (const kind of ["lrp", "deep-shap"]) {
      if (await page.$eval(`[name=compared][value="${kind}"]`, (box) => box.checked))
        await page.click(`[name=compared][value="${kind}"]`);
    }
    await pressing(page, "#compare-run", "error");
    assert.doesNotMatch(await text(page, "[role=alert]"), /last good stay/, "no stay was concerned");
    await page.click("#view-tab-stay");
    assert.equal(await text(page, "[role=alert]"), "");
  }));

test("who cancels has what was asked for: no error", () =>
  here.on(async (page) => {
    await cancelling(page, () => set(page, "#method-kind", "occlusion"));
    assert.equal(await text(page, "#status"), "Cancelled");
    assert.equal(await text(page, "[role=alert]"), "");
    assert.equal(await page.$eval("#method-kind", (it) => it.value), "lrp", "the form says what is seen");
  }));

once("a demo network that is not the committed one says so", async () => {
  const { serve } = await import("./server.mjs");
  // One weight of the file is another.
  const swapped = await serve({
    alter: (path, bytes) => {
      if (!path.endsWith("in-hospital-mortality.onnx")) return bytes;
      const other = Buffer.from(bytes);
      other[other.length >> 1] ^= 1;
      return other;
    },
  });
  try {
    await here.on(
      async (page) => {
        assert.match(await text(page, "#strip"), /in-hospital-mortality\.onnx is not the network of that name/);
        assert.match(await text(page, "#facts"), /SHA-256, in-hospital-mortality\.onnx[0-9a-f]{64}: not the network/);
      },
      { url: swapped.page, isFresh: true },
    );
  } finally {
    await swapped.close();
  }
  await here.on(async (page) => {
    assert.match(
      await text(page, "#facts"),
      /SHA-256, in-hospital-mortality\.onnx74efe01727b0[0-9a-f]{52}: as the model card/,
    );
    assert.equal(await text(page, "#strip span"), "");
  });
});

// Edits and earlier hours show at once, and the rest follows: what is seen at once has the pixels of the whole view, and
// what follows makes the page what it would be had it been opened that way. And a worker that dies takes no edit along.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PATIENCE, dropAndWait, file, settled, text } from "./browser.mjs";
import { acting, point, press } from "./doing.mjs";
import { engine, once, pages } from "./pages.mjs";
import { serve } from "./server.mjs";

const SYSTOLIC = 5;

const stage = pages({ isOfOne: true });
const on = (run, options) => stage.on(run, { ...options, isQuiet: true });

/** Puts the cursor on a cell, and the keyboard into the field that changes it. */
async function typeAt(page, row, step) {
  await point(page, row, step);
  await page.focus("#whatif-value");
}

/** Everything has followed. */
async function caughtUp(page) {
  await page.waitForFunction(() => !document.body.hasAttribute("data-behind"), { timeout: PATIENCE });
}

/** One key after another, each shown before the next. */
async function keys(page, ...all) {
  for (const key of all) {
    const edits = () => performance.getEntriesByName("vitrine-edit").length;
    const shown = await page.evaluate(edits);
    await page.keyboard.press(key);
    await page.waitForFunction(
      (count) => performance.getEntriesByName("vitrine-edit").length > count,
      { timeout: PATIENCE },
      shown,
    );
  }
}

/** Makes the rest wait for ever, so that what shows at once can be looked at. */
function hold(page) {
  return page.evaluate(() => {
    const later = window.setTimeout;
    let held = () => {};
    window.setTimeout = (run, delay, ...rest) => {
      if (delay === 200) held = run;
      return later(run, delay === 200 ? 1e9 : delay, ...rest);
    };
    window.release = () => (window.setTimeout = later);
    window.follow = () => {
      window.release();
      held();
    };
  });
}

/** A canvas as a digest of its pixels. */
function pixels(page, selector) {
  return page.$eval(selector, async (canvas) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const digest = new Uint8Array(
      await crypto.subtle.digest("SHA-256", copy.getImageData(0, 0, canvas.width, canvas.height).data),
    );
    return `${canvas.width} x ${canvas.height}: ${[...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  });
}

const CANVASES = ["input", "lrp", "gradient"].flatMap((name) => [
  `canvas[data-grid="${name}"]`,
  `canvas[data-steps="${name}"]`,
]);
const NUMBERS = [
  "#probability",
  ".risk-bar",
  "#title",
  "#row-numbers",
  "#numbers",
  ".course-head",
  ".course-axis",
  "#readout",
  "#replay label",
];
const REST = ["#reading", "#ledger", "#residual", ".whatif-log", ".whatif-risk", "#report"];

/** What is in sight: every picture and number that an edit changes at once. */
async function sight(page) {
  const seen = {};
  for (const selector of [...CANVASES, "#row-totals", ".course-plot canvas"])
    seen[selector] = await pixels(page, selector);
  for (const selector of NUMBERS) seen[selector] = await text(page, selector);
  seen.risk = await page.$eval("#probability", (it) => it.dataset.value);
  seen.ticks = await page.$$eval(".ticks", (all) => all.map((one) => one.textContent));
  seen.fill = await page.$eval("#risk-fill", (it) => it.style.width);
  seen.value = await page.$eval("#whatif-value", (it) => it.value);
  return seen;
}

async function everything(page) {
  const seen = await sight(page);
  for (const selector of REST) seen[selector] = await text(page, selector);
  seen.buttons = await page.$$eval("#whatif button", (all) => all.map((one) => [one.textContent, one.disabled]));
  return seen;
}

/** The same stay explained, painted and shown anew, all of it at once. */
async function theLongWay(page) {
  await page.evaluate(async () => {
    const { open, shown } = await import(new URL("page.js", document.baseURI).href);
    await open({ method: shown().method });
  });
  await page.waitForFunction(() => document.querySelector("#whatif-value").dataset.cell, { timeout: PATIENCE });
  await new Promise((done) => setTimeout(done, 300));
}

for (const [what, options] of /** @type {const} */ ([
  ["wide", {}],
  ["narrow and dark", { width: 420, dark: true }],
  ["twice as dense", { density: 2 }],
])) {
  (what === "wide" ? test : once)(`what shows at once is what the whole view shows, ${what}`, () =>
    on(async (page) => {
      await typeAt(page, SYSTOLIC, 40);
      const first = await everything(page);
      await hold(page);
      await keys(page, ...Array.from({ length: 12 }, () => "ArrowUp"));
      assert.equal(await page.evaluate(() => document.body.hasAttribute("data-behind")), true);
      const atOnce = await sight(page);
      assert.notEqual(atOnce.risk, first.risk);
      assert.notEqual(atOnce['canvas[data-grid="lrp"]'], first['canvas[data-grid="lrp"]']);
      for (const selector of REST.slice(0, 1))
        assert.equal(await text(page, selector), first[selector], `${selector} has yet to follow`);
      await page.evaluate(() => window.release());
      await keys(page, "ArrowUp", "ArrowDown");
      await caughtUp(page);
      await new Promise((done) => setTimeout(done, 300));
      const followed = await everything(page);
      const hidden =
        options.width === 420 ? (selector) => /input|gradient|row-totals|row-numbers/.test(selector) : () => false;
      for (const [selector, seen] of Object.entries(atOnce))
        if (!hidden(selector)) assert.deepEqual(seen, followed[selector], selector);
      assert.notEqual(followed["#ledger"], first["#ledger"]);
      assert.match(followed[".whatif-log"], /Systolic BP, 40–41 h/);
      await theLongWay(page);
      assert.deepEqual(await everything(page), followed);
    }, options),
  );
}

once("a value that the reader put there reads edited, with what the record has, until it is put back", () =>
  on(async (page) => {
    await typeAt(page, SYSTOLIC, 40);
    const origin = async () => (await text(page, "#readout")).match(/edited[^●—·]*|observed|carried forward/)?.[0];
    assert.match(await origin(), /^(observed|carried forward)$/);
    await keys(page, "ArrowUp");
    assert.match(await origin(), /^edited; the record has (none|[\d.]+ mmHg)/);
    await caughtUp(page);
    assert.match(await text(page, "#whatif"), /edited; the record has/);
    const { cells } = await page.evaluate(async () =>
      (await import(new URL("page.js", document.baseURI).href)).engine.request("inspectAll", undefined),
    );
    const at = SYSTOLIC * 48 + 40;
    assert.deepEqual(
      cells.flatMap((cell, index) => (cell.edited?.isHere ? [index] : [])),
      [at],
    );
    await acting(page, () => press(page, "#strip", "Back to the record"));
    await point(page, SYSTOLIC, 41);
    await point(page, SYSTOLIC, 40);
    await page.waitForFunction(() => !/edited/.test(document.querySelector("#readout").textContent));
  }),
);

test("numbers in wide cells follow at once", () =>
  on(async (page) => {
    await page.evaluate(async () =>
      (await import(new URL("view/arrangement.js", document.baseURI).href)).setWindow([36, 42]),
    );
    await page.waitForFunction(() => document.querySelector("#numbers").children.length > 0, { timeout: PATIENCE });
    await typeAt(page, SYSTOLIC, 40);
    const before = await text(page, "#numbers");
    await hold(page);
    await keys(page, "PageUp");
    const atOnce = await text(page, "#numbers");
    assert.notEqual(atOnce, before);
    await page.evaluate(() => window.release());
    await keys(page, "ArrowUp", "ArrowDown");
    await caughtUp(page);
    await new Promise((done) => setTimeout(done, 300));
    assert.equal(await text(page, "#numbers"), atOnce);
  }));

test("a scale that an edit changed is said to have changed, also when all has followed", () =>
  on(async (page) => {
    await typeAt(page, SYSTOLIC, 47);
    const end = await page.$eval('.pane[data-pane="lrp"] .ticks span:last-child', (it) => it.textContent);
    // On a busy machine the rest would follow between two keys, and the scale change from there.
    await hold(page);
    await keys(page, ...Array.from({ length: 6 }, () => "PageDown"));
    const after = await page.$eval('.pane[data-pane="lrp"] .ticks span:last-child', (it) => it.textContent);
    assert.notEqual(after, end);
    const note = `.pane[data-pane="lrp"] .scale-note`;
    const said = await text(page, note);
    assert.match(said, new RegExp(end.replace(/^[+]/, "")));
    await page.evaluate(() => window.follow());
    await caughtUp(page);
    assert.equal(await text(page, note), said);
  }));

test("the scrubber shows an hour at once, and the rest follows", () =>
  on(async (page) => {
    await typeAt(page, SYSTOLIC, 5);
    const slide = (to) =>
      page.$eval(
        "#replay-hour",
        (slider, at) => {
          slider.value = String(at);
          slider.dispatchEvent(new Event("input", { bubbles: true }));
        },
        to,
      );
    await hold(page);
    const before = await text(page, "#probability");
    await slide(12);
    await page.waitForFunction(() => /12 h/.test(document.querySelector("#replay label").textContent), {
      timeout: PATIENCE,
    });
    const atOnce = await sight(page);
    assert.notEqual(atOnce["#probability"], before);
    await page.evaluate(() => window.release());
    await slide(11);
    await page.waitForFunction(() => /11 h/.test(document.querySelector("#replay label").textContent), {
      timeout: PATIENCE,
    });
    await slide(12);
    await caughtUp(page);
    await new Promise((done) => setTimeout(done, 300));
    const followed = await everything(page);
    for (const [selector, seen] of Object.entries(atOnce)) assert.deepEqual(seen, followed[selector], selector);
    await theLongWay(page);
    assert.deepEqual(await everything(page), followed);
  }));

test("an action asked for at once after an edit starts from the whole view", () =>
  on(async (page) => {
    await typeAt(page, SYSTOLIC, 40);
    await hold(page);
    await keys(page, "PageUp");
    await page.evaluate(() => (document.body.dataset.state = "asked"));
    await page.select("#palette", "vik");
    await page.evaluate(async () => {
      const { act } = await import(new URL("page.js", document.baseURI).href);
      act("x", "x", async () => {});
    });
    await settled(page);
    assert.equal(await page.evaluate(() => document.body.hasAttribute("data-behind")), false);
    assert.match(await text(page, ".whatif-log"), /Systolic BP, 40–41 h/);
  }));

/** A worker that stops, as after a trap, at the next explanation after it has been told to by another page of its origin. */
const TRAP = `
import { Editor, Model } from "../../pkg/vitrine.js";
const all = [Editor.prototype, Model.prototype];
const explainAll = all.map((it) => it.explainAll);
new BroadcastChannel("trap").onmessage = () => {
  for (const it of all) {
    it.explainAll = () => {
      all.forEach((one, at) => (one.explainAll = explainAll[at]));
      throw new WebAssembly.RuntimeError("unreachable");
    };
  }
};
`;

/** Runs something on a page whose workers can be stopped. */
async function onTraps(run) {
  const traps = await serve({
    alter: (path, bytes) => (path.endsWith("/worker/start.js") ? `${bytes}${TRAP}` : bytes),
  });
  try {
    await on(run, { url: traps.page });
  } finally {
    await traps.close();
  }
}

/** Stops the worker by an edit, and waits until a new one stands where the last one stood. */
async function trap(page) {
  await page.evaluate(() => new BroadcastChannel("trap").postMessage(undefined));
  await new Promise((done) => setTimeout(done, 100));
  await page.evaluate(() => (document.body.dataset.state = "asked"));
  await page.focus("#whatif-value");
  await page.keyboard.press("ArrowUp");
  await settled(page, "error");
  assert.match(await text(page, "[role=alert]"), /the engine stopped \(unreachable\) and was restarted/);
  await page.waitForFunction(() => !document.body.hasAttribute("data-behind"), { timeout: PATIENCE });
  await new Promise((done) => setTimeout(done, 800));
}

test("a worker that dies takes no edit along", () =>
  onTraps(async (page) => {
    await typeAt(page, SYSTOLIC, 40);
    await keys(page, "PageUp", "ArrowUp");
    await typeAt(page, SYSTOLIC + 1, 30);
    await keys(page, "PageDown");
    await caughtUp(page);
    await acting(page, () => press(page, "#whatif", "Undo"));
    await new Promise((done) => setTimeout(done, 300));
    const good = await everything(page);
    assert.match(good[".whatif-log"], /undone/);

    await trap(page);
    assert.deepEqual(await everything(page), good);

    // The log goes on where it was: made again, and taken back to the record as it was opened.
    await acting(page, () => press(page, "#whatif", "Redo"));
    assert.equal(await page.$$eval(".whatif-log li:not(.undone)", (all) => all.length), 2);
    await acting(page, () => press(page, "#whatif", "Undo all"));
    assert.equal(await page.$$eval(".whatif-log li.undone", (all) => all.length), 2);
  }));

once("nor a saved view, its colours, and the hour of the replay", () =>
  onTraps(async (page) => {
    const ask = (type, payload) =>
      page.evaluate(
        async ([type, payload]) =>
          (await import(new URL("page.js", document.baseURI).href)).engine.request(type, payload),
        [type, payload],
      );
    const recolour = async (palette) => {
      const before = (await everything(page))['canvas[data-grid="lrp"]'];
      await page.select("#palette", palette);
      await page.waitForFunction(() => document.body.dataset.state === "ready", { timeout: PATIENCE });
      await new Promise((done) => setTimeout(done, 500));
      assert.notDeepEqual((await everything(page))['canvas[data-grid="lrp"]'], before, "other colours");
    };
    await typeAt(page, SYSTOLIC, 40);
    await keys(page, "PageUp");
    await caughtUp(page);
    await recolour("vik");
    const saved = await ask("takeJson", undefined);
    await recolour("rdbu");
    await dropAndWait(page, [{ name: "view.json", content: saved }], "ready");
    await page.$eval("#replay-hour", (slider) => {
      slider.value = "30";
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await caughtUp(page);
    await new Promise((done) => setTimeout(done, 300));
    const good = await everything(page);
    await trap(page);
    assert.deepEqual(await everything(page), good);
    assert.equal(await page.$eval("#palette", (it) => it.value), "vik");
  }),
);

once("a press asks what a channel would have done, normal, as 12 h ago or never measured, over hours or all", () =>
  on(async (page) => {
    const { model, Stay, Editor } = await engine({ isOfOne: true });
    const record = await file("www/stays/septic-shock_timeseries.csv");
    const channel = model.manifest.channels[SYSTOLIC];
    /** The risk with other readings, by the engine alone: `other` of the step and what stands there. */
    const risk = (from, to, other) => {
      const stay = Stay.parse(String(record), model);
      const cell = (step) => inspect(model, stay, SYSTOLIC, step, undefined, undefined);
      const readings = Array.from({ length: to - from }, (_, index) => {
        const isRead = cell(from + index).origin.kind === "observed" || index === 0;
        return isRead ? other(from + index, cell) : null;
      });
      const editor = new Editor(model, stay, 0);
      editor.edit(model, { channel: SYSTOLIC, start: from, readings });
      return model.predict(editor.stay().input)[0];
    };
    const { inspect } = await engine({ isOfOne: true });
    const normal = () => ({ value: channel.encoding.normal });
    const before = (step, cell) => ({ value: cell(step < 12 ? step : step - 12).value });
    const never = () => null;
    await typeAt(page, SYSTOLIC, 30);
    await page.$eval("#whatif-hours", (it) => (it.value = "6"));
    for (const [words, span, from, to, other] of [
      ["normal", "here", 30, 36, normal],
      ["as 12 h ago", "here", 30, 36, before],
      ["never measured", "here", 30, 36, never],
      ["as 12 h ago", "all", 0, 48, before],
      ["never measured", "all", 0, 48, never],
      ["normal", "all", 0, 48, normal],
    ]) {
      await page.select("#whatif-span", span);
      await acting(page, () => press(page, "#whatif", words));
      const shown = await page.$eval("#probability", (it) => Number(it.dataset.value));
      assert.ok(Math.abs(shown - risk(from, to, other)) < 2e-7, `${words}, ${span}: ${shown}`);
      assert.match(await text(page, "#strip"), /1 value changed/);
      // Undone from anywhere.
      await page.focus("#theme");
      await acting(page, async () => {
        await page.keyboard.down("Control");
        await page.keyboard.press("z");
        await page.keyboard.up("Control");
      });
      assert.equal(await page.$eval("#strip", (it) => it.hidden), true);
    }
  }),
);

test("a coma score is typed as its number", () =>
  on(async (page) => {
    await typeAt(page, 2, 20);
    await page.$eval("#whatif-value", (field) => (field.value = "4"));
    await acting(page, () => press(page, "#whatif", "Set"));
    assert.match(await text(page, ".whatif-log"), /→ “4 Confused”/);
  }));

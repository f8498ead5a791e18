// For everyone: axe-core finds nothing on any view, light and dark; what the pictures say is said to screen readers; the
// page works at 200 %, and focus can be seen.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { findings } from "./axe.mjs";
import { dropAndWait, isFirefox, launch, text, visit } from "./browser.mjs";
import { serve } from "./server.mjs";

let server, running;
before(async () => {
  server = await serve();
  running = await launch();
});
after(async () => {
  await running?.close();
  await server?.close();
});

async function on(options, run, hash = "") {
  const { page } = await visit(running.browser, server.page + hash, options);
  try {
    await run(page);
  } finally {
    await page.close();
  }
}

const RECORD = { name: "record.csv", content: "Hours,Heart Rate\n1.0,fast\n" };

/** Each state of the page, and how it is reached. */
const STATES = {
  "first visit": async () => {},
  "with the cursor on a cell": async (page) => {
    await page.focus('canvas[data-grid="lrp"]');
    await page.waitForSelector("#readout div");
  },
  "twelve hours, a folded group": async (page) => {
    await page.click('[data-tool="zoom-12"]');
    await page.waitForSelector('[data-tool="back"]');
    await page.$eval("#labels .group", (heading) => heading.click());
    await page.waitForSelector('#labels .group[aria-expanded="false"]');
  },
  "as a table": async (page) => {
    await page.click('[data-tool="table"]');
    await page.waitForSelector("#table tbody tr");
  },
  help: async (page) => {
    await page.click("#help-open");
    await page.waitForSelector("#help[open]");
  },
  tour: async (page) => {
    await page.click("#tour-start");
    await page.waitForSelector("#tour:not([hidden])");
  },
  "an error": (page) => dropAndWait(page, [RECORD], "error"),
  "all panels open": (page) => page.$$eval("details:not([hidden], .menu)", (all) => all.forEach((one) => (one.open = true))),
};

for (const [state, reach] of Object.entries(STATES)) {
  for (const dark of [false, true]) {
    test(`axe-core finds nothing: ${state}, ${dark ? "dark" : "light"}`, () =>
      on({ dark }, async (page) => {
        await reach(page);
        assert.deepEqual(await findings(page), []);
      }));
  }
}

test("axe-core finds nothing: narrow, and in Armenian", async () => {
  await on({ width: 400, height: 860 }, async (page) => assert.deepEqual(await findings(page), []));
  await on({}, async (page) => assert.deepEqual(await findings(page), []), "#lang=hy");
});

test("each picture is a grid with one cell in the tab order, which says where it stands", () =>
  on({}, async (page) => {
    await page.focus('canvas[data-grid="lrp"]');
    for (const key of ["ArrowDown", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
    const seen = await page.evaluate(() => {
      const cell = document.activeElement;
      const row = cell.closest("[role=row]");
      const grid = cell.closest("[role=grid]");
      return {
        role: cell.role,
        label: cell.ariaLabel,
        column: cell.getAttribute("aria-colindex"),
        row: row.getAttribute("aria-rowindex"),
        header: row.querySelector("[role=rowheader]").textContent,
        rows: grid.getAttribute("aria-rowcount"),
        columns: grid.getAttribute("aria-colcount"),
        grid: grid.ariaLabel,
        stops: document.querySelectorAll("[role=gridcell][tabindex='0']").length,
      };
    });
    assert.deepEqual(seen, {
      role: "gridcell",
      label: "GCS motor, 2–3 h",
      column: "4",
      row: "2",
      header: "GCS motor",
      rows: "17",
      columns: "49",
      grid: "LRP relevance, 17 channels by 48 steps",
      stops: 3,
    });
  }));

test("n and p go through the cells by their relevance", () =>
  on({}, async (page) => {
    await page.focus('canvas[data-grid="gradient"]');
    const shares = [];
    for (const key of ["n", "n", "n", "n", "p"]) {
      const before = await text(page, "#readout");
      await page.keyboard.press(key);
      await page.waitForFunction((old) => document.querySelector("#readout").textContent.replace(/\s+/g, " ").trim() !== old, {}, before);
      shares.push(Number((await text(page, "#readout")).match(/Relevance([+−][\d.]+)/)[1].replace("−", "-")));
    }
    const sizes = shares.slice(0, 4).map(Math.abs);
    assert.deepEqual(sizes, sizes.toSorted((a, b) => b - a), "from the strongest on");
    assert.equal(shares[4], shares[2], "and back");
    const end = await page.$$eval('.pane[data-pane="lrp"] .ticks span', (ticks) => Number(ticks.at(-1).textContent));
    assert.ok(Math.abs(sizes[0] - end) < 1e-9, `${sizes[0]} is the end of the scale, ${end}`);
  }));

test("the table holds the numbers of the pictures", () =>
  on({}, async (page) => {
    await page.focus('canvas[data-grid="lrp"]');
    await page.keyboard.press("n");
    await page.waitForFunction(() => /Relevance/.test(document.querySelector("#readout").textContent));
    const [relevance, channel] = await page.evaluate(() => [
      document.querySelector("#readout").textContent.match(/Relevance([+−][\d.]+)/)[1],
      document.querySelector("#labels .row.at").textContent,
    ]);
    const hour = await page.$eval(".cursor", (cell) => Number(cell.getAttribute("aria-colindex")) - 2);
    await page.click('[data-tool="table"]');
    await page.waitForSelector("#table tbody tr");
    const row = await page.$$eval("#table tbody tr", (rows, name) => [...rows.find((it) => it.cells[0].textContent === name).cells].map((it) => it.textContent), channel);
    assert.equal(row.length, 50);
    const number = (written) => Number(written.replace("−", "-"));
    assert.ok(Math.abs(number(row[hour + 2]) - number(relevance)) < 6e-4, `${row[hour + 2]} for ${relevance}`);
    assert.ok(await page.$eval("#pictures", (it) => it.hidden));
    await page.click('[data-tool="table"]');
    assert.ok(await page.$eval("#table", (it) => it.hidden));
  }));

test("the focused cell stands out from the page and from the pictures by 3 to 1", async () => {
  for (const dark of [false, true]) {
    await on({ dark }, async (page) => {
      await page.focus('canvas[data-grid="lrp"]');
      await page.keyboard.press("n");
      const contrast = await page.evaluate(() => {
        const channel = (byte) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);
        const luminance = (colour) => {
          const [red, green, blue] = colour.match(/[\d.]+/g).slice(0, 3).map((byte) => channel(Number(byte)));
          return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        };
        const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const style = getComputedStyle(document.activeElement);
        // The outline stands between two bands of the page's own colour, whatever the picture has there.
        return ratio(luminance(style.outlineColor), luminance(getComputedStyle(document.body).backgroundColor));
      });
      assert.ok(contrast >= 3, `${contrast}`);
    });
  }
});

test("at 200 % nothing is cut off and nothing scrolls sideways", () =>
  // A window of 1280 px at 200 % has 640 px of its own.
  on({ width: 640, height: 400, density: 2 }, async (page) => {
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${content} px of content in ${window} px`);
    assert.ok(await page.$eval("#probability", (it) => it.offsetParent !== null));
  }));

test("without motion nothing moves", { skip: isFirefox && "BiDi cannot emulate it" }, () =>
  on({}, async (page) => {
    await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
    const moving = await page.$$eval("*", (all) => all.filter((it) => parseFloat(getComputedStyle(it).transitionDuration) > 0).map((it) => it.id || it.className));
    assert.deepEqual(moving, []);
  }));

test("more contrast has black on white, and forced colours keep the pictures", { skip: isFirefox && "BiDi cannot emulate it" }, () =>
  on({}, async (page) => {
    const colours = () => page.evaluate(() => [getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]);
    const session = await page.createCDPSession();
    const emulate = (name, value) => session.send("Emulation.setEmulatedMedia", { features: [{ name, value }] });
    await emulate("prefers-contrast", "more");
    assert.deepEqual(await colours(), ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
    await emulate("forced-colors", "active");
    assert.equal(await page.$eval('canvas[data-grid="lrp"]', (it) => getComputedStyle(it).forcedColorAdjust), "none");
  }));

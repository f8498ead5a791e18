// For everyone: axe-core finds nothing on any view, light and dark; what the pictures say is said to screen readers; the
// page works at 200 %, and focus can be seen.

import assert from "node:assert/strict";
import { test } from "node:test";

import { HtmlValidate } from "html-validate";

import { findings, findingsInBoth } from "./axe.mjs";
import { dropAndWait, file, isFirefox, launch, text, visit } from "./browser.mjs";
import { choose, clickInSight, pressing } from "./doing.mjs";
import { once, pages } from "./pages.mjs";

const stage = pages({ isOfOne: true });
const on = (options, run, hash) => stage.on(run, { ...options, hash });

const RECORD = { name: "record.csv", content: "Hours,Heart Rate\n1.0,fast\n" };

/** Each state of the page after the first visit, and how it is reached. */
const STATES = {
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
    await clickInSight(page, "#tour-start");
    await page.waitForSelector("#tour:not([hidden])");
  },
  "an error": (page) => dropAndWait(page, [RECORD], "error"),
  "the menu of exports": async (page) => {
    await page.click("#export summary");
    await page.waitForSelector("#export[open] button");
  },
  "Shapley values, their fields and their table": async (page) => {
    await choose(page, { "#method-kind": "shapley", "#players": "channel" });
    await page.waitForSelector(".effects:not([hidden]) tbody tr");
  },
  "occlusion of windows": (page) =>
    choose(page, { "#method-kind": "occlusion", "#taken-away": "window", "#window": "12" }),
  "against another stay": (page) => choose(page, { "#method-kind": "deep-shap", "#reference": "own" }),
  "methods side by side": async (page) => {
    await page.click("#view-tab-compare");
    await pressing(page, "#compare-run");
  },
  "many stays, before there are any": (page) => page.click("#view-tab-cohort"),
  "a sentence": async (page) => {
    await page.select("#demo-stay", "text");
    await page.waitForSelector(".sentence span[data-relevance]");
  },
  "a picture": async (page) => {
    await page.select("#demo-stay", "image");
    await page.waitForSelector('canvas[data-demo="class"]');
  },
  "all panels open": (page) =>
    page.$$eval("details:not([hidden], .menu)", (all) => all.forEach((one) => (one.open = true))),
};

for (const dark of [false, true]) {
  test(`axe-core finds nothing: first visit, ${dark ? "dark" : "light"}`, () =>
    on({ dark }, async (page) => assert.deepEqual(await findings(page), [])));
}

for (const [state, reach] of Object.entries(STATES)) {
  once(`axe-core finds nothing in the light and in the dark, html-validate nothing: ${state}`, () =>
    on({}, async (page) => {
      await reach(page);
      assert.deepEqual(await findingsInBoth(page), []);
      assert.deepEqual(await invalid(page), []);
    }),
  );
}

/** What html-validate finds in the document as it stands, in words, but for what is the style of a source. */
async function invalid(page) {
  const config = JSON.parse(await file(".htmlvalidate.json"));
  const ofSources = [
    "no-inline-style",
    "no-trailing-whitespace",
    "attribute-empty-style",
    "attribute-boolean-style",
    "doctype-style",
  ];
  // Boxes of one question share a name, as radio buttons do.
  const shared = { "form-dup-name": ["error", { shared: ["radio", "checkbox", "submit", "button", "reset"] }] };
  const validator = new HtmlValidate({
    ...config,
    rules: { ...config.rules, ...Object.fromEntries(ofSources.map((rule) => [rule, "off"])), ...shared },
  });
  const { results } = await validator.validateString(await page.content());
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, selector }) => `${ruleId}: ${message}: ${selector}`),
  );
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

once("n and p go through the cells by their relevance", () =>
  on({}, async (page) => {
    await page.focus('canvas[data-grid="gradient"]');
    const shares = [];
    for (const key of ["n", "n", "n", "n", "p"]) {
      const before = await text(page, "#readout");
      await page.keyboard.press(key);
      await page.waitForFunction(
        (old) => document.querySelector("#readout").textContent.replace(/\s+/g, " ").trim() !== old,
        {},
        before,
      );
      shares.push(Number((await text(page, "#readout")).match(/Relevance([+−][\d.]+)/)[1].replace("−", "-")));
    }
    const sizes = shares.slice(0, 4).map(Math.abs);
    assert.deepEqual(
      sizes,
      sizes.toSorted((a, b) => b - a),
      "from the strongest on",
    );
    assert.equal(shares[4], shares[2], "and back");
    const end = await page.$$eval('.pane[data-pane="lrp"] .ticks span', (ticks) => Number(ticks.at(-1).textContent));
    assert.ok(Math.abs(sizes[0] - end) < 1e-9, `${sizes[0]} is the end of the scale, ${end}`);
  }),
);

once("the table holds the numbers of the pictures", () =>
  on({}, async (page) => {
    await page.focus('canvas[data-grid="lrp"]');
    await page.keyboard.press("n");
    // The numbers follow the cursor, a moment later.
    await page.waitForFunction(
      () => {
        const { textContent, dataset } = document.querySelector("#readout");
        const isSettled = /Relevance/.test(textContent) && dataset.seen === textContent;
        dataset.seen = textContent;
        return isSettled;
      },
      { polling: 500 },
    );
    const [relevance, channel] = await page.evaluate(() => [
      document.querySelector("#readout").textContent.match(/Relevance([+−][\d.]+)/)[1],
      document.querySelector("#labels .row.at").textContent,
    ]);
    const hour = await page.$eval(".cursor", (cell) => Number(cell.getAttribute("aria-colindex")) - 2);
    await page.click('[data-tool="table"]');
    await page.waitForSelector("#table tbody tr");
    const row = await page.$$eval(
      "#table tbody tr",
      (rows, name) => [...rows.find((it) => it.cells[0].textContent === name).cells].map((it) => it.textContent),
      channel,
    );
    assert.equal(row.length, 50);
    const number = (written) => Number(written.replace("−", "-"));
    const rows = await page.$$eval("#table tbody tr", (all) =>
      all.map((it) => [...it.cells].map((cell) => cell.textContent)),
    );
    for (const [name, total, ...cells] of rows) {
      const sum = cells.reduce((sum, cell) => sum + number(cell), 0);
      assert.ok(Math.abs(sum - number(total)) < 48 * 6e-5, `${name}: ${total} for cells that add up to ${sum}`);
    }
    assert.ok(Math.abs(number(row[hour + 2]) - number(relevance)) < 6e-4, `${row[hour + 2]} for ${relevance}`);
    assert.ok(await page.$eval("#pictures", (it) => it.hidden));
    await page.click('[data-tool="table"]');
    assert.ok(await page.$eval("#table", (it) => it.hidden));
  }),
);

test("the focused cell stands out from the page and from the pictures by 3 to 1", async () => {
  for (const dark of [false, true]) {
    await on({ dark }, async (page) => {
      await page.focus('canvas[data-grid="lrp"]');
      await page.keyboard.press("n");
      const contrast = await page.evaluate(() => {
        const channel = (byte) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);
        const luminance = (colour) => {
          const [red, green, blue] = colour
            .match(/[\d.]+/g)
            .slice(0, 3)
            .map((byte) => channel(Number(byte)));
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

/**
 * Opens the page as a reader sees it who has asked the system for something: Chromium emulates it, Firefox is told by its
 * settings, which it reads when it starts.
 * @param {Record<string, string>} features
 * @param {Record<string, unknown>} prefs
 * @param {(page: import("puppeteer-core").Page) => Promise<void>} run
 */
async function asking(features, prefs, run) {
  const own = isFirefox ? await launch({ prefs }) : undefined;
  const { page } = await visit((own ?? stage.running).browser, stage.server.page);
  try {
    if (!own) {
      const session = await page.createCDPSession();
      await session.send("Emulation.setEmulatedMedia", {
        features: Object.entries(features).map(([name, value]) => ({ name, value })),
      });
    }
    for (const [name, value] of Object.entries(features)) {
      assert.ok(await page.evaluate((query) => matchMedia(query).matches, `(${name}: ${value})`), `${name}: ${value}`);
    }
    await run(page);
  } finally {
    await page.close();
    await own?.close();
  }
}

test("without motion nothing moves", () =>
  asking({ "prefers-reduced-motion": "reduce" }, { "ui.prefersReducedMotion": 1 }, async (page) => {
    const moving = await page.$$eval("*", (all) =>
      all.filter((it) => parseFloat(getComputedStyle(it).transitionDuration) > 0).map((it) => it.id || it.className),
    );
    assert.deepEqual(moving, []);
  }));

test("more contrast has black on white", () =>
  asking(
    { "prefers-contrast": "more" },
    {
      "ui.prefersContrast": 1,
      "layout.css.prefers-contrast.enabled": true,
      "browser.display.document_color_use": 2,
      "browser.display.background_color": "#ffffff",
      "browser.display.foreground_color": "#000000",
    },
    async (page) => {
      const colours = await page.evaluate(() => [
        getComputedStyle(document.body).color,
        getComputedStyle(document.body).backgroundColor,
      ]);
      assert.deepEqual(colours, ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
    },
  ));

test("forced colours keep the pictures", () =>
  asking({ "forced-colors": "active" }, { "browser.display.document_color_use": 2 }, async (page) => {
    assert.equal(await page.$eval('canvas[data-grid="lrp"]', (it) => getComputedStyle(it).forcedColorAdjust), "none");
    // What is chosen is told apart by more than a colour of ours.
    assert.notEqual(
      await page.$eval('#views [aria-selected="true"]', (it) => getComputedStyle(it).outlineStyle),
      "none",
    );
  }));

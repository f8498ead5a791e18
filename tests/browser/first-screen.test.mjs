// The first screen: the networks as one, what is beside the risk, the verdict that comes by itself, the sentence as links,
// the card at a cell, and a map from elsewhere. What is said is held against the engine, and to be in sight.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";

import { PATIENCE, dropAndWait, file, pictures, sheets, text } from "./browser.mjs";
import { acting, choose, press } from "./doing.mjs";
import { engine as bare, once, pages } from "./pages.mjs";
import { ROOT } from "./server.mjs";

const DEMO = "septic-shock_timeseries.csv";
const SEEDS = ["", "-2", "-3", "-4", "-5"].map((seed) => `in-hospital-mortality${seed}.onnx`);
/** As the page opens by itself. */
const PLAIN = { hash: "", isQuiet: true };

const stage = pages({ isChecked: true });
let engine, model, stay, explanation, summary;
before(async () => {
  ({ model, ...engine } = await bare());
  stay = engine.Stay.parse(String(await file(`www/stays/${DEMO}`)), model, { name: DEMO });
  explanation = model.explain(stay.input, { method: "deep-shap" });
  summary = engine.summary(model, stay, explanation, 0);
});

/** Chooses a demo stay. */
const pick = (page, name) => acting(page, () => page.select("#demo-stay", `${name}_timeseries.csv`));

/** Waits for the verdict that comes by itself. */
async function verdict(page) {
  await page.waitForFunction(() => document.querySelector("#verdict").dataset.verdict, { timeout: PATIENCE });
  return page.$eval("#verdict", (it) => it.dataset.verdict);
}

/** What the engine says of a demo stay. */
async function summaryOf(name) {
  const other = engine.Stay.parse(String(await file(`www/stays/${name}_timeseries.csv`)), model, { name });
  return engine.summary(model, other, model.explain(other.input, { method: "deep-shap" }), 0);
}

/** Holds the clauses of the sentence to the engine's findings. */
async function said(page, { raising, lowering, raisingTogether, loweringTogether }) {
  const clauses = await page.$$eval(".clause", (all) => all.map((it) => it.textContent));
  const expected = [raising, raisingTogether?.rows ?? [], lowering, loweringTogether?.rows ?? []].flat();
  assert.equal(clauses.length, expected.length);
  expected.forEach((it, at) => {
    const { channel, without } = typeof it === "number" ? { channel: model.manifest.channels[it].label } : it;
    assert.ok(clauses[at].includes(channel), clauses[at]);
    if (without !== undefined) assert.ok(clauses[at].includes(`without it ${percent(without)}`), clauses[at]);
  });
}

const percent = (share) =>
  `${new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(100 * share)}%`;

test("five networks are shown as one, and the sentence is what four of five name", () =>
  stage.on(async (page) => {
    assert.equal(await text(page, "#probability"), percent(summary.probability));
    assert.match(await text(page, "#model-name"), /5 networks as one$/);
    assert.match(await text(page, "#spread"), /^5 networks: [\d.]+%–[\d.]+%$/);
    await said(page, summary);
    // Of shock no finding is decisive alone: what is so together is named.
    assert.match(await text(page, "#reading"), /^Raised by .* together \(without all of them [\d.]+%\)/);
    await pick(page, "brain-injury");
    await said(page, await summaryOf("brain-injury"));
    // Where fewer than four agree, cells are hatched: another picture than that of the mean without its members.
    assert.ok(engine.unsureCells(model, explanation, { part: "both" }).length > 0);
  }, PLAIN));

test("beside the risk stands what it rests on, and how often such predictions came true", () =>
  stage.on(async (page) => {
    const { charted, channels, chartedSteps, steps } = summary.coverage;
    assert.ok(
      (await text(page, "#rests")).startsWith(
        `Rests on ${charted} of ${channels} variables, ${chartedSteps} of ${steps} hours.`,
      ),
    );
    assert.equal(
      await text(page, "#alike"),
      `Of 100 stays predicted 43% to 100%, ${summary.sureness.ofHundred} died. To be right in 90% of stays, it may say: dies.`,
    );
    // An edited stay is no record: nothing was counted of such.
    await acting(page, () => press(page, ".whatif", "Not measured"));
    assert.equal(await page.$eval("#alike", (it) => it.hidden), true);
  }, PLAIN));

once("whether the explanation holds is said without being asked, and a better method is one press away", () =>
  stage.on(async (page) => {
    const said = await verdict(page);
    assert.ok((await text(page, "#verdict")).startsWith("Explanation: "));
    assert.equal(await page.$eval("#reading", (it) => it.classList.contains("unheld")), said === "does not hold");
    // On paper as well, where the buttons beside it are none.
    await page.emulateMediaType("print");
    assert.ok(await page.$eval("#verdict", (it) => it.checkVisibility()));
    assert.equal(await page.$eval("#as-paper", (it) => it.checkVisibility()), false);
    await page.emulateMediaType(null);
    // What is done meanwhile comes first, and takes the word along.
    await pick(page, "sparse-dirty");
    assert.equal(await page.$eval("#verdict", (it) => it.dataset.verdict), "");
    await pick(page, "septic-shock");
    assert.equal(await page.$eval("#verdict", (it) => it.dataset.verdict), "", "an opening of its own");
  }, PLAIN),
);

for (const lang of ["en", "hy"])
  once(`the report of every demo stay is one sheet, with its verdict (${lang})`, () =>
    stage.on(
      async (page) => {
        await page.evaluate(() => (window.print = () => {}));
        const names = (await readdir(join(ROOT, "www/stays"))).filter((name) => name.endsWith("_timeseries.csv"));
        assert.equal(names.length, 8);
        const own = await page.evaluate(() => document.adoptedStyleSheets.length);
        const count = {};
        for (const name of names) {
          await acting(page, () => page.select("#demo-stay", name));
          await verdict(page);
          await acting(page, () => page.$eval("#export [data-t='export.print']", (it) => it.click()));
          count[name] = await sheets(page);
        }
        assert.deepEqual(count, Object.fromEntries(names.map((name) => [name, 1])));
        // Printed as it is, the page has its own margin again.
        assert.equal(await page.evaluate(() => document.adoptedStyleSheets.length), own);
      },
      { hash: `#lang=${lang}` },
    ),
  );

test("a clause frames its cells and opens the chart of its channel", () =>
  stage.on(async (page) => {
    await pick(page, "brain-injury");
    const [first] = (await summaryOf("brain-injury")).raising;
    await page.click(".clause");
    assert.equal(await page.$eval(".clause", (it) => it.ariaPressed), "true");
    const frames = await page.$$eval(".framed", (all) =>
      all.map((it) => [parseFloat(it.style.left), parseFloat(it.style.width)]),
    );
    assert.equal(frames.length, 3);
    const cell = await page.$eval(".cursor:not(.unset)", (it) => parseFloat(it.style.width));
    assert.deepEqual(frames[0], [first.steps[0] * cell, (first.until - first.steps[0]) * cell]);
    await page.waitForFunction(
      (name) => document.querySelector(".course-head b").textContent === name,
      {},
      first.channel,
    );
    await page.keyboard.press("Escape");
    assert.equal((await page.$$(".framed")).length, 0);
  }, PLAIN));

once("a card at the cell says what stands there, and what the network says without it", () =>
  stage.on(async (page) => {
    const [row, step] = [model.manifest.channels.findIndex(({ name }) => name === "Mean blood pressure"), 46];
    const seen = engine.inspect(model, stay, row, step, explanation);
    const box = await page.$eval('[data-cells="lrp"]', (it) => it.getBoundingClientRect().toJSON());
    const layout = await page.evaluate(async () => (await import("/www/page.js")).shown().stay.layout);
    await page.mouse.move(box.x + (step + 0.5) * layout.cellWidth, box.y + layout.tops[row] + 5);
    await page.waitForFunction(() => document.querySelector("#card:not([hidden]) > :last-child")?.textContent);
    const said = await text(page, "#card");
    assert.ok(said.includes("Mean BP, 46–47 h"), said);
    assert.ok(
      said.includes(`${new Intl.NumberFormat("en", { maximumSignificantDigits: 5 }).format(seen.value)} mmHg`),
      said,
    );
    assert.ok(said.includes("normal 70–100"), said);
    assert.ok(said.includes(`Without it: ${percent(engine.withoutReading(model, stay, row, step))}`), said);
    assert.equal(await page.$eval("#card > :nth-child(2)", (it) => it.classList.contains("outside")), true);
    // How it came to that, as the engine draws it.
    const drawn = await page.waitForFunction(() => {
      const canvas = document.querySelector("#card canvas:not([hidden])");
      if (!canvas) return false;
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
    assert.ok((await drawn.jsonValue()) > 3);
  }, PLAIN),
);

once("methods side by side have the foot of a row, and say of a cell what is painted there", () =>
  stage.on(async (page) => {
    const methods = [{ method: "lrp" }, { method: "deep-shap" }].map((it) => model.explain(stay.input, it));
    const seen = (row, step) => methods.map((it) => engine.inspect(model, stay, row, step, it).relevance);
    const [row, step] = [model.manifest.channels.findIndex(({ name }) => name === "Temperature"), 44];
    await page.click("#view-tab-compare");
    const pane = await page.waitForSelector(".compare-pictures .cells");
    await page.waitForFunction(() => document.body.dataset.state === "ready", { polling: 50 });
    assert.match(await text(page, ".compare"), /The foot of a row: that it was measured\./);
    const height = 18;
    const signed = new Intl.NumberFormat("en", { maximumSignificantDigits: 3, signDisplay: "exceptZero" });
    const written = (amount) => signed.format(amount).replaceAll("-", "−");
    const said = (words) =>
      page.waitForFunction(
        (all) => {
          const cells = [...document.querySelectorAll(".compare-cell")].map((it) => it.textContent);
          return cells.length === all.length && all.every((one, at) => cells[at].endsWith(one));
        },
        { polling: 50 },
        words,
      );
    // The cursor stands in the row; the pointer goes to the middle of the cell, and to its foot.
    const place = async () => {
      await page.evaluate(async (cell) => (await import(new URL("page.js", document.baseURI).href)).moveTo(cell), {
        row,
        step,
      });
      return page.$eval(".compare-pictures .cursor", (it) => it.getBoundingClientRect().toJSON());
    };
    const { x, y, width } = await place();
    await said(seen(row, step).map(({ value }) => `: ${written(value)}`));
    await page.mouse.move(x + width / 2, y + height - 3);
    await said(seen(row, step).map(({ mask }) => `that it was measured: ${written(mask)}`));
    assert.ok(pane);
  }, PLAIN),
);

once("the foot of a row is that it was measured: the card, the legend and a choice say so", () =>
  stage.on(async (page) => {
    const size = (it) => Math.abs(it.relevance.mask);
    const all = engine
      .inspectAll(model, stay, explanation)
      .map((it, at) => ({ it, row: Math.floor(at / 48), step: at % 48 }));
    const { it: seen, row, step } = all.reduce((best, one) => (size(one.it) > size(best.it) ? one : best));
    const layoutOf = () => page.evaluate(async () => (await import("/www/page.js")).shown().stay.layout);
    const layout = await layoutOf();
    assert.ok(layout.tracks.every((track) => track >= 3 && track <= layout.cellHeight / 3));
    const box = await page.$eval('[data-cells="lrp"]', (it) => it.getBoundingClientRect().toJSON());
    const goTo = (down) => page.mouse.move(box.x + (step + 0.5) * layout.cellWidth, box.y + layout.tops[row] + down);
    const says = (text) =>
      page.waitForFunction(
        (wanted) => document.querySelector("#card:not([hidden])")?.textContent.includes(wanted),
        {},
        text,
      );
    const signed = new Intl.NumberFormat("en", { maximumSignificantDigits: 3, signDisplay: "exceptZero" });
    const amount = signed.format(seen.relevance.mask).replaceAll("-", "−");
    await goTo(layout.cellHeight - 2);
    await says(seen.origin.kind === "observed" ? "Measured in this hour" : "Not measured in this hour");
    await says(` the predicted risk by that alone: ${amount}`);
    // Above it the card speaks of the value, and names both.
    await goTo(3);
    await says(`, ${amount} by being measured`);
    const notes = () => page.$$eval(".track-note", (them) => them.map((it) => it.checkVisibility()));
    assert.equal((await notes())[0], true);
    assert.match(await text(page, "#pane-lrp .key"), /The foot of a row: that it was measured\./);
    // One choice adds both up again.
    await page.$eval("#picture-open", (it) => (it.parentElement.open = true));
    await page.select("#track", "none");
    await page.waitForFunction(async () =>
      (await import("/www/page.js")).shown().stay.layout.tracks.every((it) => it === 0),
    );
    assert.ok((await notes()).every((isShown) => !isShown));
    assert.match(await page.evaluate(() => location.hash), /track=none/);
    await goTo(layout.cellHeight - 2);
    await says(`, ${amount} by being measured`);
    // Of results alone there is nothing to be told apart.
    await page.select("#part", "value");
    assert.equal(await page.$eval("#track", (it) => it.hidden), true);
  }, PLAIN),
);

once("readings that are hard to believe are marked in their row", () =>
  stage.on(async (page) => {
    await pick(page, "sparse-dirty");
    const marked = await page.$$eval("#labels .doubtful", (all) => all.map((it) => it.textContent));
    assert.ok(marked.includes("O2 saturation"), marked.join());
    // On paper as well, which has no titles: what the mark says stands under the record.
    await page.evaluate(() => (window.print = () => {}));
    await acting(page, () => page.$eval("#export [data-t='export.print']", (it) => it.click()));
    const texts = await page.$eval("#print-report", ({ shadowRoot }) =>
      [...shadowRoot.querySelectorAll("main svg text")].map((it) => it.textContent),
    );
    const named = texts.filter((it) => it.endsWith(" ⚠")).map((it) => it.split(",")[0]);
    assert.deepEqual([...new Set(named.map((it) => it.replace(/ ⚠$/, "")))].sort(), marked.sort());
    assert.match(texts.join(" "), /⚠ .*O2 saturation: outside what is possible: a slip\?/);
  }, PLAIN),
);

for (const [name, size] of Object.entries({
  laptop: { width: 1366, height: 650 },
  phone: { width: 390, height: 844 },
})) {
  once(`on a ${name} the risk, the sentence, the curve and the large picture are in sight without scrolling`, () =>
    stage.on(
      async (page) => {
        await verdict(page);
        const { seen, wide } = await page.evaluate(() => {
          const foot = document.querySelector("footer.notice").getBoundingClientRect().top;
          const large = '#pane-lrp canvas[data-grid="lrp"]';
          const places = ["#probability", "#rests", "#verdict", "#reading", ".replay-plot", large];
          const boxes = places.map((it) => document.querySelector(it).getBoundingClientRect());
          // On a laptop all of the picture, on a phone at least its first two groups.
          const least = innerWidth > 900 ? boxes[5].height : 200;
          const seen = boxes.map(
            ({ top, bottom, width }, at) => width > 0 && top >= 0 && (at < 5 ? bottom : top + least) <= foot,
          );
          const others = ["input", "gradient"].map(
            (it) => document.querySelector(`[data-pane="${it}"].pane`).getBoundingClientRect().width,
          );
          return {
            seen,
            wide: boxes[5].width > Math.max(...others) && document.documentElement.scrollWidth <= innerWidth,
          };
        });
        assert.deepEqual(seen, [true, true, true, true, true, true]);
        assert.ok(wide);
      },
      { ...PLAIN, ...size },
    ),
  );
}

/** Where the curve and the mark "now" stand, and the picture below. */
const courseOf = (page) =>
  page.evaluate(() => {
    const box = (/** @type {string} */ it) => document.querySelector(it).getBoundingClientRect().toJSON();
    const picture = box('#pane-lrp canvas[data-grid="lrp"]');
    return { plot: box(".replay-plot"), picture, now: box(".replay-now"), cell: picture.width / 48 };
  });
const knows = (page, hours) =>
  page.waitForFunction(
    (wanted) =>
      document.querySelector("#strip").textContent.includes(`First ${wanted} h known`) &&
      !document.body.hasAttribute("data-behind"),
    {},
    hours,
  );

test("the risk curve stands on the picture's hours; its mark is dragged, and moved by keys", () =>
  stage.on(
    async (page) => {
      await page.waitForSelector(".replay-chart .curve", { timeout: PATIENCE });
      const { plot, picture, now, cell } = await courseOf(page);
      assert.deepEqual([plot.x, plot.width], [picture.x, picture.width], "the curve is as wide as the picture");
      assert.ok(Math.abs(now.x - plot.right) < 2, "all hours are known");
      const y = plot.y + 20;
      await page.mouse.move(plot.right - 1, y);
      await page.mouse.down();
      await page.mouse.move(plot.x + 20 * cell, y, { steps: 4 });
      await page.mouse.move(plot.x + 12 * cell + 2, y, { steps: 4 });
      await page.mouse.up();
      await knows(page, 12);
      const known = stay.knownUntil(model, 12);
      // On a busy machine the last answer of the drag comes after the strip has named its hour.
      const wanted = percent(model.predict(known.input)[0]);
      const isSaid = (risk) => document.querySelector("#probability").textContent === risk;
      await page.waitForFunction(isSaid, { timeout: PATIENCE }, wanted);
      assert.ok(Math.abs((await courseOf(page)).now.x - plot.x - 12 * cell) < 2, "the mark stands at 12 h");
      assert.equal(await text(page, ".replay-seen"), `12 h: ${percent(model.predict(known.input)[0])}`);
      await page.keyboard.press("ArrowRight");
      await knows(page, 13);
      const thirteen = percent(model.predict(stay.knownUntil(model, 13).input)[0]);
      assert.equal(
        await page.$eval("#replay-hour", (it) => it.getAttribute("aria-valuetext")),
        `First 13 h known: ${thirteen}`,
      );
      // Zoomed, the curve follows its picture.
      await page.click('[data-tool="zoom-24"]');
      await page.waitForFunction(
        () => document.querySelector(".replay-chart").getAttribute("viewBox").split(" ")[2] === "0.5",
      );
      const zoomed = await courseOf(page);
      assert.deepEqual([zoomed.plot.x, zoomed.plot.width], [zoomed.picture.x, zoomed.picture.width]);
      await page.click('[data-tool="zoom-all"]');
    },
    { ...PLAIN, width: 1366, height: 650 },
  ));

once("how it is explained and painted stands in one line each, which says what is chosen", () =>
  stage.on(async (page) => {
    assert.equal(await page.$eval("#method-kind", (it) => it.checkVisibility()), false);
    assert.equal(await text(page, "#method summary"), "Method: Compared with a reference");
    // A seed that is set before costs one explanation by Shapley values, and not two.
    await choose(page, { "#seed": "7", "#method-kind": "shapley" });
    assert.equal(await text(page, "#method summary"), "Method: Shapley values, Seed 7");
    const picture = "#method details:last-child summary";
    assert.equal(await text(page, picture), "Picture: orange, purple, results and measuring");
    await page.select("#totals", "absolute");
    assert.equal(await text(page, picture), "Picture: orange, purple, results and measuring, absolute");
    await page.click("#method summary");
    assert.equal(await page.$eval("#method-kind", (it) => it.checkVisibility()), true);
  }, PLAIN),
);

test("several models that are dropped together are shown as one", () =>
  stage.on(async (page) => {
    const before = await text(page, "#probability");
    await dropAndWait(page, [
      { name: SEEDS[1], content: await file(`www/models/${SEEDS[1]}`) },
      { name: SEEDS[2], content: await file(`www/models/${SEEDS[2]}`) },
    ]);
    assert.match(await text(page, "#model-name"), /2 networks as one$/);
    assert.match(await text(page, "#colours"), /Hatched: fewer than 80% of the 2 networks agree\.$/);
    const two = new engine.Models(
      model.networks
        ? await Promise.all([1, 2].map(async (at) => new Uint8Array(await file(`www/models/${SEEDS[at]}`))))
        : [],
    );
    assert.equal(await text(page, "#probability"), percent(two.predict(stay.input)[0]));
    assert.notEqual(await text(page, "#probability"), before);
    // The calibration was counted on five together.
    assert.equal(await page.$eval("#alike", (it) => it.hidden), true);
  }, PLAIN));

once("a map from elsewhere is painted and checked under its file's name", () =>
  stage.on(async (page) => {
    const { lrp } = await pictures(page);
    const lines = [...stay.input].map((x, at) => `${Math.floor(at / 76)},${at % 76},${x}`);
    await dropAndWait(page, [{ name: "captum.csv", content: ["hour,column,relevance", ...lines].join("\n") }], "ready");
    assert.equal(await text(page, "#pane-lrp figcaption .quiet"), "captum.csv, a map from elsewhere");
    assert.notEqual((await pictures(page)).lrp.digest, lrp.digest);
    // Its own input is no explanation: the check says so.
    assert.notEqual(await verdict(page), "holds");
    await page.click("#view-tab-compare");
    await acting(page, () => press(page, ".compare", "Compare"));
    const captions = await page.$$eval(".compare figure b", (all) => all.map((it) => it.textContent));
    assert.ok(captions.includes("captum.csv") && captions.length === 3, captions.join());
    await acting(page, () => page.select("#method-kind", "lrp"));
    assert.equal(await text(page, "#pane-lrp figcaption .quiet"), "LRP relevance");
  }, PLAIN),
);

once("a map of some cells says so, and one with the values of another stay is refused", () =>
  stage.on(async (page) => {
    const cells = 17 * 48;
    const row = model.manifest.channels.findIndex(({ name }) => name === "Heart Rate");
    const heart = engine.inspect(model, stay, row, 3);
    const map = (value) => [
      { name: "some.csv", content: `hour,channel,value,relevance\n3,Heart Rate,${value},0.5\n4,pH,,-0.25\n` },
    ];
    await dropAndWait(page, map(heart.value), "ready");
    const said = await text(page, "#pane-lrp figcaption .quiet");
    assert.equal(said, `some.csv, a map from elsewhere; ${cells - 2} cells that it does not name count 0`);
    await dropAndWait(page, map(heart.value + 40), "error");
    assert.match(
      await text(page, "[role=alert]"),
      /some\.csv: .*line 2: value [\d.]+ of Heart Rate, where the stay has [\d.]+: the map is of another stay/,
    );
    assert.equal(await text(page, "#pane-lrp figcaption .quiet"), said);
    await acting(page, () => page.select("#method-kind", "lrp"));
  }, PLAIN),
);

once("a record that goes on after the hours that the network sees says so beside what the prediction rests on", () =>
  stage.on(async (page) => {
    const rows = (last) => [
      { name: "long.csv", content: `Hours,Heart Rate,pH\n0.5,80,7.4\n47.5,82,7.3\n${last},120,7.1\n` },
    ];
    await dropAndWait(page, rows(71.25), "ready");
    assert.match(await text(page, "#rests"), /2 of 48 hours\. The record goes on to 71\.25 h, unseen by the network\./);
    await dropAndWait(page, rows(47.9), "ready");
    assert.match(await text(page, "#rests"), /2 of 48 hours\.(?! The record)/);
  }, PLAIN),
);

once("two maps of one name are told apart: what was found of the first is not said of the second", () =>
  stage.on(async (page) => {
    const csv = (sign) => {
      const lines = [...explanation.relevance].map((r, at) => `${Math.floor(at / 76)},${at % 76},${sign * r}`);
      return [{ name: "captum.csv", content: ["hour,column,relevance", ...lines].join("\n") }];
    };
    await dropAndWait(page, csv(1), "ready");
    assert.equal(await verdict(page), "holds");
    await dropAndWait(page, csv(-1), "ready");
    assert.equal(await page.$eval("#verdict", (it) => it.dataset.verdict), "");
    assert.equal(await verdict(page), "does not hold");
  }, PLAIN),
);

// What if, replay, many stays, taking away: each as a reader would, and what the page says held against the engine.

import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import {
  PATIENCE,
  drop,
  dropAndWait,
  file,
  isFirefox,
  isOneFile,
  pictures,
  settled,
  sheets,
  shoot,
  text,
} from "./browser.mjs";
import { findings, findingsInBoth } from "./axe.mjs";
import { acting, point, press } from "./doing.mjs";
import { download } from "./download.mjs";
import { engine, once, pages } from "./pages.mjs";
import { ROOT } from "./server.mjs";

const DEMO = "septic-shock_timeseries.csv";
const SYSTOLIC = 5;

const stage = pages({ isOfOne: true });
const on = (run, { isLoud, ...options } = {}) => stage.on(run, { ...options, isQuiet: !isLoud });

const risk = (page) => page.$eval("#probability", (it) => Number(it.dataset.value));

async function setValue(page, value) {
  await page.$eval("#whatif-value", (field, typed) => (field.value = typed), value);
  await press(page, "#whatif", "Set");
}

async function openDemo(page) {
  await acting(page, () => page.select("#demo-stay", DEMO));
}

test("a typed value changes the risk as the engine says, and can be undone and made again", () =>
  on(async (page) => {
    await openDemo(page);
    const { model, Stay, Editor } = await engine({ isOfOne: true });
    const editor = new Editor(model, Stay.parse(String(await file(`www/stays/${DEMO}`)), model, { name: DEMO }));
    const before = await risk(page);
    const seen = await pictures(page);
    await point(page, SYSTOLIC, 40);
    await acting(page, () => setValue(page, "131,5"));
    const expected = editor.type(model, SYSTOLIC, 40, "131.5");
    assert.equal(await risk(page), expected);
    assert.notEqual((await pictures(page)).lrp.digest, seen.lrp.digest);
    assert.match(await text(page, "#whatif .whatif-log"), /Systolic BP, 40–41 h.*→ 131.5 mmHg/);
    await acting(page, () => press(page, "#whatif", "Undo"));
    assert.equal(await risk(page), before);
    assert.deepEqual(await pictures(page), seen);
    await acting(page, () => press(page, "#whatif", "Redo"));
    assert.equal(await risk(page), expected);
    await acting(page, () => press(page, "#whatif", "Not measured"));
    assert.equal(await risk(page), editor.clear(model, SYSTOLIC, 40));
    await acting(page, () => press(page, "#whatif", "Undo all"));
    assert.equal(await risk(page), before);
  }));

once("a course over a window is typed as well as drawn: a value for so many hours, and none", () =>
  on(async (page) => {
    await openDemo(page);
    const { model, Stay, Editor } = await engine({ isOfOne: true });
    const editor = new Editor(model, Stay.parse(String(await file(`www/stays/${DEMO}`)), model, { name: DEMO }));
    await point(page, SYSTOLIC, 20);
    await acting(page, async () => {
      await page.focus("#whatif-hours");
      await page.keyboard.press("Backspace");
      await page.keyboard.type("12");
      await page.focus("#whatif-value");
      await page.keyboard.down("Control");
      await page.keyboard.press("a");
      await page.keyboard.up("Control");
      await page.keyboard.type("120");
      await page.keyboard.press("Enter");
    });
    assert.equal(
      await risk(page),
      editor.edit(model, { channel: SYSTOLIC, start: 20, readings: Array(12).fill({ value: 120 }) }),
    );
    assert.match(await text(page, "#whatif .whatif-log"), /Systolic BP, 20–32 h.*→ 120 mmHg/);
    assert.equal(await page.$$eval("#whatif .whatif-log li", (items) => items.length), 1);
    await acting(page, () => press(page, "#whatif", "Not measured"));
    assert.equal(await risk(page), editor.clear(model, SYSTOLIC, 20, 12));
    const chord = async (...keys) => {
      for (const key of keys) await page.keyboard.down(key);
      for (const key of keys.toReversed()) await page.keyboard.up(key);
    };
    await page.$eval("#whatif [data-t='whatif.draw']", (button) => button.focus());
    await acting(page, () => chord("Control", "z"));
    assert.equal(await risk(page), editor.undo(model));
    await acting(page, () => chord("Control", "Shift", "z"));
    assert.equal(await risk(page), editor.redo(model));
    // Hours beyond the stay's end are none.
    await point(page, SYSTOLIC, 45);
    await acting(page, () => setValue(page, "90"));
    assert.match(await text(page, "#whatif .whatif-log"), /Systolic BP, 45–48 h/);
  }),
);

once("a value that is none is refused, and everything stays", () =>
  on(async (page) => {
    const before = await risk(page);
    await point(page, SYSTOLIC, 3);
    await acting(page, () => setValue(page, "high"), "error");
    assert.match(await text(page, "[role=alert]"), /Systolic blood pressure.*"high" is not a number/);
    assert.equal(await risk(page), before);
  }),
);

test("keys in the field are one edit, and so is a drawn course", () =>
  on(async (page) => {
    await openDemo(page);
    await point(page, SYSTOLIC, 44);
    await page.focus("#whatif-value");
    // Keys that come faster than pictures share one: wait for each.
    for (let n = 0; n < 24; n++) {
      await page.keyboard.press(n % 4 < 2 ? "ArrowUp" : "ArrowDown");
      await page.waitForFunction(
        (n) => performance.getEntriesByName("vitrine-edit").length > n,
        { timeout: PATIENCE },
        n,
      );
    }
    // The log follows a moment after the pictures.
    await page.waitForFunction(() => !document.body.hasAttribute("data-behind"), { timeout: PATIENCE });
    assert.equal(await page.$$eval("#whatif .whatif-log li", (items) => items.length), 1);

    await press(page, "#whatif", "Draw on the chart");
    await page.waitForSelector(".course-plot.drawing");
    await new Promise((done) => setTimeout(done, 300));
    const box = await page.$eval(".course-plot canvas", (canvas) => {
      canvas.scrollIntoView({ block: "center" });
      const { left, top, width, height } = canvas.getBoundingClientRect();
      return { left, top, width, height };
    });
    await page.mouse.move(box.left + box.width * 0.3, box.top + 20);
    await page.mouse.down();
    for (let n = 0; n <= 60; n++)
      await page.mouse.move(box.left + box.width * (0.3 + n / 150), box.top + 20 + (n % 30));
    await page.mouse.up();
    await page.waitForFunction(() => document.querySelectorAll("#whatif .whatif-log li").length === 2, {
      timeout: PATIENCE,
    });
    const times = await page.evaluate(() =>
      performance.getEntriesByName("vitrine-edit").map(({ duration }) => duration),
    );
    const sorted = times.slice(5).sort((a, b) => a - b);
    const at = (share) => sorted[Math.floor(share * (sorted.length - 1))].toFixed(1);
    console.log(`${sorted.length} edits, from asking to painted: median ${at(0.5)} ms, p95 ${at(0.95)} ms`);
    await shoot(page, "whatif", { fullPage: true });
  }));

once("what would have to change is found within a second's silence, said, and is what it says when it is made", () =>
  on(async (page) => {
    await openDemo(page);
    const before = await risk(page);
    await acting(page, () => press(page, "#whatif", "What would have to change?"));
    const said = await text(page, ".whatif-found");
    assert.match(said, /not advice on what to do/);
    assert.match(said, /would predict the other label|Nothing within reach changes the prediction/);
    const crosses = /would predict the other label/.test(said);
    const to = /→ ([\d.]+)%/.exec(said)?.[1];
    await shoot(page, "counterfactual", { fullPage: true });
    // Each answer by itself, and all together, give the risk that was said.
    const alone = await page.$$eval(".whatif-found li > b", (all) => all.map((it) => it.textContent));
    assert.ok(alone.length > 0, said);
    await acting(page, () => press(page, ".whatif-found li", "Make it"));
    assert.equal(await text(page, ".whatif-risk").then((it) => /→ ([\d.]+%)/.exec(it)?.[1]), alone[0]);
    await acting(page, () => press(page, "#whatif", "Undo all"));
    assert.equal(await risk(page), before);
    await acting(page, () => press(page, "#whatif", "What would have to change?"));
    await acting(page, () => press(page, ".whatif-found", "Make these changes"));
    assert.equal((100 * (await risk(page))).toFixed(1), to);
    assert.equal((await risk(page)) > 0.5 !== before > 0.5, crosses);
    assert.equal(await page.$$eval("#whatif .whatif-log .warning", (all) => all.length), 0, "nothing implausible");
  }),
);

once("a replay shows the stay as of each hour, and the curve ends at the whole stay's risk", () =>
  on(async (page) => {
    await openDemo(page);
    const whole = await risk(page);
    const { model, Stay } = await engine({ isOfOne: true });
    const stay = Stay.parse(String(await file(`www/stays/${DEMO}`)), model, { name: DEMO });
    await page.waitForSelector("#replay .curve", { timeout: PATIENCE });
    assert.match(await page.$eval("#replay .curve", (path) => path.getAttribute("d")), /^M/);
    for (const hours of [12, 1, 30]) {
      await page.$eval(
        "#replay-hour",
        (slider, to) => {
          slider.value = String(to);
          slider.dispatchEvent(new Event("input", { bubbles: true }));
        },
        hours,
      );
      const expected = model.predict(stay.knownUntil(model, hours).input)[0];
      await page.waitForFunction(
        (to) => Math.abs(Number(document.querySelector("#probability").dataset.value) - to) < 1e-6,
        { timeout: PATIENCE },
        expected,
      );
      assert.match(await text(page, "#replay label"), new RegExp(`First ${hours} h known`));
    }
    assert.equal((await page.$$("#replay .curve")).length, 1, "the curve stays while hours are tried");
    // Hours that are not known have no relevance, and the legend says where it went.
    await page.waitForFunction(() => !document.body.hasAttribute("data-behind"), { timeout: PATIENCE });
    // In the one file there are no modules to ask where cells stand.
    if (!isOneFile) {
      const later = await page.evaluate(async () => {
        const { shown } = await import(new URL("page.js", document.baseURI).href);
        const { layout } = shown().stay;
        const canvas = document.querySelector('canvas[data-grid="lrp"]');
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const colour = (row, step) => {
          const [x, y] = [(step - layout.firstStep + 0.5) * layout.cellWidth, layout.tops[row] + 2];
          return data
            .subarray(4 * (y * canvas.width + Math.floor(x)))
            .slice(0, 3)
            .join();
        };
        const ground = getComputedStyle(document.body).backgroundColor.match(/\d+/g).join();
        const cells = layout.order.flatMap((row) => Array.from({ length: 48 }, (_, step) => [step, colour(row, step)]));
        const tinted = (from, to) => cells.filter(([step, it]) => step >= from && step < to && it !== ground).length;
        return { known: tinted(0, 30), later: tinted(30, 48) };
      });
      assert.ok(later.known > 20 && later.later === 0, JSON.stringify(later));
    }
    assert.match(await text(page, "#pane-lrp .key"), /hours not known counts to the reading carried there/);
    await shoot(page, "replay", { fullPage: true });
    await page.$eval("#replay-hour", (slider) => {
      slider.value = slider.max;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await page.waitForFunction(
      (to) => Number(document.querySelector("#probability").dataset.value) === to,
      { timeout: PATIENCE },
      whole,
    );
  }),
);

/** So many records, made of the demo stays, with a list of labels. */
async function records(count) {
  const names = (await readdir(join(ROOT, "www/stays"))).filter((name) => name.endsWith("_timeseries.csv")).sort();
  const texts = await Promise.all(names.map((name) => file(`www/stays/${name}`)));
  const stays = Array.from({ length: count }, (_, n) => ({
    name: `${n}_timeseries.csv`,
    content: texts[n % texts.length],
  }));
  const list = `stay,y_true\n${stays.map(({ name }, n) => `${name},${[0, 1, 0, 1, 0, 0, 1, 0, 1][n % 9]}`).join("\n")}\n`;
  return [...stays, { name: "listfile.csv", content: list }];
}

once("many stays: a table to sort and step through, pictures, curves, and no text is kept", () =>
  on(async (page) => {
    const files = [...(await records(40)), { name: "broken_timeseries.csv", content: "Hours,pH\n1,sour\n" }];
    await dropAndWait(page, files);
    assert.equal(await page.evaluate(() => document.body.dataset.view), "cohort");
    assert.match(await text(page, ".cohort [role=status]"), /41 stays, 1 not readable/);
    assert.equal(await page.$$eval(".cohort-table tbody tr", (rows) => rows.length), 41);
    assert.match(await text(page, ".cohort-table"), /"sour" is not a number/);
    assert.equal(await page.$$eval(".cohort-charts svg", (all) => all.length), 4);
    assert.match(await text(page, ".cohort-measures"), /40 labelled stays/);
    assert.ok((await page.$eval(".cohort-picture canvas", (canvas) => canvas.width)) >= 336);
    assert.doesNotMatch(await text(page, ".cohort-legend"), /The foot of a row/, "of results alone");
    const risks = () =>
      page.$$eval(".cohort-table tbody tr", (rows) => rows.map((row) => parseFloat(row.children[1].textContent) || -1));
    const falling = await risks();
    assert.deepEqual(
      falling,
      [...falling].sort((a, b) => b - a),
    );
    await press(page, ".cohort-table thead", "Risk");
    const rising = await risks();
    assert.deepEqual(
      rising,
      [...rising].sort((a, b) => a - b),
    );
    await shoot(page, "cohort", { fullPage: true });
    await page.focus(".cohort-table tbody tr:nth-child(1) button");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await acting(page, () => page.keyboard.press("Enter"));
    assert.equal(await page.evaluate(() => document.body.dataset.view), "stay");
  }),
);

/** What the engine measures of some of the records. */
async function measured(files, keep) {
  const { model, Cohort } = await engine({ isOfOne: true });
  const cohort = new Cohort(model);
  const [heading, ...lines] = files.at(-1).content.trim().split("\n");
  for (const { name, content } of files.slice(0, -1)) cohort.add(model, name, String(content));
  cohort.takeLabels([heading, ...lines.filter(keep)].join("\n"));
  const task = cohort.measuresTask();
  while (task.advance(100) < 1) continue;
  return { rows: cohort.rows(), measures: task.result() };
}

once("many stays are filtered, gone through one by one, and measured at a threshold and by subgroups", () =>
  on(async (page) => {
    const files = await records(24);
    const list = files.at(-1);
    list.content = list.content
      .trim()
      .split("\n")
      .map((line, n) => `${line},${n === 0 ? "sex" : n % 2 ? "f" : "m"}`)
      .join("\n");
    await dropAndWait(page, files);
    const { rows } = await measured(files, () => true);
    const cells = () =>
      page.$$eval(".cohort-table tbody tr", (all) => all.map((row) => [...row.cells].map((it) => it.textContent)));
    await page.select("#cohort-kind", "wrong");
    const wrong = rows.filter(({ label, predictedLabel }) => label !== predictedLabel);
    assert.deepEqual((await cells()).map(([name]) => name).toSorted(), wrong.map(({ name }) => name).toSorted());
    assert.match(await text(page, ".cohort-filled [role=status]"), new RegExp(`${wrong.length} of them are shown`));
    await page.select("#cohort-kind", "all");

    // What each rests on, as the stay's head says it, to sort and to filter by.
    const rests = ({ coverage: { charted, channels, chartedSteps, steps } }) =>
      `${charted} of ${channels}, ${chartedSteps} of ${steps}`;
    const byName = new Map(rows.map((row) => [row.name, row]));
    for (const [name, , , , , , said] of await cells()) assert.equal(said, rests(byName.get(name)));
    await press(page, ".cohort-table thead", "Rests on variables, hours");
    const falling = (await cells()).map(([name]) => byName.get(name).coverage.charted);
    assert.deepEqual(
      falling,
      falling.toSorted((a, b) => b - a),
    );
    await page.select("#cohort-kind", "sparse");
    const sparse = rows.filter(({ coverage: { charted, channels } }) => 2 * charted < channels);
    assert.equal((await cells()).length, sparse.length);
    await page.select("#cohort-kind", "all");

    // The threshold: stays on either side of it, by what became of them.
    await page.$eval("#cohort-threshold", (it) => {
      it.value = "0.3";
      it.dispatchEvent(new Event("input", { bubbles: true }));
    });
    const side = (label) =>
      [true, false].map((above) =>
        String(rows.filter((row) => row.label === label && row.probability >= 0.3 === above).length),
      );
    const confusion = await page.$$eval(".cohort-measures > .cohort-scroll tbody tr", (all) =>
      all.map((row) => [...row.querySelectorAll("td")].map((it) => it.textContent)),
    );
    assert.deepEqual(confusion, [side(1), side(0)]);
    // Nothing of a chart stands outside its figure, at any width, and the pointer reads what is under it.
    for (const width of [1366, 1024, 300]) {
      await page.setViewport({ width, height: 900 });
      const out = await page.$$eval(".cohort-charts figure", (all) =>
        all.flatMap((it) => {
          const { left, right } = it.getBoundingClientRect();
          const [first, last] = [...it.querySelectorAll("svg :is(rect, text)")]
            .map((part) => part.getBoundingClientRect())
            .reduce(([a, b], box) => [Math.min(a, box.left), Math.max(b, box.right)], [left, right]);
          return last > right + 8 || first < left - 8 ? [`${first - left} ${last - right}`] : [];
        }),
      );
      assert.deepEqual(out, [], `${width} px`);
      const svg = await page.$(".cohort-charts svg");
      await svg.evaluate((it) => it.scrollIntoView({ block: "center" }));
      const frame = await (await svg.$(".frame")).boundingBox();
      await page.mouse.move(frame.x + frame.width - 2, frame.y + 2);
      assert.match(
        await text(page, ".cohort-seen"),
        /^false positive rate 1, true positive rate 1, at a threshold of [\d.]+%$/,
      );
    }
    await page.setViewport({ width: 1440, height: 900 });
    // The decision curve: its lines are the engine's, and the pointer reads its point.
    const { measures: whole } = await measured(files, () => true);
    const net = "figure:has(.all)";
    assert.deepEqual(await page.$$eval(`.cohort-charts ${net} path`, (all) => all.map((it) => it.getAttribute("d"))), [
      whole.paths.netBenefitBand,
      whole.paths.treatNone,
      whole.paths.treatAll,
      whole.paths.netBenefit,
    ]);
    const chart = await page.$(`.cohort-charts ${net} svg`);
    await chart.evaluate((it) => it.scrollIntoView({ block: "center" }));
    const at = await chart.boundingBox();
    await page.mouse.move(at.x + 46 + 2, at.y + 30);
    assert.match(
      await text(page, `${net} .cohort-seen`),
      /^at a threshold of \d+%: net benefit [−\d.]+ by the prediction, [−\d.]+ for everybody, 0 for nobody$/,
    );
    const figure = await page.evaluate(async () => {
      const { createObjectURL } = URL;
      const blobs = [];
      URL.createObjectURL = (blob) => (blobs.push(blob), createObjectURL.call(URL, blob));
      document.querySelector(".cohort-charts button").click();
      URL.createObjectURL = createObjectURL;
      return blobs[0].text();
    });
    assert.match(figure, /^<svg [^>]*>.*<path [^>]*stroke="rgb/);

    // Subgroups are what the engine measures of their stays alone.
    await acting(page, () => page.select("#cohort-subgroup", "sex"));
    for (const [at, sex] of ["f", "m"].entries()) {
      const { measures } = await measured(files, (line) => line.endsWith(`,${sex}`));
      const row = await page.$$eval(
        ".cohort-subgroups tbody tr",
        (all, n) => [...all[n].cells].map((it) => it.textContent),
        at,
      );
      assert.deepEqual(row.slice(0, 3), [sex, String(measures.nStays), String(measures.nPositive)]);
      assert.ok(Math.abs(parseFloat(row[3]) - measures.rocArea.value) < 5e-4, row[3]);
      assert.ok(Math.abs(parseFloat(row[5]) - measures.brier.value) < 5e-4, row[5]);
    }
    assert.deepEqual(await findings(page), []);
    await shoot(page, "cohort-subgroups", { fullPage: true });

    const order = (await cells()).map(([name]) => name);
    await acting(page, () => press(page, ".cohort-table", order[0]));
    assert.equal(await text(page, ".stepper .small"), "1 of 24");
    assert.equal(await page.evaluate(() => scrollY), 0);
    await acting(page, () => press(page, ".stepper", "›"));
    assert.equal(await text(page, ".stepper .small"), "2 of 24");
    assert.ok((await text(page, "#title")).startsWith(order[1]));
    await acting(page, () => page.select("#demo-stay", DEMO));
    assert.equal(await page.$eval(".stepper", (it) => it.hidden), true);
  }),
);

once("many stays: what is there before there are any, the demo stays, and the difference of the groups", () =>
  on(async (page) => {
    await page.click("#view-tab-cohort");
    assert.match(await text(page, ".cohort-blank"), /Drop a folder of records/);
    assert.equal(await page.$eval(".cohort-filled", (it) => it.hidden), true);
    await acting(page, () => press(page, ".cohort", "Read the demo stays"));
    assert.match(await text(page, ".cohort [role=status]"), /8 stays, 0 not readable/);
    assert.match(await text(page, ".cohort-measures"), /8 labelled stays/);
    assert.deepEqual(
      await page.$$eval(".cohort-picture .axis span", (all) => [all[0].textContent, all.at(-1).textContent]),
      ["0 h", "48"],
    );
    // What raised and lowered each is what its own page says: the relevance of the values, channel by channel.
    const { model, Stay, summary } = await engine({ isOfOne: true });
    const stay = Stay.parse(String(await file(`www/stays/${DEMO}`)), model, { name: DEMO });
    const said = summary(model, stay, model.explain(stay.input));
    const named = (some, together) =>
      together ? `together: ${together.channels.join(", ")}` : some.map(({ channel }) => channel).join(", ");
    const expected = [named(said.raising, said.raisingTogether), named(said.lowering, said.loweringTogether)];
    const row = await page.$$eval(
      ".cohort-table tbody tr",
      (rows, name) => [...rows.find((it) => it.textContent.includes(name)).cells].map((cell) => cell.textContent),
      DEMO,
    );
    assert.deepEqual(row.slice(4, 6), expected);
    const seen = new Set();
    for (const group of ["high", "low", "difference", "all"]) {
      const before = await page.$eval(".cohort-pictures > p", (it) => it.textContent);
      await page.select("#cohort-group", group);
      if (group !== "high")
        await page.waitForFunction(
          (old) => document.querySelector(".cohort-pictures > p").textContent !== old,
          { timeout: PATIENCE },
          before,
        );
      seen.add(await page.$eval(".cohort-picture canvas", (canvas) => canvas.toDataURL()));
    }
    assert.equal(seen.size, 4);
    await page.select("#language", "hy");
    await page.waitForFunction(() => /ՋՋ|Սիստոլիկ/.test(document.querySelector(".cohort-rows").textContent), {
      timeout: PATIENCE,
    });
    assert.match(await text(page, ".cohort-table thead"), /Ռիսկ/);
  }),
);

once(
  "many stays: a group's picture has being measured at the feet of its rows, and says so",
  { skip: isOneFile && "asks the page's own modules" },
  () =>
    on(
      async (page) => {
        await page.click("#view-tab-cohort");
        await acting(page, () => press(page, ".cohort", "Read the demo stays"));
        assert.match(await text(page, ".cohort-legend"), /The foot of a row: that it was measured\./);
        assert.match(await text(page, ".cohort-legend"), /Colours by the square root/);
        // The row above its track is that of the results alone, and the track that of their being measured.
        const seen = await page.evaluate(async () => {
          const { engine, shown } = await import(new URL("page.js", document.baseURI).href);
          const { picture } = await import(new URL("view/controls.js", document.baseURI).href);
          const lines = { width: 480, cellHeight: 18, groupGap: 6, line: 1, barHeight: 9, legendWidth: 150 };
          const common = {
            ...picture(),
            ...lines,
            totalsWidth: 1,
            stepsHeight: 1,
            limits: undefined,
            byRelevance: undefined,
          };
          const painted = async (options) => {
            const paint = { ...common, ...options };
            const group = { group: "all", average: "signed" };
            const { bitmap, layout } = await engine.request("cohortPicture", { picture: group, paint });
            const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
            const context = canvas.getContext("2d", { willReadFrequently: true });
            context.drawImage(bitmap, 0, 0);
            return {
              context,
              layout,
              end: (await engine.request("cohortPicture", { picture: group, paint })).ticks[2],
            };
          };
          const both = await painted({ part: "both", track: 5 });
          const [value, mask] = [
            await painted({ part: "value", limit: both.end }),
            await painted({ part: "mask", limit: both.end }),
          ];
          const pixel = ({ context }, x, y) => context.getImageData(x, y, 1, 1).data.join();
          const { tops, cellWidth, tracks } = both.layout;
          const differing = tops.flatMap((top, row) =>
            Array.from({ length: 48 }, (_, step) => Math.floor((step + 0.5) * cellWidth)).flatMap((x) => [
              ...(pixel(both, x, top + 3) === pixel(value, x, top + 3) ? [] : [`${row} above`]),
              ...(pixel(both, x, top + 15) === pixel(mask, x, top + 15) ? [] : [`${row} below`]),
            ]),
          );
          return { differing, tracks, model: shown().model.channels.length };
        });
        assert.deepEqual(seen.differing, []);
        assert.deepEqual(
          seen.tracks,
          Array.from({ length: seen.model }, () => 5),
        );
      },
      { hash: "#method=lrp" },
    ),
);

test("many stays: a folder is read with all that lies in it", () =>
  on(async (page) => {
    const texts = (await records(7)).map(({ name, content }) => ({ name, content: String(content) }));
    await page.evaluate((all) => {
      document.body.dataset.state = "asked";
      // A drag from the desktop is beyond the driver: these are its folders, which tell of their entries two at a time.
      const file = (it) => ({ isFile: true, isDirectory: false, file: (give) => give(it) });
      const folder = (entries) => ({
        isFile: false,
        isDirectory: true,
        createReader: () => ({
          rest: [...entries],
          readEntries(give) {
            give(this.rest.splice(0, 2));
          },
        }),
      });
      const files = all.map(({ name, content }) => file(new File([content], name)));
      DataTransferItem.prototype.webkitGetAsEntry = () => folder([folder(files.slice(0, 3)), ...files.slice(3)]);
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([""], "ward"));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    }, texts);
    await settled(page);
    assert.match(await text(page, ".cohort [role=status]"), /7 stays, 0 not readable/);
    assert.match(await text(page, ".cohort-measures"), /7 labelled stays/);
  }));

test("many stays: reading them can be given up, and what was read stands; a list of labels may come later", () =>
  on(async (page) => {
    const files = await records(400);
    await page.evaluate(() => (document.body.dataset.state = "asked"));
    await page.evaluate(() => {
      // Cancels as soon as there is something to keep: by hand one would often come too late.
      const watch = new MutationObserver(() => {
        if (!/^\d+ of 400 stays/.test(document.querySelector("#status").textContent)) return;
        watch.disconnect();
        document.querySelector("#cancel").click();
      });
      watch.observe(document.querySelector("#status"), { childList: true, characterData: true, subtree: true });
    });
    await drop(page, files);
    await settled(page, "ready");
    assert.equal(await text(page, "#status"), "Cancelled");
    const read = Number((await text(page, ".cohort [role=status]")).match(/^([\d,]+) stays?/)[1]);
    assert.ok(read > 0 && read < 400, `${read} of 400`);
    // And again, whole: first the records, then their labels.
    const [list, ...some] = (await records(12)).toReversed();
    await dropAndWait(page, some);
    assert.match(await text(page, ".cohort-measures"), /With a list of true labels/);
    await dropAndWait(page, [list]);
    assert.match(await text(page, ".cohort-measures"), /12 labelled stays/);
  }));

test("the page's badge says that only its own files were asked for, and counts whatever else", () =>
  on(
    async (page) => {
      assert.equal(await text(page, "#network"), "network: 0 requests since start");
      await dropAndWait(page, await records(40));
      await page.click("#view-tab-stay");
      await acting(page, () => page.select("#demo-stay", "stable_timeseries.csv"));
      if (!isOneFile)
        await page.waitForFunction(() => document.querySelector("#network").textContent === "network: own files only", {
          timeout: PATIENCE,
        });
      // An address can carry something out, to whatever host: then it is no file of the page's own.
      const strange = isOneFile ? [] : ["stays/index.json?heart=137", "../pkg/heart-137.js", "/heart-137"];
      for (const [at, address] of strange.entries()) {
        await page.evaluate(async (path) => void (await fetch(path)), address);
        const words = new RegExp(`^network: ${at + 1} requests? for something else$`);
        await page.waitForFunction(
          (source) => new RegExp(source).test(document.querySelector("#network").textContent),
          { timeout: PATIENCE },
          words.source,
        );
      }
      if (!isOneFile) assert.match(await text(page, "#privacy"), /heart=137/);
    },
    { isLoud: true },
  ));

once(
  "many stays: how far their explanations can be believed, as the engine alone measures it, and cancelled half-way",
  () =>
    on(async (page) => {
      const { model, trustStaysTask, summariseTrust } = await engine({ isOfOne: true });
      const records = await Promise.all(
        ["sparse-dirty", "stable"].map(async (stay) => ({
          name: `${stay}.csv`,
          content: await file(`www/stays/${stay}_timeseries.csv`),
        })),
      );
      await dropAndWait(page, [...records, { name: "broken.csv", content: "Hours,pH\n1,sour\n" }]);
      const ask = () => page.$eval("#cohort-trust-ask", (button) => button.click());
      await acting(page, ask);
      assert.match(await text(page, "#cohort-trust [role=status]"), /2 of 3 stays checked, 1 not readable/);
      const task = trustStaysTask(
        model,
        [...records, { name: "broken.csv", content: "Hours,pH\n1,sour\n" }].map(({ name, content }) => ({
          name,
          text: String(content),
        })),
        { method: "lrp" },
      );
      while (task.advance(1000) < 1);
      const expected = summariseTrust(task.result());
      const cells = await page.$$eval("#cohort-trust tbody tr", (rows) => rows.map((row) => row.cells[2]?.textContent));
      assert.deepEqual(
        cells,
        expected.checks.map(({ decides }) => (decides ? "decides" : "shown beside it")),
      );
      // In the units in which one stay's check speaks.
      const numbers = await page.$$eval("#cohort-trust tbody tr", (rows) =>
        rows.map((row) => row.cells[1].textContent),
      );
      expected.checks.forEach(({ question, mean: { value } }, at) => {
        const isShare = ["follows", "finds", "noise"].includes(question);
        const [, said, unit] = numbers[at].match(/^([−\d.]+)(%?) \(.* to .*\) \S/);
        assert.equal(unit, isShare ? "%" : "", numbers[at]);
        assert.ok(Math.abs(Number(said.replace("−", "-")) / (isShare ? 100 : 1) - value) < 0.006, numbers[at]);
      });
      await shoot(page, "cohort-trust", { fullPage: true });
      for (const [label, csv] of [
        ["Checks as CSV", expected.csv],
        ["Every stay as CSV", expected.rowsCsv],
      ]) {
        const saved = await download(stage.running, page, () => press(page, "#cohort-trust", label));
        const [table, footer] = [String(saved.content).slice(0, csv.length), String(saved.content).slice(csv.length)];
        assert.equal(table, csv);
        // Under the table stands what it was made from (notice.test.mjs), and nothing else.
        assert.match(footer, /^(# .+\n){5}$/);
      }
      // Given up after the first stay: what was checked stands.
      await page.evaluate(() => (document.body.dataset.state = "asked"));
      await ask();
      await page.waitForFunction(() => /1 of 3 stays/.test(document.body.textContent), {
        timeout: PATIENCE,
        polling: 10,
      });
      await page.$eval("#cancel", (button) => button.click());
      await page.waitForFunction(
        () => /1 of 3 stays checked/.test(document.querySelector("#cohort-trust [role=status]")?.textContent ?? ""),
        { timeout: PATIENCE },
      );
    }),
);

/**
 * How long the longest task took that a page's own thread ran meanwhile, in milliseconds of the processor: on a machine that
 * is busy with other things, a clock would measure those.
 */
async function longestTask(page, run) {
  await page.tracing.start({ categories: ["-*", "toplevel"] });
  await run();
  const { traceEvents } = JSON.parse(new TextDecoder().decode(await page.tracing.stop()));
  const pages = traceEvents
    .filter(({ ph, args }) => ph === "M" && args.name === "CrRendererMain")
    .map(({ pid, tid }) => `${pid} ${tid}`);
  return (
    Math.max(
      ...traceEvents.filter(({ pid, tid, tdur }) => tdur && pages.includes(`${pid} ${tid}`)).map(({ tdur }) => tdur),
    ) / 1000
  );
}

// It reads memory as Chromium tells it.
once("a thousand stays: the page answers all the while, and memory stays flat", () =>
  on(async (page) => {
    const files = await records(1000);
    const heap = async () => (await page.metrics()).JSHeapUsedSize / 2 ** 20;
    const begun = await heap();
    await page.evaluate(() => (document.body.dataset.state = "asked"));
    await drop(page, files);
    const longest = await longestTask(page, () => settled(page));
    const used = await heap();
    console.log(
      `1,000 stays: the page's longest task ${longest.toFixed(0)} ms; its heap ${begun.toFixed(1)} -> ${used.toFixed(1)} MiB`,
    );
    assert.match(await text(page, ".cohort [role=status]"), /1,000 stays, 0 not readable/);
    assert.ok(longest > 0 && longest < 250, `the page was busy with one task for ${longest} ms`);
    assert.ok(used - begun < 64, `the page's heap grew by ${used - begun} MiB`);
  }),
);

/** Presses an entry of the menu and gives what it downloads. */
const exported = (page, label) =>
  download(stage.running, page, () => acting(page, () => press(page, "#export", label)));

test("a saved view opens again with the same pixels, edits and all", () =>
  on(async (page) => {
    await openDemo(page);
    await point(page, SYSTOLIC, 40);
    await acting(page, () => setValue(page, "131.5"));
    const [seen, then] = [await pictures(page), await risk(page)];
    const saved = await exported(page, "View to open again (JSON)");
    await acting(page, () => page.select("#demo-stay", "stable_timeseries.csv"));
    assert.notEqual((await pictures(page)).lrp.digest, seen.lrp.digest);
    await dropAndWait(page, [{ name: "saved.json", content: saved.content }]);
    assert.deepEqual(await pictures(page), seen);
    assert.equal(await risk(page), then);
    assert.equal(await page.$$eval("#whatif .whatif-log li", (items) => items.length), 1);
    await acting(page, () => press(page, "#whatif", "Undo"));
    assert.notEqual(await risk(page), then);
    const broken = String(saved.content).replace(/"modelSha256":"../, '"modelSha256":"zz');
    await dropAndWait(page, [{ name: "other.json", content: broken }], "error");
    assert.match(await text(page, "[role=alert]"), /other\.json.*open that model first/);
  }));

once(
  "a saved view sets the form to how its pictures were painted",
  { skip: isOneFile && "asks the page's own modules" },
  () =>
    on(async (page) => {
      // A new picture is no action, but waits its turn among them.
      const painted = () =>
        acting(page, () =>
          page.evaluate(async () =>
            (await import(new URL("page.js", document.baseURI).href)).act("", "", async () => {}),
          ),
        );
      const choices = {
        "#palette": "vik",
        "#part": "mask",
        "#in-rows": "trace",
        "#signs": "glyphs",
        "#rows": "relevance",
        "#scale": "held",
      };
      for (const [field, value] of Object.entries(choices)) await page.select(field, value);
      await painted();
      await page.click('[data-tool="zoom-24"]');
      await painted();
      const seen = await pictures(page);
      const saved = await exported(page, "View to open again (JSON)");
      const others = {
        "#palette": "rdbu",
        "#part": "value",
        "#in-rows": "fill",
        "#signs": "none",
        "#rows": "clinical",
        "#scale": "own",
      };
      for (const [field, value] of Object.entries(others)) await page.select(field, value);
      await painted();
      await page.click('[data-tool="zoom-all"]');
      await painted();
      await dropAndWait(page, [{ name: "saved.json", content: saved.content }]);
      for (const [field, value] of Object.entries(choices))
        assert.equal(await page.$eval(field, (it) => it.value), value, field);
      assert.equal(await page.$eval('[data-tool="zoom-24"]', (it) => it.getAttribute("aria-pressed")), "true");
      assert.deepEqual(await pictures(page), seen);
      // Painted once more, from the form: it says what the file said.
      await page.click("#theme");
      await page.click("#theme");
      await painted();
      assert.deepEqual(await pictures(page), seen);
    }),
);

test("table, drawing and picture say what they were made from", () =>
  on(async (page) => {
    await openDemo(page);
    const digest = /SHA-256 [0-9a-f]{64}/;
    const table = String((await exported(page, "Table (CSV)")).content);
    assert.equal(table.split("\n").filter((line) => line && !line.startsWith("#")).length, 1 + 17 * 48);
    assert.match(table, digest);
    const drawing = String((await exported(page, "Drawing (SVG)")).content);
    assert.match(drawing, digest);
    assert.match(drawing, /relevance is not causation/);
    assert.match(drawing, />Total, log-odds</);
    const picture = await exported(page, "Picture (PNG)");
    assert.deepEqual([...picture.content.subarray(1, 4)], [...Buffer.from("PNG")]);
    await mkdir(join(ROOT, "target/screenshots"), { recursive: true });
    await writeFile(join(ROOT, "target/screenshots/figure.png"), picture.content);
    assert.ok(picture.content.readUInt32BE(16) > 1500, "twice the figure's size");
  }));

test("the menu of exports opens within the page, goes by keys, and closes", async () => {
  for (const width of [1440, 1024, 360]) {
    await on(
      async (page) => {
        await page.focus("#export summary");
        await page.keyboard.press("Enter");
        await page.waitForSelector("#export[open]");
        const { left, right } = await page.$eval("#export > div", (it) => it.getBoundingClientRect().toJSON());
        assert.ok(left >= 0 && right <= width, `${left} to ${right} of ${width}`);
        const cut = await page.$$eval("#export button", (all) =>
          all.filter((it) => it.scrollWidth > it.clientWidth).map((it) => it.textContent),
        );
        assert.deepEqual(cut, []);
        for (const key of ["ArrowDown", "ArrowDown", "ArrowUp"]) await page.keyboard.press(key);
        assert.equal(
          await page.evaluate(() => document.activeElement === document.querySelector("#export button")),
          true,
        );
        await page.keyboard.press("Escape");
        assert.equal(await page.$eval("#export", (it) => it.open), false);
        assert.equal(await page.evaluate(() => document.activeElement.tagName), "SUMMARY");
        await page.keyboard.press("Enter");
        await page.click("#title");
        assert.equal(await page.$eval("#export", (it) => it.open), false);
      },
      { width, height: 900 },
    );
  }
});

test("the picture is copied as the file has it", () =>
  on(async (page) => {
    const size = await page.evaluate(async () => {
      // The clipboard itself is the system's: what is handed to it is looked at.
      Object.defineProperty(navigator, "clipboard", {
        value: { write: async ([item]) => (window.copied = await item.getType("image/png")) },
      });
      [...document.querySelectorAll("#export button")].find((it) => it.textContent === "Copy as picture").click();
      while (!window.copied) await new Promise((done) => setTimeout(done, 20));
      const bitmap = await createImageBitmap(window.copied);
      return [bitmap.width, bitmap.height, window.copied.type];
    });
    await settled(page);
    const picture = await exported(page, "Picture (PNG)");
    assert.deepEqual(size, [picture.content.readUInt32BE(16), picture.content.readUInt32BE(20), "image/png"]);
  }));

once("in Armenian a figure speaks Armenian, and a table keeps the names that programs know", () =>
  on(
    async (page) => {
      const drawing = String((await exported(page, "Գծագիր (SVG)")).content);
      for (const words of ["Սեպտիկ շոկ (հորինված)", "Սիստոլիկ ԶՃ, մմ ս.ս.", "Հեմոդինամիկ", ">0 ժ<", "Բժշկական սարք չէ"])
        assert.ok(drawing.includes(words), words);
      const texts = drawing.split("</text>").map((it) => it.slice(it.lastIndexOf(">") + 1));
      const footer = texts.findIndex((it) => it.startsWith("Model: "));
      const english = texts.slice(0, footer).filter((it) => /[a-z]{3,}/.test(it));
      assert.deepEqual(english, [], "above the footer");
      assert.ok(
        texts.some((it) => /^[+−]0,\d+$/.test(it)) && !texts.slice(0, footer).some((it) => /\d\.\d/.test(it)),
        "decimal commas",
      );
      const table = String((await exported(page, "Աղյուսակ (CSV)")).content);
      assert.match(table, /^channel,hour,value,/);
      assert.match(table, /\nSystolic blood pressure,/);
      await page.evaluate(() => (window.print = () => {}));
      await acting(page, () => page.$eval("#export [data-t='export.print']", (it) => it.click()));
      assert.equal(await sheets(page), 1, "sheets of the report, whose words are longer");
    },
    { hash: "#lang=hy" },
  ),
);

test("the report on paper has the figure, the reading and the footer, light also from a dark screen", () =>
  on(
    async (page) => {
      await page.evaluate(() => (window.print = () => {}));
      await point(page, SYSTOLIC, 40);
      await acting(page, () => setValue(page, "131.5"));
      await acting(page, () => press(page, "#export", "Report on paper"));
      const report = await page.$eval("#print-report", ({ shadowRoot }) => shadowRoot.textContent.replace(/\s+/g, " "));
      assert.match(
        report,
        /1 value changed.*made .* by .*Risk of in-hospital mortality, threshold 50%.*Raised by.*SHA-256.*Risk by hours known.*score explained.*Systolic BP, 40–41 h.*→ 131\.5 mmHg.*Not a medical device.*was not checked\.$/,
      );
      const brightness = (colour) => colour.match(/\w\w/g).reduce((sum, byte) => sum + parseInt(byte, 16), 0) / 765;
      assert.ok(
        brightness(
          await page.$eval("#print-report", ({ shadowRoot }) =>
            shadowRoot.querySelector("main svg rect").getAttribute("fill"),
          ),
        ) > 0.9,
      );
      const count = await sheets(page);
      assert.equal(count, 1, "sheets");
      if (!isFirefox) await page.emulateMediaType("print");
      await shoot(page, "print-report", { fullPage: true });
      await page.evaluate(() => dispatchEvent(new Event("afterprint")));
      assert.equal(await page.$("#print-report"), null);
    },
    { dark: true },
  ));

once("axe-core finds nothing in a changed stay, a risk curve and many stays, light and dark", () =>
  on(async (page) => {
    await point(page, SYSTOLIC, 40);
    await acting(page, () => setValue(page, "400"));
    await acting(page, () => press(page, "#whatif", "Not measured"));
    await acting(page, () => press(page, "#whatif", "Undo"));
    await page.waitForSelector("#replay .curve", { timeout: PATIENCE });
    assert.match(await text(page, ".whatif-log"), /outside the plausible range.*undone/);
    assert.deepEqual(await findingsInBoth(page), []);
    await dropAndWait(page, await records(16));
    assert.deepEqual(await findingsInBoth(page, "cohort"), []);
  }),
);

test("narrow and dark", () =>
  on(
    async (page) => {
      await shoot(page, "clinic-narrow-dark", { fullPage: true });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing sticks out");
    },
    { width: 420, height: 900, dark: true },
  ));

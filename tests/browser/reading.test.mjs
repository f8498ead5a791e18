// Reading the pictures: hours, rows, margins, the chart of a channel, scales, signs, languages, settings, help, tour.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { dropAndWait, file, isOneFile, picture, settled, text } from "./browser.mjs";
import { acting, clickInSight } from "./doing.mjs";
import { engine as bare, once, pages } from "./pages.mjs";
import { ROOT } from "./server.mjs";

const DEMOS = JSON.parse(readFileSync(join(ROOT, "www/stays/index.json"), "utf8"));

const { on } = pages({ isOfOne: true });

/** What the engine makes of the first demo stay in this process, without the page. */
async function engine() {
  const { model, ...it } = await bare({ isOfOne: true });
  const stay = it.Stay.parse((await file(`www/stays/${DEMOS[0].file}`)).toString(), model);
  return { ...it, model, stay, lrp: model.explain(stay.input) };
}

/** Waits until a picture is another one, and gives it. */
async function changed(page, name, { digest }) {
  for (let tries = 0; tries < 100; tries++) {
    const now = await picture(page, name);
    if (now.digest !== digest) return now;
    await new Promise((done) => setTimeout(done, 50));
  }
  return assert.fail(`the picture of ${name} did not change`);
}

const labels = (page) => page.$$eval("#labels .row", (all) => all.map((one) => one.textContent));
const hours = (page) => page.$$eval('.pane[data-pane="lrp"] .axis span', (all) => all.map((one) => one.textContent));
const number = (written) => Number(written.replace("−", "-").replace(",", "."));

once("the hours shown are chosen: 12 h, then earlier, then all", () =>
  on(async (page) => {
    const whole = await picture(page, "lrp");
    await page.click('[data-tool="zoom-12"]');
    const zoomed = await changed(page, "lrp", whole);
    assert.deepEqual([(await hours(page))[0], (await hours(page)).at(-1)], ["36 h", "48"]);
    assert.equal(zoomed.width % 12, 0);
    await page.click('[data-tool="back"]');
    await page.waitForFunction(
      () => document.querySelector('.pane[data-pane="lrp"] .axis span').textContent === "30 h",
    );
    assert.match(await page.evaluate(() => location.hash), /hours=12/);
    await page.click('[data-tool="zoom-all"]');
    await page.waitForFunction(() => document.querySelector('.pane[data-pane="lrp"] .axis span').textContent === "0 h");
    assert.equal((await picture(page, "lrp")).digest, whole.digest, "zooming is no new scale");
  }),
);

once("totals of some hours say of which, and the report is of all of them", () =>
  on(async (page) => {
    const over = () => text(page, ".row-totals p");
    const report = () =>
      page.evaluate(async () => {
        const { file } = await import(new URL("view/paper.js", document.baseURI).href);
        const { body } = new DOMParser().parseFromString(await file(), "text/html");
        return [...body.querySelectorAll("svg")].map((it) => it.outerHTML).join("");
      });
    const [whole, title] = [await report(), await over()];
    assert.match(title, /^Total, /);
    const before = await picture(page, "lrp");
    await page.click('[data-tool="zoom-12"]');
    await changed(page, "lrp", before);
    assert.equal(await over(), "Total, 36–48 h");
    assert.match(await page.$eval("#row-numbers span", (it) => it.title), /^GCS eye: 36–48 h: /);
    const figure = await page.evaluate(async () => {
      const { svg } = await import(new URL("view/taking.js", document.baseURI).href);
      return svg();
    });
    assert.match(figure, />Total, 36–48 h</);
    assert.equal(await report(), whole);
    await page.click('[data-tool="table"]');
    await page.waitForSelector(".table-scroll table");
    assert.equal(await page.$eval(".table-scroll thead th:nth-child(2)", (it) => it.textContent), "Total, 0–48 h");
    await page.click('[data-tool="table"]');
    await page.click('[data-tool="zoom-all"]');
    await page.waitForFunction((it) => document.querySelector(".row-totals p").textContent === it, {}, title);
  }),
);

/** A manifest of plain columns for a network that has none of its own. */
function plain(columns, { steps, outcomes, step_hours = 1 }) {
  const encoding = { kind: "continuous", mean: 0, std: 1, normal: 0 };
  const channels = Array.from({ length: columns }, (_, at) => ({
    name: `c${at}`,
    label: `c${at}`,
    columns: [at],
    encoding,
  }));
  const content = JSON.stringify({
    format: "vitrine-manifest/1",
    name: "by hand",
    steps,
    step_hours,
    columns,
    outcomes,
    channels,
  });
  return { name: "manifest.json", content };
}
const network = async (path) => ({ name: path.split("/").pop(), content: await file(`tests/fixtures/${path}`) });

once("steps that are no hours are called steps, and nothing is asked of hours that they do not have", () =>
  on(async (page) => {
    const manifest = plain(5, { steps: 12, step_hours: 24, outcomes: [{ name: "relapse" }] });
    await dropAndWait(page, [await network("families/gru-torchscript.onnx"), manifest], "ready");
    const rows = [12, 36, 60, 84].map((hour, at) => `${hour},${at},${1 - at},\n`).join("");
    await dropAndWait(page, [{ name: "days.csv", content: `Hours,c0,c1,c2\n${rows}` }], "ready");
    assert.match(await text(page, "#rests"), /^Rests on 2 of 5 variables, 4 of 12 steps of 24 h\./);
    assert.match(await page.$eval("#report", (it) => it.textContent), /Steps in which each channel was observed/);
    const tools = await page.$$eval("#tools .choice button", (all) => all.map((it) => it.textContent));
    assert.deepEqual(tools, ["24 h", "48 h", "288 h"]);
    assert.match(await page.$eval(".whatif-tools", (it) => it.parentElement.textContent), /as 24 h ago/);
    await page.focus('canvas[data-grid="lrp"]');
    await page.keyboard.press("Home");
    for (let n = 0; n < 2; n++) await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => /24 h ago −?1/.test(document.querySelector("#card:not([hidden])")?.textContent));
  }),
);

once("a number has its unit, and a class stands beside the most likely one, without a threshold", () =>
  on(async (page) => {
    const days = [{ name: "remaining stay", kind: "number", unit: "d" }];
    await dropAndWait(
      page,
      [await network("cases/heads/regression.onnx"), plain(3, { steps: 6, outcomes: days })],
      "ready",
    );
    await dropAndWait(page, [{ name: "a.csv", content: "Hours,c0,c1,c2\n0.5,1,-1,0.5\n" }], "ready");
    assert.match(await text(page, "#probability"), /^−?[\d.]+ d$/);
    const classes = [{ name: "discharge", classes: ["home", "ward"] }];
    const manifest = plain(6, { steps: 12, outcomes: classes });
    await dropAndWait(page, [await network("cases/networks/lstm-multihead.onnx"), manifest], "ready");
    await dropAndWait(page, [{ name: "b.csv", content: "Hours,c0,c1,c2\n0.5,1,-1,0.5\n" }], "ready");
    const said = async () => [await text(page, "#outcome"), await page.$eval("#title", (it) => it.textContent)];
    const all = [await said()];
    const second = await page.$eval("#target option:last-child", (it) => it.value);
    await acting(page, () => page.select("#target", second));
    all.push(await said());
    assert.deepEqual(all.map(([outcome]) => outcome).toSorted(), [
      "Probability of discharge: home",
      "Probability of discharge: ward",
    ]);
    const titles = all.map(([, title]) => title).join();
    assert.match(titles, /The most likely of 2 classes/);
    assert.match(titles, /Most likely of 2 classes: discharge: (home|ward) \(\d/);
    assert.doesNotMatch(titles, /threshold/);
  }),
);

test("dragging over the hours shows those only, and a double click shows all", () =>
  on(async (page) => {
    const before = await picture(page, "input");
    const box = await (await page.$('.pane[data-pane="input"] .axis')).boundingBox();
    await page.mouse.move(box.x + box.width / 4, box.y + 8);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 8, { steps: 4 });
    assert.ok(await page.$eval('.pane[data-pane="input"] .axis + .brush', (mark) => !mark.hidden));
    await page.mouse.up();
    await changed(page, "input", before);
    assert.deepEqual([(await hours(page))[0], (await hours(page)).at(-1)], ["12 h", "24"]);
    await page.$eval('.pane[data-pane="input"] .axis', (axis) => axis.dispatchEvent(new MouseEvent("dblclick")));
    await page.waitForFunction(() => document.querySelector('.pane[data-pane="lrp"] .axis span').textContent === "0 h");
  }));

test("the cursor takes the hours along", () =>
  on(async (page) => {
    const before = await picture(page, "lrp");
    await page.click('[data-tool="zoom-6"]');
    await changed(page, "lrp", before);
    await page.focus('canvas[data-grid="lrp"]');
    await page.keyboard.press("Home");
    await page.waitForFunction(() => document.querySelector('.pane[data-pane="lrp"] .axis span').textContent === "0 h");
    await page.waitForFunction(() => /0–1 h/.test(document.querySelector("#readout").textContent));
    // Six hours are wide enough for the values as numbers.
    await page.waitForFunction(() => document.querySelectorAll("#numbers span").length > 10);
  }));

test("keys on a cell show the hours from it on, up to it, and all", () =>
  on(async (page) => {
    const shown = async (from, to) => {
      await page.waitForFunction(
        (first, last) => {
          const all = [...document.querySelectorAll('.pane[data-pane="lrp"] .axis span')].map((it) => it.textContent);
          return all[0] === `${first} h` && all.at(-1) === String(last);
        },
        {},
        from,
        to,
      );
    };
    await page.focus('canvas[data-grid="lrp"]');
    await page.keyboard.press("Home");
    for (let n = 0; n < 2; n++) await page.keyboard.press("PageDown");
    await page.keyboard.press("s");
    await shown(12, 48);
    for (let n = 0; n < 11; n++) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("e");
    await shown(12, 24);
    await page.keyboard.press("a");
    await shown(0, 48);
  }));

test("a row is dragged to another place", () =>
  on(async (page) => {
    const before = await labels(page);
    const seen = await picture(page, "lrp");
    // A drag from the desktop or within the page is beyond what the driver can do; these are its events.
    await page.evaluate(() => {
      const [from, , to] = document.querySelectorAll("#labels .row");
      const dataTransfer = new DataTransfer();
      const drag = (at, type) =>
        at.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      drag(from, "dragstart");
      drag(to, "dragover");
      if (!to.classList.contains("target")) throw new Error("the place where it would land is not marked");
      drag(to, "drop");
      drag(from, "dragend");
    });
    await changed(page, "lrp", seen);
    assert.deepEqual((await labels(page)).slice(0, 3), [before[1], before[2], before[0]]);
    assert.equal(await page.$eval("#drop", (veil) => veil.hidden), true, "a row is no file");
    assert.equal(await page.$eval("#rows", (field) => field.value), "own");
  }));

once("the rows stand in their clinical groups", () =>
  on(async (page) => {
    const groups = await page.$$eval("#labels .group", (all) => all.map((it) => it.textContent));
    assert.deepEqual(groups, ["Neurological", "Haemodynamic", "Respiratory", "Metabolic", "Static"]);
  }),
);

once("a value says in three ways where it comes from, with its age", () =>
  on(async (page) => {
    const { model, stay, lrp, inspect } = await engine();
    const row = model.manifest.channels.findIndex(({ label }) => label === "GCS eye");
    const all = Array.from({ length: 48 }, (_, step) => inspect(model, stay, row, step, lrp, undefined));
    const old = all.findIndex(({ origin }) => origin.kind === "carried-forward" && origin.age === 3);
    const observed = all.findIndex(({ origin }) => origin.kind === "observed");
    assert.ok(old > 0 && observed >= 0);
    await page.focus('canvas[data-grid="input"]');
    const origin = async (step) => {
      await page.keyboard.press("Home");
      for (let n = 0; n < step; n++) await page.keyboard.press("ArrowRight");
      await page.waitForFunction(
        (hours) => document.querySelector("#readout").textContent.includes(hours),
        {},
        `${step}–${step + 1} h`,
      );
      return page.$eval("#readout > div:nth-child(4) dd", (it) => it.textContent);
    };
    assert.equal(await origin(old), "— carried forward, 3 h old");
    assert.equal(await origin(observed), "● observed");
    await dropAndWait(page, [{ name: "own.csv", content: "Hours,Heart Rate\n1,90\n" }], "ready");
    await page.focus('[data-cells="input"] [tabindex="0"]');
    assert.equal(await origin(0), "· filled with the normal value");
  }),
);

test("groups fold and unfold", () =>
  on(async (page) => {
    const all = await labels(page);
    await page.$eval('#labels [data-group="neurological"]', (heading) => heading.click());
    await page.waitForFunction(() => document.querySelectorAll("#labels .row").length === 13);
    assert.deepEqual(
      await labels(page),
      all.filter((label) => !label.startsWith("GCS")),
    );
    assert.equal(await text(page, '#labels [data-group="neurological"]'), "Neurological (4)");
    await page.$eval('#labels [data-group="neurological"]', (heading) => heading.click());
    await page.waitForFunction(() => document.querySelectorAll("#labels .row").length === 17);
  }));

test("rows move by keys and by buttons, groups with them, and come back", () =>
  on(async (page) => {
    const before = await labels(page);
    await page.focus('canvas[data-grid="lrp"]');
    await page.keyboard.down("Alt");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.up("Alt");
    await page.waitForFunction(() => document.querySelector("#labels .row").textContent === "GCS motor");
    assert.equal(await page.$eval("#rows", (field) => field.value), "own");
    // Up twice: to the top of its group, and then the group has nowhere to go.
    await page.$eval(".mover", (button) => button.click());
    await page.waitForFunction((first) => document.querySelector("#labels .row").textContent === first, {}, before[0]);
    await page.keyboard.press("End");
    await page.waitForSelector('[data-tool="reset"]');
    await page.click('[data-tool="reset"]');
    await page.waitForFunction(() => !document.querySelector('[data-tool="reset"]'));
    assert.deepEqual(await labels(page), before);
    assert.equal(await page.$eval("#rows", (field) => field.value), "clinical");
  }));

once("rows by relevance stand in the engine's order", () =>
  on(async (page) => {
    const { model, stay, lrp, totals, gridLayout } = await engine();
    const { ranking } = totals("relevance", model, stay, lrp);
    const expected = gridLayout(model, { order: ranking }).order.map((row) => model.manifest.channels[row].label);
    const before = await picture(page, "lrp");
    await page.select("#rows", "relevance");
    await changed(page, "lrp", before);
    assert.deepEqual(await labels(page), expected);
  }),
);

once("the totals beside the rows are the engine's, and add up to the account", () =>
  on(async (page) => {
    const { model, stay, lrp, totals } = await engine();
    const { rows, all } = totals("relevance", model, stay, lrp);
    const shown = await page.$$eval("#row-numbers span", (spans) => spans.map((span) => span.textContent));
    assert.equal(shown.length, 17);
    shown.forEach((written, row) => {
      const { signed } = rows[row];
      if (signed === 0) return assert.equal(written, "0");
      // Less than a hundredth of the log-odds is next to nothing; all else has two digits.
      if (Math.abs(signed) < 0.01) return assert.equal(written, "~0");
      assert.match(written, /^[+−](0\.0?[1-9]\d|[1-9]\.\d|[1-9]\d)$/);
      assert.ok(Math.abs(number(written) / signed - 1) < 0.051, `${written} for ${signed}`);
    });
    assert.ok(shown.includes("~0"));
    assert.ok(Math.abs(all.signed - lrp.ledger.cells) < 1e-9);
    assert.equal(await page.$eval("#row-totals", (canvas) => canvas.height), (await picture(page, "lrp")).height);
  }),
);

once("the card says where the network, asked without a reading, goes against the picture", () =>
  on(
    async (page) => {
      const { model, stay, inspect, withoutReading } = await engine();
      const [now] = model.predict(stay.input);
      const explained = model.explain(stay.input, { method: "deep-shap" });
      const cells = model.manifest.channels.flatMap((_, row) => [40, 47].map((step) => ({ row, step })));
      const said = cells.flatMap((cell) => {
        const { relevance } = inspect(model, stay, cell.row, cell.step, explained, undefined);
        const output = withoutReading(model, stay, cell.row, cell.step);
        const larger = Math.abs(relevance.value) < Math.abs(relevance.mask) ? relevance.mask : relevance.value;
        const isClear = output !== undefined && Math.abs(output - now) > 0.002 && Math.abs(larger) > 1e-3;
        return isClear ? [{ ...cell, isAgainst: output > now === larger > 0 }] : [];
      });
      for (const isAgainst of [true, false]) {
        const cell = said.find((it) => it.isAgainst === isAgainst);
        await page.focus('canvas[data-grid="lrp"]');
        await page.evaluate(async (at) => (await import(new URL("page.js", document.baseURI).href)).moveTo(at), cell);
        await page.waitForFunction(() =>
          /^Without it: /.test(document.querySelector("#card > :last-child").textContent),
        );
        assert.equal(/contradicts the picture/.test(await text(page, "#card > :last-child")), isAgainst);
      }
    },
    { hash: "" },
  ),
);

once(
  "numbers say what they are: no share is all that is less than all, no threshold is rounded, a score is a number",
  () =>
    on(async (page) => {
      const written = await page.evaluate(async () => {
        const [words, prediction] = await Promise.all(
          ["view/words.js", "view/prediction.js"].map((name) => import(new URL(name, document.baseURI).href)),
        );
        prediction.glance({ probability: 0.127, isProbability: true, predictedLabel: 1, threshold: 0.125 });
        return [
          ...[1, 0.99996, 0.9994, 0.84, 0.809, 0.0004, 0].map(words.percent),
          words.shown({ value: 15, category: "15" }, ""),
          words.shown({ value: 4, category: "4 Confused" }, ""),
          document.querySelector("#title").textContent.match(/Above.*/)[0],
          // Who died has died, whatever a network predicts.
          words.outcomeOf({ trueLabel: 1, isDemo: true, summary: { outcome: "sepsis" } }),
          words.outcomeOf({ trueLabel: 1, isDemo: false, summary: { outcome: "sepsis" } }),
          // What changes did is of the whole record, and an output that is no probability has no per cent.
          words.changed(
            { original: 0.84, probability: 0.845, change: 0.005 },
            { summary: { isProbability: true }, knownSteps: 36 },
          ),
          words.changed({ original: 12.4, probability: 13, change: 0.6 }, { summary: { isProbability: false } }),
        ];
      });
      assert.deepEqual(written, [
        "100%",
        "> 99.9%",
        "99.9%",
        "84.0%",
        "80.9%",
        "< 0.1%",
        "0%",
        "15",
        "“4 Confused”",
        "Above the threshold (12.5%)",
        "Outcome: died",
        "Outcome: 1",
        "Predicted risk 84.0% → 84.5% (+0.5 points), with all hours known",
        "Output +12.4 → +13 (+0.6)",
      ]);
    }),
);

test("the chart shows the channel under the cursor, in its unit, with what it adds up to", () =>
  on(async (page) => {
    const box = await (await page.$('canvas[data-grid="lrp"]')).boundingBox();
    const y = await page.$$eval("#labels .row", (all) => {
      const { top, height } = all.find((one) => one.textContent === "Systolic BP").getBoundingClientRect();
      return top + height / 2;
    });
    await page.mouse.move(box.x + (20.5 / 48) * box.width, y);
    await page.waitForFunction(() => /^Systolic BP\s*mmHg/.test(document.querySelector("#course").textContent));
    assert.match(await text(page, "#course"), /in all \(.* raised, .* lowered\), [\d.]+% of all relevance/);
    assert.match(await text(page, "#course"), /● observed — carried forward - - normal value/);
    const ticks = await page.$$eval(".course-axis span", (all) => all.map((one) => Number(one.textContent)));
    assert.ok(ticks.length > 1 && ticks.every((tick) => tick > 40 && tick < 240), `${ticks}`);
    const painted = await page.$eval(".course-plot canvas", (canvas) => [canvas.width, canvas.height]);
    assert.ok(painted[0] > 700 && painted[1] === 108, `${painted}`);
    assert.deepEqual(await page.$$eval(".course-hours span", (all) => [all[0].textContent, all.at(-1).textContent]), [
      "0 h",
      "48",
    ]);
  }));

test("a click holds the cursor, and Escape lets it go", () =>
  on(async (page) => {
    const box = await (await page.$('canvas[data-grid="lrp"]')).boundingBox();
    await page.mouse.click(box.x + (10.5 / 48) * box.width, box.y + 5);
    await page.waitForFunction(() => /10–11 h/.test(document.querySelector("#readout").textContent));
    await page.mouse.move(box.x + (30.5 / 48) * box.width, box.y + 5);
    assert.match(await text(page, "#readout"), /10–11 h/);
    await page.keyboard.press("Escape");
    await page.mouse.move(box.x + (31.5 / 48) * box.width, box.y + 5);
    await page.waitForFunction(() => /31–32 h/.test(document.querySelector("#readout").textContent));
  }));

once("a scale that changes says so, and a held one does not change", () =>
  on(async (page) => {
    const note = () => text(page, '.pane[data-pane="lrp"] .scale-note');
    const end = () => page.$$eval('.pane[data-pane="lrp"] .ticks span', (ticks) => ticks.at(-1).textContent);
    assert.equal(await note(), "Scale: its own.");
    const first = await end();
    const pick = async (demo) => {
      await acting(page, () => page.select("#demo-stay", demo.file));
    };
    await pick(DEMOS[1]);
    assert.notEqual(await end(), first);
    assert.equal(await note(), `Scale: its own; the last picture's ended at ±${first.slice(1)}.`);
    const held = await end();
    await page.select("#scale", "held");
    await page.waitForFunction(() =>
      /held/.test(document.querySelector('.pane[data-pane="lrp"] .scale-note').textContent),
    );
    await pick(DEMOS[0]);
    assert.equal(await end(), held);
    assert.match(await note(), /^Scale held at ±[\d.]+; [\d,]+ cells? lies? beyond the scale \(marked corner\)\.$/);
  }),
);

once(
  "the strength of colours is chosen, and the legend and what is taken away say which",
  { skip: isOneFile && "asks the page's own modules" },
  () =>
    on(async (page) => {
      const note = () => text(page, '.pane[data-pane="lrp"] .scale-note');
      const svg = () => page.evaluate(async () => (await import("/www/view/taking.js")).svg());
      const corners = (figure) => figure.match(/<path d="M\d+ \d+v\d+l-\d+ -\d+z"/g)?.length ?? 0;
      let lrp = await picture(page, "lrp");
      await page.select("#scaling", "root");
      lrp = await changed(page, "lrp", lrp);
      assert.match(await note(), /^Scale: its own\. Colours by the square root: weak relevance is drawn stronger/);
      const root = await svg();
      assert.match(root.replaceAll(/<[^>]+>\s*/g, " "), /Colours by the square root: weak/);
      assert.equal(corners(root), 0);
      await page.select("#scaling", "percentile");
      lrp = await changed(page, "lrp", lrp);
      const said = (await note()).match(
        /Colours end at the 98th percentile, ±[\d.]+; (\d+) cells lie beyond the scale \(marked corner\)\./,
      );
      assert.ok(Number(said?.[1]) > 0, await note());
      assert.match(await page.evaluate(() => location.hash), /scaling=percentile/);
      const figure = await svg();
      const gradient = (await text(page, '.pane[data-pane="gradient"] .scale-note')).match(
        /; (\d+) cells? lies? beyond/,
      );
      assert.equal(corners(figure), Number(said[1]) + Number(gradient[1]), "each cell that is beyond is marked");
      const words = figure.replaceAll(/<[^>]+>\s*/g, " ").replaceAll(/\s+/g, " ");
      assert.ok(words.includes(`${said[1]} cells lie beyond the scale`), words);
      await page.select("#scaling", "linear");
      await changed(page, "lrp", lrp);
      assert.ok(!/root|percentile/.test(await note()), await note());
    }),
);

once("slopes of a variable with categories are added up or their mean, in the picture of the gradient alone", () =>
  on(async (page) => {
    const note = (/** @type {string} */ pane) => text(page, `.pane[data-pane="${pane}"] .scale-note`);
    const of = "Of a variable with categories: the mean of their slopes; cards and tables have the sum.";
    const [gradient, lrp] = [await picture(page, "gradient"), await picture(page, "lrp")];
    assert.ok(!(await note("gradient")).includes(of));
    await page.select("#categories", "mean");
    const mean = await changed(page, "gradient", gradient);
    assert.ok((await note("gradient")).includes(of), await note("gradient"));
    assert.ok(!(await note("lrp")).includes(of), "relevance is always added up");
    assert.deepEqual(await picture(page, "lrp"), lrp);
    assert.match(await page.evaluate(() => location.hash), /categories=mean/);
    await page.select("#categories", "sum");
    await changed(page, "gradient", mean);
    assert.deepEqual(await picture(page, "gradient"), gradient);
  }),
);

once(
  "the record is neutral within the normal range, and the legend says what its tint counts",
  { skip: isOneFile && "asks the page's own modules" },
  () =>
    on(async (page) => {
      const seen = await page.evaluate(async () => {
        const { shown } = await import("/www/page.js");
        const { default: init, Model, Stay, inspectAll } = await import("/pkg/vitrine.js");
        await init();
        const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
        const model = new Model(await bytes("/www/models/in-hospital-mortality.onnx"));
        const record = await (await fetch("/www/stays/septic-shock_timeseries.csv")).text();
        const cells = inspectAll(model, Stay.parse(record, model));
        const { sides } = shown().stay;
        const canvas = document.querySelector('canvas[data-grid="input"]');
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const pixel = (x, y) =>
          data
            .subarray(4 * (y * canvas.width + x))
            .slice(0, 3)
            .join();
        const ground = getComputedStyle(document.body).backgroundColor.match(/\d+/g).join();
        const wrong = cells.filter(({ normalRange, value }, at) => {
          const [row, step] = [Math.floor(at / 48), at % 48];
          if (!normalRange || sides.tops[row] === undefined) return false;
          const isTinted = pixel(step * sides.cellWidth + sides.cellWidth - 1, sides.tops[row] + 1) !== ground;
          // Nearer than a hundredth of a deviation a tint is no colour of its own.
          const [low, high] = normalRange;
          const far = Math.max(low - value, value - high);
          return far > 0 ? far > 1 && !isTinted : isTinted;
        });
        return { n: cells.length, wrong: wrong.slice(0, 3), words: document.querySelector("#pane-input").textContent };
      });
      assert.equal(seen.n, 17 * 48);
      assert.deepEqual(seen.wrong, []);
      assert.match(seen.words, /how far outside the normal range/);
      assert.match(seen.words, /Without a range, how far from the mean: Weight, Height\./);
      assert.match(seen.words, /high in its cell: above the normal, low: below/);
      const ticks = await page.$$eval('.pane[data-pane="input"] .ticks span', (all) => all.map((it) => it.textContent));
      assert.deepEqual(ticks, ["0", "4"]);
    }),
);

test("values as lines, signs and the vik colours reach the picture of the relevance alone", () =>
  on(async (page) => {
    const input = await picture(page, "input");
    let lrp = await picture(page, "lrp");
    for (const [id, value] of [
      ["in-rows", "trace"],
      ["signs", "glyphs"],
      ["palette", "vik"],
    ]) {
      await page.select(`#${id}`, value);
      lrp = await changed(page, "lrp", lrp);
      assert.equal((await picture(page, "input")).digest, input.digest, id);
    }
    assert.match(await text(page, "#colours"), /^Brown raised the predicted risk/);
  }));

test("settings stand in the address, come back from it, and hold nothing of a stay", () =>
  on(
    async (page) => {
      assert.equal(await page.$eval("#palette", (field) => field.value), "vik");
      assert.equal(await page.$eval("#epsilon", (field) => field.value), "0.05");
      assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
      const before = await picture(page, "lrp");
      await page.select("#signs", "glyphs");
      await changed(page, "lrp", before);
      await dropAndWait(page, [{ name: "jane-doe.csv", content: "Hours,Heart Rate\n1,137\n" }], "ready");
      const address = await page.evaluate(() => location.href);
      assert.match(address, /palette=vik/);
      assert.match(address, /signs=glyphs/);
      assert.doesNotMatch(address, /jane|137|stay/);
    },
    { hash: "#palette=vik&epsilon=0.05&theme=dark&name=x" },
  ));

test("in Armenian: words, names and decimal comma; and back", () =>
  on(
    async (page) => {
      assert.equal(await page.evaluate(() => document.documentElement.lang), "hy");
      assert.ok((await labels(page)).includes("Սիստոլիկ ԶՃ"));
      assert.match(await text(page, "#probability"), /^\d+(,\d)?%$/);
      assert.match(await text(page, "#reading"), /\d,\d%/);
      assert.match(await text(page, "#residual"), /^Մնացորդ՝/);
      assert.equal(await page.$eval("#epsilon", (field) => field.value), "0,01");
      await page.evaluate(() => (document.body.dataset.state = "asked"));
      await page.$eval("#epsilon", (field) => {
        field.value = "0,5";
        field.dispatchEvent(new Event("change", { bubbles: true }));
      });
      await settled(page);
      const left = await page.evaluate(() => {
        const walker = document.createTreeWalker(document.querySelector("#view-stay"), NodeFilter.SHOW_TEXT);
        const found = [];
        while (walker.nextNode())
          if (!walker.currentNode.parentElement.closest("#facts, #about, [hidden], [lang=en], pre, code"))
            found.push(walker.currentNode.data);
        return found.flatMap((it) => it.match(/\b[a-z]{4,}\b/g) ?? []);
      });
      // The record's own words, and the model's, which are left out above, stay as they are.
      const own = ["septic", "shock", "timeseries", "hospital", "mortality", "onnx", "mimic", "deep", "shap"];
      assert.deepEqual(
        left.filter((word) => !own.includes(word) && word !== "stay"),
        [],
      );
      await page.select("#language", "en");
      await page.waitForFunction(() => document.querySelector("#labels .row").textContent === "GCS eye");
      assert.equal(await page.$eval("#epsilon", (field) => field.value), "0.5");
      assert.match(await text(page, "#residual"), /^Residual/);
    },
    { hash: "#lang=hy" },
  ));

once("a decimal comma is a decimal point in English too, and a number out of range is refused by name", () =>
  on(async (page) => {
    const set = async (id, value, state) => {
      await page.evaluate(() => (document.body.dataset.state = "asked"));
      await page.$eval(
        `#${id}`,
        (field, wanted) => {
          field.value = wanted;
          field.dispatchEvent(new Event("change", { bubbles: true }));
        },
        value,
      );
      await settled(page, state);
    };
    await set("epsilon", "0,1", "ready");
    await set("bias-factor", "1,5", "error");
    assert.match(await text(page, "[role=alert]"), /bias factor: “1,5” is no number from 0 to 1/);
    assert.equal(await page.$eval("#bias-factor", (field) => field.getAttribute("aria-invalid")), "true");
  }),
);

once("a model with several outputs has its output chosen", () =>
  on(async (page) => {
    assert.ok(await page.$eval("#target", (field) => field.hidden), "one output: nothing to choose");
    const model = { name: "classes.onnx", content: await file("tests/fixtures/families/pooled-torchscript.onnx") };
    const own = { name: "own.csv", content: "Hours,c0,c1,c2,c3,c4\n0.5,1,-1,0.5,2,0\n3.5,0,1,,,-2\n" };
    await dropAndWait(page, [model, own], "ready");
    const options = await page.$$eval("#target option", (all) => all.map((one) => one.value));
    assert.equal(options.length, 4);
    const before = await picture(page, "lrp");
    const first = await text(page, "#probability");
    await page.select("#target", options.at(-1));
    await changed(page, "lrp", before);
    await settled(page);
    assert.notEqual(await text(page, "#probability"), first);
  }),
);

test("of what a model says at every hour, the hour is chosen, and the curve is what it says", () =>
  on(async (page) => {
    const { cases } = JSON.parse(await file("tests/fixtures/cases/networks/cases.json"));
    const { file: name, manifest } = cases.find(({ manifest: it }) => it?.outcomes?.[0]?.per_step);
    const variables = manifest.channels.map((channel) => channel.name);
    const rows = Array.from({ length: manifest.steps }, (_, k) => [k + 0.5, ...variables.map((_, at) => (k + at) % 3)]);
    await dropAndWait(page, [
      { name, content: await file(`tests/fixtures/cases/networks/${name}`) },
      { name: "manifest.json", content: JSON.stringify(manifest) },
      { name: "own.csv", content: [`Hours,${variables.join(",")}`, ...rows].join("\n") },
    ]);
    const risk = () => page.$eval("#probability", (it) => Number(it.dataset.value));
    const hour = () => page.$eval("#target-hour", (it) => Number(it.value));
    const drawn = () => page.waitForSelector("#replay path.curve");
    const curve = async () =>
      (await (await drawn()).evaluate((it) => it.getAttribute("d").slice(1)))
        .split("L")
        .map((point) => 1 - Number(point.split(" ")[1]));
    const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-4, `${a} beside ${b}`);
    assert.equal(await hour(), manifest.steps - 1, "it opens with what the network says in the end");
    const said = await curve();
    assert.equal(said.length, manifest.steps);
    assert.ok(Math.max(...said) - Math.min(...said) > 1e-3, "the hours differ");
    close(await risk(), said.at(-1));
    await page.evaluate(() => (document.body.dataset.state = "asked"));
    await page.select("#target-hour", "2");
    await settled(page);
    close(await risk(), said[2]);
    // The mark over the curve is the same choice.
    await page.focus("#replay-hour");
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => document.querySelector("#target-hour").value === "3");
    await settled(page);
    close(await risk(), said[3]);
    assert.match(await text(page, "#replay label"), /What the network says at 4 h/);
    // And the report says it as well, with the mark at that hour.
    await page.evaluate(() => (window.print = () => {}));
    await acting(page, () => page.$eval("#export [data-t='export.print']", (it) => it.click()));
    const [heading, marks] = await page.$eval("#print-report", ({ shadowRoot }) => {
      const curve = shadowRoot.querySelector(".curve");
      const marks = [...curve.querySelectorAll("path.level")].map((it) => it.getAttribute("d"));
      return [curve.parentElement.querySelector("h2").textContent, marks];
    });
    assert.equal(heading, "What the network says at 4 h");
    const upright = marks.map((it) => /^M([\d.]+) \S+L\1 /.exec(it)?.[1]).filter(Boolean);
    assert.deepEqual(upright, [(4 / manifest.steps).toFixed(4)], marks.join());
  }));

test("text that is pasted is a record", () =>
  on(async (page) => {
    await page.evaluate(() => {
      document.body.dataset.state = "asked";
      const clipboardData = new DataTransfer();
      const data = "Hours,Heart Rate\n1,90\n2,95\n";
      clipboardData.setData("text/plain", data);
      // Firefox reads `data` and `dataType`, Chromium `clipboardData`.
      document.body.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData, data, dataType: "text/plain", bubbles: true }),
      );
    });
    await settled(page);
    assert.match(await text(page, "#title"), /^pasted record\.csv/);
    assert.match(await text(page, "#report"), /2 rows read/);
  }));

test("help opens by its key, and the key can be switched off", () =>
  on(async (page) => {
    await page.keyboard.press("?");
    await page.waitForSelector("#help[open]");
    assert.match(await text(page, "#help"), /next and previous most relevant cell/);
    await page.click("#help-keys");
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => !document.querySelector("#help").open);
    await page.keyboard.press("?");
    assert.ok(!(await page.$eval("#help", (dialog) => dialog.open)));
    await page.click("#help-open");
    assert.ok(await page.$eval("#help", (dialog) => dialog.open));
  }));

test("the tour explains the two colours on the demo patient and gives focus back", () =>
  on(async (page) => {
    await clickInSight(page, "#tour-start");
    const steps = [];
    while (await page.$eval("#tour", (tour) => !tour.hidden)) {
      steps.push(await text(page, "#tour"));
      await page.keyboard.press("Enter");
    }
    assert.equal(steps.length, 6);
    assert.match(steps[1], /Orange raised the predicted risk, purple lowered it/);
    assert.equal(await page.evaluate(() => document.activeElement.id), "tour-start");
    await dropAndWait(page, [{ name: "own.csv", content: "Hours,Heart Rate\n1,90\n" }], "ready");
    assert.ok(await page.$eval("#hint", (hint) => hint.hidden), "one's own patient is no demo");
  }));

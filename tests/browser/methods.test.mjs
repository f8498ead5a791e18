// Methods: choosing each, several side by side, the account, and how far one can be believed, as a reader would; what
// the page says is held against the engine.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { PATIENCE, dropAndWait, file, isFirefox, isOneFile, launch, pictures, settled, shoot, text, visit } from "./browser.mjs";
import { ROOT, serve } from "./server.mjs";

const DEMO = "septic-shock_timeseries.csv";
const CAPTIONS = {
  "gradient-x-input": "Gradient × input",
  "integrated-gradients": "Integrated gradients",
  "smooth-grad": "SmoothGrad",
  "deep-shap": "Against a reference",
  occlusion: "Occlusion",
  lrp: "LRP relevance",
};

let server, running, engine, model, input, axe;
before(async () => {
  server = await serve();
  running = await launch();
  axe = await readFile(join(ROOT, "node_modules/axe-core/axe.min.js"), "utf8");
  const pkg = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
  engine = await import(pathToFileURL(join(pkg, "vitrine.js")).href);
  engine.initSync({ module: readFileSync(join(pkg, "vitrine_bg.wasm")) });
  model = new engine.Model(await file("www/models/in-hospital-mortality.onnx"));
  ({ input } = engine.Stay.parse(String(await file(`www/stays/${DEMO}`)), model, { name: DEMO }));
});
after(async () => {
  await running?.close();
  await server?.close();
});

async function on(run, options, hash = "") {
  const { page, complaints } = await visit(running.browser, server.page + hash, options);
  try {
    await run(page);
    assert.deepEqual(complaints, []);
  } finally {
    await page.close();
  }
}

/** Does something that is an action of the page, and waits until it has ended. */
async function acting(page, run, state = "ready") {
  await page.evaluate(() => (document.body.dataset.state = "asked"));
  await run();
  await settled(page, state);
}

const choose = (page, kind) => acting(page, () => page.select("#method-kind", kind));

/** What axe-core finds, in words. */
async function findings(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await globalThis.axe.run(document, { runOnly: tags });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`));
  });
}

/** A number as the page writes it. */
const number = (written) => Number(written.replaceAll("−", "-").replace(/ × 10.*/, ""));

/** The account's lines, with the geometry of their bars. */
function account(page) {
  return page.$$eval("#ledger tr", (rows) => rows.map((row) => {
    const bar = row.querySelector(".ledger-bar");
    const at = (name) => parseFloat(bar.style.getPropertyValue(name));
    return { name: row.cells[0].textContent, amount: row.cells[1].textContent, bar: bar && { from: at("--from"), to: at("--to"), zero: at("--zero"), down: bar.classList.contains("down") } };
  }));
}

test("each method paints a picture of its own, under its name, with the fields that are its own", () =>
  on(async (page) => {
    const digests = new Set([(await pictures(page)).lrp.digest]);
    const { input: before, gradient } = await pictures(page);
    for (const [kind, caption] of Object.entries(CAPTIONS)) {
      await choose(page, kind);
      assert.equal(await text(page, '#pane-lrp figcaption b'), caption);
      assert.match(await page.$eval('[data-cells="lrp"]', (it) => it.ariaLabel), new RegExp(`^${caption},`));
      const shown = await page.$$eval("#method [data-for]", (all) => [...new Set(all.filter((it) => it.offsetParent).map((it) => it.dataset.for))]);
      assert.deepEqual(shown, ["lrp", "integrated-gradients", "smooth-grad"].includes(kind) ? [kind] : []);
      const seen = await pictures(page);
      if (kind !== "lrp") assert.ok(!digests.has(seen.lrp.digest), kind);
      digests.add(seen.lrp.digest);
      assert.deepEqual([seen.input.digest, seen.gradient.digest], [before.digest, gradient.digest], "the others stay");
      const end = number((await page.$$eval('#pane-lrp .ticks span', (all) => all.map((it) => it.textContent))).at(-1));
      assert.ok(end > 0);
      assert.equal(await text(page, '#pane-lrp .legend .low'), kind === "smooth-grad" ? "none" : "lowers");
      const { score } = model.explain(input, { method: kind });
      const last = (await account(page)).at(-1);
      assert.ok(Math.abs(number(last.amount) - score) < 0.006, `${kind}: ${last.amount} for ${score}`);
      assert.equal(last.name, "score explained");
    }
    assert.equal(digests.size, 6);
    assert.doesNotMatch(await page.evaluate(() => location.hash), /method/, "the first method needs no word in the address");
  }));

test("the bars of the account begin where the one before ended, and end at the score", () =>
  on(async (page) => {
    for (const kind of ["lrp", "deep-shap"]) {
      if (kind !== "lrp") await choose(page, kind);
      const lines = await account(page);
      assert.equal(lines.some(({ name }) => name === "reference stay"), kind === "deep-shap");
      let end = lines[0].bar.zero;
      for (const { bar, name } of lines.slice(0, -1)) {
        const [begins, ends] = bar.down ? [bar.to, bar.from] : [bar.from, bar.to];
        assert.ok(Math.abs(begins - end) < 0.3, `${kind}: ${name} begins at ${begins}, not at ${end}`);
        end = ends;
      }
      const { from, to, zero, down } = lines.at(-1).bar;
      assert.ok(Math.abs((down ? to : from) - zero) < 0.3);
      assert.ok(Math.abs((down ? from : to) - end) < 0.3, `${kind}: the parts end at ${end}, the score at ${down ? from : to}`);
    }
    await choose(page, "occlusion");
    assert.equal((await account(page)).length, 1);
    assert.match(await text(page, "#residual"), /does not divide the score/);
  }));

test("a view that was saved opens again with its method", { skip: isOneFile && "asks the page's own modules" }, () =>
  on(async (page) => {
    await choose(page, "deep-shap");
    const before = await pictures(page);
    const saved = await page.evaluate(async () => (await import(new URL("page.js", document.baseURI).href)).engine.request("takeJson", undefined));
    await choose(page, "lrp");
    await dropAndWait(page, [{ name: "view.json", content: saved }], "ready");
    assert.deepEqual(await pictures(page), before);
    assert.equal(await text(page, "#pane-lrp figcaption b"), CAPTIONS["deep-shap"]);
    assert.equal(await page.$eval("#method-kind", (it) => it.value), "deep-shap");
  }));

test("a number that a method refuses is named, and the picture stays", () =>
  on(async (page) => {
    await choose(page, "smooth-grad");
    const before = await pictures(page);
    await page.$eval("#samples", (field) => (field.value = "1.5"));
    await acting(page, () => page.$eval("#samples", (it) => it.dispatchEvent(new Event("change", { bubbles: true }))), "error");
    assert.match(await text(page, "[role=alert]"), /noisy inputs: “1.5” is no whole number/);
    assert.deepEqual(await pictures(page), before);
    await page.$eval("#samples", (field) => (field.value = "20"));
    await acting(page, () => page.$eval("#samples", (it) => it.dispatchEvent(new Event("change", { bubbles: true }))));
    assert.notEqual((await pictures(page)).lrp.digest, before.lrp.digest);
    assert.match(await page.evaluate(() => location.hash), /method=smooth-grad&samples=20/);
  }));

test("two and four methods side by side: agreement as the engine measures it, one cursor, one scale if asked", () =>
  on(async (page) => {
    await page.click("#view-tab-compare");
    await acting(page, () => page.click("#compare-run"));
    const rows = () => page.$$eval(".compare-table tbody tr", (all) => all.map((row) => [...row.cells].map((it) => it.textContent)));
    const wanted = engine.compareExplanations(model, input, model.explain(input, { method: "lrp" }), model.explain(input, { method: "deep-shap" }));
    const [[name, order, top, signs]] = await rows();
    assert.equal(name, "LRP relevance and Against a reference");
    assert.ok(Math.abs(number(order) - wanted.rankCorrelation) < 5e-4);
    assert.equal(top, `${Math.round(wanted.topOverlap * 100)}%`);
    assert.equal(signs, `${Math.round(wanted.signAgreement * 100)}%`);
    assert.match(await text(page, ".compare-opposite p"), new RegExp(`^${wanted.opposite.length} measurements? with opposite signs`));

    // A cell of the list moves the cursor of all pictures, and each method says what it gives it: with opposite signs.
    const [channel, step] = wanted.opposite[0];
    await page.click(".compare-opposite button");
    await page.waitForFunction((hours) => document.querySelector(".compare-cell").textContent.includes(hours), { timeout: PATIENCE }, `${step}–${step + 1} h`);
    if (!isOneFile) {
      const at = await page.evaluate(async () => (await import(new URL("page.js", document.baseURI).href)).cursor());
      assert.deepEqual(at, { row: channel, step });
    }
    const columns = () => page.$$eval(".compare .cursor", (all) => all.map((it) => it.getAttribute("aria-colindex")));
    assert.deepEqual(await columns(), [String(step + 2), String(step + 2)]);
    await page.$eval(".compare .cursor", (it) => it.focus());
    await page.keyboard.press("ArrowLeft");
    assert.deepEqual(await columns(), [String(step + 1), String(step + 1)]);

    const ends = () => page.$$eval(".compare .ticks", (all) => all.map((it) => it.lastElementChild.textContent));
    assert.equal(new Set(await ends()).size, 2);
    await acting(page, () => page.select("#compare-scale", "shared"));
    assert.equal(new Set(await ends()).size, 1);
    for (const kind of ["occlusion", "integrated-gradients"]) await page.click(`[name="compared"][value="${kind}"]`);
    await acting(page, () => page.click("#compare-run"));
    assert.equal((await rows()).length, 6);
    assert.equal(await page.$$eval(".compare-pictures figure", (all) => all.length), 4);
    await shoot(page, "compare");
    await page.click('[name="compared"][value="smooth-grad"]');
    await acting(page, () => page.click("#compare-run"), "error");
    assert.match(await text(page, "[role=alert]"), /5 methods are chosen; choose two to four/);
    assert.equal((await rows()).length, 6, "what was compared stays");
  }));

test("how far can I believe this: the engine's verdict in words, every number with its bounds", () =>
  on(async (page) => {
    await acting(page, () => page.click("#trust-ask"));
    const task = engine.trustTask(model, input, { method: "lrp", epsilon: 0.01 });
    while (task.advance(50) < 1);
    const trust = task.result();
    const said = await text(page, ".trust-verdict");
    assert.equal(await page.$eval(".trust-verdict", (it) => it.dataset.verdict), trust.verdict);
    assert.match(said, { holds: /every check holds/, weak: /believe it in part/, fails: /do not rely on this picture/ }[trust.verdict]);
    const rows = await page.$$eval(".trust-table tbody tr", (all) => all.map((row) => [...row.cells].map((it) => it.textContent)));
    assert.equal(rows.length, trust.answers.length);
    trust.answers.forEach(({ verdict, value }, at) => {
      assert.equal(rows[at][3], verdict);
      const written = rows[at][1].match(/^([−\d.]+)(%?)/);
      assert.ok(Math.abs(number(written[1]) / (written[2] ? 100 : 1) - value) < 0.006, `${rows[at][1]} for ${value}`);
    });
    assert.equal(await page.$$eval(".trust-curves svg", (all) => all.length), 2);
    await shoot(page, "trust", { fullPage: true });
    await choose(page, "deep-shap");
    assert.match(await text(page, ".trust-found"), /ask again/, "another method has not been checked");
  }));

test("checking, comparing and occlusion can be cancelled; what was there stays", () =>
  on(async (page) => {
    const before = await pictures(page);
    const cancelled = async (run) => {
      await acting(page, async () => {
        // Cancel shows only after a second, and occlusion is over in a tenth of one: it is pressed, from inside, as soon as
        // there is something to cancel.
        await page.evaluate(() => {
          const press = (_, observer) => {
            if (document.body.dataset.state !== "busy") return;
            observer.disconnect();
            document.querySelector("#cancel").click();
          };
          new MutationObserver(press).observe(document.body, { attributeFilter: ["data-state"] });
        });
        await run();
      }, "error");
      assert.match(await text(page, "[role=alert]"), /cancelled/);
    };
    await cancelled(() => page.$eval("#trust-ask", (it) => it.click()));
    assert.equal(await text(page, ".trust-found"), "");
    await cancelled(() => page.select("#method-kind", "occlusion"));
    assert.deepEqual(await pictures(page), before);
    assert.equal(await page.$eval("#method-kind", (it) => it.value), "lrp", "the form says how the picture was made");
    await acting(page, () => page.click("#trust-ask"));
    assert.equal(await page.$$eval(".trust-table tbody tr", (all) => all.length), 6, "the engine is still there");
  }));

for (const dark of [false, true]) {
  test(`axe-core finds nothing in what was checked and compared, ${dark ? "dark" : "light"}`, { skip: isFirefox && dark && "as in Chromium" }, () =>
    on(async (page) => {
      await acting(page, () => page.click("#trust-ask"));
      assert.deepEqual(await findings(page), []);
      await page.click("#view-tab-compare");
      await acting(page, () => page.click("#compare-run"));
      assert.deepEqual(await findings(page), []);
      await shoot(page, `compare-${dark ? "dark" : "light"}`);
    }, { dark }));
}

test("narrow and in Armenian: nothing scrolls sideways, axe-core finds nothing", () =>
  on(async (page) => {
    await choose(page, "occlusion");
    await acting(page, () => page.click("#trust-ask"));
    const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    assert.ok(await fits());
    await shoot(page, "trust-narrow", { fullPage: true });
    await page.click("#view-tab-compare");
    await acting(page, () => page.click("#compare-run"));
    assert.ok(await fits());
    assert.deepEqual(await findings(page), []);
    await shoot(page, "compare-narrow", { fullPage: true });
  }, { width: 400, height: 860 }, "#lang=hy"));

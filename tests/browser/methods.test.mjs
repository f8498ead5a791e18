// Methods: choosing each, several side by side, the account, and how far one can be believed, as a reader would; what
// the page says is held against the engine.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { findings, findingsInBoth } from "./axe.mjs";
import { PATIENCE, dropAndWait, file, isOneFile, pictures, settled, shoot, text } from "./browser.mjs";
import { acting, cancelling, choose, clickInSight, pressing } from "./doing.mjs";
import { engine as bare, once, pages } from "./pages.mjs";

const DEMO = "septic-shock_timeseries.csv";
const CAPTIONS = {
  gradient: "Gradient",
  "abs-gradient": "|Gradient|",
  "gradient-x-input": "Gradient × input",
  "integrated-gradients": "Integrated gradients",
  "smooth-grad": "SmoothGrad",
  "deep-shap": "Compared with a reference",
  occlusion: "Occlusion",
  shapley: "Shapley values",
  lrp: "LRP relevance",
};

/** The fields that belong to a method. */
const FIELDS = {
  lrp: ["epsilon", "biasFactor", "rule", "gates"],
  "integrated-gradients": ["points", "reference"],
  "smooth-grad": ["samples", "noise"],
  "deep-shap": ["reference"],
  occlusion: ["takenAway"],
  shapley: ["players", "window", "orders", "seed"],
};

const stage = pages({ isOfOne: true });
let engine, model, stay, input, trusted;
before(async () => {
  ({ model, ...engine } = await bare({ isOfOne: true }));
  stay = engine.Stay.parse(String(await file(`www/stays/${DEMO}`)), model, { name: DEMO });
  ({ input } = stay);
});

const on = (run, options, hash) => stage.on(run, { ...options, hash, isQuiet: true });

/** Chooses a method. */
const explainBy = (page, kind) => choose(page, { "#method-kind": kind });

/** Asks how far the explanation can be believed, and waits for what decides nothing as well. */
async function checking(page) {
  await pressing(page, "#trust-ask");
  await page.waitForSelector(".trust-numbers", { timeout: PATIENCE });
}

/** Runs a task of the engine to its end. */
function finish(task) {
  while (task.advance(100) < 1);
  return task.result();
}

/** How far LRP can be believed, as the engine beside the page says, which is asked once. */
function wantedTrust() {
  return (trusted ??= finish(engine.trustTask(model, input, { method: "lrp", epsilon: 0.01 })));
}

/** A number as the page writes it. */
const number = (written) => Number(written.replaceAll("−", "-").replace(/ × 10.*/, ""));

/** The account's lines, with the geometry of their bars. */
function account(page) {
  return page.$$eval("#ledger tr", (rows) =>
    rows.map((row) => {
      const bar = row.querySelector(".ledger-bar");
      const at = (name) => parseFloat(bar.style.getPropertyValue(name));
      return {
        name: row.cells[0].textContent,
        amount: row.querySelector("td:last-child").textContent,
        bar: bar && { from: at("--from"), to: at("--to"), zero: at("--zero"), down: bar.classList.contains("down") },
      };
    }),
  );
}

once("each method paints a picture of its own, under its name, with the fields that are its own", () =>
  on(async (page) => {
    const digests = new Set([(await pictures(page)).lrp.digest]);
    const { input: before, gradient } = await pictures(page);
    for (const [kind, caption] of Object.entries(CAPTIONS)) {
      await explainBy(page, kind);
      // Of the values alone LRP is the paper's picture.
      assert.equal(await text(page, "#pane-lrp figcaption .quiet"), kind === "lrp" ? "Description: lrp" : caption);
      const shown = await page.$$eval("#method :is(input, select)[data-for]", (all) =>
        all.filter((it) => it.offsetParent).map((it) => it.name),
      );
      assert.deepEqual(shown, FIELDS[kind] ?? []);
      const seen = await pictures(page);
      if (kind !== "lrp") assert.ok(!digests.has(seen.lrp.digest), kind);
      digests.add(seen.lrp.digest);
      assert.deepEqual([seen.input.digest, seen.gradient.digest], [before.digest, gradient.digest], "the others stay");
      const end = number((await page.$$eval("#pane-lrp .ticks span", (all) => all.map((it) => it.textContent))).at(-1));
      assert.ok(end > 0);
      assert.equal(
        await text(page, "#pane-lrp .legend .low"),
        { gradient: "would fall", "abs-gradient": "none", "smooth-grad": "none" }[kind] ?? "lowers",
      );
      const isOfEffects = !["gradient", "abs-gradient", "smooth-grad"].includes(kind);
      assert.equal(
        /^(Raised|Lowered) (most )?by|^Nothing stands out/.test(await text(page, "#reading")),
        isOfEffects,
        `${kind} says what raised the risk, or that it does not`,
      );
      const { score } = model.explain(input, { method: kind === "shapley" ? "occlusion" : kind });
      const last = (await account(page)).at(-1);
      assert.ok(Math.abs(number(last.amount) - score) < 0.006, `${kind}: ${last.amount} for ${score}`);
      assert.equal(last.name, "score explained");
    }
    assert.equal(digests.size, 9);
    assert.doesNotMatch(
      await page.evaluate(() => location.hash),
      /deep-shap/,
      "the method that the page opens with needs no word in the address",
    );
  }),
);

once("the bars of the account begin where the one before ended, and end at the score", () =>
  on(async (page) => {
    for (const kind of ["lrp", "deep-shap"]) {
      if (kind !== "lrp") await explainBy(page, kind);
      const lines = await account(page);
      assert.equal(
        lines.some(({ name }) => name === "reference stay"),
        kind === "deep-shap",
      );
      let end = lines[0].bar.zero;
      for (const { bar, name } of lines.slice(0, -1)) {
        const [begins, ends] = bar.down ? [bar.to, bar.from] : [bar.from, bar.to];
        assert.ok(Math.abs(begins - end) < 0.3, `${kind}: ${name} begins at ${begins}, not at ${end}`);
        end = ends;
      }
      const { from, to, zero, down } = lines.at(-1).bar;
      assert.ok(Math.abs((down ? to : from) - zero) < 0.3);
      assert.ok(
        Math.abs((down ? from : to) - end) < 0.3,
        `${kind}: the parts end at ${end}, the score at ${down ? from : to}`,
      );
    }
    await explainBy(page, "occlusion");
    assert.equal((await account(page)).length, 1);
    assert.match(await text(page, "#residual"), /does not divide the score/);
  }),
);

once("a view that was saved opens again with its method", { skip: isOneFile && "asks the page's own modules" }, () =>
  on(async (page) => {
    for (const kind of ["deep-shap", "gradient", "smooth-grad"]) {
      await explainBy(page, kind);
      const before = await pictures(page);
      const saved = await page.evaluate(async () =>
        (await import(new URL("page.js", document.baseURI).href)).engine.request("takeJson", undefined),
      );
      await explainBy(page, "lrp");
      await dropAndWait(page, [{ name: "view.json", content: saved }], "ready");
      assert.deepEqual(await pictures(page), before, kind);
      assert.equal(await text(page, "#pane-lrp figcaption .quiet"), CAPTIONS[kind]);
      assert.equal(await page.$eval("#method-kind", (it) => it.value), kind);
    }
  }),
);

once("a number that a method refuses is named, and the picture stays", () =>
  on(async (page) => {
    await explainBy(page, "smooth-grad");
    const before = await pictures(page);
    await page.$eval("#samples", (field) => (field.value = "1.5"));
    await acting(
      page,
      () => page.$eval("#samples", (it) => it.dispatchEvent(new Event("change", { bubbles: true }))),
      "error",
    );
    assert.match(await text(page, "[role=alert]"), /noisy inputs: “1.5” is no whole number/);
    assert.deepEqual(await pictures(page), before);
    await page.$eval("#samples", (field) => (field.value = "20"));
    await acting(page, () => page.$eval("#samples", (it) => it.dispatchEvent(new Event("change", { bubbles: true }))));
    assert.notEqual((await pictures(page)).lrp.digest, before.lrp.digest);
    assert.match(await page.evaluate(() => location.hash), /method=smooth-grad&samples=20/);
  }),
);

once("two and four methods side by side: agreement as the engine measures it, one cursor, one scale if asked", () =>
  on(async (page) => {
    await page.click("#view-tab-compare");
    await pressing(page, "#compare-run");
    const rows = () =>
      page.$$eval(".compare-table tbody tr", (all) => all.map((row) => [...row.cells].map((it) => it.textContent)));
    const wanted = engine.compareExplanations(
      model,
      input,
      model.explain(input, { method: "lrp" }),
      model.explain(input, { method: "deep-shap" }),
    );
    const [[name, order, top, signs]] = await rows();
    assert.equal(name, "LRP relevance and Compared with a reference");
    assert.ok(Math.abs(number(order) - wanted.rankCorrelation) < 5e-4);
    // What all of them say, by channel: both, with some weight, of one sign.
    const [a, b] = [{ method: "lrp" }, { method: "deep-shap" }].map(
      (it) => engine.totals("relevance", model, stay, model.explain(input, it)).rows,
    );
    const both = (sign) =>
      model.manifest.channels
        .filter((_, row) => [a, b].every((rows) => rows[row].share >= 0.03 && rows[row].signed * sign > 0))
        .map(({ label }) => label);
    const linked = (key) =>
      page.$$eval(
        ".compare-agreed p",
        (all, words) =>
          [...(all.find((it) => it.textContent.includes(words))?.querySelectorAll("button") ?? [])].map(
            (it) => it.textContent,
          ),
        key,
      );
    assert.deepEqual((await linked("raised the risk")).toSorted(), both(1).toSorted());
    assert.deepEqual((await linked("lowered the risk")).toSorted(), both(-1).toSorted());
    // The boxes of each line begin where those of the first do, and nothing under a picture reaches beyond it.
    const { lefts, beyond, set } = await page.evaluate(() => {
      const boxes = [...document.querySelectorAll(".compare fieldset label")].map((it) => it.getBoundingClientRect());
      const first = boxes.filter(({ width, top }, at) => width > 0 && !boxes.slice(0, at).some((it) => it.top === top));
      const figures = [...document.querySelectorAll(".compare-pictures figure")];
      const right = (it) => it.getBoundingClientRect().right;
      return {
        lefts: new Set(first.map(({ left }) => left)).size,
        beyond: figures.filter((it) => right(it) > right(it.querySelector(".plot")) + 1).length,
        set: document.querySelectorAll(".compare .cursor:not(.unset)").length,
      };
    });
    assert.deepEqual({ lefts, beyond }, { lefts: 1, beyond: 0 });
    assert.equal(set, 0, "no cell is framed before one is pointed at");
    assert.equal(await text(page, ".compare-cell"), "");
    assert.match(await text(page, ".compare-who"), /^Septic shock \(synthetic\)Risk of in-hospital mortality: \d/);
    await page.waitForFunction(
      () => [...document.querySelectorAll(".compare-verdict")].every((it) => it.dataset.verdict),
      { timeout: PATIENCE },
    );
    assert.match(
      await text(page, ".compare-verdict"),
      /^Explanation: .* it says [+−][\d.]+; without it the score loses/,
    );
    assert.equal(top, `${Math.round(wanted.topOverlap * 100)}%`);
    assert.equal(signs, `${Math.round(wanted.signAgreement * 100)}%`);
    assert.match(
      await text(page, ".compare-opposite p"),
      new RegExp(`^${wanted.opposite.length} measurements? with opposite signs`),
    );

    // A cell of the list moves the cursor of all pictures, and each method says what it gives it: with opposite signs.
    const [channel, step] = wanted.opposite[0];
    await clickInSight(page, ".compare-opposite button");
    await page.waitForFunction(
      (hours) => document.querySelector(".compare-cell").textContent.includes(hours),
      { timeout: PATIENCE },
      `${step}–${step + 1} h`,
    );
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
    await pressing(page, "#compare-run");
    assert.equal((await rows()).length, 6);
    assert.equal(await page.$$eval(".compare-pictures figure", (all) => all.length), 4);
    await shoot(page, "compare");
    await page.click('[name="compared"][value="smooth-grad"]');
    await pressing(page, "#compare-run", "error");
    assert.match(await text(page, "[role=alert]"), /5 methods are chosen; choose two to four/);
    assert.equal((await rows()).length, 6, "what was compared stays");

    // A gradient says what a change would do: it has no sign that could agree with what a value did, and no common scale.
    for (const kind of ["smooth-grad", "occlusion", "integrated-gradients", "deep-shap", "gradient"])
      await page.click(`[name="compared"][value="${kind}"]`);
    await pressing(page, "#compare-run");
    const [[, , , none]] = await rows();
    assert.equal(none, "–");
    assert.equal(await page.$(".compare-opposite"), null);
    assert.equal(new Set(await ends()).size, 2);
  }),
);

// Firefox's lists of choices open in a window of their own.
once(
  "every method and each of its fields, the comparison, the checks and what they mean are reached by keyboard alone",
  () =>
    on(async (page) => {
      const active = () =>
        page.evaluate(
          () => document.activeElement.id || document.activeElement.dataset.numbers || document.activeElement.value,
        );
      const tabTo = async (wanted) => {
        for (let presses = 0; presses < 200; presses++) {
          if ((await active()) === wanted) return;
          await page.keyboard.press("Tab");
        }
        assert.fail(`${wanted} was not reached in 200 presses`);
      };
      await tabTo("method-open");
      await page.keyboard.press("Enter");
      await tabTo("method-kind");
      for (const kind of Object.keys(CAPTIONS).filter((it) => it !== "lrp")) {
        await acting(page, () => page.keyboard.press("ArrowDown"));
        assert.equal(await page.$eval("#method-kind", (it) => it.value), kind);
        const fields = await page.$$eval("#method :is(input, select)[data-for]", (all) =>
          all.filter((it) => it.offsetParent).map((it) => it.id),
        );
        for (const field of fields) await tabTo(field);
        await page.focus("#method-kind");
      }
      await page.focus("#method-kind");
      for (let up = 0; up < 3; up++) await acting(page, () => page.keyboard.press("ArrowUp"));
      assert.equal(await page.$eval("#method-kind", (it) => it.value), "smooth-grad");
      await tabTo("trust-ask");
      await acting(page, () => page.keyboard.press("Enter"));
      assert.ok(await page.$(".trust-verdict"));
      await tabTo("trust");
      await page.keyboard.press("Enter");
      assert.equal(await page.$eval("#help", (it) => it.open), true);
      assert.match(
        await text(page, "#help details[open]"),
        /^How far can I believe this\?.*Ancona 2018, arXiv:1711\.06104/,
      );
      await page.keyboard.press("Escape");
      await page.evaluate(() => {
        document.activeElement.blur();
        scrollTo(0, 0);
      });
      await tabTo("view-tab-stay");
      await page.keyboard.press("ArrowRight");
      await tabTo("abs-gradient");
      await page.keyboard.press("Space");
      await tabTo("compare-hatch");
      await page.keyboard.press("Space");
      await tabTo("compare-run");
      await acting(page, () => page.keyboard.press("Enter"));
      assert.equal(await page.$$eval(".compare-pictures figure", (all) => all.length), 3);
    }),
);

once(
  "the help has each number in two sentences or more, with its source, in both languages",
  { skip: isOneFile && "asks the page's own modules" },
  () =>
    on(async (page) => {
      const docs = String(await file("docs/methods.md"));
      for (const language of ["en", "hy"]) {
        await page.select("#language", language);
        await page.click("#help-open");
        const lines = await page.$$eval(".number-help", (all) =>
          all.flatMap((list) =>
            [...list.children].map((it) => [
              it.tagName,
              it.firstChild.textContent,
              it.querySelector("cite")?.textContent,
            ]),
          ),
        );
        const told = lines.filter(([tag]) => tag === "DD");
        assert.ok(told.length >= 24 && lines.filter(([tag]) => tag === "DT").length === told.length, `${told.length}`);
        for (const [, said, source] of told) {
          assert.ok(said.match(/[.։](\s|$)/g)?.length >= 2, said);
          assert.ok(source, said);
          // The docs name every source that the page names.
          for (const id of source.match(/(10\.\d{4,}\/\S+?|arXiv:\d+\.\d+)(?=;|$)/g) ?? [])
            assert.ok(docs.includes(id), `docs/methods.md lacks ${id}`);
        }
        await page.keyboard.press("Escape");
      }
    }),
);

once("how far can I believe this: the engine's verdict in words, every number with its interval", () =>
  on(async (page) => {
    await checking(page);
    const trust = wantedTrust();
    const said = await text(page, ".trust-verdict");
    assert.equal(await page.$eval(".trust-verdict", (it) => it.dataset.verdict), trust.verdict);
    assert.match(
      said,
      {
        holds: /: holds for this stay/,
        shaky: /: shaky for this stay/,
        "does not hold": /do not rely on this picture/,
      }[trust.verdict],
    );
    const rows = await page.$$eval(".trust-table tbody tr", (all) =>
      all.map((row) => [...row.cells].map((it) => it.textContent)),
    );
    assert.equal(rows.length, trust.answers.length);
    trust.answers.forEach(({ value, decides }, at) => {
      assert.equal(rows[at][3], decides ? "decides" : "shown beside it");
      const written = rows[at][1].match(/^([−\d.]+)(%?)/);
      assert.ok(Math.abs(number(written[1]) / (written[2] ? 100 : 1) - value) < 0.006, `${rows[at][1]} for ${value}`);
    });
    assert.equal(await page.$$eval(".trust-curves svg", (all) => all.length), 2);
    await shoot(page, "trust", { fullPage: true });
    await explainBy(page, "deep-shap");
    assert.match(await text(page, ".trust-found"), /ask again/, "another method has not been checked");
  }),
);

once("the word is said before what decides nothing, which ends where something else is shown", () =>
  on(async (page) => {
    const shownOf = () =>
      page.evaluate(() => ({
        verdict: document.querySelector(".trust-verdict")?.dataset.verdict,
        rows: document.querySelectorAll(".trust-table tbody tr").length,
        details: document.querySelectorAll(".trust-numbers").length,
      }));
    await explainBy(page, "integrated-gradients");
    await pressing(page, "#trust-ask");
    const { verdict, ...word } = await shownOf();
    assert.ok(verdict);
    assert.deepEqual(word, { rows: 2, details: 0 });
    await page.waitForFunction(() => /\d+ of \d+/.test(document.querySelector(".trust-found").textContent), {
      timeout: PATIENCE,
    });
    // Another method takes the word away, and what was still measured of it never comes.
    await explainBy(page, "deep-shap");
    await checking(page);
    const found = await shownOf();
    assert.ok(found.rows > 2 && found.details === 1, JSON.stringify(found));
    await new Promise((done) => setTimeout(done, 1500));
    assert.deepEqual(await shownOf(), found);
  }),
);

test("checking, comparing and occlusion can be cancelled; what was there stays", () =>
  on(async (page) => {
    const before = await pictures(page);
    const cancelled = async (run) => {
      await cancelling(page, run);
      assert.equal(await text(page, "#status"), "Cancelled");
    };
    await cancelled(() => page.$eval("#trust-ask", (it) => it.click()));
    assert.equal(await text(page, ".trust-found"), "");
    await cancelled(() => page.select("#method-kind", "occlusion"));
    assert.deepEqual(await pictures(page), before);
    assert.equal(await page.$eval("#method-kind", (it) => it.value), "lrp", "the form says how the picture was made");
    // The engine is still there. The check that the page makes by itself may be on its way again.
    await page.waitForFunction(
      () => {
        const ask = document.querySelector("#trust-ask");
        if (document.querySelectorAll(".trust-table tbody tr").length >= 4) return true;
        if (document.body.dataset.state !== "busy" && !ask.disabled) ask.click();
        return false;
      },
      { timeout: PATIENCE, polling: 3000 },
    );
  }));

once("axe-core finds nothing in what was checked and compared, light and dark", () =>
  on(async (page) => {
    await checking(page);
    assert.deepEqual(await findingsInBoth(page), []);
    await page.click("#view-tab-compare");
    await pressing(page, "#compare-run");
    assert.deepEqual(await findingsInBoth(page, "compare"), []);
  }),
);

test("narrow and in Armenian: nothing scrolls sideways, axe-core finds nothing", () =>
  on(
    async (page) => {
      await explainBy(page, "occlusion");
      await checking(page);
      const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
      assert.ok(await fits());
      await shoot(page, "trust-narrow", { fullPage: true });
      await page.click("#view-tab-compare");
      await pressing(page, "#compare-run");
      assert.ok(await fits());
      assert.deepEqual(await findings(page), []);
      await shoot(page, "compare-narrow", { fullPage: true });
    },
    { width: 400, height: 860 },
    "#lang=hy",
  ));

/** Lines of the table of groups. */
const effects = (page) =>
  page.$$eval("#effects tbody tr", (all) => all.map((row) => [...row.cells].map((it) => it.textContent)));

once(
  "Shapley values: windows, orders and seed as the engine has them, with their standard errors; exact where there are few groups",
  { skip: isOneFile && "asks the page's own modules" },
  () =>
    on(async (page) => {
      await acting(page, () => page.select("#method-kind", "shapley"));
      await choose(page, { "#window": "24" });
      await choose(page, { "#orders": "8" });
      await choose(page, { "#seed": "7" });
      const wanted = finish(
        engine.shapleyTask(model, input, { by: "channel-window", window: 24, orders: 8 }, { seed: 7 }),
      );
      const rows = await effects(page);
      assert.equal(rows.length, wanted.groups.length);
      rows.forEach(([, hours, effect, error], at) => {
        const group = wanted.groups[wanted.strongest[at]];
        assert.equal(hours, `${group.from}–${group.to} h`);
        assert.ok(
          Math.abs(number(effect) - group.effect) <= 0.006 * Math.abs(group.effect) + 1e-9,
          `${effect} for ${group.effect}`,
        );
        assert.match(error, /^± /);
        if (!error.includes("×"))
          assert.ok(
            Math.abs(Number(error.slice(2)) - group.error) <= 0.006 * group.error,
            `${error} for ${group.error}`,
          );
      });
      assert.match(await text(page, "#effects p"), /8 orders of seed 7 were sampled/);
      assert.match(await page.evaluate(() => location.hash), /method=shapley&window=24&orders=8&seed=7/);
      // A line moves the cursor, and what is under the cursor is said.
      await clickInSight(page, "#effects tbody button");
      assert.match(await text(page, ".effects-at"), /Under the cursor: .*0–24 h: [+−]0\.|24–48 h: [+−]/);
      // The account adds up: the groups and the reference are the score.
      const lines = await account(page);
      assert.deepEqual(
        lines.map(({ name }) => name),
        ["reference stay", "measurements", "residual", "score explained"],
        "a value and its mask are taken away together",
      );
      await shoot(page, "shapley", { fullPage: true });

      await choose(page, { "#players": "window" });
      const exact = await effects(page);
      assert.deepEqual([exact.length, exact[0].length], [2, 3], "two windows of 24 hours, and no error");
      assert.match(await text(page, "#effects p"), /All orders are counted/);
      await choose(page, { "#players": "channel-window" });
      const before = await pictures(page);
      await choose(page, { "#orders": "5" }, "error");
      assert.match(await text(page, "[role=alert]"), /orders: is 5; orders come in pairs/);
      assert.deepEqual(await pictures(page), before);

      // An edit cannot wait for so many runs: it is refused in words, and nothing has changed.
      await page.evaluate(async () => {
        const { engine } = await import(new URL("page.js", document.baseURI).href);
        const error = await engine
          .request("edit", { what: "clear", row: 0, step: 0, steps: 4 })
          .catch((it) => it.message);
        globalThis.refused = error;
      });
      assert.match(await page.evaluate(() => globalThis.refused), /choose another method while values are changed/);
      assert.deepEqual(await pictures(page), before);
    }),
);

test("Shapley values tell how far they are, and can be cancelled", () =>
  on(async (page) => {
    const before = await pictures(page);
    await page.evaluate(() => {
      globalThis.told = [];
      new MutationObserver(() => globalThis.told.push(document.querySelector("#status").textContent)).observe(
        document.querySelector("#status"),
        { childList: true, characterData: true, subtree: true },
      );
    });
    await acting(
      page,
      async () => {
        await page.select("#method-kind", "shapley");
        await page.waitForFunction(() => globalThis.told.filter((it) => /runs of the network/.test(it)).length > 3, {
          timeout: PATIENCE,
          polling: 20,
        });
        await page.$eval("#cancel", (it) => it.click());
      },
      "ready",
    );
    assert.equal(await text(page, "#status"), "Cancelled");
    const told = (await page.evaluate(() => globalThis.told)).flatMap(
      (it) =>
        it
          .match(/^([\d,]+) of ([\d,]+) runs/)
          ?.slice(1)
          .map((n) => Number(n.replaceAll(",", ""))) ?? [],
    );
    assert.ok(told[0] < told.at(-2) && told.at(-2) < told.at(-1), `${told}`);
    assert.deepEqual(await pictures(page), before);
    assert.equal(await page.$eval("#method-kind", (it) => it.value), "lrp");
  }));

once("occlusion of measurements, channels, hours, windows: each as the engine has it", () =>
  on(async (page) => {
    await explainBy(page, "occlusion");
    for (const by of ["measurement", "channel", "hour", "window", "channel-window"]) {
      if (by !== "measurement") await choose(page, { "#taken-away": by });
      assert.equal(await page.$eval("#window", (it) => it.offsetParent !== null), by.includes("window"));
      const wanted = finish(engine.occlusionTask(model, input, by.includes("window") ? { by, window: 6 } : { by }));
      const rows = await effects(page);
      assert.equal(rows.length, wanted.groups.length, by);
      const group = wanted.groups[wanted.strongest[0]];
      assert.equal(rows[0][1], `${group.from}–${group.to} h`, by);
      assert.ok(
        Math.abs(number(rows[0][2]) - group.effect) < 0.006 * Math.abs(group.effect) + 5e-4,
        `${by}: ${rows[0][2]} for ${group.effect}`,
      );
    }
    await explainBy(page, "lrp");
    assert.ok(await page.$eval("#effects", (it) => it.hidden));
  }),
);

once(
  "references: nothing measured, the patient's own hours, another stay of the page, a file; each adds up to the score",
  { skip: isOneFile && "asks the page's own modules" },
  () =>
    on(async (page) => {
      const last = async () =>
        (await account(page)).map(({ name, amount }) => [name, amount.includes("×") ? 0 : number(amount)]);
      const check = async (baseline, what) => {
        const wanted = model.explain(input, { method: "deep-shap", baseline });
        const lines = Object.fromEntries(await last());
        const near = (a, b) => Math.abs(a - b) < 0.006 * Math.max(1, Math.abs(b));
        assert.ok(
          near(lines["reference stay"], wanted.ledger.reference),
          `${what}: ${lines["reference stay"]} for ${wanted.ledger.reference}`,
        );
        assert.ok(near(lines.values, wanted.ledger.cells), `${what}: ${lines.values} for ${wanted.ledger.cells}`);
        const total = Object.entries(lines).reduce(
          (sum, [name, amount]) => (name === "score explained" ? sum : sum + amount),
          0,
        );
        assert.ok(Math.abs(total - lines["score explained"]) < 0.02, `${what}: ${total}`);
      };
      await explainBy(page, "deep-shap");
      await check(engine.normalInput(model), "nothing measured");
      await choose(page, { "#reference": "own" });
      await choose(page, { "#reference-hours": "12" });
      await check(engine.heldInput(model, input, 12), "own hours");
      assert.match(await page.evaluate(() => location.hash), /reference=own&referenceHours=12/);
      await choose(page, { "#reference": "stay" });
      await choose(page, { "#reference-stay": "demo:stable_timeseries.csv" });
      const stable = String(await file("www/stays/stable_timeseries.csv"));
      await check(engine.Stay.parse(stable, model, { name: "stable" }).input, "another stay");
      assert.doesNotMatch(
        await page.evaluate(() => location.hash),
        /stable|reference=/,
        "no stay stands in the address",
      );
      await shoot(page, "reference");

      // A saved view brings its reference with it.
      const saved = await page.evaluate(async () =>
        (await import(new URL("page.js", document.baseURI).href)).engine.request("takeJson", undefined),
      );
      const before = await pictures(page);
      await explainBy(page, "lrp");
      await dropAndWait(page, [{ name: "view.json", content: saved }], "ready");
      assert.deepEqual(await pictures(page), before);
      assert.equal(await page.$eval("#reference", (it) => it.value), "stay");
      await pressing(page, "#method button");
      assert.deepEqual(await pictures(page), before, "explained anew from the same reference");

      // A file of the reader's own.
      const record = String(await file("www/stays/post-operative_timeseries.csv"));
      await acting(page, () =>
        page.evaluate((content) => {
          const field = document.querySelector("#reference-file");
          const transfer = new DataTransfer();
          transfer.items.add(new File([content], "own.csv"));
          field.files = transfer.files;
          field.dispatchEvent(new Event("change", { bubbles: true }));
        }, record),
      );
      await check(engine.Stay.parse(record, model, { name: "own.csv" }).input, "a file");
    }),
);

once(
  "cells that two methods dispute are hatched: as many as the engine names, in each picture, and in the figure",
  () =>
    on(async (page) => {
      await page.click("#view-tab-compare");
      await pressing(page, "#compare-run");
      const digest = () =>
        page.$$eval(".compare figure .plot canvas", (all) =>
          Promise.all(
            all.map(async (canvas) => {
              const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {
                willReadFrequently: true,
              });
              copy.drawImage(canvas, 0, 0);
              return [...copy.getImageData(0, 0, canvas.width, canvas.height).data].reduce(
                (sum, byte, at) => (sum * 31 + byte * ((at % 7) + 1)) % 1000003,
                7,
              );
            }),
          ),
        );
      // As it opens, what they dispute is hatched.
      await pressing(page, "#compare-hatch");
      const plain = await digest();
      const figure = () =>
        page.evaluate(async () => {
          const urls = [];
          const { createObjectURL } = URL;
          URL.createObjectURL = (blob) => (urls.push(blob), createObjectURL.call(URL, blob));
          [...document.querySelectorAll(".compare-ways button")].find((it) => /SVG/.test(it.textContent)).click();
          while (urls.length === 0) await new Promise((resume) => setTimeout(resume, 20));
          URL.createObjectURL = createObjectURL;
          return urls[0].text();
        });
      const before = await figure();
      await settled(page);
      await pressing(page, "#compare-hatch");
      const hatched = await digest();
      plain.forEach((before, at) => assert.notEqual(hatched[at], before, "each picture is hatched"));
      const made = ["lrp", "deep-shap"].map((method) => model.explain(input, { method }));
      const cells = engine.disputedCells(model, made);
      assert.match(await text(page, ".compare-hatched"), new RegExp(`^Hatched: ${cells.length} cells of the stay`));
      await shoot(page, "compare-hatched");
      const svg = await figure();
      await settled(page);
      // Cells that the networks dispute among themselves are hatched in either figure.
      const paths = (of) => (of.match(/stroke-opacity="0.6"/g) ?? []).length;
      assert.ok(paths(svg) > paths(before) && paths(svg) >= 2 * cells.length, "one path a hatched cell and picture");
      assert.match(svg, /LRP relevance/);
      await pressing(page, "#compare-hatch");
      assert.deepEqual(await digest(), plain);
      assert.equal(await page.$(".compare-hatched"), null);
    }),
);

once(
  "the account by channel and hour: the engine's sums, adding up to the score, with words on measuring, as a table and CSV",
  { skip: isOneFile && "asks the page's own modules" },
  () =>
    on(async (page) => {
      const wanted = engine.account(model, model.explain(input, { method: "lrp", epsilon: 0.01 }));
      await clickInSight(page, "#account summary");
      await page.waitForSelector(".sums tbody tr");
      const tables = await page.$$eval(".sums", (all) =>
        all.map((table) => [...table.tBodies[0].rows].map((row) => [...row.cells].map((it) => it.textContent))),
      );
      assert.deepEqual(
        tables.map((rows) => rows.length),
        [wanted.channels.length, wanted.hours.length],
      );
      const near = (written, amount) =>
        written.includes("×") || Math.abs(number(written) - amount) <= 0.006 * Math.abs(amount) + 1e-9;
      [wanted.channels, wanted.hours].forEach((lines, at) =>
        lines.forEach(({ values, masks, isOfMeasuring }, index) => {
          const [name, ...cells] = tables[at][index];
          for (const [written, amount] of [
            [cells[0], values.signed],
            [cells[1], values.absolute],
            [cells[2], masks.signed],
            [cells[3], masks.absolute],
          ]) {
            assert.ok(near(written, amount), `${name}: ${written} for ${amount}`);
          }
          assert.equal(name.includes("(measuring)"), isOfMeasuring, name);
        }),
      );
      const sums = tables[0].reduce(
        (sum, [, values, , masks]) =>
          sum + [values, masks].reduce((part, it) => part + (it.includes("×") ? 0 : number(it)), 0),
        0,
      );
      const foot = Object.fromEntries(
        await page.$$eval(".sums:first-of-type tfoot tr", (all) =>
          all.map((row) => [row.cells[0].textContent, row.cells[1].textContent]),
        ),
      );
      const rest = ["biases", "initial states", "epsilon", "reference stay"].reduce(
        (sum, key) => sum + number(foot[key] ?? "0"),
        0,
      );
      assert.ok(
        Math.abs(sums + rest - number(foot["score explained"])) < 0.02,
        `${sums} and ${rest} for ${foot["score explained"]}`,
      );
      const measuring =
        wanted.channels.some(({ isOfMeasuring }) => isOfMeasuring) ||
        wanted.hours.some(({ isOfMeasuring }) => isOfMeasuring);
      assert.equal((await page.$(".sums-measuring")) !== null, measuring);
      if (measuring)
        assert.match(await text(page, ".sums-measuring"), /The model reacted to the measuring, not to the value: /);
      await page.$eval("#account", (it) => it.scrollIntoView());
      await shoot(page, "account", { fullPage: true });
      const csv = await page.evaluate(async () =>
        (await import(new URL("page.js", document.baseURI).href)).engine.request("takeAccount", undefined),
      );
      assert.match(csv, /^part,name,values_signed/);
      assert.match(csv, /# Method: lrp of output 0/);
      await explainBy(page, "occlusion");
      await page.waitForFunction(
        () => /does not divide the score/.test(document.querySelector("#account").textContent),
        { timeout: PATIENCE },
      );
    }),
);

once("every number behind the checks can be read: the best picture, shuffled networks, epsilons", () =>
  on(async (page) => {
    await checking(page);
    await clickInSight(page, ".trust-numbers summary");
    const trust = wantedTrust();
    const lists = await page.$$eval(".trust-list table", (all) =>
      all.map((table) => [...table.tBodies[0].rows].map((row) => [...row.cells].map((it) => it.textContent))),
    );
    assert.deepEqual(
      lists.map((rows) => rows.length),
      [trust.shuffles.length, trust.epsilons.length],
    );
    [trust.shuffles, trust.epsilons.map(([, correlation]) => correlation)].forEach((wanted, at) =>
      wanted.forEach((correlation, index) => {
        const written = lists[at][index][1];
        assert.ok(
          written.includes("×") || Math.abs(number(written) - correlation) < 0.006,
          `${written} for ${correlation}`,
        );
      }),
    );
    const said = await text(page, ".trust-numbers p");
    const [ceiling] = said.match(/−?\d+\.?\d*/);
    assert.ok(Math.abs(number(ceiling) - trust.ceiling) < 0.006, said);
    // What groups add is checked as it is shown: it is not made again, and so what decides is all that is asked.
    await choose(page, { "#method-kind": "shapley" });
    await checking(page);
    assert.equal(await page.$$eval("#trust .trust-found > .compare-scroll tbody tr", (all) => all.length), 2);
  }),
);

once(
  "many stays are explained by the method that is chosen; one that would take too long, or belongs to one stay, is refused",
  { skip: isOneFile && "asks the page's own modules" },
  () =>
    on(async (page) => {
      const names = ["stable", "septic-shock"];
      const records = await Promise.all(
        names.map(async (name) => ({
          name: `${name}_timeseries.csv`,
          content: String(await file(`www/stays/${name}_timeseries.csv`)),
        })),
      );
      await explainBy(page, "deep-shap");
      await dropAndWait(page, records, "ready");
      const csv = await page.evaluate(async () =>
        (await import(new URL("page.js", document.baseURI).href)).engine.request("cohortCsv", undefined),
      );
      assert.match(csv, /# Method: deep-shap of output 0.*against a stay in which nothing was observed/);
      const rows = await page.$$eval(".cohort-table tbody tr", (all) =>
        all.map((row) => [...row.cells].map((it) => it.textContent)),
      );
      const wanted = engine
        .summary(
          model,
          engine.Stay.parse(String(await file(`www/stays/${DEMO}`)), model),
          model.explain(input, { method: "deep-shap" }),
        )
        .raising.map(({ channel }) => channel);
      const raised = rows.find(([name]) => name.startsWith("septic"))[4];
      assert.deepEqual(raised ? raised.split(", ").length : 0, wanted.length);
      await page.click("#view-tab-stay");
      await choose(page, { "#reference": "own" });
      await dropAndWait(page, records, "error");
      assert.match(
        await text(page, "[role=alert]"),
        /many stays are held against a stay in which nothing was observed; choose that reference/,
      );
      await choose(page, { "#reference": "normal" });
      await explainBy(page, "smooth-grad");
      await dropAndWait(page, records, "error");
      assert.match(await text(page, "[role=alert]"), /choose another method for many stays/);
      // A stay of the many can be the reference of another.
      await explainBy(page, "deep-shap");
      await choose(page, { "#reference": "stay" });
      await page.focus("#reference-stay");
      assert.ok(
        (await page.$$eval("#reference-stay option", (all) => all.map((it) => it.value))).includes(
          "many:stable_timeseries.csv",
        ),
      );
      await choose(page, { "#reference-stay": "many:stable_timeseries.csv" });
    }),
);

once("axe-core finds nothing in the new fields, tables and keys, light and dark", () =>
  on(async (page) => {
    await clickInSight(page, "#account summary");
    await explainBy(page, "deep-shap");
    await choose(page, { "#reference": "own" });
    assert.deepEqual(await findings(page), []);
    await choose(page, { "#reference": "stay" });
    await page.select("#players", "window");
    await explainBy(page, "shapley");
    await checking(page);
    await clickInSight(page, ".trust-numbers summary");
    assert.deepEqual(await findingsInBoth(page, "methods-all"), []);
    await page.click("#view-tab-compare");
    await pressing(page, "#compare-run");
    await pressing(page, "#compare-hatch");
    assert.deepEqual(await findingsInBoth(page, "compare-hatched"), []);
  }),
);

test("narrow: the tables of groups, sums and checks scroll in themselves, and the page does not", () =>
  on(
    async (page) => {
      await clickInSight(page, "#account summary");
      await page.select("#players", "window");
      await explainBy(page, "shapley");
      await checking(page);
      await clickInSight(page, ".trust-numbers summary");
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      await shoot(page, "methods-narrow", { fullPage: true });
      await page.click("#view-tab-compare");
      await pressing(page, "#compare-run");
      await pressing(page, "#compare-hatch");
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      await shoot(page, "compare-hatched-narrow", { fullPage: true });
    },
    { width: 360, height: 780 },
  ));

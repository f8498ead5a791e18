// Many stays: outputs that are no risks, lists of labels that are wrong, late or of other names, one threshold, and the way from
// stay to stay.

import assert from "node:assert/strict";
import { test } from "node:test";

import { dropAndWait, file, shoot, text } from "./browser.mjs";
import { acting, press, pressing, set } from "./doing.mjs";
import { once, pages } from "./pages.mjs";

const { on } = pages({ isOfOne: true });
const quietly = (run) => on(run, { isQuiet: true });

const fixture = async (path) => ({ name: path.split("/").pop(), content: await file(`tests/fixtures/${path}`) });
/** Records for a network without a manifest. */
const numbers = (count) =>
  Array.from({ length: count }, (_, n) => ({
    name: `n${n}.csv`,
    content: `Hours,c0,c1,c2\n0.5,${n},-1,0.5\n2.5,${n / 2},1,-2\n`,
  }));
/** Records for the demo network: no two of the same risk. */
const name = (n) => `p${String(n).padStart(3, "0")}_timeseries.csv`;
const records = (count) =>
  Array.from({ length: count }, (_, n) => ({
    name: name(n),
    content: `Hours,Heart Rate,Systolic blood pressure,Glascow coma scale total\n1,${70 + n},${150 - n},15\n40,${70 + 2 * (n % 40)},${150 - 3 * (n % 30)},${15 - (n % 13)}\n`,
  }));
const unreadable = (called) => ({ name: called, content: "Hours,pH\n1,sour\n" });
/** A list of labels; each second stay of the count has the label 1. */
const list = (count, { called = name, more = "", label = (n) => n % 2, of = "labels.csv" } = {}) => ({
  name: of,
  content: `stay,y_true${more && `,${more}`}\n${Array.from({ length: count }, (_, n) => `${called(n)},${label(n)}${more && `,${n % 4 < 2 ? "f" : "m"}`}\n`).join("")}`,
});
const rows = (page) =>
  page.$$eval(".cohort-table tbody tr", (all) => all.map((row) => [...row.cells].map((it) => it.textContent)));
const headings = (page) => page.$$eval(".cohort-table thead th", (all) => all.map((it) => it.textContent));
const labels = (page) => text(page, ".cohort-labels");
const labelOf = async (page, stay) => (await rows(page)).find(([it]) => it === stay)[3];
const openStay = (page, stay) => acting(page, () => press(page, ".cohort-table", stay));
const place = (page) => text(page, ".stepper .small");
const title = (page) => text(page, "#title b");
/** Moves the threshold as a pointer does. */
const slide = (page, value) =>
  page.$eval(
    "#cohort-threshold",
    (it, to) => {
      it.value = to;
      it.dispatchEvent(new Event("input", { bubbles: true }));
    },
    value,
  );

once("an output that is no risk has no threshold, is neither above nor wrong, and is measured by rank alone", () =>
  quietly(async (page) => {
    await dropAndWait(page, [await fixture("cases/heads/regression.onnx")], "ready");
    await dropAndWait(page, [...numbers(8), list(8, { called: (n) => `n${n}.csv`, more: "sex" })], "ready");
    assert.equal((await rows(page)).length, 8);
    assert.ok(!(await headings(page)).some((it) => /threshold/i.test(it)), String(await headings(page)));
    assert.doesNotMatch(await text(page, ".cohort-table tbody"), /above|below|%/);
    const offered = (id) => page.$$eval(`#${id} option`, (all) => all.flatMap((it) => (it.hidden ? [] : [it.value])));
    assert.deepEqual(await offered("cohort-kind"), ["all", "sparse", "problems"]);
    assert.deepEqual(await offered("cohort-group"), ["all"]);
    const charts = await page.$$eval(".cohort-charts figcaption b", (all) => all.map((it) => it.textContent));
    assert.deepEqual(charts, ["ROC, area", "Precision and recall, average precision"]);
    assert.equal(await page.$$eval(".cohort-charts .operating", (all) => all.length), 0);
    assert.match(await text(page, ".cohort-pictures"), /all: 8 stays/);
    await acting(page, () => page.select("#cohort-subgroup", "sex"));
    assert.equal((await text(page, ".cohort-subgroups")).includes("Brier"), false);
    assert.doesNotMatch(await page.$eval(".cohort-measures", (it) => it.innerText), /threshold|Brier|%(?! intervals)/i);
    await shoot(page, "cohort-number", { fullPage: true });
  }),
);

once("a list that is refused leaves the table as it was, and a stay without a label is read without one", () =>
  quietly(async (page) => {
    await dropAndWait(page, [...records(4), list(4)], "ready");
    const before = await rows(page);
    for (const wrong of ["2", "yes"]) {
      const bad = list(10, { label: (n) => (n === 3 ? wrong : n % 2), of: "bad.csv" });
      await dropAndWait(page, [...records(10), bad], "error");
      assert.match(await text(page, "[role=alert]"), new RegExp(`bad\\.csv: record: line 5: y_true is "${wrong}"`));
      assert.deepEqual(await rows(page), before);
      await press(page, ".cohort-table thead", "Stay");
      assert.equal((await rows(page)).length, 4);
      await press(page, ".cohort-table thead", "Risk");
      const csv = await page.evaluate(async () => {
        const { engine } = await import(new URL("page.js", document.baseURI).href);
        return engine.request("cohortCsv", undefined);
      });
      assert.match(csv, /p003_timeseries\.csv/);
      // Alone, it changes nothing either.
      await dropAndWait(page, [bad], "error");
      assert.deepEqual((await rows(page)).toSorted(), before.toSorted());
      await openStay(page, name(2));
      assert.ok((await title(page)).startsWith(name(2)));
      await page.click("#view-tab-cohort");
    }
    const gap = list(10, { label: (n) => (n === 3 || n === 5 ? "" : n % 2) });
    await dropAndWait(page, [...records(10), gap], "ready");
    assert.match(await labels(page), /^2 stays have no label in the list/);
    assert.deepEqual([await labelOf(page, name(3)), await labelOf(page, name(1))], ["", "died"]);
    assert.match(await text(page, ".cohort-measures"), /8 labelled stays/);
  }),
);

once("a later list takes the place of the earlier one for the stays that it names", () =>
  quietly(async (page) => {
    await dropAndWait(page, [...records(8), list(8, { more: "sex" })], "ready");
    assert.equal(await labelOf(page, name(1)), "died");
    const corrected = list(6, { more: "sex", label: (n) => Number(n === 2 || n === 4), of: "corrected.csv" });
    await dropAndWait(page, [corrected], "ready");
    assert.deepEqual([await labelOf(page, name(1)), await labelOf(page, name(2))], ["survived", "died"]);
    assert.equal(await labelOf(page, name(7)), "died", "the earlier list alone names it");
    const groups = async () => {
      await acting(page, () => page.select("#cohort-subgroup", "sex"));
      return page.$$eval(".cohort-subgroups tbody tr", (all) =>
        all.map((row) => [...row.cells].slice(0, 3).map((it) => it.textContent)),
      );
    };
    const expected = [
      ["f", "4", "1"],
      ["m", "4", "2"],
    ];
    assert.deepEqual(await groups(), expected);
    // Labels alone leave the subgroups.
    await dropAndWait(page, [list(2, { label: (n) => 1 - n, of: "two.csv" })], "ready");
    assert.deepEqual(await groups(), [["f", "4", "2"], expected[1]]);
  }),
);

once("labels find their stays with and without the ending, and what finds none or several is said", () =>
  quietly(async (page) => {
    const short = list(8, { called: (n) => (n < 6 ? `p00${n}` : `q${n}`) });
    await dropAndWait(page, [...records(8), short], "ready");
    assert.equal(await labelOf(page, name(1)), "died");
    assert.equal(await labelOf(page, name(7)), "");
    assert.match(await labels(page), /^2 lines of the list name no stay here, such as "q6"/);
    assert.match(await text(page, ".cohort-measures"), /6 labelled stays/);
    await dropAndWait(page, [list(8, { called: (n) => `z${n}`, of: "strange.csv" })], "ready");
    assert.match(await labels(page), /^8 lines of the list name no stay here, such as "z0"/);
    assert.equal(await labelOf(page, name(1)), "died");
    const twice = [...records(3), { ...records(3)[1] }];
    await dropAndWait(page, [...twice, list(3)], "ready");
    assert.match(
      await labels(page),
      /^1 line of the list names several stays here: "p001_timeseries\.csv"; it labels none/,
    );
    assert.deepEqual([await labelOf(page, name(1)), await labelOf(page, `${name(1)} (2)`)], ["", ""]);
    assert.equal(await labelOf(page, name(2)), "survived");
    await shoot(page, "cohort-labels");
    // Read again, two of one name are two again.
    await acting(page, () => set(page, "#method-kind", "gradient-x-input"));
    await pressing(page, "#cohort-outdated button");
    assert.deepEqual([(await rows(page)).length, await labelOf(page, `${name(1)} (2)`)], [4, ""]);
    assert.match(await labels(page), /^1 line of the list names several stays here/);
    await dropAndWait(page, [...records(2), list(2)], "ready");
    assert.equal(await page.$eval(".cohort-labels", (it) => it.hidden), true);
  }),
);

once("files of one name are labelled by their folders, and a label that could be either is none", () =>
  quietly(async (page) => {
    const content = records(2).map((it) => it.content);
    const wards = ["east", "west"].map((ward, n) => ({ name: `${ward}/1.csv`, content: content[n] }));
    // As R writes it: with quotes, and a number before each row.
    const byWard = {
      name: "wards.csv",
      content: `"","stay","y_true","ward"\n"1","east/1.csv",0,"e"\n"2","west/1.csv",1,"w"\n`,
    };
    await dropAndWait(page, [...wards, byWard], "ready");
    assert.deepEqual([await labelOf(page, "east/1.csv"), await labelOf(page, "west/1.csv")], ["survived", "died"]);
    assert.equal(await page.$eval(".cohort-labels", (it) => it.hidden), true);
    assert.match(await text(page, "#cohort-subgroup"), /ward/);
    await dropAndWait(page, [{ ...wards[0], name: "1.csv" }, records(2)[1], byWard], "ready");
    assert.equal(await labelOf(page, "1.csv"), "");
    assert.match(
      await labels(page),
      /^2 lines of the list name stays that lines with the other label name as well, such as "east\/1\.csv"; these stays have no label/,
    );
  }),
);

once("the stepper follows the table through sorting, filters, pages and stays that cannot be read", () =>
  quietly(async (page) => {
    await dropAndWait(page, [...records(120), unreadable(`p101_broken.csv`), list(120)], "ready");
    await press(page, ".cohort-table thead", "Stay");
    const order = async () => (await rows(page)).map(([it]) => it);
    await openStay(page, name(98));
    assert.equal(await place(page), "99 of 121");
    await press(page, ".cohort-table thead", "Stay");
    assert.equal(await place(page), "23 of 121");
    await acting(page, () => press(page, ".stepper", "›"));
    assert.ok((await title(page)).startsWith(name(97)));
    assert.equal(await place(page), "24 of 121");
    await press(page, ".cohort-table thead", "Stay");
    for (const n of [98, 99, 100]) {
      await acting(page, () => press(page, ".stepper", "›"));
      assert.ok((await title(page)).startsWith(name(n)));
    }
    // Over the edge of a page: the table shows the page of the open stay, and marks it.
    assert.equal((await order())[0], name(100));
    assert.equal(await page.$eval(".cohort-table .at", (it) => it.cells[0].textContent), name(100));
    assert.equal(await page.$$eval('.cohort-table button[tabindex="0"]', (all) => all.length), 1);
    await acting(page, () => press(page, ".stepper", "›"));
    assert.ok((await title(page)).startsWith(name(101)), "past the one that cannot be read");
    await acting(page, () => press(page, ".stepper", "‹"));
    assert.ok((await title(page)).startsWith(name(100)), "and back");
    await page.select("#cohort-kind", "problems");
    assert.equal(await page.$eval(".stepper", (it) => it.hidden), true, "the table does not show it");
    await page.select("#cohort-kind", "all");
    assert.equal(await place(page), "101 of 121");
  }),
);

once("all stays are checked by the method of the table, and the strip names its output", () =>
  quietly(async (page) => {
    await dropAndWait(page, records(2), "ready");
    await acting(page, () => set(page, "#method-kind", "gradient-x-input"));
    assert.match(await text(page, "#cohort-outdated"), /explained by LRP/);
    await page.evaluate(async () => {
      const { engine } = await import(new URL("page.js", document.baseURI).href);
      const { request } = engine;
      globalThis.asked = [];
      engine.request = (type, payload, ...more) => {
        if (/^trust/.test(type)) globalThis.asked.push(payload.method.method);
        return request.call(engine, type, payload, ...more);
      };
    });
    await pressing(page, "#cohort-trust-ask");
    assert.match(await text(page, "#cohort-trust [role=status]"), /^LRP relevance: 2 of 2 stays checked/);
    assert.deepEqual(new Set(await page.evaluate(() => globalThis.asked)), new Set(["lrp"]));
  }),
);

test("one threshold for the column, the filters and the matrix", () =>
  quietly(async (page) => {
    await dropAndWait(page, [...records(24), list(24)], "ready");
    const matrix = () =>
      page.$$eval(".cohort-measures > .cohort-scroll tbody tr", (all) =>
        all.flatMap((row) => [...row.querySelectorAll("td")].map((it) => Number(it.textContent))),
      );
    const risks = (await rows(page)).map(([, it]) => parseFloat(it)).toSorted((a, b) => a - b);
    const middle = (Math.floor(risks[12]) / 100).toFixed(2);
    assert.ok(risks[0] < 100 * middle && risks.at(-1) > 100 * middle, String(risks));
    for (const at of ["0", middle, "1"]) {
      await slide(page, at);
      const [right, low, high, fine] = await matrix();
      assert.match((await headings(page))[2], new RegExp(`^Threshold ${Math.round(at * 100)}%$`));
      const column = (await rows(page)).map((it) => it[2]);
      assert.equal(column.filter((it) => it === "above").length, right + high, at);
      for (const [kind, count] of Object.entries({ wrong: low + high, above: right + high, below: low + fine })) {
        await page.select("#cohort-kind", kind);
        assert.equal((await rows(page)).length, count, `${kind} at ${at}`);
      }
      await page.select("#cohort-kind", "all");
    }
    // The groups of the picture are the network's own.
    assert.match(await text(page, ".cohort-pictures"), /threshold 50%|no stays/i);
    // Another table begins with the network's threshold.
    await dropAndWait(page, [...records(12), list(12)], "ready");
    assert.equal((await headings(page))[2], "Threshold 50%");
    assert.equal(await page.$eval("#cohort-threshold", (it) => it.value), "0.5");
    await shoot(page, "cohort-threshold", { fullPage: true });
  }));

once("of a network of several outputs the table says which it is of, and of which hour", () =>
  quietly(async (page) => {
    await dropAndWait(page, [await fixture("families/per-step-torchscript.onnx")], "ready");
    await acting(page, () => set(page, "#target-hour", "4"));
    await dropAndWait(page, numbers(3), "ready");
    assert.match(await text(page, ".cohort-filled [role=status]"), /3 stays, 0 not readable\. Output: p, 4–5 h/);
    await acting(page, () => set(page, "#target-hour", "7"));
    assert.match(await text(page, "#cohort-outdated"), /explained by .*, p, 4–5 h;/);
    // Another output is shown, in another language, and the one of the table again: the table is as it was.
    await page.select("#language", "hy");
    // The page paints anew by itself in another language: what is asked for next comes after that.
    await acting(page, () => set(page, "#target-hour", "6"));
    await acting(page, () => set(page, "#target-hour", "4"));
    assert.match(await text(page, ".cohort-filled [role=status]"), /^3 գրառում.*p, 4–5/);
    await page.select("#language", "en");
    await acting(page, () => set(page, "#target-hour", "6"));
    await acting(page, () => set(page, "#target-hour", "7"));
    await dropAndWait(page, numbers(2), "ready");
    assert.match(await text(page, ".cohort-filled [role=status]"), /Output: p, 7–8 h/);
  }),
);

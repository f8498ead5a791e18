// Records of other houses dropped on the page: read at once, or after a dialog about what they leave open.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PATIENCE, drop, dropAndWait, settled, shoot, text } from "./browser.mjs";
import { press } from "./doing.mjs";
import { pages } from "./pages.mjs";

const observation = (patient, hour, value) => ({
  resourceType: "Observation",
  id: `${patient}-${hour}`,
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code: "8867-4" }] },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: `2030-01-02T${String(hour).padStart(2, "0")}:00:00Z`,
  valueQuantity: { value, code: "/min" },
});
const bundle = (...resources) => ({
  name: "bundle.json",
  content: JSON.stringify({
    resourceType: "Bundle",
    type: "searchset",
    entry: resources.map((resource) => ({ resource })),
  }),
});

const { on } = pages();

const dialog = (page) => page.waitForSelector("dialog.record[open]", { timeout: PATIENCE });

/** Sets the choice whose label starts with a word. */
function answer(page, word, value) {
  return page.evaluate(
    (word, value) => {
      const label = [...document.querySelectorAll("dialog.record label")].find((it) => it.textContent.startsWith(word));
      const select = label.querySelector("select");
      select.value = value;
      select.dispatchEvent(new Event("change", { bubbles: true }));
      return select.value;
    },
    word,
    value,
  );
}

test("a FHIR Bundle of one patient is read at once, a record of the challenge too", () =>
  on(async (page) => {
    await dropAndWait(page, [bundle(observation("a", 1, 80), observation("a", 3, 90))], "ready");
    assert.match(await text(page, "#title"), /^bundle\.json/);
    assert.match(await text(page, "#report"), /2 rows read/);
    await dropAndWait(
      page,
      [{ name: "132539.txt", content: "Time,Parameter,Value\n00:07,HR,73\n01:30,pH,7.3\n" }],
      "ready",
    );
    assert.match(await text(page, "#title"), /^132539\.txt/);
  }));

test("of several patients the page asks for one, and for hour zero", () =>
  on(async (page) => {
    await page.evaluate(() => (document.body.dataset.state = "asked"));
    await drop(page, [bundle(observation("a", 1, 80), observation("b", 3, 90), observation("b", 4, 95))]);
    await dialog(page);
    assert.equal(await answer(page, "Patient", "Patient/b"), "Patient/b");
    await shoot(page, "record-dialog-patients");
    await press(page, "dialog.record", "Open");
    await settled(page);
    assert.match(await text(page, "#report"), /2 rows read/);
  }));

test("of an unknown table the page asks for its columns, and then for its names", () =>
  on(async (page) => {
    const content = "wann,was,wert\n2030-01-02 01:00,Puls,80\n2030-01-02 03:00,Puls,90\n2030-01-02 03:00,Laktat,2\n";
    await page.evaluate(() => (document.body.dataset.state = "asked"));
    await drop(page, [{ name: "export.csv", content }]);
    await dialog(page);
    for (const [word, value] of [
      ["time", "wann"],
      ["variable", "was"],
      ["value", "wert"],
    ])
      assert.equal(await answer(page, word, value), value);
    await press(page, "dialog.record", "Open");
    await page.waitForFunction(() => /Puls/.test(document.querySelector("dialog.record")?.textContent ?? ""), {
      timeout: PATIENCE,
    });
    assert.equal(await answer(page, "Puls", "Heart Rate"), "Heart Rate");
    await shoot(page, "record-dialog-names");
    await press(page, "dialog.record", "Open");
    await settled(page);
    assert.match(await text(page, "#title"), /^export\.csv/);
    assert.match(await text(page, "#report"), /2 rows read/);
    assert.match(await text(page, "#report"), /left out by the mapping/);
  }));

test("who gives the dialog up keeps what was open", () =>
  on(async (page) => {
    const title = await text(page, "#title");
    await page.evaluate(() => (document.body.dataset.state = "asked"));
    await drop(page, [bundle(observation("a", 1, 80), observation("b", 3, 90))]);
    await dialog(page);
    await press(page, "dialog.record", "Cancel");
    await settled(page);
    assert.equal(await text(page, "#title"), title);
  }));

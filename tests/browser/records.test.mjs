// Records of other houses dropped on the page: read at once, or after a dialog about what they leave open.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { PATIENCE, drop, dropAndWait, settled, shoot, text } from "./browser.mjs";
import { press } from "./doing.mjs";
import { download } from "./download.mjs";
import { once, pages } from "./pages.mjs";

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

const stage = pages({ isOfOne: true });
const { on } = stage;

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

once("a FHIR Bundle of one patient is read at once, a record of the challenge too", () =>
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
  }),
);

/** Sets the choice whose label starts with a word to the one that says something, and gives all that it offers. */
function pick(page, word, said) {
  return page.evaluate(
    (word, said) => {
      const label = [...document.querySelectorAll("dialog.record label")].find((it) => it.textContent.startsWith(word));
      const select = label.querySelector("select");
      const offered = [...select.options].map((option) => option.textContent);
      select.selectedIndex = offered.findIndex((text) => text.includes(said));
      return offered;
    },
    word,
    said,
  );
}

const ALL_CASES = new URL("../fixtures/cases/", import.meta.url);
const caseFile = (name) => ({
  name: name.replace(/.*\//, ""),
  content: new Uint8Array(readFileSync(new URL(name, ALL_CASES))),
});

test("a table in Parquet is read as any table is, and what cannot be read of it is named", () =>
  on(async (page) => {
    await dropAndWait(page, [caseFile("parquet/meds.parquet")], "ready");
    assert.match(await text(page, "#title"), /^meds\.parquet/);
    assert.match(await text(page, "#report"), /3 rows read/);
    const asked = stage.server.requests.length;
    await dropAndWait(page, [caseFile("parquet/zstd.parquet")], "error");
    assert.match(await text(page, "[role=alert]"), /zstd\.parquet: .*compressed with ZSTD.*save the table as CSV/);
    assert.match(await text(page, "#title"), /^meds\.parquet/, "what was open stays");
    await drop(page, [caseFile("parquet/two-subjects.parquet")]);
    await dialog(page);
    assert.match(await text(page, "dialog.record"), /9007199254740992[^]*9007199254740993/);
    assert.equal(stage.server.requests.length, asked, "what reads it is fetched once");
  }));

test("UTF-16 is read by its mark, and a text of an unknown encoding is named", () =>
  on(async (page) => {
    await dropAndWait(page, [caseFile("tables/utf-16.csv")], "ready");
    assert.match(await text(page, "#report"), /2 rows read/);
    await dropAndWait(page, [caseFile("tables/latin-1.csv")], "error");
    assert.match(await text(page, "[role=alert]"), /latin-1\.csv: .*not in UTF-8.*save it in UTF-8/);
  }));

test("of several patients the page asks for one, and for hour zero", () =>
  on(async (page) => {
    await page.evaluate(() => (document.body.dataset.state = "asked"));
    await drop(page, [bundle(observation("a", 1, 80), observation("b", 3, 90), observation("b", 4, 95))]);
    await dialog(page);
    assert.deepEqual(await pick(page, "Patient", "Patient/b"), [
      "Patient/a, 1 row, 2030-01-02T01:00:00Z",
      "Patient/b, 2 rows, 2030-01-02T03:00:00Z to 2030-01-02T04:00:00Z",
    ]);
    await shoot(page, "record-dialog-patients");
    await press(page, "dialog.record", "Open");
    await settled(page);
    assert.match(await text(page, "#report"), /2 rows read/);
  }));

const CASES = new URL("../fixtures/cases/fhir/", import.meta.url);

/** Drops a record, and waits for the dialog that it must open. */
async function dropAsked(page, file) {
  await page.evaluate(() => (document.body.dataset.state = "asked"));
  await drop(page, [file]);
  await dialog(page);
}

test("whoever may be two people is asked about, and the chosen one is read", () =>
  on(async (page) => {
    for (const [name, said, choices] of [
      ["patients-two-servers.json", "south.example", 2],
      ["patients-contained.json", "Person B", 2],
      ["patients-identifier-systems.json", "hospital-two|17", 2],
      ["patients-nobody.json", "nobody named", 1],
    ]) {
      await dropAsked(page, { name, content: readFileSync(new URL(name, CASES), "utf8") });
      assert.equal((await pick(page, "Patient", said)).length, choices, name);
      await press(page, "dialog.record", "Open");
      await settled(page);
      assert.match(await text(page, "#title"), new RegExp(`^${name}`));
      assert.match(
        await text(page, "#report"),
        new RegExp(`${name === "patients-nobody.json" ? 2 : 1} rows? read`),
        name,
      );
    }
  }));

test("two stays are asked about, and then a value a year early", () =>
  on(async (page) => {
    const of = (hour, stay) => ({ ...observation("a", hour, 80), encounter: { reference: `Encounter/${stay}` } });
    const early = { ...of(1, "two"), id: "early", effectiveDateTime: "2029-01-02T01:00:00Z" };
    await dropAsked(page, bundle(of(1, "one"), early, of(2, "two"), of(3, "two"), of(4, "two")));
    assert.equal((await pick(page, "Stay", "Encounter/two")).length, 2);
    await press(page, "dialog.record", "Open");
    await page.waitForFunction(() => /a gap/.test(document.querySelector("dialog.record")?.textContent ?? ""), {
      timeout: PATIENCE,
    });
    await pick(page, "Hour zero", "after a gap");
    await press(page, "dialog.record", "Open");
    await settled(page);
    assert.match(await text(page, "#report"), /3 rows read, 1 skipped/);
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
    await page.waitForFunction(() => /Puls/.test(document.querySelector("dialog.record label")?.textContent ?? ""), {
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

test("of a table of two patients neither is taken before the reader has chosen", () =>
  on(async (page) => {
    const content =
      "wer,wann,was,wert\nA,2030-01-02 01:00,Puls,80\nB,2030-01-02 03:00,Puls,90\nB,2030-01-02 04:00,Puls,95\n";
    await dropAsked(page, { name: "two.csv", content });
    assert.match(
      await text(page, "dialog.record pre"),
      /^wer,wann,was,wert A,2030-01-02 01:00,Puls,80/,
      "how it begins",
    );
    for (const [word, value] of Object.entries({ time: "wann", variable: "was", value: "wert", patient: "wer" }))
      await answer(page, word, value);
    await press(page, "dialog.record", "Open");
    await page.waitForFunction(() => /Puls/.test(document.querySelector("dialog.record label")?.textContent ?? ""), {
      timeout: PATIENCE,
    });
    await answer(page, "Puls", "Heart Rate");
    await press(page, "dialog.record", "Open");
    assert.ok(await page.$("dialog.record[open]"), "nobody was chosen");
    await answer(page, "Patient", "B");
    await press(page, "dialog.record", "Open");
    await settled(page);
    assert.match(await text(page, "#report"), /2 rows read/);
  }));

test("times without a zone beside times with one are asked about in FHIR, and statistics in a table", () =>
  on(async (page) => {
    const local = { ...observation("a", 3, 90), effectiveDateTime: "2030-01-02T03:00:00" };
    await dropAsked(page, bundle(observation("a", 1, 80), local));
    assert.equal((await pick(page, "mapping.zone", "Z")).length, 1);
    await press(page, "dialog.record", "Open");
    await settled(page, "ready");
    assert.match(await text(page, "#report"), /2 rows read/);
    const rows = "0,HR,60,/min,min\n0,HR,80,/min,mean\n1,HR,82,/min,mean\n";
    await dropAsked(page, { name: "hourly.csv", content: `time,variable,value,unit,statistic\n${rows}` });
    assert.equal((await pick(page, "mapping.statistic", "mean")).length, 2);
    await press(page, "dialog.record", "Open");
    await settled(page, "ready");
    assert.match(await text(page, "#report"), /its value is a min/);
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

const WIDE = { name: "ward.csv", content: "time,hr,sbp,mood\n0.5,80,120,1\n1.5,84,118,2\n" };

test("what the columns of a wide table are is confirmed, kept as a file, and dropped with the next one", () =>
  on(async (page) => {
    await dropAsked(page, WIDE);
    assert.match(await text(page, "dialog.record"), /was guessed by its name/);
    assert.equal(await answer(page, "hr", "Heart Rate"), "Heart Rate");
    assert.equal(await answer(page, "sbp", ""), "", "one of them is put right");
    await page.click("dialog.record input[type=checkbox]");
    await shoot(page, "record-dialog-wide");
    const saved = await download(stage.running, page, () => press(page, "dialog.record", "Open"));
    await settled(page);
    assert.match(await text(page, "#title"), /^ward\.csv/);
    assert.match(await text(page, "#report"), /2 rows read/);
    assert.match(await text(page, "#report"), /sbp: left out by the mapping/);
    assert.equal(saved.name, "vitrine-mapping.json");
    const said = JSON.parse(saved.content.toString());
    assert.deepEqual(said, {
      format: "vitrine-mapping/1",
      columns: { time: "time" },
      variables: { hr: "Heart Rate", mood: "", sbp: "" },
    });
    // Dropped together with a table, it answers for the dialog, in whatever order they come.
    const next = { name: "next.csv", content: WIDE.content.replace("84", "94") };
    await dropAndWait(page, [{ name: "how.json", content: saved.content }, next], "ready");
    assert.match(await text(page, "#title"), /^next\.csv/);
    assert.match(await text(page, "#report"), /sbp: left out by the mapping/);
    await dropAndWait(page, [{ name: "how.json", content: saved.content }], "error");
    assert.match(await text(page, "[role=alert]"), /drop one together with the tables that it is for/);
    assert.match(await text(page, "#title"), /^next\.csv/, "what was open stays");
    // Of several tables it answers for those that have its columns, in the table of stays and when one of them is opened.
    const mapping = JSON.stringify({
      format: "vitrine-mapping/1",
      columns: { time: "wann" },
      variables: { Puls: "Heart Rate" },
      timeUnit: "hours",
    });
    const ward = (rate) => `wann,Puls\n0.5,${rate}\n1.5,84\n`;
    await dropAndWait(
      page,
      [
        { name: "how.json", content: mapping },
        { name: "a.csv", content: ward(80) },
        { name: "b.csv", content: ward(180) },
        { name: "c.csv", content: "Hours,Heart Rate\n0.5,70\n" },
        { name: "d.csv", content: "when,Puls\n0.5,70\n" },
      ],
      "ready",
    );
    assert.match(await text(page, ".cohort-mapped"), /fits 2 of 4 records/);
    assert.match(
      await text(page, ".cohort-table"),
      /d\.csv[^]*no header/,
      "one that it does not fit is not guessed at",
    );
    await page.evaluate(() =>
      [...document.querySelectorAll(".cohort-table th button")].find((it) => it.textContent === "b.csv").click(),
    );
    await page.waitForFunction(() => /^b\.csv/.test(document.querySelector("#title").textContent), {
      timeout: PATIENCE,
    });
    assert.match(await text(page, "#report"), /2 rows read/);
  }));

test("who gives the dialogs of a table up keeps what was open, and it is no error", () =>
  on(async (page) => {
    const title = await text(page, "#title");
    const unknown = { name: "export.csv", content: "wann,was,wert\n0,Puls,80\n" };
    for (const file of [WIDE, unknown]) {
      await dropAsked(page, file);
      await press(page, "dialog.record", "Cancel");
      await settled(page, "ready");
      assert.equal(await text(page, "#title"), title, file.name);
    }
  }));

test("of a set of files those that are no records are named, and two of one name are two", () =>
  on(async (page) => {
    const benchmark = (rate) => `Hours,Heart Rate\n0.5,${rate}\n`;
    await dropAndWait(
      page,
      [
        { name: "stay.csv", content: benchmark(80) },
        { name: "stay.csv", content: benchmark(900) },
        { name: "scan.png", content: "picture" },
        { name: "notes.docx", content: "words" },
        { name: "broken.csv.gz", content: new Uint8Array([0x1f, 0x8b, 0x08, 0, 1, 2, 3]) },
      ],
      "ready",
    );
    const line = await text(page, ".cohort-unread");
    assert.match(line, /^3 files are no records and were not read: /);
    for (const name of ["scan.png", "notes.docx", "broken.csv.gz"]) assert.ok(line.includes(name), line);
    assert.match(await text(page, ".cohort [role=status]"), /2 stays, 0 not readable/);
    await shoot(page, "many-unread");
    for (const [name, rate] of [
      ["stay.csv", 80],
      ["stay.csv (2)", 900],
    ]) {
      await page.evaluate((name) => {
        document.body.dataset.state = "asked";
        [...document.querySelectorAll(".cohort-table button")].find((it) => it.textContent === name).click();
      }, name);
      await settled(page, "ready");
      assert.ok((await text(page, "#title")).startsWith(name), name);
      await page.click("#view-tab-cohort");
      assert.equal(/implausible/.test(await text(page, "#report")), rate === 900, `${name} is the one with ${rate}`);
    }
    await dropAndWait(
      page,
      [
        { name: "a.docx", content: "x" },
        { name: "b.docx", content: "y" },
      ],
      "error",
    );
    assert.match(await text(page, "[role=alert]"), /a\.docx, b\.docx/);
    // A folder is opened by a button, too.
    assert.equal(await page.$eval("#cohort-folder", (field) => field.webkitdirectory), true);
  }));

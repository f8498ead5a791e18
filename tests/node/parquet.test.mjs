// Tables in Parquet: one reader reads them and their CSV, so that stay, report, questions and refusals are the same. The files
// are written by tests/reference/make_parquet.py: Parquet by pyarrow, CSV by pandas.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { tableOf } from "../../www/worker/parquet.js";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const CASES = join(ROOT, "tests/fixtures/cases/parquet");
const PKG = process.env.VITRINE_PKG ?? join(ROOT, "pkg");

const { Model, Stay, initSync } = await import(join(PKG, "vitrine.js"));
initSync({ module: readFileSync(join(PKG, "vitrine_bg.wasm")) });
const model = new Model(readFileSync(join(ROOT, "www/models/in-hospital-mortality.onnx")));

/** @param {string} name */
function bytesOf(name) {
  const bytes = readFileSync(join(CASES, name));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

/** What a text comes to: a stay with its report, or why it is none. @param {string} text */
function outcome(text) {
  try {
    const stay = Stay.parse(text, model);
    return { input: [...stay.input], report: stay.report };
  } catch (error) {
    return { message: error.message, question: error.question };
  }
}

/** An outcome, whatever fractions of a second and capitals of truth pandas writes. @param {object} it */
function said(it) {
  const text = JSON.stringify(it).replaceAll(/(\d\d:\d\d:\d\d)\.0+\b/g, "$1");
  return JSON.parse(text.replaceAll("is True", "is true"));
}

for (const name of ["meds", "clif", "wide", "two-subjects", "days"]) {
  test(`${name}.parquet is what ${name}.csv is`, async () => {
    const csv = outcome(readFileSync(join(CASES, `${name}.csv`), "utf8"));
    assert.deepEqual(said(outcome(await tableOf(bytesOf(`${name}.parquet`)))), said(csv));
  });
}

test("rows, nulls, whole numbers and times stand in the text as they are stored", async () => {
  const lines = (await tableOf(bytesOf("meds.parquet"))).split("\n");
  assert.deepEqual(lines.slice(1, 4), [
    "9007199254740993,,GENDER//F,,F",
    "9007199254740993,2031-05-04 08:00:00,LAB//220045//bpm,88,",
    "9007199254740993,2031-05-04 09:30:15.250000,LAB//223762//C,36.6,",
  ]);
  assert.match(await tableOf(bytesOf("clif.parquet")), /^7,2031-05-04 08:00:00\+00:00,heart_rate,88$/m);
  assert.match(
    await tableOf(bytesOf("wide.parquet")),
    /^3,2031-05-04 08:00:00,88,36\.6,NaN,false,"says ""well"", twice"$/m,
  );
});

test("numbers that are one as doubles stay two subjects", async () => {
  const { question } = outcome(await tableOf(bytesOf("two-subjects.parquet")));
  assert.deepEqual(
    question.choices.map(({ value }) => value),
    ["9007199254740992", "9007199254740993"],
  );
});

test("old times, other pages and columns with parts are read", async () => {
  const meds = outcome(await tableOf(bytesOf("meds.parquet")));
  for (const name of ["int96", "pages-2"]) {
    assert.deepEqual(said(outcome(await tableOf(bytesOf(`${name}.parquet`)))), said(meds), name);
  }
  const { report } = outcome(await tableOf(bytesOf("nested.parquet")));
  assert.deepEqual([report.rowsRead, report.unused.map(({ channel }) => channel)], [2, ["wave"]]);
});

test("a time of day is no number of hours", async () => {
  const { message } = outcome(await tableOf(bytesOf("time-of-day.parquet")));
  assert.match(
    message,
    /time: "00:30:00" is a time, where a number is read; if it counts from admission, write 0\.5 \(hours\)/,
  );
});

test("what cannot be read is named, with what to do", async () => {
  await assert.rejects(
    tableOf(bytesOf("zstd.parquet")),
    /compressed with ZSTD, which is not read; save it again with compression="snappy", or save the table as CSV/,
  );
  const whole = bytesOf("meds.parquet");
  for (const cut of [4, 11, 12, 200, whole.byteLength - 1]) {
    await assert.rejects(
      tableOf(whole.slice(0, cut)),
      /this Parquet file cannot be read \(.*fetch it again, or save/,
      `${cut}`,
    );
  }
});

test("a damaged file ends in a text or an error", async () => {
  const whole = new Uint8Array(bytesOf("meds.parquet"));
  let seed = 1;
  const random = (/** @type {number} */ below) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let round = 0; round < 400; round++) {
    const bytes = Uint8Array.from(whole);
    for (let flips = 0; flips < 3; flips++) bytes[4 + random(bytes.length - 4)] = random(256);
    const text = await tableOf(bytes.buffer).catch((error) => error.message);
    assert.match(text, /^subject|^.*,.*\n|this Parquet file/);
  }
});

// One's own files: records and models, dropped or picked; and every kind of bad file, after which the page still works
// and still shows the last good stay.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { PATIENCE, isFirefox, drop, dropAndWait, file, pictures, settled, shoot, text, visit } from "./browser.mjs";
import { acting } from "./doing.mjs";
import { once, pages } from "./pages.mjs";
import { ROOT, serve } from "./server.mjs";

const SECOND = JSON.parse(readFileSync(join(ROOT, "www/stays/index.json"), "utf8"))[1];
const HEADER =
  "Hours,Capillary refill rate,Diastolic blood pressure,Fraction inspired oxygen,Glascow coma scale eye opening," +
  "Glascow coma scale motor response,Glascow coma scale total,Glascow coma scale verbal response,Glucose,Heart Rate," +
  "Height,Mean blood pressure,Oxygen saturation,Respiratory rate,Systolic blood pressure,Temperature,Weight,pH";
/** A row with an hour, a heart rate and an eye opening. */
const row = (hour, heartRate, eye = "") => `${hour},,,,${eye},,,,,${heartRate},,,,,,,,`;
const record = (...rows) => `${[HEADER, ...rows].join("\n")}\n`;
const GOOD = { name: "mine_timeseries.csv", content: record(row(0.5, 71), row(20, 140, "To Pain")) };

const stage = pages({ isOfOne: true });
const { on } = stage;

const fixture = async (name) => ({ name, content: await file(`tests/fixtures/exporters/${name}`) });

test("a record dropped on the page is explained under its own name", () =>
  on(async (page, { requests, complaints }) => {
    const demo = await pictures(page);
    const asked = requests.length;
    await dropAndWait(page, [GOOD], "ready");
    assert.match(await text(page, "#title"), /^mine_timeseries\.csv ?Outcome: not known/);
    const own = await pictures(page);
    for (const name of ["input", "lrp", "gradient"]) assert.notEqual(own[name].digest, demo[name].digest, name);
    assert.match(await text(page, "#report"), /2 rows read/);
    assert.match(await text(page, "#report"), /Heart rate2 of 48/);
    assert.equal(await page.$eval("#demo-stay", (list) => list.value), "");
    assert.equal(requests.length, asked, "a dropped file causes no request");
    assert.deepEqual(complaints, []);
  }));

test("a record picked by hand does the same, and so does the same file once more", () =>
  // Its name is that of a demo stay: even so it is the user's, with a label that nobody knows.
  on(async (page) => {
    const field = await page.$("#stay-file");
    for (let time = 0; time < 2; time++) {
      await acting(page, () => field.uploadFile(join(ROOT, "www/stays", SECOND.file)));
      assert.match(await text(page, "#title"), new RegExp(`^${SECOND.file} ?Outcome: not known`));
      assert.equal(await text(page, "#stay-description"), "");
    }
  }));

test("beside the error of a bad file the last good stay gets what it was still to get", () =>
  on(async (page) => {
    await page.waitForSelector("#replay .curve", { timeout: PATIENCE });
    // The next stay has just been opened, and its curve is not there yet.
    await page.evaluate(() => (document.body.dataset.state = "asked"));
    await page.select("#demo-stay", SECOND.file);
    await drop(page, [{ name: "bad_timeseries.csv", content: record(row("soon", 71)) }]);
    await page.waitForFunction(() => document.body.dataset.state === "error", { timeout: PATIENCE });
    assert.ok((await text(page, "#title")).startsWith(SECOND.name));
    await page.waitForSelector("#replay .curve", { timeout: 20_000 });
    assert.match(await text(page, "[role=alert]"), /^Not opened\. bad_timeseries\.csv/, "and the error stands");
  }));

once("another network explains the same stay", () =>
  on(async (page) => {
    const first = await pictures(page);
    await dropAndWait(page, [await fixture("torch_torchscript.onnx")], "ready");
    const second = await pictures(page);
    assert.equal(second.lrp.width, first.lrp.width);
    assert.notEqual(second.lrp.digest, first.lrp.digest);
    assert.notEqual(second.gradient.digest, first.gradient.digest);
    assert.match(await text(page, "#facts"), /torch_torchscript\.onnx/);
  }),
);

test("a network picked by hand, with its weights in a second file", () =>
  on(async (page) => {
    const field = await page.$("#model-file");
    const names = ["torch_dynamo_external.onnx", "torch_dynamo_external.onnx.data"];
    await acting(page, () => field.uploadFile(...names.map((name) => join(ROOT, "tests/fixtures/exporters", name))));
    assert.match(await text(page, "#facts"), /torch_dynamo_external\.onnx/);
  }));

test("a network and a record dropped together", () =>
  on(async (page) => {
    await dropAndWait(page, [await fixture("tf_keras2.onnx"), GOOD], "ready");
    assert.match(await text(page, "#facts"), /tf_keras2\.onnx/);
    assert.match(await text(page, "#title"), /^mine_timeseries\.csv/);
  }));

once("a network of another shape, with a record of its own", () =>
  on(async (page) => {
    const network = await file("tests/fixtures/explain/bidirectional_last_state.onnx");
    const own = { name: "own.csv", content: "Hours,c0,c1,c2,c3,c4\n0.5,1,-1,0.5,2,0\n3.5,0,1,,,-2\n" };
    await dropAndWait(page, [{ name: "small.onnx", content: network }, own], "ready");
    assert.equal((await text(page, "#labels")).replaceAll(" ", ""), "c0c1c2c3c4");
    assert.match(await text(page, "#facts"), /6 steps of 1 h, 5 columns, 5 channels/);
    assert.ok((await pictures(page)).lrp.colours > 4);
  }),
);

once("a network whose output is no probability is explained, and called no risk", () =>
  on(async (page) => {
    const network = await file("tests/fixtures/heads/score.onnx");
    const own = { name: "own.csv", content: "Hours,c0,c1,c2,c3,c4\n0.5,1,-1,0.5,2,0\n3.5,0,1,,,-2\n" };
    await dropAndWait(page, [{ name: "score.onnx", content: network }, own], "ready");
    assert.doesNotMatch(await text(page, "#title"), /threshold/);
    assert.match(await text(page, "#outcome"), /^Output/);
    assert.ok(await page.$eval(".risk-bar", (bar) => bar instanceof HTMLElement && bar.hidden));
    // It has no label, so nothing is offered that would change it.
    const isOffered = () => page.$eval("[data-t='whatif.search']", (it) => it.checkVisibility());
    assert.equal(await isOffered(), false);
    await dropAndWait(page, [await fixture("torch_torchscript.onnx"), GOOD], "ready");
    assert.equal(await isOffered(), true);
  }),
);

once("an implausible value is shown in the report and used as it is", () =>
  on(async (page) => {
    await dropAndWait(page, [{ name: "dirty.csv", content: record(row(1, 900), row(49.5, 80)) }], "ready");
    const report = await text(page, "#report");
    assert.match(report, /1 row read, 1 skipped, 1 implausible value/);
    assert.match(report, /Implausible values \(1\) ?line 2, Heart Rate: 900.*used unchanged/);
    assert.match(report, /line 3/);
  }),
);

once("an implausible value that gave way to a later one is not said to be used", () =>
  on(async (page) => {
    await dropAndWait(page, [{ name: "dirty.csv", content: record(row(1.2, 900), row(1.8, 80)) }], "ready");
    const report = await text(page, "#report");
    assert.match(report, /Heart Rate: 900.*replaced by a later value in the same step/);
    assert.doesNotMatch(report, /used (unchanged|as they are)/);
  }),
);

/** Bytes without a pattern, the same every time. */
function noise(length) {
  let state = 1;
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24);
}

const BAD = [
  [
    "a broken network",
    "cut.onnx",
    async () => (await file("www/models/in-hospital-mortality.onnx")).subarray(0, 9000),
    /cut\.onnx: model/,
  ],
  ["no network at all", "text.onnx", () => "this is no network", /text\.onnx: model/],
  ["an empty network", "empty.onnx", () => "", /empty\.onnx: model/],
  [
    "a network with an operator that is not known",
    "unknown.onnx",
    () => file("tests/fixtures/families/refused-unknown.onnx"),
    /unknown\.onnx: unsupported model: /,
  ],
  [
    "weights without their second file",
    "torch_dynamo_external.onnx",
    () => file("tests/fixtures/exporters/torch_dynamo_external.onnx"),
    /torch_dynamo_external\.onnx\.data/,
  ],
  [
    "a record of which no row can be read",
    "letters.csv",
    () => record(row("soon", 80), row("later", 90)),
    /letters\.csv: record: .*soon/,
  ],
  ["an empty record", "nothing.csv", () => "", /nothing\.csv: record/],
  ["hours out of order", "back.csv", () => record(row(5, 80), row(3, 80)), /back\.csv: record: line 3/],
  ["10 MB of noise as a record", "noise.csv", () => noise(10e6), /noise\.csv: record/],
  ["10 MB of noise as a network", "noise.onnx", () => noise(10e6), /noise\.onnx: model/],
  [
    "weights without their network",
    "model.onnx.data",
    () => noise(100),
    /model\.onnx\.data: .*together with model\.onnx\. /,
  ],
  [
    "weights of a network that is not known",
    "weights.bin",
    () => noise(100),
    /weights\.bin: .*together with its \.onnx/,
  ],
];

test("a cell that cannot be read costs itself, and the report names it", () =>
  on(async (page) => {
    const content = record(row(1, 80, "Winking"), row(2, "fast"), row(3, 90));
    await dropAndWait(page, [{ name: "letters.csv", content }], "ready");
    const report = await text(page, "#report");
    assert.match(report, /line 2, .*Winking/);
    assert.match(report, /line 3, .*fast/);
  }));

/** What reading a file may stop at in a browser; the rest is the engine's, the same everywhere. */
const EVERYWHERE = ["a broken network", "a record of which no row can be read", "10 MB of noise as a record"];

for (const [what, name, content, problem] of BAD) {
  (EVERYWHERE.includes(what) ? test : once)(`${what} is refused in words, and the last good stay stays`, () =>
    on(async (page) => {
      const good = [await pictures(page), await text(page, "#title"), await text(page, "#probability")];
      await dropAndWait(page, [{ name, content: await content() }], "error");
      const alert = await text(page, "[role=alert]");
      assert.match(alert, problem);
      assert.match(alert, /last good stay/);
      assert.deepEqual([await pictures(page), await text(page, "#title"), await text(page, "#probability")], good);
      await usable(page);
    }),
  );
}

/** The cursor still answers, and the next good file is taken. */
async function usable(page) {
  await page.focus('canvas[data-grid="input"]');
  await page.keyboard.press("End");
  await page.waitForFunction(() => /47–48 h/.test(document.querySelector("#readout").textContent), {
    timeout: PATIENCE,
  });
  await dropAndWait(page, [GOOD], "ready");
  assert.equal(await text(page, "[role=alert]"), "");
  assert.match(await text(page, "#title"), /^mine_timeseries\.csv/);
}

once("two records beside a network are refused, since one would hide the other", () =>
  on(async (page) => {
    await dropAndWait(page, [GOOD, { ...GOOD, name: "other.csv" }, await fixture("tf_keras2.onnx")], "error");
    assert.match(
      await text(page, "[role=alert]"),
      /mine_timeseries\.csv, other\.csv, tf_keras2\.onnx: open one record/,
    );
    await usable(page);
  }),
);

once("after a refused number the form says again how the picture was made", () =>
  on(async (page) => {
    await page.evaluate(() => {
      document.body.dataset.state = "asked";
      const field = document.querySelector("#epsilon");
      field.value = "-1";
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await settled(page, "error");
    assert.equal(await page.$eval("#epsilon", (field) => field.value), "-1", "what was typed can be corrected");
    await dropAndWait(page, [GOOD], "ready");
    assert.equal(await page.$eval("#epsilon", (field) => field.value), "0.01");
  }),
);

test("a file that the browser cannot read is named", () =>
  on(async (page) => {
    await page.evaluate(() => {
      document.body.dataset.state = "asked";
      File.prototype.text = () => Promise.reject(new DOMException("A requested file or directory could not be found"));
    });
    await drop(page, [GOOD]);
    await settled(page, "error");
    assert.match(
      await text(page, "[role=alert]"),
      /^Not opened\. mine_timeseries\.csv: cannot be read; open files, not folders/,
    );
  }));

test("a file that is too large is refused by its size, before any of it is read", () =>
  on(async (page) => {
    await refusesLarge(
      page,
      /^Not opened\. huge\.csv: has 129 MiB, and at most 128 MiB are read\. Nothing of it was read/,
    );
    assert.deepEqual(await dropLarge(page, [["huge.onnx", 257]]), []);
    assert.match(await text(page, "[role=alert]"), /huge\.onnx: has 257 MiB, and at most 256 MiB are read/);
    await usable(page);
  }));

once("it is said in the page's language", () =>
  on((page) => refusesLarge(page, /^Չբացվեց\. huge\.csv՝ 129 ՄիԲ, իսկ կարդացվում է առավելագույնը 128 ՄիԲ/), {
    hash: "#lang=hy",
  }),
);

/** @param {import("puppeteer-core").Page} page @param {RegExp} wanted what the page then says */
async function refusesLarge(page, wanted) {
  const good = await pictures(page);
  assert.deepEqual(await dropLarge(page, [["huge.csv", 129]]), [], "nothing was read");
  assert.match(await text(page, "[role=alert]"), wanted);
  assert.equal(
    await page.$eval("[role=alert] span", (span) => span.lang),
    "",
    "the page's own words are in its language",
  );
  assert.deepEqual(await pictures(page), good);
}

test("a file that is too large among many stays gets its own error in its row", () =>
  on(async (page) => {
    await page.evaluate(() => (document.body.dataset.state = "asked"));
    await dropLarge(
      page,
      [
        ["a_timeseries.csv", 0],
        ["huge_timeseries.csv", 129],
      ],
      GOOD.content,
      "ready",
    );
    await page.waitForFunction(
      () => document.querySelectorAll(".cohort-scroll [role=row], .cohort-scroll tr").length > 2,
    );
    const table = await page.$eval(".cohort-scroll", (it) => it.textContent);
    assert.match(table, /huge_timeseries\.csv.*has 129 MiB, and at most 128 MiB are read/);
    assert.match(table, /a_timeseries\.csv/);
  }));

/**
 * Drops files of so many MiB, made in the page, and answers which were read whole there.
 * @param {import("puppeteer-core").Page} page
 * @param {[string, number][]} files
 * @param {string} [small] the content of one of 0 MiB
 */
async function dropLarge(page, files, small = "", state = "error") {
  await page.evaluate(
    (all, content) => {
      window.readWhole = [];
      for (const how of ["text", "arrayBuffer"]) {
        const own = Blob.prototype[how];
        Blob.prototype[how] = function () {
          if (this.size > 1e6) window.readWhole.push(this.name);
          return own.call(this);
        };
      }
      const mib = new Uint8Array(2 ** 20).fill(48);
      const transfer = new DataTransfer();
      for (const [name, size] of all) transfer.items.add(new File(size ? Array(size).fill(mib) : [content], name));
      document.body.dataset.state = "asked";
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    },
    files,
    small,
  );
  await settled(page, state);
  const read = await page.evaluate(() => window.readWhole);
  await forget(page);
  return read;
}

/**
 * Lets go of what a page no longer holds: files of hundreds of MiB that wait for a collection leave no room for the next ones.
 * @param {import("puppeteer-core").Page} page
 */
async function forget(page) {
  if (isFirefox) return;
  const session = await page.createCDPSession();
  await session.send("HeapProfiler.collectGarbage");
  await session.detach();
}

test("records dropped in quick succession open one after another, and the last one stays", () =>
  on(async (page) => {
    await page.evaluate(() => (document.body.dataset.state = "asked"));
    for (const name of ["first.csv", "second.csv", "third.csv"]) await drop(page, [{ ...GOOD, name }]);
    await page.waitForFunction(() => document.querySelector("#title").textContent.startsWith("third.csv"), {
      timeout: PATIENCE,
    });
    await settled(page, "ready");
    assert.match(await text(page, "#title"), /^third\.csv/);
  }));

test("a file of the page that does not come can be given up, and one's own files still open", async () => {
  const stuck = await serve({ stall: (path) => path.endsWith(SECOND.file) });
  try {
    const { page } = await visit(stage.running.browser, stuck.page);
    await page.evaluate(() => (document.body.dataset.state = "asked"));
    await page.select("#demo-stay", SECOND.file);
    await page.waitForSelector("#cancel", { visible: true, timeout: PATIENCE });
    await page.click("#cancel");
    await settled(page, "ready");
    assert.equal(await text(page, "#status"), "Cancelled");
    assert.equal(await text(page, "[role=alert]"), "", "to give up is no error");
    await usable(page);
    await page.close();
  } finally {
    await stuck.close();
  }
});

test("an error can be put away", () =>
  on(async (page) => {
    await dropAndWait(page, [{ name: "nothing.csv", content: "" }], "error");
    await page.click("[role=alert] button");
    await settled(page, "ready");
    assert.equal(await text(page, "[role=alert]"), "");
  }));

// WebDriver BiDi does not reach into workers.
test(
  "an engine that stops costs its worker and nothing else",
  { skip: isFirefox && "Chromium's own protocol only" },
  () =>
    on(async (page) => {
      const good = await pictures(page);
      // Once there are pictures the page may find that it has other room for them, and paints them anew.
      await new Promise((done) => setTimeout(done, 1000));
      const [worker] = page.workers();
      // What a trap looks like from JavaScript, at the next picture.
      await worker.evaluate(() => {
        OffscreenCanvas.prototype.transferToImageBitmap = () => {
          throw new WebAssembly.RuntimeError("unreachable");
        };
      });
      await dropAndWait(page, [GOOD], "error");
      assert.match(await text(page, "[role=alert]"), /the engine stopped \(unreachable\) and was restarted/);
      assert.deepEqual(await pictures(page), good);
      await page.waitForFunction(() => true);
      assert.equal(page.workers().filter((one) => one === worker).length, 0, "the worker is gone");
      await usable(page);
    }),
);

test("a page without its model says so, and takes one's own", async () => {
  const bare = await serve({ refuse: (path) => path.endsWith("in-hospital-mortality.onnx") });
  try {
    const { page } = await visit(stage.running.browser, bare.page, { state: "error" });
    assert.match(await text(page, "[role=alert]"), /in-hospital-mortality\.onnx: the server answers 404/);
    await shoot(page, "without-model");
    await dropAndWait(page, [await fixture("tf_keras2.onnx"), GOOD], "ready");
    assert.ok((await pictures(page)).lrp.colours > 20);
    await page.close();
  } finally {
    await bare.close();
  }
});

test("a page without its engine says so", async () => {
  const bare = await serve({ refuse: (path) => path.startsWith("/pkg/") });
  try {
    const { page } = await visit(stage.running.browser, bare.page, { state: "error" });
    assert.match(await text(page, "[role=alert]"), /the engine could not be started/);
    await page.close();
  } finally {
    await bare.close();
  }
});

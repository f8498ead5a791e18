// A network without a record, a manifest without its network, a demo stay under one's own network, and networks that read
// stays of any length.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { PATIENCE, dropAndWait, file, pictures, settled, shoot, text } from "./browser.mjs";
import { findings } from "./axe.mjs";
import { acting, choose, point, press, pressing, set } from "./doing.mjs";
import { download } from "./download.mjs";
import { engine, once, pages } from "./pages.mjs";

const stage = pages();
const { on } = stage;
const folder = mkdtempSync(join(tmpdir(), "vitrine-alone-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const SEPTIC = "septic-shock_timeseries.csv";
const network = async (path, name = path.split("/").pop()) => ({ name, content: await file(`tests/fixtures/${path}`) });
const SMALL = "explain/bidirectional_last_state.onnx";
const OPEN = "families/lstm-torchscript-open.onnx";
/** A record of so many hours for a network without a manifest. */
const record = (hours, name = `of-${hours}.csv`) => ({
  name,
  content: `Hours,c0,c1,c2,c3,c4\n0.5,1,-1,0.5,2,0\n${hours - 0.5},0.3,1,,,-2\n`,
});
const shownRisk = (page) => page.$eval("#probability", (it) => Number(it.dataset.value));
const facts = (page) => text(page, "#facts");

/** What the engine says in this process: of an open network, of a record. */
async function expected(path, { content }) {
  const { Model, Stay } = await engine();
  const model = new Model(await file(`tests/fixtures/${path}`)).forRecord(content);
  const stay = Stay.parse(content, model);
  return { model, stay, risk: model.predict(stay.input)[0] };
}

const near = (a, b) => assert.ok(Math.abs(a - b) < 2e-7, `${a} is not ${b}`);

once("a network alone opens on the stay of which nothing is known", () =>
  on(async (page, { complaints }) => {
    await dropAndWait(page, [await network(SMALL)], "ready");
    const { Model, normalInput } = await engine();
    const model = new Model(await file(`tests/fixtures/${SMALL}`));
    near(await shownRisk(page), model.predict(normalInput(model))[0]);
    assert.match(await text(page, "#title"), /^No record: nothing observed/);
    assert.doesNotMatch(await text(page, "#title"), /Outcome/);
    const alone = await text(page, "#alone");
    assert.match(alone, /^No record is open\. What you see is what the network says where nothing is known/);
    assert.match(alone, /1 inputName.*1 × 6 × 50–4values/);
    assert.match(alone, /\d layers, \d+ parameters.*recurrent layer/);
    assert.match(alone, /1 output.*What each method can do.*LRP relevanceyes/);
    assert.match(await text(page, "#rests"), /Rests on 0 of 5 variables, 0 of 6 hours/);
    assert.equal(await page.$eval("#report", (it) => it.offsetParent), null, "no record was read");
    assert.equal(await page.$eval("body", (it) => it.dataset.pane), "gradient");
    assert.doesNotMatch(alone, /left out/);
    await dropAndWait(page, [await network("cases/inputs/gru-unread.onnx")], "ready");
    assert.match(
      await text(page, "#alone"),
      /1 part of the file is left out.*unreadan input that nothing in the network reads/,
    );
    assert.doesNotMatch(await facts(page), /axes/, "a recurrent layer tells them");
    await dropAndWait(page, [await network("cases/inputs/grid-by-layout.onnx")], "ready");
    const axes = /Nothing says what the axes of its input are: they are taken for \["batch", "steps", "columns"\]/;
    assert.match(await text(page, "#alone"), axes);
    assert.match(await facts(page), axes);
    assert.match(await text(page, "#facts summary"), /grid-by-layout\.onnx, axes assumed/);
    assert.deepEqual(complaints, []);
  }),
);

once("an output that is no risk is called none", () =>
  on(async (page) => {
    const high = "#pane-lrp .high";
    assert.equal(await text(page, high), "raises the risk");
    await dropAndWait(page, [await network("lstm/one_unit.onnx")], "ready");
    assert.match(
      await text(page, '.pane[data-pane="gradient"] .scale-note'),
      /^Scale: its own\./,
      "of no other network",
    );
    assert.equal(await text(page, high), "raises the output");
    const seen = await page.evaluate(() => [
      document.body.innerText,
      ...[...document.querySelectorAll("[title], [aria-label]")]
        .filter((it) => it.checkVisibility())
        .flatMap((it) => [it.getAttribute("title") ?? "", it.getAttribute("aria-label") ?? ""]),
    ]);
    assert.deepEqual(
      seen.flatMap((it) => it.split("\n")).filter((line) => /risk/i.test(line)),
      [],
    );
  }),
);

once("what is made of it is no prediction of a record, and no resource", () =>
  on(async (page) => {
    await dropAndWait(page, [await network(SMALL)], "ready");
    await page.click("#export summary");
    await acting(page, () => press(page, "#export", "FHIR RiskAssessment (JSON)"), "error");
    assert.match(await text(page, "[role=alert]"), /no stay is open; open a record first/);
    const isOfRecord = await page.evaluate(async () => {
      const [{ shown }, { isOfRecord }] = await Promise.all(
        ["page.js", "state.js"].map((name) => import(new URL(name, document.baseURI).href)),
      );
      return isOfRecord(shown());
    });
    assert.equal(isOfRecord, false);
  }),
);

once("it looks right wide, on a laptop, on a phone and in the dark, and axe finds nothing", async () => {
  const looks = { laptop: { width: 1366, height: 650 }, phone: { width: 390, height: 844 }, dark: { dark: true } };
  for (const [name, look] of Object.entries(looks)) {
    await on(async (page) => {
      await dropAndWait(page, [await network(SMALL)], "ready");
      await page.waitForFunction(() => document.querySelectorAll("#alone tbody tr").length > 8);
      await shoot(page, `alone-${name}`);
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(widths[0] <= widths[1], `${name}: nothing is wider than the window`);
      assert.deepEqual(await findings(page), [], name);
    }, look);
  }
});

once("values can be tried on it, and a record takes its place", () =>
  on(async (page) => {
    await dropAndWait(page, [await network(SMALL)], "ready");
    const before = await shownRisk(page);
    await point(page, 1, 2);
    await page.$eval("#whatif-value", (field) => (field.value = "3"));
    await acting(page, () => press(page, "#whatif", "Set"));
    assert.notEqual(await shownRisk(page), before);
    assert.match(await text(page, "#strip"), /1 value changed/);
    await dropAndWait(page, [record(6)], "ready");
    assert.match(await text(page, "#title"), /^of-6\.csv/);
    assert.equal(await text(page, "#strip span"), "");
    assert.equal(await page.$eval("#alone", (it) => it.hidden), true);
    assert.equal(await page.$eval("body", (it) => it.dataset.pane), "lrp");
    assert.match(await facts(page), /recurrent layer/, "what it is made of stays in its panel");
  }),
);

test("a network that gives no number for it shows what it is made of, and takes a record", () =>
  on(async (page) => {
    await dropAndWait(page, [await network("families/masking-pooled-keras3.onnx")], "ready");
    assert.match(
      await text(page, "#alone"),
      /this network says nothing; open a record\. .*returns NaN.*recurrent layer/,
    );
    for (const part of [".head", "#pictures", "#whatif", "#course"])
      assert.equal(await page.$eval(part, (it) => it.checkVisibility()), false, part);
    await dropAndWait(page, [record(12)], "ready");
    assert.match(await text(page, "#title"), /^of-12\.csv/);
    assert.ok(await page.$eval("#pictures", (it) => it.checkVisibility()));
  }));

once("a record left open on which a network cannot be run does not keep it shut", () =>
  on(async (page) => {
    await dropAndWait(page, [await network(SMALL), record(7)], "ready");
    await dropAndWait(page, [await network("families/text-torchscript.onnx")], "ready");
    assert.match(await facts(page), /text-torchscript\.onnx/);
    assert.match(
      await text(page, "#alone"),
      /No record is open.*The record that was open does not fit this network: .*the word at step \d+ is/,
    );
    // Beside a record that was chosen for it, it is refused.
    await dropAndWait(page, [await network("families/text-torchscript.onnx"), record(7, "chosen.csv")], "error");
    assert.match(await text(page, "[role=alert]"), /the word at step \d+ is/);
  }),
);

test("its templates come back filled in", () =>
  on(async (page) => {
    await dropAndWait(page, [await network(SMALL)], "ready");
    const table = await download(stage.running, page, () => press(page, "#alone", "Template record (CSV)"));
    assert.equal(table.name, "bidirectional_last_state-template.csv");
    await settled(page);
    const manifest = await download(stage.running, page, () => press(page, "#alone", "Template manifest (JSON)"));
    assert.equal(manifest.name, "bidirectional_last_state-manifest.json");
    await settled(page);
    await dropAndWait(page, [{ name: manifest.name, content: manifest.content }], "ready");
    assert.match(
      await text(page, "[role=alert]"),
      /^bidirectional_last_state-manifest\.json is laid over bidirectional_last_state\.onnx; \d+ fields are still to be filled/,
    );
    const told = JSON.parse(String(manifest.content));
    told.name = "sepsis within six hours";
    told.outcomes[0].name = "sepsis";
    for (const channel of told.channels) Object.assign(channel, { group: "", unit: "mmol/L" });
    told.description = "";
    const filled = String(table.content).replace(/^0\.5,.*$/m, "0.5,1,2,3,4,5");
    // Both at once, as they would be handed on.
    const both = [
      { name: "told.json", content: JSON.stringify(told) },
      { name: "filled.csv", content: filled },
    ];
    await dropAndWait(page, both, "ready");
    assert.match(await text(page, "#title"), /^filled\.csv/);
    assert.match(await text(page, "#outcome"), /sepsis/);
    assert.match(await text(page, "#model-name"), /^sepsis within six hours \(told\.json\)$/);
    assert.match(await text(page, "[role=alert]"), /^told\.json is laid over bidirectional_last_state\.onnx ?Dismiss/);
    assert.match(await text(page, "#report"), /c01 of 6/);
  }));

test("a manifest alone is laid over the open network, and one that does not fit is refused by its field", () =>
  on(async (page) => {
    const { model } = await engine();
    const told = { ...model.manifest, name: "another name" };
    await dropAndWait(page, [{ name: "told.json", content: JSON.stringify(told) }], "ready");
    assert.match(await text(page, "#model-name"), /^another name, 5 networks as one \(told\.json\)$/);
    assert.match(await text(page, "#title"), /^Septic shock/, "the stay stays");
    assert.match(await facts(page), /told\.json, in place of the one in the model's file/);
    const good = [await pictures(page), await text(page, "#title"), await text(page, "#model-name")];
    for (const [change, problem] of [
      [{ columns: 75 }, /^Not opened\. wrong\.json: manifest: .*columns/],
      [{ channels: told.channels.slice(1) }, /wrong\.json: manifest: field channels: column \d+ belongs to no channel/],
      [{ outcomes: [] }, /wrong\.json: manifest: .*outcomes/],
    ]) {
      await dropAndWait(page, [{ name: "wrong.json", content: JSON.stringify({ ...told, ...change }) }], "error");
      assert.match(await text(page, "[role=alert]"), problem);
      assert.match(await text(page, "[role=alert]"), /last good stay/);
      assert.deepEqual([await pictures(page), await text(page, "#title"), await text(page, "#model-name")], good);
    }
  }));

test("a demo stay under one's own network offers to open both", () =>
  on(async (page) => {
    const first = await shownRisk(page);
    await dropAndWait(page, [await network(SMALL)], "ready");
    await acting(page, () => page.select("#demo-stay", SEPTIC), "error");
    const alert = await text(page, "[role=alert]");
    assert.match(
      alert,
      /^Not opened\. Septic shock \(synthetic\) belongs to the demo network; the network that is open reads other/,
    );
    assert.match(await text(page, "#title"), /^No record/, "nothing has changed yet");
    await acting(page, () => press(page, "[role=alert]", "Open it with the demo network"));
    assert.equal(await text(page, "[role=alert]"), "");
    assert.match(await text(page, "#title"), /^Septic shock/);
    assert.match(await text(page, "#model-name"), /5 networks as one$/);
    assert.equal(await shownRisk(page), first);
  }));

once("a network of any number of steps is as long as the record, also replayed, edited and compared", () =>
  on(async (page) => {
    await dropAndWait(page, [await network(OPEN)], "ready");
    assert.match(await facts(page), /any number of steps of 1 h, now 48/);
    // Of a stay of which four hours are known the network says what it says of a stay of four hours.
    const { model: short } = await expected(OPEN, record(4));
    assert.equal(short.steps, 4);
    for (const hours of [9, 60]) {
      const given = record(hours);
      const { model, stay, risk } = await expected(OPEN, given);
      await dropAndWait(page, [given], "ready");
      near(await shownRisk(page), risk);
      assert.equal(model.steps, hours);
      assert.match(await facts(page), new RegExp(`now ${hours};`));
      assert.match(await text(page, "#rests"), new RegExp(`of ${hours} hours`));
      assert.equal(await page.$eval("#replay-hour", (it) => it.max), String(hours));
      const known = stay.knownUntil(model, 4);
      await page.$eval("#replay-hour", (it) => {
        it.value = "4";
        it.dispatchEvent(new Event("input", { bubbles: true }));
      });
      await page.waitForFunction(() => /First 4 h known/.test(document.querySelector("#strip").textContent));
      near(await shownRisk(page), short.predict(known.input.slice(0, 4 * model.columns))[0]);
      await acting(page, () => press(page, "#strip", "Back to the record"));
      await choose(page, { "#method-kind": "deep-shap", "#reference": "own" });
      const reference = join(folder, "other.csv");
      writeFileSync(reference, record(14).content);
      await page.$eval("#reference", (it) => (it.value = "stay"));
      await acting(page, async () => (await page.$("#reference-file")).uploadFile(reference));
      near(await shownRisk(page), risk);
      await choose(page, { "#reference": "normal" });
      await page.waitForSelector("#replay .curve", { timeout: PATIENCE });
    }
    assert.equal(await page.$$eval(".replay-chart .curve", (all) => all.length), 1);
  }),
);

once(
  "without a manifest, what a network says at every hour is one output: the hour is chosen, and it is the curve",
  () =>
    on(async (page) => {
      const path = "families/per-step-torchscript.onnx";
      const { model, stay } = await expected(path, record(12));
      await dropAndWait(page, [await network(path), record(12)], "ready");
      assert.equal(await page.$$eval("#target option", (all) => all.length), 1);
      assert.equal(await page.$$eval("#target-hour option", (all) => all.length), model.steps);
      const said = model.predict(stay.input);
      near(await shownRisk(page), said.at(-1));
      const d = await (await page.waitForSelector("#replay path.curve")).evaluate((it) => it.getAttribute("d"));
      const drawn = d
        .slice(1)
        .split("L")
        .map((point) => 1 - Number(point.split(" ")[1]));
      assert.equal(drawn.length, model.steps);
      drawn.forEach((height, hour) => assert.ok(Math.abs(height - said[hour]) < 1e-4, `hour ${hour}: ${height}`));
    }),
);

once("a network with columns of its own is offered no demo stay as a reference", () =>
  on(async (page) => {
    const offered = async () => {
      await choose(page, { "#method-kind": "deep-shap" });
      await set(page, "#reference", "stay");
      const all = await page.$$eval("#reference-stay option", (options) => options.map((it) => it.value));
      await settled(page, "error").catch(() => {});
      return all;
    };
    assert.ok((await offered()).includes("demo:stable_timeseries.csv"));
    await dropAndWait(page, [await network(SMALL)], "ready");
    assert.deepEqual(await offered(), []);
  }),
);

once("a saved view of such a network opens at its own length, also where no record is open", () =>
  on(async (page) => {
    await dropAndWait(page, [await network(OPEN), record(9)], "ready");
    const [good, risk] = [await pictures(page), await shownRisk(page)];
    const content = await page.evaluate(async () => {
      const { engine: worker } = await import(new URL("page.js", document.baseURI).href);
      return worker.request("takeJson", undefined);
    });
    await dropAndWait(page, [await network(SMALL)], "ready");
    await dropAndWait(page, [await network(OPEN)], "ready");
    await dropAndWait(page, [{ name: "view.json", content }], "ready");
    assert.match(await text(page, "#title"), /^of-9\.csv \(from the saved view view\.json\)/);
    assert.equal(await page.$eval("#alone", (it) => it.hidden), true);
    assert.equal(await shownRisk(page), risk);
    assert.deepEqual(await pictures(page), good);
  }),
);

once("several such networks are shown as one, each as long as the record", () =>
  on(async (page) => {
    const files = [await network(OPEN, "a.onnx"), await network(OPEN, "b.onnx")];
    await dropAndWait(page, [...files, record(21)], "ready");
    assert.match(await facts(page), /now 21;/);
    assert.match(await text(page, "#model-name"), /2 networks as one/);
    near(await shownRisk(page), (await expected(OPEN, record(21))).risk);
    await dropAndWait(page, [record(5)], "ready");
    assert.match(await text(page, "#model-name"), /2 networks as one/);
    assert.match(await facts(page), /now 5;/);
  }),
);

test("many stays of unequal length are each explained at their own", () =>
  on(async (page) => {
    await dropAndWait(page, [await network(OPEN)], "ready");
    const stays = [record(7), record(31), record(16), { name: "none.csv", content: "Hours,c9\n1,2\n" }];
    await dropAndWait(page, stays, "ready");
    await page.waitForFunction(() => document.querySelectorAll(".cohort-table tbody tr").length === 4, {
      timeout: PATIENCE,
    });
    const { Model, explainRecord } = await engine();
    const model = new Model(await file(`tests/fixtures/${OPEN}`));
    const csv = await page.evaluate(async () => {
      const { engine: worker } = await import(new URL("page.js", document.baseURI).href);
      return worker.request("cohortCsv", undefined);
    });
    for (const { name, content } of stays.slice(0, 3)) {
      const { row } = explainRecord(model.forRecord(content), name, content, { method: "lrp" });
      const line = csv.split("\n").find((it) => it.startsWith(name));
      assert.ok(line.includes(String(row.probability)), `${line} has ${row.probability}`);
    }
    assert.match(await text(page, ".cohort-table"), /none\.csv.*no column is a variable of the model/);
    await set(page, "#cohort-group", "all");
    await page.waitForSelector(".cohort-picture .axis", { timeout: PATIENCE });
    const hours = await text(page, ".cohort-picture .axis");
    assert.match(hours, /30/, "the picture is as long as the longest stay");
    await pressing(page, "#cohort-trust-ask");
    assert.match(await text(page, "#cohort-trust .trust-found"), /3 of 4/);
    await acting(page, () => press(page, ".cohort-table", "of-31.csv"));
    assert.match(await facts(page), /now 31;/);
    near(await shownRisk(page), (await expected(OPEN, record(31))).risk);
  }));

once("a network as another program keeps it is refused with how to export it, and what is no text is named", () =>
  on(async (page) => {
    for (const [name, bytes, words] of [
      ["net.h5", [0x89, 0x48, 0x44, 0x46], /net\.h5 is a file of Keras, or HDF5.*model\.export/],
      ["net.pt", [0x50, 0x4b, 3, 4], /net\.pt is a file of PyTorch.*torch\.onnx\.export/],
      ["net.pkl", [0x80, 4], /skl2onnx/],
      ["chart.jpg", [0xff, 0xd8, 0xff, 0xe0, 0, 0], /chart\.jpg: .*this is a picture/],
      ["chart.pdf", [0x25, 0x50, 0x44, 0x46, 0x2d], /chart\.pdf: .*this is a PDF; export the record/],
    ]) {
      await dropAndWait(page, [{ name, content: Uint8Array.from(bytes) }], "error");
      assert.match(await text(page, "[role=alert]"), words);
    }
  }),
);

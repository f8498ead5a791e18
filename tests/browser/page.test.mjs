// The first visit and what one can do without a file: pictures, cursor, keyboard, demo stays, method.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { file, picture, pictures, text, visit } from "./browser.mjs";
import { acting, choose } from "./doing.mjs";
import { engine, once, pages } from "./pages.mjs";
import { ROOT, serve } from "./server.mjs";

const DEMOS = JSON.parse(readFileSync(join(ROOT, "www/stays/index.json"), "utf8"));

const stage = pages();
const { on } = stage;

/** Chooses a demo stay and waits for its pictures. */
async function pick(page, demo) {
  await acting(page, () => page.select("#demo-stay", demo));
}

test("the first visit shows an explained demo stay, and asks no other host for anything", () =>
  on(async (page, { complaints, requests }) => {
    assert.deepEqual(complaints, []);
    assert.ok(
      requests.every((url) => url.startsWith(stage.server.origin) || /^(?:data|blob):/.test(url)),
      requests.join("\n"),
    );
    // What page and worker both read is asked for by both.
    const isOfBoth = (url) => /\/www\/(outputs|method-fields)\.js$/.test(url);
    const own = requests.filter((url) => url.startsWith(stage.server.origin) && !isOfBoth(url));
    assert.equal(new Set(own).size, own.length, `each file is asked for once:\n${own.join("\n")}`);
    const seen = await pictures(page);
    for (const [name, { colours, width, height }] of Object.entries(seen)) {
      assert.ok(colours > 20, `${name} has ${colours} colours`);
      assert.ok(width >= 48 * (name === "lrp" ? 8 : 4) && height >= 17 * 16, `${name} is ${width} x ${height}`);
    }
    for (const name of ["input", "gradient"])
      assert.ok(seen.lrp.width >= 2 * seen[name].width, "the relevance is the largest picture");
    assert.equal(new Set(Object.values(seen).map(({ digest }) => digest)).size, 3);
  }));

once(
  "the engine starts and reads the network while the page's modules come; without that the page starts it",
  async () => {
    const isFirst = (path) => /^\/www\/main\.js$/.test(path);
    const slow = await serve({ stall: isFirst });
    const bare = await serve({ refuse: (path) => path.endsWith("/early.js") });
    const { browser } = stage.running;
    try {
      const page = await browser.newPage();
      // It never ends: a module of the page does not come.
      page.goto(slow.page).catch(() => {});
      const wanted = ["vitrine_bg.wasm", "in-hospital-mortality.onnx"];
      const isThere = (name) => slow.requests.some((path) => path.endsWith(name));
      for (const end = Date.now() + 60_000; !wanted.every(isThere) && Date.now() < end;)
        await new Promise((done) => setTimeout(done, 50));
      assert.deepEqual(wanted.filter(isThere), wanted);
      assert.equal(page.workers().length, 1);
      await page.close();
      const { page: later } = await visit(browser, bare.page);
      assert.equal(later.workers().length, 1);
      await later.close();
    } finally {
      await slow.close();
      await bare.close();
    }
  },
);

test("the probability is the engine's", () =>
  on(async (page) => {
    const { model, Stay } = await engine();
    const record = await file(`www/stays/${DEMOS[0].file}`);
    const [expected] = model.predict(Stay.parse(record.toString(), model).input);
    const shown = Number(await page.$eval("#probability", (output) => output.dataset.value));
    assert.ok(Math.abs(shown - expected) < 1e-6, `${shown} for ${expected}`);
    assert.equal(await text(page, "#probability"), `${(100 * expected).toFixed(1)}%`);
  }));

test("every pixel is as the engine painted it", () =>
  on(async (page) => {
    const expected = await page.evaluate(async (demo) => {
      const it = await import("../pkg/vitrine.js");
      await it.default();
      const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
      const paths = ["", "-2", "-3", "-4", "-5"].map((seed) => `models/in-hospital-mortality${seed}.onnx`);
      const model = new it.Models(await Promise.all(paths.map(bytes))).asOne();
      const stay = it.Stay.parse(await (await fetch(`stays/${demo}`)).text(), model);
      const root = getComputedStyle(document.documentElement);
      const hex = (colour) =>
        `#${colour
          .match(/\d+/g)
          .map((byte) => Number(byte).toString(16).padStart(2, "0"))
          .join("")}`;
      const options = {
        cellHeight: parseInt(root.getPropertyValue("--row")),
        groupGap: parseInt(root.getPropertyValue("--group-gap")),
        scaling: document.querySelector("#scaling").value,
        background: hex(getComputedStyle(document.body).backgroundColor),
        ink: hex(getComputedStyle(document.body).color),
      };
      const painted = async (name, kind, explanation) => {
        const canvas = document.createElement("canvas");
        const { width } = document.querySelector(`canvas[data-grid=${name}]`);
        it.paint(canvas, kind, model, stay, explanation, { ...options, width });
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
        return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      };
      return {
        input: await painted("input", "input"),
        lrp: await painted("lrp", "relevance", model.explain(stay.input)),
        gradient: await painted("gradient", "relevance", model.explain(stay.input, { method: "gradient" })),
      };
    }, DEMOS[0].file);
    for (const [name, { digest }] of Object.entries(await pictures(page))) assert.equal(digest, expected[name], name);
  }));

once(
  "the title says what became of the patient, and the captions are the paper's where its pictures are asked for",
  () =>
    on(async (page) => {
      const title = await text(page, "#title");
      assert.ok(title.startsWith(DEMOS[0].name), title);
      assert.match(title, DEMOS[0].trueLabel ? /Outcome: died/ : /Outcome: survived/);
      assert.match(title, /(Above|Below) the threshold \(50%\)$/);
      const captions = await page.$$eval("figcaption", (all) => all.map((one) => one.textContent));
      assert.deepEqual(
        captions.map((caption) => caption.match(/Description: (\w+)/)[1]),
        ["lrp", "inp", "grd"],
      );
    }),
);

once("axes, channel names and colour bars carry what they should", () =>
  on(async (page) => {
    const hours = await page.$$eval(".pane:first-of-type .axis span", (all) => all.map((one) => one.textContent));
    assert.deepEqual(hours, ["0 h", "6", "12", "18", "24", "30", "36", "42", "48"]);
    const labels = await page.$$eval("#labels .row", (all) => all.map((one) => one.textContent));
    assert.equal(new Set(labels).size, 17);
    const ticks = await page.$$eval(".ticks", (all) =>
      all.map((one) => [...one.children].map((tick) => tick.textContent)),
    );
    assert.deepEqual(ticks[1], ["0", "4"], "normal, and far outside");
    assert.equal(ticks[0][0].replace("−", "+"), ticks[0][2]);
    assert.match(ticks[0][2], /^\+0\.\d+$/);
    assert.equal(ticks[2][0], "0");
  }),
);

test("labels stand beside their rows", () =>
  on(async (page) => {
    await page.focus('canvas[data-grid="lrp"]');
    for (let row = 0; row < 17; row++) {
      const [label, cursor] = await page.evaluate(() =>
        ["#labels .row.at", ".pane[data-pane=lrp] .cursor"].map(
          (it) => document.querySelector(it).getBoundingClientRect().top,
        ),
      );
      assert.ok(Math.abs(label - cursor) < 1, `row ${row}: label at ${label}, cells at ${cursor}`);
      await page.keyboard.press("ArrowDown");
    }
  }));

test("the keyboard moves one cursor over all pictures, and the readout says what stands there", () =>
  on(async (page) => {
    await page.focus('canvas[data-grid="gradient"]');
    await page.keyboard.press("End");
    await page.waitForFunction(() => /47–48 h/.test(document.querySelector("#readout").textContent));
    // The record and the gradient are narrower: the cell stands at the same share of each.
    const cursors = await page.$$eval(".cursor", (all) =>
      all.map((one) => {
        const share = parseFloat(one.style.left) / one.closest(".plot").getBoundingClientRect().width;
        return `${share.toFixed(4)} ${one.style.top} ${one.hidden}`;
      }),
    );
    assert.deepEqual([cursors.length, new Set(cursors).size], [3, 1]);
    for (const key of ["PageUp", "ArrowLeft", "ArrowDown"]) await page.keyboard.press(key);
    // The row that was gone to last, too: each key has an answer of its own.
    await page.waitForFunction(() => {
      const [readout, label] = ["#readout", "#labels .row.at"].map((it) => document.querySelector(it).textContent);
      return readout.includes("40–41 h") && readout.includes(label);
    });
    const readout = await text(page, "#readout");
    const label = await text(page, "#labels .row.at");
    assert.ok(readout.includes(label), `${readout} names ${label}`);
    assert.match(readout, /observed|carried forward, \d+ h old|filled with the normal value/);
    assert.match(readout, /(raises|lowers) the predicted risk|no effect/);
    assert.match(readout, /Share of all(< )?[\d.]+%/);
    const spoken = await text(page, "#spoken");
    assert.ok(spoken.includes(label) && spoken.includes("40–41 h") && spoken.includes("relevance"), spoken);
    await page.keyboard.press("Home");
    await page.waitForFunction(() => /0–1 h/.test(document.querySelector("#readout").textContent));
  }));

test("the pointer does the same, and its numbers are the engine's", () =>
  on(async (page) => {
    const { model, Stay, inspect } = await engine();
    const stay = Stay.parse((await file(`www/stays/${DEMOS[0].file}`)).toString(), model);
    const names = model.manifest.channels.map(({ label }) => label);
    const row = names.indexOf("Systolic BP");
    const cell = inspect(
      model,
      stay,
      row,
      45,
      model.explain(stay.input),
      model.explain(stay.input, { method: "gradient" }),
    );
    const box = await (await page.$('canvas[data-grid="lrp"]')).boundingBox();
    const label = await page.$$eval("#labels .row", (all) => {
      const { top, height } = all.find((one) => one.textContent === "Systolic BP").getBoundingClientRect();
      return top + height / 2;
    });
    await page.mouse.move(box.x + (45.5 / 48) * box.width, label);
    await page.waitForFunction(() => /45–46 h/.test(document.querySelector("#readout").textContent));
    const readout = await text(page, "#readout");
    assert.ok(
      readout.includes("Systolic BP") && readout.includes(`${Number(cell.value.toPrecision(5))} mmHg`),
      readout,
    );
    const shown = Number(readout.match(/Relevance([+−][\d.]+)/)[1].replace("−", "-"));
    assert.ok(Math.abs(shown / cell.relevance.value - 1) < 0.006, `${shown} for ${cell.relevance.value}`);
    assert.ok(readout.includes(`${(100 * cell.relevance.valueShare).toFixed(1).replace(/\.0$/, "")}%`), readout);
  }));

test("every demo stay opens with pictures of its own", () =>
  on(async (page, { complaints }) => {
    const digests = new Set();
    for (const demo of DEMOS) {
      await pick(page, demo.file);
      assert.ok((await text(page, "#title")).startsWith(demo.name));
      assert.ok((await text(page, "#title")).includes("synthetic"));
      digests.add((await picture(page, "lrp")).digest);
    }
    assert.equal(digests.size, DEMOS.length);
    assert.deepEqual(complaints, []);
  }));

test("a method's options reach the picture of the relevance and nothing else", () =>
  on(async (page) => {
    const first = await pictures(page);
    const account = await text(page, "#ledger");
    await choose(page, { "#epsilon": "1" });
    const second = await pictures(page);
    assert.notEqual(second.lrp.digest, first.lrp.digest);
    assert.equal(second.input.digest, first.input.digest);
    assert.equal(second.gradient.digest, first.gradient.digest);
    assert.notEqual(await text(page, "#ledger"), account);
    for (const [id, value] of [
      ["gates", "half"],
      ["rule", "arras2019"],
      ["explain", "score"],
      ["bias-factor", "1"],
    ]) {
      const before = await picture(page, "lrp");
      await choose(page, { [`#${id}`]: value });
      assert.notEqual((await picture(page, "lrp")).digest, before.digest, id);
    }
    // At bias factor 1 everything is accounted for: the residual is rounding.
    assert.match(await text(page, "#residual"), /Residual (0|[+−][\d.]+ × 10⁻(\d|[⁰¹²³⁴⁵⁶⁷⁸⁹])+)/);
  }));

once("a number out of range is refused in words, and the picture stays", () =>
  on(async (page) => {
    const first = await pictures(page);
    await choose(page, { "#epsilon": "-1" }, "error");
    assert.match(await text(page, "[role=alert]"), /^Not explained\. epsilon/);
    assert.deepEqual(await pictures(page), first);
    await choose(page, { "#epsilon": "0.01" });
    assert.equal(await text(page, "[role=alert]"), "");
    assert.deepEqual(await pictures(page), first);
  }),
);

test("the page opens with what is compared with nothing known, says what the engine's summary says, and goes to the paper's pictures and back", () =>
  on(
    async (page) => {
      const { model, Stay, summary } = await engine();
      const stay = Stay.parse(String(await file("www/stays/septic-shock_timeseries.csv")), model);
      const told = summary(model, stay, model.explain(stay.input, { method: "deep-shap" }));
      const opened = await text(page, "#reading");
      assert.ok(told.raising.length > 0 || told.raisingTogether.without < told.probability);
      for (const { channel, hours, without } of told.raising) {
        assert.ok(without < told.probability, `${channel} raises`);
        assert.ok(opened.includes(`${channel} `) && opened.includes(`(${hours[0]}–${hours[1]} h; without it `), opened);
        assert.ok(opened.includes(`${(100 * without).toFixed(1)}%`), opened);
      }
      assert.deepEqual(
        await page.evaluate(() => [
          document.querySelector("#method-kind").value,
          document.querySelector("#part").value,
        ]),
        ["deep-shap", "both"],
      );
      const before = (await picture(page, "lrp")).digest;
      await page.click("#as-paper");
      await changed(page, "lrp", before);
      assert.deepEqual(
        await page.evaluate(() => [
          document.querySelector("#method-kind").value,
          document.querySelector("#part").value,
        ]),
        ["lrp", "value"],
      );
      const paper = (await picture(page, "lrp")).digest;
      await page.click("#as-paper");
      await changed(page, "lrp", paper);
      assert.equal((await picture(page, "lrp")).digest, before);
      assert.equal(await text(page, "#reading"), opened);
    },
    { hash: "" },
  ));

once("the relevance of being measured can be seen alone and together with the values", () =>
  on(async (page) => {
    const digests = new Set([(await picture(page, "lrp")).digest]);
    for (const part of ["mask", "both"]) {
      const before = (await picture(page, "lrp")).digest;
      await page.select("#part", part);
      await changed(page, "lrp", before);
      digests.add((await picture(page, "lrp")).digest);
      // The words count values and being measured together, whatever the picture shows.
      assert.match(await text(page, "#reading"), /^Raised by /);
      assert.match(await text(page, "#rests"), /^Rests on 17 of 17 variables/);
    }
    assert.equal(digests.size, 3);
  }),
);

once("palettes change the colours and the sentence about them", () =>
  on(async (page) => {
    assert.match(await text(page, "#colours"), /^Orange raised the predicted risk, purple lowered it/);
    const before = (await picture(page, "lrp")).digest;
    await page.select("#palette", "seismic");
    await changed(page, "lrp", before);
    assert.match(await text(page, "#colours"), /^Red raised the predicted risk, blue lowered it/);
  }),
);

/** Waits until a picture is another one. */
async function changed(page, name, digest) {
  for (let tries = 0; tries < 100; tries++) {
    if ((await picture(page, name)).digest !== digest) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail(`the picture of ${name} did not change`);
}

test("a host page paints with the package itself, on either kind of canvas, as often as it likes", () =>
  on(async (page) => {
    const seen = await page.evaluate(async () => {
      const {
        default: init,
        Model,
        Stay,
        paint,
        gridLayout,
      } = await import(new URL("../pkg/vitrine.js", document.baseURI).href);
      await init();
      const load = (path) => fetch(new URL(path, document.baseURI));
      const model = new Model(new Uint8Array(await (await load("models/in-hospital-mortality.onnx")).arrayBuffer()));
      const stay = Stay.parse(await (await load("stays/septic-shock_timeseries.csv")).text(), model);
      const explanation = model.explain(stay.input, undefined);
      const pixels = (canvas, ...rest) => {
        paint(canvas, ...rest);
        return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.join();
      };
      const element = () => document.createElement("canvas");
      const offscreen = () => new OffscreenCanvas(1, 1);
      const input = pixels(element(), "input", model, stay);
      const relevance = pixels(element(), "relevance", model, stay, explanation);
      const none = { width: undefined, palette: undefined, limit: undefined, marks: undefined, background: undefined };
      const refused = (run) => {
        try {
          run();
        } catch (error) {
          return `${error.name}: ${error.message}`;
        }
      };
      const answer = {
        offscreen: pixels(offscreen(), "input", model, stay) === input,
        undefinedRest: pixels(offscreen(), "input", model, stay, undefined, undefined) === input,
        again: pixels(offscreen(), "relevance", model, stay, explanation) === relevance,
        undefinedFields: pixels(element(), "relevance", model, stay, explanation, none) === relevance,
        differ: input !== relevance,
        layout: gridLayout(model, none).width === gridLayout(model).width,
        foreign: refused(() => paint(element(), "relevance", model, stay, {})),
        options: refused(() => paint(element(), "input", model, stay, undefined, 5)),
        canvas: refused(() => paint(document.body, "input", model, stay)),
      };
      explanation.free();
      answer.freed = refused(() => paint(element(), "relevance", model, stay, explanation));
      return answer;
    });
    const { foreign, freed, options, canvas, ...same } = seen;
    for (const [what, holds] of Object.entries(same)) assert.equal(holds, true, what);
    for (const refusal of [foreign, freed])
      assert.match(refusal, /^VitrineError: .*explanation: is none, or was freed/);
    assert.match(options, /^VitrineError: .*options: must be an object/);
    assert.match(canvas, /^VitrineError: .*canvas: must be a canvas/);
  }));

test("the notice, the sentence on patents and the model's card stand on the page", () =>
  on(async (page) => {
    const notice = await text(page, ".notice");
    for (const part of [
      "Research and education only",
      "Not a medical device",
      "Relevance is not causation",
      "Nothing you open leaves this page",
    ]) {
      assert.ok(notice.includes(part), part);
    }
    assert.ok(
      await page.$eval(".notice", (it) => it.getBoundingClientRect().bottom <= innerHeight + 0.5),
      "always in sight",
    );
    assert.match(await text(page, "#about"), /LRP may be covered by patents for commercial use/);
    const facts = await text(page, "#facts");
    assert.match(facts, /PhysioNet/);
    assert.match(facts, /48 steps of 1 h, 76 columns, 17 channels/);
  }));

test("nothing is stored", () =>
  on(async (page) => {
    const kept = await page.evaluate(async () => ({
      local: localStorage.length,
      session: sessionStorage.length,
      cookies: document.cookie,
      databases: (await indexedDB.databases()).length,
      caches: (await caches.keys()).length,
    }));
    assert.deepEqual(kept, { local: 0, session: 0, cookies: "", databases: 0, caches: 0 });
  }));

test("the page works from any path of a static host", async () => {
  const elsewhere = await serve({ prefix: "/hospital/tools/vitrine" });
  try {
    const { page, complaints } = await visit(stage.running.browser, elsewhere.page);
    assert.deepEqual(complaints, []);
    assert.ok((await picture(page, "lrp")).colours > 20);
    await page.close();
  } finally {
    await elsewhere.close();
  }
});

// The examples, as a reader runs them: the portal with its list of patients, the element, SMART on FHIR. And the
// messages, when a host does not keep to them.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";

import { smartServer } from "../../examples/smart/server.mjs";
import { single } from "../../tools/single.mjs";
import { BROWSER, drop, eventually, file, launch, settled, shoot, text } from "./browser.mjs";
import { engine as bare } from "./pages.mjs";
import { ROOT, serve } from "./server.mjs";

const PATIENCE = { timeout: 60_000, polling: 100 };
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
/** Where `make single` writes it, and where the examples look for it. */
const MADE = join(ROOT, "target/vitrine.html");
const HOSTED = join(ROOT, "target/examples/elsewhere.html");
const noClient = spawnSync(join(ROOT, "tools/fhirclient.sh")).status !== 0 && "fhirclient cannot be fetched here";

let server;
before(async () => {
  await single({ pkg: PKG, out: MADE });
  await single({ pkg: PKG, out: HOSTED, hosts: "https://portal.example" });
  server = await serve({ isKept: true });
});
after(() => server?.close());

describe(BROWSER, () => {
  let engine;
  before(async () => (engine = await launch()));
  after(async () => engine?.close());

  async function on(path, run) {
    const page = await engine.browser.newPage();
    const complaints = [];
    page.on("console", (message) => ["error", "warn"].includes(message.type()) && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    try {
      await page.setViewport({ width: 1500, height: 900 });
      await page.goto(`${server.origin}${path}`);
      await run(page, complaints);
    } finally {
      await page.close();
    }
  }

  const PORTAL = "/examples/portal/index.html";

  test("the portal opens a patient in the sandboxed pane and shows what comes back", () =>
    on(PORTAL, async (page) => {
      await page.waitForFunction(() => document.body.dataset.state === "ready", PATIENCE);
      await page.click('tr[data-file="stable_timeseries.csv"] button');
      await page.waitForFunction(() => document.body.dataset.shown === "stable_timeseries.csv", PATIENCE);
      assert.match(await text(page, "tr[aria-current] td:last-child"), /^\d+(\.\d)?%$/);
      assert.match(await text(page, "#reasons"), /^Raised by .*Lowered by/);
      await page.click("#assessment");
      await page.waitForFunction(() => !document.querySelector("#resource").hidden, PATIENCE);
      const resource = JSON.parse(await page.$eval("#resource", (element) => element.textContent));
      assert.equal(resource.resourceType, "RiskAssessment");
      assert.equal(resource.meta.security[0].code, "AIAST");
      const shown = parseFloat(await text(page, "tr[aria-current] td:last-child"));
      assert.ok(Math.abs(100 * resource.prediction[0].probabilityDecimal - shown) <= 0.051);
      await shoot(page, `example-portal-${BROWSER}`);
    }));

  test("messages: models, FHIR, methods, themes, and what is refused, in words", () =>
    on(PORTAL, async (page) => {
      await page.waitForFunction(() => document.body.dataset.state === "ready", PATIENCE);
      const onnx = (await file("tests/fixtures/exporters/torch_torchscript.onnx")).toString("base64");
      const seen = await page.evaluate(async (base64) => {
        const { Explainer } = await import("/examples/host.js");
        const frame = document.querySelector("#explainer");
        const explainer = await Explainer.connect(frame, "/target/vitrine.html?again");
        const ask = (type, payload) => explainer.request(type, payload).catch((error) => ({ refused: error.message }));
        const observation = (minute) => ({
          resourceType: "Observation",
          status: "final",
          code: { coding: [{ system: "http://loinc.org", code: "8867-4" }] },
          subject: { reference: "Patient/a" },
          effectiveDateTime: `2030-01-02T00:${minute}:00Z`,
          valueQuantity: { value: 80, code: "/min" },
        });
        const news = new Promise((done) =>
          explainer.addEventListener("vitrine.prediction", ({ detail }) => done(detail.prediction), { once: true }),
        );
        const first = await ask("vitrine.stay.load", { name: "two", resource: [observation(10), observation(40)] });
        const heard = (await news).probability;
        return {
          first,
          news: heard,
          table: await ask("vitrine.stay.load", { name: "two.csv", text: "Hours,Heart Rate\n0,80\n0.5,80\n" }),
          json: await ask("vitrine.stay.load", {
            name: "two.json",
            resource: [
              { time: 0, variable: "Heart Rate", value: 80, unit: "/min" },
              { time: 0.5, variable: "Heart Rate", value: 80, unit: "/min" },
            ],
          }),
          score: await ask("vitrine.method.set", { method: "lrp", explain: "score", epsilon: 0.1 }),
          otherField: await ask("vitrine.method.set", { reference: "own", referenceHours: 6 }),
          theme: await ask("vitrine.theme.set", { theme: "dark" }),
          model: await ask("vitrine.model.load", {
            name: "other.onnx",
            onnx: Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer,
          }),
          badTheme: await ask("vitrine.theme.set", { theme: "pink" }),
          badMethod: await ask("vitrine.method.set", { epsilom: 1 }),
          badStay: await ask("vitrine.stay.load", { name: "bad.csv", text: "no record" }),
          badModel: await ask("vitrine.model.load", { onnx: "text" }),
          csv: await ask("vitrine.export", { kind: "csv" }),
          svg: await ask("vitrine.export", { kind: "svg" }),
          view: await ask("vitrine.export", { kind: "view" }),
          badExport: await ask("vitrine.export", { kind: "pdf" }),
          unknown: await ask("vitrine.launch.rockets", {}),
          after: await ask("vitrine.prediction.get"),
        };
      }, onnx);
      assert.equal(seen.first.prediction.stay.rowsRead, 2);
      assert.equal(seen.first.prediction.stay.source.patient, "Patient/a");
      assert.equal(typeof seen.news, "number");
      for (const other of [seen.table, seen.json])
        assert.equal(other.prediction?.probability, seen.first.prediction.probability, JSON.stringify(other));
      assert.equal(seen.score.status, "ok");
      assert.equal(seen.theme.status, "ok");
      assert.notEqual(seen.model.prediction.probability, seen.first.prediction.probability);
      assert.match(seen.badTheme.refused, /payload\.theme/);
      assert.match(seen.badMethod.refused, /payload\.epsilom/);
      assert.match(seen.otherField.refused, /payload\.reference: .* lrp does not use it/);
      assert.match(seen.badStay.refused, /bad\.csv: record: line 1/);
      assert.match(seen.badModel.refused, /payload\.onnx/);
      assert.match(seen.csv.content, /Heart rate/i);
      assert.match(seen.svg.content, /^<svg[\s\S]*Not a medical device/i);
      assert.equal(typeof JSON.parse(seen.view.content), "object");
      assert.match(seen.badExport.refused, /payload\.kind: is not one of risk-assessment, csv, svg, png, report, view/);
      assert.match(seen.unknown.refused, /"vitrine\.launch\.rockets" is not known/);
      assert.equal(seen.after.prediction.probability, seen.model.prediction.probability, "the last good state stays");
      assert.match(seen.after.prediction.notice, /Not a medical device/);
    }));

  /** The explainer inside the portal. */
  const pane = (page) => page.frames().find((it) => it.url().includes("vitrine.html"));

  test("what the reader tries out is no risk of the patient's in the list", () =>
    on(PORTAL, async (page) => {
      await page.waitForFunction(() => document.body.dataset.state === "ready", PATIENCE);
      await page.click('tr[data-file="stable_timeseries.csv"] button');
      await page.waitForFunction(() => document.body.dataset.shown === "stable_timeseries.csv", PATIENCE);
      const risk = () => text(page, "tr[aria-current] td:last-child");
      const before = await risk();
      await pane(page).$eval("#replay-hour", (slider) => {
        slider.value = "6";
        slider.dispatchEvent(new Event("input", { bubbles: true }));
      });
      await page.waitForFunction(() => document.body.dataset.record === "false", PATIENCE);
      assert.equal(await risk(), before);
      assert.match(await text(page, "#hypothetical"), /first 6 h known/);
      await page.click("#assessment");
      await page.waitForFunction(() => !document.querySelector("#resource").hidden, PATIENCE);
      const { extension, note } = JSON.parse(await page.$eval("#resource", (it) => it.textContent));
      const said = Object.fromEntries(
        extension[0].extension.map(({ url, ...value }) => [url, Object.values(value)[0]]),
      );
      assert.equal(said["known-hours"], 6);
      assert.equal(said["as-read"], false);
      assert.ok(note.some((it) => /As of hour 6/.test(it.text)));
      await pane(page).$eval("#strip button", (it) => it.click());
      await page.waitForFunction(() => document.body.dataset.record === "true", PATIENCE);
      assert.equal(await text(page, "#hypothetical"), "");
    }));

  test("a file that the reader drops into the pane is not the host's, unless the pane was loaded to share it", () =>
    on(PORTAL, async (page) => {
      await page.waitForFunction(() => document.body.dataset.state === "ready", PATIENCE);
      const seen = await page.evaluate(async () => {
        const { Explainer } = await import("/examples/host.js");
        const frame = document.querySelector("#explainer");
        globalThis.explainer = await Explainer.connect(frame, "/target/vitrine.html?own");
        globalThis.told = [];
        for (const type of ["vitrine.prediction", "vitrine.withheld"])
          globalThis.explainer.addEventListener(type, ({ detail }) => told.push([type, detail]));
        return (
          await globalThis.explainer.request("vitrine.stay.load", {
            name: "host.csv",
            text: "Hours,Heart Rate\n0,80\n",
          })
        ).prediction;
      });
      assert.equal(seen.isOfRecord, true);
      assert.deepEqual(Object.keys(seen.state).sort(), [
        "agreement",
        "coverage",
        "edits",
        "knownHours",
        "method",
        "part",
        "verdict",
      ]);
      assert.deepEqual([seen.state.edits, seen.state.knownHours, seen.state.verdict], [0, null, null]);
      assert.equal(seen.state.method.method, "deep-shap");
      const dropInto = async (frame) => {
        await frame.evaluate(() => (document.body.dataset.state = "asked"));
        await drop(frame, [{ name: "Jane Doe.csv", content: "Hours,Heart Rate\n0,180\n" }]);
        await settled(frame);
      };
      await dropInto(pane(page));
      const ask = (kind) =>
        page.evaluate(
          (it) =>
            globalThis.explainer.request("vitrine.export", { kind: it }).then(
              () => "taken",
              (error) => error.message,
            ),
          kind,
        );
      for (const kind of ["csv", "svg", "view", "risk-assessment"])
        assert.match(await ask(kind), /file of their own/, kind);
      const told = await page.evaluate(() => JSON.stringify(told));
      assert.doesNotMatch(told, /Jane/);
      assert.equal(JSON.parse(told).at(-1)[0], "vitrine.withheld");
      assert.equal(
        await page.evaluate(async () => (await globalThis.explainer.request("vitrine.prediction.get")).prediction),
        undefined,
      );
      assert.match(await text(pane(page), ".notice"), /Nothing you open leaves this page\.$/);
      assert.match(
        await text(pane(page), "#privacy"),
        /pane of http:\/\/127[.\d:]+. That page is told .* nothing that you open here/,
      );
      // What the host opens next is its own again.
      await page.evaluate(() =>
        globalThis.explainer.request("vitrine.stay.load", { name: "host.csv", text: "Hours,Heart Rate\n0,80\n" }),
      );
      assert.equal(await ask("csv"), "taken");
      await page.evaluate(async () => {
        const { Explainer } = await import("/examples/host.js");
        globalThis.explainer = await Explainer.connect(
          document.querySelector("#explainer"),
          "/target/vitrine.html?shared",
          { share: "opened" },
        );
      });
      await settled(pane(page));
      await dropInto(pane(page));
      assert.equal(await ask("csv"), "taken");
      // Nowhere does it promise what is not so then.
      for (const place of ["#privacy", ".notice"]) {
        const said = await text(pane(page), place);
        assert.match(said, /your own files too/, place);
        assert.doesNotMatch(said, /Nothing you open leaves|nothing is sent/i, place);
      }
    }));

  /** The findings of a summary: what a message, the element and the engine name alike, with their shares. */
  const findings = ({ probability, raising, lowering, raisingTogether, loweringTogether, assumed, coverage }) =>
    JSON.parse(
      JSON.stringify({ probability, raising, lowering, raisingTogether, loweringTogether, assumed, coverage }),
    );

  test("the element, the messages, the page and its report say of a stay what the engine's summary says, to the digit", async () => {
    const network = await file("www/models/in-hospital-mortality.onnx");
    const { model, Stay, summary } = await bare({ isOfOne: true });
    for (const name of ["brain-injury_timeseries.csv", "respiratory-failure_timeseries.csv"]) {
      const record = String(await file(`www/stays/${name}`));
      const stay = Stay.parse(record, model, { name });
      const said = findings(summary(model, stay, model.explain(stay.input, { method: "deep-shap" })));
      assert.ok(said.raising.length > 0 && said.raising.every(({ share }) => share > 0), name);
      await on("/examples/element/index.html", async (page) => {
        await page.waitForFunction(() => document.querySelector("#last").textContent, PATIENCE);
        const prediction = await page.evaluate(
          (it) => document.querySelector("vitrine-explainer").load({ record: it }),
          { name, text: record },
        );
        assert.deepEqual(findings(prediction), said, name);
      });
      await on(PORTAL, async (page) => {
        await page.waitForFunction(() => document.body.dataset.state === "ready", PATIENCE);
        const told = await page.evaluate(
          async (base64, it) => {
            const { Explainer } = await import("/examples/host.js");
            const frame = document.querySelector("#explainer");
            const explainer = await Explainer.connect(frame, "/target/vitrine.html?same");
            const onnx = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer;
            await explainer.request("vitrine.model.load", { name: "network.onnx", onnx });
            const { prediction } = await explainer.request("vitrine.stay.load", it);
            const { content } = await explainer.request("vitrine.export", { kind: "report" });
            return { prediction, report: content };
          },
          network.toString("base64"),
          { name, text: record },
        );
        assert.deepEqual(findings(told.prediction), said, name);
        const shown = await text(pane(page), "#reading");
        for (const { channel, without } of [...said.raising, ...said.lowering])
          for (const words of [shown, told.report]) {
            assert.ok(words.includes(channel), `${channel}: ${words}`);
            assert.ok(words.includes(`without it ${(100 * without).toFixed(1)}%`), `${channel}: ${words}`);
          }
        assert.ok(told.report.includes(shown), shown);
      });
    }
  });

  test("a host that is not on the list gets no handshake", () =>
    on(PORTAL, async (page) => {
      await page.waitForFunction(() => document.body.dataset.state === "ready", PATIENCE);
      const heard = await page.evaluate(
        () =>
          new Promise((done) => {
            const types = [];
            document.querySelector("#explainer").src = "/target/examples/elsewhere.html#handle=any";
            addEventListener("message", ({ data }) => types.push(data?.messageType));
            setTimeout(() => done(types), 6000);
          }),
      );
      assert.deepEqual(heard, []);
    }));

  test("the element explains its record, follows its attributes and tells its page", () =>
    on("/examples/element/index.html", async (page, complaints) => {
      await page.waitForFunction(
        () => /septic-shock.*in-hospital mortality \d+\.\d%/.test(document.querySelector("#last").textContent),
        PATIENCE,
      );
      const look = () =>
        page.evaluate(() => {
          const { shadowRoot: root, prediction } = document.querySelector("vitrine-explainer");
          const canvas = root.querySelector("figure[data-name=lrp] canvas");
          const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
          copy.drawImage(canvas, 0, 0);
          const pixels = new Uint32Array(copy.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
          return {
            colours: new Set(pixels).size,
            some: String(pixels.slice(0, 40_000)),
            prediction,
            alert: root.querySelector("[role=alert]").textContent,
            shown: getComputedStyle(root.querySelector("figure[data-name=input]")).display,
          };
        });
      const first = await look();
      assert.ok(first.colours > 10, `${first.colours} colours`);
      assert.ok(first.prediction.raising.length > 0);
      assert.equal(first.shown, "block", "three pictures side by side where there is room");
      const misplaced = await page.evaluate(() => {
        const element = document.querySelector("vitrine-explainer");
        element.method = { epsilon: 1 };
        const { textContent } = element.shadowRoot.querySelector("[role=alert]");
        // The error goes with the next answer.
        element.method = { method: "deep-shap" };
        return textContent;
      });
      assert.match(misplaced, /method\.epsilon: is of lrp alone; deep-shap does not use it/);
      const said = await page.evaluate(() => {
        const { shadowRoot: root } = document.querySelector("vitrine-explainer");
        const texts = (selector) => [...root.querySelectorAll(selector)].map((it) => it.textContent.trim());
        return {
          figures: texts("figcaption b"),
          groups: texts(".labels b"),
          hours: texts("figure[data-name=lrp] .axis span"),
          article: root.querySelector("article").textContent,
        };
      });
      assert.deepEqual(said.figures, ["What raised or lowered the risk", "Record", "How touchy it is here"]);
      assert.deepEqual(said.groups, ["Neurological", "Haemodynamic", "Respiratory", "Metabolic", "Static"]);
      assert.deepEqual([said.hours[0], said.hours.at(-1)], ["0 h", "48"]);
      assert.match(said.article, /Risk of in-hospital mortality, threshold 50%/);
      assert.match(said.article, /Rests on 17 of 17 variables, 48 of 48 hours/);
      assert.match(said.article, /● observed\s+— carried forward/);
      // What the host does with what it opened is not the element's to promise.
      assert.doesNotMatch(said.article, /leaves this page/);
      const far = await page.evaluate(() => {
        const { shadowRoot: root } = document.querySelector("vitrine-explainer");
        return [...root.querySelectorAll(".legend")].map((it) => {
          const [bar, end] = [it.querySelector("canvas"), it.querySelectorAll("span")[1]];
          return Math.abs(bar.getBoundingClientRect().right - end.getBoundingClientRect().right);
        });
      });
      assert.ok(
        far.every((pixels) => pixels < 12),
        `the end of a scale stands at its bar's: ${far}`,
      );
      assert.match(said.article, /Raised most by .*without it \d/);
      await page.waitForFunction(
        () => document.querySelector("vitrine-explainer").prediction.state.verdict !== null,
        PATIENCE,
      );
      const verdict = await page.evaluate(() => {
        const it = document.querySelector("vitrine-explainer");
        return [it.prediction.state.verdict, it.shadowRoot.querySelector("[part=verdict]").textContent];
      });
      assert.ok(verdict[1].startsWith(`Explanation: ${verdict[0]}`), verdict.join());
      const cell = await page.evaluate(() => {
        const { shadowRoot: root } = document.querySelector("vitrine-explainer");
        const row = [...root.querySelectorAll(".labels span")].find((it) => it.textContent === "Mean BP");
        const { right } = root.querySelector("figure[data-name=lrp] .cells").getBoundingClientRect();
        const { top, height } = row.getBoundingClientRect();
        row.scrollIntoView({ block: "center" });
        const moved = row.getBoundingClientRect().top - top;
        return [right - 3, top + moved + height / 2];
      });
      await page.mouse.move(cell[0], cell[1]);
      const card = () =>
        page.evaluate(
          () => document.querySelector("vitrine-explainer").shadowRoot.querySelector("[part=card]").textContent,
        );
      await page.waitForFunction(
        () =>
          /Without it/.test(
            document.querySelector("vitrine-explainer").shadowRoot.querySelector("[part=card]").textContent,
          ),
        PATIENCE,
      );
      assert.match(await card(), /^Mean BP, 47–48 h[\d.]+ mmHgobserved; normal 70–100;.*raises.*Without it: \d/);
      await page.mouse.down();
      await page.mouse.up();
      await page.keyboard.press("ArrowLeft");
      await page.waitForFunction(
        () =>
          /^Mean BP, 46–47 h.*Without it/.test(
            document.querySelector("vitrine-explainer").shadowRoot.querySelector("[part=card]").textContent,
          ),
        PATIENCE,
      );
      const themed = await page.evaluate(() => {
        const element = document.querySelector("vitrine-explainer");
        const colours = () => [
          getComputedStyle(element).color,
          getComputedStyle(element.shadowRoot.querySelector("[part=reading]")).color,
        ];
        const before = colours();
        element.style.setProperty("--vitrine-ink", "rgb(1, 2, 3)");
        const after = colours();
        element.style.removeProperty("--vitrine-ink");
        return [before, after];
      });
      assert.notDeepEqual(...themed);
      assert.deepEqual(themed[1], ["rgb(1, 2, 3)", "rgb(1, 2, 3)"], "the page's own colours reach into it");
      await shoot(page, `example-element-${BROWSER}`);
      const painted = page.evaluate(
        () => new Promise((done) => document.addEventListener("vitrine-prediction", () => done(true), { once: true })),
      );
      await page.select("#palette", "rdbu");
      await painted;
      assert.notEqual((await look()).some, first.some);
      const refused = await page.evaluate(
        () =>
          new Promise((done) => {
            document.addEventListener("vitrine-error", ({ detail, composed }) => done([detail.message, composed]), {
              once: true,
            });
            document.querySelector("vitrine-explainer").record = "no record";
          }),
      );
      assert.match(refused[0], /record: line 1/);
      assert.equal(refused[1], true);
      assert.equal((await look()).prediction.probability, first.prediction.probability, "the last good state stays");
      await page.setViewport({ width: 480, height: 800 });
      await page.waitForFunction(
        () =>
          getComputedStyle(
            document.querySelector("vitrine-explainer").shadowRoot.querySelector("figure[data-name=input]"),
          ).display === "none",
        PATIENCE,
      );
      const cut = await page.evaluate(() => {
        const it = document.querySelector("vitrine-explainer").shadowRoot.querySelector("figcaption");
        return it.scrollHeight > it.clientHeight || it.scrollWidth > it.clientWidth;
      });
      assert.equal(cut, false, "a caption is read whole");
      assert.deepEqual(complaints, []);
    }));

  test("SMART on FHIR: launched, read page by page, explained in the pane", { skip: noClient }, async () => {
    const fhir = await smartServer();
    try {
      await on(`/examples/smart/launch.html?iss=${encodeURIComponent(fhir.url)}&launch=xyz`, async (page) => {
        await eventually(
          page,
          () => location.pathname.endsWith("index.html") && ["ready", "error"].includes(document.body.dataset.state),
        );
        assert.equal(await text(page, "#error"), "");
        assert.match(
          await text(page, "#status"),
          new RegExp(`^${fhir.observations} of ${fhir.observations} observations used\\. Risk \\d`),
        );
        assert.equal(fhir.pages(), Math.ceil(fhir.observations / 10));
        assert.equal(
          await page.evaluate(() => sessionStorage.length),
          0,
          "the token is gone when the frame has the data",
        );
        await shoot(page, `example-smart-${BROWSER}`);
      });
      // Who writes the link does not choose who is asked for leave.
      await on(
        `/examples/smart/launch.html?iss=${encodeURIComponent("http://localhost:1/fhir")}&launch=xyz`,
        async (page) => {
          await page.waitForFunction(() => document.querySelector("#error").textContent !== "", PATIENCE);
          assert.match(page.url(), /launch\.html/);
        },
      );
    } finally {
      await fhir.close();
    }
  });
});

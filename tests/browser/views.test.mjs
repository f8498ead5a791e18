// Saved views that claim what is not so, what stays on the screen and in the engine when something fails, and what the page
// says where its scripts do not run.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";

import { PATIENCE, dropAndWait, isFirefox, isOneFile, settled, text } from "./browser.mjs";
import { acting, pressing } from "./doing.mjs";
import { once, pages } from "./pages.mjs";
import { ROOT, serve } from "./server.mjs";

const CASES = join(ROOT, "tests/fixtures/cases/views");
const it = pages();
const { on } = it;

/** What the page would take away now. */
const taken = (page, type = "takeCsv") =>
  page.evaluate(
    async (type) => (await import(new URL("page.js", document.baseURI).href)).engine.request(type, undefined),
    type,
  );

/** Whose numbers those are. */
const owner = async (page) => /^# Data: (.*?) \(SHA-256/m.exec(await taken(page))?.[1];

/** Makes the changes of a case. */
function changed(view, { change }) {
  for (const { path, value, fill, at = {} } of change) {
    const keys = path.split(".");
    const last = keys.pop();
    const parent = keys.reduce((place, key) => place[key], view);
    if (value !== undefined) parent[last] = value;
    if (fill !== undefined) parent[last].fill(fill);
    for (const [index, one] of Object.entries(at)) parent[last][index] = one;
  }
  return view;
}

once(
  "a saved view that claims what the engine does not find is refused, and nothing of it is left",
  { skip: isOneFile && "it has no modules to ask" },
  () =>
    on(async (page) => {
      const view = JSON.parse(await taken(page, "takeJson"));
      const title = await text(page, "#title");
      for (const file of readdirSync(CASES)) {
        const content = JSON.stringify(
          changed(structuredClone(view), JSON.parse(readFileSync(join(CASES, file), "utf8"))),
        );
        await dropAndWait(page, [{ name: file, content }], "error");
        assert.match(
          await text(page, "[role=alert]"),
          /the file was changed|no such method|explanations\.options/,
          file,
        );
        assert.equal(await text(page, "#title"), title, file);
        assert.equal(await owner(page), "septic-shock_timeseries.csv", file);
      }
      await dropAndWait(page, [{ name: "mine.json", content: JSON.stringify(view) }], "ready");
      // The readings are those of the demo stay, so that it keeps its name and its label.
      const opened = await text(page, "#title");
      assert.match(opened, /^Septic shock.*\(from the saved view mine\.json\)/);
      const label = title.slice(title.indexOf("Outcome:"));
      assert.ok(opened.endsWith(label) && !label.includes("not known"), `${opened}, before ${title}`);
      assert.match(
        await page.$eval("#report .saved", (it) => it.textContent),
        /explained anew.*the record itself is not at hand/,
      );
      const assessment = JSON.parse(
        await page.evaluate(async () =>
          (await import(new URL("page.js", document.baseURI).href)).engine.request("riskAssessment", {}),
        ),
      );
      assert.equal(assessment.basis, undefined);
      assert.match(JSON.stringify(assessment.note), /Out of a saved view/);
      // A record that only bears a demo stay's name is none.
      await dropAndWait(
        page,
        [{ name: "septic-shock_timeseries.csv", content: "Hours,Heart Rate\n0.5,96\n" }],
        "ready",
      );
      const own = await taken(page, "takeJson");
      await dropAndWait(page, [{ name: "own.json", content: own }], "ready");
      assert.match(
        await text(page, "#title"),
        /^septic-shock_timeseries\.csv \(from the saved view own\.json\).*not known/,
      );
    }),
);

test(
  "where a stay cannot be drawn, screen and engine go back to the one before",
  { skip: isOneFile && "it has no modules to ask" },
  () =>
    on(async (page) => {
      const title = await text(page, "#title");
      await page.evaluate(async () => {
        const { onShow } = await import(new URL("page.js", document.baseURI).href);
        onShow((view) => {
          if (view.stay?.name === "odd.csv") throw new Error("a view that cannot draw it");
        });
      });
      await dropAndWait(page, [{ name: "odd.csv", content: "Hours,Heart Rate\n0.5,96\n" }], "error");
      assert.match(await text(page, "[role=alert]"), /a view that cannot draw it/);
      await page.waitForFunction(
        (wanted) => document.querySelector("#title").textContent.replace(/\s+/g, " ").trim() === wanted,
        { timeout: PATIENCE },
        title,
      );
      assert.equal(await owner(page), "septic-shock_timeseries.csv");
      await dropAndWait(page, [{ name: "even.csv", content: "Hours,Heart Rate\n0.5,96\n" }], "ready");
      assert.equal(await owner(page), "even.csv");
    }),
);

test(
  "what is taken away is of the stay on the screen, or of none",
  { skip: isOneFile && "it has no modules to ask" },
  () =>
    on(async (page) => {
      const refused = await page.evaluate(async () => {
        const { engine } = await import(new URL("page.js", document.baseURI).href);
        // Somebody opens another stay behind the page's back.
        await engine.open({ stay: { name: "other.csv", text: "Hours,Heart Rate\n0.5,96\n" } });
        const asked = ["takeCsv", "takeJson", "takeAccount", "riskAssessment"].map((type) =>
          engine.request(type, {}).then(
            () => type,
            (error) => error.message,
          ),
        );
        return Promise.all(asked);
      });
      for (const message of refused) assert.match(message, /what is on screen is not what the engine has open/);
      await dropAndWait(page, [{ name: "mine.csv", content: "Hours,Heart Rate\n0.5,96\n" }], "ready");
      assert.equal(await owner(page), "mine.csv");
      await acting(page, () => page.select("#demo-stay", "stable_timeseries.csv"));
      assert.equal(await owner(page), "stable_timeseries.csv");
    }),
);

test(
  "a manifest beside a model is named, and that it took the place of the one inside",
  { skip: isFirefox && "as in Chromium" },
  () =>
    on(async (page) => {
      const onnx = readFileSync(join(ROOT, "www/models/in-hospital-mortality.onnx"));
      const manifest = JSON.parse(
        readFileSync(join(ROOT, "tests/fixtures/cases/manifests/labels-swapped.json"), "utf8"),
      );
      await dropAndWait(
        page,
        [
          { name: "mine.onnx", content: onnx },
          { name: "swapped.json", content: JSON.stringify(manifest) },
        ],
        "error",
      );
      assert.match(await text(page, "[role=alert]"), /Heart Rate/);
      for (const [one, label] of [
        ["Heart Rate", "Heart rate"],
        ["Glucose", "Glucose"],
      ])
        manifest.channels.find(({ name }) => name === one).label = label;
      await dropAndWait(
        page,
        [
          { name: "mine.onnx", content: onnx },
          { name: "mine.json", content: JSON.stringify(manifest) },
        ],
        "ready",
      );
      assert.match(
        await page.$eval("#facts", (it) => it.textContent),
        /mine\.json, in place of the one in the model's file/,
      );
    }),
);

for (const [what, options] of [
  ["a script is missing", { refuse: (path) => path.endsWith("/page.js") }],
  [
    "scripts come as something else",
    { types: { ".js": "text/plain" }, headers: { "X-Content-Type-Options": "nosniff" } },
  ],
  ["the page is opened from a folder", undefined],
]) {
  test(
    `where ${what}, the page says that its scripts have not run, and what to do`,
    { skip: (isOneFile || (isFirefox && !options)) && "another file" },
    async () => {
      const server = options && (await serve(options));
      const page = await it.running.browser.newPage();
      try {
        await page.goto(server?.page ?? pathToFileURL(join(ROOT, "www/index.html")).href);
        await page.waitForFunction(
          () => getComputedStyle(document.querySelector(".unscripted")).visibility === "visible",
          { timeout: PATIENCE, polling: 200 },
        );
        assert.match(await page.$eval(".unscripted", (it) => it.innerText), /have not run.*make serve.*vitrine\.html/);
      } finally {
        await page.close();
        await server?.close();
      }
    },
  );
}

test("where scripts run, nothing is said of them", () =>
  on(async (page) => {
    await settled(page);
    assert.equal(await page.$eval(".unscripted", (it) => getComputedStyle(it).display), "none");
  }));

test("the address names view and demo stay, back returns to them, and files are called after what they show", () =>
  on(async (page) => {
    const hash = async () => new URLSearchParams(await page.evaluate(() => location.hash.slice(1)));
    const here = async () => [(await hash()).get("view"), (await hash()).get("stay")];
    const back = (view, title) =>
      page
        .evaluate(() => history.back())
        .then(() =>
          page.waitForFunction(
            (wanted, name) =>
              document.body.dataset.view === wanted &&
              document.body.dataset.state === "ready" &&
              document.querySelector("#title").textContent.startsWith(name),
            { timeout: PATIENCE },
            view,
            title,
          ),
        );
    assert.deepEqual(await here(), [null, null]);
    await acting(page, () => page.select("#demo-stay", "brain-injury_timeseries.csv"));
    assert.deepEqual(await here(), [null, "brain-injury"]);
    await pressing(page, "#view-tab-compare");
    assert.deepEqual(await here(), ["compare", "brain-injury"]);
    const whole = await page.evaluate(() => location.hash);
    await back("stay", "Traumatic brain injury");
    assert.deepEqual(await here(), [null, "brain-injury"]);
    const saved = await page.evaluate(async () => {
      const { click } = HTMLAnchorElement.prototype;
      const name = new Promise((done) => {
        HTMLAnchorElement.prototype.click = function () {
          done(this.download);
        };
      });
      [...document.querySelectorAll("#export button")].find((it) => /SVG/.test(it.textContent)).click();
      const called = await name;
      HTMLAnchorElement.prototype.click = click;
      return called;
    });
    assert.equal(saved, "vitrine-brain-injury-48h.svg");
    await settled(page);
    await back("stay", "Septic shock");
    assert.deepEqual(await here(), [null, null]);
    // A record of the reader's own has no place in an address.
    await dropAndWait(page, [{ name: "Jane Doe.csv", content: "Hours,Heart Rate\n0,180\n" }], "ready");
    assert.doesNotMatch(await page.evaluate(() => location.href), /Jane|stay/);
    // Back leads to another view of it, and to no other stay in its place.
    await pressing(page, "#view-tab-compare");
    await back("stay", "Jane Doe");
    await page.click("#view-tab-cohort");
    await back("stay", "Jane Doe");
    // Opened by its address.
    await page.evaluate((it) => history.replaceState(null, "", it), whole);
    await page.reload();
    await page.waitForFunction(() => document.querySelectorAll(".compare-pictures canvas").length >= 4, {
      timeout: PATIENCE,
    });
    assert.match(await text(page, ".compare-who"), /^Traumatic brain injury/);
  }));

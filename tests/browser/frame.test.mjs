// The sandboxed frame that embedding.md recommends, whole: every control in it is pressed and does something, over http and
// https; the embedded face shows a stay and nothing beside it; and what the host may set and is told.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer as createHttp } from "node:http";
import { createServer as createHttps } from "node:https";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";

import { single } from "../../tools/single.mjs";
import {
  BROWSER,
  PATIENCE as browserPatience,
  drop,
  dropAndWait,
  launch,
  settled,
  sheets,
  shoot,
  text,
} from "./browser.mjs";
import { ROOT } from "./server.mjs";

const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const PATIENCE = { timeout: browserPatience, polling: 100 };
/** What browsers say when a sandbox keeps something from being done. */
const REFUSED = /sandbox|Blocked|Ignored call|allow-(?:forms|modals|popups|same-origin)|NotAllowed|permissions policy/i;
const HOST = `<!doctype html><meta charset="utf-8"><title>host</title>
<style>html, body, iframe { margin: 0; border: 0; width: 100%; height: 100%; display: block; }</style>
<iframe title="Vitrine" sandbox="allow-scripts allow-downloads"></iframe>`;

let folder, engine, hosts;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitrine-frame-"));
  const { html } = await single({ pkg: PKG, out: join(folder, "vitrine.html") });
  const host = await readFile(join(ROOT, "examples/host.js"));
  const pages = {
    "/": [HOST, "text/html"],
    "/vitrine.html": [html, "text/html; charset=utf-8"],
    "/host.js": [host, "text/javascript"],
  };
  hosts = { http: await listen(createHttp, pages), https: await listen(createHttps, pages, certificate(folder)) };
  engine = await launch({ args: ["--ignore-certificate-errors"], acceptInsecureCerts: true });
});
after(async () => {
  await engine?.close();
  for (const host of Object.values(hosts ?? {})) await host?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A certificate of this machine's own, or nothing where it cannot make one. */
function certificate(place) {
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(place, name));
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = spawnSync("openssl", [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-keyout",
    key,
    "-out",
    cert,
    ...subject,
  ]);
  return made.status === 0 ? { key, cert } : undefined;
}

async function listen(create, pages, secret) {
  if (create === createHttps && !secret) return undefined;
  const options = secret ? { key: await readFile(secret.key), cert: await readFile(secret.cert) } : {};
  const server = create(options, (request, response) => {
    const [body, type] = pages[new URL(request.url, "http://x").pathname] ?? ["", "text/plain"];
    response.writeHead(body ? 200 : 404, { "Content-Type": type });
    response.end(body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const close = () => new Promise((done) => (server.closeAllConnections(), server.close(done)));
  return { url: `${secret ? "https" : "http"}://127.0.0.1:${server.address().port}`, close };
}

/** Connects a host with the page in its frame, and runs a test on both. */
async function on(host, settings, run, { state = "ready" } = {}) {
  const page = await engine.browser.newPage();
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  try {
    await page.setViewport({ width: 1366, height: 800 });
    await page.goto(`${host.url}/`);
    await page.evaluate(async (given) => {
      const { Explainer } = await import("/host.js");
      globalThis.told = [];
      globalThis.explainer = await Explainer.connect(document.querySelector("iframe"), "/vitrine.html", given);
      for (const type of [
        "vitrine.prediction",
        "vitrine.cursor",
        "vitrine.height",
        "vitrine.withheld",
        "vitrine.error",
      ])
        globalThis.explainer.addEventListener(type, ({ detail }) => globalThis.told.push([type, detail]));
    }, settings);
    const frame = page.frames().find((it) => it.url().includes("vitrine.html"));
    await settled(frame, state);
    await run(frame, page, complaints);
  } finally {
    await page.close();
  }
}

const ask = (page, type, payload) =>
  page.evaluate(
    (kind, it) => globalThis.explainer.request(kind, it).catch((error) => ({ refused: error.message })),
    type,
    payload,
  );

/** The controls that a reader can press now, each by a name of its own. Runs in the page, as text. */
function controls(within) {
  const all = document.querySelectorAll(`${within} :is(button, summary, select, input:not([type=file]))`);
  return [...all]
    .filter(
      (it) =>
        it.checkVisibility?.({ visibilityProperty: true }) !== false && !it.disabled && it.getClientRects().length > 0,
    )
    .filter((it) => !it.closest("dialog:not([open])"))
    .map((it) => {
      const place = it.closest("[id]:not(button, select, input)")?.id ?? "";
      const words = it.matches("select, input")
        ? it.name || it.id || it.ariaLabel
        : it.textContent.replace(/[\d.,%−–-]+/g, "#").trim();
      it.dataset.pressed = `${place}: ${it.tagName} ${it.type ?? ""} ${words}`.slice(0, 90);
      return it.dataset.pressed;
    });
}

/** Presses a control, and says whether anything came of it. Runs in the page, as text. */
async function push(name) {
  const it = [...document.querySelectorAll("[data-pressed]")].find(
    (one) => one.dataset.pressed === name && one.isConnected,
  );
  if (!it || it.disabled) return "gone";
  let n = 0;
  const watch = new MutationObserver((records) => (n += records.length));
  watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  const click = HTMLAnchorElement.prototype.click;
  HTMLAnchorElement.prototype.click = function () {
    n += 1;
    if (!this.download) click.call(this);
  };
  const key = (type) => it.dispatchEvent(new KeyboardEvent(type, { key: "Enter", bubbles: true, cancelable: true }));
  it.scrollIntoView({ block: "center" });
  it.focus();
  const before = it.value;
  if (it.matches("select")) {
    it.selectedIndex = it.selectedIndex === it.options.length - 1 ? 0 : it.selectedIndex + 1;
    it.dispatchEvent(new Event("change", { bubbles: true }));
  } else if (it.matches("input[type=checkbox]")) {
    it.click();
  } else if (it.matches("input[type=range]")) {
    it.value = String(Number(it.max) - 1);
    it.dispatchEvent(new Event("input", { bubbles: true }));
  } else if (it.matches("input")) {
    it.value = it.inputMode || it.type === "number" ? String(Math.max(1, Number(before) - 1)) : it.value;
    it.dispatchEvent(new Event("change", { bubbles: true }));
    key("keydown");
  } else it.click();
  // What follows an action follows soon; what is under way is waited for.
  const start = performance.now();
  const isUnderWay = () =>
    ["busy", "loading"].includes(document.body.dataset.state) || document.body.hasAttribute("data-behind");
  do await new Promise((done) => setTimeout(done, 20));
  while (isUnderWay() ? performance.now() < start + 20_000 : n === 0 && performance.now() < start + 2000);
  watch.disconnect();
  HTMLAnchorElement.prototype.click = click;
  for (const dialog of document.querySelectorAll("dialog[open]")) if (!dialog.contains(it)) dialog.dataset.opened = "";
  const said = document.body.dataset.state === "error" ? document.querySelector("[role=alert]").textContent : "";
  return { n, said };
}

/** What takes long is asked once elsewhere; what would leave the view is pressed last. */
const LONG =
  /What would have to change|How far can I believe|Check them all|Check this engine|cohort-trust|Read the demo stays|Shapley|tour/;
/** Enter in a field that stands for no value, and what is shown already, change nothing. */
const STILL = /compared|whatif-value|replay-hour/;

async function pressAll(frame, view) {
  // What stands beside every view has been pressed beside the first.
  const within = view === "stay" ? "body" : `#view-${view}`;
  const [pressed, dead, errors] = [new Set(), [], []];
  for (let rounds = 0; rounds < 8; rounds++) {
    const fresh = (await frame.evaluate(controls, within)).filter(
      (name) => !pressed.has(name) && !LONG.test(name) && !/^views:|language/.test(name),
    );
    if (fresh.length === 0) break;
    for (const name of fresh) {
      if (pressed.has(name)) continue;
      pressed.add(name);
      await frame.evaluate(controls, within);
      const what = await frame.evaluate(`(${push})(${JSON.stringify(name)})`);
      // It may come again with what the next presses bring.
      if (what === "gone") {
        pressed.delete(name);
        continue;
      }
      if (what.n === 0 && !STILL.test(name)) dead.push(name);
      if (what.said && !/choose two to four/.test(what.said)) errors.push(`${name}: ${what.said}`);
      // A dialog stands before everything else.
      await frame.evaluate(() => document.querySelectorAll("dialog[open]").forEach((it) => it.close("cancel")));
      await frame.evaluate((id) => document.querySelector(`#view-tab-${id}`)?.click(), view);
    }
  }
  return { pressed: [...pressed], dead, errors };
}

describe(BROWSER, () => {
  for (const scheme of ["http", "https"]) {
    test(`every control in the sandboxed frame does something, over ${scheme}`, { timeout: 600_000 }, async (it) => {
      if (!hosts[scheme]) return it.skip("openssl is not here to make a certificate");
      await on(hosts[scheme], { method: "gradient-x-input" }, async (frame, _, complaints) => {
        // The same controls over both: over https the views that have their own buttons are enough.
        for (const view of scheme === "http" ? ["stay", "compare"] : ["compare"]) {
          await frame.evaluate((id) => document.querySelector(`#view-tab-${id}`).click(), view);
          // What is chosen of a comparison acts on the one that is there.
          if (view === "compare") {
            await frame.$eval("#compare-run", (it) => it.click());
            await frame.waitForFunction(
              () => document.querySelectorAll(".compare-pictures canvas").length >= 4,
              PATIENCE,
            );
            await settled(frame);
          }
          const { pressed, dead, errors } = await pressAll(frame, view);
          assert.ok(pressed.length >= (view === "stay" ? 50 : 8), `${view}: ${pressed.length}`);
          assert.deepEqual([dead, errors], [[], []], `${view}: of ${pressed.length} controls`);
        }
        assert.deepEqual(
          complaints.filter((line) => REFUSED.test(line)),
          [],
        );
        for (const way of scheme === "http" ? await frame.$$("#export button") : []) {
          const name = await way.evaluate((it) => (it.dataset.pressed = `export: ${it.textContent}`));
          const { n, said } = await frame.evaluate(`(${push})(${JSON.stringify(name)})`);
          assert.ok(n > 1 && said === "", `${name}: ${n} ${said}`);
        }
        const ways = await frame.$$eval("#export button", (all) => all.map((one) => one.textContent));
        assert.ok(!ways.some((one) => /Copy|paper/.test(one)), "what a sandbox forbids is not there");
        assert.ok(ways.some((one) => /Report as a file/.test(one)));
      });
    });
  }

  test("what was dead in the sandbox works: Set, Enter, Compare, the dialog of columns", () =>
    on(hosts.http, {}, async (frame, page) => {
      const log = () => frame.$$eval(".whatif-log li", (all) => all.length);
      const value = (it) => frame.$eval("#whatif-value", (field, to) => (field.value = to), it);
      const done = () => frame.waitForFunction(() => document.body.dataset.state === "ready", PATIENCE);
      // The heart rate: a number, whatever stands first by its relevance.
      await ask(page, "vitrine.view.set", { cursor: { row: 4, step: 10 } });
      await frame.waitForFunction(() => document.querySelector("#whatif-value").dataset.cell === "4 10", PATIENCE);
      await value("66");
      await frame.$eval("#whatif", (it) =>
        [...it.querySelectorAll("button")].find((one) => one.textContent === "Set").click(),
      );
      await frame.waitForFunction(() => document.querySelectorAll(".whatif-log li").length === 1, PATIENCE);
      await done();
      await value("77");
      await frame.focus("#whatif-value");
      await frame.$eval("#whatif-value", (it) =>
        it.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true })),
      );
      await frame.waitForFunction(() => /77/.test(document.querySelector(".whatif-log").textContent), PATIENCE);
      assert.ok((await log()) >= 1);
      await done();
      await frame.$eval("#view-tab-compare", (it) => it.click());
      await frame.$eval("#compare-run", (it) => it.click());
      await frame.waitForFunction(() => document.querySelectorAll(".compare-pictures canvas").length >= 4, PATIENCE);
      const table = { name: "other.csv", content: "when,what,how much\n0,Heart Rate,80\n1,Heart Rate,90\n" };
      for (const [button, shown] of [
        ["Cancel", false],
        ["Open", true],
      ]) {
        await done();
        await drop(frame, [table]);
        await frame.waitForSelector("dialog.record[open]", PATIENCE);
        if (shown)
          await frame.$$eval("dialog.record select", (all) =>
            ["when", "what", "how much"].forEach((it, at) => (all[at].value = it)),
          );
        const push = (words) =>
          frame.$$eval("dialog.record button", (all, it) => all.find((one) => one.textContent === it).click(), words);
        await push(button);
        if (shown) {
          await frame.waitForFunction(
            () => document.querySelectorAll("dialog.record fieldset legend").length >= 1,
            PATIENCE,
          );
          await frame.waitForFunction(
            () => /Variables/.test(document.querySelector("dialog.record")?.textContent ?? ""),
            PATIENCE,
          );
          await push("Open");
        }
        await frame.waitForFunction(() => !document.querySelector("dialog.record"), PATIENCE);
        await settled(frame);
        assert.equal(/other\.csv/.test(await text(frame, "#title")), shown, button);
        assert.equal(await text(frame, "[role=alert]"), "");
      }
    }));

  test("the embedded face shows a stay and nothing beside it, and takes no files", () =>
    on(hosts.http, { embed: "stay" }, async (frame, page) => {
      assert.match(await text(frame, "#title"), /Waiting for a record/);
      assert.equal((await ask(page, "vitrine.prediction.get")).prediction, undefined, "no patient of the page's own");
      const record = await readFile(join(ROOT, "www/stays/septic-shock_timeseries.csv"), "utf8");
      const { prediction } = await ask(page, "vitrine.stay.load", { name: "bed 7", text: record });
      assert.equal(prediction.isOfRecord, true);
      await settled(frame);
      const seen = await frame.evaluate(() =>
        ["#demo-stay", "#views", "#network", "#stay-file", "#hint", "#language"].filter((it) =>
          document.querySelector(it)?.checkVisibility(),
        ),
      );
      assert.deepEqual(seen, []);
      assert.equal(await frame.$eval("#probability", (it) => it.checkVisibility()), true);
      await shoot(page, `frame-face-${BROWSER}`);
      await drop(frame, [{ name: "other.csv", content: "Hours,Heart Rate\n0,180\n" }]);
      await new Promise((done) => setTimeout(done, 300));
      assert.match(await text(frame, "#title"), /bed 7/);
    }));

  test("the host sets the view and hears of it", () =>
    on(hosts.http, { embed: "stay" }, async (frame, page) => {
      const record = await readFile(join(ROOT, "www/stays/stable_timeseries.csv"), "utf8");
      await ask(page, "vitrine.stay.load", { name: "bed 8", text: record });
      const set = (it) => ask(page, "vitrine.view.set", it);
      const { prediction } = await set({
        language: "hy",
        theme: "dark",
        palette: "vik",
        part: "mask",
        zoom: [12, 36],
        cursor: { row: 3, step: 20 },
      });
      assert.equal(prediction.state.part, "mask");
      const now = () =>
        frame.evaluate(() => ({
          language: document.documentElement.lang,
          theme: document.documentElement.dataset.theme,
          palette: document.querySelector("#palette").value,
          hours: document.querySelector('[data-cells="lrp"] [role=gridcell]').getAttribute("aria-colindex"),
        }));
      assert.deepEqual(await now(), { language: "hy", theme: "dark", palette: "vik", hours: "22" });
      await shoot(page, `frame-dark-${BROWSER}`);
      // Of both, being measured stands at the feet of the rows, unless the host wants it added.
      for (const [asked, seen] of [
        [{ part: "both" }, "true,true"],
        [{ track: "none" }, "false,false"],
        [{ track: "foot" }, "true,true"],
      ]) {
        await set(asked);
        await frame.waitForFunction(
          (wanted) => [...document.querySelectorAll(".track-note")].map((it) => !it.hidden).join() === wanted,
          {},
          seen,
        );
      }
      assert.equal((await set({ knownHours: 12, language: "en" })).prediction.state.knownHours, 12);
      assert.equal((await set({ knownHours: null })).prediction.isOfRecord, true);
      assert.equal(
        (await ask(page, "vitrine.method.set", { method: "gradient-x-input" })).prediction.state.method.method,
        "gradient-x-input",
      );
      for (const [asked, words] of [
        [{ palette: "pink" }, /payload\.palette/],
        [{ track: "side" }, /payload\.track: is not one of "foot", "none"/],
        [{ cursor: { row: 99, step: 0 } }, /payload\.cursor\.row: is not a whole number from 0 to 16/],
        [{ zoom: [40, 400] }, /payload\.zoom/],
        [{ theme: "light", colour: 1 }, /payload\.colour: is not one of face,/],
      ])
        assert.match((await set(asked)).refused, words);
      assert.equal((await now()).theme, "dark", "all or nothing");
      // Both ways.
      await frame.focus('[data-cells="lrp"] [role=gridcell]');
      await frame.$eval('[data-cells="lrp"] [role=gridcell]', (it) =>
        it.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true })),
      );
      await page.waitForFunction(
        () => globalThis.told.some(([type, it]) => type === "vitrine.cursor" && it.step === 21),
        PATIENCE,
      );
      const told = await page.evaluate(() => globalThis.told);
      assert.ok(told.some(([type, it]) => type === "vitrine.height" && it.height > 300));
    }));

  test("what fails is told to the host, and of the reader's own files only that something failed", () =>
    on(hosts.http, {}, async (frame, page) => {
      const errors = () =>
        page.evaluate(() => globalThis.told.filter(([type]) => type === "vitrine.error").map(([, it]) => it));
      const { refused } = await ask(page, "vitrine.stay.load", { name: "bed 9", text: "no record" });
      await page.waitForFunction(() => globalThis.told.some(([type]) => type === "vitrine.error"), PATIENCE);
      assert.deepEqual(await errors(), [{ outcome: "Not opened", message: refused }]);
      await dropAndWait(frame, [{ name: "Jane Doe.csv", content: "no record" }], "error");
      await page.waitForFunction(
        () => globalThis.told.filter(([type]) => type === "vitrine.error").length === 2,
        PATIENCE,
      );
      assert.deepEqual((await errors()).at(-1), { outcome: "Not opened" });
    }));

  test("the host takes picture and report: one file, one page, no network", () =>
    on(hosts.http, { embed: "stay" }, async (_, page) => {
      const record = await readFile(join(ROOT, "www/stays/septic-shock_timeseries.csv"), "utf8");
      await ask(page, "vitrine.stay.load", { name: "bed 9", text: record });
      const png = await page.evaluate(async () => {
        const { type, content } = await globalThis.explainer.request("vitrine.export", { kind: "png" });
        return [type, [...content.slice(0, 4)]];
      });
      assert.deepEqual(png, ["image/png", [0x89, 0x50, 0x4e, 0x47]]);
      await ask(page, "vitrine.view.set", { knownHours: 30 });
      const { type, content } = await ask(page, "vitrine.export", { kind: "report" });
      assert.equal(type, "text/html");
      assert.match(content, /bed 9[\s\S]*What|First 30 h known/);
      assert.match(content, /class="strip">First 30 h known/);
      assert.match(content, /Not a medical device/);
      assert.doesNotMatch(content, /<script|(?:src|href)="(?!#)/);
      const report = await engine.browser.newPage();
      try {
        await report.setContent(content);
        assert.equal(await sheets(report), 1);
        await shoot(report, `frame-report-${BROWSER}`, { fullPage: true });
      } finally {
        await report.close();
      }
    }));
});

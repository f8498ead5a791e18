// Proof that nothing leaves: every known way out is tried from inside the page, and knocks at a canary on 127.0.0.1.
// The same page without its policy has to leak by the same ways, or the test would prove nothing.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

import { single } from "../../tools/single.mjs";
import { BROWSER, PATIENCE, dropAndWait, isFirefox, launch, settled, text } from "./browser.mjs";
import { LEAVE, canary, knock } from "./canary.mjs";
import { ROOT, serve } from "./server.mjs";

/** How long a knock may take to arrive. */
const SETTLE_MS = 2500;
/**
 * What a browser does not do even without any policy, so that it proves nothing: a worker from another origin is refused
 * by all; prefetching wants an idle network, and Firefox preloads only what it will use.
 */
const NOT_TRIED = { chromium: ["worker", "prefetch"], firefox: ["worker", "prefetch", "preload", "modulepreload"] };
const RECORD = "Hours,Heart Rate,pH\n0.5,96,7.31\n20,140,7.2\n";

let folder, made, file, bird, host;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitrine-leak-"));
  file = join(folder, "vitrine.html");
  made = await single({ pkg: join(ROOT, process.env.VITRINE_PKG?.replace(`${ROOT}/`, "") ?? "pkg"), out: file });
  bird = await canary();
  host = await hosts(made.html);
});
after(async () => {
  await host?.close();
  await bird?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The page without its policy and without its guard; and a host that embeds the real one in a sandbox. */
async function hosts(html) {
  const open = html
    .replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "")
    .replace(/<script>[^<]*vitrineGuard[\s\S]*?<\/script>/, "");
  assert.notEqual(open, html);
  const pages = {
    "/open.html": [open, {}],
    "/vitrine.html": [html, {}],
    "/host.html": [
      '<!doctype html><title>host</title><iframe src="vitrine.html" sandbox="allow-scripts allow-downloads" width="1200" height="800"></iframe>',
      { "Content-Security-Policy": "default-src 'none'; frame-src 'self'" },
    ],
  };
  const server = createServer((request, response) => {
    const [body, headers] = pages[new URL(request.url, "http://x").pathname] ?? ["", {}];
    response.writeHead(body ? 200 : 404, { "Content-Type": "text/html; charset=utf-8", ...headers });
    response.end(body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const close = () => new Promise((done) => (server.closeAllConnections(), server.close(done)));
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** The page has its first picture; `frame` is the page or a frame of it. */
async function ready(frame) {
  for (let tries = 0; tries < 600; tries++) {
    const state = await frame.evaluate(() => document.body?.dataset.state).catch(() => "");
    if (state === "ready") return;
    if (state === "error")
      throw new Error(await frame.evaluate(() => document.querySelector("[role=alert]").textContent));
    await wait(100);
  }
  throw new Error("no picture after a minute");
}

async function embedded(page) {
  for (let tries = 0; tries < 100; tries++) {
    const frame = page.frames().find((it) => it.url().endsWith("vitrine.html"));
    if (frame) return frame;
    await wait(100);
  }
  throw new Error("the host page has no frame");
}

/** What a page of this origin has stored, by every way there is to store something. */
function kept(page) {
  return page.evaluate(async () => {
    const files = [];
    // From a file, and in Firefox's private windows, there may be none.
    const folder = await navigator.storage?.getDirectory?.().catch(() => undefined);
    if (folder) for await (const name of folder.keys()) files.push(name);
    return {
      local: localStorage.length,
      session: sessionStorage.length,
      cookies: document.cookie,
      databases: (await indexedDB.databases?.()) ?? [],
      caches: (await globalThis.caches?.keys().catch(() => [])) ?? [],
      files,
      workers: ((await navigator.serviceWorker?.getRegistrations().catch(() => [])) ?? []).length,
    };
  });
}
const NOTHING_KEPT = { local: 0, session: 0, cookies: "", databases: [], caches: [], files: [], workers: 0 };

describe(BROWSER, () => {
  let engine;
  before(async () => (engine = await launch()));
  after(async () => engine?.close());

  async function on(address, run) {
    const page = await engine.browser.newPage();
    try {
      bird.clear();
      await page.goto(address);
      await run(page);
    } finally {
      // A page that was left in the middle of it may never say that it is closed.
      await Promise.race([page.close(), wait(10_000)]);
    }
  }

  /** The ways by which knocks arrived. */
  async function tried(frame) {
    const ways = await frame.evaluate(`(${knock})(${JSON.stringify({ url: bird.url, stun: bird.stun })})`);
    await wait(SETTLE_MS);
    return { ways, hits: bird.hits() };
  }

  test("without the policy, the same page leaks by every way: the test can fail", () =>
    on(`${host.url}/open.html`, async (page) => {
      await ready(page);
      const { ways, hits } = await tried(page);
      const closed = ways.filter((way) => !hits.has(way) && !NOT_TRIED[BROWSER].includes(way));
      assert.deepEqual(closed, [], "ways that did not leak without a policy");
    }));

  test("from a file, nothing leaks, and the page says what was refused", () =>
    on(String(pathToFileURL(file)), async (page) => {
      await ready(page);
      const { ways, hits } = await tried(page);
      assert.ok(ways.length >= 35);
      assert.deepEqual([...hits], []);
      const refused = await page.evaluate(() => vitrineGuard.violations.length);
      assert.ok(refused >= 15, `${refused} violations`);
      assert.match(await text(page, "#privacy"), new RegExp(`${refused} attempts refused`));
    }));

  test("in a sandboxed frame nothing leaks", () =>
    on(`${host.url}/host.html`, async (page) => {
      const frame = await embedded(page);
      await ready(frame);
      assert.deepEqual([...(await tried(frame)).hits], []);
    }));

  // A policy does not keep a page from being left; a sandbox and the host's policy do.
  for (const [way, leave] of Object.entries(LEAVE)) {
    const go = `(${leave})(${JSON.stringify({ url: "URL" })})`;
    const left = async (frame) => {
      // A page that was left may never answer; and on a busy machine it is left late.
      await Promise.race([frame.evaluate(go.replace("URL", bird.url)).catch(() => {}), wait(SETTLE_MS)]);
      const hits = () => [...bird.hits()].filter((hit) => hit === way);
      for (let k = 0; k < 20 && hits().length === 0; k++) await wait(100);
      return hits();
    };
    test(`by leaving (${way}) an open page leaks, and the sandboxed one does not`, async () => {
      if (way !== "ping" || !isFirefox) {
        await on(`${host.url}/open.html`, async (page) => assert.deepEqual(await left(page), [way]));
      }
      await on(`${host.url}/host.html`, async (page) => assert.deepEqual(await left(await embedded(page)), []));
    });
  }

  test("a whole session of the file asks for nothing and keeps nothing", () =>
    on(String(pathToFileURL(file)), async (page) => {
      await ready(page);
      const asked = [];
      page.on("request", (request) => asked.push(request.url()));
      await dropAndWait(page, [{ name: "mine.csv", content: RECORD }], "ready");
      await page.select("#demo-stay", await page.$eval("#demo-stay", (list) => list.options[2].value));
      await wait(300);
      await settled(page);
      await page.$eval("#epsilon", (field) => {
        field.value = "0.1";
        field.dispatchEvent(new Event("change", { bubbles: true }));
      });
      await wait(300);
      await settled(page);
      // What if: a value of the cell under the cursor.
      await page.focus('[data-cells="input"] [tabindex="0"], [data-cells="input"][tabindex="0"]').catch(() => {});
      await page.keyboard.press("End");
      await page.waitForFunction(() => document.querySelector("#whatif-value").dataset.cell !== undefined, {
        timeout: PATIENCE,
      });
      await page.$eval("#whatif-value", (field) => (field.value = "3"));
      await page.focus("#whatif-value");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.querySelectorAll("#whatif .whatif-log li").length > 0, {
        timeout: PATIENCE,
      });
      await settled(page);
      // Every way to take something away.
      const saved = await page.evaluate(async () => {
        const names = [];
        HTMLAnchorElement.prototype.click = function () {
          names.push(this.download);
        };
        globalThis.print = () => names.push("print");
        const ways = [...document.querySelectorAll("#export button")].filter(
          (button) => !/copy/i.test(button.textContent),
        );
        for (const button of ways) {
          const before = names.length;
          button.click();
          for (let tries = 0; tries < 200 && names.length === before; tries++)
            await new Promise((done) => setTimeout(done, 50));
        }
        return { names, ways: ways.length };
      });
      assert.equal(saved.names.length, saved.ways, saved.names.join(", "));
      assert.ok(saved.names.includes("risk-assessment.json"));
      assert.deepEqual(
        asked.filter((address) => !/^(?:blob|data):/.test(address)),
        [],
      );
      assert.match(await text(page, "#network"), /0 requests since start/);
      assert.deepEqual(await kept(page), NOTHING_KEPT);
      assert.deepEqual(await page.evaluate(() => vitrineGuard.violations), []);
    }));
});

test("the served page asks its own host for its own files, and for nothing after it has started", async () => {
  const server = await serve();
  const engine = await launch();
  try {
    const page = await engine.browser.newPage();
    await page.goto(server.page);
    await settled(page);
    const before = server.requests.length;
    await dropAndWait(page, [{ name: "mine.csv", content: RECORD }], "ready");
    assert.equal(server.requests.length, before);
    assert.match(await text(page, "#network"), /0 requests since start/);
    assert.deepEqual(await kept(page), NOTHING_KEPT);
    await page.evaluate(() => localStorage.setItem("a", "1"));
    assert.notDeepEqual(await kept(page), NOTHING_KEPT, "what is stored is seen");
    const removed = await page.evaluate(() =>
      ["RTCPeerConnection", "WebTransport", "RTCDataChannel"].filter((name) => globalThis[name]),
    );
    assert.deepEqual(removed, []);
  } finally {
    await engine.close();
    await server.close();
  }
});

const noNamespace =
  spawnSync("unshare", ["--net", "ip", "link", "set", "lo", "up"]).status !== 0 &&
  "no network namespaces here (unshare --net ip link set lo up is not permitted)";

test(`the file works in ${BROWSER} where there is no network but its own loopback`, { skip: noNamespace }, async () => {
  const script = join(ROOT, "tests/browser/alone.mjs");
  const child = spawn(
    "unshare",
    [
      "--net",
      "sh",
      "-c",
      'ip link set lo up && exec "$0" "$@"',
      process.execPath,
      script,
      file,
      `${host.url}/vitrine.html`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let said = "";
  child.stdout.on("data", (chunk) => (said += chunk));
  const [status] = await once(child, "close");
  assert.equal(status, 0);
  const { reached, interfaces, title, network, verdict, browser } = JSON.parse(said);
  assert.match(browser.toLowerCase(), isFirefox ? /firefox/ : /chrom/);
  assert.equal(reached, false, "a server outside of the namespace");
  assert.equal(await fetch(`${host.url}/vitrine.html`).then(({ ok }) => ok), true, "which is there");
  assert.deepEqual(interfaces, ["lo"]);
  assert.match(title, /^mine\.csv/);
  assert.match(network, /0 requests since start/);
  assert.match(verdict, /all agree with the stored ones/);
});

const noPipe = isFirefox ? "puppeteer speaks with Firefox over a network, which this one has not" : noNamespace;

test("the file works where there is no network at all", { skip: noPipe }, async () => {
  const wrapper = join(folder, "chromium-without-network");
  await writeFile(wrapper, `#!/bin/sh\nexec unshare --net -- ${process.env.CHROME ?? "/usr/bin/chromium"} "$@"\n`);
  await chmod(wrapper, 0o755);
  const browser = await puppeteer.launch({
    executablePath: wrapper,
    pipe: true,
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run"],
  });
  try {
    const page = await browser.newPage();
    await page.goto(String(pathToFileURL(file)));
    await ready(page);
    await dropAndWait(page, [{ name: "mine.csv", content: RECORD }], "ready");
    assert.match(await text(page, "#title"), /^mine\.csv/);
  } finally {
    await browser.close();
  }
});

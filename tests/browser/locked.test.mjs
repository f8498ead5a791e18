// What leak.test.mjs proves of the page holds of its workers, its frames and its leaving as well, on a host that sends no
// header: each worker has no way out, no fresh realm can be had, leaving is refused, and going back shows nobody.
// Connections are counted, not only requests. With the policy and the locks taken off, the same ways lead out.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";

import { site } from "../../tools/site.mjs";
import { BROWSER, dropAndWait, isFirefox, launch, settled, text } from "./browser.mjs";
import { LEAVE, canary, knockFromWorker, realms } from "./canary.mjs";
import { press } from "./doing.mjs";
import { unchecked } from "./pages.mjs";
import { ROOT, serve } from "./server.mjs";

const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
/** How long a knock may take to arrive. */
const SETTLE_MS = 1500;
const RECORD = { name: "Jane Doe.csv", content: "Hours,Heart Rate,pH\n0.5,96,7.31\n20,140,7.2\n" };
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * A worker answers a knock of the test with what it could do, once it has locked itself: Firefox lets nobody look into a
 * worker from outside.
 */
const ANSWERING = `
addEventListener("message", async ({ data }) => {
  if (!data.knock) return;
  for (let tries = 0; tries < 100 && globalThis.fetch; tries++) await new Promise((done) => setTimeout(done, 20));
  postMessage({ knocked: await (${knockFromWorker})(data.knock) });
});`;
/** Keeps the page's workers for the test, and knocks at each that is started after `knockAt` was set. Runs in the page, as text. */
const KEEPING = `
globalThis.kept = [];
globalThis.Worker = class extends Worker {
  constructor(...given) {
    super(...given);
    kept.push(this);
    this.knocked = new Promise((done) => this.addEventListener("message", ({ data }) => data.knocked && done(data.knocked)));
    if (globalThis.knockAt) this.postMessage({ knock: knockAt });
  }
};`;

let folder, bird, plain, open, built, engine;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitrine-locked-"));
  await site({ pkg: PKG, out: folder });
  bird = await canary();
  const plainly = (path, bytes) => answering(path, unchecked(path, bytes));
  plain = await serve({ alter: plainly });
  open = await serve({ alter: (path, bytes) => plainly(path, unlocked(path, bytes)) });
  built = await host(folder);
  engine = await launch();
});
after(async () => {
  await engine?.close();
  await Promise.all([built?.close(), open?.close(), plain?.close(), bird?.close()]);
  await rm(folder, { recursive: true, force: true });
});

function answering(path, bytes) {
  return /\/(?:www\/worker|worker\/start)\.js$/.test(path) && !path.endsWith("www/worker/start.js")
    ? `${bytes}${ANSWERING}`
    : bytes;
}

/** The page as it would be without policy, guard and lock. */
function unlocked(path, bytes) {
  if (path.endsWith("/www/")) return String(bytes).replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, "");
  if (path.endsWith("/guard.js"))
    return 'Object.defineProperty(globalThis, "vitrineGuard", { value: { removed: [], requests: [], violations: [] } });';
  return path.endsWith("/lock.js") ? "export function lock() {}" : bytes;
}

/** A host that sends files and nothing else. */
async function host(root) {
  const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css" };
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://x").pathname;
    const bytes = await readFile(join(root, path.endsWith("/") ? `${path}index.html` : path)).catch(() => undefined);
    response.writeHead(bytes ? 200 : 404, { "Content-Type": types[extname(path) || ".html"] ?? "application/wasm" });
    response.end(bytes && answering(path, bytes));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const close = () => new Promise((done) => (server.closeAllConnections(), server.close(done)));
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

async function on(address, run) {
  const page = await engine.browser.newPage();
  try {
    await page.evaluateOnNewDocument(KEEPING);
    await page.goto(address);
    await settled(page);
    bird.clear();
    await run(page);
  } finally {
    await page.close();
  }
}

/** Tries every way out of the page's worker, and says what arrived. */
async function tried(page) {
  const { ways, began } = await page.evaluate(
    (at) => {
      const [worker] = globalThis.kept;
      worker.postMessage({ knock: at });
      return worker.knocked;
    },
    { url: bird.url },
  );
  await wait(SETTLE_MS);
  return { ways, began, hits: bird.hits(), connections: bird.connections() };
}

function assertLocked({ ways, began, hits, connections }) {
  assert.equal(ways.length, 12, "as the README says");
  assert.deepEqual([...hits], []);
  assert.equal(connections, 0, "no connection, whatever was asked for");
  assert.deepEqual(began, [], "what is not there cannot be begun");
}

describe(BROWSER, () => {
  test("without policy and lock, a worker leaks by every way: the test can fail", () =>
    on(open.page, async (page) => {
      const { ways, began, hits, connections } = await tried(page);
      assert.deepEqual(
        ways.filter((way) => !hits.has(way)),
        [],
      );
      assert.ok(connections > 0 && began.length > 3);
    }));

  test("the page's worker has no way out on a host without headers", () =>
    on(plain.page, async (page) => assertLocked(await tried(page))));

  test("nor have the pool's", () =>
    on(plain.page, async (page) => {
      await page.evaluate((at) => (globalThis.knockAt = at), { url: bird.url });
      await page.click("#view-tab-cohort");
      await page.evaluate(() => (document.body.dataset.state = "asked"));
      await press(page, "#view-cohort", "Read the demo stays");
      await settled(page);
      await wait(SETTLE_MS);
      const pool = await page.evaluate(() =>
        Promise.all(globalThis.kept.slice(1).map(({ knocked }) => Promise.race([knocked, 0]))),
      );
      const knocked = pool.filter(Boolean);
      assert.ok(knocked.length > 0, `${pool.length} workers`);
      for (const one of knocked) assertLocked({ ...one, hits: bird.hits(), connections: bird.connections() });
    }));

  test("nor has the site's", () => on(`${built.url}/`, async (page) => assertLocked(await tried(page))));

  // Firefox lets nobody into the worker of a file that is as it was built.
  test("nor has the one file's", { skip: isFirefox }, () =>
    on(`${built.url}/vitrine.html`, async (page) => {
      const [worker] = page.workers();
      const { ways, began } = await worker.evaluate(`(${knockFromWorker})(${JSON.stringify({ url: bird.url })})`);
      await wait(SETTLE_MS);
      assertLocked({ ways, began, hits: bird.hits(), connections: bird.connections() });
    }),
  );

  test("no fresh realm can be had", async () => {
    await on(open.page, async (page) => {
      const { ways, open: found } = await page.evaluate(realms);
      // These made none in any browser, or not in all.
      const never = ["twice", "object", "embed", "write"];
      const closed = ways.filter(
        (way) => !found.includes(`${way} with a peer`) && !found.includes(way) && !never.includes(way),
      );
      assert.deepEqual(closed, [], "ways to a realm where nothing keeps it");
    });
    for (const address of [plain.page, `${built.url}/`, `${built.url}/vitrine.html`])
      await on(address, async (page) => {
        const { ways, open: found } = await page.evaluate(realms);
        assert.equal(ways.length, 24, "as the README says");
        assert.deepEqual(found, [], address);
        await wait(300);
        assert.equal(bird.connections(), 0);
      });
  });

  test("leaving the page is refused, and said", () =>
    on(plain.page, async (page) => {
      const ways = {
        ...LEAVE,
        replace: ({ url }) => location.replace(`${url}/replace/x.html`),
        navigate: ({ url }) => globalThis.navigation?.navigate(`${url}/navigate/x.html`),
        download: ({ url }) =>
          Object.assign(document.createElement("a"), { href: `${url}/download/x.csv`, download: "x.csv" }).click(),
      };
      for (const [name, leave] of Object.entries(ways)) {
        await page.evaluate(`(${leave})(${JSON.stringify({ url: bird.url })})`).catch(() => {});
        await wait(400);
        assert.ok(page.url().startsWith(plain.page), name);
      }
      assert.deepEqual([[...bird.hits()], bird.connections()], [[], 0]);
      assert.match(await text(page, "#privacy"), /navigate http/);
      // The page itself still loads anew, and hands its files over.
      await page.reload();
      await settled(page);
    }));

  test("going back shows nobody", () =>
    on(plain.page, async (page) => {
      await dropAndWait(page, [RECORD], "ready");
      assert.match(await page.evaluate(() => document.body.textContent), /Jane Doe/);
      await page.goto(`${built.url}/style.css`);
      await page.goBack();
      await settled(page);
      assert.doesNotMatch(await page.evaluate(() => document.body.textContent), /Jane Doe/);
      // Where the browser kept the page, it kept an empty one.
      await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
      assert.equal(await page.evaluate(() => document.body.childElementCount), 0);
    }));
});

// The static site: works under any path, without a network after the first visit, takes a new build over as a whole, and
// keeps nothing but its own files.

import assert from "node:assert/strict";
import { createReadStream, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";

import { site } from "../../tools/site.mjs";
import { BROWSER, PATIENCE, dropAndWait, eventually, isFirefox, launch, settled, text } from "./browser.mjs";
import { acting } from "./doing.mjs";
import { ROOT } from "./server.mjs";

const PREFIX = "/some/sub path/";
const OUT = join(ROOT, "target/site-test");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};
const RECORD = "Hours,Heart Rate,pH\n0.5,96,7.31\n20,140,7.2\n";

/** The headers of the sample for static hosts, as they stand there. */
function headers() {
  const [, block] = readFileSync(join(ROOT, "examples/headers/_headers"), "utf8").split("/*\n");
  const lines = block
    .split(/\n(?=\S)/)[0]
    .trim()
    .split("\n");
  return Object.fromEntries(lines.map((line) => line.trim().split(/:\s+(.*)/s)));
}

let made, server, origin;
let isDown = false;
before(async () => {
  made = await site({ pkg: PKG, out: OUT });
  server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    if (isDown) return request.socket.destroy();
    const file = path.startsWith(PREFIX) ? join(OUT, path.slice(PREFIX.length) || "index.html") : "";
    if (!file || !existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream", ...headers() });
    createReadStream(file).pipe(response);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  origin = `http://127.0.0.1:${server.address().port}`;
});
after(() => server && new Promise((done) => (server.closeAllConnections(), server.close(done))));

test("the list of kept files is the site, but for what is not the page", () => {
  const worker = readFileSync(join(OUT, "sw.js"), "utf8");
  const kept = JSON.parse(/const FILES = (\[.*\]);/.exec(worker)[1]).map(([name]) =>
    name === "./" ? "index.html" : name,
  );
  const others = ["sw.js", "vitrine.html", "_headers"];
  assert.deepEqual(kept.toSorted(), made.files.filter((name) => !others.includes(name)).toSorted());
  assert.match(headers()["Content-Security-Policy"], /frame-ancestors 'none'/);
});

describe(BROWSER, () => {
  let engine, page;
  before(async () => {
    engine = await launch();
    page = await engine.browser.newPage();
  });
  after(async () => {
    isDown = false;
    await engine?.close();
  });

  const caches = () =>
    page.evaluate(async () => {
      const names = await globalThis.caches.keys();
      const counts = await Promise.all(
        names.map(async (name) => (await (await globalThis.caches.open(name)).keys()).length),
      );
      return names.map((name, n) => [/^vitrine-(\w+)/.exec(name)[1], counts[n]]);
    });

  /** Looks for a new build, as the browser does by itself; one that cannot be taken is no failure. */
  const update = () =>
    page.evaluate(() =>
      navigator.serviceWorker
        .getRegistration()
        .then((it) => it.update())
        .then(() => {})
        .catch(() => {}),
    );

  const wait = (ms) => new Promise((done) => setTimeout(done, ms));

  /** @param {() => Promise<boolean>} holds */
  const until = async (holds) => {
    for (const end = Date.now() + PATIENCE; !(await holds()); await wait(200))
      assert.ok(Date.now() < end, `waited ${PATIENCE / 1000} s for ${holds}`);
  };

  test("opens under a path of its own, with the sample headers, and without a complaint", async () => {
    const complaints = [];
    page.on("console", (message) => ["error", "warn"].includes(message.type()) && complaints.push(message.text()));
    await page.goto(origin + encodeURI(PREFIX));
    await settled(page);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    assert.deepEqual(complaints, []);
    const [[version, count]] = await caches();
    assert.equal(version, made.version);
    assert.equal(count, made.files.length - 3);
  });

  test(
    "can be installed: the browser finds nothing against it",
    { skip: isFirefox && "Firefox has no way to ask" },
    async () => {
      const cdp = await page.createCDPSession();
      const { installabilityErrors } = await cdp.send("Page.getInstallabilityErrors");
      assert.deepEqual(installabilityErrors, []);
      const { url, errors, data, manifest } = await cdp.send("Page.getAppManifest");
      assert.equal(url, `${origin}${encodeURI(PREFIX)}manifest.webmanifest`);
      assert.deepEqual(errors, []);
      const here = `${origin}${encodeURI(PREFIX)}`;
      // Two sites on one host are two apps.
      assert.deepEqual([manifest.startUrl, manifest.scope, manifest.id], [here, here, here], "it stays under its path");
      assert.equal(JSON.parse(data).display, "standalone");
      const icons = JSON.parse(data).icons;
      assert.deepEqual(
        icons.map(({ sizes }) => sizes),
        ["any", "192x192", "512x512"],
      );
      for (const { src, sizes, type } of icons) {
        const [width, ok] = await page.evaluate(async (address) => {
          const image = new Image();
          image.src = address;
          return image.decode().then(
            () => [image.naturalWidth, true],
            () => [0, false],
          );
        }, new URL(src, here).href);
        assert.ok(ok, `${src} is a ${type}`);
        if (sizes !== "any") assert.equal(`${width}x${width}`, sizes);
      }
      await cdp.detach();
    },
  );

  test(
    "what cannot be installed is told: the same site without its manifest",
    { skip: isFirefox && "Firefox has no way to ask" },
    async () => {
      const file = join(OUT, "index.html");
      const html = readFileSync(file, "utf8");
      const other = await (await engine.browser.createBrowserContext()).newPage();
      try {
        writeFileSync(file, html.replace(/<link rel="manifest"[^>]*>/, ""));
        await other.goto(origin + encodeURI(PREFIX));
        const cdp = await other.createCDPSession();
        const { installabilityErrors } = await cdp.send("Page.getInstallabilityErrors");
        assert.ok(
          installabilityErrors.some(({ errorId }) => errorId === "no-manifest"),
          JSON.stringify(installabilityErrors),
        );
      } finally {
        writeFileSync(file, html);
        await other.browserContext().close();
      }
    },
  );

  test("opens again without a network, and explains a record", async () => {
    isDown = true;
    await page.reload();
    await settled(page);
    await dropAndWait(page, [{ name: "mine.csv", content: RECORD }], "ready");
    assert.match(await text(page, "#title"), /^mine\.csv/);
    await acting(page, async () =>
      page.select("#demo-stay", await page.$eval("#demo-stay", (list) => list.options[3].value)),
    );
    isDown = false;
    assert.deepEqual((await caches()).length, 1, "nothing of a record is kept");
  });

  test("takes a new build over as a whole, and throws the old one away", async () => {
    const [file, worker] = ["style.css", "sw.js"].map((it) => join(OUT, it));
    const [style, before] = [readFileSync(file, "utf8"), readFileSync(worker, "utf8")];
    try {
      // A build that was uploaded in part: the list names a file that is not there as listed. It is not taken.
      writeFileSync(
        worker,
        before.replace(made.version, "1111111111111111").replace(/(\["style\.css",")[^"]+/, "$1AAAA"),
      );
      await update();
      await eventually(page, () =>
        navigator.serviceWorker.getRegistration().then(({ installing }) => installing === null),
      );
      assert.ok(
        (await caches()).some(([version, count]) => version === made.version && count === made.files.length - 3),
      );
      const next = await import("node:crypto").then(({ createHash }) =>
        createHash("sha256").update(`${style}/* new */`).digest("base64"),
      );
      writeFileSync(file, `${style}/* new */`);
      writeFileSync(
        worker,
        before.replace(made.version, "2222222222222222").replace(/(\["style\.css",")[^"]+/, (_, start) => start + next),
      );
      // A browser may take one question for the other while it is at the first.
      await until(async () => {
        await update();
        return page.evaluate(() => navigator.serviceWorker.getRegistration().then(({ waiting }) => waiting !== null));
      });
      // As long as a page of the old build is open, it gets files of the old build and no others.
      const isNew = () =>
        page.evaluate(() =>
          fetch("style.css")
            .then((it) => it.text())
            .then((text) => text.endsWith("/* new */")),
        );
      assert.equal(await isNew(), false);
      const second = await engine.browser.newPage();
      await second.goto(origin + encodeURI(PREFIX));
      await settled(second);
      await page.reload();
      await settled(page);
      assert.equal(await isNew(), false, "another page is open");
      await second.close();
      // A page that was closed may be counted for a moment more.
      const isTaken = () =>
        page
          .evaluate(async () => {
            const names = await globalThis.caches.keys();
            return names.length === 1 && names[0].startsWith("vitrine-2222222222222222");
          })
          .catch(() => false);
      await until(async () => {
        await page.reload();
        for (let tries = 0; tries < 20 && !(await isTaken()); tries++) await wait(100);
        return isTaken();
      });
      await eventually(page, () => document.body.dataset.state === "ready");
      await settled(page);
      assert.equal(await isNew(), true);
      isDown = true;
      await page.reload();
      await settled(page);
      isDown = false;
    } finally {
      writeFileSync(file, style);
      writeFileSync(worker, before);
    }
  });
});

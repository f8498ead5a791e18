// The sample headers: the static site behind a real nginx and a real Apache that are configured by the samples as they
// stand, behind `_headers` and behind IIS's web.config as those are read. All four have to state the page's own policy.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";

import { site } from "../../tools/site.mjs";
import { BROWSER, launch, visit } from "./browser.mjs";
import { ROOT } from "./server.mjs";

const SAMPLES = join(ROOT, "examples/headers");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const found = spawnSync(join(ROOT, "tools/servers.sh"), { encoding: "utf8" });
const noServers =
  found.status !== 0 && `nginx and Apache cannot be had here: ${found.stderr.trim().split("\n").at(-1)}`;
const PROGRAMS = found.stdout.trim();
/** Who may frame the one file, which brings the rest of its policy itself. */
const FRAMED = "frame-ancestors 'self'";

let folder, own, engine;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitrine-headers-"));
  // Apache gives up root's rights.
  await chmod(folder, 0o755);
  await site({ pkg: PKG, out: join(folder, "site") });
  await cp(join(SAMPLES, "apache.htaccess"), join(folder, "site/.htaccess"));
  own = directives(
    /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(
      await readFile(join(folder, "site/index.html"), "utf8"),
    )[1],
  );
  engine = await launch();
});
after(async () => {
  await engine?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A policy as a set of directives, each with its sources in one order. */
function directives(policy) {
  return policy
    .split(";")
    .map((one) => one.trim().split(/\s+/))
    .filter(([name]) => name)
    .map(([name, ...sources]) => [name, ...sources.sort()].join(" "))
    .sort();
}

/** What every server has to send: the page's own policy, and what a page cannot say of itself. */
function assertHeaders(headers, path) {
  const policy = headers["content-security-policy"];
  assert.equal(typeof policy, "string", `${path}: one policy`);
  if (path === "vitrine.html") assert.equal(policy, FRAMED);
  else assert.deepEqual(directives(policy), [...own, "frame-ancestors 'none'"].sort(), path);
  assert.equal(headers["x-content-type-options"], "nosniff", path);
  assert.equal(headers["referrer-policy"], "no-referrer", path);
  assert.equal(
    headers["permissions-policy"],
    "camera=(), geolocation=(), microphone=(), usb=(), serial=(), hid=(), payment=()",
    path,
  );
  assert.equal(headers["cache-control"], "no-cache", path);
}

/** Paths of the site with the type that a browser needs, under `nosniff`, to take them. */
const TYPES = {
  "": /^text\/html/,
  "index.html": /^text\/html/,
  "vitrine.html": /^text\/html/,
  "main.js": /^text\/javascript/,
  "sw.js": /^text\/javascript/,
  "style.css": /^text\/css/,
  "icon.svg": /^image\/svg\+xml/,
  "icon-192.png": /^image\/png/,
  "manifest.webmanifest": /^application\/manifest\+json/,
  "licenses.json": /^application\/json/,
  "stays/index.json": /^application\/json/,
  "stays/stable_timeseries.csv": /^text\/csv/,
  "models/in-hospital-mortality.onnx": /^application\/octet-stream|^$/,
  "models/MODEL_CARD.md": /^text\/markdown/,
};

test("_headers states the page's own policy", async () => {
  const rules = (await readFile(join(SAMPLES, "_headers"), "utf8"))
    .split("\n")
    .filter((line) => line && !line.startsWith("#"));
  for (const path of Object.keys(TYPES)) {
    const headers = {};
    let applies = false;
    for (const line of rules) {
      if (!line.startsWith(" ")) applies = line === "/*" || line === `/${path}`;
      else if (applies && line.trim().startsWith("! ")) delete headers[line.trim().slice(2).toLowerCase()];
      else if (applies) headers[line.trim().split(":")[0].toLowerCase()] = line.slice(line.indexOf(":") + 1).trim();
    }
    assertHeaders(headers, path);
  }
});

test("web.config states the page's own policy, and knows the types", async () => {
  const page = await engine.browser.newPage();
  const config = await page.evaluate(
    (text) => {
      const xml = new DOMParser().parseFromString(text, "application/xml");
      if (xml.querySelector("parsererror")) return { error: xml.documentElement.textContent };
      const headers = (root) =>
        [...root.children].map(({ localName, attributes }) => [
          localName,
          attributes.name.value,
          attributes.value?.value,
        ]);
      const of = (path) =>
        [...xml.querySelectorAll("configuration > location")]
          .filter((it) => it.getAttribute("path") === path)
          .flatMap((it) => headers(it.querySelector("customHeaders")));
      const types = Object.fromEntries(
        [...xml.querySelectorAll("mimeMap")].map((it) => [
          it.getAttribute("fileExtension"),
          it.getAttribute("mimeType"),
        ]),
      );
      return {
        all: headers(xml.querySelector("configuration > system\\.webServer customHeaders")),
        file: of("vitrine.html"),
        types,
        removed: [...xml.querySelectorAll("staticContent > remove")].map((it) => it.getAttribute("fileExtension")),
      };
    },
    await readFile(join(SAMPLES, "web.config"), "utf8"),
  );
  await page.close();
  assert.equal(config.error, undefined);
  for (const path of Object.keys(TYPES)) {
    const headers = {};
    for (const [verb, name, value] of [...config.all, ...(path === "vitrine.html" ? config.file : [])]) {
      const key = name.toLowerCase();
      if (verb === "remove") delete headers[key];
      else {
        // IIS answers 500.19 where a name is added twice.
        assert.ok(!(key in headers), `${name} is added twice`);
        headers[key] = value;
      }
    }
    assertHeaders(headers, path);
  }
  // What IIS does not know by itself it does not serve; what it may know may not be added twice.
  assert.deepEqual(config.types, {
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".onnx": "application/octet-stream",
    ".md": "text/markdown",
  });
  assert.deepEqual(config.removed.sort(), Object.keys(config.types).sort());
});

/** @type {Record<string, (port: number, at: string, log: string) => { text: string, args: (file: string) => string[] }>} */
const SERVERS = {
  nginx: (port, at, log) => ({
    text: `daemon off; master_process off; pid ${at}/nginx.pid; error_log ${at}/error.log;
events {}
http {
  access_log ${log};
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${at}/${name};`).join(" ")}
  server { listen 127.0.0.1:${port}; include ${at}/sample.conf; }
}`,
    args: (file) => ["-e", `${at}/error.log`, "-p", at, "-c", file],
  }),
  apache2: (port, at, log) => ({
    text: `ServerRoot ${at}
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile ${at}/apache.pid
ErrorLog ${at}/error.log
DefaultRuntimeDir ${at}
User nobody
Group nogroup
${["mpm_event", "authz_core", "mime", "dir", "alias", "headers", "filter", "deflate"].map((name) => `LoadModule ${name}_module ${join(PROGRAMS, "usr/lib/apache2/modules")}/mod_${name}.so`).join("\n")}
TypesConfig ${at}/mime.types
CustomLog ${log} "%r"
DirectoryIndex index.html
Alias /vitrine/ ${folder}/site/
<Directory ${folder}/site>
  AllowOverride All
  Require all granted
</Directory>
`,
    args: (file) => ["-X", "-f", file],
  }),
};

/** The text types that any Apache knows: what the sample adds is not among them. */
const MIME =
  "text/html html\ntext/css css\napplication/json json\nimage/svg+xml svg\nimage/png png\ntext/csv csv\ntext/markdown md\n";

async function start(name) {
  const at = join(folder, name);
  await mkdir(at);
  const log = join(at, "access.log");
  const port = await freePort();
  const { text, args } = SERVERS[name](port, at, log);
  const file = join(at, "server.conf");
  await writeFile(file, text);
  await writeFile(join(at, "mime.types"), MIME);
  const sample = await readFile(join(SAMPLES, "nginx.conf"), "utf8");
  await writeFile(join(at, "sample.conf"), sample.replaceAll("/srv/vitrine/", `${folder}/site/`));
  const libraries = (await readdir(join(PROGRAMS, "usr/lib"))).find((it) => it.endsWith("-linux-gnu"));
  const child = spawn(join(PROGRAMS, "usr/sbin", name), args(file), {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, LD_LIBRARY_PATH: join(PROGRAMS, "usr/lib", libraries ?? "") },
  });
  const ended = once(child, "exit");
  const url = `http://127.0.0.1:${port}/vitrine/`;
  for (let tries = 0; ; tries++) {
    const answer = await ask(url).catch(() => undefined);
    if (answer) break;
    if (tries > 100 || child.exitCode !== null)
      throw new Error(`${name} does not answer: ${await readFile(join(at, "error.log"), "utf8").catch(() => "")}`);
    await new Promise((done) => setTimeout(done, 100));
  }
  const stop = async () => {
    child.kill();
    await ended;
  };
  return { url, stop, asked: () => readFile(log, "utf8") };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Like fetch, but with the bytes and headers as they come over the wire. */
async function ask(url, headers = {}) {
  const [response] = await once(get(url, { headers, agent: false }), "response");
  let length = 0;
  for await (const chunk of response) length += chunk.length;
  return { status: response.statusCode, headers: response.headers, length };
}

for (const name of Object.keys(SERVERS)) {
  describe(`${name}, ${BROWSER}`, { skip: noServers }, () => {
    let server;
    before(async () => {
      if (!noServers) server = await start(name);
    });
    after(() => server?.stop());

    test("sends the page's own policy with every file, and types that a browser takes", async () => {
      for (const [path, type] of Object.entries(TYPES)) {
        const { status, headers } = await ask(server.url + path);
        assert.equal(status, 200, path);
        assertHeaders(headers, path);
        assert.match(headers["content-type"] ?? "", type, path);
      }
      const missing = await ask(`${server.url}nowhere.js`);
      assert.equal(missing.status, 404);
      assertHeaders(missing.headers, "nowhere.js");
    });

    test("compresses the engine and the code", async () => {
      const wasm = (await readdir(join(folder, "site"), { recursive: true }))
        .map(String)
        .find((file) => file.endsWith("vitrine_bg.wasm"));
      for (const path of [wasm, "main.js", "style.css"]) {
        const [plain, packed] = [
          await ask(server.url + path),
          await ask(server.url + path, { "Accept-Encoding": "gzip" }),
        ];
        assert.equal(packed.headers["content-encoding"], "gzip", path);
        assert.ok(packed.length < 0.7 * plain.length, `${path}: ${packed.length} of ${plain.length} bytes`);
      }
      assert.match((await ask(server.url + wasm)).headers["content-type"], /^application\/wasm/);
    });

    test("a page of another origin cannot frame it; by itself it opens without a complaint", async () => {
      const earlier = (await server.asked()).length;
      const asked = async () => (await server.asked()).slice(earlier);
      const host = createHttpServer((_, response) => {
        response.writeHead(200, { "Content-Type": "text/html" });
        response.end(`<!doctype html><title>host</title><iframe src="${server.url}"></iframe>`);
      });
      await new Promise((done) => host.listen(0, "127.0.0.1", done));
      const page = await engine.browser.newPage();
      await page.goto(`http://127.0.0.1:${host.address().port}/`);
      await new Promise((done) => setTimeout(done, 1500));
      await page.close();
      host.closeAllConnections();
      await new Promise((done) => host.close(done));
      assert.match(await asked(), /GET \/vitrine\/ /, "the frame was asked for");
      assert.doesNotMatch(await asked(), /GET \/vitrine\/main\.js/, "and not shown");
      const { page: shown, complaints } = await visit(engine.browser, server.url);
      assert.deepEqual(complaints, []);
      assert.match(await asked(), /GET \/vitrine\/main\.js/);
      await shown.close();
    });
  });
}

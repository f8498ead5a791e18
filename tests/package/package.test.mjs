// pkg/ as an npm package: packed, installed into an empty folder, typed, and run by Node, by Deno and in pages that three
// bundlers built. What every one of them finds is what Node finds, byte for byte.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

import { launch, visit } from "../browser/browser.mjs";
import { ROOT, serve } from "../browser/server.mjs";

const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const HERE = fileURLToPath(new URL(".", import.meta.url));
const BIN = join(ROOT, "node_modules/.bin");
/** The policy of a strict host: no more than the README says a page has to allow. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; img-src data:";

let folder, project, tarball, tools, running, golden;
before(async () => {
  tools = join(run("tools/bundlers.sh", [], ROOT).trim(), "node_modules");
  folder = mkdtempSync(join(tmpdir(), "vitrine-npm-"));
  const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  tarball = join(folder, JSON.parse(run("npm", pack, PKG))[0].filename);
  project = join(folder, "project");
  cpSync(join(HERE, "project"), project, { recursive: true });
  const digests = readFileSync(join(ROOT, "tests/node/digests.mjs"), "utf8");
  writeFileSync(join(project, "digests.mjs"), digests.replace("../../pkg/vitrine.js", "vitrine"));
  // Vite and a reader's server hand out public/; Node and Deno read beside the script.
  for (const place of [project, join(project, "public")]) {
    mkdirSync(place, { recursive: true });
    copyFileSync(join(ROOT, "www/models/in-hospital-mortality.onnx"), join(place, "model.onnx"));
    copyFileSync(join(ROOT, "www/stays/septic-shock_timeseries.csv"), join(place, "stay.csv"));
  }
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
  install(project, tarball);
  golden = JSON.parse(run("node", ["node.mjs"], project));
  running = await launch();
});
after(async () => {
  await running?.close();
  rmSync(folder, { recursive: true, force: true });
});

function run(program, args, cwd, env = {}) {
  const options = { cwd, encoding: "utf8", env: { ...process.env, ...env } };
  const { status, stdout, stderr, error } = spawnSync(program, args, options);
  assert.equal(status, 0, `${program} ${args.join(" ")}: ${error ?? stderr}${stdout}`);
  return stdout;
}

function install(where, ...what) {
  run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--offline", ...what], where);
}

/** The code of that name in the README that came with the package. */
function readme(name) {
  const text = readFileSync(join(project, "node_modules/vitrine/README.md"), "utf8");
  const code = text.match(new RegExp(`^\`\`\`js ${name}\\n([^]*?)^\`\`\`$`, "m"))?.[1];
  assert.ok(code, `README.md: no code "${name}"`);
  return { text, code };
}

/** Opens a page, which may say nothing on the console, and gives what it found. */
async function pageAt(url) {
  const { page, complaints } = await visit(running.browser, url);
  assert.deepEqual(complaints, []);
  return { found: await page.evaluate(() => globalThis.found), page };
}

/** The page of a folder that a bundler filled, on a static host with a strict policy. */
async function builtPage(built, html) {
  for (const name of ["model.onnx", "stay.csv"]) copyFileSync(join(project, name), join(project, built, name));
  if (html) writeFileSync(join(project, built, "index.html"), html);
  const host = await serve({ root: join(project, built), headers: { "Content-Security-Policy": POLICY } });
  try {
    const { found, page } = await pageAt(`${host.origin}/`);
    assert.deepEqual(found, { inPage: golden, inWorker: golden });
    await page.close();
  } finally {
    await host.close();
  }
}

test("Node finds the host's numbers, started by the import alone", () => {
  const host = JSON.parse(readFileSync(join(ROOT, "tests/golden/determinism.json"), "utf8"));
  for (const what of ["lrp", "gradient"]) assert.equal(golden[`stay ${what}`], host[`septic-shock ${what}`]);
});

test("the example for Node explains a stay", () => {
  const example = join(folder, "examples/npm");
  cpSync(join(ROOT, "examples/npm"), example, { recursive: true, filter: (name) => !name.includes("node_modules") });
  for (const name of ["models", "stays"])
    cpSync(join(ROOT, "www", name), join(folder, "www", name), { recursive: true });
  const file = join(example, "package.json");
  writeFileSync(file, readFileSync(file, "utf8").replace("file:../../pkg", `file:${tarball}`));
  install(example);
  const words = run("node", ["explain.mjs"], example);
  assert.match(words, /^septic shock: in-hospital mortality \d+\.\d %\n {2}raised by /);
});

test("the package brings its licences and its README, whose code for Node runs as it stands", () => {
  const { text, code } = readme("node");
  writeFileSync(join(project, "readme.mjs"), code);
  assert.match(run("node", ["readme.mjs"], project), /^in-hospital mortality: \d+\.\d %\nraised by /);
  const installed = join(project, "node_modules/vitrine");
  for (const name of ["LICENSE-MIT", "LICENSE-APACHE", "licenses.json"])
    assert.ok(text.includes(name) && statSync(join(installed, name)).size > 1000, name);
});

test("sizes are those that the README states, within a tenth", () => {
  const stated = readme("node").text.match(/tarball has ([\d.]+) MB.* has ([\d.]+) MB, ([\d.]+) MB .* has (\d+) kB/);
  const wasm = readFileSync(join(project, "node_modules/vitrine/vitrine_bg.wasm"));
  const script = statSync(join(project, "node_modules/vitrine/vitrine.js")).size;
  const measured = [statSync(tarball).size / 1e6, wasm.length / 1e6, gzipSync(wasm).length / 1e6, script / 1e3];
  for (const [index, size] of measured.entries())
    assert.ok(Math.abs(Number(stated[index + 1]) / size - 1) < 0.1, `${stated[index + 1]} stated, ${size} measured`);
});

for (const resolution of ["bundler", "node16", "nodenext"]) {
  test(`types are found and hold with moduleResolution ${resolution}, whatever libraries are named`, () => {
    const use = 'import init, { Model, Stay, initSync } from "vitrine";\nvoid [init, initSync];\n';
    const read = (/** @type {string} */ format) =>
      `${use}export const read = (m: Model): Float32Array => Stay.parse("", m, { format: "${format}" }).input;\n`;
    writeFileSync(join(project, "use.ts"), read("fhir"));
    writeFileSync(join(project, "wrong.ts"), read("csv"));
    const module = resolution === "bundler" ? "esnext" : resolution;
    const tsc = (...args) =>
      spawnSync(
        join(BIN, "tsc"),
        ["--noEmit", "--strict", "--types", "", "--module", module, "--moduleResolution", resolution, ...args],
        { cwd: project, encoding: "utf8" },
      );
    const good = tsc("--target", "es2022", "use.ts");
    assert.equal(good.status, 0, good.stdout);
    const bare = tsc("--target", "es2022", "--lib", "es2022", "use.ts");
    assert.equal(bare.status, 0, bare.stdout);
    assert.match(tsc("wrong.ts").stdout, /"csv"/);
  });
}

test("a script of Deno's, its types checked, finds what Node finds", (t) => {
  const binaries = join(tools, "@deno");
  if (!existsSync(binaries)) return t.skip("npm has no Deno for this machine");
  const deno = join(binaries, readdirSync(binaries)[0], "deno");
  const env = { DENO_DIR: join(folder, "deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  const script = ["run", "--check", "--no-remote", "--no-prompt", "--allow-read=.", "deno.ts"];
  assert.deepEqual(JSON.parse(run(deno, script, project, env)), golden);
});

test("a bundle for Node carries the start of the engine, of which nothing is imported by name", () => {
  const out = join(folder, "for-node");
  writeFileSync(join(project, "readme.mjs"), readme("node").code);
  const args = ["readme.mjs", "--bundle", "--platform=node", "--format=esm", `--outfile=${join(out, "readme.mjs")}`];
  run(join(BIN, "esbuild"), args, project);
  for (const name of ["model.onnx", "stay.csv", "node_modules/vitrine/vitrine_bg.wasm"])
    copyFileSync(join(project, name), join(out, basename(name)));
  assert.equal(run("node", ["readme.mjs"], out), run("node", ["readme.mjs"], project));
});

test("Vite's development server and its build need no configuration, and the README's page runs as it stands", async () => {
  const html = readFileSync(join(project, "index.html"), "utf8");
  writeFileSync(join(project, "readme.html"), html.replace("page.js", "readme.js"));
  writeFileSync(join(project, "readme.js"), `${readme("page").code}document.body.dataset.state = "ready";\n`);
  const vite = await import(pathToFileURL(join(tools, "vite/dist/node/index.js")).href);
  const options = { root: project, logLevel: "error", server: { host: "127.0.0.1", port: 0 } };
  const server = await vite.createServer(options);
  try {
    await server.listen();
    const origin = server.resolvedUrls.local[0];
    const { found, page } = await pageAt(origin);
    assert.deepEqual(found, { inPage: golden, inWorker: golden });
    await page.close();
    const { page: own } = await pageAt(`${origin}readme.html`);
    assert.equal(await own.$eval("canvas", (canvas) => canvas.width), 720);
    await own.close();
  } finally {
    await server.close();
  }
  await vite.build({ root: project, logLevel: "error", build: { outDir: "dist-vite" } });
  await builtPage("dist-vite");
});

test("webpack 5 needs no configuration but the names of files", async () => {
  const { default: webpack } = await import(pathToFileURL(join(tools, "webpack/lib/index.js")).href);
  const output = { path: join(project, "dist-webpack"), filename: "page.js" };
  const stats = await new Promise((done, fail) =>
    webpack({ mode: "production", context: project, entry: "./page.js", output }, (error, stats) =>
      error ? fail(error) : done(stats),
    ),
  );
  assert.equal(stats.hasErrors(), false, stats.toString());
  const html = readFileSync(join(project, "index.html"), "utf8");
  await builtPage("dist-webpack", html.replace('type="module"', "defer"));
});

test("esbuild builds a page by the README's command and start, as they stand", async () => {
  const { text, code } = readme("esbuild");
  const start = join(project, "start.js");
  writeFileSync(start, `import init from "vitrine";\n${code}export const start = () => undefined;\n`);
  const [program, ...args] = text.match(/^ {4}npx (esbuild .*)$/m)[1].split(" ");
  run(join(BIN, program), args, project);
  copyFileSync(join(HERE, "project/start.js"), start);
  await builtPage("dist", readFileSync(join(project, "index.html"), "utf8"));
});

// The commands of the README and of the examples' README, run as they stand there in a copy of the repository, as a reader
// with a fresh clone runs them; and what they open, driven in whichever engine is handed over.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

import { ROOT } from "./server.mjs";

/** What a reader's clone has and these commands do not touch. */
const NOT_COPIED = /^(?:tests|training|fuzz|benches|docs|pkg)\//;
/** How long a command may take; none compiles Rust. */
const PATIENCE = 120_000;
/** @typedef {{ go(url: string): Promise<unknown>, run(script: string): Promise<any>, wait(script: string): Promise<any> }} Driver */

/** The commands of a document: the indented lines that begin with a program's name, without their remarks. */
export function commands(name) {
  const lines = readFileSync(join(ROOT, name), "utf8").split("\n");
  return lines
    .filter((line) => /^ {4}(?:make|tools\/|node|\(cd) ?/.test(line))
    .map((line) => line.replace(/\s#.*$/, "").trim());
}

/** The examples' addresses that a document names. */
export function addresses(name) {
  return new Set(readFileSync(join(ROOT, name), "utf8").match(/(?<=[ (])\/examples\/\w+\//g));
}

/**
 * A document's blocks of code, in their order, as they stand there; one in a list without the list's indent.
 * @param {string} name
 * @returns {{ label: string, text: string }[]}
 */
export function blocks(name) {
  const found = readFileSync(join(ROOT, name), "utf8").matchAll(/^( *)```(\S.*)\n([^]*?)^\1```$/gm);
  return [...found].map(([, indent, label, text]) => ({
    label,
    text: text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  }));
}

/** Those of a language. */
export function code(name, language) {
  return blocks(name)
    .filter(({ label }) => label === language)
    .map(({ text }) => text);
}

/**
 * The page in a folder, with what docs/page.md says to add to it: two views, a request of the worker's and its types.
 * @param {string} folder
 */
export function pageWithViews(folder) {
  const [view, handler, answer] = code("docs/page.md", "js");
  const [types] = code("docs/page.md", "ts");
  cpSync(join(ROOT, "www"), join(folder, "www"), { recursive: true });
  const write = (path, change) => {
    const file = join(folder, "www", path);
    writeFileSync(file, typeof change === "string" ? change : change(readFileSync(file, "utf8")));
  };
  write("view/charted.js", view);
  write("view/asking.js", answer);
  write("worker/charted.js", handler);
  write("protocol/charted.d.ts", types);
  write("main.js", (text) => `import "./view/charted.js";\nimport "./view/asking.js";\n${text}`);
  write("protocol.d.ts", (text) => `${text}\nexport * from "./protocol/charted.js";\n`);
  write(
    "worker.js",
    (text) =>
      `import { handlers as charted } from "./worker/charted.js";\n${text.replace("  ...open,\n", "  ...open,\n  ...charted,\n")}`,
  );
}

/** The repository as a reader has it, with the package under test in its place. */
export function clone() {
  const pkg = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
  // A reader's clone has a fresh one; with a stale one `make serve` would compile Rust.
  const { status, stderr } = spawnSync(join(ROOT, "tools/pkg-digest"), ["check", pkg], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${stderr.trim()}; build it anew, or name a fresh one with VITRINE_PKG`);
  const folder = mkdtempSync(join(tmpdir(), "vitrine-readme-"));
  const { stdout } = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  for (const name of stdout.split("\0").filter((it) => it && !NOT_COPIED.test(it))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    cpSync(join(ROOT, name), join(folder, name));
  }
  cpSync(pkg, join(folder, "pkg"), { recursive: true });
  // Installed already: tools/npm.sh sees that they are those of the lock file.
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/**
 * Runs a README's commands in their order. Those that go on, as servers do, are left running; what they say is kept.
 * @returns {Promise<{ said: Map<string, string>, failed: Map<string, string>, origin: string, launch: string, close: () => Promise<void> }>}
 */
export async function follow(name, folder) {
  const [said, failed, running] = [new Map(), new Map(), []];
  const close = async () => {
    for (const child of running) await stop(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const port = await freePort();
    for (const command of commands(name)) {
      const { child, out, text } = await run(command, folder, port, running);
      said.set(command, out);
      if (child.exitCode !== null && child.exitCode !== 0) failed.set(command, text);
    }
  } catch (error) {
    await close();
    throw error;
  }
  const all = [...said.values()].join("\n");
  return {
    said,
    failed,
    origin: /Vitrine is at (http:\/\/[^/]+)/.exec(all)?.[1] ?? "",
    launch: /open (http:\S+)/.exec(all)?.[1] ?? "",
    close,
  };
}

/** Runs a command until it has ended or serves. */
async function run(command, cwd, port, running) {
  // npm asks its registry nothing for a package that is a folder, but whether there is advice about it.
  const env = {
    ...process.env,
    PORT: String(port),
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
  };
  const child = spawn("bash", ["-c", command], { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  running.push(child);
  let [out, text, ended] = ["", "", false];
  child.stdout.on("data", (chunk) => (out += chunk));
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
  child.on("close", () => (ended = true));
  for (const end = Date.now() + PATIENCE; !ended && !/Ctrl-C/.test(out);) {
    if (Date.now() > end)
      throw new Error(`${command}: neither ended nor started a server in ${PATIENCE / 1000} s; it said ${text}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  return { child, out, text };
}

/** Ends a command with all that it started. */
async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = once(child, "exit");
  process.kill(-child.pid);
  await over;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** The risk of the septic shock in per cent, as the example in Node says it. */
function inNode(said) {
  return /^septic shock: in-hospital mortality (\d+\.\d) %$/m.exec([...said.values()].join("\n"))[1];
}

const READY = "return document.body.dataset.state === 'ready'";

/**
 * What a reader does with each example, and sees.
 * @type {Record<string, (driver: Driver, followed: Awaited<ReturnType<typeof follow>>) => Promise<void>>}
 */
export const DRIVE = {
  "/examples/portal/": async ({ go, run, wait }, { origin, said }) => {
    await go(`${origin}/examples/portal/`);
    await wait(READY);
    for (const file of ["stable_timeseries.csv", "septic-shock_timeseries.csv"]) {
      await run(`document.querySelector('tr[data-file="${file}"] button').click()`);
      await wait(`return document.body.dataset.shown === "${file}"`);
    }
    // The frame shows five networks as one; the example in Node runs the first of them.
    const risk = await run("return document.querySelector('tr[aria-current] td:last-child').textContent");
    assert.match(risk, /^\d+(\.\d)?%$/);
    assert.ok(Math.abs(parseFloat(risk) - inNode(said)) < 5, `${risk} beside ${inNode(said)} %`);
    assert.match(await run("return document.querySelector('#reasons').textContent"), /^Raised by .*Lowered by/);
  },
  "/examples/element/": async ({ go, run, wait }, { origin, said }) => {
    await go(`${origin}/examples/element/`);
    await wait("return /in-hospital mortality \\d+\\.\\d%/.test(document.querySelector('#last').textContent)");
    const [, risk] = /(\d+\.\d)%/.exec(await run("return document.querySelector('#last').textContent"));
    assert.equal(risk, inNode(said));
    await wait(
      "return document.querySelector('vitrine-explainer').shadowRoot.querySelector('figure[data-name=lrp] canvas').width > 100",
    );
  },
  "/examples/npm/": async ({ go, run, wait }, { origin, said }) => {
    await go(`${origin}/examples/npm/`);
    await wait("return ['ready', 'error'].includes(document.body.dataset.state)");
    const words = await run("return document.querySelector('#words').textContent");
    assert.match(words, new RegExp(`^septic shock: in-hospital mortality ${inNode(said)}%, raised by \\w`));
    assert.ok((await colours(run)) > 10);
  },
  "/examples/smart/": async ({ go, run, wait }, { launch }) => {
    assert.match(launch, /\/examples\/smart\/launch\.html\?iss=/);
    await go(launch);
    await wait(
      "return location.pathname.endsWith('index.html') && ['ready', 'error'].includes(document.body.dataset.state)",
    );
    assert.equal(await run("return document.querySelector('#error').textContent"), "");
    assert.match(
      await run("return document.querySelector('#status').textContent"),
      /^48 of 48 observations used\. Risk \d/,
    );
  },
};

/** @param {Driver["run"]} run */
export function colours(run) {
  return run(`
    const canvas = document.querySelector("canvas");
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return new Set(new Uint32Array(pixels.buffer)).size;`);
}

// The Python package in JupyterLab without a network: how long from `import vitrine` to the first picture, what the cell asks
// for, what stays when a cell runs a hundred times, and what nbconvert shows.
//
//   node benches/jupyter.mjs PYTHON PYTHONPATH     as root on Linux; prints lines for docs/python.md, and fails where one is too much
//
// PYTHON is what `tools/venv.sh python/requirements-jupyter.txt` prints. Everything runs in a namespace that has a loopback
// and nothing else.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";

import { launch } from "../tests/browser/browser.mjs";
import { ROOT } from "../tests/browser/server.mjs";

const [PYTHON, PYTHONPATH] = process.argv.slice(2);
if (!PYTHON || !PYTHONPATH) throw new Error("usage: node benches/jupyter.mjs PYTHON PYTHONPATH");
if (!process.env.VITRINE_ALONE) {
  const command = ["--net", "sh", "-c", 'ip link set lo up && exec "$0" "$@"', process.execPath];
  const again = [...command, fileURLToPath(import.meta.url), PYTHON, PYTHONPATH];
  const CHROME = process.env.CHROME ?? execFileSync(join(ROOT, "tools/chrome.sh"), { encoding: "utf8" }).trim();
  const env = { ...process.env, CHROME, VITRINE_ALONE: "1" };
  const { status } = spawnSync("unshare", again, { stdio: "inherit", env });
  process.exit(status ?? 1);
}

const PORT = 8899;
const PATIENCE = 120_000;
const RUNS = 100;
const MOST = { seconds: 3, requests: 0, growth: 10 * 2 ** 20 };
const CELLS = [
  `import vitrine\nmodel = vitrine.Model("model.onnx")\nstay = model.read("stay.csv")\nmodel.explain(stay)`,
  `model.explain(stay)`,
  `vitrine.show(model, stay)`,
];

const folder = mkdtempSync(join(tmpdir(), "vitrine-jupyter-"));
copyFileSync(join(ROOT, "www/models/in-hospital-mortality.onnx"), join(folder, "model.onnx"));
copyFileSync(join(ROOT, "www/stays/septic-shock_timeseries.csv"), join(folder, "stay.csv"));
writeFileSync(join(folder, "one.ipynb"), JSON.stringify(notebook()));
const env = { ...process.env, HOME: folder, PYTHONPATH, JUPYTER_PLATFORM_DIRS: "0" };
const jupyter = join(dirname(PYTHON), "jupyter");
const told = [];
const server = spawn(jupyter, ["lab", ...options()], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
for (const stream of [server.stdout, server.stderr]) stream.on("data", (some) => told.push(String(some)));
const chromium = await launch();
try {
  await measure();
  await convert();
} catch (error) {
  console.error(told.join("").slice(-3000));
  throw error;
} finally {
  await chromium.close();
  server.kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function notebook() {
  const cells = CELLS.map((source, at) => ({
    cell_type: "code",
    id: `cell-${at}`,
    execution_count: null,
    metadata: {},
    outputs: [],
    source,
  }));
  const kernelspec = { name: "python3", display_name: "Python 3", language: "python" };
  return { cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 };
}

function options() {
  const quiet = ["--no-browser", "--allow-root", "--expose-app-in-browser", "--IdentityProvider.token="];
  return [...quiet, `--ServerApp.port=${PORT}`, "--ServerApp.port_retries=0", `--ServerApp.root_dir=${folder}`];
}

async function measure() {
  const page = await opened();
  const outside = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    const isOwn = request.frame() === page.mainFrame() && url.port === String(PORT);
    if (!isOwn && !["data:", "blob:", "about:"].includes(url.protocol)) outside.push(request.url());
  });
  const picture = await timed(async () => {
    await run(page, 0);
    await page.waitForFunction(() => document.querySelector(".jp-OutputArea img")?.naturalWidth > 0, { polling: 20 });
  });
  const live = await timed(async () => {
    await run(page, 2);
    await livePage(page);
  });
  say("from import to the first picture", picture, MOST.seconds, (s) => `${s.toFixed(2)} s`);
  console.log(`from vitrine.show to the live page with its picture: ${live.toFixed(2)} s`);
  for (const [cell, name] of [
    [1, "an explanation"],
    [2, "vitrine.show"],
  ]) {
    const [before, after] = await grown(page, cell);
    for (const part of Object.keys(before)) {
      const growth = after[part] - before[part];
      const words = `${name}, ${RUNS} times: ${part}`;
      say(words, growth, MOST.growth, (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`);
    }
  }
  await livePage(page);
  say("requests of the cells", outside.length, MOST.requests, (n) => `${n} ${outside.slice(0, 3).join(" ")}`);
  await page.close();
}

async function opened() {
  for (let tries = 0; tries < 300; tries += 1) {
    if (
      await fetch(`http://127.0.0.1:${PORT}/api`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    await pause(200);
  }
  const page = await chromium.browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.goto(`http://127.0.0.1:${PORT}/lab/tree/one.ipynb`);
  await page.waitForFunction(() => window.jupyterapp?.shell.currentWidget?.context?.isReady, { polling: 100 });
  await page.waitForFunction(
    () => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === "idle",
    { polling: 100 },
  );
  return page;
}

/** Runs a cell and waits for its end. */
function run(page, cell) {
  return page.evaluate(async (cell) => {
    const { shell, commands } = window.jupyterapp;
    shell.currentWidget.content.activeCellIndex = cell;
    await commands.execute("notebook:run-cell");
    const { outputs } = shell.currentWidget.content.widgets[cell].model;
    for (let at = 0; at < outputs.length; at += 1) {
      const { type, ename, evalue } = outputs.get(at).toJSON();
      if (ename) throw new Error(`${type}: ${ename}: ${evalue}`);
    }
  }, cell);
}

async function livePage(page) {
  const handle = await page.waitForSelector('iframe[title="Vitrine"]');
  const frame = await handle.contentFrame();
  await frame.waitForSelector('body[data-state="ready"]', { timeout: PATIENCE });
}

/** Seconds. */
async function timed(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** What is held before and after a cell ran so many times, once it has run some times already. */
async function grown(page, cell) {
  const session = await page.createCDPSession();
  await session.send("HeapProfiler.enable");
  await session.send("Performance.enable");
  const some = async (times) => {
    for (let time = 0; time < times; time += 1) await run(page, cell);
    if (cell === 2) await livePage(page);
    await pause(3000);
  };
  const held = async () => {
    for (let time = 0; time < 3; time += 1) await session.send("HeapProfiler.collectGarbage");
    const { metrics } = await session.send("Performance.getMetrics");
    const heap = metrics.find(({ name }) => name === "JSHeapUsedSize").value;
    return { "JupyterLab's heap": heap, "the kernel's memory": kernelMemory() };
  };
  await some(10);
  const before = await held();
  await some(RUNS);
  const after = await held();
  await session.detach();
  return [before, after];
}

/** Resident bytes of the kernel. */
function kernelMemory() {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("ipykernel_launcher")) continue;
      if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(`HOME=${folder}\0`)) continue;
      return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
    } catch {
      // It has ended.
    }
  }
  throw new Error("there is no kernel");
}

/** What nbconvert makes of the notebook shows its pictures where no script runs. */
async function convert() {
  const command = ["nbconvert", "--to", "html", "--execute", "one.ipynb", "--output", "one.html"];
  const { status, stderr } = spawnSync(jupyter, command, { cwd: folder, env, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr.slice(-2000));
  const page = await chromium.browser.newPage();
  await page.setJavaScriptEnabled(false);
  await page.goto(String(pathToFileURL(join(folder, "one.html"))));
  const sizes = await page.$$eval('img[alt*="stay.csv"]', (all) =>
    all.map(({ complete, naturalWidth }) => complete && naturalWidth),
  );
  console.log(`pictures in nbconvert's page, without scripts: ${sizes.length}`);
  if (sizes.length !== CELLS.length || sizes.some((width) => !(width > 0))) throw new Error(`pictures: ${sizes}`);
}

function say(what, value, most, words) {
  console.log(`${what}: ${words(value)}`);
  if (!(value <= most)) {
    process.exitCode = 1;
    console.log(`  that is more than ${words(most)}`);
  }
}

// Checks everything, fast things first, and prints the total as its last line: `N passed, N failed`.
//
//   node tools/check.mjs [WORD...]     only the steps whose name contains one of the words
//
// Each step is one process whose output goes to target/check/; it is shown when the step fails. In CI (CI=true) a stale
// pkg/ ends the run at once, and pkg/ is built anew and compared; elsewhere the tests run on a quick build of the
// sources as they are, and the stale pkg/ is reported as skipped.

import { spawn, spawnSync } from "node:child_process";
import { cpSync, createWriteStream, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cargoTally, closingLine, nodeTally, sum, unittestTally } from "./tally.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const LOGS = join(ROOT, "target/check");
const ONE_FILE = join(LOGS, "vitrine.html");
const IN_CI = !["", "0", "false"].includes(process.env.CI ?? "");
const WORDS = process.argv.slice(2);
const WASM = "wasm32-unknown-unknown";
/** Longer than any step takes from nothing on two cores; a step that hangs must not hang CI. */
const LIMIT_MS = 40 * 60e3;
/** The steps that load the package. */
const ON_PKG = ["page types (tsc)", "page markup (html-validate)", "engine in Node", "page in a browser", "page in a browser, Firefox", "one file in a browser", "one file in a browser, Firefox", "page in WebKit", "recipes (PyTorch, Keras)", "bad files of cargo test, in WebAssembly"];
/** What the one file has to do as well as the page does: the tests of its views. */
const VIEWS = ["clinic", "demos", "methods", "reading"];
/** Where the host's tests leave the bad files for WebAssembly. */
const BAD_FILES = join(ROOT, "target/bad-files");
const HEARTBEAT_MS = 60e3;
const TAIL_LINES = 120;

/** @typedef {import("./tally.mjs").Tally} Tally */

process.chdir(ROOT);
mkdirSync(LOGS, { recursive: true });
rmSync(join(LOGS, "total"), { force: true });

/** @type {Tally[]} */
const tallies = [];
/** The package that the tests load: pkg/ where it is fresh. */
let pkg = join(ROOT, "pkg");
/** The step that runs, in a process group of its own. @type {import("node:child_process").ChildProcess | null} */
let running = null;
/** Outputs of the live reference, or "" where the data are absent. */
let reference = "";

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, () => {
    stopRunning();
    process.exit(130);
  });
}
await main();

async function main() {
  await step("rustfmt", ["cargo", "fmt", "--all", "--check", "--", "--color", "never"]);
  await step("rustfmt, crates outside the workspace", ["rustfmt", "--check", "--edition", "2024", ...filesIn("fuzz/fuzz_targets", /\.rs$/), "benches/stock-tract/lib.rs"]);
  const isOnPkg = ON_PKG.some(isWanted);
  if (isOnPkg) await freshPkg();
  if (isOnPkg) await step("npm packages", ["tools/npm.sh"], { isSetUp: true });
  await step("page types (tsc)", () => ["node_modules/.bin/tsc", "-p", stagedPage()]);
  await step("engine in Node", () => nodeTests("tests/node"), { count: nodeTally });
  await step("page markup (html-validate)", () => ["node_modules/.bin/html-validate", "--max-warnings", "0", ...filesIn("www", /\.html$/)]);
  await step("licences of what is compiled in", ["node", "tools/licenses.mjs", "--check"]);
  await step("licences, sources, bans and advisories of crates", ["node", "tools/deny.mjs"]);
  await step("page in a browser", () => nodeTests("tests/browser", { CHROME: output("tools/chrome.sh") }), { count: nodeTally });
  const firefox = () => ({ BROWSER: "firefox", FIREFOX: output("tools/firefox.sh") });
  await step("page in a browser, Firefox", () => nodeTests("tests/browser", firefox()), { count: nodeTally });
  if (isWanted("one file in a browser")) await step("the one file", ["node", "tools/single.mjs", "--pkg", pkg, "--out", ONE_FILE], { isSetUp: true });
  await step("one file in a browser", () => oneFileTests({ CHROME: output("tools/chrome.sh") }), { count: nodeTally });
  await step("one file in a browser, Firefox", () => oneFileTests(firefox()), { count: nodeTally });
  await step("page in WebKit", () => nodeTests("tests/webkit", webkit()), { count: nodeTally });
  await step("reference (Python)", () => unittests("tests/reference"), { count: unittestTally });
  await step("training (Python)", () => unittests("training"), { count: unittestTally });
  await writtenRecipes();
  await step("clippy, host", ["cargo", "clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]);
  await step("rustdoc, host", ["cargo", "doc", "--locked", "--no-deps", "-p", "vitrine"], { env: { RUSTDOCFLAGS: "-D warnings" } });
  await step("clippy, wasm32", ["tools/cargo-wasm.sh", "clippy", "--locked", "--workspace", "--lib", "--", "-D", "warnings"]);
  await step("rustdoc, wasm32", ["tools/cargo-wasm.sh", "doc", "--locked", "--no-deps", "--workspace"], {
    env: { RUSTDOCFLAGS: "-D warnings" },
  });
  await liveReference();
  // What is ignored needs the live reference.
  const ignored = reference ? ["--", "--include-ignored"] : [];
  await step("cargo test", ["cargo", "test", "--locked", "--no-fail-fast", ...ignored], {
    count: cargoTally,
    env: { VITRINE_BAD_FILES: BAD_FILES, ...(reference ? { VITRINE_REFERENCE: reference } : {}) },
  });
  await step("bad files of cargo test, in WebAssembly", ["node", "tests/node/bad_files.mjs", BAD_FILES]);
  if (IN_CI && WORDS.length === 0) await rebuiltPkg();
  finish();
}

/** Is pkg/ made from these sources? In CI it has to be; elsewhere a quick build takes its place. */
async function freshPkg() {
  const name = "pkg/ is fresh";
  const { status, stderr } = spawnSync("tools/pkg-digest", ["check", "pkg"], { encoding: "utf8" });
  if (status === 0) return report(name, one("passed"));
  const advice = "run `make pkg` and commit pkg/";
  if (IN_CI) {
    report(name, one("failed"), 0, `${stderr.trim()}\n${advice}`);
    finish();
  }
  report(name, one("skipped"), 0, `${stderr.trim()}\ntesting a quick build instead; before committing, ${advice}`);
  pkg = join(ROOT, "target/pkg-dev");
  if (spawnSync("tools/pkg-digest", ["check", pkg]).status === 0) return;
  await step("quick build of the engine", ["tools/pkg.sh", pkg], { env: { FAST: "1" }, isSetUp: true });
}

/** The reference's reading of real stays, made anew: it must not be committed. */
async function liveReference() {
  const name = "live reference (real stays)";
  // The host's tests compare with it.
  if (!isWanted(name) && !isWanted("cargo test")) return;
  const data = process.env.VITRINE_DATA ?? join(ROOT, "../shared/data");
  if (!existsSync(join(data, "mimic3-demo-ihm"))) {
    return report(name, one("skipped"), 0, `${data}/mimic3-demo-ihm is absent; set DATA to the folder that holds it`);
  }
  const folder = join(ROOT, "target/reference/mimic3-demo");
  const isMade = await step(name, () => [python("tests/reference"), "tests/reference/mimic3_demo.py", folder], {
    env: { VITRINE_DATA: data },
  });
  if (isMade) reference = folder;
}

/** docs/recipes.md as it stands, run in PyTorch and Keras where they are installed; and the files that come out, opened. */
async function writtenRecipes() {
  const name = "recipes (PyTorch, Keras)";
  if (!isWanted(name)) return;
  const requirements = "tests/reference/requirements-fixtures.txt";
  const { status, stdout } = spawnSync("tools/venv.sh", [requirements, "--if-made"], { encoding: "utf8" });
  if (status !== 0) return report(name, one("skipped"), 0, `${requirements} is not installed (7 GB); tools/venv.sh ${requirements} installs it`);
  const made = join(ROOT, "target/recipes");
  rmSync(made, { recursive: true, force: true });
  if (!(await step(name, [stdout.trim(), "training/recipes/check.py", "--out", made]))) return;
  await step(`${name}, opened`, () => [["node", "--test", "--test-reporter=spec", "tests/node/recipe.test.mjs"], { VITRINE_RECIPES: made }], { count: nodeTally });
}

/** Where WebKit is, if it can be had: only Debian packages its driver. Without it the tests are skipped, visibly. */
function webkit() {
  try {
    return { WEBKIT: output("tools/webkit.sh") };
  } catch {
    return {};
  }
}

/** Builds pkg/ from nothing but the sources, and compares. */
async function rebuiltPkg() {
  const made = join(ROOT, "target/pkg-ci");
  if (!(await step("pkg/ builds", ["tools/pkg.sh", made], { isSetUp: true }))) return;
  for (const file of ["vitrine.d.ts", "vitrine.js"]) {
    await step(`pkg/${file} is what the sources give`, ["diff", "-u", join("pkg", file), join(made, file)]);
  }
  const name = "pkg/vitrine_bg.wasm is what the sources give";
  const [committed, now] = ["pkg", made].map((dir) => readFileSync(join(dir, "BUILD.json"), "utf8"));
  if (committed === now) await step(name, ["cmp", "pkg/vitrine_bg.wasm", join(made, "vitrine_bg.wasm")]);
  else report(name, one("skipped"), 0, `built by other tools: ${committed.trim()} committed, ${now.trim()} here`);
  pkg = made;
  await step("rebuilt engine in Node", () => nodeTests("tests/node"), { count: nodeTally });
}

function isWanted(name) {
  return WORDS.length === 0 || WORDS.some((word) => name.includes(word));
}

/**
 * Runs one step and counts it: as one check, or as the tests that its output tells of. True when it passed.
 *
 * @param {string} name
 * @param {string[] | (() => string[] | [string[], Record<string, string>])} command or what makes it, with its environment
 * @param {{ count?: (text: string) => Tally, env?: Record<string, string>, isSetUp?: boolean }} [options]
 *   isSetUp: counts only when it fails, and runs whatever words were given
 */
async function step(name, command, { count, env = {}, isSetUp = false } = {}) {
  if (!isSetUp && !isWanted(name)) return false;
  const start = performance.now();
  let status, text;
  try {
    const made = typeof command === "function" ? command() : command;
    const [argv, more] = Array.isArray(made[0]) ? made : [made, {}];
    ({ status, text } = await run(name, argv, { ...env, ...more }));
  } catch (error) {
    ({ status, text } = { status: 1, text: error.message });
  }
  const seconds = (performance.now() - start) / 1e3;
  const tally = counted(status, text, count);
  if (isSetUp && tally.failed === 0) tally.passed = 0;
  report(name, tally, seconds, tally.failed > 0 ? tail(text) : "");
  return tally.failed === 0;
}

/** A runner that fails without naming a failed test, or that succeeds without having run one, has failed. */
function counted(status, text, count) {
  if (!count) return one(status === 0 ? "passed" : "failed");
  const tally = count(text);
  const isEmpty = tally.passed + tally.failed + tally.skipped === 0;
  if (tally.failed === 0 && (status !== 0 || isEmpty)) tally.failed = 1;
  return tally;
}

/** @returns {Promise<{ status: number, text: string }>} */
function run(name, [program, ...args], env) {
  return new Promise((done) => {
    const log = createWriteStream(join(LOGS, `${name.replaceAll(/[^a-z0-9]+/gi, "-")}.log`));
    const child = spawn(program, args, {
      env: { ...process.env, CARGO_TERM_COLOR: "never", NO_COLOR: "1", VITRINE_PKG: pkg, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    running = child;
    let text = "";
    const take = (/** @type {Buffer} */ chunk) => {
      text += chunk;
      log.write(chunk);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    const start = performance.now();
    const heartbeat = setInterval(() => {
      const last = text.trimEnd().split("\n").at(-1)?.trim().slice(0, 100);
      console.log(`  ...      ${name}, ${((performance.now() - start) / 1e3).toFixed(0)} s: ${last}`);
    }, HEARTBEAT_MS);
    const limit = setTimeout(() => {
      take(Buffer.from(`\nstopped after ${LIMIT_MS / 60e3} minutes\n`));
      stopRunning();
    }, LIMIT_MS);
    const end = (/** @type {number} */ status) => {
      clearInterval(heartbeat);
      clearTimeout(limit);
      log.end();
      running = null;
      done({ status, text });
    };
    child.on("error", (error) => {
      text += `${program}: ${error.message}\n`;
      end(127);
    });
    child.on("close", (status) => end(status ?? 1));
  });
}

/** Ends the running step and all that it started: a browser or compiler must not outlive it. */
function stopRunning() {
  if (!running?.pid) return;
  try {
    process.kill(-running.pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** The page's type check reads `../pkg`, which has to be the package under test. */
function stagedPage() {
  if (pkg === join(ROOT, "pkg")) return "tsconfig.json";
  const stage = join(ROOT, "target/check/types");
  rmSync(stage, { recursive: true, force: true });
  cpSync("www", join(stage, "www"), { recursive: true });
  cpSync("tsconfig.json", join(stage, "tsconfig.json"));
  cpSync(pkg, join(stage, "pkg"), { recursive: true });
  return join(stage, "tsconfig.json");
}

function nodeTests(folder, env = {}) {
  return [["node", "--test", "--test-reporter=spec", ...filesIn(folder, /\.test\.mjs$/)], env];
}

/** The tests of the page's views, on the one file. */
function oneFileTests(env) {
  const files = VIEWS.map((name) => `tests/browser/${name}.test.mjs`);
  return [["node", "--test", "--test-reporter=spec", ...files], { ...env, VITRINE_FILE: ONE_FILE }];
}

function unittests(folder) {
  filesIn(folder, /^test_.*\.py$/);
  return [python(folder), "-m", "unittest", "discover", "--buffer", "-s", folder, "-p", "test_*.py"];
}

/** The Python that holds what a folder's tests need: a list of their own, or the reference's. */
function python(folder) {
  const own = join(folder, "requirements-test.txt");
  return output("tools/venv.sh", existsSync(own) ? own : "tests/reference/requirements.txt");
}

function filesIn(folder, pattern) {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => pattern.test(name)) : [];
  if (names.length === 0) throw new Error(`${folder}: no file that matches ${pattern}`);
  return names.sort().map((name) => join(folder, name));
}

/** What a set-up script prints, its messages passed on. */
function output(program, ...args) {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed; see above`);
  return stdout.trim();
}

/** @param {keyof Tally} kind @returns {Tally} */
function one(kind) {
  return { passed: 0, failed: 0, skipped: 0, [kind]: 1 };
}

/** @param {string} name @param {Tally} tally @param {number} seconds @param {string} [note] */
function report(name, tally, seconds = 0, note = "") {
  tallies.push(tally);
  const mark = tally.failed > 0 ? "FAILED" : tally.passed === 0 && tally.skipped > 0 ? "skipped" : "ok";
  console.log(`  ${mark.padEnd(8)} ${name.padEnd(46)} ${seconds.toFixed(1).padStart(7)} s   ${closingLine(tally)}`);
  if (note) console.log(note.replaceAll(/^/gm, "           "));
}

function tail(text) {
  return text.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
}

function finish() {
  const total = sum(tallies);
  const line = closingLine(total);
  writeFileSync(join(LOGS, "total"), `${line}\n`);
  console.log(line);
  process.exit(total.failed > 0 ? 1 : 0);
}

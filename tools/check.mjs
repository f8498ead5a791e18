// Checks everything, in lanes that run side by side, and prints the total as its last line: `N passed, N failed`.
//
//   node tools/check.mjs [WORD...]     only the steps whose name contains one of the words
//
// Each step is one process whose output goes to target/check/; it is shown when the step fails. In CI (CI=true) a stale
// pkg/ ends the run at once, and pkg/ is built anew and compared; elsewhere the tests run on a quick build of the
// sources as they are, and the stale pkg/ is reported as skipped.

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { freemem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { stopAll } from "./check/job.mjs";
import { one } from "./check/report.mjs";
import { COMPILER, Steps } from "./check/steps.mjs";
import { cargoTally, nodeTally, nodeTimes, unittestTally } from "./tally.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const LOGS = join(ROOT, "target/check");
const ONE_FILE = join(LOGS, "vitrine.html");
const IN_CI = !["", "0", "false"].includes(process.env.CI ?? "");
const WORDS = process.argv.slice(2);
/** All of it from nothing takes a third of this on two cores; CI gives up at an hour and a half, without a total. */
const LIMIT_MS = 75 * 60e3;
/** The test files that take longest, as measured: they start first, so that none runs alone at the end. */
const LONGEST = [
  "methods",
  "clinic",
  "access",
  "first-screen",
  "reading",
  "locked",
  "files",
  "alone",
  "frame",
  "leak",
  "page",
  "looks",
  "examples",
  "edit",
  "pool",
  "endurance",
];
/** What the one file has to do as well as the page does: the tests of its views. */
const VIEWS = ["methods", "clinic", "reading", "demos"];
/** What a browser needs beside two compilers, in bytes. */
const ROOM = 3 * 2 ** 30;
/** So many test files run at once. */
const AT_ONCE = 2;
/** Of these steps half the time is waiting, and the compilers have mostly ended. */
const AT_ONCE_LATER = 3;
/** Where the host's tests leave the bad files for WebAssembly. */
const BAD_FILES = join(ROOT, "target/bad-files");
/** pkg/ is built while all else runs: neither may wait for the other's lock. */
const PKG_TARGET = join(ROOT, "target/pkg-build");

process.chdir(ROOT);
// What is compiled once from nothing need not be kept in small parts for a next time, which takes longer.
if (IN_CI) process.env.CARGO_INCREMENTAL ??= "0";
const steps = new Steps({ root: ROOT, logs: LOGS, words: WORDS, inCi: IN_CI });
const ofNode = { count: nodeTally, times: nodeTimes, isOnPackage: true };

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, () => {
    stopAll();
    process.exit(130);
  });
}
setTimeout(() => steps.end("the checks as a whole", `not ended within ${LIMIT_MS / 60e3} minutes`), LIMIT_MS).unref();
// What compares with the reference asks for it wherever it stands in its lane.
const reference = liveReference();
await Promise.all([webAssembly, browsers, compilers, theRest].map(toItsEnd));
await steps.secondTries();
steps.report.finish();

/** A lane that breaks off is a failed check, and the others go on. @param {() => Promise<void>} lane */
async function toItsEnd(lane) {
  try {
    await lane();
  } catch (error) {
    steps.report.add(lane.name, one("failed"), { note: error.stack });
  }
}

/** The page in real browsers. */
async function browsers() {
  const chromium = async () => ({ CHROME: await steps.output("tools/chrome.sh") });
  const firefox = async () => ({ BROWSER: "firefox", FIREFOX: await steps.output("tools/firefox.sh") });
  const page = longestFirst("tests/browser");
  await browserStep("page in a browser", page, chromium, AT_ONCE);
  await browserStep("page in a browser, Firefox", page, firefox);
  if (steps.isWanted("one file in a browser") && (await steps.ready())) {
    await steps.step("the one file", ["node", "tools/single.mjs", "--pkg", steps.pkg, "--out", ONE_FILE], {
      isSetUp: true,
    });
  }
  const oneFile = (/** @type {() => Promise<Record<string, string>>} */ browser) => async () => ({
    ...(await browser()),
    VITRINE_FILE: ONE_FILE,
  });
  const views = VIEWS.map((name) => `tests/browser/${name}.test.mjs`);
  await browserStep("one file in a browser", views, oneFile(chromium));
  await browserStep("one file in a browser, Firefox", ["tests/browser/demos.test.mjs"], oneFile(firefox));
  await browserStep("page in WebKit", filesIn("tests/webkit", /\.test\.mjs$/), webkit);
}

/**
 * Test files in a browser. What fails while compilers and browsers run beside each other is tried once more when they have ended.
 * @param {string} name
 * @param {string[]} files
 * @param {() => Promise<Record<string, string>>} env where the browser is
 * @param {number} [atOnce]
 */
function browserStep(name, files, env, atOnce = AT_ONCE_LATER) {
  const again = async (/** @type {string[]} */ some) => nodeTests(some, await env(), atOnce);
  return steps.step(name, () => again(files), { ...ofNode, again });
}

/** The crate by the host's compiler: one lane, since cargo lets one process at a time into a target folder. */
async function compilers() {
  await steps.step("rustfmt", ["cargo", "fmt", "--all", "--check", "--", "--color", "never"]);
  const outside = [...filesIn("fuzz/fuzz_targets", /\.rs$/), "benches/stock-tract/lib.rs"];
  await steps.step("rustfmt, crates outside the workspace", ["rustfmt", "--check", "--edition", "2024", ...outside]);
  // What clippy learns of the dependencies, rustdoc uses; the tests need them compiled, which is work of its own.
  await steps.step(
    "clippy, host",
    ["cargo", "clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"],
    { weight: COMPILER },
  );
  await steps.step(
    "rustdoc, host",
    ["cargo", "doc", "--locked", "--no-deps", "--workspace", "--exclude", "vitrine-wasm"],
    {
      env: { RUSTDOCFLAGS: "-D warnings" },
      weight: COMPILER,
    },
  );
  await steps.step("cargo test", cargoTest, { count: cargoTally, weight: COMPILER });
  await steps.step("python package", pythonPackage, { count: unittestTally, isOnPackage: true, weight: COMPILER });
  await spark();
  await modules();
  await notebook();
  await steps.step("bad files of cargo test, in WebAssembly", ["node", "tests/node/bad_files.mjs", BAD_FILES], {
    isOnPackage: true,
  });
}

/** The engine in Node, the page's text, and Python. */
async function theRest() {
  await steps.step("scripts (eslint)", ["node_modules/.bin/eslint", "--max-warnings", "0", "."], { isOnNpm: true });
  await steps.step("layout of scripts (prettier)", ["npm", "run", "--silent", "format:check"], { isOnNpm: true });
  await steps.step("page types (tsc)", () => ["node_modules/.bin/tsc", "-p", stagedPage()], { isOnPackage: true });
  await steps.step(
    "page markup (html-validate)",
    () => ["node_modules/.bin/html-validate", "--max-warnings", "0", ...filesIn("www", /\.html$/)],
    { isOnPackage: true },
  );
  await steps.step("engine in Node", () => nodeTests(longestFirst("tests/node")), ofNode);
  await steps.step(
    "package in bundlers",
    async () => nodeTests(filesIn("tests/package", /\.test\.mjs$/), { CHROME: await steps.output("tools/chrome.sh") }),
    ofNode,
  );
  await steps.step("licences of what is compiled in", ["node", "tools/licenses.mjs", "--check"]);
  await steps.step("www/vendor is what the lock file says", ["node", "tools/vendor.mjs", "--check"], { isOnNpm: true });
  await steps.step("licences, sources, bans and advisories of crates", ["node", "tools/deny.mjs"]);
  await reference;
  await steps.step("reference (Python)", () => unittests("tests/reference"), { count: unittestTally });
  await steps.step("training (Python)", () => unittests("training"), { count: unittestTally });
  await writtenRecipes();
}

/** The crate for WebAssembly: in CI pkg/ is built from nothing but the sources and compared; lints and documentation. */
async function webAssembly() {
  if (IN_CI && WORDS.length === 0) await rebuiltPackage();
  // In the profile of pkg/, so that build scripts and macros are compiled once.
  const cargo = (/** @type {string[]} */ ...args) => ["tools/cargo-wasm.sh", ...args, "--locked", "--profile", "pkg"];
  const env = { CARGO_TARGET_DIR: PKG_TARGET };
  await steps.step("clippy, wasm32", [...cargo("clippy", "--workspace", "--lib"), "--", "-D", "warnings"], {
    env,
    weight: COMPILER,
  });
  await steps.step("rustdoc, wasm32", cargo("doc", "--no-deps", "--workspace"), {
    env: { ...env, RUSTDOCFLAGS: "-D warnings" },
    weight: COMPILER,
  });
}

/** Builds pkg/ anew and compares. Its link-time optimisation is the longest thing here. */
async function rebuiltPackage() {
  const made = join(ROOT, "target/pkg-ci");
  const isBuilt = await steps.step("pkg/ builds", ["tools/pkg.sh", made], {
    env: { CARGO_TARGET_DIR: PKG_TARGET },
    isSetUp: true,
    weight: COMPILER,
  });
  if (!isBuilt) return;
  for (const file of ["vitrine.d.ts", "vitrine.js"]) {
    await steps.step(`pkg/${file} is what the sources give`, ["diff", "-u", join("pkg", file), join(made, file)]);
  }
  const name = "pkg/vitrine_bg.wasm is what the sources give";
  const [committed, now] = ["pkg", made].map((dir) => readFileSync(join(dir, "BUILD.json"), "utf8"));
  if (committed === now)
    return void (await steps.step(name, ["cmp", "pkg/vitrine_bg.wasm", join(made, "vitrine_bg.wasm")]));
  steps.skip(name, `built by other tools: ${committed.trim()} committed, ${now.trim()} here`);
  // Other bytes than those that were tested: they are tested as well.
  await steps.step(
    "rebuilt engine in Node",
    () => nodeTests(filesIn("tests/node", /\.test\.mjs$/), { VITRINE_PKG: made }),
    ofNode,
  );
}

/**
 * The tests of the crate. What is ignored needs the live reference, but for the tables that `make answers` writes and for what
 * `make growth` times, a ratio of times being no check on a busy machine, and for what asks five networks that are not here.
 */
async function cargoTest() {
  const folder = await reference;
  const elsewhere = ["make_answers", "growth_of_", "another_five"].flatMap((name) => ["--skip", name]);
  const ignored = folder ? ["--", "--include-ignored", ...elsewhere] : [];
  const env = { VITRINE_BAD_FILES: BAD_FILES, ...(folder ? { VITRINE_REFERENCE: folder } : {}) };
  return [["cargo", "test", "--locked", "--workspace", "--no-fail-fast", ...ignored], env];
}

/** The Python package of a quick build, with the page of the package under test. */
async function pythonPackage() {
  const path = await steps.output("tools/wheel.sh", "--dev", steps.pkg);
  const command = await unittests("python/tests", "tests/reference");
  return [command, { PYTHONPATH: path, VITRINE_PKG: resolve(steps.pkg) }];
}

/** The package's function under Apache Spark, with its worker killed, where that is installed; else skipped, visibly. */
async function spark() {
  const name = "python package under Spark";
  await packageTests(
    name,
    installedFor(name, "python/requirements-spark.txt", "350 MB, and Java 17"),
    "test_engines.py",
  );
}

/** Modules of PyTorch and Keras in memory, exported by the package, where these are installed; else skipped, visibly. */
async function modules() {
  const name = "python package with PyTorch and Keras";
  await packageTests(name, frameworks(name), "test_modules.py");
}

/** One file of the package's tests, by the Python that has what it needs. @param {string} name @param {string} installed @param {string} file */
async function packageTests(name, installed, file) {
  if (!installed) return;
  const command = async () => [
    [installed, "-m", "unittest", "discover", "--buffer", "-s", "python/tests", "-p", file],
    { PYTHONPATH: await steps.output("tools/wheel.sh", "--dev", steps.pkg) },
  ];
  await steps.step(name, command, { count: unittestTally, isOnPackage: true, weight: COMPILER });
}

/** The reference's reading of real stays, made anew: it must not be committed. @returns where it lies, or "" where the data are absent */
async function liveReference() {
  const name = "live reference (real stays)";
  // The host's tests compare with it.
  if (!steps.isWanted(name) && !steps.isWanted("cargo test")) return "";
  const data = process.env.VITRINE_DATA ?? join(ROOT, "../shared/data");
  if (!existsSync(join(data, "mimic3-demo-ihm"))) {
    steps.skip(name, `${data}/mimic3-demo-ihm is absent; set DATA to the folder that holds it`);
    return "";
  }
  const folder = join(ROOT, "target/reference/mimic3-demo");
  const command = async () => [await python("tests/reference"), "tests/reference/mimic3_demo.py", folder];
  return (await steps.step(name, command, { env: { VITRINE_DATA: data } })) ? folder : "";
}

/** The Python that holds PyTorch and Keras. @param {string} name */
function frameworks(name) {
  return installedFor(name, "tests/reference/requirements-fixtures.txt", "7 GB");
}

/**
 * The Python that holds what is listed, where it is installed; else the step is skipped, visibly.
 * @param {string} name @param {string} requirements @param {string} size
 */
function installedFor(name, requirements, size) {
  if (!steps.isWanted(name)) return "";
  const { status, stdout } = spawnSync("tools/venv.sh", [requirements, "--if-made"], { encoding: "utf8" });
  if (status === 0) return stdout.trim();
  steps.skip(name, `${requirements} is not installed (${size}); tools/venv.sh ${requirements} installs it`);
  return "";
}

/** docs/recipes.md as it stands, run in PyTorch and Keras where they are installed; and the files that come out, opened. */
async function writtenRecipes() {
  const name = "recipes (PyTorch, Keras)";
  const installed = frameworks(name);
  if (!installed) return;
  const made = join(ROOT, "target/recipes");
  rmSync(made, { recursive: true, force: true });
  if (!(await steps.step(name, [installed, "training/recipes/check.py", "--out", made]))) return;
  await steps.step(
    `${name}, opened`,
    () => nodeTests(["tests/node/recipe.test.mjs"], { VITRINE_RECIPES: made }),
    ofNode,
  );
}

/** docs/notebook.ipynb as it stands, by the Python package of the quick build. */
async function notebook() {
  const name = "notebook (PyTorch)";
  const installed = frameworks(name);
  if (!installed) return;
  const command = async () => [
    [installed, "training/recipes/notebook.py"],
    { PYTHONPATH: await steps.output("tools/wheel.sh", "--dev", steps.pkg) },
  ];
  await steps.step(name, command, { isOnPackage: true, weight: COMPILER });
}

/** Where WebKit is, if it can be had: only Debian packages its driver. Without it the tests are skipped, visibly. */
async function webkit() {
  try {
    return { WEBKIT: await steps.output("tools/webkit.sh") };
  } catch {
    return {};
  }
}

/** The page's type check reads `../pkg`, which has to be the package under test. */
function stagedPage() {
  if (steps.pkg === join(ROOT, "pkg")) return "tsconfig.json";
  const stage = join(LOGS, "types");
  rmSync(stage, { recursive: true, force: true });
  cpSync("www", join(stage, "www"), { recursive: true });
  cpSync("tsconfig.json", join(stage, "tsconfig.json"));
  cpSync(steps.pkg, join(stage, "pkg"), { recursive: true });
  return join(stage, "tsconfig.json");
}

/**
 * @param {string[]} files
 * @param {Record<string, string>} [env]
 * @param {number} [most] at once, where there is memory for so many
 * @returns {[string[], Record<string, string>]}
 */
function nodeTests(files, env = {}, most = AT_ONCE) {
  const rooms = Math.floor((process.availableMemory?.() ?? freemem()) / ROOM);
  const atOnce = Math.max(1, Math.min(most, rooms, files.length));
  return [["node", "tools/check/tests.mjs", "--at-once", String(atOnce), ...files], env];
}

/** @param {string} folder */
function longestFirst(folder) {
  const files = filesIn(folder, /\.test\.mjs$/);
  const long = LONGEST.map((name) => join(folder, `${name}.test.mjs`));
  return [...new Set([...long.filter((file) => files.includes(file)), ...files])];
}

/** @param {string} folder @param {string} [home] of the list of what its tests need */
async function unittests(folder, home = folder) {
  filesIn(folder, /^test_.*\.py$/);
  return [await python(home), "-m", "unittest", "discover", "--buffer", "-s", folder, "-p", "test_*.py"];
}

/** The Python that holds what a folder's tests need: a list of their own, or the reference's. @param {string} folder */
async function python(folder) {
  const own = join(folder, "requirements-test.txt");
  return steps.output("tools/venv.sh", existsSync(own) ? own : "tests/reference/requirements.txt");
}

/** @param {string} folder @param {RegExp} pattern of the names */
function filesIn(folder, pattern) {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => pattern.test(name)) : [];
  if (names.length === 0) throw new Error(`${folder}: no file that matches ${pattern}`);
  return names.sort().map((name) => join(folder, name));
}

// What wasm-pack leaves undone: names out of the module, an npm package called `vitrine` that starts by itself in Node, and
// a note of how it was built.
//
//   node tools/finish-pkg.mjs DIR DEP_INFO BUILD_JSON     prints the sources inside the repository, one a line
//   node tools/finish-pkg.mjs --is-built DIR BUILD_JSON     succeeds where DIR says that it was built so
//
// DEP_INFO is cargo's list of the files it compiled; BUILD_JSON is how (route, compiler, tools), written as it is.

import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { stripWasm } from "./strip-wasm.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const LICENCES = ["LICENSE-APACHE", "LICENSE-MIT"];
/** What the package holds beside what was built, by its name there. */
const ADDED = {
  "README.md": "tools/pkg/README.md",
  "licenses.json": "www/licenses.json",
  "node.js": "tools/pkg/node.js",
};
/** What the types speak of, whichever libraries a project names. */
const LIBRARIES = ["dom", "esnext.disposable"];
// Not in cargo's list, and yet they decide what comes out.
const RECIPE = [
  ".cargo/config.toml",
  "Cargo.lock",
  "Cargo.toml",
  "tools/engine/Cargo.toml",
  "tools/finish-pkg.mjs",
  ...Object.values(ADDED),
  "tools/pkg.sh",
  "tools/pkg/link.mjs",
  "tools/strip-wasm.mjs",
  "tools/wasm/Cargo.toml",
  "tools/wasm-toolchain.sh",
];

if (process.argv[2] === "--is-built") {
  const [dir, build] = process.argv.slice(3);
  process.exit(readFileSync(join(dir, "BUILD.json"), "utf8") === asText(JSON.parse(build)) ? 0 : 1);
}
const [dir, depInfo, build] = process.argv.slice(2);

stripModule(join(dir, "vitrine_bg.wasm"));
withLibraries(join(dir, "vitrine.d.ts"));
writeJson(join(dir, "package.json"), npmPackage(readJson(join(dir, "package.json"))));
writeJson(join(dir, "BUILD.json"), JSON.parse(build));
for (const name of LICENCES) copyFileSync(join(ROOT, name), join(dir, name));
for (const [name, source] of Object.entries(ADDED)) copyFileSync(join(ROOT, source), join(dir, name));
// wasm-pack's own says that nothing here is to be committed.
rmSync(join(dir, ".gitignore"), { force: true });
process.stdout.write(`${sources(readFileSync(depInfo, "utf8")).join("\n")}\n`);

function stripModule(file) {
  const before = readFileSync(file);
  const after = stripWasm(before, file);
  for (const path of [ROOT, homedir()]) {
    if (path.length > 1 && after.includes(`${path}/`))
      throw new Error(`${file}: holds ${path}, a path of this machine`);
  }
  writeFileSync(file, after);
  console.error(`${(before.length / 1e6).toFixed(1)} MB with names, ${(after.length / 1e6).toFixed(1)} MB without`);
}

function withLibraries(file) {
  const references = LIBRARIES.map((name) => `/// <reference lib="${name}" />\n`).join("");
  writeFileSync(file, references + readFileSync(file, "utf8"));
}

/**
 * wasm-pack takes the package's name and text from the crate that only wraps.
 * Of conditions the first that holds counts: a bundler for pages and workers never reads `node:fs`.
 */
function npmPackage(made) {
  const own = ["vitrine_bg.wasm.d.ts", "BUILD.json", ...LICENCES, ...Object.keys(ADDED)];
  const [types, page] = [`./${made.types}`, `./${made.main}`];
  return {
    name: "vitrine",
    version: made.version,
    description:
      readFileSync(join(ROOT, "Cargo.toml"), "utf8").match(/^description = "(.*)"$/m)?.[1] ?? made.description,
    license: made.license,
    type: "module",
    main: made.main,
    types: made.types,
    exports: {
      ".": { types, browser: page, worker: page, node: "./node.js", default: page },
      "./vitrine_bg.wasm": "./vitrine_bg.wasm",
      "./package.json": "./package.json",
    },
    // It starts the engine, which a bundler would otherwise leave out: nothing is imported from it alone.
    sideEffects: ["./node.js"],
    files: [...new Set([...made.files, ...own])].sort(),
  };
}

/** The first rule of cargo's make-style list, as paths from the repository root; spaces in names are escaped. */
function sources(text) {
  const rule = text.split("\n", 1)[0];
  const compiled = rule
    .slice(rule.indexOf(": ") + 2)
    .split(/(?<!\\) /)
    .map((name) => name.replaceAll("\\ ", " "))
    .map((name) => (isAbsolute(name) ? relative(ROOT, name) : name));
  const outside = compiled.filter((name) => name.startsWith("..") || isAbsolute(name));
  if (outside.length > 0) throw new Error(`${outside.join(", ")}: compiled in, but outside the repository`);
  if (!compiled.includes(join("src", "lib.rs"))) throw new Error(`${depInfo}: does not name src/lib.rs`);
  return [...new Set([...RECIPE, ...compiled.map((name) => name.split(sep).join("/"))])].sort();
}

function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

function writeJson(file, value) {
  writeFileSync(file, asText(value));
}

function asText(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}

// Writes www/licenses.json: what is compiled into the engine, and what www/vendor/ holds, with the licences' texts, from the
// real dependency lists.
//
//   node tools/licenses.mjs           writes it
//   node tools/licenses.mjs --check   fails where it is not what this would write
//
// Only what reaches the reader counts: crates that the wasm module links, for its target, without build and test tools.
// That the page has no npm package but those in www/vendor/ is checked as well.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const OUT = join(ROOT, "www/licenses.json");

const metadata = JSON.parse(
  execFileSync(
    "cargo",
    ["metadata", "--locked", "--format-version", "1", "--filter-platform", "wasm32-unknown-unknown"],
    {
      cwd: ROOT,
      encoding: "utf8",
      maxBuffer: 1 << 28,
    },
  ),
);
const packages = new Map(metadata.packages.map((it) => [it.id, it]));
const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));

/** Every package that ends up in the module. */
function linked() {
  const start = metadata.packages.find(({ name, source }) => name === "vitrine-wasm" && source === null);
  const found = new Set();
  const walk = (id) => {
    if (found.has(id) || packages.get(id).targets.some(({ kind }) => kind.includes("proc-macro"))) return;
    found.add(id);
    for (const { pkg, dep_kinds: kinds } of nodes.get(id).deps) if (kinds.some(({ kind }) => kind === null)) walk(pkg);
  };
  walk(start.id);
  return [...found].map((id) => packages.get(id)).filter(({ source }) => source !== null);
}

/** The texts of a crate's licence: of a choice, MIT's where it is one, and all where there is none to choose. */
function textsOf({ manifest_path: manifest, license }) {
  const folder = dirname(manifest);
  const files = readdirSync(folder).filter(
    (name) => /^(licen[cs]e|copying|notice|unlicense)/i.test(name) && !/\.(rs|toml)$/.test(name),
  );
  const mit = files.filter((name) => /mit/i.test(name));
  const chosen = / OR |\//.test(license ?? "") && mit.length > 0 ? mit : files;
  return chosen.sort().map((name) => readFileSync(join(folder, name), "utf8").trim().replaceAll("\r\n", "\n"));
}

/** What tools/vendor.mjs has put into www/vendor/, with the licence that stands in front of it. */
function vendored() {
  const { dependencies = {} } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  return Object.entries(dependencies).map(([name, version]) => {
    const text = readFileSync(join(ROOT, `www/vendor/${name}.js`), "utf8");
    const [, first, license, body] = /^\/\*!\n(\S+ \S+) (\S+)\n\n([^]*?)\n\*\/\n/.exec(text) ?? [];
    if (first !== `${name} ${version}`)
      throw new Error(`www/vendor/${name}.js: is not ${name} ${version}; run \`node tools/vendor.mjs\``);
    return { name, version, license, texts: [body] };
  });
}

const texts = [];
const index = (text) => (texts.includes(text) ? texts.indexOf(text) : texts.push(text) - 1);
const crates = linked().map((it) => ({ ...it, license: it.license ?? "see its text", texts: textsOf(it) }));
const licenses = [...crates, ...vendored()]
  .sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version))
  .map(({ name, version, license, texts: its }) => ({ name, version, license, texts: its.map(index) }));
const own = JSON.parse(JSON.stringify(metadata.packages.find(({ name }) => name === "vitrine")));
const json = `${JSON.stringify({ version: own.version, licenses, texts }, null, 1)}\n`;

if (process.argv.includes("--check")) {
  if (!existsSync(OUT) || readFileSync(OUT, "utf8") !== json) {
    console.error("www/licenses.json is not what Cargo.lock asks for; run `node tools/licenses.mjs` and commit it");
    process.exit(1);
  }
} else {
  writeFileSync(OUT, json);
  const without = licenses
    .filter(({ texts: its }) => its.length === 0)
    .map(({ name, license }) => `${name} (${license})`);
  console.error(
    `${licenses.length} packages, ${texts.length} texts; without a text of their own: ${without.join(", ") || "none"}`,
  );
}

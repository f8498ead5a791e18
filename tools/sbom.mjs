// A software bill of materials of pkg/: every crate that is compiled into the module, in CycloneDX 1.6 JSON, from cargo's
// own account. The same lock file gives the same bytes.
//
//   node tools/sbom.mjs > sbom.json

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const TARGET = "wasm32-unknown-unknown";
const WRAPPER = "vitrine-wasm";

const { packages, resolve: graph } = metadata();
const byId = new Map(packages.map((it) => [it.id, it]));
const nodes = new Map(graph.nodes.map((it) => [it.id, it]));
const checksums = readChecksums();
const root = packages.find((it) => it.name === WRAPPER && it.source === null);
if (!root) throw new Error(`Cargo.toml: no package ${WRAPPER}`);
const ids = reachable(root.id);
process.stdout.write(`${JSON.stringify(bill(), null, 2)}\n`);

function metadata() {
  const args = ["metadata", "--locked", "--format-version", "1", "--filter-platform", TARGET];
  const { status, stdout } = spawnSync("cargo", args, {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error("cargo metadata failed; see above");
  return JSON.parse(stdout);
}

/** Everything that is linked: neither what only tests need nor what runs while building. */
function reachable(start) {
  const seen = new Set();
  const open = [start];
  while (open.length > 0) {
    const id = open.pop();
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...linked(id));
  }
  return [...seen].sort();
}

function linked(id) {
  const deps = nodes.get(id).deps.filter((dep) => dep.dep_kinds.some(({ kind }) => kind === null));
  return deps.map((dep) => dep.pkg).filter((dep) => !isMacro(byId.get(dep)));
}

function isMacro(it) {
  return it.targets.some(({ kind }) => kind.includes("proc-macro"));
}

/** The lock file's SHA-256 of each package, by name and version. */
function readChecksums() {
  const text = readFileSync(join(ROOT, "Cargo.lock"), "utf8");
  const sums = new Map();
  for (const block of text.split("[[package]]").slice(1)) {
    const field = (name) => block.match(new RegExp(`^${name} = "(.*)"$`, "m"))?.[1];
    sums.set(`${field("name")} ${field("version")}`, field("checksum"));
  }
  return sums;
}

function bill() {
  const [component, ...components] = [root.id, ...ids.filter((id) => id !== root.id)].map(describe);
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { ...component, type: "application" } },
    components,
    dependencies: ids.map((id) => ({
      ref: ref(byId.get(id)),
      dependsOn: [...new Set(linked(id))].map((dep) => ref(byId.get(dep))).sort(),
    })),
  };
}

function describe(id) {
  const it = byId.get(id);
  const checksum = checksums.get(`${it.name} ${it.version}`);
  return {
    type: "library",
    "bom-ref": ref(it),
    name: it.name,
    version: it.version,
    ...(it.description ? { description: it.description.trim().replaceAll(/\s+/g, " ") } : {}),
    ...(checksum ? { hashes: [{ alg: "SHA-256", content: checksum }] } : {}),
    ...(it.license ? { licenses: [{ expression: it.license.replaceAll(/\s*\/\s*/g, " OR ") }] } : {}),
    purl: ref(it),
  };
}

function ref({ name, version, source }) {
  return source ? `pkg:cargo/${name}@${version}` : `pkg:generic/${name}@${version}`;
}

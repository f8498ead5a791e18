// The known advisories of the crates in Cargo.lock, tools/advisories.json: facts of the RustSec database as of a day, so
// that `make test` and `make deny` know them offline. A crate that was not looked up then is as much a finding as a crate
// whose version is affected.
//
//   node tools/advisories.mjs update CLONE     writes the list anew from a clone of https://github.com/rustsec/advisory-db
//   node tools/advisories.mjs database DIR     writes the list as a database that cargo-deny reads

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const FILE = join(ROOT, "tools/advisories.json");
/** The folder in which cargo-deny looks for its default database: its name, and a hash of its address. */
const FOLDER = "advisory-db-3157b0e258782691";

/**
 * @typedef {object} Advisory
 * @property {string} id
 * @property {string} package
 * @property {string} date
 * @property {string[]} patched requirements; a version that meets one of them is sound
 * @property {string[]} unaffected the same, of versions from before the fault
 * @property {string} [informational] unsound, unmaintained or notice; else it is a vulnerability
 * @property {string} [url]
 *
 * @typedef {{ source: string, asOf: string, lookedUp: string[], advisories: Advisory[] }} List
 */

/** @returns {List} */
export function committed() {
  return JSON.parse(readFileSync(FILE, "utf8"));
}

/**
 * What is wrong with packages by a list.
 *
 * @param {{ name: string, version: string, source: string | null }[]} packages
 * @param {List} list
 * @param {Set<string>} ignored identifiers
 */
export function findings(packages, { asOf, lookedUp, advisories }, ignored = new Set()) {
  const known = new Set(lookedUp);
  return packages
    .filter(({ source }) => source !== null)
    .flatMap(({ name, version }) => {
      if (!known.has(name))
        return [
          `${name} ${version}: its advisories were not looked up on ${asOf}; write tools/advisories.json anew (tools/advisories.mjs)`,
        ];
      return advisories
        .filter((it) => it.package === name && !ignored.has(it.id) && isAffected(version, it))
        .map(
          (it) =>
            `${name} ${version}: ${it.id} (${it.informational ?? "vulnerability"}), ${soundVersions(it)}; https://rustsec.org/advisories/${it.id}.html`,
        );
    });
}

/** @param {Advisory} advisory */
function soundVersions({ patched }) {
  return patched.length > 0 ? `mended in ${patched.join(" or ")}` : "not mended in any version";
}

/** @param {string} version @param {Pick<Advisory, "patched" | "unaffected">} advisory */
export function isAffected(version, { patched, unaffected }) {
  return ![...patched, ...unaffected].some((requirement) => meets(version, requirement));
}

/**
 * Whether a version meets all parts of a requirement, as `>= 0.8.4, < 0.9.0`, `^0.3.4`, `~1.2` or `= 1.0.0`.
 * @param {string} version
 * @param {string} requirement
 */
export function meets(version, requirement) {
  return requirement.split(",").every((part) => {
    const [, operator = "^", wanted = ""] = /^\s*(>=|<=|>|<|=|\^|~)?\s*(\d[^\s]*)\s*$/.exec(part) ?? [];
    if (!wanted) throw new Error(`"${part}" is no part of a requirement`);
    const order = compare(version, wanted);
    switch (operator) {
      case ">=":
        return order >= 0;
      case ">":
        return order > 0;
      case "<=":
        return order <= 0;
      case "<":
        return order < 0;
      case "=":
        return order === 0;
      default:
        return order >= 0 && compare(version, next(wanted, operator)) < 0;
    }
  });
}

/** The first version that `^` or `~` no longer lets in. @param {string} wanted @param {string} operator */
function next(wanted, operator) {
  const given = wanted.split(/[-+]/)[0].split(".").map(Number);
  const [major, minor = 0, patch = 0] = given;
  if (operator === "~") return given.length > 1 ? `${major}.${minor + 1}.0` : `${major + 1}.0.0`;
  if (major > 0 || given.length === 1) return `${major + 1}.0.0`;
  return minor > 0 || given.length === 2 ? `0.${minor + 1}.0` : `0.0.${patch + 1}`;
}

/** Below, at or above 0, by the precedence of semantic versions; what follows a plus does not count. @param {string} a @param {string} b */
export function compare(a, b) {
  const [left, right] = [a, b].map(taken);
  for (let k = 0; k < 3; k++) if (left.numbers[k] !== right.numbers[k]) return left.numbers[k] - right.numbers[k];
  // A version before another one: 1.0.0-alpha.1 comes before 1.0.0.
  if (!left.before || !right.before) return Number(!left.before) - Number(!right.before);
  return comparePre(left.before.split("."), right.before.split("."));
}

/** @param {string[]} left @param {string[]} right */
function comparePre(left, right) {
  for (let k = 0; k < Math.max(left.length, right.length); k++) {
    const [a, b] = [left[k], right[k]];
    if (a === b) continue;
    if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
    const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)];
    if (isNumber && isOther) return Number(a) - Number(b);
    if (isNumber !== isOther) return isNumber ? -1 : 1;
    return a < b ? -1 : 1;
  }
  return 0;
}

/** @param {string} version */
function taken(version) {
  const [, numbers, before] = /^(\d+(?:\.\d+){0,2})(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$/.exec(version) ?? [];
  if (!numbers) throw new Error(`"${version}" is no version`);
  return { numbers: [...numbers.split(".").map(Number), 0, 0].slice(0, 3), before };
}

/**
 * An advisory of the database, read for its facts; undefined for one that was withdrawn or has no identifier yet.
 * @param {string} text
 * @returns {Advisory | undefined}
 */
export function readAdvisory(text) {
  const toml = /```toml\n([\s\S]*?)```/.exec(text)?.[1];
  if (!toml) throw new Error("no block of TOML in it");
  const value = (/** @type {string} */ key) => new RegExp(`^${key}\\s*=\\s*"([^"]*)"`, "m").exec(toml)?.[1];
  const list = (/** @type {string} */ key) => {
    const body = new RegExp(`^${key}\\s*=\\s*\\[([^\\]]*)\\]`, "m").exec(toml)?.[1].replaceAll(/^\s*#.*$/gm, "");
    return [...(body ?? "").matchAll(/"([^"]*)"/g)].map(([, it]) => it);
  };
  const [id, name, date] = ["id", "package", "date"].map(value);
  if (!id || !name || !date || !/^patched\s*=/m.test(toml)) throw new Error("it lacks id, package, date or patched");
  if (id === "RUSTSEC-0000-0000" || value("withdrawn")) return undefined;
  const [informational, url] = [value("informational"), value("url")];
  return {
    id,
    package: name,
    date,
    patched: list("patched"),
    unaffected: list("unaffected"),
    ...(informational && { informational }),
    ...(url && { url }),
  };
}

/** The facts of a clone about crates. @param {string} clone @param {string[]} names @returns {Advisory[]} */
export function readClone(clone, names) {
  return names.flatMap((name) => {
    const folder = join(clone, "crates", name);
    const files = existsSync(folder)
      ? readdirSync(folder)
          .filter((file) => file.endsWith(".md"))
          .sort()
      : [];
    return files.flatMap((file) => {
      try {
        return readAdvisory(readFileSync(join(folder, file), "utf8")) ?? [];
      } catch (cause) {
        throw new Error(`${join(folder, file)}: ${cause.message}`, { cause });
      }
    });
  });
}

/** @param {List} list */
export function asText({ source, asOf, lookedUp, advisories }) {
  const head = Object.entries({ source, asOf, lookedUp })
    .map(([key, it]) => `  "${key}": ${JSON.stringify(it)},\n`)
    .join("");
  return `{\n${head}  "advisories": [\n${advisories.map((it) => `    ${JSON.stringify(it)}`).join(",\n")}\n  ]\n}\n`;
}

/** @param {string} clone */
function update(clone) {
  if (!existsSync(join(clone, "crates")))
    throw new Error(`${clone}: holds no folder crates; give a clone of the RustSec database`);
  const lock = readFileSync(join(ROOT, "Cargo.lock"), "utf8");
  // The workspace's own crates come from nowhere.
  const names = [...lock.matchAll(/^name = "(.*)"\nversion = ".*"\nsource/gm)].map(([, name]) => name);
  const lookedUp = [...new Set(names)].sort();
  const asOf = execFileSync("git", ["-C", clone, "log", "-1", "--format=%cs"], { encoding: "utf8" }).trim();
  const list = { source: committed().source, asOf, lookedUp, advisories: readClone(clone, lookedUp) };
  writeFileSync(FILE, asText(list));
  console.log(`${lookedUp.length} crates, ${list.advisories.length} advisories as of ${asOf}`);
}

/** The list as files that cargo-deny reads; one that was fetched just now, by the mark that git leaves. @param {string} dir */
export function database(dir, { advisories } = committed()) {
  const quoted = (/** @type {string[]} */ all) => `[${all.map((it) => JSON.stringify(it)).join(", ")}]`;
  for (const { id, package: name, date, patched, unaffected, informational, url } of advisories) {
    const folder = join(dir, FOLDER, "crates", name);
    mkdirSync(folder, { recursive: true });
    const facts = Object.entries({ id, package: name, date, informational, url })
      .filter(([, it]) => it)
      .map(([key, it]) => `${key} = ${JSON.stringify(it)}\n`);
    const versions = `[versions]\npatched = ${quoted(patched)}\nunaffected = ${quoted(unaffected)}\n`;
    writeFileSync(
      join(folder, `${id}.md`),
      `\`\`\`toml\n[advisory]\n${facts.join("")}\n${versions}\`\`\`\n\n# ${id}\n\nSee https://rustsec.org/advisories/${id}.html.\n`,
    );
  }
  mkdirSync(join(dir, FOLDER, ".git"), { recursive: true });
  writeFileSync(join(dir, FOLDER, ".git/FETCH_HEAD"), "");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [verb, folder] = process.argv.slice(2);
  if (folder && verb === "update") update(resolve(folder));
  else if (folder && verb === "database") database(resolve(folder));
  else {
    console.error("usage: node tools/advisories.mjs update CLONE | database DIR");
    process.exit(2);
  }
}

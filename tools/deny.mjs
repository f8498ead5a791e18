// The licences, sources and bans of deny.toml, and the advisories of tools/advisories.json, from the lock file alone: fast
// enough for every run of `make test`. `make deny` asks cargo-deny itself, with the latest advisories where it can.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { committed, findings } from "./advisories.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const REGISTRY = "registry+https://github.com/rust-lang/crates.io-index";

/** One list of deny.toml: the first text of each of its entries. */
function list(section, key) {
  const text =
    readFileSync(join(ROOT, "deny.toml"), "utf8")
      .split(new RegExp(`^\\[${section}\\]$`, "m"))[1]
      ?.split(/^\[/m)[0] ?? "";
  if (new RegExp(`^${key} = \\[\\]$`, "m").test(text)) return new Set();
  const body = new RegExp(`^${key} = \\[\\n([\\s\\S]*?)^\\]`, "m").exec(text)?.[1] ?? "";
  const found = [...body.matchAll(/^\s+(?:\{ (?:crate|id) = )?"([^"]+)"/gm)].map(([, first]) => first);
  if (found.length === 0)
    throw new Error(`deny.toml: [${section}] ${key} is not there, or not written one entry a line`);
  return new Set(found);
}

/** Whether an SPDX expression can be met by what is allowed. An old `/` is an OR. */
export function isAllowed(expression, allowed) {
  const tokens =
    expression
      .replaceAll("/", " OR ")
      .replaceAll(/ WITH /g, "_WITH_")
      .match(/\(|\)|[^\s()]+/g) ?? [];
  let at = 0;
  const atom = () => {
    const token = tokens[at++] ?? "";
    if (token !== "(") return allowed.has(token.replaceAll("_WITH_", " WITH "));
    const inner = or();
    at++;
    return inner;
  };
  const and = () => {
    let met = atom();
    while (tokens[at] === "AND") (at++, (met = atom() && met));
    return met;
  };
  const or = () => {
    let met = and();
    while (tokens[at] === "OR") (at++, (met = and() || met));
    return met;
  };
  return or() && at === tokens.length;
}

/** Everything that is wrong with a list of packages. */
export function complaints(packages, { allowed, denied, twice }) {
  const versions =
    Map.groupBy?.(packages, ({ name }) => name) ??
    packages.reduce((map, it) => map.set(it.name, [...(map.get(it.name) ?? []), it]), new Map());
  return [
    ...packages
      .filter(({ license }) => !license || !isAllowed(license, allowed))
      .map((it) => `${it.name} ${it.version}: its licence, ${it.license}, is not one of deny.toml's`),
    ...packages
      .filter(({ source }) => source !== null && source !== REGISTRY)
      .map((it) => `${it.name} ${it.version}: comes from ${it.source}`),
    ...packages.filter(({ name }) => denied.has(name)).map((it) => `${it.name}: is denied`),
    ...[...versions]
      .filter(([name, all]) => all.length > 1 && !twice.has(name))
      .map(([name, all]) => `${name}: ${all.length} versions; unify them, or say in deny.toml why not`),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const metadata = JSON.parse(
    execFileSync("cargo", ["metadata", "--locked", "--format-version", "1"], {
      cwd: ROOT,
      encoding: "utf8",
      maxBuffer: 1 << 28,
    }),
  );
  const lists = { allowed: list("licenses", "allow"), denied: list("bans", "deny"), twice: list("bans", "skip") };
  const advisories = committed();
  const found = [
    ...complaints(metadata.packages, lists),
    ...findings(metadata.packages, advisories, list("advisories", "ignore")),
  ];
  for (const complaint of found) console.error(complaint);
  if (found.length > 0) process.exit(1);
  console.log(
    `${metadata.packages.length} crates: licences, sources and bans are as deny.toml says; none of ${advisories.advisories.length} advisories as of ${advisories.asOf} concerns them`,
  );
}

// Counts the plan of the house: rooms, arrows between them, knots of folders, circles of files, homonyms of types, and how
// much of the code is documentation. ARCHITECTURE.md has the figures; tests/node/house.test.mjs holds them.
//
//   node tools/house.mjs           prints the figures, and what each circle and homonym is made of
//
// A room is a folder of the repository that holds code, and of `src/` each folder and file. An arrow is one room that imports
// another, however often. A knot is a set of rooms each of which reaches the others by arrows; a circle is that of files in
// `src/`. A homonym is a name of a type that more than one file of `src/` defines. Code of tests is not looked at.

import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const ROOMS = ["python", "www", "pkg", "tools", "training", "benches", "fuzz", "examples"];

/** Every file below a folder, from the root of the repository, sorted. @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return entry.name === "target" || entry.name === "node_modules" ? [] : filesBelow(path);
      return [path];
    })
    .sort();
}

const read = (/** @type {string} */ path) => readFileSync(join(ROOT, path), "utf8");

/** Rust without tests, comments and the content of strings. @param {string} text */
export function codeOf(text) {
  const end = text.indexOf("#[cfg(test)]\nmod ");
  return (end < 0 ? text : text.slice(0, end)).replaceAll(/\/\/[^\n]*|"(?:\\[\s\S]|[^"\\])*"/g, (it) =>
    it.startsWith('"') ? '""' : "",
  );
}

/** `a::{b, c::{d as e, f}}` as paths. @param {string} tree @returns {string[][]} */
export function pathsOf(tree) {
  const text = tree.trim();
  const brace = text.indexOf("{");
  if (brace < 0)
    return [
      text
        .replace(/\s+as\s+\w+$/, "")
        .split("::")
        .map((it) => it.trim()),
    ];
  const before = text
    .slice(0, brace)
    .split("::")
    .map((it) => it.trim())
    .filter(Boolean);
  const parts = [];
  let [depth, from] = [0, brace + 1];
  for (let at = brace; at < text.length; at += 1) {
    if (text[at] === "{") depth += 1;
    if (text[at] === "}") depth -= 1;
    if ((text[at] === "," && depth === 1) || (text[at] === "}" && depth === 0)) {
      if (text.slice(from, at).trim()) parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return parts.flatMap(pathsOf).map((path) => [...before, ...path]);
}

/** The modules of the crate: path, such as `onnx::lower`, to file. */
function modulesOf(/** @type {string[]} */ files) {
  const name = (/** @type {string} */ file) =>
    file
      .slice(4, -3)
      .replace(/\/mod$/, "")
      .replaceAll("/", "::");
  return new Map(files.map((file) => [name(file) === "lib" ? "" : name(file), file]));
}

/** For each file of `src/` the files it imports something from, and what. */
function importsOf(/** @type {string[]} */ files) {
  const modules = modulesOf(files);
  const uses = new Map();
  const exported = new Map();
  for (const [module, file] of modules) {
    const own = module === "" ? [] : module.split("::");
    const absolute = (/** @type {string[]} */ path) => {
      if (path[0] === "crate") return path.slice(1);
      if (path[0] === "self") return [...own, ...path.slice(1)];
      const up = path.findIndex((part) => part !== "super");
      if (up > 0) return [...own.slice(0, own.length - up), ...path.slice(up)];
      // A child module by its bare name.
      return modules.has([...own, path[0]].join("::")) ? [...own, ...path] : null;
    };
    const code = codeOf(read(file));
    const paths = [];
    const local = new Map();
    const rest = code.replaceAll(/^\s*(pub(?:\([^)]*\))?\s+)?use\s+([^;]+);/gm, (_, visibility, tree) => {
      for (const path of pathsOf(tree)) {
        const target = absolute(path);
        if (!target) continue;
        if (modules.has(target.join("::"))) local.set(path.at(-1), target);
        else paths.push(target);
        if (visibility) exported.set([...own, path.at(-1)].join("::"), target);
      }
      return "";
    });
    for (const [path] of rest.matchAll(/\b(?:\w+::)+\w+/g)) {
      const [first = "", ...more] = path.split("::");
      const module = local.get(first);
      const target = module ? [...module, ...more] : absolute([first, ...more]);
      if (target) paths.push(target);
    }
    uses.set(file, paths);
  }
  /** The file that defines what a path names, through re-exports. @param {string[]} path @returns {[string, string]} */
  const home = (path) => {
    for (let n = path.length; n >= 0; n -= 1) {
      const [known, rest] = [path.slice(0, n).join("::"), path.slice(n)];
      // A function may have the name of its module: what is asked of a module's name is the module's.
      const file = rest.length > 0 ? modules.get(known) : undefined;
      const again = exported.get(known);
      if (file) return [file, path[n] ?? ""];
      if (again && again.join("::") !== known) return home([...again, ...rest]);
    }
    return ["src/lib.rs", ""];
  };
  return new Map(
    [...uses].map(([file, paths]) => {
      const imports = new Map();
      for (const path of paths) {
        const [target, name] = home(path);
        // Naming a module is not yet an import of something in it.
        if (target !== file && name && !isPartOf(file, target))
          imports.set(target, (imports.get(target) ?? new Set()).add(name));
      }
      return [file, imports];
    }),
  );
}

/** Whether a file is a part of the module in another: `graph/moves.rs` is of `graph.rs`, `lstm/tape.rs` of `lstm/mod.rs`. */
function isPartOf(/** @type {string} */ file, /** @type {string} */ module) {
  return file.startsWith(`${module.replace(/(\/mod|\/lib)?\.rs$/, "")}/`);
}

/** The room of a file. @param {string} file */
function roomOf(file) {
  const [first, second] = file.split("/");
  return first === "src" ? `src/${second}` : (first ?? "");
}

/** Whether that is a room: tests are none. */
const isRoom = (/** @type {string} */ room) => room.startsWith("src/") || ROOMS.includes(room);

/** Arrows between rooms, each once. */
function arrowsOf(/** @type {Map<string, Map<string, unknown>>} */ imports) {
  const arrows = new Set();
  const add = (/** @type {string} */ from, /** @type {string} */ to) =>
    from !== to && isRoom(to) && arrows.add(`${from} -> ${to}`);
  for (const [file, targets] of imports) for (const target of targets.keys()) add(roomOf(file), roomOf(target));
  for (const room of ROOMS) {
    for (const file of filesBelow(room)) {
      if (/\.(js|mjs|d\.ts)$/.test(file)) {
        for (const [, path] of read(file).matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
          const target = relative(ROOT, resolve(ROOT, dirname(file), path))
            .split("\\")
            .join("/");
          if (existsSync(join(ROOT, target))) add(room, roomOf(target));
        }
      } else if (/\.rs$/.test(file)) {
        for (const [, module] of codeOf(read(file)).matchAll(/\bvitrine::(\w+)/g)) {
          add(
            room,
            existsSync(join(ROOT, "src", module))
              ? `src/${module}`
              : existsSync(join(ROOT, `src/${module}.rs`))
                ? `src/${module}.rs`
                : "src/lib.rs",
          );
        }
      }
    }
  }
  return [...arrows].sort();
}

/** The sets of more than one node that reach each other. @param {Map<string, Iterable<string>>} graph */
export function knotsOf(graph) {
  const reach = new Map(
    [...graph.keys()].map((start) => {
      const seen = new Set();
      const open = [...(graph.get(start) ?? [])];
      while (open.length > 0) {
        const next = /** @type {string} */ (open.pop());
        if (!seen.has(next)) open.push(...(graph.get(next) ?? []));
        seen.add(next);
      }
      return [start, seen];
    }),
  );
  const knots = new Map();
  for (const [node, seen] of reach) {
    const knot = [...seen].filter((other) => reach.get(other)?.has(node)).sort();
    if (knot.length > 1) knots.set(knot.join(), knot);
  }
  return [...knots.values()];
}

/** Names of types, each with the files that define it; a type inside an `impl` is its trait's. */
function typesOf(/** @type {string[]} */ files) {
  const types = new Map();
  for (const file of files) {
    for (const [, name] of codeOf(read(file)).matchAll(
      /^(?:pub(?:\([^)]*\))?\s+)?(?:struct|enum|trait|union|type)\s+(\w+)/gm,
    )) {
      types.set(name, (types.get(name) ?? new Set()).add(file));
    }
  }
  return types;
}

/** Lines of documentation, and lines that are not blank, without tests. @param {string} folder */
function documentationOf(folder) {
  let [documentation, all] = [0, 0];
  for (const file of filesBelow(folder).filter((it) => it.endsWith(".rs") && !it.endsWith("/tests.rs"))) {
    const text = read(file);
    const end = text.indexOf("#[cfg(test)]\nmod ");
    const lines = (end < 0 ? text : text.slice(0, end)).split("\n").filter((line) => line.trim());
    all += lines.length;
    documentation += lines.filter((line) => /^\s*\/\/[/!]/.test(line)).length;
  }
  return documentation / all;
}

/** Everything that is counted. */
export function count() {
  const files = filesBelow("src").filter((it) => it.endsWith(".rs"));
  const imports = importsOf(files);
  const rooms = [
    ...new Set(files.map(roomOf)),
    ...ROOMS.filter((room) => existsSync(join(ROOT, room)) && statSync(join(ROOT, room)).isDirectory()),
  ];
  const arrows = arrowsOf(imports);
  const graph = new Map(
    rooms.map((room) => [
      room,
      arrows.filter((it) => it.startsWith(`${room} -> `)).map((it) => it.split(" -> ")[1] ?? ""),
    ]),
  );
  const types = typesOf(files);
  return {
    rooms,
    arrows,
    knots: knotsOf(graph),
    circles: knotsOf(new Map([...imports].map(([file, targets]) => [file, [...targets.keys()]]))),
    imports,
    types: types.size,
    homonyms: [...types].filter(([, where]) => where.size > 1),
    documentation: Object.fromEntries(["src/engine", "src/onnx"].map((folder) => [folder, documentationOf(folder)])),
  };
}

const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)} %`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const it = count();
  console.log(
    `rooms ${it.rooms.length}, arrows ${it.arrows.length}, knots of folders ${it.knots.length}, circles of files ${it.circles.length}`,
  );
  console.log(`homonyms of types ${it.homonyms.length} of ${it.types}, ${percent(it.homonyms.length / it.types)}`);
  for (const [folder, share] of Object.entries(it.documentation))
    console.log(`documentation in ${folder} ${percent(share)}`);
  console.log(`\n${it.arrows.join("\n")}`);
  for (const knot of it.knots) console.log(`knot: ${knot.join(", ")}`);
  for (const circle of it.circles) {
    console.log(`\ncircle: ${circle.join(", ")}`);
    for (const file of circle) {
      for (const [target, names] of it.imports.get(file) ?? [])
        if (circle.includes(target)) console.log(`  ${file} -> ${target}: ${[...names].join(", ")}`);
    }
  }
  for (const [name, where] of it.homonyms.sort(([, a], [, b]) => b.size - a.size))
    console.log(`homonym: ${name} in ${[...where].join(", ")}`);
}

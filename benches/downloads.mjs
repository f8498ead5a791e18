// What a first visit may download: everything under www/ and the two files of pkg/ that it loads; and what each engine weighs.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const ENGINE = ["vitrine.js", "vitrine_bg.wasm"];
/** Read by people and by the type check, not by the page. */
const NOT_SERVED = /\.(md|ts)$/;

/** @typedef {{ raw: number, gzip: number, brotli: number }} Sizes bytes as they are and compressed */

/**
 * @param {string} root the repository
 * @param {string} pkg the folder of the engine
 * @param {(file: string) => Promise<Sizes>} sizes
 * @returns {Promise<(Sizes & { name: string })[]>} of each file, and in total
 */
export async function downloads(root, pkg, sizes) {
  const page = readdirSync(join(root, "www"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !NOT_SERVED.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
  const names = [
    ...ENGINE.map((name) => [`pkg/${name}`, join(pkg, name)]),
    ...page.map((file) => [file.slice(root.length + 1).replaceAll("\\", "/"), file]),
  ];
  const files = await Promise.all(names.map(async ([name, file]) => ({ name, ...(await sizes(file)) })));
  return [...files, { name: "total", ...sum(files) }];
}

/** @param {Sizes[]} files @returns {Sizes} */
export function sum(files) {
  const total = (kind) => files.reduce((all, file) => all + file[kind], 0);
  return { raw: total("raw"), gzip: total("gzip"), brotli: total("brotli") };
}

/**
 * Compresses files, each content once: the best brotli takes half a minute for ten megabytes.
 * @param {string} store where what was found is kept
 * @returns {(file: string) => Promise<Sizes>}
 */
export function weigher(store) {
  /** @type {Record<string, Sizes>} */
  const kept = existsSync(store) ? JSON.parse(readFileSync(store, "utf8")) : {};
  /** @type {Map<string, Promise<Sizes>>} */
  const begun = new Map();
  const weigh = async (/** @type {string} */ key, /** @type {Buffer} */ bytes) => {
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    const [zipped, best] = await Promise.all([
      promisify(gzip)(bytes, { level: 9 }),
      promisify(brotliCompress)(bytes, { params }),
    ]);
    kept[key] = { raw: bytes.length, gzip: zipped.length, brotli: best.length };
    mkdirSync(dirname(store), { recursive: true });
    writeFileSync(store, JSON.stringify(kept));
    return kept[key];
  };
  return async (file) => {
    const bytes = readFileSync(file);
    const key = createHash("sha256").update(bytes).digest("hex");
    if (kept[key]) return kept[key];
    if (!begun.has(key)) begun.set(key, weigh(key, bytes));
    return begun.get(key);
  };
}

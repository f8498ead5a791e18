// What a first visit may download: everything under www/ and the two files of pkg/ that it loads.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const ENGINE = ["pkg/vitrine.js", "pkg/vitrine_bg.wasm"];
/** Read by people and by the type check, not by the page. */
const NOT_SERVED = /\.(md|ts)$/;

/**
 * @param {string} root the repository
 * @returns {{ name: string, raw: number, gzip: number, brotli: number }[]} bytes of each file, and in total
 */
export function downloads(root) {
  const page = readdirSync(join(root, "www"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !NOT_SERVED.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1).replaceAll("\\", "/"))
    .sort();
  const files = [...ENGINE, ...page].map((name) => ({ name, ...sizes(readFileSync(join(root, name))) }));
  const total = (kind) => files.reduce((sum, file) => sum + file[kind], 0);
  return [...files, { name: "total", raw: total("raw"), gzip: total("gzip"), brotli: total("brotli") }];
}

/** Bytes as they are and compressed. @param {Buffer} bytes */
export function sizes(bytes) {
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length,
  };
}

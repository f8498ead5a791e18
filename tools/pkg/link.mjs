#!/usr/bin/env node
// Links pkg/ without start-up entries of dependencies that nothing of ours asks for. rustc calls it in place of its linker.
//
// tract's crates enter transforms and a way to run into tract's lists of them when a program starts (`inventory::submit!`).
// Nothing here looks into these lists, but what stands in them cannot be left out by the linker: the transform "patch" of
// tract-nnef alone keeps the parser of another format of networks and a library of Fourier transforms, a fifth of the module.
// Rust has no way to leave the entry of a dependency out, and tract no feature for it; so entries are taken out of the object
// file before it is linked, and the linker leaves out what nothing else reaches. Object files are as
// https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md says.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** The mangled names of the functions that are no longer called at the start, each of one module, and how many it has. */
const LEFT_OUT = /** @type {const} */ ([
  [/^_ZN10tract_nnef9transform1_6__ctor17h/, 1],
  [/^_ZN10tract_core9transform1_6__ctor17h/, 10],
  [/^_ZN10tract_core8batchify1_6__ctor17h/, 1],
  [/^_ZN10tract_core3ops3cnn4conv4nhwc1_6__ctor17h/, 1],
  [/^_ZN10tract_core7runtime1_6__ctor17h/, 1],
]);
/** Kinds of subsection of the section "linking". */
const [INIT_FUNCS, SYMBOL_TABLE] = [6, 8];
/** Kinds of symbol, and flags. */
const [DATA, SECTION] = [1, 3];
const [UNDEFINED, EXPLICIT_NAME] = [0x10, 0x40];

/** Reads numbers and names one after the other. */
class Reader {
  /** @param {Buffer} bytes @param {number} [at] */
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  number() {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** @param {number} length */
  take(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  name() {
    return this.take(this.number()).toString("utf8");
  }

  get isAtEnd() {
    return this.at >= this.bytes.length;
  }
}

/** @param {number} value @returns {Buffer} as LEB128 */
function leb128(value) {
  const bytes = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return Buffer.from([...bytes, value]);
}

/** @param {number} kind @param {Buffer} content @returns {Buffer} a section or subsection */
function section(kind, content) {
  return Buffer.concat([Buffer.from([kind]), leb128(content.length), content]);
}

/** The sections or subsections up to the end. @param {Reader} reader @returns {{ kind: number, content: Buffer }[]} */
function sections(reader) {
  const all = [];
  while (!reader.isAtEnd) all.push({ kind: reader.byte(), content: reader.take(reader.number()) });
  return all;
}

/** The name of each symbol of a symbol table; "" for those that have none of their own. @param {Buffer} content */
function symbolNames(content) {
  const reader = new Reader(content);
  return Array.from({ length: reader.number() }, () => {
    const [kind, flags] = [reader.byte(), reader.number()];
    const isDefined = (flags & UNDEFINED) === 0;
    if (kind === DATA) {
      const name = reader.name();
      // The segment, and where in it the symbol lies.
      for (let k = 0; isDefined && k < 3; k++) reader.number();
      return name;
    }
    reader.number();
    if (kind === SECTION) return "";
    return isDefined || flags & EXPLICIT_NAME ? reader.name() : "";
  });
}

/**
 * An object file without some of its start-up entries.
 * @param {Buffer} object
 * @param {RegExp[]} names of the functions
 * @returns {{ object: Buffer, leftOut: string[] }}
 */
export function withoutEntries(object, names) {
  const reader = new Reader(object, 8);
  /** @type {string[]} */
  const leftOut = [];
  const kept = sections(reader).map(({ kind, content }) => {
    const inside = new Reader(content);
    if (kind !== 0 || inside.name() !== "linking") return section(kind, content);
    inside.number();
    const head = content.subarray(0, inside.at);
    const parts = sections(inside);
    const symbols = symbolNames(parts.find((part) => part.kind === SYMBOL_TABLE)?.content ?? Buffer.from([0]));
    const changed = parts.map((part) => {
      if (part.kind !== INIT_FUNCS) return section(part.kind, part.content);
      const entries = new Reader(part.content);
      const all = Array.from({ length: entries.number() }, () => [entries.number(), entries.number()]);
      const left = all.filter(([, symbol]) => !names.some((name) => name.test(symbols[symbol])));
      leftOut.push(...all.filter((entry) => !left.includes(entry)).map(([, symbol]) => symbols[symbol]));
      return section(part.kind, Buffer.concat([leb128(left.length), ...left.flat().map(leb128)]));
    });
    return section(kind, Buffer.concat([head, ...changed]));
  });
  return { object: Buffer.concat([object.subarray(0, 8), ...kept]), leftOut };
}

/** @param {string[]} args of the linker */
function link(args) {
  const leftOut = args
    .filter((arg) => arg.endsWith(".o"))
    .flatMap((file) => {
      const changed = withoutEntries(
        readFileSync(file),
        LEFT_OUT.map(([name]) => name),
      );
      if (changed.leftOut.length > 0) writeFileSync(file, changed.object);
      return changed.leftOut;
    });
  for (const [name, count] of LEFT_OUT) {
    const found = leftOut.filter((symbol) => name.test(symbol));
    if (found.length === count) continue;
    console.error(`${name} names ${found.length} start-up entries, not ${count} (${found}): look at LEFT_OUT in tools/pkg/link.mjs`);
    return 1;
  }
  // rustc puts the folder of its own linker on PATH.
  const { status, error } = spawnSync("rust-lld", args, { stdio: "inherit" });
  if (error) console.error(`rust-lld: ${error.message}`);
  return status ?? 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exit(link(process.argv.slice(2)));

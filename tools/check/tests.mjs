// Runs test files of Node, several at a time and in the order given, and prints what `node --test` would.
//
//   node tools/check/tests.mjs [--at-once N] FILE...
//
// `node --test` sorts its files by name; here the longest come first, so that none is left to run alone at the end.

import { run } from "node:test";
import { spec } from "node:test/reporters";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

/** A file that hangs must not take the others with it: none takes half of this on two busy cores. */
const PATIENCE_MS = 20 * 60e3;

const { values, positionals } = parseArgs({
  options: { "at-once": { type: "string", default: "1" } },
  allowPositionals: true,
});
const stream = run({
  files: positionals.map((file) => resolve(file)),
  concurrency: Number(values["at-once"]),
  timeout: PATIENCE_MS,
});
stream.on("test:fail", ({ todo }) => {
  if (todo === undefined || todo === false) process.exitCode = 1;
});
stream.compose(new spec()).pipe(process.stdout);

// Runs test files of Node, several at a time and in the order given, and prints what `node --test` would.
//
//   node tools/check/tests.mjs [--at-once N] FILE...
//
// `node --test` sorts its files by name; here the longest come first, so that none is left to run alone at the end. A line for
// each file in which a test failed stands at the end, with what it counts, so that it can be tried once more.

import { run } from "node:test";
import { spec } from "node:test/reporters";
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";

import { closingLine } from "../tally.mjs";

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
/** @type {Map<string, import("../tally.mjs").Tally>} */
const ofFiles = new Map();
stream.on("test:pass", (test) => count(test, "passed"));
stream.on("test:fail", (test) => {
  count(test, "failed");
  if (!isLeftOut(test)) process.exitCode = 1;
});
stream
  .compose(new spec())
  .on("end", () => {
    for (const [file, tally] of ofFiles)
      if (tally.failed > 0) console.log(`failed in ${relative(".", file)}: ${closingLine(tally)}`);
  })
  .pipe(process.stdout, { end: false });

/**
 * @param {{ file?: string, skip?: unknown, todo?: unknown, details?: { type?: string } }} test
 * @param {"passed" | "failed"} how
 */
function count(test, how) {
  if (!test.file || test.details?.type === "suite") return;
  const tally = ofFiles.get(test.file) ?? { passed: 0, failed: 0, skipped: 0 };
  ofFiles.set(test.file, tally);
  tally[isLeftOut(test) ? "skipped" : how] += 1;
}

/** @param {{ skip?: unknown, todo?: unknown }} test */
function isLeftOut({ skip = false, todo = false }) {
  return skip !== false || todo !== false;
}

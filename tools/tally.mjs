// How many tests a runner says it ran, and how long each took: each function reads the text one runner prints.

/** @typedef {{ passed: number, failed: number, skipped: number }} Tally */

/** @typedef {{ name: string, seconds: number }} Timed a test and its time */

/** @type {Tally} */
const NONE = { passed: 0, failed: 0, skipped: 0 };

/** @param {Tally[]} tallies @returns {Tally} */
export function sum(tallies) {
  return tallies.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
    }),
    NONE,
  );
}

/** `cargo test`: one line for each test binary and for the doctests. @param {string} text @returns {Tally} */
export function cargoTally(text) {
  const lines = text.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;/gm);
  return sum([...lines].map(([, passed, failed, skipped]) => tally(passed, failed, skipped)));
}

/** `python -m unittest`. @param {string} text @returns {Tally} */
export function unittestTally(text) {
  const ran = Number(text.match(/^Ran (\d+) tests? in /m)?.[1] ?? 0);
  const notes = text.match(/^(?:OK|FAILED)(?: \((.*)\))?$/m)?.[1] ?? "";
  const count = (word) => Number(notes.match(new RegExp(`(?:^|, )${word}=(\\d+)`))?.[1] ?? 0);
  const failed = count("failures") + count("errors") + count("unexpected successes");
  // An error while setting up a class or module is counted as an error and not as a test that ran.
  return tally(Math.max(0, ran - failed - count("skipped")), failed, count("skipped"));
}

/** `node --test`, with either of its text reporters. @param {string} text @returns {Tally} */
export function nodeTally(text) {
  const count = (word) => Number(text.match(new RegExp(`^(?:#|ℹ) ${word} (\\d+)$`, "m"))?.[1] ?? 0);
  return tally(count("pass"), count("fail") + count("cancelled"), count("skipped") + count("todo"));
}

/** How long each test of Node's took, by its reporter `spec`. @param {string} text @returns {Timed[]} */
export function nodeTimes(text) {
  const lines = text.matchAll(/^\s*[✔✖] (.+) \(([\d.]+)ms\)$/gm);
  // What failed is said once more at the end.
  const times = new Map([...lines].map(([, name, ms]) => [name, Number(ms) / 1e3]));
  return [...times].map(([name, seconds]) => ({ name, seconds }));
}

/**
 * The files in which a test of Node's failed, each with what its tests count: as tools/check/tests.mjs says at its end.
 * @param {string} text
 * @returns {{ file: string, tally: Tally }[]}
 */
export function nodeFailures(text) {
  const lines = text.matchAll(/^failed in (.+): (\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm);
  return [...lines].map(([, file, passed, failed, skipped = 0]) => ({ file, tally: tally(passed, failed, skipped) }));
}

/** What is left of a tally without a part of it. @param {Tally} all @param {Tally} part @returns {Tally} */
export function without(all, part) {
  return {
    passed: all.passed - part.passed,
    failed: all.failed - part.failed,
    skipped: all.skipped - part.skipped,
  };
}

/** @param {Tally} total @returns {string} the closing line */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function tally(passed, failed, skipped) {
  return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
}

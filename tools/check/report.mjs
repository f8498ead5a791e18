// What the checks say: a line for each step as it ends, a sign of life while nothing ends, and at the end what took long
// and the total.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { closingLine, sum } from "../tally.mjs";
import { jobs } from "./job.mjs";

/** @typedef {import("../tally.mjs").Tally} Tally */
/** @typedef {import("../tally.mjs").Timed} Timed */

const SILENCE_MS = 60e3;
const TAIL_LINES = 120;
const N_SLOWEST = 5;

export class Report {
  #start = performance.now();
  /** @type {Tally[]} */
  #tallies = [];
  /** @type {{ name: string, seconds: number, processor: number }[]} */
  #steps = [];
  /** @type {(Timed & { step: string })[]} */
  #tests = [];
  #heartbeat;

  /** @param {string} folder where the total is kept, beside the steps' logs */
  constructor(folder) {
    this.total = join(folder, "total");
    mkdirSync(folder, { recursive: true });
    rmSync(this.total, { force: true });
    this.#heartbeat = setInterval(() => this.#signOfLife(), SILENCE_MS);
  }

  /**
   * Counts a step that has ended, and says so.
   * @param {string} name
   * @param {Tally} tally
   * @param {{ seconds?: number, processor?: number, note?: string, tests?: Timed[], isOpen?: boolean }} [more] processor: seconds
   *   of it; note: what else a person needs to know; isOpen: a part of it is tried once more
   */
  add(name, tally, { seconds = 0, processor = NaN, note = "", tests = [], isOpen = false } = {}) {
    this.#tallies.push(tally);
    this.#steps.push({ name, seconds, processor });
    this.#tests.push(...tests.map((test) => ({ ...test, step: name })));
    const mark = isOpen ? "again" : markOf(tally);
    console.log(`  ${mark.padEnd(8)} ${name.padEnd(46)} ${seconds.toFixed(1).padStart(7)} s   ${closingLine(tally)}`);
    if (note) console.log(note.replaceAll(/^/gm, "           "));
    this.#heartbeat.refresh();
  }

  /** Says what took long and the total, keeps the total, and ends the process. @returns {never} */
  finish() {
    clearInterval(this.#heartbeat);
    this.#sayTimes();
    const total = sum(this.#tallies);
    const line = closingLine(total);
    writeFileSync(this.total, `${line}\n`);
    console.log(line);
    process.exit(total.failed > 0 || this.#tallies.length === 0 ? 1 : 0);
  }

  #sayTimes() {
    if (this.#steps.length === 0) console.log("no step has one of these words in its name");
    const of = (/** @type {number} */ seconds) => (Number.isNaN(seconds) ? "-" : seconds.toFixed(1)).padStart(7);
    const line = (/** @type {string} */ times, /** @type {string} */ what) => console.log(`  ${times}   ${what}`);
    const steps = this.#steps.filter(({ seconds }) => seconds >= 0.05).sort((a, b) => b.seconds - a.seconds);
    const all = steps.reduce((sum, { processor }) => sum + (processor || 0), 0);
    const whole = ((performance.now() - this.#start) / 1e3).toFixed(1);
    console.log(`\nSteps by their time, of ${whole} s in all; and their processor time, of ${all.toFixed(1)} s:`);
    for (const { seconds, processor, name } of steps) line(`${of(seconds)} s ${of(processor)} s`, name);
    const tests = this.#tests.sort((a, b) => b.seconds - a.seconds).slice(0, N_SLOWEST);
    if (tests.length > 0) console.log("The slowest tests, of those whose runner tells their time:");
    for (const { seconds, name, step } of tests) line(`${of(seconds)} s`, `${step}: ${name}`);
    console.log("");
  }

  /** One line a minute, so that whoever watches knows that it goes on, and with what. */
  #signOfLife() {
    const now = performance.now();
    const all = jobs().map(
      ({ name, start, lastLine }) => `${name} (${((now - start) / 1e3).toFixed(0)} s: ${lastLine().slice(0, 60)})`,
    );
    if (all.length > 0) console.log(`  ...      ${all.join("; ")}`);
  }
}

/** @param {Tally} tally */
function markOf({ passed, failed, skipped }) {
  if (failed > 0) return "FAILED";
  return passed === 0 && skipped > 0 ? "skipped" : "ok";
}

/** The end of what a step said. @param {string} text */
export function tail(text) {
  return text.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
}

/** @param {keyof Tally} kind @returns {Tally} one check of a kind */
export function one(kind) {
  return { passed: 0, failed: 0, skipped: 0, [kind]: 1 };
}

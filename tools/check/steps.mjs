// The steps of the checks: which are wanted, what they need first, and what became of each.

import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { run, stopAll } from "./job.mjs";
import { nodeFailures, sum, without } from "../tally.mjs";
import { Report, one, tail } from "./report.mjs";

/** @typedef {import("../tally.mjs").Tally} Tally */
/** @typedef {import("../tally.mjs").Timed} Timed */

/**
 * What a step runs, or what makes it, with its environment.
 * @typedef {string[] | [string[], Record<string, string>]} Command
 */

/**
 * @typedef {object} Options
 * @property {(text: string) => Tally} [count] the tests that its output tells of; without it a step is one check
 * @property {(text: string) => Timed[]} [times] how long each test took
 * @property {Record<string, string>} [env]
 * @property {boolean} [isSetUp] counts only when it fails, and runs whatever words were given
 * @property {(files: string[]) => Command | Promise<Command>} [again] runs these test files once more
 * @property {boolean} [isOnNpm] needs the npm packages
 * @property {boolean} [isOnPackage] loads the engine, and needs the npm packages
 */

/**
 * What compilers weigh beside browsers, as niceness. A browser makes a dozen sessions of which two or three work, a compiler is
 * one. At -3 compilers have a third of the processor and go on alone when the browsers have ended; at -10 browsers stand still
 * until the compilers have ended, and their tests run out of patience; at this weight each has half.
 */
export const COMPILER = -5;

/** Where tests fail in more files than this, it is not for want of a quiet machine. */
const MOST_AGAIN = 4;

export class Steps {
  #root;
  #words;
  #inCi;
  /** The package that the tests load: pkg/ where it is fresh. */
  #pkg;
  /** @type {Promise<boolean> | undefined} */
  #ready;
  /** @type {Promise<boolean> | undefined} */
  #npm;
  /** What is tried once more when all else has ended. @type {(() => Promise<boolean>)[]} */
  #again = [];

  /** @param {{ root: string, logs: string, words: string[], inCi: boolean }} options words: of the names of the steps wanted */
  constructor({ root, logs, words, inCi }) {
    this.#root = root;
    this.#words = words;
    this.#inCi = inCi;
    this.#pkg = join(root, "pkg");
    this.logs = logs;
    this.report = new Report(logs);
  }

  /** The package that the tests load, once `ready` has said that there is one. */
  get pkg() {
    return this.#pkg;
  }

  /** @param {string} name */
  isWanted(name) {
    return this.#words.length === 0 || this.#words.some((word) => name.includes(word));
  }

  /**
   * Runs one step and counts it. True when it passed.
   * @param {string} name
   * @param {Command | (() => Command | Promise<Command>)} command
   * @param {Options & { weight?: number }} [options]
   */
  async step(name, command, options = {}) {
    const {
      count,
      times,
      env = {},
      again,
      isSetUp = false,
      isOnNpm = false,
      isOnPackage = false,
      weight = 0,
    } = options;
    if (!isSetUp && !this.isWanted(name)) return false;
    if (isOnPackage && !(await this.ready())) return false;
    if (isOnNpm && !(await this.npm())) return false;
    const start = performance.now();
    const { status, text, processor } = await this.#run(name, command, env, weight);
    const tally = counted(status, text, count);
    if (isSetUp && tally.failed === 0) tally.passed = 0;
    const note = tally.failed > 0 ? tail(text) : "";
    const more = { seconds: (performance.now() - start) / 1e3, processor, note, tests: times?.(text) };
    const failures = again ? nodeFailures(text) : [];
    const part = sum(failures.map((it) => it.tally));
    if (!again || part.failed === 0 || part.failed !== tally.failed || failures.length > MOST_AGAIN) {
      this.report.add(name, tally, more);
      return tally.failed === 0;
    }
    const files = failures.map(({ file }) => file);
    this.report.add(name, without(tally, part), { ...more, isOpen: true });
    const once = { ...options, again: undefined };
    this.#again.push(() => this.step(`${name}, second try of ${files.join(", ")}`, () => again(files), once));
    return false;
  }

  /**
   * Runs once more, alone, the test files in which something failed while compilers and browsers ran beside each other. A file
   * that fails twice has failed; one that passes now is named by a step of its own.
   */
  async secondTries() {
    for (const run of this.#again.splice(0)) await run();
  }

  /** Says that a step was left out, and why. @param {string} name @param {string} why */
  skip(name, why) {
    this.report.add(name, one("skipped"), { note: why });
  }

  /** Ends the checks where they stand, since one failed without which the others say nothing. @param {string} name @param {string} why @returns {never} */
  end(name, why) {
    stopAll();
    this.report.add(name, one("failed"), { note: why });
    return this.report.finish();
  }

  /** What a set-up script prints. @param {string} program @param {string[]} args */
  async output(program, ...args) {
    const { status, text, out } = await run([program, ...args].join(" "), [program, ...args], {
      env: {},
      log: this.#log(`${program}-${args}`),
    });
    if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed:\n${text}`);
    return out.trim();
  }

  /** Is there an engine to test, and the npm packages that test it? Asked once; a failure is one failed step. */
  ready() {
    this.#ready ??= this.#freshPackage().then((isFresh) => isFresh && this.npm());
    return this.#ready;
  }

  /** Installs the npm packages, once. */
  npm() {
    this.#npm ??= this.step("npm packages", ["tools/npm.sh"], { isSetUp: true });
    return this.#npm;
  }

  /** Is pkg/ made from these sources? In CI it has to be; elsewhere a quick build takes its place. */
  async #freshPackage() {
    const name = "pkg/ is fresh";
    const { status, stderr } = spawnSync("tools/pkg-digest", ["check", "pkg"], { encoding: "utf8" });
    if (status === 0) {
      this.report.add(name, one("passed"));
      return true;
    }
    const advice = "run `make pkg` and commit pkg/";
    if (this.#inCi) this.end(name, `${stderr.trim()}\n${advice}`);
    this.skip(name, `${stderr.trim()}\ntesting a quick build instead; before committing, ${advice}`);
    this.#pkg = join(this.#root, "target/pkg-dev");
    if (spawnSync("tools/pkg-digest", ["check", this.#pkg]).status === 0) return true;
    return this.step("quick build of the engine", ["tools/pkg.sh", this.#pkg], { env: { FAST: "1" }, isSetUp: true });
  }

  /**
   * @param {string} name
   * @param {Command | (() => Command | Promise<Command>)} command
   * @param {Record<string, string>} env
   * @param {number} weight
   */
  async #run(name, command, env, weight) {
    try {
      const made = typeof command === "function" ? await command() : command;
      const [argv, more] = /** @type {[string[], Record<string, string>]} */ (
        Array.isArray(made[0]) ? made : [made, {}]
      );
      const all = { CARGO_TERM_COLOR: "never", NO_COLOR: "1", VITRINE_PKG: this.#pkg, ...env, ...more };
      return await run(name, argv, { env: all, log: this.#log(name), weight });
    } catch (error) {
      return { status: 1, text: error.message, processor: NaN };
    }
  }

  /** @param {string} name */
  #log(name) {
    return join(this.logs, `${name.replaceAll(/[^a-z0-9]+/gi, "-")}.log`);
  }
}

/**
 * A runner that fails without naming a failed test, or that succeeds without having run one, has failed.
 * @param {number} status
 * @param {string} text
 * @param {((text: string) => Tally) | undefined} count
 */
function counted(status, text, count) {
  if (!count) return one(status === 0 ? "passed" : "failed");
  const tally = count(text);
  const isEmpty = tally.passed + tally.failed + tally.skipped === 0;
  if (tally.failed === 0 && (status !== 0 || isEmpty)) tally.failed = 1;
  return tally;
}

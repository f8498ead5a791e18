// One process of a check: in a group of its own that can be ended as a whole, at a priority of its own, its whole output
// kept in a file.

import { spawn } from "node:child_process";
import { createWriteStream, readFileSync, writeFileSync } from "node:fs";

/** Longer than any step takes from nothing on two cores: a step that hangs must not hang CI. */
const LIMIT_MS = 50 * 60e3;

/** What runs now. @type {Set<Job>} */
const running = new Set();

/**
 * @typedef {object} Job
 * @property {string} name
 * @property {number} start in milliseconds of `performance.now()`
 * @property {() => string} lastLine what it said last
 * @property {() => void} stop ends it and all that it started
 */

/**
 * Runs a program to its end. A program that cannot be started, or is stopped, gives a status other than 0. `text` is all
 * that it said, `out` what it said on standard output, `processor` the seconds of processor time that it and all that it
 * waited for have taken, NaN where the system does not say.
 *
 * @param {string} name
 * @param {string[]} command
 * @param {{ env: Record<string, string>, log: string, weight?: number }} options log: the file for the output; weight: as niceness, -20..19, of all that it starts together
 * @returns {Promise<{ status: number, text: string, out: string, processor: number }>}
 */
export function run(name, [program, ...args], { env, log, weight = 0 }) {
  return new Promise((done) => {
    const file = createWriteStream(log);
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    if (weight && child.pid) weigh(child.pid, weight);
    let [text, out, processor] = ["", "", NaN];
    const take = (/** @type {Buffer | string} */ chunk) => {
      text += chunk;
      file.write(chunk);
    };
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    const job = {
      name,
      start: performance.now(),
      lastLine: () => text.slice(-2000).trimEnd().split("\n").at(-1)?.trim() ?? "",
      stop: () => endGroup(child.pid),
    };
    running.add(job);
    const limit = setTimeout(() => {
      take(`\nstopped after ${LIMIT_MS / 60e3} minutes\n`);
      job.stop();
    }, LIMIT_MS);
    const end = (/** @type {number} */ status) => {
      clearTimeout(limit);
      running.delete(job);
      file.end(() => done({ status, text, out, processor }));
    };
    child.on("error", (error) => {
      take(`${program}: ${error.message}\n`);
      end(127);
    });
    child.on("exit", () => (processor = takenSinceLast()));
    child.on("close", (status) => end(status ?? 1));
  });
}

let taken = 0;

/**
 * Seconds of processor time of the child that has just been waited for, and of all that it waited for itself: the kernel adds
 * them to this process's sum at that moment. Two that end at the very same moment are counted as the first of them.
 */
function takenSinceLast() {
  const before = taken;
  taken = ofChildren();
  return taken - before;
}

/** Seconds of processor time of all children that have ended, in user code and in the kernel; NaN outside Linux. */
function ofChildren() {
  try {
    // proc(5): the fields after the name in parentheses, of which these are cutime and cstime, in hundredths of a second.
    const fields = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return (Number(fields[13]) + Number(fields[14])) / 100;
  } catch {
    return NaN;
  }
}

/** What runs now, the longest first. */
export function jobs() {
  return [...running].sort((a, b) => a.start - b.start);
}

/** Ends all that runs: a browser or a compiler must not outlive the checks. */
export function stopAll() {
  for (const job of running) job.stop();
}

/** @param {number | undefined} group */
function endGroup(group) {
  if (!group) return;
  try {
    process.kill(-group, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/**
 * Says how much of the processor a child and all that it starts may have beside others. Linux may share its time among
 * sessions before it looks at priorities, and this child is a session of its own: the session is what has to be told. Only
 * root may ask for more than others have; without it the child goes on as it is.
 * @param {number} pid
 * @param {number} weight
 */
function weigh(pid, weight) {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(weight));
  } catch {
    // It ends no other way for having the weight of the others.
  }
}

// Answers that stand only as long as what they are of: another stay, edit, hour, method or network takes them away.
// Every view that asks the engine for more than what is shown keeps its answer here.

import { placeOf } from "./outputs.js";
import { onShow, shown } from "./page.js";

/** @import { View } from "./protocol.js" */

/** What an answer depends on, by its scope: once any of it changes, the answer goes. */
const SCOPES = {
  /** Many stays, explained with one network in one way. */
  network: (/** @type {Partial<View>} */ { of, method }) => [of?.model, options(method)],
  /** The risk by hours known. */
  course: (/** @type {Partial<View>} */ { of, stay, model, method }) => [of?.record, done(stay?.log), placeOf(model?.targets ?? [], method?.target)?.output.targets[0]],
  /** An output of the stay as it is shown. */
  output: (/** @type {Partial<View>} */ { of, stay, method }) => [of?.record, done(stay?.log), stay?.knownSteps, method?.target ?? 0],
  /** The explanation of that output. */
  explanation: (/** @type {Partial<View>} */ { of, stay, method }) => [of?.record, of?.map, done(stay?.log), stay?.knownSteps, options(method)],
};

/** @param {NonNullable<View["stay"]>["log"]} log @returns the changes that are made, and not undone */
function done(log) {
  return (log?.entries ?? []).filter(({ isDone }) => isDone);
}

/** The same method is the same in whatever order its options are given, and whether or not the first output is named. @param {View["method"]} method */
function options(method) {
  return Object.entries({ ...method, target: method?.target ?? 0 }).filter(([, value]) => value !== undefined).sort();
}

/** What tells what is shown from all else, in a scope. @param {keyof typeof SCOPES} scope */
export function keyOf(scope) {
  return JSON.stringify(SCOPES[scope](shown() ?? {}));
}

/** @template T */
export class Standing {
  #scope;
  /** @type {T | undefined} */
  #value;
  #key = "";
  /** Whether there was an answer that went. */
  isGone = false;

  /** @param {keyof typeof SCOPES} scope */
  constructor(scope) {
    this.#scope = scope;
  }

  /** The answer, where what it is of is still what is shown. @returns {T | undefined} */
  get value() {
    return this.#value !== undefined && this.#key === this.#now() ? this.#value : undefined;
  }

  /**
   * Calls back whenever something is shown, after an answer of something else has gone.
   * @param {() => void} listener
   */
  watch(listener) {
    onShow(() => {
      this.#look();
      listener();
    });
  }

  /**
   * Asks for an answer and keeps it, unless something else is shown by the time it comes.
   * @param {() => Promise<T | undefined>} run
   * @returns {Promise<T | undefined>} what is kept
   */
  async ask(run) {
    const key = this.#now();
    const value = await run();
    [this.#value, this.#key, this.isGone] = [value, key, false];
    this.#look();
    return this.#value;
  }

  /** Gives the answer up. */
  drop() {
    [this.#value, this.isGone] = [undefined, false];
  }

  #look() {
    if (this.#value === undefined || this.value !== undefined) return;
    [this.#value, this.isGone] = [undefined, true];
  }

  #now() {
    return keyOf(this.#scope);
  }
}

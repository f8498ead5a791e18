// What is open in the worker. The page never sees these objects.

import { isFatal } from "./errors.js";

/** @import { Editor, Explanation, Model, Stay } from "../../pkg/vitrine.js" */
/** @import { EffectsFacts, Method, ModelFile, Paint, StayFile, View } from "../protocol.js" */
/** @import { Networks } from "./fitting.js" */

/**
 * Replaced as a whole, so that a request that fails half way leaves everything as it was.
 * @typedef {object} Open
 * @property {Networks} [networks] as their files have them
 * @property {Model} [model] the same as one, as long as the stay
 * @property {ModelFile} [modelFile]
 * @property {Stay} [stay]
 * @property {StayFile} [stayFile]
 * @property {View["alone"]} [alone] where there is no record: why, if there was one
 * @property {Explanation} [lrp]
 * @property {Explanation} [gradient]
 * @property {EffectsFacts} [effects] what `lrp` was put together of, where that was groups of measurements
 * @property {number} [target]
 * @property {Editor} [editor] the edits of the stay, once one was asked for
 * @property {Stay} [whole] the stay with its edits and all of its hours
 * @property {number} [knownSteps] where the stay is shown as of an earlier hour
 * @property {string} [modelSha256]
 * @property {{ file: string, sha256: string }[]} [modelFiles] each network of it
 * @property {string} [dataSha256]
 * @property {Method} [method]
 * @property {string} [fallback] why the method is another one than was asked for
 * @property {string} [foreign] the file of the map that is shown in place of what the method says
 * @property {Paint} [paint]
 * @property {string} [id] which view it is
 * @property {number} [modelNumber] which opening of a network it is of, as the page counts
 * @property {number} [recordNumber] and of a record
 * @property {number} [mapNumber] and of a map from elsewhere
 */

/** @typedef {{ free(): void }} Owned an object of the engine's memory */

/** A worker's views are told from those of the workers before it. */
const WORKER = Math.random().toString(36).slice(2);
let lastView = 0;

/** An id for what is about to be shown, that no other view has. */
export function newView() {
  lastView += 1;
  return `${WORKER}-${lastView}`;
}

const OWNED = /** @type {const} */ (["lrp", "gradient", "stay", "editor", "whole", "model", "networks"]);

export class State {
  /** @type {Open} */
  #open = {};
  #complete;
  #users = 0;
  /** What nobody will ask for again, but a request under way may still hold. @type {Set<Owned>} */
  #stale = new Set();
  /** Networks that were read before they are opened, by the digests of their files. @type {Map<string, Networks>} */
  prepared = new Map();

  /** @param {(open: Open) => void} complete makes what a glance left out */
  constructor(complete) {
    this.#complete = complete;
  }

  /** What is open now. A handler that pauses keeps this object: its parts live until the handler has ended. */
  get open() {
    if (this.#open.lrp && !this.#open.gradient) this.#complete(this.#open);
    return this.#open;
  }

  /** The same, where the gradient may be missing: nobody has looked at it since the last glance. */
  get latest() {
    return this.#open;
  }

  /**
   * Makes something else what is open.
   * @param {Open} next
   */
  replace(next) {
    this.discard(this.#open, next);
    this.#open = next;
  }

  /**
   * Gives up what `old` holds and `kept` does not.
   * @param {Open} old
   * @param {Open} kept
   */
  discard(old, kept) {
    for (const key of OWNED) {
      const it = old[key];
      if (it && it !== kept[key]) this.#stale.add(it);
    }
  }

  /**
   * Runs a handler. What was given up is freed as soon as no handler is under way.
   * @template T
   * @param {() => T | Promise<T>} run
   */
  async use(run) {
    this.#users += 1;
    let trapped = false;
    try {
      return await run();
    } catch (error) {
      trapped = isFatal(error);
      throw error;
    } finally {
      this.#users -= 1;
      // After a trap nothing of this instance may be touched again.
      if (this.#users === 0 && !trapped) this.#free();
    }
  }

  #free() {
    for (const it of this.#stale) it.free();
    this.#stale.clear();
  }
}

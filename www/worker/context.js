// What a handler knows of its request: how to report progress, whether it was cancelled, how to let others in.

import { Cancelled } from "./errors.js";

/** A message to oneself lets others in and comes back at once, where a timer waits 4 ms after a few. @type {MessageChannel | undefined} */
let oneself;
/** Those that wait for such a message, in their order. @type {(() => void)[]} */
const paused = [];

/** @param {() => void} resume */
function later(resume) {
  if (!oneself) {
    oneself = new MessageChannel();
    oneself.port1.onmessage = () => paused.shift()?.();
  }
  paused.push(resume);
  oneself.port2.postMessage(undefined);
}

export class Context {
  #post;
  /** Ends the pause that this is in. @type {(() => void) | undefined} */
  #resume;
  #isCancelled = false;
  /** What moves to the page with the answer instead of being copied. @type {Transferable[]} */
  transferred = [];

  /**
   * @param {(progress: unknown) => void} post
   * @param {string | null} [shown] which view the page shows: null for none, undefined where no page asks
   */
  constructor(post, shown) {
    this.#post = post;
    this.shown = shown;
  }

  /** Whether the page has given this request up. */
  get isCancelled() {
    return this.#isCancelled;
  }

  /**
   * Tells the page how far this has come.
   * @param {unknown} it of the type that the protocol states for this request
   */
  progress(it) {
    this.#post(it);
  }

  /** Called when the page gives the request up. */
  cancel() {
    this.#isCancelled = true;
    // What it holds is given back before the next request asks for it.
    this.#resume?.();
  }

  /** Throws if the request was cancelled. */
  check() {
    if (this.#isCancelled) throw new Cancelled();
  }

  /** Lets other messages in, among them the one that cancels this request: it then throws. For use between slices. */
  async pause() {
    await new Promise((/** @type {(value: void) => void} */ done) => {
      this.#resume = done;
      later(done);
    });
    this.check();
  }

  /** @param {...Transferable} things of the answer that move instead of being copied */
  transfer(...things) {
    this.transferred.push(...things);
  }
}

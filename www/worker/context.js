// What a handler knows of its request: how to report progress, whether it was cancelled, how to let others in.

import { Cancelled } from "./errors.js";

export class Context {
  #post;
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
  }

  /** Throws if the request was cancelled. */
  check() {
    if (this.#isCancelled) throw new Cancelled();
  }

  /** Lets other messages in, among them the one that cancels this request: it then throws. For use between slices. */
  async pause() {
    await new Promise((done) => setTimeout(done));
    this.check();
  }

  /** @param {...Transferable} things of the answer that move instead of being copied */
  transfer(...things) {
    this.transferred.push(...things);
  }
}

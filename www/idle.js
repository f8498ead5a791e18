// What the page works out by itself while nothing else is done: it waits until nothing has happened for a while, and
// whatever is done in the meantime comes first.

import { EngineError } from "./engine.js";
import { t } from "./messages.js";
import { beforeActions } from "./page.js";
import { onGlance } from "./quick.js";

export class Idle {
  #wait;
  #isWanted;
  #view;
  #run;
  /** @type {AbortController | undefined} */
  #running;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #soon;

  /**
   * @param {object} work
   * @param {number} work.wait how long nothing has to happen before it begins, in milliseconds
   * @param {string} [work.view] the view that it is done for
   * @param {() => boolean} work.isWanted whether there is something to be done
   * @param {(signal: AbortSignal) => Promise<void>} work.run
   * @param {(error: unknown) => void} work.onFailure a worker that was lost is started anew, and this is no failure
   */
  constructor({ wait, view = "stay", isWanted, run, onFailure }) {
    this.#wait = wait;
    this.#isWanted = isWanted;
    this.#view = view;
    this.#run = async (/** @type {AbortSignal} */ signal) => {
      try {
        await run(signal);
      } catch (error) {
        if (!signal.aborted && !(error instanceof EngineError && error.restarted)) onFailure(error);
      }
    };
    onGlance(() => this.stop());
    // It goes on when the action has ended.
    beforeActions(async () => this.later());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.stop() : this.later()));
  }

  /** Begins a while from now, whatever was under way. */
  later() {
    this.stop();
    if (this.#isWanted()) this.#soon = setTimeout(() => void this.#begin(), this.#wait);
  }

  stop() {
    clearTimeout(this.#soon);
    this.#running?.abort(new Error(t("cancelled")));
    this.#running = undefined;
  }

  async #begin() {
    const { state, view } = document.body.dataset;
    if (document.hidden || !this.#isWanted()) return;
    // Where an action failed, what is shown stands as it was.
    if (!["ready", "error"].includes(state ?? "") || view !== this.#view) return this.later();
    const controller = new AbortController();
    this.#running = controller;
    await this.#run(controller.signal);
    if (this.#running === controller) this.#running = undefined;
  }
}

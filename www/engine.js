// The page's end of the worker: requests with answers, progress on the way, cancelling, and a new worker when the engine
// has trapped.

/** @import { Message, OpenRequest, Progress, Reply, Requests, View } from "./protocol.js" */

import { Journal } from "./journal.js";
import { t } from "./messages.js";
import { startWorker } from "./starting.js";

/** How long a cancelled request may take to stop by itself, in milliseconds. */
const GRACE = 400;

/** Why a request has no answer. */
export class EngineError extends Error {
  /**
   * @param {string} message
   * @param {boolean} restarted whether the worker was thrown away
   * @param {import("../pkg/vitrine.js").RecordQuestion} [question] what can be chosen, where a choice would do
   */
  constructor(message, restarted, question) {
    super(message);
    this.restarted = restarted;
    this.question = question;
  }
}

let lastFile = 0;

/**
 * Gives what is opened a number that nothing else has: two files may have one name, and be of two patients.
 * @template {keyof Requests} K
 * @param {K} type
 * @param {Requests[K]["request"]} payload
 * @returns {Requests[K]["request"]}
 */
function numbered(type, payload) {
  if (type === "openMap") return { .../** @type {object} */ (payload), .../** @type {any} */ ({ mapNumber: ++lastFile }) };
  const { model, stay } = type === "open" ? /** @type {OpenRequest} */ (payload) : { model: undefined, stay: type === "openSaved" };
  if (!model && !stay) return payload;
  lastFile += 1;
  return { .../** @type {object} */ (payload), .../** @type {any} */ (model ? { modelNumber: lastFile } : {}), recordNumber: lastFile };
}

/**
 * @typedef {object} Waiting
 * @property {(answer: any) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {(progress: any) => void} [onProgress]
 */

export class Engine {
  #worker = this.#start();
  #lastId = 0;
  /** Why the worker cannot answer at all, if so. */
  #broken = "";
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  #journal = new Journal();
  /** While a new worker is told what the last one knew, everything else waits. @type {Promise<void> | undefined} */
  #restoring;
  /** @type {(view: View) => void} */
  #restored = () => {};
  /** Which view the page shows. @type {() => string | null | undefined} */
  #shown = () => undefined;

  /**
   * Opens whatever is given and keeps the rest: all of it, or nothing.
   * @param {OpenRequest} request
   * @param {{ signal?: AbortSignal, onProgress?: (progress: Progress) => void }} [options]
   * @returns {Promise<View>}
   */
  async open(request, options) {
    return this.request("open", request, options);
  }

  /**
   * Calls back with what a new worker shows, once it stands where the last one stood.
   * @param {(view: View) => void} listener
   */
  onRestored(listener) {
    this.#restored = listener;
  }

  /**
   * Says how to find out which view the page shows: what is taken away is of that one, or is refused.
   * @param {() => string | null} shown
   */
  setShown(shown) {
    this.#shown = shown;
  }

  /** Goes back to what was open before the last thing that was done: the page could not show it. */
  async takeBack() {
    this.#journal.takeBack();
    await this.restart(t("cancelled"));
  }

  /**
   * Asks the worker for something; `protocol/` says what can be asked.
   * @template {keyof Requests} K
   * @param {K} type
   * @param {Requests[K]["request"]} payload
   * @param {{ onProgress?: (progress: Requests[K]["progress"]) => void, signal?: AbortSignal, isPatient?: boolean, transfer?: Transferable[] }} [options] isPatient: cancelled, it may end when it does
   * @returns {Promise<Requests[K]["answer"]>}
   */
  async request(type, payload, options) {
    // Nothing to wait for in general: a request is under way when this returns.
    while (this.#restoring) await this.#restoring;
    const asked = numbered(type, payload);
    const answer = await this.#ask(type, asked, options);
    this.#journal.note(type, asked, answer);
    return answer;
  }

  /**
   * @template {keyof Requests} K
   * @param {K} type
   * @param {Requests[K]["request"]} payload
   * @param {{ onProgress?: (progress: Requests[K]["progress"]) => void, signal?: AbortSignal, isPatient?: boolean, transfer?: Transferable[] }} [options] isPatient: cancelled, it may end when it does
   * @returns {Promise<Requests[K]["answer"]>}
   */
  #ask(type, payload, { onProgress, signal, isPatient = false, transfer = [] } = {}) {
    if (this.#broken) return Promise.reject(new EngineError(this.#broken, false));
    if (signal?.aborted) return Promise.reject(new EngineError(t("cancelled"), false));
    const id = ++this.#lastId;
    const cancel = () => this.#cancel(id, isPatient);
    signal?.addEventListener("abort", cancel, { once: true });
    /** @type {Promise<Requests[K]["answer"]>} */
    const answer = new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onProgress });
      this.#post({ id, type, payload, shown: this.#shown() }, transfer);
    });
    return answer.finally(() => signal?.removeEventListener("abort", cancel));
  }

  /**
   * Throws the worker away, with everything it is doing, and gives a new one what was last good.
   * @param {string} reason what the requests under way are told
   */
  async restart(reason) {
    this.#worker.terminate();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#broken = "";
    this.#worker = this.#start();
    for (const { reject } of waiting) reject(new EngineError(reason, true));
    // A worker that stops over what it is told would stop again.
    if (this.#restoring) this.#journal.giveUp();
    const restoring = this.#restore();
    this.#restoring = restoring.then(
      () => {},
      () => {},
    );
    const mine = this.#restoring;
    await mine;
    if (this.#restoring === mine) this.#restoring = undefined;
    await restoring;
  }

  async #restore() {
    /** @type {View | undefined} */
    let view;
    try {
      for (const { type, payload } of this.#journal.told())
        view = /** @type {View} */ (await this.#ask(type, /** @type {any} */ (payload)));
    } finally {
      if (view) this.#restored(view);
    }
  }

  /** Ends the worker for good: nobody will ask it for anything any more. */
  stop() {
    this.#worker.terminate();
    this.#broken = t("cancelled");
  }

  /** What was last opened without an error, as a further worker needs it. */
  get opened() {
    const { model, method } = this.#journal.opened;
    return { model, method };
  }

  #start() {
    const worker = startWorker();
    worker.addEventListener("message", ({ data }) => this.#receive(data));
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#fail(t("engine.broken", { why: event.message || "pkg/vitrine.js" }));
    });
    return worker;
  }

  /**
   * @param {Message} message
   * @param {Transferable[]} [transfer]
   */
  #post(message, transfer = []) {
    this.#worker.postMessage(message, transfer);
  }

  /**
   * Asks a request to stop between two slices; where it does not, the worker goes.
   * @param {number} id
   * @param {boolean} isPatient
   */
  #cancel(id, isPatient) {
    if (!this.#waiting.has(id)) return;
    this.#post({ id, cancel: true });
    if (isPatient) return;
    setTimeout(() => {
      if (this.#waiting.has(id)) this.#replaceWorker(t("cancelled"));
    }, GRACE);
  }

  /** @param {string} reason */
  #replaceWorker(reason) {
    this.restart(reason).catch((error) => console.warn("the restarted engine refused what was last open", error));
  }

  /** @param {Reply} reply */
  #receive(reply) {
    if ("broken" in reply) {
      this.#fail(t("engine.broken", { why: reply.broken }));
      return;
    }
    const waiting = this.#waiting.get(reply.id);
    if ("progress" in reply) {
      waiting?.onProgress?.(reply.progress);
      return;
    }
    this.#waiting.delete(reply.id);
    if (!("error" in reply)) {
      waiting?.resolve(reply.answer);
    } else if (reply.fatal) {
      const reason = t("engine.stopped", { why: reply.error });
      this.#replaceWorker(reason);
      waiting?.reject(new EngineError(reason, true));
    } else {
      waiting?.reject(new EngineError(reply.error, false, reply.question));
    }
  }

  /** @param {string} reason */
  #fail(reason) {
    this.#broken = reason;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new EngineError(reason, false));
  }
}

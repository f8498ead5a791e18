// The page's end of the worker: requests with answers, and a new worker when the engine has trapped.

/** @import { Answer, InspectRequest, Inspection, Method, ModelFile, OpenRequest, Paint, Request, StayFile, View } from "./protocol.js" */

/** Why a request has no answer. */
export class EngineError extends Error {
  /**
   * @param {string} message
   * @param {boolean} restarted whether the worker was thrown away
   */
  constructor(message, restarted) {
    super(message);
    this.restarted = restarted;
  }
}

export class Engine {
  #worker = this.#start();
  #lastId = 0;
  /** Why the worker cannot answer at all, if so. */
  #broken = "";
  /** @type {Map<number, { resolve: (answer: Answer) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();
  /**
   * What was last opened without an error: what a new worker is given.
   * @type {{ model?: ModelFile, stay?: StayFile, method?: Method, paint?: Paint }}
   */
  #good = {};

  /**
   * Opens whatever is given and keeps the rest: all of it, or nothing.
   * @param {Omit<OpenRequest, "type">} request
   * @returns {Promise<View>}
   */
  async open(request) {
    const answer = await this.#ask({ type: "open", ...request });
    if (!("view" in answer)) throw new EngineError("the engine gave no view", false);
    const { model, stay, method, paint } = this.#good;
    this.#good = {
      model: request.model ?? model,
      stay: request.stay ?? stay,
      method: request.method ?? method,
      paint: request.paint ?? paint,
    };
    return answer.view;
  }

  /**
   * What stands at a row and step.
   * @param {Omit<InspectRequest, "type">} cell
   * @returns {Promise<Inspection | undefined>}
   */
  async inspect(cell) {
    const answer = await this.#ask({ type: "inspect", ...cell });
    return "inspection" in answer ? answer.inspection : undefined;
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
    if (this.#good.model) await this.#ask({ type: "open", ...this.#good });
  }

  #start() {
    const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }) => this.#receive(data));
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      const reason = event.message ? `: ${event.message}` : "; the file pkg/vitrine.js may be missing";
      this.#fail(`the engine could not be started${reason}`);
    });
    return worker;
  }

  /**
   * @param {Request} request
   * @returns {Promise<Answer>}
   */
  #ask(request) {
    const id = ++this.#lastId;
    if (this.#broken) return Promise.reject(new EngineError(this.#broken, false));
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...request });
    });
  }

  /** @param {Answer} answer */
  #receive(answer) {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (!("error" in answer)) {
      waiting?.resolve(answer);
    } else if (answer.fatal) {
      const reason = `the engine stopped (${answer.error}) and was restarted`;
      this.restart(reason).catch((error) => console.warn("the restarted engine refused what was last open", error));
      waiting?.reject(new EngineError(reason, true));
    } else {
      waiting?.reject(new EngineError(answer.error, false));
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

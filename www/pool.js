// Many items over several workers, each with an instance of the engine of its own. A worker may trap, fall silent or be
// killed at any time: it is replaced, what it had in hand is given out again, and every item still gets its outcome
// exactly once.

/** @import { Message, Reply } from "./protocol.js" */

/**
 * What the pool needs of a Worker; Node's worker threads can be made to look like it.
 * @typedef {object} WorkerLike
 * @property {(message: Message) => void} postMessage
 * @property {() => void} terminate
 * @property {(type: "message" | "error" | "messageerror", listener: (event: any) => void) => void} addEventListener
 */

/**
 * @typedef {object} PoolOptions
 * @property {() => WorkerLike} start starts a worker
 * @property {number} [size] how many
 * @property {Pick<Exclude<Message, { cancel: true }>, "type" | "payload">} [open] what every new worker is asked first
 * @property {number} [batch] items handed out at a time
 * @property {number} [patience] after so many milliseconds without a word, a worker is given up
 */

/** @template T @typedef {{ value: T } | { error: string }} Outcome */

/** An item that ended so many workers all by itself is not tried again. */
const TRIES = 3;
/** A pool whose workers end so many times without one answer between them cannot work at all. */
const FUTILE = 6;

/**
 * @template I, T
 * @typedef {object} Work
 * @property {(items: I[]) => Pick<Exclude<Message, { cancel: true }>, "type" | "payload">} ask makes the request for some items; its
 *   answer is one `Outcome` for each, in their order
 * @property {(index: number, outcome: Outcome<T>) => void} onOutcome called once for every item
 * @property {AbortSignal} [signal]
 */

export class Pool {
  /** @param {PoolOptions} options */
  constructor({ start, size = defaultSize(), open, batch = 16, patience = 10_000 }) {
    this.start = start;
    this.size = Math.max(1, size);
    this.open = open;
    this.batch = Math.max(1, batch);
    this.patience = patience;
    /** Workers replaced so far. */
    this.replaced = 0;
  }

  /**
   * Works on all items; resolves when each has had its outcome. Rejects when cancelled, or where no worker can be
   * brought to answer; no outcome comes after that.
   * @template I, T
   * @param {I[]} items
   * @param {Work<I, T>} work
   * @returns {Promise<void>}
   */
  run(items, work) {
    if (items.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => new Run(this, items, work, resolve, reject).begin());
  }
}

function defaultSize() {
  return globalThis.navigator?.hardwareConcurrency ?? 2;
}

/**
 * Some items on their way, and how often they have ended a worker.
 * @typedef {{ indices: number[], deaths: number }} Batch
 */

/** @template I, T */
class Run {
  /** @type {Set<Seat<I, T>>} */
  #seats = new Set();
  /** @type {Batch[]} */
  #queue = [];
  #left;
  #deathsInARow = 0;
  #isOver = false;

  /**
   * @param {Pool} pool
   * @param {I[]} items
   * @param {Work<I, T>} work
   * @param {() => void} resolve
   * @param {(reason: Error) => void} reject
   */
  constructor(pool, items, work, resolve, reject) {
    this.pool = pool;
    this.items = items;
    this.work = work;
    this.resolve = resolve;
    this.reject = reject;
    this.#left = items.length;
    for (let at = 0; at < items.length; at += pool.batch) {
      const indices = items.slice(at, at + pool.batch).map((_, k) => at + k);
      this.#queue.push({ indices, deaths: 0 });
    }
  }

  begin() {
    const { signal } = this.work;
    const cancel = () => this.#end(() => this.reject(new Error("cancelled")));
    if (signal?.aborted) return cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    const n = Math.min(this.pool.size, this.#queue.length);
    for (let k = 0; k < n; k++) this.#seat();
  }

  #seat() {
    const seat = new Seat(this.pool, this);
    this.#seats.add(seat);
    seat.begin();
  }

  /** The next items for a worker that has none. */
  next() {
    return this.#queue.shift();
  }

  /**
   * @param {Batch} batch
   * @param {Outcome<T>[]} outcomes
   */
  done({ indices }, outcomes) {
    if (this.#isOver) return;
    this.#deathsInARow = 0;
    indices.forEach((index, k) => this.#outcome(index, outcomes[k] ?? { error: "the engine gave no answer for it" }));
  }

  /**
   * @param {number} index
   * @param {Outcome<T>} outcome
   */
  #outcome(index, outcome) {
    this.#left -= 1;
    try {
      this.work.onOutcome(index, outcome);
    } catch (error) {
      return this.#end(() => this.reject(/** @type {Error} */ (error)));
    }
    if (this.#left === 0) this.#end(this.resolve);
  }

  /**
   * A worker is gone. What it had in hand is given out again, one by one: one of the items may be what ended it.
   * @param {Seat<I, T>} seat
   * @param {Batch | undefined} batch
   * @param {string} reason
   */
  lost(seat, batch, reason) {
    if (this.#isOver) return;
    this.#seats.delete(seat);
    this.pool.replaced += 1;
    this.#deathsInARow += 1;
    if (this.#deathsInARow >= FUTILE * this.pool.size) {
      return this.#end(() => this.reject(new Error(`no worker could be brought to answer: ${reason}`)));
    }
    if (batch) this.#again(batch, reason);
    if (!this.#isOver) this.#seat();
  }

  /**
   * @param {Batch} batch
   * @param {string} reason
   */
  #again({ indices, deaths }, reason) {
    const [only] = indices;
    if (indices.length === 1 && only !== undefined && deaths + 1 >= TRIES) {
      this.#deathsInARow = 0;
      this.#outcome(only, { error: `the engine stopped over it ${TRIES} times: ${reason}` });
    } else {
      const isAlone = indices.length === 1;
      this.#queue.unshift(...indices.map((index) => ({ indices: [index], deaths: isAlone ? deaths + 1 : 0 })));
      // Others may have run out of work meanwhile.
      for (const seat of this.#seats) seat.wake();
    }
  }

  /** @param {() => void} settle */
  #end(settle) {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const seat of this.#seats) seat.close();
    this.#seats.clear();
    settle();
  }

  /**
   * A request that the engine refused as a whole.
   * @param {Batch} batch
   * @param {string} error
   */
  refused({ indices }, error) {
    this.done({ indices, deaths: 0 }, indices.map(() => ({ error })));
  }

  /** @param {string} error the engine refused what every worker is asked first */
  unusable(error) {
    this.#end(() => this.reject(new Error(error)));
  }
}

/**
 * One worker, and what it has in hand.
 * @template I, T
 */
class Seat {
  #lastId = 0;
  /** @type {Batch | undefined} */
  #batch;
  #isOpening = false;
  #isClosed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {Pool} pool
   * @param {Run<I, T>} run
   */
  constructor(pool, run) {
    this.pool = pool;
    this.run = run;
    this.worker = pool.start();
    this.worker.addEventListener("message", ({ data }) => this.#receive(data));
    this.worker.addEventListener("messageerror", () => this.#lose("its answer could not be read"));
    this.worker.addEventListener("error", (event) => {
      event.preventDefault?.();
      this.#lose(event.message || "it could not be started");
    });
  }

  begin() {
    if (!this.pool.open) return this.wake();
    this.#isOpening = true;
    this.#post(this.pool.open);
  }

  /** Takes up work, if there is any and none is in hand. */
  wake() {
    if (this.#isClosed || this.#isOpening || this.#batch) return;
    this.#batch = this.run.next();
    if (!this.#batch) return;
    this.#post(this.run.work.ask(this.#batch.indices.map((index) => /** @type {I} */ (this.run.items[index]))));
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.worker.terminate();
  }

  /** @param {Pick<Exclude<Message, { cancel: true }>, "type" | "payload">} request */
  #post({ type, payload }) {
    this.#wait();
    this.worker.postMessage({ id: ++this.#lastId, type, payload });
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lose(`no answer for ${this.pool.patience / 1000} s`), this.pool.patience);
  }

  /** @param {Reply} reply */
  #receive(reply) {
    if ("broken" in reply) return this.#lose(reply.broken);
    // Anything but the answer to what was asked last is of no concern; progress shows that it lives.
    if (this.#isClosed || reply.id !== this.#lastId) return;
    if ("progress" in reply) return this.#wait();
    clearTimeout(this.#timer);
    if ("error" in reply && reply.fatal) return this.#lose(reply.error);
    const [batch, isOpening] = [this.#batch, this.#isOpening];
    this.#batch = undefined;
    this.#isOpening = false;
    if ("error" in reply) {
      if (isOpening) return this.run.unusable(reply.error);
      if (batch) this.run.refused(batch, reply.error);
    } else if (batch) {
      this.run.done(batch, /** @type {Outcome<T>[]} */ (reply.answer));
    }
    this.wake();
  }

  /** @param {string} reason */
  #lose(reason) {
    if (this.#isClosed) return;
    const batch = this.#batch;
    this.close();
    this.run.lost(this, batch, reason);
  }
}

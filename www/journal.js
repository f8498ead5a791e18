// What a new worker has to be told so that it stands where the last one stood: what was opened without an error, and
// what was done to it since.

/** @import { EditRequest, OpenRequest, Paint, QuickChange, Requests, View } from "./protocol.js" */

/** @typedef {{ type: keyof Requests, payload: unknown }} Told */

export class Journal {
  /** @type {OpenRequest} */
  #open = {};
  /** A saved view that took the place of the record. @type {Requests["openSaved"]["request"] | undefined} */
  #saved;
  /** Changes of the stay, in their order. @type {EditRequest[]} */
  #changes = [];
  /** Where the stay is shown as of an earlier hour. @type {number | undefined} */
  #known;

  /** The same before the last thing that was done. @type {(() => void) | undefined} */
  #before;

  /** What was opened. */
  get opened() {
    return this.#open;
  }

  /**
   * Notes what the worker has done.
   * @param {keyof Requests} type
   * @param {any} payload what it was asked for
   * @param {any} answer
   */
  note(type, payload, answer) {
    if (["open", "openSaved", "edit", "replayTo", "glance"].includes(type)) this.#keep();
    if (type === "open") this.#opened(payload, answer);
    else if (type === "openSaved") this.#begin(payload, answer);
    else if (type === "edit") this.#changed(payload);
    else if (type === "replayTo") this.#changed({ what: "known", steps: payload.steps });
    else if (type === "glance") this.#changed(payload.change);
  }

  /** What a new worker is to be asked for, one after the other; the last answer is what is shown. @returns {Told[]} */
  told() {
    const { method, paint } = this.#open;
    if (!this.#open.model) return [];
    /** @type {Told[]} */
    const told = [{ type: "open", payload: this.#open }];
    // A saved view brings its own method and colours; what was chosen since counts.
    if (this.#saved) told.push({ type: "openSaved", payload: this.#saved }, { type: "open", payload: { method, paint } });
    if (this.#changes.length > 0) told.push({ type: "restore", payload: { changes: this.#changes } });
    if (this.#known !== undefined) told.push({ type: "replayTo", payload: { steps: this.#known } });
    return told;
  }

  /** Forgets the last thing that was noted. */
  takeBack() {
    this.#before?.();
    this.#before = undefined;
  }

  #keep() {
    const [open, saved, changes, known] = [this.#open, this.#saved, [...this.#changes], this.#known];
    this.#before = () => {
      [this.#open, this.#saved, this.#changes, this.#known] = [open, saved, changes, known];
    };
  }

  /** Gives up the last part of it: a worker that was told it stopped as well. */
  giveUp() {
    if (this.#known !== undefined) this.#known = undefined;
    else if (this.#changes.length > 0) this.#changes = [];
    else if (this.#saved) this.#saved = undefined;
    else this.#open = {};
  }

  /**
   * @param {OpenRequest} request
   * @param {View} view
   */
  #opened({ model, stay, paint, modelNumber, recordNumber }, view) {
    const last = this.#open;
    this.#open = {
      model: model ?? last.model,
      stay: view.alone ? undefined : (stay ?? last.stay),
      isAlone: view.alone !== undefined,
      method: view.method ?? last.method,
      paint: paint ?? last.paint,
      modelNumber: modelNumber ?? last.modelNumber,
      recordNumber: recordNumber ?? last.recordNumber,
    };
    if (!model && !stay) return;
    this.#saved = undefined;
    this.#changes = [];
    this.#known = undefined;
  }

  /**
   * @param {Requests["openSaved"]["request"]} saved
   * @param {View & { paint: Paint }} view
   */
  #begin(saved, { method, paint }) {
    this.#saved = saved;
    this.#open = { ...this.#open, method, paint };
    this.#changes = [];
    this.#known = undefined;
  }

  /** @param {QuickChange} change */
  #changed(change) {
    if (change.what === "known") {
      this.#known = change.steps;
    } else {
      this.#known = undefined;
      this.#changes.push(change);
    }
  }
}

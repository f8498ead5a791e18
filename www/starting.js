// A worker of the engine, and what of the page is begun before its modules have come: that worker, and the network that the
// page opens first. They are found on the global object, since the site's scripts are bundled one by one.

/** @import { Message } from "./protocol.js" */

/**
 * @typedef {object} Early
 * @property {(() => Worker) | undefined} take gives the worker to whoever is first
 * @property {string} path of the network's file
 * @property {Promise<ArrayBuffer | undefined>} bytes its content; nothing where it could not be had
 */

const KEY = Symbol.for("vitrine.early");

/**
 * Starts a worker before it is asked for, and lets it read a network.
 * @param {string} path of the network's file, relative to the page
 */
export function beginEarly(path) {
  const worker = newWorker();
  const bytes = bytesOf(path).catch(() => undefined);
  Reflect.set(globalThis, KEY, /** @type {Early} */ ({ take: keeping(worker), path, bytes }));
  void bytes.then((onnx) => {
    // Nobody waits for the answer, which has the number of no request: where it fails, opening the network says why.
    if (onnx) worker.postMessage(/** @type {Message} */ ({ id: 0, type: "prepare", payload: { name: path, onnx } }));
  });
}

/** A worker of the engine: the one that was begun early, the first time. */
export function startWorker() {
  const early = begun();
  const take = early?.take ?? newWorker;
  if (early) early.take = undefined;
  return take();
}

/**
 * Keeps what a worker says for whoever takes it.
 * @param {Worker} worker
 * @returns {() => Worker} takes it
 */
function keeping(worker) {
  const taken = new AbortController();
  /** @type {Event[]} */
  const events = [];
  for (const type of ["message", "error"]) worker.addEventListener(type, (event) => events.push(event), { signal: taken.signal });
  return () => {
    taken.abort();
    // Who takes it has yet to listen.
    queueMicrotask(() => events.forEach((event) => worker.dispatchEvent(again(event))));
    return worker;
  };
}

/**
 * The content of a file of this page's own, where it was asked for early.
 * @param {string} path
 * @param {AbortSignal} signal
 * @returns {Promise<ArrayBuffer | undefined>}
 */
export async function earlyBytes(path, signal) {
  const early = begun();
  if (early?.path !== path) return undefined;
  return Promise.race([early.bytes, new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }))]);
}

/** @returns {Early | undefined} */
function begun() {
  return Reflect.get(globalThis, KEY);
}

/** @param {string} path */
async function bytesOf(path) {
  const response = await fetch(new URL(path, document.baseURI));
  return response.ok ? response.arrayBuffer() : undefined;
}

/** An event cannot be dispatched twice. @param {Event} event */
function again(event) {
  if (event instanceof MessageEvent) return new MessageEvent("message", { data: event.data });
  return new ErrorEvent("error", { message: event instanceof ErrorEvent ? event.message : "", cancelable: true });
}

/**
 * A worker with an instance of the engine of its own. A worker from an address has the policy that its own response brings,
 * and on a host without headers none; one from a blob has the policy of the page that made it. In somebody else's page, where
 * there is no such policy to hand on, and in the one file, whose loader makes blobs of its own, it comes from its address.
 */
function newWorker() {
  if (!Reflect.has(globalThis, "vitrineGuard") || Reflect.has(globalThis, "vitrineSingle")) {
    return new Worker(new URL("worker/start.js", import.meta.url), { type: "module" });
  }
  const address = URL.createObjectURL(new Blob([starting(new URL("worker/start.js", import.meta.url).href)], { type: "text/javascript" }));
  const worker = new Worker(address, { type: "module" });
  worker.addEventListener("message", () => URL.revokeObjectURL(address), { once: true });
  return worker;
}

/**
 * The text of a worker that runs a module, keeps what it is sent until that can listen, and says where it does not come.
 * @param {string} address
 */
function starting(address) {
  return `const early = [];
const keep = (event) => { event.stopImmediatePropagation(); early.push(event); };
addEventListener("message", keep);
import(${JSON.stringify(address)}).then(() => {
  removeEventListener("message", keep);
  for (const { data } of early) dispatchEvent(new MessageEvent("message", { data }));
}, (error) => postMessage({ broken: error.message }));`;
}

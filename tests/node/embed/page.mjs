// The page as `www/embed.js` sees it, without a document: actions one after another, the worker's own handlers and the
// engine behind them, requests and answers cloned as between a page and its worker.

import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");

/** A canvas that takes pixels and shows nothing. */
globalThis.ImageData = class ImageData {
  constructor(data, width, height) {
    if (data.length !== 4 * width * height) throw new Error("pixels that do not fill the picture");
  }
};
globalThis.OffscreenCanvasRenderingContext2D = class OffscreenCanvasRenderingContext2D {
  putImageData() {}
};
globalThis.OffscreenCanvas = class OffscreenCanvas {
  constructor(width, height) {
    Object.assign(this, { width, height });
  }
  getContext() {
    return new OffscreenCanvasRenderingContext2D();
  }
  transferToImageBitmap() {
    return { width: this.width, height: this.height };
  }
};

const { initSync } = await import("../../../pkg/vitrine.js");
initSync({ module: readFileSync(join(PKG, "vitrine_bg.wasm")) });
const { State } = await import("../../../www/worker/state.js");
const { Context } = await import("../../../www/worker/context.js");
const { isFatal } = await import("../../../www/worker/errors.js");
const parts = await Promise.all(["open", "outside", "take"].map((name) => import(`../../../www/worker/${name}.js`)));
const handlers = Object.assign({}, ...parts.map((part) => part.handlers));

const state = new State();
let view;
const listeners = [];
let last = Promise.resolve();
const PAINT = { width: 96, cellHeight: 2, groupGap: 1, line: 0, legendWidth: 1, totalsWidth: 1, stepsHeight: 1 };

/** The trap that ended the engine, if one did: nothing may be asked of it after that. */
export let trap;

export const engine = {
  async request(type, payload) {
    const context = new Context(() => {});
    // As a worker does, it answers when what the page has begun is over.
    await new Promise((done) => setImmediate(done));
    try {
      return structuredClone(await state.use(() => handlers[type](state, structuredClone(payload), context)));
    } catch (error) {
      if (isFatal(error)) trap = error;
      throw error;
    }
  },
};

export function shown() {
  return view;
}

export function onShow(listener) {
  listeners.push(listener);
}

/** What fails here is told to nobody: tests/browser/frame.test.mjs asks what a host hears of it. */
export function onFailure() {}

export async function open(request, { onOpened }) {
  view = await engine.request("open", { ...request, paint: PAINT });
  onOpened?.(view);
  for (const listener of listeners) listener(view);
}

export function act(_what, _otherwise, run) {
  last = last.then(() => run({ signal: new AbortController().signal, tell() {} })).catch(() => {});
}

/** Whatever else the page says or makes. */
export const t = (key) => key;
export const method = () => ({});
export const show = () => {};
export const part = () => "both";
export const watch = () => {};
export const set = async () => {};
export const file = async () => "";
export const png = async () => "";
export const bytes = async () => new Uint8Array();
export const verdict = () => undefined;
export const titles = () => ({ input: "input", lrp: "lrp", gradient: "gradient" });
export async function svg() {
  const { svg: text } = await engine.request("takeSvg", { heading: ["fuzz"], titles: titles(), density: 2 });
  return text;
}
export async function prepared() {}

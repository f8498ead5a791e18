// Starts the worker, and says so where it cannot be started: browsers disagree on whether they tell the page of a module
// that could not be loaded.

/** What the page sent before the worker could listen. @type {MessageEvent[]} */
const early = [];
const keep = (/** @type {MessageEvent} */ event) => {
  event.stopImmediatePropagation();
  early.push(event);
};

addEventListener("message", keep);
void start();

async function start() {
  try {
    // The engine is fetched and compiled while the handlers come.
    await Promise.all([import("./program.js"), import("../worker.js")]);
    removeEventListener("message", keep);
    for (const { data } of early) dispatchEvent(new MessageEvent("message", { data }));
  } catch (error) {
    postMessage({ broken: error instanceof Error ? error.message : String(error) });
  }
}

export {};

// Explains in the page and in a worker, and leaves what was found for the test.

import { explained } from "./explained.js";

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
const answer = new Promise((done, fail) => {
  worker.onmessage = ({ data: { found, why } }) => (found ? done(found) : fail(new Error(`in the worker: ${why}`)));
  worker.onerror = ({ message }) => fail(new Error(`the worker did not start: ${message}`));
});

Promise.all([explained(), answer])
  .then(([inPage, inWorker]) => {
    globalThis.found = { inPage, inWorker };
    document.body.dataset.state = "ready";
  })
  .catch((error) => {
    document.querySelector("[role=alert]").textContent = error.message;
    document.body.dataset.state = "error";
  });

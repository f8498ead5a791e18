// The engine in a thread of Node's, answering as the page's worker does.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";

const { initSync, Model } = await import(pathToFileURL(join(workerData.pkg, "vitrine.js")).href);
initSync({ module: readFileSync(join(workerData.pkg, "vitrine_bg.wasm")) });
let model;

parentPort.on("message", ({ id, type, payload }) => {
  if (type === "open") {
    parentPort.postMessage({ id, progress: null });
    model = new Model(payload);
    parentPort.postMessage({ id, answer: null });
  } else {
    const outcomes = payload.map((input) => {
      const explanation = model.explain(input);
      const { relevance, probability } = explanation;
      explanation.free();
      return { value: { relevance, probability } };
    });
    parentPort.postMessage({ id, answer: outcomes });
  }
});

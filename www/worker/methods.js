// Several methods side by side, and how far an explanation can be believed.

import { cellsBeyond, compareExplanations, gridLayout, inspect, paint, paintLegend, trustTask } from "../../pkg/vitrine.js";
import { engineOptions, occlusion } from "./open.js";
import { finish } from "./task.js";

/** @import { Explanation, Model, Stay } from "../../pkg/vitrine.js" */
/** @import { ComparedPicture, Handlers, Method, Paint } from "../protocol.js" */
/** @import { Context } from "./context.js" */

/**
 * What was compared last: painting it again, for another scale or theme, explains nothing again.
 * @type {{ stay: Stay, key: string, explanations: Explanation[] } | undefined}
 */
let last;

/** @type {Handlers} */
export const handlers = {
  async compare({ open: { model, stay } }, { methods, paint, isShared }, context) {
    if (!model || !stay) return undefined;
    const explanations = await explained(model, stay, methods, context);
    const plain = { ...paint, limits: undefined, byRelevance: undefined };
    let pictures = explanations.map((it) => picture(model, stay, it, plain, undefined));
    if (isShared) {
      const limit = Math.max(...pictures.map(({ ticks: [, , end], isMagnitude }) => (isMagnitude ? 0 : end)));
      if (limit > 0) pictures = explanations.map((it) => picture(model, stay, it, plain, it.isMagnitude ? undefined : limit));
    }
    context.transfer(...pictures.flatMap(({ bitmap, legend }) => [bitmap, legend]));
    const pairs = explanations.flatMap((a, first) => explanations.slice(first + 1).map((b, after) => ({
      ...compareExplanations(model, stay.input, a, b), first, second: first + 1 + after,
    })));
    return { layout: gridLayout(model, engineOptions(plain)), pictures, pairs };
  },

  compareCell({ open: { model, stay } }, { row, step }) {
    if (!model || !stay || last?.stay !== stay) return [];
    return last.explanations.map((it) => inspect(model, stay, row, step, it, undefined)?.relevance?.value ?? NaN);
  },

  async trust({ open: { model, stay, method } }, _, context) {
    if (!model || !stay) throw new Error("no stay is open; open a record first");
    return finish(trustTask(model, stay.input, { method: "lrp", ...method }), context);
  },
};

/**
 * @param {Model} model
 * @param {Stay} stay
 * @param {Method[]} methods
 * @param {Context} context
 */
async function explained(model, stay, methods, context) {
  const key = JSON.stringify(methods);
  if (last?.stay === stay && last.key === key) return last.explanations;
  /** @type {Explanation[]} */
  const explanations = [];
  try {
    for (const method of methods) {
      context.progress({ done: explanations.length, total: methods.length });
      await context.pause();
      // What occlusion tells of its measurements is no number of methods.
      const quiet = { progress: () => {}, pause: () => context.pause() };
      explanations.push(method.method === "occlusion" ? await occlusion(model, stay, method, quiet) : model.explain(stay.input, method));
    }
  } catch (error) {
    for (const it of explanations) it.free();
    throw error;
  }
  for (const it of last?.explanations ?? []) it.free();
  last = { stay, key, explanations };
  return explanations;
}

/**
 * @param {Model} model
 * @param {Stay} stay
 * @param {Explanation} explanation
 * @param {Paint} paintOptions
 * @param {number | undefined} limit
 * @returns {ComparedPicture}
 */
function picture(model, stay, explanation, paintOptions, limit) {
  const [canvas, bar] = [new OffscreenCanvas(1, 1), new OffscreenCanvas(1, 1)];
  const options = { ...engineOptions(paintOptions), limit };
  paint(canvas, "relevance", model, stay, explanation, options);
  const [low = 0, middle = 0, high = 0] = paintLegend(bar, "relevance", model, stay, explanation, { ...options, width: paintOptions.legendWidth });
  return {
    bitmap: canvas.transferToImageBitmap(),
    legend: bar.transferToImageBitmap(),
    ticks: [low, middle, high],
    isMagnitude: explanation.isMagnitude,
    beyond: cellsBeyond(model, stay, explanation, options),
  };
}

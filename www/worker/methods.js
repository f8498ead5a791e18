// Several methods side by side, and how far an explanation can be believed.

import { Figure, cellsBeyond, compareExplanations, disputedCells, gridLayout, inspect, paint, paintLegend, readExplanation, totals, trustTask, visible } from "../../pkg/vitrine.js";
import { explainOptions, explained as explain, inWords, isOfEffects } from "./explaining.js";
import { named } from "./errors.js";
import { engineOptions, shownAs } from "./open.js";
import { onPaper, provenance } from "./take.js";
import { early, run } from "./task.js";

/** @import { Explanation, Model, Stay, Task } from "../../pkg/vitrine.js" */
/** @import { ComparedPicture, Handlers, Method, Paint } from "../protocol.js" */
/** @import { Context } from "./context.js" */
/** @import { Open } from "./state.js" */

/**
 * What was compared last: painting it again, for another scale or theme, explains nothing again.
 * @type {{ stay: Stay, key: string, explanations: Explanation[], methods: Method[], hatched: Uint32Array, limit?: number, paint?: Paint } | undefined}
 */
let last;

/** @type {Handlers} */
export const handlers = {
  async compare({ open }, { methods, paint, isShared, isHatched }, context) {
    const { model, stay } = open;
    if (!model || !stay) return undefined;
    const explanations = await explained(open, model, stay, methods, context);
    // Only methods that say what raised and lowered the output can say opposite things of it.
    const effects = explanations.filter((_, at) => isOfEffects(methods[at]));
    // With a track at its foot, what is above it is of the results.
    const disputed = disputedCells(model, effects, engineOptions(paint.track ? { ...paint, part: "value" } : paint));
    const hatched = isHatched ? disputed : new Uint32Array();
    const plain = { ...paint, limits: undefined, byRelevance: undefined, hatched };
    const paintAll = (/** @type {number | undefined} */ limit) => explanations.map((it, at) => picture(model, stay, it, isOfEffects(methods[at]) ? plain : { ...plain, hatched: undefined }, isOfEffects(methods[at]) ? limit : undefined));
    let pictures = paintAll(undefined);
    /** @type {number | undefined} */
    let limit;
    if (isShared) {
      limit = Math.max(...pictures.map(({ ticks: [, , end] }, at) => (isOfEffects(methods[at]) ? end : 0))) || undefined;
      if (limit) pictures = paintAll(limit);
    }
    if (last) Object.assign(last, { hatched, limit, paint });
    context.transfer(...pictures.flatMap(({ bitmap, legend }) => [bitmap, legend]));
    const pairs = explanations.flatMap((a, first) => explanations.slice(first + 1).map((b, after) => ({
      ...compareExplanations(model, stay.input, a, b), first, second: first + 1 + after,
    })));
    const rows = effects.map((it) => totals("relevance", model, stay, it, engineOptions(plain)));
    return { layout: gridLayout(model, engineOptions(plain)), pictures, pairs, disputed: disputed.length, totals: rows };
  },

  compareCell({ open: { model, stay } }, { row, step, isFoot = false }) {
    if (!model || !stay || last?.stay !== stay) return [];
    const { part = "value", track = 0 } = last.paint ?? {};
    const seen = track === 0 ? part : isFoot ? "mask" : "value";
    return last.explanations.map((it) => {
      const { value = NaN, mask = NaN } = inspect(model, stay, row, step, it, undefined)?.relevance ?? {};
      return { both: value + mask, value, mask }[seen];
    });
  },

  compareSvg({ open }, { heading, words, names, paint, density }) {
    const { model, stay } = open;
    if (!model || !stay || last?.stay !== stay) throw new Error("nothing is compared; compare methods first");
    const { explanations, methods: made, hatched, limit } = last;
    const options = { ...onPaper({ ...paint, limits: undefined, byRelevance: undefined }, density) };
    const figure = new Figure(model, options);
    try {
      explanations.forEach((it, at) => {
        const named = words[at];
        if (named) figure.add(named, "relevance", model, stay, it, { ...options, ...(isOfEffects(made[at]) ? { hatched, limit } : {}) });
      });
      return figure.svg(model, heading, { ...provenance(open), method: made.map(inWords).join("; "), residual: undefined }, names);
    } finally {
      figure.free();
    }
  },

  async trust({ open }, { method }, context) {
    if (!method) return audit(open, context, false);
    const { model, stay } = shown(open);
    const { explanation } = await explain(model, stay, method, context);
    try {
      return await early(trustTask(model, stay, explainOptions(model, stay, method), explanation), context);
    } finally {
      explanation.free();
    }
  },

  trustDetails({ open }, _request, context) {
    return audit(open, context, true);
  },

  openMap(state, { name, bytes, mapNumber }, context) {
    const { open } = state;
    const { model, stay } = open;
    if (!model || !stay) throw new Error("no stay is open; open the record that the map is of first");
    const file = visible(name);
    // Nobody knows what a map counts to hours that the reader has taken for unknown.
    if (open.knownSteps !== undefined) throw new Error(`${file}: is of all hours, and the stay is shown as of an earlier one; show all hours first`);
    /** @type {Open} */
    const next = { ...open, foreign: file, mapNumber, effects: undefined, lrp: named(name, () => readExplanation(model, stay.input, new Uint8Array(bytes), open.method?.target)) };
    return shownAs(state, next, context);
  },
};

/** What is open, where a stay is. @param {Open} open */
function shown({ model, stay, lrp }) {
  if (!model || !stay || !lrp) throw new Error("no stay is open; open a record first");
  return { model, stay, lrp };
}

/** The audit of an explanation as far as it has come: asked for again, it goes on from there. @type {{ of: Explanation, task: Task } | undefined} */
let begun;

/**
 * The audit of what is shown: the word, or the whole of it.
 * @param {Open} open
 * @param {Context} context
 * @param {boolean} isWhole
 */
async function audit(open, context, isWhole) {
  const { lrp } = shown(open);
  const task = takeAudit(open);
  let isOver = isWhole;
  try {
    await run(task, context, () => !isWhole && task.early() !== undefined);
    return isWhole ? task.result() : task.early();
  } catch (error) {
    isOver = !context.isCancelled;
    throw error;
  } finally {
    begun?.task.free();
    begun = isOver ? undefined : { of: lrp, task };
    if (isOver) task.free();
  }
}

/**
 * The task of an audit, for whoever runs it alone: the one that was begun, or a new one.
 * @param {Open} open
 */
function takeAudit(open) {
  const { model, stay, lrp } = shown(open);
  const last = begun;
  begun = undefined;
  if (last?.of === lrp) return last.task;
  last?.task.free();
  const { foreign, method } = open;
  return trustTask(model, stay, foreign === undefined ? explainOptions(model, stay, method) : { target: method?.target }, lrp);
}

/**
 * @param {Open} open
 * @param {Model} model
 * @param {Stay} stay
 * @param {Method[]} methods
 * @param {Context} context
 */
async function explained(open, model, stay, methods, context) {
  const key = JSON.stringify([methods, open.foreign === undefined ? 0 : open.mapNumber]);
  if (last?.stay === stay && last.key === key) return last.explanations;
  /** @type {Explanation[]} */
  const explanations = [];
  try {
    for (const method of methods) {
      context.progress({ done: explanations.length, total: methods.length });
      await context.pause();
      if (method.method === "map") {
        if (!open.lrp || open.foreign === undefined) throw new Error("the map from elsewhere is no longer shown; drop it on the page again");
        explanations.push(open.lrp.share());
        continue;
      }
      // A method that takes long counts in parts.
      const quiet = {
        progress: (/** @type {any} */ { done, total }) => context.progress({ done: explanations.length + done / Math.max(1, total), total: methods.length }),
        pause: () => context.pause(),
      };
      explanations.push((await explain(model, stay, method, quiet)).explanation);
    }
  } catch (error) {
    for (const it of explanations) it.free();
    throw error;
  }
  for (const it of last?.explanations ?? []) it.free();
  last = { stay, key, explanations, methods, hatched: new Uint32Array() };
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

// What follows an edit, or another hour, at once: what is in sight. The rest follows when the page asks for it.

import { begun, change } from "./edit.js";
import { isFatal, named } from "./errors.js";
import { explainOptions, explainedAtOnce, isByGroups, showSigns } from "./explaining.js";
import { gradientOptions, lookAgain, transferPictures } from "./open.js";
import * as screens from "./screens.js";
import { newView } from "./state.js";

/** @import { ExplainOptions, Stay } from "../../pkg/vitrine.js" */
/** @import { Glanced, Handlers, Sight } from "../protocol.js" */
/** @import { Context } from "./context.js" */
/** @import { Open, State } from "./state.js" */

/** @type {Handlers} */
export const handlers = {
  glance(state, { change: request, sight, spare }, context) {
    const { model, editor, whole } = begun(state);
    const before = editor.nDone;
    try {
      if (request.what === "known") {
        const { steps } = request;
        const isAll = steps === undefined || steps >= model.steps;
        return glanceAt(state, { whole, stay: isAll ? editor.stay() : whole.knownUntil(model, steps), steps: isAll ? undefined : steps }, { sight, spare }, context);
      }
      change(model, editor, request);
      return glanceAt(state, { whole: undefined, stay: editor.stay(), steps: undefined }, { sight, spare }, context);
    } catch (error) {
      if (!isFatal(error)) while (editor.nDone > before) editor.undo(model);
      throw error;
    }
  },

  settle({ open }, _, context) {
    const view = lookAgain(open);
    transferPictures(view, context);
    return view;
  },
};

/**
 * Explains another version of the open stay, as far as it is in sight, and shows that.
 * @param {State} state
 * @param {{ whole: Stay | undefined, stay: Stay, steps: number | undefined }} version
 * @param {{ sight: Sight, spare: ArrayBuffer[] }} wanted
 * @param {Context} context
 * @returns {Glanced}
 */
function glanceAt(state, { whole, stay, steps }, { sight, spare }, context) {
  const { editor } = state.latest;
  /** @type {Open} */
  const next = { ...state.latest, id: newView(), foreign: undefined, stay, knownSteps: steps, whole: whole ?? editor?.stay() };
  try {
    const seen = see(next, sight, spare);
    state.replace(next);
    context.transfer(...seen.strips.map(({ rgba }) => rgba.buffer));
    return { ...seen, knownSteps: steps, edits: editor?.nDone ?? 0 };
  } catch (error) {
    if (!isFatal(error)) state.discard(next, state.latest);
    // The page does not get what the screen takes for shown.
    screens.forget();
    throw error;
  }
}

/**
 * @param {Open} next
 * @param {Sight} sight
 * @param {ArrayBuffer[]} spare
 */
function see(next, { slots, cell, ...rest }, spare) {
  const { model, stay, editor, method, paint } = next;
  if (!model || !stay || !editor || !paint) throw new Error("nothing is shown that could be changed; open a record first");
  // The numbers of a cell name its gradient, too.
  const seesGradient = cell !== undefined || slots.some((slot) => slot.startsWith("gradient"));
  const ofGradient = seesGradient ? [gradientOptions(next)] : [];
  // An edit has run the model already.
  const all = (/** @type {ExplainOptions[]} */ options) =>
    next.knownSteps === undefined ? editor.explainAll(model, options) : model.explainStay(stay, options);
  named(next.modelFile?.name ?? "model", () => {
    if (method && isByGroups(method)) {
      ({ explanation: next.lrp, effects: next.effects } = explainedAtOnce(model, stay, method));
      [next.gradient] = all(ofGradient);
    } else {
      [next.lrp, next.gradient] = all([explainOptions(model, stay, method), ...ofGradient]);
      showSigns(next.lrp, method);
      next.effects = undefined;
    }
  });
  const { lrp, gradient } = next;
  if (!lrp) throw new Error("the engine gave no explanation");
  return screens.update(paint, { model, stay, lrp, gradient }, { slots, cell, target: method?.target, ...rest }, spare);
}

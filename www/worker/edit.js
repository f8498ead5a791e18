// Changing the stay that is open, replaying it, and searching what would have to change.

import { Editor, counterfactualTask, replayTask } from "../../pkg/vitrine.js";
import { answering, spelled } from "./asking.js";
import { isFatal } from "./errors.js";
import { explain, look, shownAs } from "./open.js";
import { finish } from "./task.js";

/** @import { Model, Stay } from "../../pkg/vitrine.js" */
/** @import { EditRequest, Handlers } from "../protocol.js" */
/** @import { Context } from "./context.js" */
/** @import { State } from "./state.js" */

/** @type {Handlers} */
export const handlers = {
  edit(state, request, context) {
    const { model, whole, editor } = begun(state);
    // The editor changes in place: where the stay that it leads to cannot be shown, it goes back.
    const before = editor.nDone;
    try {
      change(model, editor, request);
      return showStay(state, { editor, whole, steps: undefined }, editor.stay(), context);
    } catch (error) {
      if (!isFatal(error)) while (editor.nDone > before) editor.undo(model);
      throw error;
    }
  },

  restore(state, { changes }, context) {
    const { model, editor, whole } = begun(state);
    for (const one of changes) change(model, editor, one);
    return showStay(state, { editor, whole, steps: undefined }, editor.stay(), context);
  },

  async replay(state, _, context) {
    const { model, whole } = begun(state);
    return finish(replayTask(model, whole, state.open.method?.target), context);
  },

  replayTo(state, { steps }, context) {
    const { model, whole, editor } = begun(state);
    const isAll = steps === undefined || steps >= model.steps;
    const stay = isAll ? editor.stay() : whole.knownUntil(model, steps);
    return showStay(state, { editor, whole, steps: isAll ? undefined : steps }, stay, context);
  },

  async counterfactual(state, _, context) {
    const { model, whole } = begun(state);
    return finish(counterfactualTask(model, whole, { target: state.open.method?.target ?? 0 }), context);
  },
};

/**
 * What is open, ready to be changed. `whole` is the stay with its edits and all of its hours.
 * @param {State} state
 */
export function begun(state) {
  const { model, stay } = state.latest;
  if (!model || !stay) throw new Error("no stay is open; open a record first");
  if (!state.latest.editor || !state.latest.whole) {
    const editor = new Editor(model, stay, state.latest.method?.target);
    state.replace({ ...state.latest, editor, whole: editor.stay() });
  }
  const { editor, whole } = state.latest;
  if (!editor || !whole) throw new Error("the stay cannot be changed");
  return { model, editor, whole };
}

/**
 * @param {Model} model
 * @param {Editor} editor
 * @param {EditRequest} request
 */
export function change(model, editor, request) {
  switch (request.what) {
    case "type":
      return void editor.type(model, request.row, request.step, spelled(model, request.row, request.text), request.steps);
    case "nudge":
      return void editor.nudge(model, request.row, request.step, request.by);
    case "clear":
      return void editor.clear(model, request.row, request.step, request.steps);
    case "drag": {
      const { row, from, to, plot, joins } = request;
      const places = Float64Array.of(from.step, from.y, to.step, to.y);
      return void editor.drag(model, row, places, Float64Array.of(plot.top, plot.bottom, plot.high, plot.low), joins);
    }
    case "ask":
      return void editor.edit(model, answering(model, editor, request));
    case "edits":
      for (const edit of request.edits) editor.edit(model, edit);
      return;
    case "undo":
      return void editor.undo(model);
    case "redo":
      return void editor.redo(model);
    case "reset":
      while (editor.nDone > 0) editor.undo(model);
  }
}

/**
 * Explains and shows another version of the open stay.
 * @param {State} state
 * @param {{ editor: Editor, whole: Stay, steps: number | undefined }} parts
 * @param {Stay} stay
 * @param {Context} context
 */
function showStay(state, { editor, whole, steps }, stay, context) {
  const next = { ...state.open, foreign: undefined, stay, editor, knownSteps: steps, whole: steps === undefined ? editor.stay() : whole };
  return shownAs(state, next, context, () => {
    explain(next);
    return look(next);
  });
}

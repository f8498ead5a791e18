// The pictures as the page has them, so that after an edit only what changed is sent.

import { Screen } from "../../pkg/vitrine.js";

/** @import { Model, PaintOptions } from "../../pkg/vitrine.js" */
/** @import { Paint } from "../protocol.js" */

/** @type {{ screen: Screen, paint: Paint, model: Model } | undefined} */
let last;

/**
 * The screen for a model's pictures, painted as the page wants them.
 * @param {Model} model
 * @param {Paint} paint
 * @param {PaintOptions} options what the engine takes of `paint`
 */
export function of(model, paint, options) {
  if (last?.model === model && last.paint === paint) return last.screen;
  forget();
  const { totalsWidth, stepsHeight, limits } = paint;
  last = { screen: new Screen(options, { totalsWidth, stepsHeight, limits }), paint, model };
  return last.screen;
}

/** The page is given other pictures: what is sent next is sent whole. */
export function forget() {
  last?.screen.free();
  last = undefined;
}

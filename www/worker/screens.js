// The pictures as the page has them, so that after an edit only what changed is sent.

import { Screen } from "../../pkg/vitrine.js";
import { engineOptions, ofSides } from "./open.js";

/** @import { Explanation, Glance, GlanceRequest, Model, Stay } from "../../pkg/vitrine.js" */
/** @import { Paint } from "../protocol.js" */

/** @typedef {{ model: Model, stay: Stay, lrp: Explanation, gradient: Explanation | undefined }} Seen */

/** The relevance's screen, and where the pictures beside it are narrower, theirs. @type {{ main: Screen, sides?: Screen, paint: Paint, model: Model } | undefined} */
let last;

/**
 * Paints what is in sight, and gives what changed since the last time.
 * @param {Paint} paint
 * @param {Seen} seen
 * @param {GlanceRequest} request
 * @param {ArrayBuffer[]} spare
 * @returns {Glance}
 */
export function update(paint, { model, stay, lrp, gradient }, request, spare) {
  const { main, sides } = of(model, paint);
  if (!sides) return main.update(model, stay, lrp, gradient, request, spare);
  const isBeside = (/** @type {string} */ slot) => /^(?:input|gradient)/.test(slot);
  const beside = sides.update(model, stay, lrp, gradient, { slots: request.slots.filter(isBeside) }, spare);
  // Memory that the first has used is no longer to be had.
  const glance = main.update(model, stay, lrp, gradient, { ...request, slots: request.slots.filter((slot) => !isBeside(slot)) }, []);
  return { ...glance, strips: [...beside.strips, ...glance.strips], scales: { ...beside.scales, lrp: glance.scales.lrp } };
}

/**
 * @param {Model} model
 * @param {Paint} paint
 */
function of(model, paint) {
  if (last?.model === model && last.paint === paint) return last;
  forget();
  const { totalsWidth, stepsHeight, limits } = paint;
  const screen = (/** @type {Paint} */ options) => new Screen(engineOptions(options), { totalsWidth, stepsHeight, limits });
  last = { main: screen(paint), sides: paint.sideWidth === undefined ? undefined : screen(ofSides(paint)), paint, model };
  return last;
}

/** The page is given other pictures: what is sent next is sent whole. */
export function forget() {
  last?.main.free();
  last?.sides?.free();
  last = undefined;
}

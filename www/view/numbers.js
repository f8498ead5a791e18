// The values as numbers in the cells of the input, where the cells are wide enough to hold them.

import { engine, shown } from "../page.js";
import { find, make } from "./dom.js";
import * as words from "./words.js";

/** @import { GridLayout, ModelFacts } from "../protocol.js" */

/** Least width of a cell, in CSS pixels. */
const ROOM = 26;

const place = find("#numbers", HTMLElement);
let isRoomy = false;

/** Whether the cells are wide enough. */
export function isShown() {
  return isRoomy;
}

/**
 * @param {GridLayout} layout
 * @param {ModelFacts} model
 * @param {number} density
 */
export async function show(layout, model, density) {
  place.replaceChildren();
  isRoomy = layout.cellWidth / density >= ROOM;
  if (!isRoomy) return;
  try {
    const values = await engine.request("numbers", undefined);
    // Meanwhile another picture may stand here.
    if (shown()?.stay?.sides === layout) write(layout, model, values, density);
  } catch (error) {
    console.warn("the values could not be written into their cells", error);
  }
}

/**
 * Only what was observed: what is carried forward would repeat itself.
 * @param {GridLayout} layout
 * @param {ModelFacts} model
 * @param {Float64Array} values row by row; NaN where there is nothing to be written
 * @param {number} density
 */
export function write(layout, model, values, density) {
  place.replaceChildren(...layout.order.flatMap((row) => {
    const top = layout.tops[row] ?? 0;
    return Array.from({ length: layout.nSteps }, (_, place) => {
      const value = values[row * model.steps + layout.firstStep + place] ?? NaN;
      if (Number.isNaN(value)) return [];
      const number = make("span", {}, words.clinical(value));
      number.style.top = `${top / density}px`;
      number.style.left = `${(place * layout.cellWidth) / density}px`;
      number.style.width = `${layout.cellWidth / density}px`;
      number.style.lineHeight = `${(layout.cellHeight - layout.line) / density}px`;
      return [number];
    }).flat();
  }));
}

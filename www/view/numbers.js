// The values as numbers in the cells of the input, where the cells are wide enough to hold them.

import { engine, shown } from "../page.js";
import { find, make } from "./dom.js";
import * as words from "./words.js";

/** @import { GridLayout, Inspection, ModelFacts } from "../protocol.js" */

/** Least width of a cell, in CSS pixels. */
const ROOM = 26;

const place = find("#numbers", HTMLElement);

/**
 * @param {GridLayout} layout
 * @param {ModelFacts} model
 * @param {number} density
 */
export async function show(layout, model, density) {
  place.replaceChildren();
  if (layout.cellWidth / density < ROOM) return;
  try {
    const cells = await engine.request("inspectAll", undefined);
    // Meanwhile another picture may stand here.
    if (shown()?.stay?.layout === layout) place.replaceChildren(...numbers(layout, model, cells, density));
  } catch (error) {
    console.warn("the values could not be written into their cells", error);
  }
}

/**
 * Only what was observed: what is carried forward would repeat itself.
 * @param {GridLayout} layout
 * @param {ModelFacts} model
 * @param {Inspection[]} cells row by row
 * @param {number} density
 */
function numbers(layout, model, cells, density) {
  return layout.order.flatMap((row) => {
    const top = layout.tops[row] ?? 0;
    return Array.from({ length: layout.nSteps }, (_, place) => {
      const cell = cells[row * model.steps + layout.firstStep + place];
      if (cell?.origin.kind !== "observed" || cell.category !== undefined) return [];
      const number = make("span", {}, words.clinical(cell.value));
      number.style.top = `${top / density}px`;
      number.style.left = `${(place * layout.cellWidth) / density}px`;
      number.style.width = `${layout.cellWidth / density}px`;
      number.style.lineHeight = `${(layout.cellHeight - layout.line) / density}px`;
      return [number];
    }).flat();
  });
}

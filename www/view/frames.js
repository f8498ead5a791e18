// A frame around some of a channel's cells, in all pictures: what a clause of the sentence speaks of.

import { onShow, shown } from "../page.js";
import { make } from "./dom.js";
import { layoutOf } from "./foot.js";

/** @typedef {{ row: number, steps: [number, number] }} Cells steps from the first to the one after the last */

/** @type {Cells | undefined} */
let framed;
let isWatching = false;

/**
 * Frames cells, or none.
 * @param {Cells} [cells]
 */
export function frame(cells) {
  framed = cells;
  if (!isWatching) onShow(place);
  isWatching = true;
  place();
}

function place() {
  for (const old of document.querySelectorAll(".framed")) old.remove();
  const stay = shown()?.stay;
  if (!framed || !stay) return;
  const density = window.devicePixelRatio || 1;
  const { row, steps: [from, end] } = framed;
  for (const plot of document.querySelectorAll(".plot:has(.cells)")) {
    const layout = layoutOf(plot, stay);
    const top = layout.tops[row];
    const first = Math.max(from, layout.firstStep);
    const last = Math.min(end, layout.firstStep + layout.nSteps);
    if (top === undefined || last <= first) return;
    const it = make("div", { class: "framed", ariaHidden: "true" });
    it.style.top = `${top / density}px`;
    it.style.height = `${layout.cellHeight / density}px`;
    it.style.left = `${((first - layout.firstStep) * layout.cellWidth) / density}px`;
    it.style.width = `${((last - first) * layout.cellWidth) / density}px`;
    plot.append(it);
  }
}

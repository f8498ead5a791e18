// The brush: dragging over the hours of a picture shows those hours only.

import * as arrangement from "./arrangement.js";
import { make } from "./dom.js";

/** @import { GridLayout } from "../protocol.js" */

/**
 * Lets hours be chosen by dragging.
 * @param {HTMLElement} place what is dragged over
 * @param {() => { layout: GridLayout | undefined, density: number }} look
 */
export function brush(place, look) {
  /** @type {number | undefined} */
  let from;
  const mark = make("div", { class: "brush", hidden: true });
  place.after(mark);
  const at = (/** @type {PointerEvent} */ event) => {
    const { layout, density } = look();
    if (!layout) return 0;
    const x = event.clientX - place.getBoundingClientRect().left;
    return Math.max(0, Math.min(layout.nSteps, Math.round((x * density) / layout.cellWidth)));
  };
  place.addEventListener("pointerdown", (event) => {
    from = at(event);
    place.setPointerCapture(event.pointerId);
  });
  place.addEventListener("pointermove", (event) => {
    const { layout, density } = look();
    if (from === undefined || !layout) return;
    const [low, high] = [from, at(event)].sort((a, b) => a - b);
    mark.hidden = low === high;
    mark.style.left = `${((low ?? 0) * layout.cellWidth) / density}px`;
    mark.style.width = `${(((high ?? 0) - (low ?? 0)) * layout.cellWidth) / density}px`;
  });
  place.addEventListener("pointerup", (event) => {
    const { layout } = look();
    if (from === undefined || !layout) return;
    const [low = 0, high = 0] = [from, at(event)].sort((a, b) => a - b);
    from = undefined;
    mark.hidden = true;
    if (high - low > 0) arrangement.setWindow([layout.firstStep + low, layout.firstStep + high]);
  });
  place.addEventListener("dblclick", () => arrangement.setWindow(undefined));
}

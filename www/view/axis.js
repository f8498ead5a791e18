// The hours below a picture, and the brush: dragging over them shows those hours only.

import * as arrangement from "./arrangement.js";
import { make } from "./dom.js";
import * as words from "./words.js";

/** @import { GridLayout } from "../protocol.js" */

/** Least distance between two hours, in CSS pixels. */
const LABEL_ROOM = 30;
/** Steps between two hours, as far as they fit. */
const STRIDES = [1, 2, 3, 6, 12, 24, 48, 96, 240, 480, 960];

/**
 * @param {HTMLElement} axis
 * @param {Pick<GridLayout, "cellWidth" | "width" | "nSteps" | "firstStep" | "ruleEvery">} layout
 * @param {number} stepHours
 * @param {number} density
 */
export function show(axis, layout, stepHours, density) {
  const cell = layout.cellWidth / density;
  const rules = layout.ruleEvery || 1;
  const fits = STRIDES.filter((stride) => stride * cell >= LABEL_ROOM && (stride % rules === 0 || rules % stride === 0));
  const every = fits[0] ?? layout.nSteps;
  const end = layout.firstStep + layout.nSteps;
  const first = Math.ceil(layout.firstStep / every) * every;
  const steps = Array.from({ length: Math.max(0, Math.floor((end - first) / every) + 1) }, (_, k) => first + k * every);
  axis.style.width = `${layout.width / density}px`;
  axis.replaceChildren(...steps.map((step, k) => {
    const hour = words.clinical(step * stepHours);
    const label = make("span", {}, k === 0 ? words.hour(hour) : hour);
    const left = (step - layout.firstStep) * cell;
    label.style.left = `${left}px`;
    if (left < LABEL_ROOM / 3) label.classList.add("first");
    if (step === end) label.classList.add("last");
    return label;
  }));
}

/**
 * Lets hours be chosen by dragging.
 * @param {HTMLElement} place what is dragged over
 * @param {() => { layout: GridLayout | undefined, density: number }} look
 */
export function brush(place, look) {
  /** @type {number | undefined} */
  let from;
  const mark = make("div", { class: "brush" });
  mark.hidden = true;
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

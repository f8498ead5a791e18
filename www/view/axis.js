// The hours below a picture, and the levels beside a curve.

import { make } from "./dom.js";
import * as words from "./words.js";

/** @import { Replay } from "../../pkg/vitrine.js" */
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

/** What stands beside the curve of an output, where each is. @param {Pick<Replay, "level" | "ticks">} curve */
export function levels({ level, ticks }) {
  return ticks.map(([value, down]) => {
    const tick = make("span", { class: down === 0 ? "top" : down === 1 ? "bottom" : "" }, level ? words.wholePercent(value) : words.number(value));
    tick.style.top = words.cssPercent(down);
    return tick;
  });
}

// What the keys do on a picture: where the cursor goes, and what else is moved.

import * as arrangement from "./arrangement.js";

/** @import { Cell } from "../page.js" */
/** @import { GridLayout } from "../protocol.js" */

const PAGE_STEPS = 6;

/**
 * Where a key takes the cursor; nothing for keys that do something else, or nothing.
 * @param {KeyboardEvent} event
 * @param {Cell} at
 * @param {GridLayout} layout
 * @param {Uint32Array} strongest cells from the strongest on, `row * nSteps + step`
 * @param {number} nSteps of the model
 * @returns {Cell | undefined}
 */
export function press(event, at, layout, strongest, nSteps) {
  if (event.metaKey) return undefined;
  const to = event.altKey ? alt(event, at) : (moves(event, at, layout, nSteps) ?? leap(event, at, strongest, nSteps) ?? frame(event, at, layout));
  if (to) event.preventDefault();
  return to;
}

/**
 * With Alt: the row itself moves.
 * @param {KeyboardEvent} event
 * @param {Cell} at
 */
function alt(event, at) {
  const by = event.key === "ArrowUp" ? -1 : 1;
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return undefined;
  arrangement.moveRow(at.row, by);
  return at;
}

/**
 * @param {KeyboardEvent} event
 * @param {Cell} at
 * @param {GridLayout} layout
 * @param {number} nSteps
 * @returns {Cell | undefined}
 */
function moves(event, { row, step }, { order }, nSteps) {
  const place = (/** @type {number} */ at) => order[Math.max(0, Math.min(order.length - 1, at))] ?? row;
  const here = order.indexOf(row);
  const clamp = (/** @type {number} */ at) => Math.max(0, Math.min(nSteps - 1, at));
  /** @type {Record<string, Cell>} */
  const all = {
    ArrowLeft: { row, step: clamp(step - 1) },
    ArrowRight: { row, step: clamp(step + 1) },
    ArrowUp: { row: place(here - 1), step },
    ArrowDown: { row: place(here + 1), step },
    Home: { row: event.ctrlKey ? place(0) : row, step: 0 },
    End: { row: event.ctrlKey ? place(order.length - 1) : row, step: nSteps - 1 },
    PageUp: { row, step: clamp(step - PAGE_STEPS) },
    PageDown: { row, step: clamp(step + PAGE_STEPS) },
  };
  return all[event.key];
}

/**
 * The letter of a key, also where the keyboard writes others than ours.
 * @param {KeyboardEvent} event
 */
function letter({ key, code }) {
  return /^[a-z]$/i.test(key) ? key.toLowerCase() : code.replace(/^Key/, "").toLowerCase();
}

/**
 * `s` and `e`: the hours that are shown start or end at the cursor's; `a`: all of them. What dragging over the hours does.
 * @param {KeyboardEvent} event
 * @param {Cell} at
 * @param {GridLayout} layout
 * @returns {Cell | undefined}
 */
function frame(event, at, { firstStep, nSteps }) {
  if (event.ctrlKey) return undefined;
  switch (letter(event)) {
    case "s":
      arrangement.setWindow([at.step, firstStep + nSteps]);
      return at;
    case "e":
      arrangement.setWindow([firstStep, at.step + 1]);
      return at;
    case "a":
      arrangement.setWindow(undefined);
      return at;
  }
}

/** The rank of the cell that was leapt to last. */
let leapt = -1;

/**
 * `n` and `p`: the next and the previous cell by its relevance; from any other cell the strongest.
 * @param {KeyboardEvent} event
 * @param {Cell} at
 * @param {Uint32Array} strongest
 * @param {number} nSteps
 * @returns {Cell | undefined}
 */
function leap(event, { row, step }, strongest, nSteps) {
  const by = { n: 1, p: -1 }[letter(event)];
  if (!by || event.ctrlKey || strongest.length === 0) return undefined;
  // From a cell that was reached otherwise, to the strongest.
  const isOnTheWay = strongest[leapt] === row * nSteps + step;
  leapt = isOnTheWay ? (leapt + by + strongest.length) % strongest.length : 0;
  const cell = strongest[leapt] ?? 0;
  return { row: Math.floor(cell / nSteps), step: cell % nSteps };
}

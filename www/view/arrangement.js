// Which rows and hours are shown, and in which order. Every view that paints asks here; every change paints anew.

import { repaint, shown } from "../page.js";

/** @typedef {[number, number]} Window the first step shown and the one after the last */

/** @type {number[]} */
let order = [];
/** @type {Set<string>} */
const collapsed = new Set();
/** @type {Window | undefined} */
let window_;
/** The number of steps that `window_` was made for: another model has hours of its own. */
let madeFor = 0;
/** @type {Set<() => void>} */
const listeners = new Set();

/** What the engine is told of it. */
export function request() {
  return { order, collapsed: [...collapsed], window: window_ };
}

/** The steps that are shown. @returns {Window} */
export function steps() {
  return window_ ?? [0, shown()?.model.steps ?? 0];
}

/**
 * Calls back when it has changed, before the pictures follow.
 * @param {() => void} listener
 */
export function onChange(listener) {
  listeners.add(listener);
}

/**
 * Shows some steps only; `undefined` shows all.
 * @param {Window | undefined} wanted
 */
export function setWindow(wanted) {
  const n = shown()?.model.steps ?? 0;
  if (!wanted || wanted[1] - wanted[0] >= n) {
    window_ = undefined;
  } else {
    const length = Math.max(1, wanted[1] - wanted[0]);
    const first = Math.max(0, Math.min(n - length, wanted[0]));
    window_ = [first, first + length];
  }
  madeFor = n;
  changed();
}

/**
 * Moves the window as far as a step needs to be in it.
 * @param {number} step
 */
export function reveal(step) {
  if (!window_ || (step >= window_[0] && step < window_[1])) return;
  const length = window_[1] - window_[0];
  const first = step < window_[0] ? step : step - length + 1;
  setWindow([first, first + length]);
}

/** Forgets hours that another model does not have. */
export function refit() {
  if (window_ && shown()?.model.steps !== madeFor) window_ = undefined;
}

/**
 * Folds a group, or unfolds it.
 * @param {string} group
 */
export function toggle(group) {
  if (!collapsed.delete(group)) collapsed.add(group);
  changed();
}

/**
 * Moves a row one place up or down; at the edge of its group the whole group moves.
 * @param {number} row
 * @param {-1 | 1} by
 */
export function moveRow(row, by) {
  const groups = shown()?.stay?.layout.groups.map(({ rows }) => [...rows]) ?? [];
  const at = groups.findIndex((rows) => rows.includes(row));
  const group = groups[at];
  if (!group) return;
  const place = group.indexOf(row);
  if (!swap(group, place, place + by)) swap(groups, at, at + by);
  setOrder(groups.flat());
}

/**
 * Puts a row before or after another one, within its group.
 * @param {number} row
 * @param {number} target
 */
export function dropRow(row, target) {
  const groups = shown()?.stay?.layout.groups.map(({ rows }) => [...rows]) ?? [];
  const from = groups.findIndex((rows) => rows.includes(row));
  const to = groups.findIndex((rows) => rows.includes(target));
  const group = groups[to];
  if (!group || !groups[from] || row === target) return;
  if (from !== to) {
    groups.splice(to, 0, ...groups.splice(from, 1));
  } else {
    const place = group.indexOf(target);
    group.splice(group.indexOf(row), 1);
    group.splice(place, 0, row);
  }
  setOrder(groups.flat());
}

/** @param {number[]} rows from top to bottom; none for the manifest's order */
export function setOrder(rows) {
  order = rows;
  changed();
}

/**
 * Arranges as a picture was that is already painted.
 * @param {{ order?: number[], collapsed?: string[], window?: Window }} painted
 */
export function restore(painted) {
  order = painted.order ?? [];
  collapsed.clear();
  for (const group of painted.collapsed ?? []) collapsed.add(group);
  window_ = painted.window;
  madeFor = shown()?.model.steps ?? 0;
}

/** Whether the rows stand in an order of the user's own. */
export function isOwnOrder() {
  return order.length > 0;
}

function changed() {
  for (const listener of listeners) listener();
  repaint();
}

/**
 * @param {unknown[]} list
 * @param {number} a
 * @param {number} b
 */
function swap(list, a, b) {
  if (b < 0 || b >= list.length) return false;
  [list[a], list[b]] = [list[b], list[a]];
  return true;
}

// Quick changes: an edit, or an earlier hour, shows at once in what is in sight of it, which is asked for, computed and
// drawn in one go. Everything else (the reading in words, the account, the log, tables) follows a moment later, when no
// other change has come: the page is then as if it had been opened that way. Where changes go on and on, what has yet to
// follow is dim.

import { beforeActions, engine, onShow, present } from "./page.js";

/** @import { Glanced, QuickChange, Sight } from "./protocol.js" */

/** How long after the last change the rest follows, in milliseconds. */
const PAUSE = 200;
/** How long something may be out of date before it is dimmed. */
const PATIENCE = 400;

/** What is in sight; nothing where a glance would not do. @type {() => Sight | undefined} */
let look = () => undefined;
/** @type {Set<(glance: Glanced) => void>} */
const listeners = new Set();
/** Memory of pictures that are drawn already, for the next ones. @type {ArrayBuffer[]} */
let spare = [];
/** Counts changes: what was asked for before the last one is out of date. */
let changes = 0;
let isBehind = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let late;

beforeActions(settle);
onShow(() => caughtUp());

/**
 * Says how to find out what is in sight.
 * @param {() => Sight | undefined} how
 */
export function setSight(how) {
  look = how;
}

/**
 * Calls back with what follows a change at once.
 * @param {(glance: Glanced) => void} listener
 */
export function onGlance(listener) {
  listeners.add(listener);
}

/**
 * Makes a change and shows what is in sight of it.
 * @param {QuickChange} change
 */
export async function make(change) {
  changes += 1;
  clearTimeout(soon);
  const sight = look();
  if (!sight) return present(await whole(change));
  try {
    const memory = spare;
    spare = [];
    const glance = await engine.request("glance", { change, sight, spare: memory }, { transfer: memory });
    fallBehind();
    for (const listener of listeners) listener(glance);
    spare = glance.strips.map(({ rgba }) => rgba.buffer);
  } finally {
    if (isBehind) soon = setTimeout(() => void settle().catch((error) => console.warn("the rest of the view could not follow", error)), PAUSE);
  }
}

/** Lets everything follow that has not yet. */
export async function settle() {
  clearTimeout(soon);
  if (!isBehind) return;
  const mine = changes;
  try {
    const view = await engine.request("settle", undefined);
    // Where another change has come meanwhile, this is out of date, and follows that one.
    if (mine === changes) present(view);
  } catch (error) {
    // Nothing will follow: that must not stand in the way of the next action.
    caughtUp();
    throw error;
  }
}

/** @param {QuickChange} change */
function whole(change) {
  return change.what === "known" ? engine.request("replayTo", { steps: change.steps }) : engine.request("edit", change);
}

function fallBehind() {
  if (isBehind) return;
  isBehind = true;
  document.body.toggleAttribute("data-behind", true);
  late = setTimeout(() => document.body.toggleAttribute("data-late", true), PATIENCE);
}

function caughtUp() {
  if (!isBehind) return;
  isBehind = false;
  clearTimeout(soon);
  clearTimeout(late);
  for (const mark of ["data-behind", "data-late"]) document.body.toggleAttribute(mark, false);
}

// The page as a pane of another: its embedded face, which shows a stay and nothing beside it, and what the host may set of
// the view and is told of it.

import { isLanguage, setLanguage } from "../messages.js";
import { cursor, moveTo, onCursor, shown } from "../page.js";
import * as quickly from "../quick.js";
import * as settings from "../settings.js";
import * as arrangement from "./arrangement.js";
import * as controls from "./controls.js";
import { find } from "./dom.js";

/** @typedef {{ row: number, step: number }} Place */

/** Puts on the face that the address asks for, before anything is shown. */
export function start() {
  // Only worn: writing the address anew would take the host's handle out of it.
  if (settings.get("embed") === "stay") document.documentElement.dataset.face = "stay";
}

/** Whether the page shows a stay and nothing beside it. */
export function isStay() {
  return document.documentElement.dataset.face === "stay";
}

/** @param {"stay" | "page"} face */
function wear(face) {
  document.documentElement.dataset.face = face;
  settings.set({ embed: face === "stay" ? "stay" : undefined });
}

/** @param {unknown} value @param {readonly unknown[]} allowed @param {string} name */
function among(value, allowed, name) {
  if (!allowed.includes(value)) throw new Error(`payload.${name}: is not one of ${allowed.map((it) => JSON.stringify(it)).join(", ")}`);
}

/** @param {unknown} value @param {number} most @param {string} name @returns {number} */
function whole(value, most, name) {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new Error(`payload.${name}: is not a whole number from 0 to ${most}`);
}

/** The model's steps and rows, where a stay is open. */
function size() {
  const view = shown();
  if (!view?.stay) throw new Error("no stay is open; load one first");
  return { steps: view.model.steps, rows: view.model.channels.length, stepHours: view.model.stepHours };
}

/** A part of the view that is chosen in a list of the form. @param {string} name */
function chosen(name) {
  return { [name](/** @type {string} */ value) {
    among(value, controls.choices(name), name);
    return () => controls.choose(name, value);
  } };
}

/** How each part of the view is set. All are checked before the first is set. @type {Record<string, (value: any) => () => void | Promise<void>>} */
const SETTINGS = {
  face(value) {
    among(value, ["stay", "page"], "face");
    return () => wear(value);
  },
  language(value) {
    if (typeof value !== "string" || !isLanguage(value)) throw new Error(`payload.language: the page does not speak ${JSON.stringify(value)}`);
    return () => {
      find("#language", HTMLSelectElement).value = value;
      setLanguage(value);
    };
  },
  theme(value) {
    among(value, ["light", "dark", "system"], "theme");
    return () => {
      if (value === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = value;
    };
  },
  ...chosen("palette"),
  ...chosen("part"),
  ...chosen("categories"),
  ...chosen("scaling"),
  ...chosen("track"),
  /** Hours that are shown: from and to, or null for all. */
  zoom(value) {
    const { steps, stepHours } = size();
    if (value === null) return () => arrangement.setWindow(undefined);
    const [from, to] = Array.isArray(value) ? value : [];
    if (!(from >= 0 && to > from && to <= steps * stepHours)) throw new Error(`payload.zoom: is not null, nor [from, to] within 0 to ${steps * stepHours} h`);
    return () => arrangement.setWindow([Math.floor(from / stepHours), Math.ceil(to / stepHours)]);
  },
  /** Hours that are known, or null for all. */
  knownHours(value) {
    const { steps, stepHours } = size();
    if (value !== null && !(value > 0 && value <= steps * stepHours)) throw new Error(`payload.knownHours: is not null, nor more than 0 and at most ${steps * stepHours} h`);
    return async () => {
      await quickly.make({ what: "known", steps: value === null ? undefined : Math.max(1, Math.round(value / stepHours)) });
      await quickly.settle();
    };
  },
  /** A channel by its row in the manifest, and a step. */
  cursor(value) {
    const { steps, rows } = size();
    const row = whole(value?.row, rows - 1, "cursor.row");
    const step = whole(value?.step, steps - 1, "cursor.step");
    return () => moveTo({ row, step });
  },
};

/**
 * Sets what a host asks for, or nothing where some of it cannot be set.
 * @param {Record<string, unknown>} asked
 */
export async function set(asked) {
  const runs = Object.entries(asked).map(([name, value]) => {
    const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
    if (!setting) throw new Error(`payload.${name}: is not one of ${Object.keys(SETTINGS).join(", ")}`);
    return setting(value);
  });
  for (const run of runs) await run();
}

/**
 * Calls back with the place of the cursor, and with the height of the page, whenever they change.
 * @param {{ cursor: (place: Place & { channel: string, hours: [number, number] }) => void, height: (pixels: number) => void }} listener
 */
export function watch(listener) {
  onCursor(() => {
    const [at, model] = [cursor(), shown()?.model];
    const channel = at && model?.channels[at.row];
    if (!at || !model || !channel) return;
    const { row, step } = at;
    listener.cursor({ row, step, channel: channel.name, hours: [step * model.stepHours, (step + 1) * model.stepHours] });
  });
  let last = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height !== last) listener.height((last = height));
  }).observe(document.body);
}

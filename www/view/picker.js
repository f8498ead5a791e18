// The demo stays that come with the page.

import { name as translated, t } from "../messages.js";
import { onView, openView, showView, shown } from "../page.js";
import { find, make } from "./dom.js";

/** @import { Key } from "../messages.js" */
/** @import { StayOptions } from "../../pkg/vitrine.js" */
/** @import { StayFile } from "../protocol.js" */

/**
 * One line of `stays/index.json`.
 * @typedef {object} Demo
 * @property {string} file
 * @property {string} name
 * @property {string} [description]
 * @property {number} [trueLabel]
 * @property {StayOptions} [options] how it is read, where the file leaves that open
 * @property {boolean} synthetic
 */

/** What is said of demos, and in its place of stays that a page was packed with. @type {[Key, Key][]} */
const GIVEN = [["demos", "demos.given"], ["hint", "hint.given"], ["about.data", "about.data.given"]];
const list = find("#demo-stay", HTMLSelectElement);
const description = find("#stay-description", HTMLElement);
/** @type {Demo[]} */
let demos = [];
/** Demos that are no stay: views of their own. @type {{ id: string, label: Key }[]} */
const others = [];
/** Stands for a record of the reader's own: a list that folds names what is chosen in it, and would else choose the first. */
const own = make("option", { value: "", hidden: true });
/** Each file is asked for once. @type {Map<string, StayFile>} */
const loaded = new Map();

/**
 * Fills the list.
 * @param {AbortSignal} signal
 * @param {(demo: Demo) => void} onPick
 * @returns {Promise<Demo>} the first one
 */
export async function fill(signal, onPick) {
  demos = await (await ask("stays/index.json", signal)).json();
  if (!demos.every(({ synthetic }) => synthetic)) sayGiven();
  name();
  const narrow = matchMedia("(max-width: 900px)");
  const fit = () => (list.size = narrow.matches ? 1 : demos.length + 1 + others.length);
  narrow.addEventListener("change", fit);
  fit();
  onView(() => void mark(shown()?.stay));
  list.addEventListener("change", () => {
    const demo = demos.find(({ file }) => file === list.value);
    if (demo) {
      showView("stay");
      // Until it is open as well.
      list.value = demo.file;
      onPick(demo);
    } else {
      description.textContent = "";
      openView(list.value);
    }
  });
  if (!demos[0]) throw new Error("stays/index.json: lists no stay");
  return demos[0];
}

/** Of a page that was packed with somebody's own records nobody says that they are demos, or made up. */
function sayGiven() {
  for (const [key, given] of GIVEN) {
    const said = find(`[data-t='${key}']`, HTMLElement);
    said.dataset.t = given;
    said.textContent = t(given);
  }
  list.dataset.tAriaLabel = "demos.given";
  list.ariaLabel = t("demos.given");
}

/**
 * Adds a demo that is no stay: it opens the view of that name.
 * @param {{ id: string, label: Key }} demo
 */
export function addDemo(demo) {
  others.push(demo);
}

/**
 * What a demo stay is called in an address and in a file's name: `septic-shock`. Of a file of the reader's own nothing is.
 * @param {{ name: string, isDemo?: boolean, isAlone?: boolean } | undefined} stay
 */
export function slug(stay) {
  const demo = stay?.isDemo && !stay.isAlone ? demos.find(({ file }) => file === stay.name) : undefined;
  return demo?.file.replace(/(_timeseries)?\.\w+$/, "");
}

/** The demo stay of that name; the first, where there is none. @param {string | undefined} wanted */
export function named(wanted) {
  return demos.find(({ file }) => slug({ name: file, isDemo: true }) === wanted) ?? demos[0];
}

/** The demo stays, as references. */
export function offers() {
  return demos.map((demo) => ({ name: `demo:${demo.file}`, label: called(demo), load: (/** @type {AbortSignal} */ signal) => load(demo, signal) }));
}

/**
 * The demo stay of a file's name, if there is one.
 * @param {unknown} name
 * @param {AbortSignal} signal
 */
export async function demoOf(name, signal) {
  const demo = demos.find(({ file }) => file === name);
  return demo && load(demo, signal);
}

/** @param {Demo} demo */
function called(demo) {
  return translated("stay", demo.file, demo.name).replace(/ \([^()]*\)$/, "");
}

/** Names the stays of the list, in the language of the page. */
export function name() {
  const chosen = list.value;
  list.replaceChildren(
    own,
    ...demos.map((demo) => make("option", { value: demo.file }, called(demo))),
    make("optgroup", { label: t("demos.others") }, ...others.map(({ id, label }) => make("option", { value: id }, t(label)))),
  );
  list.value = chosen;
}

/**
 * @param {Demo} demo
 * @param {AbortSignal} signal
 * @returns {Promise<StayFile>}
 */
export async function load({ file, trueLabel, options }, signal) {
  const known = loaded.get(file);
  if (known) return known;
  const stay = { name: file, text: await (await ask(`stays/${file}`, signal)).text(), options, trueLabel, isDemo: true };
  loaded.set(file, stay);
  return stay;
}

/**
 * Shows which demo is open, if any, and gives the stay's name as people read it. A file of the user's own is
 * never taken for a demo stay, whatever its name.
 * @param {{ name: string, isDemo: boolean, isAlone: boolean, saved?: { file: string, isOfDemo: boolean } } | undefined} stay
 */
export function mark(stay) {
  const other = others.find(({ id }) => id === document.body.dataset.view);
  const demo = stay?.isDemo ? demos.find(({ file }) => file === stay.name) : undefined;
  const name = title(stay);
  own.textContent = name;
  list.value = other?.id ?? demo?.file ?? "";
  description.textContent = !other && demo?.description ? translated("description", demo.file, demo.description) : "";
  return name;
}

/**
 * A stay's name as people read it; of a saved view with the file's.
 * @param {{ name: string, isDemo?: boolean, isAlone?: boolean, saved?: { file: string, isOfDemo: boolean } } | undefined} stay
 */
export function title(stay) {
  if (stay?.isAlone) return t("alone.stay");
  const demo = stay?.isDemo || stay?.saved?.isOfDemo ? demos.find(({ file }) => file === stay.name) : undefined;
  const name = demo ? nameOf(demo) : (stay?.name ?? "");
  return stay?.saved ? t("title.saved", { name, file: stay.saved.file }) : name;
}

/** @param {Demo} demo */
function nameOf(demo) {
  const name = demo.synthetic && !/synthetic/i.test(demo.name) ? `${demo.name} (synthetic)` : demo.name;
  return translated("stay", demo.file, name);
}

/**
 * A file of this page's own.
 * @param {string} path relative to the page
 * @param {AbortSignal} signal
 */
export async function ask(path, signal) {
  const response = await fetch(new URL(path, document.baseURI), { signal }).catch((error) => {
    if (signal.aborted) throw error;
    throw new Error(`${path}: cannot be loaded (${error instanceof Error ? error.message : error})`);
  });
  if (!response.ok) throw new Error(`${path}: the server answers ${response.status} ${response.statusText}`);
  return response;
}

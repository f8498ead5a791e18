// What the views of the page share: what is shown, where the cursor stands, one action after another, and the places
// where a view puts itself. docs/page.md says how to add one.
//
// body[data-state] is `loading` until the first picture, `busy` while an action runs, `error` when the last action
// failed (the page stays usable and the last good picture stands), and `ready` otherwise.

import { Engine } from "./engine.js";
import { onLanguage, speaksOfRisk, t, translate } from "./messages.js";
import * as settings from "./settings.js";
import { setShown, shown } from "./shown.js";
import { button, find, say } from "./view/dom.js";
import * as errors from "./view/errors.js";
import * as tabs from "./view/tabs.js";

/** @import { OpenRequest, Paint, Progress, View } from "./protocol.js" */
/** @import { Key } from "./messages.js" */

/**
 * A cell of the pictures: a channel's index in the manifest, and a step; whether its foot is pointed at, which shows that it
 * was measured.
 * @typedef {{ row: number, step: number, isFoot?: boolean }} Cell
 */

/**
 * What an action is given: `signal` is aborted by Cancel, `tell` says how far it has come.
 * @typedef {{ signal: AbortSignal, tell: (text: string, share?: number) => void }} Action
 */

const CANCEL_AFTER = 1000;
/** Failures after which it is worth saying that the last good stay still stands. @type {Key[]} */
const KEEPING = ["failed.open", "failed.explain", "failed.change"];

export const engine = new Engine();

const status = find("#status", HTMLElement);
const cancel = find("#cancel", HTMLButtonElement);
const progress = find("#progress", HTMLProgressElement);

/** @type {Cell | undefined} */
let at;
/** Actions run one after another, in the order in which they were asked for. */
let last = Promise.resolve();
/** What the engine needs to know to paint; set by the pictures. @type {() => Paint} */
let paint = () => ({ legendWidth: 1, totalsWidth: 1, stepsHeight: 1 });

/** @type {Set<(view: View) => void>} */
const showListeners = new Set();
/** @type {Set<(id: string) => void>} */
const viewListeners = new Set();
/** @type {Set<(cell: Cell) => void>} */
const cursorListeners = new Set();
/** What has to be done before an action runs. @type {Set<() => Promise<void>>} */
const preparations = new Set();
/** @type {Set<(failure: { outcome: string, message: string, isLoading: boolean }) => void>} */
const failureListeners = new Set();

export { shown };

/**
 * Calls back whenever something else is shown, and when the language has changed.
 * @param {(view: View) => void} listener
 */
export function onShow(listener) {
  showListeners.add(listener);
  const view = shown();
  if (view) listener(view);
}

/**
 * Calls back whenever another main view has come to the front, with its id.
 * @param {(id: string) => void} listener
 */
export function onView(listener) {
  viewListeners.add(listener);
}

/** Where the cursor stands, if it does. */
export function cursor() {
  return at;
}

/**
 * Calls back whenever the cursor has moved.
 * @param {(cell: Cell) => void} listener
 */
export function onCursor(listener) {
  cursorListeners.add(listener);
}

/**
 * Moves the cursor of all views, kept within the pictures.
 * @param {Cell} cell
 */
export function moveTo(cell) {
  const view = shown();
  if (!view?.stay) return;
  const row = clamp(cell.row, view.model.channels.length);
  const step = clamp(cell.step, view.model.steps);
  at = cell.isFoot ? { row, step, isFoot: true } : { row, step };
  for (const listener of cursorListeners) listener(at);
}

/**
 * Moves it to the cell under a pointer, where it does not stand there already.
 * @param {Cell} cell
 */
export function pointAt(cell) {
  const isThere = cell.row === at?.row && cell.step === at.step && Boolean(cell.isFoot) === Boolean(at.isFoot);
  if (!isThere) moveTo(cell);
}

/**
 * Does something before every action, so that none starts from a view that is half way.
 * @param {() => Promise<void>} prepare
 */
export function beforeActions(prepare) {
  preparations.add(prepare);
}

/**
 * Calls back when an action has failed, and how that was said.
 * @param {(failure: { outcome: string, message: string, isLoading: boolean }) => void} listener
 */
export function onFailure(listener) {
  failureListeners.add(listener);
}

/**
 * Says how pictures are to be painted from now on.
 * @param {() => Paint} how
 */
export function setPaint(how) {
  paint = how;
}

/**
 * Opens, explains or repaints something, and shows it.
 * @param {Omit<OpenRequest, "paint">} request
 * @param {{ signal?: AbortSignal, onProgress?: (progress: Progress) => void, onOpened?: (view: View) => void }} [options]
 *   onOpened: called before it is shown
 */
export async function open(request, { onOpened, ...options } = {}) {
  const next = await engine.open({ ...request, paint: paint() }, options);
  onOpened?.(next);
  show(next);
}

/** Paints what is shown once more: no action of the user's, so an error that stands keeps standing. */
export function repaint() {
  last = last.then(async () => {
    if (shown()?.stay) await open({});
  }).catch((error) => console.warn("the pictures could not be painted anew", error));
}

/**
 * Runs one action after those before it, and says how it went.
 * @param {string} what is being done, for people
 * @param {string} otherwise how it is said to have failed
 * @param {(action: Action) => Promise<string | void>} run may answer what is said of it when it is done
 * @param {"busy" | "loading"} [state]
 */
export function act(what, otherwise, run, state = "busy") {
  last = last.then(async () => {
    const controller = new AbortController();
    const give = () => controller.abort(new Error(t("cancelled")));
    begin(what, state);
    cancel.addEventListener("click", give);
    const patience = setTimeout(() => (cancel.hidden = false), CANCEL_AFTER);
    try {
      await prepared();
      const said = await run({ signal: controller.signal, tell });
      errors.clear();
      settle("ready");
      if (said) errors.note(said);
    } catch (error) {
      // Who gives something up has had what was asked for.
      if (controller.signal.aborted) {
        errors.clear();
        settle("ready");
        status.textContent = t("status.cancelled");
      } else {
        const keeps = Boolean(shown()?.stay) && KEEPING.some((key) => t(key) === otherwise);
        errors.show(otherwise, error, { keeps, onClose: () => settle("ready") });
        settle("error");
        const message = error instanceof Error ? error.message : String(error);
        for (const listener of failureListeners) listener({ outcome: otherwise, message, isLoading: state === "loading" });
      }
    } finally {
      clearTimeout(patience);
      cancel.removeEventListener("click", give);
      cancel.hidden = true;
      progress.hidden = true;
    }
  });
}

/**
 * Adds a main view beside the stay's: a tab in the head of the page, which a demo of another `network` has only while it is
 * open.
 * @param {{ id: string, label: Key, element: HTMLElement, network?: string, onOpen?: () => void }} view
 */
export function addView({ id, label, element, network, onOpen }) {
  const tablist = find("#views", HTMLElement);
  const tab = say("button", label, { id: `view-tab-${id}`, role: "tab", data: { view: id, kind: network === undefined ? "view" : "demo" }, press: () => openView(id) });
  tab.setAttribute("aria-controls", `view-${id}`);
  element.id = `view-${id}`;
  element.role = "tabpanel";
  element.setAttribute("aria-labelledby", tab.id);
  element.classList.add("view");
  opening.set(id, onOpen);
  networks.set(id, network);
  tablist.append(tab);
  if (!element.isConnected) find("main", HTMLElement).append(element);
  tablist.hidden = tablist.children.length < 2;
  showView(document.body.dataset.view ?? id);
}

/** What each view does when it is opened. @type {Map<string, (() => void) | undefined>} */
const opening = new Map();

/** What the file of a demo's own network is called. @type {Map<string, string | undefined>} */
const networks = new Map();

/** The network of the demo that is in front; undefined where the stay's counts. */
export function demoNetwork() {
  return networks.get(document.body.dataset.view ?? "");
}

/**
 * Opens a main view, as its tab does; one that is not there is none.
 * @param {string} id
 */
export function openView(id) {
  if (!opening.has(id)) return;
  showView(id);
  opening.get(id)?.();
}

/**
 * Brings a main view to the front.
 * @param {string} id
 */
export function showView(id) {
  // An alert goes with the view that it was of.
  const before = document.body.dataset.view;
  if (before !== id) {
    if (before !== undefined) {
      settings.go({ view: id === "stay" ? undefined : id });
      scrollTo(0, 0);
    }
    errors.clear();
    if (document.body.dataset.state === "error") settle("ready");
  }
  document.body.dataset.view = id;
  for (const tab of document.querySelectorAll("#views [role=tab]")) {
    const isOpen = tab.getAttribute("data-view") === id;
    tab.setAttribute("aria-selected", String(isOpen));
    if (tab instanceof HTMLElement) Object.assign(tab, { tabIndex: isOpen ? 0 : -1, hidden: tab.dataset.kind === "demo" && !isOpen });
    find(`#${tab.getAttribute("aria-controls")}`, HTMLElement).hidden = !isOpen;
  }
  if (before !== id) for (const listener of viewListeners) listener(id);
}

/**
 * Puts something of a view's into a place of the page's frame: `under` the pictures, in the `side` bar, at the end of
 * the `bar` at the top, or among the `panels` that fold out at the bottom (a `<details>`).
 * @param {"under" | "side" | "bar" | "panels"} place
 * @param {HTMLElement} element
 */
export function addPanel(place, element) {
  const slot = find(`[data-slot="${place}"]`, HTMLElement);
  if (place === "bar") slot.prepend(element);
  else slot.append(element);
}

/**
 * Adds a way to take away what is on screen.
 * @param {{ label: Key, run: (action: Action) => Promise<void> | void }} way
 */
export function addExport({ label, run }) {
  const menu = find("#export", HTMLDetailsElement);
  find("div", HTMLElement, menu).append(button(label, () => {
    menu.open = false;
    act(t("export.doing", { what: t(label) }), t("export.failed"), async (action) => run(action));
  }));
  menu.hidden = false;
}

/**
 * Shows what the worker gave for another version of what is open: an edited stay, or an earlier hour.
 * @param {View} next
 */
export function present(next) {
  show(next);
}

/**
 * Shows all of it, or the screen and the engine go back to what was shown before: what is on screen is what the engine
 * has open.
 * @param {View} next
 */
function show(next) {
  const before = shown();
  setShown(next);
  // Texts of the document call the output what it is.
  if (speaksOfRisk(before) !== speaksOfRisk(next)) translate(document);
  try {
    for (const listener of showListeners) listener(next);
    if (at) moveTo(at);
  } catch (error) {
    // Until the old one stands again nothing can be taken away.
    setShown(undefined);
    if (next !== before) void engine.takeBack().catch((why) => console.warn("what was shown before cannot be shown again", why));
    throw error;
  }
}

/** Does what has to be done before anything is asked of what is shown. */
export async function prepared() {
  for (const prepare of preparations) await prepare();
}

/**
 * @param {string} what
 * @param {"busy" | "loading"} state
 */
function begin(what, state) {
  document.body.dataset.state = state;
  status.textContent = `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
}

/**
 * @param {string} text what, and how much: "312 of 1,000 stays"
 * @param {number} [share] in 0..1, for the bar
 */
function tell(text, share) {
  status.textContent = text;
  progress.hidden = share === undefined;
  if (share !== undefined) progress.value = share;
}

/** @param {"ready" | "error"} state */
function settle(state) {
  document.body.dataset.state = state;
  status.textContent = state === "error" ? t("status.error") : "";
}

/**
 * @param {number} index
 * @param {number} count
 */
function clamp(index, count) {
  return Math.max(0, Math.min(count - 1, index));
}

// A new worker shows what the last one showed, or, where that made it stop again, as much of it as can be shown.
engine.onRestored(present);
engine.setShown(() => shown()?.id ?? null);

onLanguage(() => {
  const view = shown();
  if (view) for (const listener of showListeners) listener(view);
});

tabs.watch(find("#views", HTMLElement));

// What a difference is explained from, as chosen in the form: nothing observed, the patient's own first hours, or another
// stay: one that came with the page, one of the many stays that are open, or a file. Its text stays in this page.

import { textOf } from "../files.js";
import { t } from "../messages.js";
import { onShow, shown } from "../page.js";
import { find, make } from "./dom.js";
import * as picker from "./picker.js";

/** @import { Method, StayFile } from "../protocol.js" */

/** @typedef {{ name: string, label: string, load: (signal: AbortSignal) => Promise<StayFile> }} Offer a stay that can be had */

const form = find("#method", HTMLFormElement);
const choice = find("#reference", HTMLSelectElement);
const stays = find("#reference-stay", HTMLSelectElement);
const field = find("#reference-file", HTMLInputElement);

/** The columns of the networks that have read a demo stay: those stays are of these columns, and of no others. @type {Set<string>} */
const readers = new Set();
/** Where other stays are to be had. @type {(() => Offer[])[]} */
const sources = [];
/** A file that was chosen here. @type {File | undefined} */
let file;
/** The stay that was had last. @type {StayFile | undefined} */
let had;

/** @param {() => Offer[]} source */
export function offer(source) {
  sources.push(source);
}

/**
 * Offers stays to choose from. A file that is chosen here counts like a choice of the list.
 */
export function watch() {
  onShow(({ stay, model }) => {
    if (stay?.isDemo && !stay.isAlone) readers.add(columnsOf(model));
  });
  // Focus comes before the list opens, by pointer as by keyboard.
  stays.addEventListener("focus", fill);
  choice.addEventListener("change", () => {
    if (choice.value === "stay") fill();
    showFields();
  }, { capture: true });
  field.addEventListener("change", (event) => {
    // The list speaks for the file.
    event.stopPropagation();
    file = field.files?.[0];
    field.value = "";
    if (!file) return;
    fill();
    stays.value = `file:${file.name}`;
    stays.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

/** Shows the fields that belong to the chosen reference, where the method has one. */
export function showFields() {
  const isAsked = !choice.hidden;
  for (const part of form.querySelectorAll("[data-reference]")) {
    if (part instanceof HTMLElement) part.hidden = !isAsked || part.dataset.reference !== choice.value;
  }
}

/** @param {Pick<import("../protocol.js").View["model"], "channels">} model */
function columnsOf({ channels }) {
  return JSON.stringify(channels);
}

/** The stays that can be had now, of the columns that the open network reads. @returns {Offer[]} */
function offers() {
  const chosen = file;
  const own = chosen ? [{ name: `file:${chosen.name}`, label: chosen.name, load: async () => ({ name: chosen.name, text: await textOf(chosen) }) }] : [];
  const model = shown()?.model;
  const demos = model && readers.has(columnsOf(model)) ? picker.offers() : [];
  return [...own, ...demos, ...sources.flatMap((source) => source())];
}

function fill() {
  const before = stays.value;
  const all = offers();
  if (had && !all.some(({ name }) => name === before) && had.name === before) all.unshift({ name: had.name, label: had.name, load: async () => /** @type {StayFile} */ (had) });
  stays.replaceChildren(...all.map(({ name, label }) => {
    return make("option", { value: name }, label);
  }));
  if (all.some(({ name }) => name === before)) stays.value = before;
}

/**
 * Gets the stay that is chosen, so that `request` can hand it on.
 * @param {AbortSignal} signal
 */
export async function prepare(signal) {
  if (choice.value !== "stay") return;
  const chosen = offers().find(({ name }) => name === stays.value);
  if (chosen) had = await chosen.load(signal);
  else if (!had) throw new Error(t("reference.none"));
}

/**
 * What the form says of the reference.
 * @param {(name: string) => number} whole reads a field with a whole number
 * @returns {Method}
 */
export function request(whole) {
  switch (choice.value) {
    case "own":
      return { reference: "own", referenceHours: whole("referenceHours") };
    case "stay":
      if (!had) throw new Error(t("reference.none"));
      return { reference: "stay", referenceStay: had };
    default:
      return {};
  }
}

/**
 * Sets the fields to a method's reference.
 * @param {Method} method
 */
export function show({ reference, referenceStay }) {
  choice.value = reference ?? "normal";
  if (referenceStay) {
    had = referenceStay;
    const option = make("option", { value: referenceStay.name }, referenceStay.name);
    if (![...stays.options].some(({ value }) => value === referenceStay.name)) stays.append(option);
    stays.value = referenceStay.name;
  }
}

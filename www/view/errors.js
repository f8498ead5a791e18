// What went wrong, where everyone sees and hears it. The pictures stay.

import { TooLarge } from "../files.js";
import { t } from "../messages.js";
import { find, make } from "./dom.js";

/** An error that can be done something about: a button beside it offers that. */
export class Remediable extends Error {
  /**
   * @param {string} message
   * @param {{ label: string, run: () => void }} remedy
   */
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy;
  }
}

const place = find("#alert", HTMLElement);

/**
 * @param {string} outcome in two words
 * @param {unknown} error what was thrown
 * @param {{ keeps: boolean, onClose: () => void }} options keeps: whether an earlier picture still stands
 */
export function show(outcome, error, { keeps, onClose }) {
  const text = make("p", {}, make("strong", {}, `${outcome}. `), said(error));
  if (keeps) text.append(make("span", { class: "quiet" }, ` ${t("error.keeps")}`));
  const { remedy } = error instanceof Remediable ? error : { remedy: undefined };
  const offered = remedy ? [away(remedy.label, remedy.run)] : [];
  place.classList.remove("note");
  place.replaceChildren(text, make("div", { class: "pair" }, ...offered, away(t("error.dismiss"), onClose)));
}

/**
 * What an action has to say that went well.
 * @param {string} text
 */
export function note(text) {
  place.classList.add("note");
  place.replaceChildren(make("p", {}, text), away(t("error.dismiss"), () => {}));
}

/**
 * A button that puts the alert away.
 * @param {string} label
 * @param {() => void} then
 */
function away(label, then) {
  const it = make("button", {}, label);
  it.addEventListener("click", () => {
    clear();
    then();
  });
  return it;
}

export function clear() {
  place.replaceChildren();
}

/** @param {unknown} error */
function said(error) {
  if (error instanceof Remediable) return make("span", {}, error.message);
  if (!(error instanceof TooLarge)) return english(error instanceof Error ? error.message : String(error));
  return make("span", {}, t("error.large", { name: error.file, size: error.size, most: error.most }));
}

/**
 * The engine speaks English, whatever the page does.
 * @param {string} message
 */
function english(message) {
  return make("span", { lang: "en" }, /[.!?]$/.test(message) ? message : `${message}.`);
}

// What went wrong, where everyone sees and hears it. The pictures stay.

import { TooLarge } from "../files.js";
import { t } from "../messages.js";
import { find, make } from "./dom.js";

const place = find("#alert", HTMLElement);

/**
 * @param {string} outcome in two words
 * @param {unknown} error what was thrown
 * @param {{ keeps: boolean, onClose: () => void }} options keeps: whether an earlier picture still stands
 */
export function show(outcome, error, { keeps, onClose }) {
  const text = make("p", {}, make("strong", {}, `${outcome}. `), said(error));
  if (keeps) text.append(make("span", { class: "quiet" }, ` ${t("error.keeps")}`));
  const close = make("button", {}, t("error.dismiss"));
  close.type = "button";
  close.addEventListener("click", () => {
    clear();
    onClose();
  });
  place.replaceChildren(text, close);
}

export function clear() {
  place.replaceChildren();
}

/** @param {unknown} error */
function said(error) {
  if (!(error instanceof TooLarge)) return english(error instanceof Error ? error.message : String(error));
  return make("span", {}, t("error.large", { name: error.file, size: error.size, most: error.most }));
}

/**
 * The engine speaks English, whatever the page does.
 * @param {string} message
 */
function english(message) {
  const text = make("span", {}, /[.!?]$/.test(message) ? message : `${message}.`);
  text.lang = "en";
  return text;
}

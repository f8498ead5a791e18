// What went wrong, where everyone sees and hears it. The pictures stay.

import { find, make } from "./dom.js";

const place = find("#alert", HTMLElement);

/**
 * @param {string} outcome in two words
 * @param {string} message
 * @param {{ keeps: boolean, onClose: () => void }} options keeps: whether an earlier picture still stands
 */
export function show(outcome, message, { keeps, onClose }) {
  const text = make("p", {}, make("strong", {}, `${outcome}. `), /[.!?]$/.test(message) ? message : `${message}.`);
  if (keeps) text.append(make("span", { class: "quiet" }, " What you see is still the last good stay."));
  const close = make("button", {}, "Dismiss");
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

// The help overlay: what can be done with keys, and how the pictures are read.

import { t } from "../messages.js";
import * as settings from "../settings.js";
import { find, make } from "./dom.js";
import * as numbers from "./numbers-help.js";

/** @import { Key } from "../messages.js" */

const dialog = find("#help", HTMLDialogElement);

/** Keys, and what they do. @type {[string, Key][]} */
const KEYS = [
  ["← → ↑ ↓", "help.arrows"],
  ["Home, End", "help.homeEnd"],
  ["Ctrl + Home, End", "help.corners"],
  ["Page Up, Page Down", "help.pages"],
  ["n, p", "help.leap"],
  ["s, e", "help.frame"],
  ["a", "help.all"],
  ["Alt + ↑ ↓", "help.row"],
  ["Esc", "help.escape"],
  ["↑ ↓, Page Up, Page Down", "help.nudge"],
  ["Ctrl + Z, Ctrl + Shift + Z", "help.undo"],
  ["?", "help.help"],
];

export function start() {
  find("#help-open", HTMLButtonElement).addEventListener("click", () => open());
  numbers.onAsk(open);
  addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLSelectElement;
    if (event.key !== "?" || isTyping || event.ctrlKey || event.metaKey || settings.get("keys") === "off") return;
    event.preventDefault();
    open();
  });
  // A click beside the panel closes it, as Escape does.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}

/** @param {import("./numbers-help.js").Group} [group] of numbers that were asked for */
function open(group) {
  const title = make("h2", { id: "help-title" }, t("help"));
  const close = make("button", {}, t("close"));
  close.addEventListener("click", () => dialog.close());
  const keys = KEYS.flatMap(([key, what]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, t(what))]);
  const reads = /** @type {const} */ (["help.read.colours", "help.read.track", "help.read.marks", "help.read.scale", "help.read.brush", "help.read.click"]);
  dialog.replaceChildren(
    make("div", {},
      make("div", { class: "help-head" }, title, close),
      make("h3", {}, t("help.read")),
      make("ul", {}, ...reads.map((key) => make("li", {}, t(key)))),
      make("h3", {}, t("help.keys")),
      make("dl", { class: "facts" }, ...keys),
      keysSwitch(),
      ...numbers.section(group),
    ));
  if (!dialog.open) dialog.showModal();
  const asked = dialog.querySelector("details[open]");
  if (!asked) return;
  asked.scrollIntoView({ block: "start" });
  asked.querySelector("summary")?.focus();
}

/** A single key may get in the way of those who speak to their machine: it can be switched off. */
function keysSwitch() {
  const box = make("input", { type: "checkbox", id: "help-keys", checked: settings.get("keys") !== "off" });
  box.addEventListener("change", () => settings.set({ keys: box.checked ? undefined : "off" }));
  const label = make("label", { htmlFor: box.id }, t("help.switch"));
  return make("p", { class: "small" }, box, " ", label);
}

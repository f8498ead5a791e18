// The tool bar over the pictures: how many hours are shown, which, and whether as pictures or as a table.

import { onLanguage, t } from "../messages.js";
import { cursor, onShow, shown } from "../page.js";
import * as settings from "../settings.js";
import * as arrangement from "./arrangement.js";
import { find, make } from "./dom.js";
import * as table from "./table.js";
import * as words from "./words.js";

const HOURS = [6, 12, 24, 48];

const place = find("#tools", HTMLElement);

export function start() {
  onShow(show);
  onLanguage(show);
  arrangement.onChange(show);
}

/** Shows the hours that the address asks for, once there is a model. */
export function restore() {
  const hours = Number(settings.get("hours"));
  if (HOURS.includes(hours)) zoom(hours);
}

/**
 * Shows so many hours, around the cursor or at the end of the stay; undefined shows all.
 * @param {number | undefined} hours
 */
function zoom(hours) {
  const model = shown()?.model;
  if (!model) return;
  settings.set({ hours: hours === undefined ? undefined : String(hours) });
  if (hours === undefined) return arrangement.setWindow(undefined);
  const length = Math.max(1, Math.round(hours / model.stepHours));
  const middle = cursor()?.step ?? model.steps;
  const first = middle - Math.floor(length / 2);
  arrangement.setWindow([first, first + length]);
}

function show() {
  const model = shown()?.model;
  if (!model || !shown()?.stay) return;
  const focused = document.activeElement?.getAttribute("data-tool");
  const all = model.steps * model.stepHours;
  const [first, end] = arrangement.steps();
  const length = (end - first) * model.stepHours;
  // Fewer hours than a step has are none.
  const choices = HOURS.filter((hours) => hours < all && hours >= model.stepHours).map((hours) =>
    button(`zoom-${hours}`, t("tools.hours", { count: hours }), length === hours, () => zoom(hours)));
  const whole = button("zoom-all", t("tools.hours", { count: all }), end - first === model.steps, () => zoom(undefined));
  const isWhole = end - first === model.steps;
  const step = Math.max(1, Math.floor((end - first) / 2));
  const pan = (/** @type {number} */ by) => () => arrangement.setWindow([first + by, end + by]);
  const back = button("back", "‹", undefined, pan(-step), t("tools.back"));
  const on = button("on", "›", undefined, pan(step), t("tools.on"));
  [back.disabled, on.disabled] = [first === 0, end === model.steps];
  const span = make("span", { class: "quiet span" }, words.span([first, end], model.stepHours));
  const view = button("table", t("tools.table"), table.isOpen(), () => {
    table.toggle();
    show();
  });
  const reset = arrangement.isOwnOrder() ? [button("reset", t("tools.reset"), undefined, () => arrangement.setOrder([]))] : [];
  place.replaceChildren(
    make("span", { class: "quiet" }, t("tools.show")),
    make("span", { class: "choice" }, ...choices, whole),
    ...(isWhole ? [] : [back, span, on]),
    ...reset,
    view,
  );
  const again = focused && place.querySelector(`[data-tool="${focused}"]`);
  if (again instanceof HTMLElement) again.focus();
}

/**
 * @param {string} id
 * @param {string} text
 * @param {boolean | undefined} isPressed
 * @param {() => void} run
 * @param {string} [label]
 */
function button(id, text, isPressed, run, label) {
  const said = { ...(isPressed === undefined ? {} : { ariaPressed: String(isPressed) }), ...(label ? { ariaLabel: label, title: label } : {}) };
  return make("button", { data: { tool: id }, press: run, ...said }, text);
}

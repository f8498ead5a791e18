// The pictures as a table: the same numbers for screen readers, for copying, and for whoever prefers to read.

import { t } from "../messages.js";
import { engine, onShow, shown } from "../page.js";
import * as arrangement from "./arrangement.js";
import { find, make } from "./dom.js";
import * as words from "./words.js";

/** @import { InspectedStay, Inspection, View } from "../protocol.js" */
/** @typedef {"value" | "relevance" | "gradient"} What */

const place = find("#table", HTMLElement);
const pictures = find("#pictures", HTMLElement);
/** @type {readonly What[]} */
const WHATS = ["value", "relevance", "gradient"];
/** @type {What} */
let what = "relevance";
let open = false;

export function start() {
  onShow(() => {
    if (open) void show();
  });
}

export function isOpen() {
  return open;
}

/** Shows the table in place of the pictures, or the pictures again. */
export function toggle() {
  open = !open;
  place.hidden = !open;
  pictures.hidden = open;
  document.body.toggleAttribute("data-table", open);
  if (open) void show();
}

async function show() {
  const view = shown();
  if (!view?.stay) return;
  const found = await engine.request("inspectAll", undefined);
  if (!found) return;
  const choice = WHATS.map((one) => {
    const button = make("button", { ariaPressed: String(one === what) }, t(`table.${one}`));
    button.addEventListener("click", () => {
      what = one;
      void show();
    });
    return button;
  });
  const scroll = make("section", { class: "table-scroll", tabIndex: 0, ariaLabel: t(`table.caption.${what}`) }, table(view, found));
  place.replaceChildren(make("p", { class: "choice" }, ...choice), scroll);
}

/**
 * @param {View} view
 * @param {InspectedStay} found
 */
function table({ model, stay }, { cells, ...sums }) {
  const [first, end] = arrangement.steps();
  const steps = Array.from({ length: end - first }, (_, k) => first + k);
  // Cells of all hours are summed, whatever is shown of them.
  const sum = end - first < model.steps ? `${t("totals")}, ${words.span([0, model.steps], model.stepHours)}` : t("totals");
  const heads = [t("readout.channel"), sum, ...steps.map((step) => words.clinical(step * model.stepHours))];
  const table = make("table", { class: "numbers" });
  table.createCaption().textContent = t(`table.caption.${what}`);
  table.createTHead().append(make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, text))));
  const body = table.createTBody();
  for (const row of stay?.layout.order ?? []) {
    const channel = model.channels[row];
    if (!channel) continue;
    const sum = what === "value" ? "" : words.tabular(sums[what][row] ?? 0, what === "gradient" ? "auto" : "exceptZero");
    const data = steps.map((step) => datum(cells[row * model.steps + step]));
    body.append(make("tr", {}, make("th", { scope: "row" }, words.channel(channel)), make("td", {}, sum), ...data));
  }
  return table;
}

/** @param {Inspection | undefined} cell */
function datum(cell) {
  if (!cell) return make("td");
  if (what === "gradient") return make("td", {}, cell.gradient ? words.tabular(cell.gradient.value) : "–");
  if (what === "relevance") return make("td", {}, cell.relevance ? words.tabular(cell.relevance.value, "exceptZero") : "–");
  const text = cell.category === undefined ? words.clinical(cell.value) : words.category(cell.category);
  const mark = make("i", { ariaHidden: "true" }, words.MARKS[cell.origin.kind]);
  return make("td", { title: words.origin(cell) }, mark, ` ${text}`, make("span", { class: "sr-only" }, `, ${words.origin(cell)}`));
}

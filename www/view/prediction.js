// The head of the page: whose stay, how high the risk, what drove it, and where the score went.

import { find, make } from "./dom.js";
import * as words from "./words.js";

/** @import { Paint, StayView } from "../protocol.js" */

const title = find("#title", HTMLElement);
const outcome = find("#outcome", HTMLElement);
const probability = find("#probability", HTMLOutputElement);
const bar = find(".risk-bar", HTMLElement);
const fill = find("#risk-fill", HTMLElement);
const mark = find("#risk-threshold", HTMLElement);
const threshold = find("#threshold", HTMLElement);
const reading = find("#reading", HTMLElement);
const ledger = find("#ledger tbody", HTMLTableSectionElement);
const residual = find("#residual", HTMLElement);
const colours = find("#colours", HTMLElement);

/**
 * @param {StayView} stay
 * @param {string} name as people read it
 * @param {NonNullable<Paint["part"]>} part the columns that the picture shows
 */
export function show(stay, name, part) {
  const { summary } = stay;
  title.replaceChildren(
    make("b", {}, name),
    make("span", {}, `True Label: ${stay.trueLabel ?? "not known"}`),
    ...(summary.isProbability ? [make("span", {}, `Predicted Label: ${summary.predictedLabel}`)] : []),
  );
  // An output without a sigmoid is a number: it has no threshold, and is no risk.
  for (const part of [bar, threshold]) part.hidden = !summary.isProbability;
  const what = summary.outcome || "the outcome";
  outcome.textContent = summary.isProbability ? `Risk of ${what}` : `Output: ${what}`;
  probability.textContent = summary.isProbability ? words.percent(summary.probability) : words.signedNumber(summary.probability);
  probability.dataset.value = String(summary.probability);
  fill.style.width = words.wholePercent(summary.probability);
  mark.style.left = words.wholePercent(summary.threshold);
  threshold.textContent = `threshold ${words.wholePercent(summary.threshold)}`;
  reading.textContent = words.reading(summary, part);
  account(stay);
}

/** @param {NonNullable<Paint["palette"]>} palette */
export function nameColours(palette) {
  colours.textContent = words.colours(palette);
}

/** @param {StayView} stay */
function account({ ledger: parts, score, residual: rest }) {
  const row = (/** @type {string} */ name, /** @type {number} */ amount, className = "") =>
    make("tr", { class: className }, make("th", {}, name), make("td", {}, words.signedNumber(amount)));
  ledger.replaceChildren(
    row("values", parts.cells),
    row("being measured", parts.masks),
    row("biases", parts.biases),
    row("initial states", parts.initialStates),
    row("epsilon", parts.epsilon),
    row("score explained", score, "sum"),
  );
  residual.textContent = `Residual ${words.signedNumber(rest)}: what no rule accounts for.`;
}

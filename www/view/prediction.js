// The head of the page: whose stay, how high the risk, what drove it, and where the score went.

import { t } from "../messages.js";
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
    make("span", {}, t("title.true", { label: stay.trueLabel ?? t("title.unknown") })),
    ...(summary.isProbability ? [make("span", {}, t("title.predicted", { label: summary.predictedLabel }))] : []),
  );
  // An output without a sigmoid is a number: it has no threshold, and is no risk.
  for (const part of [bar, threshold]) part.hidden = !summary.isProbability;
  outcome.textContent = t(summary.isProbability ? "risk.of" : "output.of", { outcome: words.outcome(summary.outcome) });
  probability.textContent = summary.isProbability ? words.percent(summary.probability) : words.signedNumber(summary.probability);
  probability.dataset.value = String(summary.probability);
  fill.style.width = words.cssPercent(summary.probability);
  mark.style.left = words.cssPercent(summary.threshold);
  threshold.textContent = t("threshold", { at: words.wholePercent(summary.threshold) });
  reading.textContent = words.windows(stay.reading, part);
  account(stay);
}

/** @param {NonNullable<Paint["palette"]>} palette */
export function nameColours(palette) {
  colours.textContent = words.colours(palette);
}

/** @param {StayView} stay */
function account({ ledger: parts, score, residual: rest }) {
  const row = (/** @type {string} */ name, /** @type {number} */ amount, className = "") =>
    make("tr", { class: className }, rowHeader(name), make("td", {}, words.signedNumber(amount)));
  ledger.replaceChildren(
    row(t("ledger.values"), parts.cells),
    row(t("ledger.masks"), parts.masks),
    row(t("ledger.biases"), parts.biases),
    row(t("ledger.initialStates"), parts.initialStates),
    row(t("ledger.epsilon"), parts.epsilon),
    row(t("ledger.score"), score, "sum"),
  );
  residual.textContent = t("residual", { amount: words.signedNumber(rest) });
}

/** @param {string} name */
function rowHeader(name) {
  const header = make("th", {}, name);
  header.scope = "row";
  return header;
}

// The head of the page: whose stay, how high the risk, what drove it, and where the score went.

import { t } from "../messages.js";
import { shown } from "../page.js";
import * as arrangement from "./arrangement.js";
import { find, make, rewrite, tableRow } from "./dom.js";
import * as methods from "./methods.js";
import * as words from "./words.js";

/** @import { Paint, StayView, Summary } from "../protocol.js" */

const title = find("#title", HTMLElement);
const outcome = find("#outcome", HTMLElement);
const probability = find("#probability", HTMLOutputElement);
const bar = find(".risk-bar", HTMLElement);
const fill = find("#risk-fill", HTMLElement);
const mark = find("#risk-threshold", HTMLElement);
const threshold = find("#threshold", HTMLElement);
const paper = find("#as-paper", HTMLButtonElement);
const fallback = find("#fallback", HTMLElement);
const ledger = find("#ledger tbody", HTMLTableSectionElement);
const residual = find("#residual", HTMLElement);
const colours = find("#colours", HTMLElement);
const totals = find(".row-totals > p", HTMLElement);
const predicted = make("span");

/**
 * @param {StayView} stay
 * @param {string} name as people read it
 */
export function show(stay, name) {
  const { summary } = stay;
  title.replaceChildren(
    make("b", {}, name),
    ...(stay.isAlone ? [] : [make("span", { class: "quiet" }, words.outcomeOf(stay))]),
    ...(summary.isProbability ? [predicted] : []),
  );
  // An output without a sigmoid is a number: it has no threshold, and is no risk.
  for (const part of [bar, threshold]) part.hidden = !summary.isProbability;
  // A class has rivals and no threshold.
  for (const part of [mark, threshold]) part.hidden ||= summary.mostLikely !== undefined;
  outcome.textContent = words.predicted(summary);
  glance(summary);
  mark.style.left = words.cssPercent(summary.threshold);
  threshold.textContent = t("threshold", { at: words.thresholdPercent(summary.threshold) });
  account(stay);
  nameTotals();
}

/**
 * Which of the two ways of opening is shown, and why where the network leaves one alone.
 * @param {boolean} isPaper
 * @param {string} [why] the network could not be compared with a reference
 */
export function showPaper(isPaper, why) {
  paper.dataset.t = isPaper ? "paper.off" : "paper.on";
  paper.textContent = t(isPaper ? "paper.off" : "paper.on");
  fallback.hidden = why === undefined;
  fallback.textContent = why === undefined ? "" : t("paper.fallback", { why });
}

/**
 * How high the risk is.
 * @param {Pick<Summary, "probability" | "isProbability" | "predictedLabel" | "threshold" | "unit" | "mostLikely">} summary
 */
export function glance(summary) {
  // While a value is being dragged nobody has asked how likely the other classes are.
  const isUnknown = !summary.mostLikely && shown()?.stay?.summary.mostLikely;
  rewrite(predicted, isUnknown ? "" : words.standing(summary, summary.predictedLabel === 1 ? "title.above" : "title.below"));
  rewrite(probability, words.output(summary.probability, summary));
  probability.dataset.value = String(summary.probability);
  fill.style.width = words.cssPercent(summary.probability);
}

/**
 * @param {NonNullable<Paint["palette"]>} palette
 */
export function nameColours(palette) {
  const meaning = methods.meaningShown(shown());
  const said = { effect: words.colours(palette), slope: t("slope.what"), magnitude: t("gradient.what") };
  colours.textContent = [said[meaning], words.hatching(meaning)].filter(Boolean).join(" ");
}

/** @param {StayView} stay */
function account(stay) {
  const parts = words.account(stay);
  if (parts.length === 0) {
    ledger.replaceChildren(part(t("ledger.score"), stay.score, "sum"));
    residual.textContent = t("ledger.none");
    return;
  }
  const all = [...parts, { name: t("ledger.residual"), amount: stay.residual }];
  // Each bar begins where the one before it ended, and the last ends at the score.
  let end = 0;
  const spans = all.map(({ amount }) => /** @type {[number, number]} */ ([end, (end += amount)]));
  spans.push([0, stay.score]);
  const [low, high] = [Math.min(...spans.flat()), Math.max(...spans.flat())];
  const rows = all.map(({ name, amount }) => part(name, amount, ""));
  rows.push(part(t("ledger.score"), stay.score, "sum"));
  rows.forEach((it, at) => bars(it, spans[at] ?? [0, 0], [low, high]));
  ledger.replaceChildren(...rows);
  const unit = words.countedIn();
  residual.textContent = [t("residual", { amount: words.signedNumber(stay.residual) }), unit && t(`ledger.unit.${unit}`)].filter(Boolean).join(" ");
}

/** Names the totals beside the rows with their unit. */
function nameTotals() {
  const model = shown()?.model;
  // Its words are of what is shown, and follow the language with it.
  delete totals.dataset.t;
  if (model) totals.textContent = words.totals(arrangement.steps(), model);
}

/**
 * @param {string} name
 * @param {number} amount
 * @param {string} className
 */
function part(name, amount, className) {
  const it = tableRow(name, words.signedNumber(amount));
  it.className = className;
  return it;
}

/**
 * One part of the account as a bar of the waterfall: where it begins, where it ends.
 * @param {HTMLTableRowElement} row
 * @param {[number, number]} span
 * @param {[number, number]} ends of the scale
 */
function bars(row, [from, to], [low, high]) {
  const along = (/** @type {number} */ at) => words.cssPercent(high > low ? (at - low) / (high - low) : 0);
  const bar = make("td", { class: to < from ? "ledger-bar down" : "ledger-bar", ariaHidden: "true" });
  bar.style.setProperty("--from", along(Math.min(from, to)));
  bar.style.setProperty("--to", along(Math.max(from, to)));
  bar.style.setProperty("--zero", along(0));
  find("td", HTMLElement, row).before(bar);
}

// What stands under the cursor, in a clinician's words.

import { t } from "../messages.js";
import { shown } from "../page.js";
import { find, make } from "./dom.js";
import * as methods from "./methods.js";
import * as words from "./words.js";

/** @import { Inspection } from "../protocol.js" */

const place = find("#readout", HTMLElement);
const spoken = find("#spoken", HTMLElement);

/**
 * @param {Inspection} cell
 * @param {number} row
 */
export function show(cell, row) {
  glance(cell, row);
  spoken.textContent = words.sentence(cell, row);
}

/**
 * The same without a word: while a value is being changed, it would be spoken over and over.
 * @param {Inspection} cell
 * @param {number} row
 */
export function glance(cell, row) {
  const { relevance, gradient } = cell;
  const meaning = methods.meaningOf(methods.kindOf(shown()?.method));
  const amount = meaning === "magnitude" ? words.number : words.signedNumber;
  place.replaceChildren(
    entry(t("readout.channel"), words.channelAt(row, cell.channel)),
    entry(t("readout.hour"), words.hours(cell)),
    entry(t("readout.value"), words.value(cell)),
    entry(t("readout.origin"), `${words.MARKS[cell.origin.kind]} ${words.origin(cell)}`),
    entry(t("readout.relevance"), ...(relevance ? [amount(relevance.value), ...(meaning === "effect" ? [note(words.effect(relevance.value))] : [])] : ["–"])),
    entry(t("readout.share"), relevance ? words.percent(relevance.valueShare) : "–"),
    entry(t("readout.mask"), relevance ? amount(relevance.mask) : "–"),
    entry(t("readout.gradient"), gradient ? words.number(gradient.value) : "–"),
  );
}

/**
 * @param {string} name
 * @param {...(string | Node)} content
 */
function entry(name, ...content) {
  return make("div", {}, make("dt", {}, name), make("dd", {}, ...content));
}

/** @param {string} text */
function note(text) {
  return make("small", {}, ` ${text}`);
}

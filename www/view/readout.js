// What stands under the cursor, in a clinician's words.

import { t } from "../messages.js";
import { shown } from "../page.js";
import { find, make, rewrite } from "./dom.js";
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
  const meaning = methods.meaningShown(shown());
  const amount = meaning === "magnitude" ? words.number : words.signedNumber;
  tell([
    [t("readout.channel"), words.channelAt(row, cell.channel)],
    [t("readout.hour"), words.hours(cell)],
    [t("readout.value"), words.value(cell)],
    [t("readout.origin"), `${words.MARKS[cell.origin.kind]} ${words.origin(cell)}`],
    [t("readout.relevance"), relevance ? amount(relevance.value) : "–", relevance && meaning === "effect" ? ` ${words.effect(relevance.value)}` : ""],
    [t("readout.share"), relevance ? words.percent(relevance.valueShare) : "–"],
    [t("readout.mask"), relevance ? amount(relevance.mask) : "–"],
    [t("readout.gradient"), gradient ? words.number(gradient.value) : "–"],
  ]);
}

/** The elements of the entries: their name, their text, and a note. @type {HTMLElement[][]} */
let entries = [];

/**
 * Writes into the elements that are there: most texts stay while a value is being changed.
 * @param {[name: string, text: string, note?: string][]} all
 */
function tell(all) {
  if (entries.length !== all.length) {
    entries = all.map(() => [make("dt"), make("span"), make("small")]);
    place.replaceChildren(...entries.map(([name = "", ...texts]) => make("div", {}, name, make("dd", {}, ...texts))));
  }
  all.forEach((texts, at) => entries[at]?.forEach((element, part) => rewrite(element, texts[part] ?? "")));
}

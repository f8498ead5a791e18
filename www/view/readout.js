// What stands under the cursor, in a clinician's words.

import { find, make } from "./dom.js";
import * as words from "./words.js";

/** @import { Inspection } from "../protocol.js" */

const place = find("#readout", HTMLElement);
const spoken = find("#spoken", HTMLElement);

/** @param {Inspection} cell */
export function show(cell) {
  const { relevance, gradient } = cell;
  place.replaceChildren(
    entry("Channel", cell.channel),
    entry("Hour", words.hours(cell)),
    entry("Value", words.value(cell)),
    entry("Origin", words.origin(cell)),
    entry("Relevance", ...(relevance ? [words.signedNumber(relevance.value), note(words.effect(relevance.value))] : ["–"])),
    entry("Share of all", relevance ? words.percent(relevance.valueShare) : "–"),
    entry("Being measured", relevance ? words.signedNumber(relevance.mask) : "–"),
    entry("|gradient|", gradient ? words.number(gradient.value) : "–"),
  );
  spoken.textContent = words.sentence(cell);
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

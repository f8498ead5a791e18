// Questions of one press: a channel's readings as they would usually be, or as they were half a day before; and scores by
// their number, whatever the network's data spelled them like.

import { inspect } from "../../pkg/vitrine.js";

/** @import { Channel, Editor, Entry, Inspection, Model, StayEdit } from "../../pkg/vitrine.js" */
/** @import { Question } from "../protocol.js" */

/** How far back "before" is, in hours, or as near to that as steps are long. */
const BACK = 12;

/** How many steps that is. @param {number} stepHours */
export function stepsBack(stepHours) {
  return Math.max(1, Math.round(BACK / stepHours));
}

/**
 * The edit that a question is. In the hours asked for, what was measured is taken for something else; a value that is
 * carried into them, or stands in a single hour, counts as measured in the first.
 * @param {Model} model
 * @param {Editor} editor
 * @param {Question} question
 * @returns {StayEdit}
 * @throws where there is nothing to be taken for something else
 */
export function answering(model, editor, { row, from, to, as }) {
  const { channels, step_hours: hours } = model.manifest;
  const channel = channels[row];
  const stay = editor.stay();
  try {
    const at = (/** @type {number} */ step) => inspect(model, stay, row, step, undefined, undefined);
    const other = (/** @type {number} */ step) => {
      if (as === "normal") return normal(channel);
      const before = step - stepsBack(hours);
      return entry(channel, before < 0 ? undefined : at(before));
    };
    const readings = Array.from({ length: to - from }, (_, index) => {
      const kind = at(from + index)?.origin.kind;
      const counts = kind === "observed" || (index === 0 && (kind === "carried-forward" || to - from === 1));
      return counts ? (other(from + index) ?? entry(channel, at(from + index)) ?? null) : null;
    });
    if (readings.every((it) => it === null)) throw new Error(`${channel?.label ?? ""}: nothing was measured in these hours; choose others`);
    return { channel: row, start: from, readings };
  } finally {
    stay.free();
  }
}

/**
 * A typed text as the channel has it: of a scale with names, a number is the score, in the spelling that begins with it.
 * @param {Model} model
 * @param {number} row
 * @param {string} text
 */
export function spelled(model, row, text) {
  const encoding = model.manifest.channels[row]?.encoding;
  const score = text.trim();
  if (encoding?.kind !== "one-hot" || !/^\d+$/.test(score) || encoding.categories.includes(score)) return text;
  const alike = encoding.categories.filter((_, index) => encoding.ordinals[index] === Number(score));
  return alike.find((it) => it.startsWith(score)) ?? alike[0] ?? text;
}

/**
 * @param {Channel | undefined} channel
 * @returns {Entry | undefined}
 */
function normal(channel) {
  if (!channel) return undefined;
  const { encoding } = channel;
  return encoding.kind === "one-hot" ? { category: encoding.categories.indexOf(encoding.normal) } : { value: encoding.normal };
}

/**
 * @param {Channel | undefined} channel
 * @param {Inspection | undefined} cell
 * @returns {Entry | undefined}
 */
function entry(channel, cell) {
  if (!channel || !cell) return undefined;
  const { encoding } = channel;
  return encoding.kind === "one-hot" ? { category: encoding.categories.indexOf(cell.category ?? "") } : { value: cell.value };
}

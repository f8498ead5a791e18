// In which state what is shown is: as the record has it, or changed, or as of an earlier hour. What hosts are told, and
// what stands in colour over everything that is not of the record.

/** @import { Coverage, Method, Paint, TrustVerdict, View } from "./protocol.js" */

/**
 * @typedef {object} State
 * @property {number} edits changes of the reader's
 * @property {number | null} knownHours null where all hours are known
 * @property {Omit<Method, "referenceStay"> & { referenceStay?: string }} method a reference stay by its name
 * @property {NonNullable<Paint["part"]>} part which columns the pictures show
 * @property {Coverage} coverage what the prediction rests on
 * @property {TrustVerdict | null} verdict of the checks of the explanation; null where nobody has asked for them
 * @property {{ networks: number, least: number, greatest: number } | null} agreement of several networks: the range of what they
 *   predict; null where there is one
 */

/**
 * @param {View} view
 * @param {Pick<State, "part" | "verdict">} more
 * @returns {State | undefined}
 */
export function stateOf({ stay, method, model }, { part, verdict }) {
  if (!stay) return undefined;
  const { knownSteps, summary } = stay;
  return {
    edits: editsOf(stay),
    knownHours: knownSteps === undefined ? null : knownSteps * model.stepHours,
    method: named(method ?? {}),
    part,
    coverage: summary.coverage,
    verdict,
    agreement: stay.spread ? { networks: stay.spread.each.length, least: stay.spread.least, greatest: stay.spread.greatest } : null,
  };
}

/**
 * A method as others are told of it: of a reference stay its name, and not what it holds.
 * @param {Method} method
 */
function named({ referenceStay, ...method }) {
  return referenceStay ? { ...method, referenceStay: referenceStay.name } : method;
}

/** @param {Pick<NonNullable<View["stay"]>, "log">} stay */
export function editsOf({ log }) {
  return (log?.entries ?? []).filter(({ isDone }) => isDone).length;
}

/**
 * Whether what is shown is what the record says: nothing changed, no hour left out, and the record at hand.
 * @param {View} view
 */
export function isOfRecord({ stay }) {
  return stay !== undefined && !stay.isAlone && stay.knownSteps === undefined && editsOf(stay) === 0 && !stay.saved;
}

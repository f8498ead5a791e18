// Which of a model's numbers is meant: a place among what the engine says can be asked of it.

/** @import { Head } from "../pkg/vitrine.js" */

/**
 * The number of a head at a step; of the last where there are fewer, or none is named.
 * @param {Head} head
 * @param {number} [step]
 */
export function targetOf({ targets }, step = Infinity) {
  return targets[Math.min(step, targets.length - 1)] ?? 0;
}

/**
 * Of which head a number is, and of which step. The step counts for what is said at every step alone.
 * @param {Head[]} heads
 * @param {number} [target]
 */
export function placeOf(heads, target = 0) {
  const output = heads.find(({ targets }) => targets.includes(target));
  return output && { output, step: output.targets.indexOf(target) };
}

/**
 * The number that a model gives for what another one's number said, or the same one for a longer or shorter stay: its last
 * step stays the last. Where nothing was chosen, or nothing of the kind is there, what the first head says in the end.
 * @param {Head[]} heads
 * @param {number} [target] what was chosen
 * @param {Head[]} [before] of what
 */
export function aimed(heads, target, before) {
  const was = before && target !== undefined ? placeOf(before, target) : undefined;
  const same = was && heads.find(({ name }) => name === was.output.name);
  if (was && same) return targetOf(same, was.step + 1 === was.output.targets.length ? undefined : was.step);
  if (target !== undefined && !before) return target;
  return heads[0] ? targetOf(heads[0]) : 0;
}

// What each of a model's numbers says: an outcome, of a class, at a step. The numbers of an outcome follow one another step by
// step, those of a step class by class.

/** @import { Manifest } from "../pkg/vitrine.js" */
/** @import { Output } from "./protocol.js" */

/**
 * What can be chosen to be explained.
 * @param {Pick<Manifest, "outcomes" | "steps">} manifest
 * @returns {Output[]}
 */
export function outputsOf({ outcomes, steps }) {
  let next = 0;
  return outcomes.flatMap(({ name, classes = [], per_step: isPerStep = false, ...rest }, outcome) => {
    const names = classes.length > 0 ? classes.map((one) => `${name}: ${one}`) : [name];
    const first = next;
    next += names.length * (isPerStep ? steps : 1);
    return names.map((it, at) => ({ name: it, outcome, first: first + at, every: names.length, steps: isPerStep ? steps : undefined, kind: rest.kind, threshold: rest.threshold }));
  });
}

/**
 * The number of an output at a step; of the last where there are fewer, or none is named.
 * @param {Output} output
 * @param {number} [step]
 */
export function targetOf({ first, every, steps = 1 }, step = steps - 1) {
  return first + every * Math.min(step, steps - 1);
}

/**
 * Which output a number is of, and of which step. The step counts for outputs of every step alone.
 * @param {Output[]} outputs
 * @param {number} [target]
 */
export function placeOf(outputs, target = 0) {
  const output = outputs.find(({ first, every, steps = 1 }) => target >= first && target < first + every * steps && (target - first) % every === 0);
  return output && { output, step: (target - output.first) / output.every };
}

/**
 * The number that a model gives for what another one's number said, or the same one for a longer or shorter stay: its last
 * step stays the last. Where nothing was chosen, or nothing of the kind is there, what the first output says in the end.
 * @param {Output[]} outputs
 * @param {number} [target] what was chosen
 * @param {Output[]} [before] of what
 */
export function aimed(outputs, target, before) {
  const was = before && target !== undefined ? placeOf(before, target) : undefined;
  const same = was && outputs.find(({ name }) => name === was.output.name);
  if (was && same) return targetOf(same, was.step + 1 === was.output.steps ? undefined : was.step);
  if (target !== undefined && !before) return target;
  return outputs[0] ? targetOf(outputs[0]) : 0;
}

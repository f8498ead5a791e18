// Which of a model's numbers is meant, among what the engine says can be asked of it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { aimed, placeOf, targetOf } from "../../www/outputs.js";

/** What the engine says of a model with these outcomes: the numbers of a step stand together. */
const heads = (steps) => [
  { name: "mortality", targets: [0], isPerStep: false },
  { name: "decompensation", targets: each(steps, (step) => 1 + step), isPerStep: true },
  { name: "length of stay: short", targets: each(steps, (step) => 1 + steps + 2 * step), isPerStep: true },
  { name: "length of stay: long", targets: each(steps, (step) => 2 + steps + 2 * step), isPerStep: true },
  { name: "phenotype: a", targets: [1 + 3 * steps], isPerStep: false },
];
const each = (n, of) => Array.from({ length: n }, (_, at) => of(at));

test("every number of the model is of one output and step", () => {
  const said = each(1 + 4 + 8 + 1, (target) => placeOf(heads(4), target));
  said.forEach(({ output, step }, target) => assert.equal(targetOf(output, step), target));
  assert.equal(placeOf(heads(4), said.length), undefined);
});

test("an output keeps its meaning for a stay of another length, and its last step stays the last", () => {
  const [four, six] = [heads(4), heads(6)];
  const [, decompensation, short, long, a] = six;
  assert.equal(aimed(six, targetOf(four[1]), four), targetOf(decompensation, 5));
  assert.equal(aimed(six, targetOf(four[2], 1), four), targetOf(short, 1));
  assert.equal(aimed(four, targetOf(long, 4), six), targetOf(four[3], 3), "a step that is not there is the last");
  assert.equal(aimed(six, targetOf(four[4]), four), targetOf(a));
});

test("where nothing was chosen, it is what the first output says in the end", () => {
  const hourly = [{ name: "risk", targets: [0, 1, 2, 3, 4], isPerStep: true }];
  assert.equal(aimed(hourly), 4);
  assert.equal(aimed(hourly, 2), 2);
  assert.equal(aimed(heads(4)), 0);
});

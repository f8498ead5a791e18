// What a model's numbers say, as the page counts them: as the engine does, outcome by outcome, step by step, class by class.

import assert from "node:assert/strict";
import { test } from "node:test";

import { aimed, outputsOf, placeOf, targetOf } from "../../www/outputs.js";

const half = { threshold: 0.5 };
const manifest = (steps) => ({
  steps,
  outcomes: [
    { name: "mortality", ...half },
    { name: "decompensation", per_step: true, ...half },
    { name: "length of stay", per_step: true, classes: ["short", "long"], ...half },
    { name: "phenotype", classes: ["a", "b", "c"], ...half },
  ],
});

test("every number of the model is of one output and step", () => {
  const outputs = outputsOf(manifest(4));
  const said = Array.from({ length: 1 + 4 + 8 + 3 }, (_, target) => placeOf(outputs, target));
  const names = said.map(({ output, step }) => (output.steps ? `${output.name} ${step}` : output.name));
  const steps = [0, 1, 2, 3];
  assert.deepEqual(names, [
    "mortality",
    ...steps.map((step) => `decompensation ${step}`),
    ...steps.flatMap((step) => [`length of stay: short ${step}`, `length of stay: long ${step}`]),
    "phenotype: a",
    "phenotype: b",
    "phenotype: c",
  ]);
  said.forEach(({ output, step }, target) => assert.equal(targetOf(output, step), target));
  assert.equal(placeOf(outputs, said.length), undefined);
});

test("an output keeps its meaning for a stay of another length, and its last step stays the last", () => {
  const [four, six] = [outputsOf(manifest(4)), outputsOf(manifest(6))];
  const [, decompensation, short, long, a] = six;
  assert.equal(aimed(six, targetOf(four[1]), four), targetOf(decompensation, 5));
  assert.equal(aimed(six, targetOf(four[2], 1), four), targetOf(short, 1));
  assert.equal(aimed(four, targetOf(long, 4), six), targetOf(four[3], 3), "a step that is not there is the last");
  assert.equal(aimed(six, targetOf(four[4]), four), targetOf(a));
});

test("where nothing was chosen, it is what the first output says in the end", () => {
  const hourly = outputsOf({ steps: 5, outcomes: [{ name: "risk", per_step: true, ...half }] });
  assert.equal(aimed(hourly), 4);
  assert.equal(aimed(hourly, 2), 2);
  assert.equal(aimed(outputsOf(manifest(4))), 0);
});

// The short form of `make endure`: memory settles, and stays.

import assert from "node:assert/strict";
import { test } from "node:test";
import { explanations, growth, swaps } from "./endurance.mjs";

test("two thousand explanations leave memory as it was", () => {
  assert.equal(growth(explanations(2000)), 0);
});

test("forty changes of model leave memory as it was", () => {
  // The allocator finds its size within the first thirty.
  swaps(40);
  assert.equal(growth(swaps(40)), 0);
});

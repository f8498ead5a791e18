// The short form of `make endure`: memory settles, and stays.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HEAP_SLACK, explanations, growth, swaps } from "./endurance.mjs";

test("two thousand explanations leave memory as it was", () => {
  settled(explanations(2000));
});

test("forty changes of model leave memory as it was", () => {
  // The allocator finds its size within the first hundred and twenty, and keeps it.
  swaps(160);
  settled(swaps(40));
});

function settled(sizes) {
  const { wasm, heap } = growth(sizes);
  assert.equal(wasm, 0);
  assert.ok(heap < HEAP_SLACK, `the heap grew by ${heap} bytes`);
}

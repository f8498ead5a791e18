// The plan of the house, as ARCHITECTURE.md gives it, and the counter itself.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { codeOf, count, knotsOf, pathsOf } from "../../tools/house.mjs";

test("rooms, arrows, knots, circles and homonyms stay within what the architecture says", () => {
  const { rooms, arrows, knots, circles, homonyms, types } = count();
  assert.ok(rooms.length > 10 && rooms.length <= 18, `${rooms.length} rooms: ${rooms.join(", ")}`);
  assert.ok(arrows.length > 20 && arrows.length <= 35, `${arrows.length} arrows: ${arrows.join("; ")}`);
  assert.deepEqual(knots, [], "folders that import each other");
  assert.ok(circles.length <= 3, circles.map((circle) => circle.join(", ")).join("; "));
  assert.ok(types > 400 && homonyms.length <= 0.04 * types, homonyms.map(([name]) => name).join(", "));
});

test("a fifth of the engine and of the reader of ONNX is documentation", () => {
  for (const [folder, share] of Object.entries(count().documentation)) assert.ok(share >= 0.2, `${folder}: ${share}`);
});

test("imports are read as Rust writes them", () => {
  assert.deepEqual(pathsOf("crate::a::{self, b::{c, d as e}, F}"), [
    ["crate", "a", "self"],
    ["crate", "a", "b", "c"],
    ["crate", "a", "b", "d"],
    ["crate", "a", "F"],
  ]);
  assert.equal(codeOf('f("// x"); // y\n#[cfg(test)]\nmod tests {}'), 'f(""); \n');
});

test("a circle of three is one knot, and what it leads to is none of it", () => {
  const graph = new Map([
    ["a", ["b"]],
    ["b", ["c"]],
    ["c", ["a", "d"]],
    ["d", []],
  ]);
  assert.deepEqual(knotsOf(graph), [["a", "b", "c"]]);
});

test("a paragraph of ARCHITECTURE.md holds at most 90 words", () => {
  const text = readFileSync(new URL("../../ARCHITECTURE.md", import.meta.url), "utf8");
  // An entry of a list is a paragraph of its own; tables and code are none.
  const paragraphs = text.split(/\n\s*\n|\n(?=- |\d+\. )/).filter((it) => !/^\s*(\||#|\s{4})/.test(it));
  assert.ok(paragraphs.length > 40, `${paragraphs.length}`);
  const words = (paragraph) => paragraph.split(/\s+/).filter((it) => /\w/.test(it)).length;
  assert.deepEqual(
    paragraphs.filter((it) => words(it) > 90),
    [],
  );
});

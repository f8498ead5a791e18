// What an edit sends to the page: the parts of the pictures that changed, over those that were sent before, are the
// pictures painted whole, byte for byte; and the explanations of an edit are those of a run of their own.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";

import { ROOT } from "../browser/server.mjs";

const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const { Editor, Model, Screen, Stay, gridLayout, initSync } = await import(join(PKG, "vitrine.js"));
initSync({ module: readFileSync(join(PKG, "vitrine_bg.wasm")) });

const NAME = "septic-shock_timeseries.csv";
const model = new Model(readFileSync(join(ROOT, "www/models/in-hospital-mortality.onnx")));
const stay = Stay.parse(readFileSync(join(ROOT, "www/stays", NAME), "utf8"), model, { name: NAME });
const SLOTS = ["input", "input-steps", "lrp", "lrp-steps", "gradient", "gradient-steps", "rows", "course"];
const AROUND = { totalsWidth: 64, stepsHeight: 30 };
const SYSTOLIC = 5;

/** Numbers in 0..1, the same every time. */
function chance(seed) {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

/** Draws parts over what is shown. */
function draw(shown, strips) {
  for (const { slot, width, height, top, rgba } of strips) {
    if (shown[slot]?.length !== 4 * width * height) shown[slot] = new Uint8ClampedArray(4 * width * height);
    shown[slot].set(rgba, 4 * width * top);
  }
}

/**
 * Edits and takes back, and holds what is shown against pictures painted whole after each.
 * @param {object} options of painting
 * @param {object} [around] them
 * @param {number} [most] of all bytes that the parts may be
 */
function check(options, around = AROUND, most = 0.75) {
  const editor = new Editor(model, stay);
  const screen = new Screen(options, around);
  const shown = {};
  const next = chance(7);
  let spare = [];
  let [sent, whole] = [0, 0];
  for (let n = 0; n < 24; n++) {
    const [row, step] = n % 3 === 2 ? [SYSTOLIC, 47] : [Math.floor(17 * next()), Math.floor(48 * next())];
    if (n % 7 === 6) editor.undo(model);
    else editor.nudge(model, row, step, next() < 0.5 ? -3 : 4);
    const now = editor.stay();
    const [lrp, gradient] = editor.explainAll(model, [{}, { method: "gradient" }]);
    const course = { row: SYSTOLIC, width: 400, height: 108, band: 12 };
    const look = (on, follows, memory) =>
      on.update(
        model,
        now,
        lrp,
        gradient,
        { slots: SLOTS, cell: [row, step], course: { ...course, follows }, numbers: true },
        memory,
      );
    const parts = look(screen, n > 0, spare);
    draw(shown, parts.strips);
    const fresh = new Screen(options, around);
    const all = look(fresh, false);
    const expected = {};
    draw(expected, all.strips);
    for (const slot of SLOTS)
      assert.equal(
        Buffer.compare(Buffer.from(shown[slot].buffer), Buffer.from(expected[slot].buffer)),
        0,
        `${slot} after edit ${n}`,
      );
    assert.deepEqual({ ...parts, strips: [] }, { ...all, strips: [] });
    if (n > 0) sent += parts.strips.reduce((sum, { rgba }) => sum + rgba.length, 0);
    if (n > 0) whole += all.strips.reduce((sum, { rgba }) => sum + rgba.length, 0);
    // Memory with leavings in it, as the page gives it back.
    spare = parts.strips.map(({ rgba }) => rgba.fill(171).buffer);
    for (const it of [fresh, now, lrp, gradient]) it.free();
  }
  assert.ok(sent <= most * whole, `${sent} of ${whole} bytes were sent`);
  for (const it of [screen, editor]) it.free();
}

test("parts over parts are the whole pictures", () => check({}));

test("with lines, signs and hatching in the cells, folded groups and fewer hours", () =>
  check({
    trace: true,
    glyphs: true,
    hatched: [240, 287, 700],
    collapsed: ["Neurological"],
    window: [20, 48],
    palette: "vik",
    line: 2,
    cellHeight: 30,
  }));

test("in the dark, on scales that are held", () =>
  check({ background: "#16181c", ink: "#e6e4df", part: "both" }, { ...AROUND, limits: { lrp: 0.05, gradient: 0.01 } }));

test("with being measured at the feet of the rows", () => {
  check({ part: "both", track: 5, glyphs: true, trace: true, hatched: [240, 287] });
  check({ part: "both", track: 9, line: 2, cellHeight: 30, window: [20, 48] });
});

/** Lines of pixels of one picture. */
function linesOf(options, limit, explanation) {
  const screen = new Screen(options, { ...AROUND, limits: { lrp: limit } });
  const gradient = model.explain(stay.input, { method: "gradient" });
  const { strips, scales, rows } = screen.update(model, stay, explanation, gradient, { slots: ["lrp"] });
  const [{ width, height, rgba }] = strips;
  for (const it of [screen, gradient]) it.free();
  return {
    line: (y) => Buffer.from(rgba.slice(4 * width * y, 4 * width * (y + 1))),
    height,
    end: scales.lrp.ticks[2],
    rows,
  };
}

test("a track is the picture of being measured, and what is above it that of the values, on the scale of both", () => {
  const explanation = model.explain(stay.input, { method: "deep-shap" });
  const [own, values, masks, sums] = [
    { part: "both", track: 5 },
    { part: "value" },
    { part: "mask" },
    { part: "both" },
  ].map((options) => linesOf(options, undefined, explanation));
  assert.equal(own.end, Math.max(values.end, masks.end));
  // The totals are those of both, as they are without a track.
  assert.deepEqual(own.rows, sums.rows);
  const [above, below] = ["value", "mask"].map((part) => linesOf({ part }, own.end, explanation));
  const layout = gridLayout(model, { part: "both", track: 5 });
  assert.deepEqual([layout.height, layout.tracks], [sums.height, layout.tops.map(() => 5)]);
  for (const top of layout.tops) {
    for (let y = top; y < top + 12; y++) assert.ok(own.line(y).equals(above.line(y)), `line ${y}`);
    for (let y = top + 13; y < top + 17; y++) assert.ok(own.line(y).equals(below.line(y)), `line ${y}`);
  }
  explanation.free();
});

test("there is no track where there is nothing apart, and none is wanted", () => {
  const tracks = (options) => gridLayout(model, options).tracks.filter((height) => height > 0).length;
  assert.deepEqual([tracks({}), tracks({ track: 0 }), tracks({ track: 5, part: "mask" })], [0, 0, 0]);
  assert.deepEqual([tracks({ track: 5 }), tracks({ track: 5, cellHeight: 3 })], [17, 0]);
  assert.throws(() => gridLayout(model, { track: 20_000 }), /at most 16384 pixels/);
});

test("in rows too low for their marks", () => check({ cellHeight: 2, groupGap: 1 }, AROUND, 1));

test("the explanations of an edit are those of a run of its own, also after it was taken back", () => {
  const editor = new Editor(model, stay);
  const options = [{ epsilon: 0.001 }, { method: "gradient" }];
  const same = () => {
    const now = editor.stay();
    const expected = model.explainAll(now.input, options);
    editor.explainAll(model, options).forEach((one, at) => {
      assert.deepEqual(one.relevance, expected[at].relevance);
      assert.deepEqual(
        [one.score, one.residual, one.probability],
        [expected[at].score, expected[at].residual, expected[at].probability],
      );
    });
    return expected[0].probability;
  };
  const before = same();
  assert.equal(editor.nudge(model, SYSTOLIC, 47, 20), same());
  assert.notEqual(same(), before);
  editor.undo(model);
  assert.equal(same(), before);
  editor.redo(model);
  assert.notEqual(same(), before);
  assert.throws(() => editor.explainAll(model, [{ method: "none" }]), /method.*"none"/);
});

// What the page's worker does with methods: an audit that is given up and asked for again goes on from where it was, and says
// the same; a map from elsewhere is refused where hours are not known.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const NAME = "septic-shock_timeseries.csv";

const { initSync, Model, Stay } = await import("../../pkg/vitrine.js");
initSync({ module: readFileSync(join(PKG, "vitrine_bg.wasm")) });
const { handlers } = await import("../../www/worker/methods.js");

const onnx = readFileSync(join(ROOT, "www/models/in-hospital-mortality.onnx"));
const text = String(readFileSync(join(ROOT, "www/stays", NAME)));

// A slice of a task ends by this clock, which goes on by 5 ms at each look: however fast the machine is, a slice is some units.
let clock = 0;
Date.now = () => (clock += 5);

/** What is open in a worker: with a model of its own, so that no runs are shared. */
function opened() {
  const model = new Model(onnx);
  const stay = Stay.parse(text, model, { name: NAME });
  const [lrp] = model.explainStay(stay, [{ method: "lrp" }]);
  return { open: { model, stay, lrp, method: { method: "lrp" } } };
}

/** A request that is given up at its pause of this number. */
function context(givenUpAt = Infinity) {
  const seen = [];
  const it = {
    seen,
    isCancelled: false,
    progress: ({ done }) => seen.push(done),
    async pause() {
      if (seen.length < givenUpAt) return;
      it.isCancelled = true;
      throw new Error("cancelled");
    },
  };
  return it;
}

test("an audit that was given up goes on from there, and says what one in one go says", async () => {
  const whole = opened();
  const word = await handlers.trust(whole, {}, context());
  const details = await handlers.trustDetails(whole, undefined, context());

  const parted = opened();
  const first = context(2);
  await assert.rejects(handlers.trust(parted, {}, first), /cancelled/);
  const second = context();
  assert.deepEqual(await handlers.trust(parted, {}, second), word);
  assert.ok(second.seen.length === 0 || second.seen[0] > first.seen.at(-1), "it goes on");
  const third = context(1);
  await assert.rejects(handlers.trustDetails(parted, undefined, third), /cancelled/);
  const last = context();
  assert.deepEqual(await handlers.trustDetails(parted, undefined, last), details);
  assert.ok(last.seen.length === 0 || last.seen[0] > third.seen.at(-1), "and so do the details");
  assert.deepEqual(await handlers.trust(parted, {}, context()), word, "asked once more it says the same");
});

test("an audit of something else is begun anew", async () => {
  const it = opened();
  await assert.rejects(handlers.trust(it, {}, context(2)), /cancelled/);
  const { model, stay } = it.open;
  const [lrp] = model.explainStay(stay, [{ method: "gradient-x-input" }]);
  const other = { open: { ...it.open, lrp, method: { method: "gradient-x-input" } } };
  const fresh = opened();
  const [again] = fresh.open.model.explainStay(fresh.open.stay, [{ method: "gradient-x-input" }]);
  const alone = { open: { ...fresh.open, lrp: again, method: { method: "gradient-x-input" } } };
  assert.deepEqual(await handlers.trust(other, {}, context()), await handlers.trust(alone, {}, context()));
});

test("a map from elsewhere is refused as of an earlier hour, with a word that says why", () => {
  const { open } = opened();
  const map = { name: "map.csv", bytes: new TextEncoder().encode("hour,channel,relevance\n0,Heart Rate,1\n").buffer };
  const state = { open: { ...open, knownSteps: 12 } };
  assert.throws(() => handlers.openMap(state, map), /map\.csv: is of all hours.*show all hours first/);
});

// The engine as a package: what raised the risk of a demo stay, in Node. `npm install && node explain.mjs`

import { readFileSync } from "node:fs";
import { Model, Stay, summary } from "vitrine";

const here = new URL("../../www/", import.meta.url);
const model = new Model(readFileSync(new URL("models/in-hospital-mortality.onnx", here)));
const stay = Stay.parse(readFileSync(new URL("stays/septic-shock_timeseries.csv", here), "utf8"), model, {
  name: "septic shock",
});
const explanation = model.explain(stay.input, { method: "lrp" });
const { outcome, probability, raising, raisingTogether } = summary(model, stay, explanation);

console.log(`${stay.name}: ${outcome} ${(100 * probability).toFixed(1)} %`);
for (const { channel, share } of raising) console.log(`  raised by ${channel} (${(100 * share).toFixed(0)} %)`);
if (raisingTogether) console.log(`  raised by ${raisingTogether.channels.join(", ")} together`);

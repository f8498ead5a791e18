// The engine as a package, in a page: what raised the risk of a demo stay, in words and as a picture.

import init, { Model, Stay, paint, summary } from "vitrine";

const words = document.querySelector("#words");

start().catch((error) => {
  words.textContent = error.message;
  document.body.dataset.state = "error";
});

async function start() {
  await init();
  const www = new URL("../../www/", import.meta.url);
  const onnx = await (await fetch(new URL("models/in-hospital-mortality.onnx", www))).arrayBuffer();
  const record = await (await fetch(new URL("stays/septic-shock_timeseries.csv", www))).text();
  const model = new Model(new Uint8Array(onnx));
  const stay = Stay.parse(record, model, { name: "septic shock" });
  const explanation = model.explain(stay.input, { method: "lrp" });
  const { outcome, probability, raising, raisingTogether } = summary(model, stay, explanation);
  const names = raisingTogether?.channels ?? raising.map(({ channel }) => channel);
  words.textContent = `${stay.name}: ${outcome} ${(100 * probability).toFixed(1)}%, raised by ${names.join(", ")}${raisingTogether ? " together" : ""}`;
  paint(document.querySelector("#relevance"), "relevance", model, stay, explanation, { width: 720 });
  document.body.dataset.state = "ready";
}

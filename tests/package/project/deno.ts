// The same in Deno, by its own means and with its own check of types.

import { Model, Stay, type ExplainOptions, version } from "vitrine";
import * as vitrine from "vitrine";
import { digests } from "./digests.mjs";

const options: ExplainOptions = { method: "lrp" };
const record: string = await Deno.readTextFile("stay.csv");
const model: Model = new Model(await Deno.readFile("model.onnx"));
const relevance: Float32Array = model.explain(Stay.parse(record, model).input, options).relevance;
if (relevance.length !== model.steps * model.columns) throw new Error(`${version()}: ${relevance.length} numbers`);
console.log(JSON.stringify(digests(vitrine, await Deno.readFile("model.onnx"), { stay: record })));

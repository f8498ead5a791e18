// The same in Node: the import starts the engine, and what starts it in a page does no harm.

import { readFileSync } from "node:fs";
import init, * as vitrine from "vitrine";
import { digests } from "./digests.mjs";

const found = digests(vitrine, readFileSync("model.onnx"), { stay: readFileSync("stay.csv", "utf8") });
await init();
console.log(JSON.stringify(found));

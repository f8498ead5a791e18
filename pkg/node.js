// The package as Node and Deno load it: started before it is handed over, with the module that lies beside this file.

import { readFileSync } from "node:fs";
import { initSync } from "./vitrine.js";

initSync({ module: readFileSync(new URL("vitrine_bg.wasm", import.meta.url)) });

export * from "./vitrine.js";
// What asks a page for the engine finds it started.
export { default } from "./vitrine.js";

// TensorFlow.js with its backend in WebAssembly, as a page would bundle it.

import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";

/** @param {string} [folder] where the .wasm files are, in a browser */
export function packages(folder) {
  if (folder) setWasmPaths(folder);
  return { tf, layers };
}

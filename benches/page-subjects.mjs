// The subjects in a page: each is imported when it is asked for, so that a page with one of them loads nothing else.

import { onnxruntime, stockTract, tensorflow, vitrine } from "./subjects.mjs";

/** Where things are in a server of the repository. `engine` is what `VITRINE_PKG` names. */
export const PLACES = {
  model: "/www/models/in-hospital-mortality.onnx",
  engine: "/pkg/vitrine",
  tract: "/target/bench/stock-tract/stock_tract",
  web: "/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm",
  tf: "/node_modules/@tensorflow/tfjs-backend-wasm/dist/",
};

/**
 * @param {"engine" | "tract" | "web" | "tf"} name
 * @param {Promise<Uint8Array>} onnx
 * @param {import("./subjects.mjs").Shape} shape
 * @param {(url: string) => any} read fetches a module: its bytes, or a response that is compiled while it comes
 */
export async function make(name, onnx, shape, read) {
  const place = new URL(PLACES[name], location.href).href;
  if (name === "web") {
    const ort = await import("onnxruntime-web/wasm");
    ort.env.wasm.wasmPaths = { wasm: place };
    return onnxruntime(ort, await onnx, shape);
  }
  if (name === "tf") return tensorflow((await import("./tensorflow.mjs")).packages(place), await onnx, shape);
  const module = read(`${place}_bg.wasm`);
  const [pkg, bytes] = await Promise.all([import(`${place}.js`), onnx]);
  return name === "tract"
    ? stockTract(pkg, await module, bytes, shape)
    : vitrine(pkg, await module, bytes, shape.loads);
}

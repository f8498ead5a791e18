// The subjects in Node: each is imported when it is asked for, so that a process with one of them holds nothing else.

import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { onnxruntime, stockTract, tensorflow, vitrine } from "./subjects.mjs";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
export const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
export const MODEL = "www/models/in-hospital-mortality.onnx";
/** What tools/stock-tract.sh built, where it could be built. */
export const STOCK_TRACT = process.env.VITRINE_STOCK_TRACT;

/**
 * @param {"engine" | "tract" | "web" | "tf"} name
 * @param {import("./subjects.mjs").Shape} shape
 */
export async function make(name, shape) {
  const onnx = readFileSync(join(ROOT, MODEL));
  if (name === "web") return onnxruntime(await import("onnxruntime-web/wasm"), onnx, shape);
  if (name === "tf") return tensorflow((await import("./tensorflow.mjs")).packages(), onnx, shape);
  const [folder, file] = name === "tract" ? [STOCK_TRACT ?? "", "stock_tract"] : [PKG, "vitrine"];
  const pkg = await import(pathToFileURL(join(folder, `${file}.js`)).href);
  const module = readFileSync(join(folder, `${file}_bg.wasm`));
  return name === "tract" ? stockTract(pkg, module, onnx, shape) : vitrine(pkg, module, onnx, shape.loads);
}

/** @param {Float32Array} all stays one after another @param {number} size numbers of each */
export function divided(all, size) {
  return Array.from({ length: all.length / size }, (_, k) => all.subarray(k * size, (k + 1) * size));
}

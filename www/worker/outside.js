// What the page hands to other programs.

import { recordFiles, recordTable, riskAssessment, selfTest } from "../../pkg/vitrine.js";
import { named } from "./errors.js";
import { inWords } from "./explaining.js";
import { shown } from "./take.js";

/** @param {ArrayBuffer} bytes */
function isParquet(bytes) {
  return new TextDecoder("latin1").decode(bytes.slice(0, 4)) === "PAR1";
}

/** @import { Handlers } from "../protocol.js" */

/** @type {Handlers} */
export const handlers = {
  riskAssessment({ open }, { recorded, subject, target }, context) {
    if (!open.stay || open.alone) throw new Error("no stay is open; open a record first");
    const { model, stay, lrp } = shown(open, context);
    const { method } = open;
    const explained = method?.target ?? 0;
    if (target !== undefined && target !== explained)
      throw new Error(`payload.target: is ${target}, and output ${explained} is shown; set the method's target first`);
    const words =
      open.foreign !== undefined
        ? `a map from elsewhere, ${open.foreign}`
        : method && (method.method ?? "lrp") !== "lrp"
        ? inWords(method)
        : method &&
          `layer-wise relevance propagation, epsilon ${method.epsilon}, bias factor ${method.biasFactor}, ${method.rule}, gates ${method.gates}`;
    return riskAssessment(model, stay, lrp, { target: explained, method: words, recorded, subject });
  },
  selfTest(_, { stored, onnx, records }) {
    return selfTest(stored, new Uint8Array(onnx), records);
  },
  async recordFiles(_, { name, bytes }) {
    if (!isParquet(bytes)) return named(name, () => recordFiles(name, new Uint8Array(bytes)));
    // What reads it is fetched when it is needed, which is seldom.
    const { tableOf } = await import("./parquet.js");
    const text = await tableOf(bytes).catch((error) => named(name, () => { throw error; }));
    return { files: [{ name, text }], leftOut: [] };
  },
  recordTable({ open: { model } }, { text, columns }) {
    if (!model) throw new Error("no model is open; open an ONNX file");
    return recordTable(text, model, columns);
  },
};

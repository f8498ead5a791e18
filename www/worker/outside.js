// What the page hands to other programs.

import { recordPatients, recordTable, riskAssessment, selfTest } from "../../pkg/vitrine.js";
import { inWords } from "./explaining.js";

/** @import { Handlers } from "../protocol.js" */

/** @type {Handlers} */
export const handlers = {
  riskAssessment({ open: { model, stay, lrp, method } }, context) {
    if (!model || !stay || !lrp) throw new Error("no stay is open; open a record first");
    const words = method && (method.method ?? "lrp") !== "lrp" ? inWords(method) : method && `layer-wise relevance propagation, epsilon ${method.epsilon}, bias factor ${method.biasFactor}, ${method.rule}, gates ${method.gates}`;
    return riskAssessment(model, stay, lrp, { target: method?.target, method: words, ...context });
  },
  selfTest(_, { stored, onnx, records }) {
    return selfTest(stored, new Uint8Array(onnx), records);
  },
  recordPatients(_, { text }) {
    return recordPatients(text);
  },
  recordTable({ open: { model } }, { text, columns }) {
    if (!model) throw new Error("no model is open; open an ONNX file");
    return recordTable(text, model, columns);
  },
};

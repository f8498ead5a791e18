// How far the explanations of many stays can be believed.

import { summariseTrust, trustStaysTask } from "../../pkg/vitrine.js";
import { finish } from "./task.js";

/** @import { Handlers } from "../protocol.js" */

/** @type {Handlers} */
export const handlers = {
  async trustStays({ open: { model } }, { records, method }, context) {
    if (!model) throw new Error("no model is open; open an ONNX file first");
    return finish(trustStaysTask(model, records, { method: "lrp", ...method }), context);
  },

  trustSummary(_, rows) {
    return summariseTrust(rows);
  },
};

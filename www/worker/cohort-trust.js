// How far the explanations of many stays can be believed.

import { summariseTrust, trustStaysTask } from "../../pkg/vitrine.js";
import { isFatal } from "./errors.js";
import { ofMany } from "./explaining.js";
import { footed } from "./take.js";
import { finish } from "./task.js";

/** @import { TrustRecord } from "../../pkg/vitrine.js" */
/** @import { Handlers } from "../protocol.js" */
/** @import { Networks } from "./fitting.js" */

/**
 * Of a record that nothing can be fitted to, the row says why.
 * @param {Networks} networks
 * @param {TrustRecord} record
 */
function fitted(networks, record) {
  try {
    return networks.fit(record);
  } catch (error) {
    if (isFatal(error)) throw error;
    return networks.asRead();
  }
}

/** @type {Handlers} */
export const handlers = {
  async trustStays({ open: { networks } }, { record, method }, context) {
    if (!networks) throw new Error("no model is open; open an ONNX file first");
    const model = fitted(networks, record);
    try {
      return await finish(trustStaysTask(model, [record], ofMany(method)), context);
    } finally {
      model.free();
    }
  },

  trustSummary({ open }, { rows, method }) {
    const found = summariseTrust(rows);
    const [csv, rowsCsv] = [found.csv, found.rowsCsv].map((table) => footed(table, open, method));
    return { ...found, csv: csv ?? "", rowsCsv: rowsCsv ?? "" };
  },
};

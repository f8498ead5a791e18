// How far the explanations of many stays can be believed.

import { summariseTrust, trustStaysTask } from "../../pkg/vitrine.js";
import { ofMany } from "./explaining.js";
import { footed } from "./take.js";
import { finish } from "./task.js";

/** @import { Handlers } from "../protocol.js" */

/** @type {Handlers} */
export const handlers = {
  async trustStays({ open: { model } }, { records, method }, context) {
    if (!model) throw new Error("no model is open; open an ONNX file first");
    return finish(trustStaysTask(model, records, ofMany(method)), context);
  },

  trustSummary({ open }, { rows, method }) {
    const found = summariseTrust(rows);
    const [csv, rowsCsv] = [found.csv, found.rowsCsv].map((table) => footed(table, open, method));
    return { ...found, csv: csv ?? "", rowsCsv: rowsCsv ?? "" };
  },
};

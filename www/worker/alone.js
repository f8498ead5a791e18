// A network without a record: what it is made of, and files to fill in.

import { anatomy, templateManifest, templateRecord } from "../../pkg/vitrine.js";

/** @import { Handlers } from "../protocol.js" */

/** @type {Handlers} */
export const handlers = {
  anatomy({ open: { model } }) {
    return model && anatomy(model);
  },

  template({ open: { model } }, { of }) {
    if (!model) throw new Error("no model is open; open an ONNX file first");
    return of === "record" ? templateRecord(model) : templateManifest(model);
  },
};

// Where the score went, by channel and hour.

import { account, accountCsv } from "../../pkg/vitrine.js";
import { provenance, shown } from "./take.js";

/** @import { Handlers } from "../protocol.js" */

/** @type {Handlers} */
export const handlers = {
  account({ open: { model, lrp } }) {
    return model && lrp ? account(model, lrp) : undefined;
  },

  takeAccount({ open }, _, context) {
    const { model, lrp } = shown(open, context);
    return accountCsv(model, lrp, provenance(open));
  },
};

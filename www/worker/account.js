// Where the score went, by channel and hour.

import { account, accountCsv } from "../../pkg/vitrine.js";
import { provenance, shown } from "./take.js";

/** @import { Handlers } from "../protocol.js" */

/** @type {Handlers} */
export const handlers = {
  account({ open: { model, lrp } }) {
    return model && lrp ? account(model, lrp) : undefined;
  },

  takeAccount({ open }) {
    const { model, lrp } = shown(open);
    return accountCsv(model, lrp, provenance(open));
  },
};

// One cell of the pictures, as numbers and names.

import { inspect } from "../../pkg/vitrine.js";

/** @import { Handlers } from "../protocol.js" */

/** @type {Handlers} */
export const handlers = {
  inspect({ open: { model, stay, lrp, gradient } }, { row, step }) {
    return model && stay ? inspect(model, stay, row, step, lrp, gradient) : undefined;
  },
};

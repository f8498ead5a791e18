// What stands in a cell, in all cells, and in one channel.

import { gridLayout, inspect, inspectAll, measuredNumbers, paintCourse, totals, withoutReading } from "../../pkg/vitrine.js";
import { engineOptions } from "./open.js";

/** @import { Explanation } from "../../pkg/vitrine.js" */
/** @import { Handlers } from "../protocol.js" */

/** @type {Handlers} */
export const handlers = {
  inspect({ open: { model, stay, lrp, gradient } }, { row, step }) {
    return model && stay ? inspect(model, stay, row, step, lrp, gradient) : undefined;
  },

  without({ open: { model, stay, method } }, { row, step }) {
    return model && stay ? withoutReading(model, stay, row, step, method?.target) : undefined;
  },

  inspectAll({ open: { model, stay, lrp, gradient, paint } }) {
    if (!model || !stay || !paint) return undefined;
    // A cell has what its value received; what its being measured did is no part of the sums beside it.
    const options = { ...engineOptions(paint), part: /** @type {const} */ ("value"), track: 0 };
    const sums = (/** @type {Explanation | undefined} */ it) =>
      it ? totals("relevance", model, stay, it, options).rows.map(({ signed }) => signed) : [];
    return { cells: inspectAll(model, stay, lrp, gradient), relevance: sums(lrp), gradient: sums(gradient) };
  },

  numbers({ open: { stay } }) {
    return stay ? measuredNumbers(stay) : new Float64Array();
  },

  course({ open: { model, stay, lrp, paint } }, { row, width, height, band, room, window }, context) {
    if (!model || !stay || !lrp || !paint || row >= model.manifest.channels.length) return undefined;
    const canvas = new OffscreenCanvas(1, 1);
    const options = { ...engineOptions(paint), width, limit: paint.limits?.lrp, ...(window ? { window } : {}) };
    const facts = paintCourse(canvas, model, stay, lrp, row, options, { height, band, room: room ?? false });
    const bitmap = canvas.transferToImageBitmap();
    context.transfer(bitmap);
    return { row, bitmap, facts, firstStep: gridLayout(model, options).firstStep };
  },
};

// Many stays. Of each one its row is kept; the engine sums up the rest, so that memory stays flat.

import { Cohort, explainRecord, gridLayout } from "../../pkg/vitrine.js";
import { message, named } from "./errors.js";
import { ofMany } from "./explaining.js";
import { engineOptions } from "./open.js";
import { footed } from "./take.js";
import { finish } from "./task.js";

/** @import { Model } from "../../pkg/vitrine.js" */
/** @import { Handlers, Method } from "../protocol.js" */

/** @type {Cohort | undefined} */
let cohort;
/** The model that the cohort was begun with. @type {Model | undefined} */
let own;
/** How its stays are explained. @type {Method | undefined} */
let how;

/** @type {Handlers} */
export const handlers = {
  cohortBegin({ open: { model } }, { method }) {
    if (!model) throw new Error("no model is open; open an ONNX file first");
    const begun = new Cohort(model, ofMany(method));
    cohort?.free();
    [cohort, own, how] = [begun, model, method];
  },

  // In a worker of the pool: nothing is kept of a stay.
  async cohortExplain({ open: { model } }, { files, method }, context) {
    if (!model) throw new Error("no model is open; open an ONNX file first");
    const outcomes = [];
    // Only a worker of the pool reads files itself: the page's own asks for nothing that the page has asked for.
    const { textOf } = await import("../files.js");
    for (const file of files) {
      const read = await textOf(file).then((text) => ({ text }), (error) => ({ error: message(error) }));
      outcomes.push("error" in read ? read : { value: explained(model, file.name, read.text, method) });
    }
    context.transfer(...outcomes.flatMap((it) => ("value" in it && it.value.relevance ? [it.value.relevance.buffer] : [])));
    return outcomes;
  },

  // In the page's own worker, one after another in the order of the files: sums do not depend on who was done first.
  cohortTake({ open: { model } }, stays) {
    const it = begun(model);
    return stays.map(({ row, relevance }) => it.cohort.take(it.model, row, relevance));
  },

  cohortLabels({ open: { model } }, { name, text }) {
    const it = begun(model);
    const count = named(name, () => it.cohort.takeLabels(text));
    return { count, rows: it.cohort.rows() };
  },

  cohortPicture({ open: { model } }, { picture, paint }, context) {
    const it = begun(model);
    const count = it.cohort.count(picture);
    if (count === 0) return undefined;
    const [canvas, bar] = [new OffscreenCanvas(1, 1), new OffscreenCanvas(1, 1)];
    const options = engineOptions(paint);
    it.cohort.paint(canvas, it.model, picture, options);
    const [low = 0, middle = 0, high = 0] = it.cohort.paintLegend(bar, it.model, picture, { ...options, width: paint.legendWidth });
    const [bitmap, legend] = [canvas.transferToImageBitmap(), bar.transferToImageBitmap()];
    context.transfer(bitmap, legend);
    return { bitmap, legend, ticks: [low, middle, high], count, layout: gridLayout(it.model, options) };
  },

  async cohortMeasures({ open: { model } }, _, context) {
    const { cohort } = begun(model);
    return cohort.hasBothLabels ? finish(cohort.measuresTask(), context) : undefined;
  },

  cohortCsv({ open }) {
    return footed(begun(open.model).cohort.csv(), open, how);
  },
};

/**
 * @param {Model} model
 * @param {string} name
 * @param {string} text
 * @param {Method | undefined} method
 */
function explained(model, name, text, method) {
  const it = explainRecord(model, name, text, ofMany(method));
  try {
    return { row: it.row, relevance: it.relevance };
  } finally {
    it.free();
  }
}

/** @param {Model | undefined} model */
function begun(model) {
  if (!cohort || !model) throw new Error("no stays are open; drop a folder of records");
  if (model !== own) throw new Error("another model was opened since; drop the folder of records again");
  return { cohort, model };
}

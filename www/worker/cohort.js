// Many stays. Of each one its row is kept; the engine sums up the rest, so that memory stays flat.

import { Cohort, explainRecord, gridLayout, mappingFits } from "../../pkg/vitrine.js";
import { isFatal, message, named } from "./errors.js";
import { ofMany } from "./explaining.js";
import { engineOptions } from "./open.js";
import { footed } from "./take.js";
import { finish } from "./task.js";

/** @import { Model, StayOptions } from "../../pkg/vitrine.js" */
/** @import { Handlers, LabelFile, Method, StayFile } from "../protocol.js" */
/** @import { Networks } from "./fitting.js" */
/** @import { Open } from "./state.js" */

/** @type {Cohort | undefined} */
let cohort;
/** The networks that the cohort was begun with. @type {Networks | undefined} */
let own;
/** The same for as many steps as the longest stay has. @type {Model | undefined} */
let longest;
/** How its stays are explained. @type {Method | undefined} */
let how;

/** @type {Handlers} */
export const handlers = {
  cohortBegin({ open }, { method, longest: record, lists }) {
    const networks = networksOf(open);
    const model = record ? named(record.name, () => networks.fit(record)) : networks.asRead();
    const begun = new Cohort(model, ofMany(method));
    takeLists(begun, lists);
    cohort?.free();
    longest?.free();
    [cohort, own, longest, how] = [begun, networks, model, method];
  },

  // In a worker of the pool.
  cohortLengths({ open }, { files, reading }) {
    const networks = networksOf(open);
    return outcomes(files, (_, text) => {
      const options = fitting(networks, text, reading);
      return networks.with({ text, options }, ({ steps }) => ({ steps, isMapped: options !== undefined }));
    });
  },

  // In a worker of the pool: nothing is kept of a stay.
  async cohortExplain({ open }, { files, method, reading }, context) {
    const networks = networksOf(open);
    const found = await outcomes(files, (name, text) => {
      const options = fitting(networks, text, reading);
      return networks.with({ text, options }, (model) => explained(model, { name, text, options }, method));
    });
    context.transfer(...found.flatMap((it) => ("value" in it && it.value.relevance ? [it.value.relevance.buffer] : [])));
    return found;
  },

  // In the page's own worker, one after another in the order of the files: sums do not depend on who was done first.
  cohortTake({ open }, stays) {
    const it = begun(open);
    return stays.map(({ row, relevance }) => it.cohort.take(it.model, row, relevance && lengthened(relevance, it.model)));
  },

  cohortLabels({ open }, lists) {
    const it = begun(open);
    const trial = new Cohort(it.model);
    try {
      takeLists(trial, lists);
    } finally {
      trial.free();
    }
    takeLists(it.cohort, lists);
  },

  cohortRows({ open }) {
    const { cohort } = begun(open);
    return { rows: cohort.rows(), reports: cohort.labelReports(), subgroups: cohort.subgroups() };
  },

  cohortPicture({ open }, { picture, paint }, context) {
    const it = begun(open);
    const count = it.cohort.count(picture);
    if (count === 0) return undefined;
    const [canvas, bar] = [new OffscreenCanvas(1, 1), new OffscreenCanvas(1, 1)];
    const options = engineOptions(paint);
    it.cohort.paint(canvas, it.model, picture, options);
    const [low = 0, middle = 0, high = 0] = it.cohort.paintLegend(bar, it.model, picture, { ...options, width: paint.legendWidth });
    const [bitmap, legend] = [canvas.transferToImageBitmap(), bar.transferToImageBitmap()];
    context.transfer(bitmap, legend);
    const beyond = it.cohort.cellsBeyond(it.model, picture, options);
    return { bitmap, legend, ticks: [low, middle, high], beyond, count, layout: gridLayout(it.model, options), steps: it.model.steps };
  },

  async cohortMeasures({ open }, _, context) {
    const { cohort } = begun(open);
    return cohort.hasBothLabels ? finish(cohort.measuresTask(), context) : undefined;
  },

  async cohortSubgroups({ open }, { column, values }, context) {
    const { cohort } = begun(open);
    const found = [];
    for (const it of values) {
      const hasBoth = it.nPositive > 0 && it.nPositive < it.nStays;
      const task = hasBoth ? cohort.measuresTask(undefined, undefined, { column, value: it.value }) : undefined;
      found.push({ ...it, measures: task && (await finish(task, context)) });
    }
    return found;
  },

  cohortCsv({ open }) {
    return footed(begun(open).cohort.csv(), open, how);
  },
};

/**
 * @param {Cohort} of
 * @param {LabelFile[]} lists
 */
function takeLists(of, lists) {
  for (const { name, text } of lists) named(name, () => of.takeLabels(text));
}

/**
 * How a table is read that has all columns which a mapping names; any other record as it is.
 * @param {Networks} networks
 * @param {string} text
 * @param {StayOptions | undefined} reading
 */
function fitting(networks, text, reading) {
  if (!reading) return undefined;
  const model = networks.asRead();
  try {
    return mappingFits(text, model, reading) ? reading : undefined;
  } finally {
    model.free();
  }
}

/**
 * @param {Model} model
 * @param {StayFile} record
 * @param {Method | undefined} method
 */
function explained(model, { name, text, options }, method) {
  const it = explainRecord(model, name, text, ofMany(method), options);
  try {
    return { row: it.row, relevance: it.relevance, isMapped: options !== undefined };
  } finally {
    it.free();
  }
}

/**
 * Something of each file, or why there is none.
 * @template T
 * @param {File[]} files
 * @param {(name: string, text: string) => T} of
 * @returns {Promise<({ value: T } | { error: string })[]>}
 */
async function outcomes(files, of) {
  // Only a worker of the pool reads files itself: the page's own asks for nothing that the page has asked for.
  const { textOf } = await import("../files.js");
  const found = [];
  for (const file of files) {
    try {
      found.push({ value: of(file.name, await textOf(file)) });
    } catch (error) {
      if (isFatal(error)) throw error;
      found.push({ error: message(error) });
    }
  }
  return found;
}

/**
 * Relevance as long as the longest stay: a stay has none behind its end.
 * @param {Float64Array} relevance of whole steps
 * @param {Model} model
 */
function lengthened(relevance, { steps, columns }) {
  if (relevance.length === steps * columns) return relevance;
  const all = new Float64Array(steps * columns);
  all.set(relevance);
  return all;
}

/** @param {Open} open */
function networksOf({ networks }) {
  if (!networks) throw new Error("no model is open; open an ONNX file first");
  return networks;
}

/** @param {Open} open */
function begun({ networks }) {
  if (!cohort || !longest || !networks) throw new Error("no stays are open; drop a folder of records");
  if (networks !== own) throw new Error("another model was opened since; drop the folder of records again");
  return { cohort, model: longest };
}

// Opening: whatever is given is read, the rest is kept, and all is explained and painted anew, or nothing changes.

import { cellsBeyond, gridLayout, paint, paintLegend, paintTotals, sha256, strongestCells, summary, totals, visible } from "../../pkg/vitrine.js";
import { parseFitting, readNetworks, unmeasured } from "./fitting.js";
import { aimed } from "../outputs.js";
import { stepsBack } from "./asking.js";
import { isFatal, message, named } from "./errors.js";
import { explainOptions, explained, explainedAtOnce, isByGroups, showSigns } from "./explaining.js";
import * as screens from "./screens.js";
import { newView } from "./state.js";

/** @import { Explanation, Model, Stay } from "../../pkg/vitrine.js" */
/** @import { Handlers, ModelFacts, ModelFile, OpenRequest, Paint, Picture, View } from "../protocol.js" */
/** @import { Context } from "./context.js" */
/** @import { Open, State } from "./state.js" */

/** @type {Handlers} */
export const handlers = {
  open: openAll,

  prepare({ prepared }, { name, onnx }) {
    const digest = sha256(new Uint8Array(onnx));
    if (!prepared.has(digest)) prepared.set(digest, readNetworks({ name, onnx }));
  },
};

/**
 * @param {State} state
 * @param {OpenRequest} request
 * @param {Context} context
 * @returns {Promise<View>}
 */
async function openAll(state, request, context) {
  const { open } = state;
  const next = {
    ...open,
    method: request.method ?? open.method,
    paint: request.paint ?? open.paint,
    modelNumber: request.modelNumber ?? open.modelNumber,
    recordNumber: request.recordNumber ?? open.recordNumber,
  };
  // Another model has outputs of its own.
  if (request.model && !request.method) next.method = open.method && { ...open.method, target: undefined };
  try {
    if (request.model) readModel(next, request.model, state.prepared);
    if (request.stay) next.stayFile = { ...request.stay, name: visible(request.stay.name) };
    if (request.model || request.stay || request.method) next.foreign = undefined;
    if (request.model || request.stay) forgetEdits(next);
    if (request.stay) parseStay(next);
    else if (request.model) refitStay(next, request.isAlone);
    if (request.model || request.stay || request.method) {
      await explainFitting(next, open, request, context);
    }
    // While this one paused, another request may have changed what is open: parts of `next` would be its leavings.
    if (state.open !== open) throw new Error("the stay was changed while it was being explained; explain it again");
    // Painted anew it is the same view: what is asked of the one before still holds.
    const isPaint = !request.model && !request.stay && !request.method;
    if (isPaint) screens.forget();
    return shownAs(state, next, context, isPaint ? lookAgain : look);
  } catch (error) {
    state.discard(next, open);
    throw error;
  }
}

/**
 * Explains what was opened. A network that reads the record left open, and cannot be run on it, opens alone as one that does
 * not read it: its reader did not choose that record for it.
 * @param {Open} next
 * @param {Open} before
 * @param {OpenRequest} request
 * @param {Context} context
 */
async function explainFitting(next, before, request, context) {
  const { method } = next;
  try {
    await explainAsAsked(next, before, request, context);
  } catch (error) {
    const isLeftOpen = request.model && request.isAlone && !request.stay && !next.alone;
    if (isFatal(error) || context.isCancelled || !isLeftOpen) throw error;
    const why = message(error);
    dropStay(next);
    next.method = method;
    standAlone(next, why);
    await explainAsAsked(next, before, request, context);
    // It was not for the record.
    if (next.alone?.problem === why) throw error;
  }
}

/**
 * @param {Open} next
 * @param {Open} before
 * @param {OpenRequest} request
 * @param {Context} context
 */
async function explainAsAsked(next, before, request, context) {
  aim(next, before, request);
  try {
    if (isByGroups(next.method)) await explainSlowly(next, context);
    else explainOrFallBack(next, request);
  } catch (error) {
    if (isFatal(error) || context.isCancelled || !request.model || !next.alone) throw error;
    // Some networks give no number where nothing is observed: what they are made of can still be shown.
    Object.assign(next, { stay: undefined, lrp: undefined, gradient: undefined, alone: { ...next.alone, problem: message(error) } });
  }
}

/**
 * Takes the record away that was read, and the length that the network had for it.
 * @param {Open} next
 */
function dropStay(next) {
  const { model, stay, networks } = next;
  next.stay = undefined;
  next.model = networks?.asRead();
  stay?.free();
  model?.free();
}

/**
 * Makes something else what is open, and gives all that the page shows of it, or nothing changes.
 * @param {State} state
 * @param {Open} next
 * @param {Context} context
 * @param {(next: Open) => View} [see]
 */
export function shownAs(state, next, context, see = look) {
  try {
    const view = see(next);
    state.replace(next);
    transferPictures(view, context);
    return view;
  } catch (error) {
    if (!isFatal(error)) state.discard(next, state.latest);
    throw error;
  }
}

/**
 * Says which of the model's numbers is explained, where that was not said, or is said by another number for a stay as long as
 * this one.
 * @param {Open} next
 * @param {Open} before
 * @param {OpenRequest} request
 */
function aim(next, before, request) {
  if (!next.model) return;
  const was = request.model || request.method ? undefined : before.model;
  if (was?.steps === next.model.steps) return;
  const target = aimed(next.model.heads, next.method?.target, was?.heads);
  if (target !== (next.method?.target ?? 0)) next.method = { ...next.method, target };
}

/**
 * Pictures move to the page instead of being copied.
 * @param {View} view
 * @param {Context} context
 */
export function transferPictures(view, context) {
  const pictures = view.stay ? Object.values(view.stay.pictures) : [];
  context.transfer(...pictures.flatMap(({ bitmap, legend, steps, rows }) => [bitmap, legend, steps, rows]));
}

/**
 * Another record, or another model, begins without edits.
 * @param {Open} next
 */
function forgetEdits(next) {
  next.editor = undefined;
  next.whole = undefined;
  next.knownSteps = undefined;
}

/**
 * @param {Open} next
 * @param {ModelFile} file
 * @param {State["prepared"]} prepared
 */
function readModel(next, file, prepared) {
  const others = file.others ?? [];
  const files = [file, ...others].map(({ name, onnx }) => ({ file: visible(name), sha256: sha256(new Uint8Array(onnx)) }));
  const isPlain = file.manifest === undefined && file.externalData === undefined;
  // The page shows its first network before the others have come.
  const [open] = next.networks?.isOneFile ? (next.modelFiles ?? []) : [];
  const known = isPlain ? files.map(({ sha256 }) => (sha256 === open?.sha256 ? next.networks : prepared.get(sha256))) : [];
  const networks = readNetworks(file, known);
  for (const it of prepared.values()) it.free();
  prepared.clear();
  next.modelFile = { name: visible(file.name), manifestName: file.manifestName && visible(file.manifestName), onnx: new ArrayBuffer(0) };
  next.modelFiles = files;
  const weights = Object.entries(file.externalData ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, bytes]) => bytes);
  next.modelSha256 = sha256(together([file.onnx, ...weights, ...others.map(({ onnx }) => onnx)]));
  next.networks = networks;
  next.model = undefined;
}

/**
 * The bytes of files one after another: the digest of several networks is that of `cat a.onnx b.onnx`, and that of one whose
 * weights lie outside of `cat a.onnx a.onnx.data`.
 * @param {(ArrayBuffer | Uint8Array)[]} files
 */
function together(files) {
  const bytes = new Uint8Array(files.reduce((length, file) => length + file.byteLength, 0));
  let at = 0;
  for (const file of files) {
    bytes.set(new Uint8Array(file), at);
    at += file.byteLength;
  }
  return bytes;
}

/**
 * Reads the record, for a network as long as it where the network leaves that open.
 * @param {Open} next
 */
function parseStay(next) {
  const { networks, stayFile } = next;
  if (!networks || !stayFile) return;
  next.dataSha256 = sha256(new TextEncoder().encode(stayFile.text));
  ({ model: next.model, stay: next.stay } = parseFitting(networks, stayFile));
  next.alone = undefined;
}

/**
 * Reads the open record again, for another network; where it does not fit, or there is none, the network opens on the stay
 * of which nothing is known, if that was asked for.
 * @param {Open} next
 * @param {boolean} [isAlone]
 */
function refitStay(next, isAlone = false) {
  const { stayFile, modelFile, networks } = next;
  /** @type {unknown} */
  let cause;
  try {
    if (stayFile) return parseStay(next);
  } catch (error) {
    if (isFatal(error)) throw error;
    cause = error;
  }
  const model = (next.model = networks?.asRead());
  if (isAlone && model) {
    standAlone(next, message(cause));
  } else if (stayFile) {
    const shape = `${model?.steps} steps of ${model?.columns} columns`;
    throw new Error(
      `${modelFile?.name}: reads ${shape}, and the open stay does not fit it; open it together with a record of its own (${message(cause)})`,
      { cause },
    );
  }
}

/**
 * Opens the network of a model on the stay of which nothing is known.
 * @param {Open} next
 * @param {string} why the record that was open does not do
 */
function standAlone(next, why) {
  const { model, stayFile } = next;
  if (!model) return;
  // That a stay of another network does not fit needs no words; a saved view has no record at hand.
  const unfit = stayFile && !stayFile.isDemo && !stayFile.saved ? { why } : {};
  Object.assign(next, { stay: unmeasured(model), stayFile: undefined, dataSha256: undefined, alone: unfit });
}

/**
 * A network that cannot be compared with a reference opens with LRP, and the view says why: a new network must not stay
 * shut for a method that its reader did not choose for it.
 * @param {Open} next
 * @param {OpenRequest} request
 */
function explainOrFallBack(next, request) {
  next.fallback = undefined;
  try {
    explain(next);
  } catch (error) {
    const isChosen = request.method !== undefined && !request.model;
    if (isFatal(error) || isChosen || next.method?.method !== "deep-shap") throw error;
    next.method = { target: next.method.target };
    explain(next);
    next.fallback = message(error);
  }
}

/** @param {Open} next */
export function explain(next) {
  const { model, stay, method } = next;
  if (!model || !stay) return;
  named(next.modelFile?.name ?? "model", () => {
    if (method && isByGroups(method)) {
      ({ explanation: next.lrp, effects: next.effects } = explainedAtOnce(model, stay, method));
      explainGradient(next);
      return;
    }
    const options = [explainOptions(model, stay, method), gradientOptions(next)];
    [next.lrp, next.gradient] = model.explainStay(stay, options);
    showSigns(next.lrp, method);
    next.effects = undefined;
  });
}

/**
 * The gradient alone.
 * @param {Open} it
 */
export function explainGradient(it) {
  if (it.model && it.stay) [it.gradient] = it.model.explainStay(it.stay, [gradientOptions(it)]);
}

/** @param {Open} it */
export function gradientOptions({ method }) {
  return { method: /** @type {const} */ ("gradient"), target: method?.target };
}

/**
 * What takes groups of measurements away runs the network many times: in slices, with progress, until it is cancelled.
 * @param {Open} next
 * @param {Context} context
 */
async function explainSlowly(next, context) {
  const { model, stay, method } = next;
  if (!model || !stay) return;
  ({ explanation: next.lrp, effects: next.effects } = await explained(model, stay, method, context));
  explainGradient(next);
}

/**
 * Everything that the page shows.
 * @param {Open} it
 * @returns {View}
 */
export function look(it) {
  screens.forget();
  it.id = newView();
  return lookAgain(it);
}

/**
 * The same, of what the page shows already in its pictures.
 * @param {Open} it
 * @returns {View}
 */
export function lookAgain(it) {
  const { model, stay, lrp, gradient } = it;
  if (!model || !it.modelFile) throw new Error("no model is open; open an ONNX file");
  it.id ??= newView();
  const of = { model: it.modelNumber ?? 0, record: it.recordNumber ?? 0, map: it.foreign === undefined ? 0 : (it.mapNumber ?? 0) };
  const view = { id: it.id, of, model: facts(model, it.modelFile, it), foreign: it.foreign, unnamed: lrp?.unnamed ?? 0, alone: it.alone };
  if (!stay || !lrp || !gradient || !it.paint) return view;
  const options = ordered(it.paint, model, stay, lrp);
  const sides = ofSides(options);
  return {
    ...view,
    method: it.method,
    fallback: it.fallback,
    stay: {
      name: stay.name,
      isDemo: it.stayFile?.isDemo ?? false,
      isAlone: it.alone !== undefined,
      trueLabel: it.stayFile?.trueLabel,
      saved: it.stayFile?.saved,
      report: stay.report,
      log: it.editor?.log(model),
      knownSteps: it.knownSteps,
      summary: summary(model, stay, lrp, it.method?.target),
      spread: lrp.spread,
      score: lrp.score,
      residual: lrp.residual,
      isMagnitude: lrp.isMagnitude,
      ledger: lrp.ledger,
      effects: it.effects,
      layout: gridLayout(model, engineOptions(options)),
      sides: gridLayout(model, engineOptions(sides)),
      pictures: {
        input: picture("input", model, stay, undefined, sides),
        lrp: picture("relevance", model, stay, lrp, options, options.limits?.lrp),
        gradient: picture("relevance", model, stay, gradient, sides, options.limits?.gradient),
      },
      strongest: strongestCells(model, stay, lrp, engineOptions(options)),
    },
  };
}

/**
 * The options with the rows in the order asked for.
 * @param {Paint} options
 * @param {Model} model
 * @param {Stay} stay
 * @param {Explanation} lrp
 * @returns {Paint}
 */
function ordered(options, model, stay, lrp) {
  if (!options.byRelevance) return options;
  return { ...options, order: totals("relevance", model, stay, lrp, engineOptions(options)).ranking };
}

/**
 * @param {Model} model
 * @param {Pick<ModelFile, "name" | "manifestName">} file
 * @param {Pick<Open, "modelSha256" | "modelFiles">} digests
 * @returns {ModelFacts}
 */
function facts(model, { name: file, manifestName }, { modelSha256 = "", modelFiles = [] }) {
  const { manifest } = model;
  const channels = manifest.channels.map(({ name, label, group, unit }) => ({ name, label, group, unit }));
  return {
    file,
    sha256: modelSha256,
    files: modelFiles,
    manifest: { source: model.manifestSource, file: manifestName },
    name: manifest.name,
    description: manifest.description,
    steps: model.steps,
    columns: model.columns,
    networks: model.networks,
    hasOpenSteps: model.openSteps,
    assumedLayout: model.assumedLayout,
    stepHours: manifest.step_hours,
    hoursBack: stepsBack(manifest.step_hours) * manifest.step_hours,
    outputs: model.outputs,
    targets: model.heads,
    parameters: model.parameters,
    withoutNormal: Array.from(model.rowsWithoutNormal),
    hasMasks: manifest.channels.some(({ mask, delta }) => mask !== undefined || delta !== undefined),
    channels,
  };
}

/**
 * @param {"input" | "relevance"} kind
 * @param {Model} model
 * @param {Stay} stay
 * @param {Explanation | undefined} explanation
 * @param {Paint} paintOptions
 * @param {number} [limit] the end of the colour scale, if it is held
 * @returns {Picture}
 */
function picture(kind, model, stay, explanation, paintOptions, limit) {
  const [canvas, bar, steps, rows] = Array.from({ length: 4 }, () => new OffscreenCanvas(1, 1));
  if (!canvas || !bar || !steps || !rows) throw new Error("no canvas to paint on");
  const options = { ...engineOptions(paintOptions), limit };
  paint(canvas, kind, model, stay, explanation, options);
  const width = paintOptions.legendWidth;
  const [low = 0, middle = 0, high = 0] = paintLegend(bar, kind, model, stay, explanation, { ...options, width });
  const barHeight = paintOptions.stepsHeight;
  paintTotals(rows, steps, kind, model, stay, explanation, { ...options, barHeight }, paintOptions.totalsWidth);
  return {
    bitmap: canvas.transferToImageBitmap(),
    legend: bar.transferToImageBitmap(),
    steps: steps.transferToImageBitmap(),
    rows: rows.transferToImageBitmap(),
    ticks: [low, middle, high],
    totals: totals(kind, model, stay, explanation, options),
    beyond: explanation ? cellsBeyond(model, stay, explanation, options) : 0,
  };
}

/**
 * What the engine takes of the page's options.
 * @param {Paint} options
 */
export function engineOptions({ legendWidth: _a, totalsWidth: _b, stepsHeight: _c, limits: _d, byRelevance: _e, sideWidth: _f, ...options }) {
  return options;
}

/**
 * The options of the pictures beside the relevance.
 * @param {Paint} options
 * @returns {Paint}
 */
export function ofSides(options) {
  return { ...options, width: options.sideWidth ?? options.width };
}

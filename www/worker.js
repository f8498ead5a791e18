// All of the engine's work: reading, explaining, painting. Holds the engine's objects; the page never sees them.

import init, { Model, Stay, gridLayout, inspect, lastPanic, paint, paintLegend, summary } from "../pkg/vitrine.js";

/** @import { Explanation } from "../pkg/vitrine.js" */
/** @import { Answer, ModelFacts, ModelFile, OpenRequest, Picture, Request, StayFile, View } from "./protocol.js" */

/**
 * What is open. Replaced as a whole, so that a request that fails half way leaves everything as it was.
 * @typedef {object} Open
 * @property {Model} [model]
 * @property {ModelFile} [modelFile]
 * @property {Stay} [stay]
 * @property {StayFile} [stayFile]
 * @property {Explanation} [lrp]
 * @property {Explanation} [gradient]
 * @property {OpenRequest["method"]} [method]
 * @property {OpenRequest["paint"]} [paint]
 */

/** @type {Open} */
let open = {};
const ready = init();

addEventListener("message", async (/** @type {MessageEvent<Request & { id: number }>} */ { data }) => {
  try {
    await ready;
    answer(data.type === "open" ? openAll(data.id, data) : inspectCell(data.id, data.row, data.step));
  } catch (error) {
    const fatal = isFatal(error);
    answer({ id: data.id, error: (fatal && panic()) || message(error), fatal });
  }
});

/** @param {Answer} reply */
function answer(reply) {
  const pictures = "view" in reply && reply.view.stay ? Object.values(reply.view.stay.pictures) : [];
  postMessage(reply, { transfer: pictures.flatMap(({ bitmap, legend }) => [bitmap, legend]) });
}

/**
 * @param {number} id
 * @param {OpenRequest} request
 * @returns {Answer}
 */
function openAll(id, request) {
  const next = { ...open, method: request.method ?? open.method, paint: request.paint ?? open.paint };
  try {
    if (request.model) readModel(next, request.model);
    if (request.stay) next.stayFile = request.stay;
    if (request.stay) parseStay(next);
    else if (request.model) refitStay(next);
    if (request.model || request.stay || request.method) explain(next);
    const view = look(next);
    const before = open;
    open = next;
    free(before, next);
    return { id, view };
  } catch (error) {
    // After a trap nothing of this instance may be touched again.
    if (!isFatal(error)) free(next, open);
    throw error;
  }
}

/**
 * @param {Open} next
 * @param {ModelFile} file
 */
function readModel(next, file) {
  next.modelFile = { name: file.name, onnx: new ArrayBuffer(0) };
  next.model = named(file.name, () => new Model(new Uint8Array(file.onnx), file.manifest, file.externalData));
}

/** @param {Open} next */
function parseStay(next) {
  const { model, stayFile } = next;
  if (model && stayFile) {
    next.stay = named(stayFile.name, () => Stay.parse(stayFile.text, model, { name: stayFile.name }));
  }
}

/**
 * Reads the open record again, for another model.
 * @param {Open} next
 */
function refitStay(next) {
  try {
    parseStay(next);
  } catch (error) {
    if (isFatal(error)) throw error;
    const { model, modelFile } = next;
    const shape = `${model?.steps} steps of ${model?.columns} columns`;
    throw new Error(
      `${modelFile?.name}: reads ${shape}, and the open stay does not fit it; open it together with a record of its own (${message(error)})`,
      { cause: error },
    );
  }
}

/** @param {Open} next */
function explain(next) {
  const { model, stay, method } = next;
  if (!model || !stay) return;
  const { input } = stay;
  named(next.modelFile?.name ?? "model", () => {
    next.lrp = model.explain(input, { method: "lrp", ...method });
    next.gradient = model.explain(input, { method: "gradient" });
  });
}

/**
 * Frees what `old` holds and `kept` does not.
 * @param {Open} old
 * @param {Open} kept
 */
function free(old, kept) {
  for (const key of /** @type {const} */ (["lrp", "gradient", "stay", "model"])) {
    if (old[key] !== kept[key]) old[key]?.free();
  }
}

/**
 * @param {Open} it
 * @returns {View}
 */
function look(it) {
  const { model, stay, lrp, gradient, paint: options } = it;
  if (!model || !it.modelFile) throw new Error("no model is open; open an ONNX file");
  const view = { model: facts(model, it.modelFile.name) };
  if (!stay || !lrp || !gradient || !options) return view;
  return {
    ...view,
    method: it.method,
    stay: {
      name: stay.name,
      isDemo: it.stayFile?.isDemo ?? false,
      trueLabel: it.stayFile?.trueLabel,
      report: stay.report,
      summary: summary(model, lrp, 0, engineOptions(options)),
      score: lrp.score,
      residual: lrp.residual,
      ledger: lrp.ledger,
      layout: gridLayout(model, engineOptions(options)),
      pictures: {
        input: picture("input", model, stay, undefined, options),
        lrp: picture("relevance", model, stay, lrp, options),
        gradient: picture("relevance", model, stay, gradient, options),
      },
    },
  };
}

/**
 * @param {Model} model
 * @param {string} file
 * @returns {ModelFacts}
 */
function facts(model, file) {
  const { manifest } = model;
  const channels = manifest.channels.map(({ label, group, unit }) => ({ label, group, unit }));
  return {
    file,
    name: manifest.name,
    description: manifest.description,
    steps: model.steps,
    columns: model.columns,
    stepHours: manifest.step_hours,
    outputs: model.outputs,
    parameters: model.parameters,
    channels,
  };
}

/**
 * @param {"input" | "relevance"} kind
 * @param {Model} model
 * @param {Stay} stay
 * @param {Explanation | undefined} explanation
 * @param {NonNullable<OpenRequest["paint"]>} options
 * @returns {Picture}
 */
function picture(kind, model, stay, explanation, options) {
  const canvas = new OffscreenCanvas(1, 1);
  const bar = new OffscreenCanvas(1, 1);
  paint(canvas, kind, model, stay, explanation, engineOptions(options));
  const width = options.legendWidth;
  const [low = 0, middle = 0, high = 0] = paintLegend(bar, kind, model, stay, explanation, { ...engineOptions(options), width });
  return { bitmap: canvas.transferToImageBitmap(), legend: bar.transferToImageBitmap(), ticks: [low, middle, high] };
}

/** @param {NonNullable<OpenRequest["paint"]>} options */
function engineOptions({ legendWidth: _, ...options }) {
  return options;
}

/**
 * @param {number} id
 * @param {number} row
 * @param {number} step
 * @returns {Answer}
 */
function inspectCell(id, row, step) {
  const { model, stay, lrp, gradient } = open;
  return { id, inspection: model && stay ? inspect(model, stay, row, step, lrp, gradient) : undefined };
}

/**
 * Runs something that may fail, and has its error name the file.
 * @template T
 * @param {string} file
 * @param {() => T} run
 * @returns {T}
 */
function named(file, run) {
  try {
    return run();
  } catch (error) {
    if (isFatal(error)) throw error;
    const text = message(error);
    throw new Error(text.includes(file) ? text : `${file}: ${text}`, { cause: error });
  }
}

/** What the engine said when it stopped, if it could still say something. */
function panic() {
  try {
    return lastPanic();
  } catch {
    return undefined;
  }
}

/** @param {unknown} error */
function message(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * A trap, an exhausted stack or an exhausted memory: the instance cannot be trusted any more.
 * @param {unknown} error
 */
function isFatal(error) {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}

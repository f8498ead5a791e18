// Taking away what is on screen, and opening it again. Each comes with what it was made from.

import { Editor, Figure, SavedView, ViewFile, provenanceComments, provenanceLines, toCsv } from "../../pkg/vitrine.js";
import { isFatal, named } from "./errors.js";
import { inWords, showSigns } from "./explaining.js";
import { parseFitting } from "./fitting.js";
import { engineOptions, shownAs } from "./open.js";

/** @import { Model, PaintOptions, Provenance } from "../../pkg/vitrine.js" */
/** @import { Handlers, Method, Paint, StayFile } from "../protocol.js" */
/** @import { Context } from "./context.js" */
/** @import { Networks } from "./fitting.js" */
/** @import { Open } from "./state.js" */

/** @type {Handlers} */
export const handlers = {
  takeCsv({ open }, _, context) {
    const { model, stay, lrp } = shown(open, context);
    return toCsv(model, stay, lrp, provenance(open));
  },

  takeSvg({ open }, { heading, words, names, theme, size, density }, context) {
    const { model, stay, lrp, gradient, paint } = shown(open, context);
    // A report is of all hours, whatever is shown of them.
    const whole = theme ? { window: undefined } : {};
    const options = { ...onPaper(paint, density), ...theme, ...size, ...whole };
    const figure = new Figure(model, options);
    try {
      figure.add(words.input, "input", model, stay, undefined, options);
      figure.add(words.lrp, "relevance", model, stay, lrp, { ...options, limit: paint.limits?.lrp });
      figure.add(words.gradient, "relevance", model, stay, gradient, { ...options, limit: paint.limits?.gradient });
      return { svg: figure.svg(model, heading, provenance(open), names) };
    } finally {
      figure.free();
    }
  },

  takeJson({ open }, _, context) {
    const { model, stay, lrp, gradient, paint } = shown(open, context);
    if (open.foreign !== undefined) throw new Error(`${open.foreign}: the map is from elsewhere and could not be made again; choose a method first`);
    if (open.knownSteps !== undefined) throw new Error("the stay is shown as of an earlier hour; show all hours first");
    const target = open.method?.target ?? 0;
    const file = new ViewFile(provenance(open), target, paint);
    const editor = open.editor ?? new Editor(model, stay, target);
    try {
      file.add("lrp", open.method ?? null, lrp);
      file.add("gradient", { method: "gradient" }, gradient);
      return file.json(model, editor);
    } finally {
      file.free();
      if (editor !== open.editor) editor.free();
    }
  },

  openSaved(state, { name, text, demo, recordNumber }, context) {
    const { open } = state;
    const { networks, modelSha256 } = open;
    if (!networks || !modelSha256) throw new Error("no model is open; open the ONNX file that the view was made with first");
    const model = networks.ofLength(({ columns }) => numbersIn(text) / columns);
    const saved = named(name, () => openedOrFreed(model, modelSha256, text));
    try {
      const { facts } = saved;
      const isOfDemo = demo !== undefined && isOf(saved, networks, demo);
      const editor = saved.takeEditor();
      const before = /** @type {Paint} */ (facts.view);
      const paint = { ...before, ...room(open.paint), track: trackOn(open.paint, before) };
      const method = /** @type {Method | undefined} */ (facts.options.lrp ?? undefined);
      const lrp = saved.explanation("lrp");
      showSigns(lrp, method);
      /** @type {Open} */
      const next = {
        ...open,
        model,
        alone: undefined,
        recordNumber,
        editor,
        stay: editor.stay(),
        whole: editor.stay(),
        knownSteps: undefined,
        effects: undefined,
        foreign: undefined,
        lrp,
        gradient: saved.explanation("gradient"),
        stayFile: {
          name: facts.stay,
          text: "",
          trueLabel: isOfDemo ? demo?.trueLabel : undefined,
          saved: { file: name, version: facts.provenance.version ?? "", isOfDemo },
        },
        dataSha256: facts.provenance.dataSha256,
        method,
        paint,
      };
      return { ...shownAs(state, next, context), paint };
    } finally {
      saved.free();
    }
  },

  provenance({ open }) {
    return provenanceLines(provenance(open));
  },
};

/**
 * Whether a view's readings are those of a demo stay: a file can bear any name.
 * @param {SavedView} saved
 * @param {Networks} networks
 * @param {StayFile} demo
 */
function isOf(saved, networks, demo) {
  let fitted;
  try {
    fitted = parseFitting(networks, demo);
    return saved.isOf(fitted.model, fitted.stay);
  } catch (error) {
    // A network that reads no demo stay has no view of one.
    if (isFatal(error)) throw error;
    return false;
  } finally {
    fitted?.stay.free();
    fitted?.model.free();
  }
}

/**
 * @param {Model} model is freed where the view cannot be opened
 * @param {string} sha256
 * @param {string} text
 */
function openedOrFreed(model, sha256, text) {
  try {
    return SavedView.open(model, sha256, text);
  } catch (error) {
    if (!isFatal(error)) model.free();
    throw error;
  }
}

/**
 * How many numbers a saved view has for the input; NaN where it is none, which the engine then says.
 * @param {string} text
 */
function numbersIn(text) {
  try {
    return JSON.parse(text).explanations[0].relevance.length;
  } catch {
    return NaN;
  }
}

/**
 * What is taken away: what the page shows, and nothing else, whatever failed before.
 * @param {Open} open
 * @param {Pick<Context, "shown">} [context] of a request of the page's
 */
export function shown({ model, stay, lrp, gradient, paint, id }, context) {
  if (context?.shown !== undefined && context.shown !== id) {
    throw new Error("what is on screen is not what the engine has open; open the record again");
  }
  if (!model || !stay || !lrp || !gradient || !paint) throw new Error("nothing is open that could be taken away");
  return { model, stay, lrp, gradient, paint };
}

/**
 * A table of many stays with the footer that stands under everything that is taken away.
 * @param {string} table
 * @param {Open} open
 * @param {Method | undefined} method by which the stays were explained
 */
export function footed(table, open, method) {
  return table + provenanceComments({ ...card(open), data: "many stays, a line each", dataSha256: "", method: inWords(method) });
}

/**
 * The network by its name and digest; of several shown as one the first has the name, and the digest is of all.
 * @param {Open} open
 */
function card({ model, modelSha256 = "unknown" }) {
  const { name = "", description: modelCard = "" } = model?.manifest ?? {};
  const others = (model?.networks ?? 1) - 1;
  return { model: others > 0 ? `${name} and ${others} more as one, their files one after another` : name, modelSha256, modelCard };
}

/**
 * @param {Open} open
 * @returns {Provenance}
 */
export function provenance(open) {
  const { lrp } = shown(open);
  const known = open.knownSteps === undefined ? "" : `, first ${open.knownSteps} steps only`;
  return {
    ...card(open),
    data: open.alone ? "no record: nothing observed" : (open.stayFile?.name ?? ""),
    dataSha256: open.dataSha256 ?? "unknown",
    nEdits: open.editor?.nDone ?? 0,
    method: `${open.foreign === undefined ? inWords(open.method) : `a map from elsewhere, ${open.foreign}`}${known}`,
    residual: Number.isNaN(lrp.residual) ? undefined : lrp.residual,
  };
}

/**
 * Lengths in CSS pixels, whatever the screen's density.
 * @param {Paint} paint
 * @param {number} density
 * @returns {PaintOptions}
 */
export function onPaper(paint, density) {
  const options = engineOptions(paint);
  const length = (/** @type {number | undefined} */ it) => (it === undefined ? undefined : Math.max(1, Math.round(it / density)));
  return {
    ...options,
    width: length(options.width),
    cellHeight: length(options.cellHeight),
    // A track that is not there stays away.
    track: options.track ? length(options.track) : 0,
    groupGap: length(options.groupGap),
    line: length(options.line),
  };
}

/**
 * What depends on the screen that a view is opened on, and not on the view.
 * @param {Paint | undefined} paint
 * @returns {Partial<Paint>}
 */
function room(paint) {
  if (!paint) return {};
  const { width, sideWidth, cellHeight, groupGap, line, barHeight, legendWidth, totalsWidth, stepsHeight, background, ink } = paint;
  return { width, sideWidth, cellHeight, groupGap, line, barHeight, legendWidth, totalsWidth, stepsHeight, background, ink };
}

/**
 * The height of a view's track on this screen: the same part of a row; none where it has none.
 * @param {Paint | undefined} here
 * @param {Paint} view
 */
function trackOn(here, { track = 0, cellHeight }) {
  const scale = here?.cellHeight && cellHeight ? here.cellHeight / cellHeight : 1;
  return track > 0 ? Math.max(1, Math.round(track * scale)) : 0;
}

// From the page's method to the engine's: what differences are explained from, what is taken away as one, and which
// methods take so many runs that they work in slices.

import { Stay, heldInput, occlusionTask, shapleyTask } from "../../pkg/vitrine.js";
import { isUsed } from "../method-fields.js";
import { named } from "./errors.js";
import { finish } from "./task.js";

/** @import { Effects, ExplainOptions, Explanation, GroupOptions, Model, Task } from "../../pkg/vitrine.js" */
/** @import { EffectsFacts, Method } from "../protocol.js" */
/** @import { Context } from "./context.js" */

/** @typedef {{ explanation: Explanation, effects?: EffectsFacts }} Explained */

/** The reference stay that was read last: painting anew does not read it again. @type {{ model: Model, text: string, input: Float32Array } | undefined} */
let read;

/** Why some methods do not serve many stays. */
const SENSITIVE = "a gradient says how sensitive the network is, not what raised or lowered the output";

/** Whether a method takes groups of measurements away. @param {Method | undefined} method */
export function isByGroups(method) {
  return method?.method === "occlusion" || method?.method === "shapley";
}

/**
 * The engine's options for a method that does not take groups away.
 * @param {Model} model
 * @param {Stay} stay
 * @param {Method | undefined} method
 * @returns {ExplainOptions}
 */
export function explainOptions(model, stay, method) {
  return { ...plain(method), baseline: baseline(model, stay, method) };
}

/**
 * A gradient that was asked for by name is shown with its signs; beside other methods its magnitude stands.
 * @param {Explanation | undefined} explanation
 * @param {Method | undefined} method that it was made by
 */
export function showSigns(explanation, method) {
  if (method?.method === "gradient") explanation?.showSigns();
}

/**
 * Whether a method says what raised and what lowered the output, and not how the output would follow a change.
 * @param {Method | undefined} method
 */
export function isOfEffects(method) {
  return !["gradient", "abs-gradient", "smooth-grad"].includes(method?.method ?? "lrp");
}

/**
 * Explains a stay, in slices where that takes long.
 * @param {Model} model
 * @param {Stay} stay
 * @param {Method | undefined} method
 * @param {Pick<Context, "progress" | "pause">} context
 * @returns {Promise<Explained>}
 */
export async function explained(model, stay, method, context) {
  if (!method || !isByGroups(method)) {
    const [explanation] = model.explainStay(stay, [explainOptions(model, stay, method)]);
    showSigns(explanation, method);
    return { explanation };
  }
  return facts(await finish(groupsTask(model, stay, method), context), method);
}

/**
 * Explains a stay at once: what follows an edit cannot wait.
 * @param {Model} model
 * @param {Stay} stay
 * @param {Method} method that takes groups away
 * @returns {Explained}
 */
export function explainedAtOnce(model, stay, method) {
  if (method.method === "shapley") {
    throw new Error("Shapley values take some thousand runs of the network for every change; choose another method while values are changed");
  }
  const task = groupsTask(model, stay, method);
  try {
    while (task.advance(100) < 1);
    return facts(task.result(), method);
  } finally {
    task.free();
  }
}

/**
 * A method as it serves many stays, each by itself.
 * @param {Method | undefined} method
 * @returns {ExplainOptions}
 * @throws for a method that would take too long, says nothing of raising and lowering, or belongs to one stay
 */
export function ofMany(method) {
  const kind = method?.method ?? "lrp";
  const refused = {
    shapley: "Shapley values take some thousand runs of the network for each stay",
    gradient: SENSITIVE,
    "abs-gradient": SENSITIVE,
    "smooth-grad": SENSITIVE,
  }[/** @type {string} */ (kind)];
  if (refused) throw new Error(`${refused}; choose another method for many stays`);
  if (kind === "occlusion" && (method?.by ?? "measurement") !== "measurement") {
    throw new Error("many stays are explained measurement by measurement; choose single measurements, or another method");
  }
  if (differs(kind) && (method?.reference ?? "normal") !== "normal") {
    throw new Error("many stays are held against a stay in which nothing was observed; choose that reference, or another method");
  }
  return plain(method);
}

/**
 * A method in words, with all that it depends on.
 * @param {Method | undefined} method
 */
export function inWords(method) {
  const { method: kind = "lrp", explain = "default", target = 0, ...rest } = method ?? {};
  const { epsilon = 0.01, biasFactor = 0, rule = "arras2017", gates = "all", steps, noise, reference, referenceHours, referenceStay } = rest;
  const { by = "measurement", window, orders, seed } = rest;
  const width = by.includes("window") && window !== undefined ? ` of ${window} h` : "";
  const from = { own: `the patient's own first ${referenceHours} hours`, stay: referenceStay?.name ?? "" }[/** @type {string} */ (reference)];
  const own = /** @type {Record<string, string>} */ ({
    lrp: `, rule ${rule}, gates ${gates}, epsilon ${epsilon}, bias factor ${biasFactor}`,
    "smooth-grad": `, ${steps ?? 50} noisy inputs, noise ${noise ?? 0.1}`,
    "integrated-gradients": `, at most ${steps ?? 4096} derivatives`,
    occlusion: `, by ${by}${width}`,
    shapley: `, by ${by}${width}, ${orders ?? 50} orders, seed ${seed ?? 0}`,
  })[kind] ?? "";
  const against = differs(kind) ? `, against ${from ?? "a stay in which nothing was observed"}` : "";
  return `${kind} of output ${target}, explain ${explain}${own}${against}`;
}

/** Whether a method explains the difference from a reference. @param {string} kind */
function differs(kind) {
  return kind === "deep-shap" || kind === "integrated-gradients";
}

/**
 * The engine's own options of a method.
 * @param {Method | undefined} method
 * @returns {ExplainOptions}
 */
function plain(method) {
  const { by: _a, window: _b, orders: _c, reference: _d, referenceHours: _e, referenceStay: _f, method: kind = "lrp", ...options } = method ?? {};
  if (kind === "map") throw new Error("a map from elsewhere cannot be made again; choose a method");
  // What was set for the method before is kept for when it is chosen again; the engine refuses it with others.
  const own = Object.entries(options).filter(([field]) => isUsed(kind, field));
  // The engine explains what groups add up to as it does what taking them away does.
  return { ...Object.fromEntries(own), method: kind === "shapley" ? "occlusion" : kind };
}

/**
 * The input that a difference is explained from; the engine's own, nothing observed, where none is named.
 * @param {Model} model
 * @param {Stay} stay
 * @param {Method | undefined} method
 */
function baseline(model, stay, method) {
  if (!method || !differs(method.method ?? "lrp")) return undefined;
  if (method.reference === "own") return heldInput(model, stay.input, steps(model, method.referenceHours ?? 0));
  if (method.reference !== "stay") return undefined;
  const { referenceStay: file } = method;
  if (!file) throw new Error("the reference stay is not at hand; choose it again");
  if (read?.model === model && read.text === file.text) return read.input;
  const other = named(file.name, () => Stay.parse(file.text, model, { ...file.options, name: file.name }));
  read = { model, text: file.text, input: other.input };
  other.free();
  return read.input;
}

/**
 * @param {Model} model
 * @param {number} hours
 */
function steps(model, hours) {
  return Math.max(1, Math.round(hours / model.manifest.step_hours));
}

/**
 * @param {Model} model
 * @param {Stay} stay
 * @param {Method} method
 * @returns {Task}
 */
function groupsTask(model, stay, method) {
  const isShapley = method.method === "shapley";
  /** @type {GroupOptions} */
  const groups = { by: method.by ?? "measurement" };
  if (groups.by?.includes("window")) groups.window = steps(model, method.window ?? 6);
  if (isShapley) groups.orders = method.orders;
  return (isShapley ? shapleyTask : occlusionTask)(model, stay, groups, plain(method));
}

/**
 * @param {Effects} effects
 * @param {Method} method
 * @returns {Explained}
 */
function facts(effects, method) {
  try {
    const { groups, strongest, explanation } = effects;
    return { explanation, effects: { groups, strongest, kind: method.method === "shapley" ? "shapley" : "occlusion" } };
  } finally {
    effects.free();
  }
}

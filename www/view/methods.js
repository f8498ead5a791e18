// What the methods are called, what their pictures mean, and which fields of the form are theirs.

import { t } from "../messages.js";
import { find } from "./dom.js";

/** @import { Key } from "../messages.js" */
/** @import { Method, MethodKind } from "../protocol.js" */

/** @type {readonly MethodKind[]} */
export const KINDS = ["lrp", "gradient-x-input", "integrated-gradients", "smooth-grad", "deep-shap", "occlusion", "shapley"];

const form = find("#method", HTMLFormElement);
const caption = find('.pane[data-pane="lrp"] figcaption', HTMLElement);

/** @param {Method | undefined} method @returns {MethodKind} */
export function kindOf(method) {
  return method?.method ?? "lrp";
}

/** @param {MethodKind} kind */
export function nameOf(kind) {
  return t(`method.${kind}`);
}

/** Whether a picture shows how sensitive the output is, and not what raised or lowered it. @param {MethodKind} kind */
export function isMagnitude(kind) {
  return kind === "smooth-grad";
}

/**
 * Says over the middle picture how it was made, and beside it what its colours mean.
 * @param {Method | undefined} method
 */
export function showCaption(method) {
  const kind = kindOf(method);
  const name = find("b", HTMLElement, caption);
  name.textContent = nameOf(kind);
  name.dataset.t = `method.${kind}`;
  find(".quiet", HTMLElement, caption).textContent = kind === "lrp" ? "Description: lrp" : kind;
  const side = isMagnitude(kind) ? "gradient" : "lrp";
  for (const end of ["low", "high"]) {
    const word = find(`.pane[data-pane="lrp"] .legend .${end}`, HTMLElement);
    word.dataset.t = `legend.${side}.${end}`;
    word.textContent = t(/** @type {Key} */ (word.dataset.t));
  }
}

/** Whether what a method takes away as one is a window. @param {MethodKind} kind */
function hasWindows(kind) {
  return find(kind === "shapley" ? "#players" : "#taken-away", HTMLSelectElement, form).value.includes("window");
}

/**
 * Shows the fields that belong to a method, and what the method does.
 * @param {MethodKind} kind
 */
export function offerFields(kind) {
  for (const part of form.querySelectorAll("[data-for]")) {
    if (part instanceof HTMLElement) part.hidden = !part.dataset.for?.split(" ").includes(kind) || (part.dataset.windows !== undefined && !hasWindows(kind));
  }
  const usual = find('#explain option[value=""]', HTMLOptionElement, form);
  usual.dataset.t = kind === "lrp" ? "explain.paper" : "explain.usual";
  usual.textContent = t(/** @type {Key} */ (usual.dataset.t));
  const what = find("#method-what", HTMLElement, form);
  what.dataset.t = `method.what.${kind}`;
  what.textContent = t(`method.what.${kind}`);
}

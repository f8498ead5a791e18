// What the methods are called, what their pictures mean, and which fields of the form are theirs.

import { t } from "../messages.js";
import { find } from "./dom.js";
import { kindOf, meaningOf, meaningShown } from "./meaning.js";

/** @import { Key } from "../messages.js" */
/** @import { MethodKind, View } from "../protocol.js" */
/** @import { Meaning } from "./meaning.js" */

export { kindOf, meaningOf, meaningShown };

/** @type {readonly MethodKind[]} */
export const KINDS = ["lrp", "gradient", "abs-gradient", "gradient-x-input", "integrated-gradients", "smooth-grad", "deep-shap", "occlusion", "shapley"];

const form = find("#method", HTMLFormElement);
const caption = find('.pane[data-pane="lrp"] figcaption', HTMLElement);

/** The file of the map from elsewhere that was shown last. */
let mapFile = "";

/** @param {MethodKind} kind */
export function nameOf(kind) {
  return kind === "map" ? mapFile : t(`method.${kind}`);
}

/** What the picture that is shown is called. @param {View | undefined} view */
export function nameShown(view) {
  return view?.foreign ?? nameOf(kindOf(view?.method));
}

/** What stands over a picture. @type {Record<Meaning, Key>} */
const CAPTIONS = { effect: "caption.effect", slope: "caption.slope", magnitude: "caption.magnitude" };

/** The words at the ends of a picture's colours, by their keys. @type {Record<Meaning, { low: Key, high: Key }>} */
const ENDS = {
  effect: { low: "legend.lrp.low", high: "legend.lrp.high" },
  slope: { low: "legend.slope.low", high: "legend.slope.high" },
  magnitude: { low: "legend.gradient.low", high: "legend.gradient.high" },
};

/** @param {Meaning} meaning */
export function ends(meaning) {
  return ENDS[meaning];
}

/**
 * @param {HTMLElement} place
 * @param {Key} key
 */
function call(place, key) {
  place.dataset.t = key;
  place.textContent = t(key);
}

/**
 * Says over the middle picture how it was made, and beside it what its colours mean.
 * @param {View} view
 * @param {boolean} isPaper whether the pictures are to be called as in the paper
 */
export function showCaption({ method, foreign, unnamed }, isPaper) {
  mapFile = foreign ?? mapFile;
  const kind = kindOf(method);
  const meaning = foreign === undefined ? meaningOf(kind) : "effect";
  const said = find(".quiet", HTMLElement, caption);
  const own = kind === "map" ? "map.elsewhere" : /** @type {const} */ (`method.${kind}`);
  call(find("b", HTMLElement, caption), isPaper ? own : CAPTIONS[meaning]);
  if (foreign === undefined) call(said, own);
  else delete said.dataset.t;
  if (isPaper) said.textContent = "Description: lrp";
  else if (foreign !== undefined) said.textContent = [`${foreign}, ${t("map.elsewhere")}`, ...(unnamed > 0 ? [t("map.unnamed", { count: unnamed })] : [])].join("; ");
  for (const [pane, plain] of /** @type {const} */ ([["input", "tab.input"], ["gradient", "caption.gradient"]])) {
    const other = find(`.pane[data-pane="${pane}"] figcaption`, HTMLElement);
    call(find("b", HTMLElement, other), isPaper ? `pane.${pane}` : plain);
    find(".quiet", HTMLElement, other).hidden = !isPaper;
  }
  for (const [end, key] of Object.entries(ends(meaning))) {
    const word = find(`.pane[data-pane="lrp"] .legend .${end}`, HTMLElement);
    word.dataset.t = key;
    word.textContent = t(key);
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
  if (kind === "map") return;
  const what = find("#method-what", HTMLElement, form);
  what.dataset.t = `method.what.${kind}`;
  what.textContent = t(`method.what.${kind}`);
}

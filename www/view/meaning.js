// What the picture of a method means.

/** @import { Method, MethodKind, View } from "../protocol.js" */

/** @param {Method | undefined} method @returns {MethodKind} */
export function kindOf(method) {
  return method?.method ?? "lrp";
}

/**
 * What a picture says of each cell: what it did to the output, which way the output would go if the value rose, or how
 * sensitive the output is, whichever way.
 * @typedef {"effect" | "slope" | "magnitude"} Meaning
 */

/** @param {MethodKind} kind @returns {Meaning} */
export function meaningOf(kind) {
  if (kind === "gradient") return "slope";
  return kind === "smooth-grad" || kind === "abs-gradient" ? "magnitude" : "effect";
}

/**
 * What the picture that is shown says: a map from elsewhere is taken to say what raised and lowered the output.
 * @param {View | undefined} view
 */
export function meaningShown(view) {
  return view?.foreign === undefined ? meaningOf(kindOf(view?.method)) : "effect";
}

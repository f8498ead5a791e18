// Which fields of a method are of which methods: what a method does not use is refused where a host asks for it.

/** @import { Method, MethodKind } from "./protocol.js" */

/** @type {MethodKind[]} */
const DIFFERENCES = ["deep-shap", "integrated-gradients"];
/** @type {MethodKind[]} */
const GROUPS = ["occlusion", "shapley"];

/** The methods that use each field; of every method where there is none. @type {Record<keyof Method, MethodKind[]>} */
const OWNERS = {
  method: [],
  target: [],
  explain: [],
  epsilon: ["lrp"],
  biasFactor: ["lrp"],
  rule: ["lrp"],
  gates: ["lrp"],
  steps: ["integrated-gradients", "smooth-grad"],
  noise: ["smooth-grad"],
  by: GROUPS,
  window: GROUPS,
  orders: ["shapley"],
  seed: [],
  reference: DIFFERENCES,
  referenceHours: DIFFERENCES,
  referenceStay: DIFFERENCES,
};

/**
 * Whether a method uses a field.
 * @param {string} kind
 * @param {string} field
 */
export function isUsed(kind, field) {
  const owners = /** @type {Record<string, string[]>} */ (OWNERS)[field] ?? [];
  return owners.length === 0 || owners.includes(kind);
}

/**
 * A method with what is asked of it anew.
 * @param {Partial<Method> | undefined} now
 * @param {Partial<Method>} asked
 * @param {string} place where it was asked, for the errors
 * @returns {Partial<Method>}
 * @throws for a field that is none, or that the method does not use: it would stand in the method's name and change nothing
 */
export function changed(now, asked, place) {
  if (typeof asked !== "object" || asked === null || Array.isArray(asked)) throw new Error(`${place}: give the method's options as an object`);
  const next = { ...now, ...asked };
  const kind = next.method ?? "lrp";
  for (const field of Object.keys(asked)) {
    if (!Object.hasOwn(OWNERS, field)) throw new Error(`${place}.${field}: is not one of ${Object.keys(OWNERS).join(", ")}`);
    if (isUsed(kind, field)) continue;
    const owners = OWNERS[/** @type {keyof Method} */ (field)].join(" and ");
    throw new Error(`${place}.${field}: is of ${owners} alone; ${kind} does not use it, so leave it out, or name the method beside it`);
  }
  return next;
}

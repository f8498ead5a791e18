// How the page is set up, kept in the address's hash alone: language, theme, method, picture. Never anything of a
// patient: neither names, nor values, nor what is open.

/** What may stand in the hash. */
const NAMES = /** @type {const} */ ([
  "embed", "lang", "theme", "hours", "keys", "method", "points", "samples", "noise", "takenAway", "players", "window", "orders", "seed", "reference", "referenceHours", "epsilon", "biasFactor", "rule", "gates", "explain", "palette", "part", "inRows", "signs", "totals", "rows",
]);
/** @typedef {typeof NAMES[number]} Name */

const LONGEST = 40;

/**
 * A setting, if it is set.
 * @param {Name} name
 */
export function get(name) {
  const value = new URLSearchParams(location.hash.slice(1)).get(name);
  return value !== null && value.length <= LONGEST ? value : undefined;
}

/**
 * Keeps settings; `undefined` is what the page does by itself, and does not stand in the hash.
 * @param {Partial<Record<Name, string | undefined>>} values
 */
export function set(values) {
  const before = new URLSearchParams(location.hash.slice(1));
  const after = new URLSearchParams();
  for (const name of NAMES) {
    const value = name in values ? values[name] : before.get(name);
    if (value !== undefined && value !== null) after.set(name, value);
  }
  const hash = String(after);
  history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
}

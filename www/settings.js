// How the page is set up, kept in the address's hash alone: language, theme, method, picture, which view and which demo
// stay. Never anything of a patient: neither names, nor values, nor what else is open.

/** What may stand in the hash. */
const NAMES = /** @type {const} */ ([
  "embed", "view", "stay", "lang", "theme", "hours", "keys", "method", "points", "samples", "noise", "takenAway", "players", "window", "orders", "seed", "reference", "referenceHours", "epsilon", "biasFactor", "rule", "gates", "explain", "palette", "part", "categories", "track", "scaling", "inRows", "signs", "totals", "rows",
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
  const { address } = changed(values);
  history.replaceState(null, "", address);
}

/**
 * The same for where the reader goes: "back" returns. In somebody else's page the way back is that page's.
 * @param {Partial<Record<Name, string | undefined>>} values
 */
export function go(values) {
  const { address, isOther } = changed(values);
  if (!isOther) return;
  if (window.parent === window) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

/**
 * Calls back when the reader went back, or on again.
 * @param {() => void} listener
 */
export function onReturn(listener) {
  addEventListener("popstate", listener);
}

/** @param {Partial<Record<Name, string | undefined>>} values */
function changed(values) {
  const before = new URLSearchParams(location.hash.slice(1));
  const after = new URLSearchParams();
  for (const name of NAMES) {
    const value = name in values ? values[name] : before.get(name);
    if (value !== undefined && value !== null) after.set(name, value);
  }
  const hash = String(after);
  const isOther = NAMES.some((name) => before.get(name) !== after.get(name));
  return { address: hash ? `#${hash}` : location.pathname + location.search, isOther };
}

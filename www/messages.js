// Words for people, in the language they chose: every visible text of the page is looked up here.
//
// A message is text with places in braces: "{rows} of {steps}". Numbers given for places are written as the language
// writes them. A message may also be an object of plural forms, chosen by the place `count`. The place `output` is filled by
// itself: with "risk" where what is shown is one.

import en from "./messages/en.js";
import hy from "./messages/hy.js";
import names from "./messages/hy/names.js";
import * as settings from "./settings.js";
import { shown } from "./shown.js";

/** @import { View } from "./protocol.js" */

/** @typedef {string | { one?: string, other: string }} Message */
/** @typedef {keyof typeof en} Key */
/** @typedef {"en" | "hy"} Language */

/** @type {Record<Language, Record<string, Message>>} */
const CATALOGUES = { en, hy };
/** What manifests call things, in languages other than the manifest's. @type {Record<string, Record<string, string>>} */
const NAMES = { hy: names };

/** The languages, by what they call themselves. @type {Record<Language, string>} */
export const LANGUAGES = { en: "English", hy: "Հայերեն" };

/**
 * How each language writes numbers. Not every browser knows how Armenian does: Portuguese does the same, with a decimal
 * comma, a space between thousands, and no space before the per cent sign.
 * @type {Record<Language, string[]>}
 */
const NUMBERS = { en: ["en"], hy: ["hy", "pt-PT"] };

/** The language of the first words: views may say something as soon as they are loaded. @type {Language} */
let current = wanted();
/** @type {Set<() => void>} */
const listeners = new Set();

/** The language that the address asks for, else the first of the reader's that the page has. @returns {Language} */
function wanted() {
  if (typeof document === "undefined") return "en";
  const codes = [settings.get("lang") ?? "", ...navigator.languages.map((code) => code.slice(0, 2))];
  return codes.find(isLanguage) ?? "en";
}

export function language() {
  return current;
}

/**
 * Whether the page has that language.
 * @param {string} code
 * @returns {code is Language}
 */
export function isLanguage(code) {
  return Object.hasOwn(CATALOGUES, code);
}

/** @param {Language} code */
export function setLanguage(code) {
  current = code;
  document.documentElement.lang = code;
  translate(document);
  for (const listener of listeners) listener();
}

/**
 * Calls back when the language has changed, after the texts of index.html have followed.
 * @param {() => void} listener
 */
export function onLanguage(listener) {
  listeners.add(listener);
}

/**
 * The message of that name.
 * @param {Key} key
 * @param {Record<string, string | number>} [places]
 * @returns {string}
 */
export function t(key, places = {}) {
  const message = CATALOGUES[current][key] ?? en[key];
  const text = typeof message === "string" ? message : plural(message, Number(places.count));
  return text.replace(/\{(\w+)\}/g, (whole, place) => {
    const value = places[place] ?? ownPlace(place);
    return typeof value === "number" ? formatter({ maximumSignificantDigits: 15 }).format(value) : (value ?? whole);
  });
}

/**
 * What is shown says what its output is called in texts: a risk, or an output that is none. "Output" begins a sentence.
 * @param {string} place
 */
function ownPlace(place) {
  if (place !== "output" && place !== "Output") return undefined;
  const word = t(speaksOfRisk(shown()) ? "word.risk" : "word.output");
  return place === "Output" ? word.charAt(0).toUpperCase() + word.slice(1) : word;
}

/** Whether a view's output is a risk. Before there is one, the page speaks of its own demo. @param {View | undefined} view */
export function speaksOfRisk(view) {
  return view?.stay?.summary.isProbability ?? true;
}

/**
 * A name that a manifest gives, as this language has it: channels by their name, groups and outcomes by themselves.
 * @param {"channel" | "group" | "outcome" | "category" | "unit" | "operation" | "stay" | "description"} kind
 * @param {string} name as the manifest spells it
 * @param {string} [label] what the manifest calls it
 */
export function name(kind, name, label = name) {
  return NAMES[current]?.[`${kind}.${name}`] ?? label;
}

/** @type {Map<string, Intl.NumberFormat>} */
const formatters = new Map();

/**
 * How this language writes numbers.
 * @param {Intl.NumberFormatOptions} options
 */
export function formatter(options) {
  const key = current + JSON.stringify(options);
  const known = formatters.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(NUMBERS[current], options);
  formatters.set(key, made);
  return made;
}

/**
 * A number as people type it: with a point or, in any language, a decimal comma.
 * @param {string} text
 * @returns {number} NaN where it is none
 */
export function parseNumber(text) {
  const plain = text.trim().replace("−", "-");
  return /^[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain.replace(",", ".")) : NaN;
}

/**
 * Fills in the texts of a piece of the document: `data-t` is the key of an element's text, `data-t-title`,
 * `data-t-aria-label` and `data-t-placeholder` are those of its attributes.
 * @param {ParentNode} root
 */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-t]")) {
    element.textContent = t(/** @type {Key} */ (element.getAttribute("data-t")));
  }
  for (const attribute of ["title", "aria-label", "placeholder", "content"]) {
    for (const element of root.querySelectorAll(`[data-t-${attribute}]`)) {
      element.setAttribute(attribute, t(/** @type {Key} */ (element.getAttribute(`data-t-${attribute}`))));
    }
  }
}

/**
 * @param {{ one?: string, other: string }} forms
 * @param {number} count
 */
function plural(forms, count) {
  const form = new Intl.PluralRules(current).select(count);
  return (form === "one" ? forms.one : undefined) ?? forms.other;
}

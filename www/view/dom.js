// The few things about the document that every view needs.

import { t } from "../messages.js";

/** @import { Key } from "../messages.js" */

/**
 * The element of that selector and type; the page is broken without it.
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} type
 * @param {ParentNode} [root]
 * @returns {T}
 */
export function find(selector, type, root = document) {
  const found = root.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`index.html has no ${selector}`);
  return found;
}

/**
 * An element that may scroll by itself, which then has to be reached by the keyboard as well.
 * @template {HTMLElement} E
 * @param {E} element
 */
export function scrolling(element) {
  element.tabIndex = 0;
  return element;
}

/**
 * The same as a box of that name.
 * @param {string} name
 * @param {string} kind its class
 * @param {...Node} children
 */
export function scroller(name, kind, ...children) {
  return scrolling(make("div", { class: kind, role: "group", ariaLabel: name }, ...children));
}

/**
 * What a new element is given: a class, what is done when it is pressed, `data-` attributes, and properties of its own.
 * @template {keyof HTMLElementTagNameMap} K
 * @typedef {{ class?: string, press?: (event: Event) => void, data?: Record<string, string> } & Partial<Omit<HTMLElementTagNameMap[K], "children">>} Given
 */

/**
 * A new element with text or children. No button sends a form.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Given<K>} [given]
 * @param {...(string | Node)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, { class: kind, press, data, ...properties } = {}, ...children) {
  const element = document.createElement(tag);
  if (element instanceof HTMLButtonElement) element.type = "button";
  if (kind) element.className = kind;
  if (press) element.addEventListener("click", press);
  if (data) Object.assign(element.dataset, data);
  Object.assign(element, properties);
  element.append(...children);
  return element;
}

/**
 * A new shape of a drawing.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
export function shape(tag, attributes, ...children) {
  const it = /** @type {SVGElement} */ (document.createElementNS("http://www.w3.org/2000/svg", tag));
  for (const [name, value] of Object.entries(attributes)) it.setAttribute(name, String(value));
  it.append(...children);
  return it;
}

/**
 * Lines in a box of 1 by 1, as thick in every size of it; none where there is nothing to be drawn.
 * @param {(readonly [path: string | undefined, kind: string])[]} lines
 */
export function lines(lines) {
  return lines.flatMap(([d, kind]) => (d ? [shape("path", { d, class: kind, "vector-effect": "non-scaling-stroke" })] : []));
}

/**
 * A new element whose words follow the language.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Key} key
 * @param {Given<K>} [given]
 */
export function say(tag, key, given) {
  const element = make(tag, given, t(key));
  element.dataset.t = key;
  return element;
}

/** The head of a table. @param {Key[]} keys */
export function columns(keys) {
  return make("thead", {}, make("tr", {}, ...keys.map((key) => make("th", { scope: "col" }, t(key)))));
}

/**
 * A line of a table: its name, and what stands in its cells.
 * @param {string | Node} name
 * @param {...(string | Node)} cells
 */
export function tableRow(name, ...cells) {
  return make("tr", {}, make("th", { scope: "row" }, name), ...cells.map((cell) => make("td", {}, cell)));
}

/**
 * Gives an element another text, if it is another one: the same text once more would cost a layout.
 * @param {Element | null | undefined} element
 * @param {string} text
 */
export function rewrite(element, text) {
  if (!element || element.textContent === text) return;
  const { firstChild, childNodes } = element;
  // A text that becomes another one is cheaper than one that takes another's place.
  if (firstChild instanceof Text && childNodes.length === 1 && text !== "") firstChild.data = text;
  else element.textContent = text;
}

/**
 * A button whose words follow the language.
 * @param {Key} key
 * @param {() => void} run
 */
export function button(key, run) {
  return say("button", key, { press: run });
}

/**
 * A list to choose from, whose words follow the language: a value is what its key ends with.
 * @param {string} id
 * @param {Key[]} keys
 */
export function choice(id, keys) {
  return make("select", { id }, ...keys.map((key) => say("option", key, { value: key.slice(key.lastIndexOf(".") + 1) })));
}

/**
 * A field with its label.
 * @param {Key} key
 * @param {HTMLSelectElement | HTMLInputElement} field
 */
export function labelled(key, field) {
  return make("span", {}, say("label", key, { htmlFor: field.id }), field);
}

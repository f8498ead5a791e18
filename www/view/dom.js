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
 * A new element with text or children.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {{ class?: string }} [options]
 * @param {...(string | Node)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  if (options.class) element.className = options.class;
  element.append(...children);
  return element;
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
  const it = make("button", {}, t(key));
  it.type = "button";
  it.dataset.t = key;
  it.addEventListener("click", run);
  return it;
}

/**
 * A list to choose from, whose words follow the language: a value is what its key ends with.
 * @param {string} id
 * @param {Key[]} keys
 */
export function choice(id, keys) {
  const select = make("select", {}, ...keys.map((key) => {
    const option = make("option", {}, t(key));
    option.value = key.slice(key.lastIndexOf(".") + 1);
    option.dataset.t = key;
    return option;
  }));
  select.id = id;
  return select;
}

/**
 * A field with its label.
 * @param {Key} key
 * @param {HTMLSelectElement | HTMLInputElement} field
 */
export function labelled(key, field) {
  const label = make("label", {}, t(key));
  label.htmlFor = field.id;
  label.dataset.t = key;
  return make("span", {}, label, field);
}

// How to explain and how to paint, as chosen in the form.

import { find } from "./dom.js";

/** @import { Method, Paint } from "../protocol.js" */

const form = find("#method", HTMLFormElement);

/**
 * Reports changes: `method` needs a new explanation, `picture` only new paint.
 * @param {(what: "method" | "picture") => void} onChange
 */
export function watch(onChange) {
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ({ target }) => {
    const name = target instanceof HTMLElement ? target.getAttribute("name") : "";
    onChange(name === "palette" || name === "part" ? "picture" : "method");
  });
}

/**
 * The method as chosen.
 * @returns {Method}
 * @throws when a number is missing or out of range
 */
export function method() {
  const data = new FormData(form);
  const text = (/** @type {string} */ name) => String(data.get(name));
  const number = (/** @type {string} */ name) => {
    const field = find(`[name="${name}"]`, HTMLInputElement, form);
    if (field.value === "" || !field.checkValidity()) {
      const label = form.querySelector(`label[for="${field.id}"]`)?.textContent?.toLowerCase() ?? name;
      throw new Error(`${label}: ${field.validationMessage || "a number is needed"}`);
    }
    return field.valueAsNumber;
  };
  return {
    epsilon: number("epsilon"),
    biasFactor: number("biasFactor"),
    rule: /** @type {Method["rule"]} */ (text("rule")),
    gates: /** @type {Method["gates"]} */ (text("gates")),
    // Nothing chosen: the engine's default, which depends on the model.
    explain: /** @type {Method["explain"]} */ (text("explain") || undefined),
  };
}

/**
 * Sets the form to a method.
 * @param {Method} method
 */
export function show(method) {
  for (const [name, value] of Object.entries(method)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = String(value ?? "");
  }
}

/**
 * The picture's choices, with the page's two colours as the engine wants them.
 * @returns {{ palette: NonNullable<Paint["palette"]>, part: NonNullable<Paint["part"]>, background: string, ink: string }}
 */
export function picture() {
  const data = new FormData(form);
  const styles = getComputedStyle(document.body);
  return {
    palette: /** @type {NonNullable<Paint["palette"]>} */ (String(data.get("palette"))),
    part: /** @type {NonNullable<Paint["part"]>} */ (String(data.get("part"))),
    background: hex(styles.backgroundColor),
    ink: hex(styles.color),
  };
}

/** Switches between light and dark, starting from what the system prefers. */
export function switchTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
}

/**
 * `rgb(252, 251, 249)` as `#fcfbf9`.
 * @param {string} colour a computed colour
 */
function hex(colour) {
  const bytes = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  return `#${bytes.map((byte) => Math.round(byte).toString(16).padStart(2, "0")).join("")}`;
}

// The demo stays that come with the page.

import { find, make } from "./dom.js";

/** @import { StayFile } from "../protocol.js" */

/**
 * One line of `stays/index.json`.
 * @typedef {object} Demo
 * @property {string} file
 * @property {string} name
 * @property {string} [description]
 * @property {number} [trueLabel]
 * @property {boolean} synthetic
 */

const list = find("#demo-stay", HTMLSelectElement);
const description = find("#stay-description", HTMLElement);
/** @type {Demo[]} */
let demos = [];
/** Each file is asked for once. @type {Map<string, StayFile>} */
const loaded = new Map();

/**
 * Fills the list.
 * @param {(demo: Demo) => void} onPick
 * @returns {Promise<Demo>} the first one
 */
export async function fill(onPick) {
  demos = await (await ask("stays/index.json")).json();
  list.replaceChildren(...demos.map(({ file, name }) => {
    const option = make("option", {}, name.replace(/ \(synthetic\)$/, ""));
    option.value = file;
    return option;
  }));
  list.size = demos.length;
  list.addEventListener("change", () => {
    const demo = demos.find(({ file }) => file === list.value);
    if (demo) onPick(demo);
  });
  if (!demos[0]) throw new Error("stays/index.json: lists no stay");
  return demos[0];
}

/**
 * @param {Demo} demo
 * @returns {Promise<StayFile>}
 */
export async function load({ file, trueLabel }) {
  const known = loaded.get(file);
  if (known) return known;
  const stay = { name: file, text: await (await ask(`stays/${file}`)).text(), trueLabel };
  loaded.set(file, stay);
  return stay;
}

/**
 * Shows which demo stay is open, if any, and gives its name as people read it.
 * @param {string} file
 */
export function mark(file) {
  const demo = demos.find((one) => one.file === file);
  list.value = demo?.file ?? "";
  description.textContent = demo?.description ?? "";
  if (!demo) return file;
  return demo.synthetic && !/synthetic/i.test(demo.name) ? `${demo.name} (synthetic)` : demo.name;
}

/**
 * A file of this page's own.
 * @param {string} path relative to the page
 */
export async function ask(path) {
  const response = await fetch(new URL(path, document.baseURI)).catch((error) => {
    throw new Error(`${path}: cannot be loaded (${error instanceof Error ? error.message : error})`);
  });
  if (!response.ok) throw new Error(`${path}: the server answers ${response.status} ${response.statusText}`);
  return response;
}

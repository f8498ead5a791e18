// Files from anywhere: dropped on the page or picked. Sorted by name; what is in them is the engine's business.

import { bytesOf, textOf } from "../files.js";
import { t } from "../messages.js";
import { find } from "./dom.js";
import { isStay } from "./face.js";
import { isDragging } from "./labels.js";

/** @import { ModelFile, StayFile } from "../protocol.js" */

/** @import { Key } from "../messages.js" */
/** @import { Action } from "../page.js" */

/** @typedef {{ model?: ModelFile, stay?: StayFile, manifest?: { name: string, text: string } }} Opened */

/**
 * Someone who takes files that are neither one record nor one model: a folder of records, a saved explanation.
 * @typedef {object} Taker
 * @property {(files: File[]) => boolean | Promise<boolean>} wants
 * @property {(files: File[], action: Action, leftOut: string[]) => void | Promise<void>} take
 * @property {boolean} [listsLeftOut] whether it says what was left out of archives
 */

/** Bytes of a file that is looked into whole. */
const LARGEST_MANIFEST = 16 * 2 ** 20;

/** @type {Taker[]} */
const takers = [];

/** Where in a dropped folder a file lay. @type {WeakMap<File, string>} */
const paths = new WeakMap();

/**
 * Asks to be offered files before they are opened as a record or a model.
 * @param {Taker} taker
 * @param {boolean} [isFirst] before those who asked earlier
 */
export function addTaker(taker, isFirst = false) {
  if (isFirst) takers.unshift(taker);
  else takers.push(taker);
}

/**
 * Offers files to those who asked for them.
 * @param {File[]} files
 * @param {Action} action
 * @param {string[]} leftOut what could not be taken out of archives among them, and why
 * @returns {Promise<boolean>} whether one of them took the files
 */
export async function offer(files, action, leftOut) {
  for (const taker of takers) {
    if (!(await taker.wants(files))) continue;
    if (!taker.listsLeftOut) refuseLeftOut(leftOut);
    await taker.take(files, action, leftOut);
    return true;
  }
  refuseLeftOut(leftOut);
  return false;
}

/** @param {string[]} leftOut */
function refuseLeftOut(leftOut) {
  if (leftOut.length > 0) throw new Error(`${leftOut.join("; ")}; unpack it, and open the records alone`);
}

/**
 * A file's name with its folders, as far as they are known.
 * @param {File} file
 */
export function pathOf(file) {
  return file.webkitRelativePath || paths.get(file) || file.name;
}

const veil = find("#drop", HTMLElement);

/**
 * Hands on files dropped anywhere on the page.
 * @param {(files: File[] | Promise<File[]>) => void} onFiles
 */
export function watch(onFiles) {
  let depth = 0;
  const cover = (/** @type {number} */ change) => {
    if (isDragging() || isStay()) return;
    depth = Math.max(0, depth + change);
    veil.hidden = depth === 0;
  };
  addEventListener("dragenter", (event) => {
    event.preventDefault();
    cover(+1);
  });
  addEventListener("dragleave", () => cover(-1));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    cover(0);
    if (isDragging() || isStay()) return;
    if (event.dataTransfer) onFiles(dropped(event.dataTransfer));
  });
  addEventListener("paste", (event) => {
    if (isStay()) return;
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    const pasted = isTyping || !event.clipboardData ? [] : fromClipboard(event.clipboardData);
    if (pasted.length > 0) onFiles(pasted);
  });
}

/**
 * What was pasted: files, or the text of a record.
 * @param {DataTransfer} clipboard
 */
function fromClipboard(clipboard) {
  const text = clipboard.getData("text/plain");
  if (clipboard.files.length > 0) return [...clipboard.files];
  return text.trim() ? [new File([text], `${t("pasted")}.csv`)] : [];
}

/**
 * What was dropped, with the files of folders. Read at once: a transfer is empty when its event is over.
 * @param {DataTransfer} transfer
 * @returns {Promise<File[]> | File[]}
 */
function dropped(transfer) {
  const files = [...transfer.files];
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory)) return files;
  return Promise.all(entries.map((entry) => (entry ? within(entry) : []))).then((all) => all.flat());
}

/**
 * The files of an entry and of all folders in it.
 * @param {FileSystemEntry} entry
 * @returns {Promise<File[]>}
 */
async function within(entry) {
  if (entry.isFile) {
    const it = /** @type {FileSystemFileEntry} */ (entry);
    /** @type {File} */
    const file = await new Promise((resolve, reject) => it.file(resolve, reject));
    if (entry.fullPath) paths.set(file, entry.fullPath.replace(/^\//, ""));
    return [file];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {File[]} */
  const files = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return files;
    for (const inner of some) files.push(...(await within(inner)));
  }
}

/**
 * Whether a file says what a network's columns and outputs mean. What is wrong in it is the engine's to say.
 * @param {File} file
 */
export async function isManifest(file) {
  if (!/\.json$/i.test(file.name) || file.size > LARGEST_MANIFEST) return false;
  const text = await textOf(file);
  return /"format"\s*:\s*"vitrine-manifest\//.test(text) || (/"channels"\s*:/.test(text) && /"step_hours"\s*:/.test(text));
}

/**
 * Takes a manifest without its network, alone or with one record: it is laid over the network that is open.
 * @param {File[]} files
 */
export async function isOverlay(files) {
  if (files.length > 2 || files.some(({ name }) => /\.(onnx|data|bin|weights)$/i.test(name))) return false;
  return (await Promise.all(files.map(isManifest))).filter(Boolean).length === 1;
}

/**
 * Reads files: one record, or one model with its external data and manifest, or both; or a manifest for the open model.
 * @param {File[]} files
 * @returns {Promise<Opened>}
 */
export async function read(files) {
  const models = files.filter(({ name }) => /\.onnx$/i.test(name));
  const data = files.filter(({ name }) => /\.(data|bin|weights)$/i.test(name));
  // Beside a model every such file is its manifest; by itself, it has to look like one.
  const hasModel = models.length + data.length > 0;
  const isOne = await Promise.all(files.map((file) => (hasModel ? /\.json$/i.test(file.name) : isManifest(file))));
  const manifests = files.filter((_, at) => isOne[at]);
  const records = files.filter((file) => ![...models, ...data, ...manifests].includes(file));
  if (records.length > 1 || manifests.length > 1 || (models.length > 1 && data.length > 0)) {
    throw new Error(`${names(files)}: open one record and one model at a time, or several models that are one file each and read the same columns`);
  }
  if (models.length === 0 && data.length > 0) {
    // torch calls the second file after the first: model.onnx.data.
    const missing = data.map(({ name }) => name.replace(/\.(data|bin|weights)$/i, "")).find((name) => /\.onnx$/i.test(name));
    throw new Error(`${names([...data, ...manifests])}: this belongs to a model; open it together with ${missing ?? "its .onnx file"}`);
  }
  /** @type {Opened} */
  const opened = {};
  models.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  if (models[0]) opened.model = await model(models[0], manifests[0], data);
  // Several are shown as one.
  const others = models.slice(1).map(async (file) => ({ name: file.name, onnx: await bytesOf(file) }));
  if (opened.model && others.length > 0) opened.model.others = await Promise.all(others);
  if (manifests[0] && !opened.model) opened.manifest = { name: manifests[0].name, text: await textOf(manifests[0]) };
  if (records[0]) opened.stay = { name: records[0].name, text: await textOf(records[0]) };
  return opened;
}

/** Networks as other programs keep them, by their endings, and the words that say how to export them. @type {[RegExp, Key][]} */
const FOREIGN = [
  [/\.(h5|hdf5|keras)$/i, "foreign.keras"],
  [/\.(pt|pth|ckpt|safetensors)$/i, "foreign.torch"],
  [/\.(pkl|pickle|joblib)$/i, "foreign.sklearn"],
  [/\.(pb|tflite)$/i, "foreign.tensorflow"],
];

/**
 * Says of a network of another program how to export it.
 * @param {File[]} files
 */
export function refuseForeign(files) {
  for (const { name } of files) {
    const key = FOREIGN.find(([ending]) => ending.test(name))?.[1];
    if (key) throw new Error(t(key, { name }));
  }
}

/**
 * Whether a file is a map from elsewhere: an array of NumPy's, or a table with a column of relevance.
 * @param {File | undefined} file
 */
export async function isMap(file) {
  if (!file || !/\.(npy|csv|txt)$/i.test(file.name)) return false;
  const start = await file.slice(0, 1024).text();
  if (start.startsWith("\ufffdNUMPY")) return true;
  const [head = ""] = start.split(/\r?\n/, 1);
  return head.split(/[,;\t]/).some((name) => name.trim().toLowerCase() === "relevance");
}

/**
 * @param {File} onnx
 * @param {File | undefined} manifest
 * @param {File[]} data
 * @returns {Promise<ModelFile>}
 */
async function model(onnx, manifest, data) {
  /** @type {ModelFile} */
  const file = { name: onnx.name, onnx: await bytesOf(onnx), manifest: manifest && (await textOf(manifest)), manifestName: manifest?.name };
  if (data.length) {
    const entries = data.map(async (part) => /** @type {const} */ ([part.name, new Uint8Array(await bytesOf(part))]));
    file.externalData = Object.fromEntries(await Promise.all(entries));
  }
  return file;
}

/** @param {File[]} files */
function names(files) {
  return files.map(({ name }) => name).join(", ");
}

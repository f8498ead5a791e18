// Taking away what is on screen: as a table, as a picture, as a file that opens again. The engine makes the
// content and what it was made from; the page hands it over.

import { bytesOf, textOf } from "../files.js";
import { t } from "../messages.js";
import { addExport, engine, present, shown } from "../page.js";
import { editsOf } from "../state.js";
import * as arrangement from "./arrangement.js";
import * as controls from "./controls.js";
import * as drop from "./drop.js";
import * as methods from "./methods.js";
import * as paper from "./paper.js";
import * as picker from "./picker.js";
import { save } from "./save.js";
import * as strip from "./strip.js";
import * as words from "./words.js";

/** @import { Action } from "../page.js" */

/** Pixels of a picture for each of the figure's. */
const DENSITY = 2;
/** Three pictures side by side on a sheet, whatever the screen shows of them. */
const ON_PAPER = { width: 240, cellHeight: 18 };

export function start() {
  addExport({ label: "export.png", run: async () => save(`${name()}.png`, "image/png", await bytes(await png())) });
  addExport({ label: "export.svg", run: async () => save(`${name()}.svg`, "image/svg+xml", await svg()) });
  addExport({ label: "export.csv", run: async () => save(`${name()}.csv`, "text/csv", await engine.request("takeCsv", undefined)) });
  addExport({ label: "export.json", run: async () => save(`${name()}-view.json`, "application/json", await engine.request("takeJson", undefined)) });
  addExport({ label: "export.report", run: async () => save(`${name()}-report.html`, "text/html", await paper.file()) });
  // A frame may have neither leave to print nor the clipboard, and a sandboxed one has not: what does not work is not there.
  if (window.parent === window) {
    addExport({ label: "export.copy", run: copy });
    addExport({ label: "export.print", run: paper.print });
  }
  drop.addTaker({ wants: async (files) => files.length === 1 && isSaved(files[0]), take: openSaved });
  drop.addTaker({ wants: async (files) => files.length === 1 && drop.isMap(files[0]), take: openMap });
}

/** What a file shows, by its name: which demo stay, as of which hour. Of a record of the reader's own it says nothing. */
export function name() {
  const { stay, model } = shown() ?? {};
  const slug = picker.slug(stay);
  if (!stay || !model || !slug) return "vitrine";
  const hours = `${(stay.knownSteps ?? model.steps) * model.stepHours}h`;
  return ["vitrine", slug, hours, ...(editsOf(stay) > 0 ? ["edited"] : [])].join("-");
}

/** @param {File | undefined} file */
async function isSaved(file) {
  return Boolean(file) && (await file?.slice(0, 64).text())?.trimStart().startsWith('{"format":"vitrine-view/') === true;
}

/**
 * @param {File[]} files
 * @param {Action} action
 */
async function openSaved([file], { signal }) {
  if (!file) return;
  const text = await textOf(file);
  const demo = await picker.demoOf(stayNamed(text), signal);
  const { paint, ...view } = await engine.request("openSaved", { name: file.name, text, demo }, { signal });
  // The form says how the pictures that came with the file were painted and made.
  controls.showPicture(paint);
  present(view);
  const method = shown()?.method;
  if (method) controls.show(method);
}

/**
 * The name of a saved view's stay, as far as the text is one: the engine says what is wrong with it otherwise.
 * @param {string} text
 */
function stayNamed(text) {
  try {
    return JSON.parse(text)?.stay?.name;
  } catch {
    return undefined;
  }
}

/**
 * A map from elsewhere in place of what the method says, under its file's name.
 * @param {File[]} files
 * @param {Action} action
 */
async function openMap([file], { signal }) {
  if (file) present(await engine.request("openMap", { name: file.name, bytes: await bytesOf(file) }, { signal }));
}

/** The pictures as one document of shapes and text. */
export async function svg() {
  return strip.onFigure(await figure());
}

/** The same on paper, without the strip, which stands over it; hours that are not known are hatched. */
export async function paperSvg() {
  return strip.onlyHatched(await figure(controls.paper()));
}

/**
 * The pictures as the engine writes them.
 * @param {{ background: string, ink: string }} [theme] the screen's, if not given
 */
async function figure(theme) {
  const { stay, model } = shown() ?? {};
  if (!stay || !model) throw new Error(t("export.nothing"));
  const kind = methods.kindOf(shown()?.method);
  const foreign = shown()?.foreign;
  const magnitude = { low: t("legend.gradient.low"), high: t("legend.gradient.high") };
  const meaning = methods.meaningShown(shown());
  const { low, high } = methods.ends(meaning);
  const title = foreign ?? (kind === "lrp" ? t("tab.lrp") : methods.nameOf(kind));
  const hasTracks = stay.layout.tracks.some((height) => height > 0);
  const note = (/** @type {"lrp" | "gradient"} */ name) =>
    [name === "lrp" ? words.hatching(meaning) : "", hasTracks ? t("track.legend") : "", controls.scaleNote(stay.pictures[name], name === "lrp" && !stay.isMagnitude), words.counted(stay.knownSteps)].filter(Boolean).join("\n") || undefined;
  const written = {
    input: { title: t("tab.input"), low: t("legend.input.low"), high: t("legend.input.high"), note: [words.marks(), words.tinted(model), words.doubtful(stay.summary)].filter(Boolean).join("\n") },
    lrp: { title, totals: words.totals(theme ? [0, model.steps] : arrangement.steps(), model), ...controls.totals(), low: t(low), high: t(high), note: note("lrp") },
    gradient: { title: t("tab.gradient"), ...magnitude, note: note("gradient") },
  };
  const density = window.devicePixelRatio || 1;
  // A report says itself whose it is and how high the risk.
  const heading = theme ? [] : [picker.title(stay), `${words.predicted(stay.summary)}: ${words.output(stay.summary.probability, stay.summary)}`];
  const { svg: text } = await engine.request("takeSvg", { heading, words: written, names: words.figure(model, stay.layout, stay.summary), theme, size: theme && ON_PAPER, density });
  return text;
}

export async function png() {
  return pixels(await svg());
}

/**
 * A document as pixels, twice as fine as on an ordinary screen.
 * @param {string} text an SVG document
 */
export async function pixels(text) {
  const image = await loaded(text);
  const canvas = new OffscreenCanvas(image.naturalWidth * DENSITY, image.naturalHeight * DENSITY);
  const context = canvas.getContext("2d");
  if (!context) throw new Error(t("export.canvas"));
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/png" });
}

/** @param {string} text an SVG document */
async function loaded(text) {
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  const image = new Image();
  try {
    image.src = url;
    await image.decode();
    return image;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** @param {Blob} blob */
export async function bytes(blob) {
  return new Uint8Array(await blob.arrayBuffer());
}

async function copy() {
  if (typeof ClipboardItem === "undefined") throw new Error(t("export.noClipboard"));
  await navigator.clipboard.write([new ClipboardItem({ "image/png": png() })]);
}

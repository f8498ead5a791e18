// What a network is made of, and what each method can do with it: in the panel of the model, or, where no record is open,
// at the top, with files to fill in.

import { formatter, name, t } from "../messages.js";
import { act, engine, onShow, shown } from "../page.js";
import { editsOf } from "../state.js";
import { button, columns, find, make, scroller, tableRow } from "./dom.js";
import * as methods from "./methods.js";
import { save } from "./save.js";
import { assumed } from "./words.js";

/** @import { Key } from "../messages.js" */
/** @import { Anatomy, View } from "../protocol.js" */

/** So many of a network's layers, inputs or outputs are listed. */
const LISTED = 200;

const place = find("#alone", HTMLElement);
const why = make("p");
const parts = make("div", { class: "anatomy" });
const files = make("p", { class: "alone-files" },
  button("alone.record", () => take("record", "text/csv", "-template.csv")),
  button("alone.manifest", () => take("manifest", "application/json", "-manifest.json")),
  make("span", { class: "small quiet" }));

/** The anatomy that was read last, and of which opening of a network. @type {{ of: number, it: Anatomy } | undefined} */
let last;

/** The panel of the network, where its parts stand beside a record. */
const panel = find("#facts", HTMLDetailsElement);

export function start() {
  place.append(why, files, parts);
  onShow(show);
  panel.addEventListener("toggle", () => void showParts());
}

/** @param {View} view */
function show(view) {
  const { alone, stay, model } = view;
  const before = document.body.dataset.record;
  document.body.dataset.record = stay ? (alone ? "alone" : "open") : alone ? "none" : "";
  // Nothing raised or lowered anything yet: where the network is touchy is what can be seen.
  if (stay && before !== document.body.dataset.record) find(alone ? "#tab-gradient" : "#tab-lrp", HTMLButtonElement).click();
  why.hidden = !alone;
  why.replaceChildren(...(alone ? said(alone, model, stay !== undefined && editsOf(stay) > 0) : []));
  const about = find("span", HTMLElement, files);
  about.dataset.t = model.hasOpenSteps ? "alone.files.open" : "alone.files";
  about.textContent = t(/** @type {Key} */ (about.dataset.t));
  if (alone) place.append(why, files, parts);
  else find("div", HTMLElement, panel).append(parts, files);
  place.hidden = !alone;
  void showParts();
}

/** Says what the network is made of, where that is in sight. */
async function showParts() {
  const view = shown();
  if (!view || !(view.alone || panel.open)) return;
  const of = view.of.model;
  try {
    if (last?.of !== of) {
      parts.replaceChildren();
      const it = await engine.request("anatomy", undefined);
      // Something else may have been opened meanwhile.
      if (!it || shown()?.of.model !== of) return;
      last = { of, it };
    }
    parts.replaceChildren(...drawn(last.it));
  } catch (error) {
    console.warn("what the network is made of could not be read", error);
  }
}

/** @param {NonNullable<View["alone"]>} alone @param {View["model"]} model @param {boolean} isEdited */
function said({ why: reason, problem }, model, isEdited) {
  const english = (/** @type {string} */ text) => {
    return make("span", { class: "quiet", lang: "en" }, ` ${text}`);
  };
  return [
    make("b", {}, t("alone.none")), " ",
    t(problem ? "alone.problem" : isEdited ? "alone.edited" : "alone.shown"),
    ...(problem ? [english(problem)] : []),
    ...(reason ? [" ", t("alone.unfit"), english(reason)] : []),
    ...(model.assumedLayout.length > 0 ? [" ", `${assumed(model)}.`] : []),
  ];
}

/**
 * @param {"record" | "manifest"} of
 * @param {string} type
 * @param {string} ending
 */
function take(of, type, ending) {
  act(t("export.doing", { what: t(`alone.${of}`) }), t("export.failed"), async () => {
    const file = shown()?.model.file.replace(/\.onnx$/i, "") ?? "network";
    save(`${file}${ending}`, type, await engine.request("template", { of }));
  });
}

/** @param {Anatomy} it */
function drawn({ inputs, layers, parameters, outputs, leftOut, methods: all }) {
  const whole = (/** @type {number} */ it) => formatter({}).format(it);
  return [
    part(t("alone.inputs", { count: inputs.length }), ["alone.name", "alone.shape", "alone.columns", "alone.part"],
      inputs.map(({ name: input, shape, column, columns, part: kind }) =>
        [input, shape.join(" × "), columns > 1 ? `${whole(column)}–${whole(column + columns - 1)}` : whole(column), t(`alone.part.${kind}`)])),
    make("div", {}, part(t("alone.layers", { count: layers.length, parameters: whole(parameters) }), ["alone.name", "alone.operation", "alone.numbers"],
      layers.map(({ name: layer, operation, outputs: count }) => [layer, name("operation", operation), whole(count)])), ...rest(leftOut)),
    part(t("alone.outputs", { count: outputs.length }), ["alone.name"], outputs.map((output) => [output])),
    part(t("alone.methods"), ["alone.method", "alone.can"], all.map(({ method, refusal }) =>
      [methods.nameOf(/** @type {import("../protocol.js").MethodKind} */ (method)), refusal || t("alone.yes")])),
  ];
}

/** What of the file is left out, where anything is. @param {Anatomy["leftOut"]} leftOut */
function rest(leftOut) {
  if (leftOut.length === 0) return [];
  const rows = leftOut.map(({ name: input, why: reason }) => [input, t(`alone.left.${reason}`)]);
  return [part(t("alone.left", { count: leftOut.length }), ["alone.name", "alone.left.why"], rows)];
}

/**
 * @param {string} title
 * @param {Key[]} head
 * @param {string[][]} rows
 */
function part(title, head, rows) {
  const table = make("table", {}, columns(head), make("tbody", {}, ...rows.slice(0, LISTED).map(([first = "", ...rest]) => tableRow(first, ...rest))));
  const more = rows.length > LISTED ? [make("p", { class: "quiet" }, t("alone.more", { count: rows.length - LISTED }))] : [];
  return make("section", {}, make("h3", {}, title), scroller(title, "", table, ...more));
}

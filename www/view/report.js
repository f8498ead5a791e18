// What was read of a record, and what the network is.

import { find, make } from "./dom.js";
import * as words from "./words.js";

/** @import { ModelFacts, Note, StayView } from "../protocol.js" */

const report = find("#report", HTMLDetailsElement);
const facts = find("#facts", HTMLDetailsElement);

/**
 * @param {StayView} stay
 * @param {ModelFacts} model
 */
export function showReport({ name, report: it }, model) {
  const skipped = it.rowsSkipped.length;
  const gist = [`${words.counted(it.rowsRead, "row")} read`, skipped ? `${skipped} skipped` : ""];
  if (it.implausible.length) gist.push(words.counted(it.implausible.length, "implausible value"));
  const observed = model.channels.map(({ label }, row) =>
    make("div", {}, make("span", {}, label), make("span", {}, `${it.observed[row]} of ${model.steps}`)));
  fill(report, gist.filter(Boolean).join(", "), [
    make("p", { class: "small" }, `${name}, read as ${it.format}. Hours in which each channel was observed:`),
    make("div", { class: "columns" }, ...observed),
    ...list("Rows skipped", it.rowsSkipped),
    ...list("Implausible values", it.implausible),
    ...list("Notes", it.notes),
  ]);
}

/** @param {ModelFacts} model */
export function showFacts(model) {
  /** @type {[string, string][]} */
  const rows = [
    ["Name", model.name],
    ["File", model.file],
    ["Input", `${model.steps} steps of ${words.clinical(model.stepHours)} h, ${words.counted(model.columns, "column")}, ${words.counted(model.channels.length, "channel")}`],
    ["Outputs", model.outputs.join(", ")],
    ["Parameters", words.clinical(model.parameters)],
  ];
  const entries = rows.flatMap(([name, text]) => [make("dt", {}, name), make("dd", {}, text)]);
  const about = model.description ? [make("p", {}, model.description)] : [];
  fill(facts, model.file, [...about, make("dl", { class: "facts" }, ...entries)]);
}

/**
 * @param {HTMLDetailsElement} panel
 * @param {string} gist stands beside the panel's name
 * @param {Node[]} content
 */
function fill(panel, gist, content) {
  const summary = find("summary", HTMLElement, panel);
  summary.replaceChildren(summary.firstChild ?? "", make("span", { class: "quiet" }, gist));
  find("div", HTMLElement, panel).replaceChildren(...content);
}

/**
 * @param {string} name
 * @param {Note[]} notes
 */
function list(name, notes) {
  if (notes.length === 0) return [];
  const items = notes.map(({ line, channel, message }) => {
    const where = [line ? `line ${line}` : "", channel].filter(Boolean).join(", ");
    return make("li", {}, where ? `${where}: ${message}` : message);
  });
  return [make("p", { class: "small" }, `${name} (${notes.length})`), make("ul", {}, ...items)];
}

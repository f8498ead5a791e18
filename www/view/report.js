// What was read of a record, and what the network is.

import { isCommitted } from "../digests.js";
import { formatter, t } from "../messages.js";
import { find, make, scrolling } from "./dom.js";
import * as words from "./words.js";

/** @import { Key } from "../messages.js" */
/** @import { ModelFacts, Note, StayView } from "../protocol.js" */

/** What the engine calls formats, for people. @type {Record<string, Key>} */
const FORMATS = { mimic3: "format.mimic3", physionet2012: "format.physionet2012", fhir: "format.fhir", long: "format.long" };

const report = find("#report", HTMLDetailsElement);
const facts = find("#facts", HTMLDetailsElement);

/**
 * @param {StayView} stay
 * @param {ModelFacts} model
 */
export function showReport({ name, saved, report: it }, model) {
  // Saved before there was such a list, a report has none.
  const { rowsUnused = 0, unused = [], replaced = [], contradictions = [] } = it;
  const skipped = it.rows - it.rowsRead - rowsUnused;
  const gist = [t("report.rows", { count: it.rowsRead }), skipped ? t("report.skipped", { count: skipped }) : ""];
  if (it.implausible.length) gist.push(t("report.implausible", { count: it.implausible.length }));
  if (contradictions.length) gist.push(t("report.contradictions", { count: contradictions.length }));
  const observed = model.channels.map((channel, row) => {
    const count = t("report.of", { observed: it.observed[row] ?? 0, steps: model.steps });
    return make("div", {}, make("span", {}, words.channel(channel)), make("span", {}, count));
  });
  fill(report, gist.filter(Boolean).join(", "), [
    ...(saved ? [make("p", { class: "small saved" }, t("report.saved", { file: saved.file, version: saved.version }))] : []),
    make("p", { class: "small" }, t(model.stepHours === 1 ? "report.how" : "report.howOfSteps", { name, format: FORMATS[it.format] ? t(FORMATS[it.format]) : it.format })),
    make("div", { class: "columns" }, ...observed),
    ...list(
      t("report.contradicting"),
      contradictions.map(({ line, channels, message }) => ({ line, channel: channels.join(", "), message })),
    ),
    ...list(t("report.skippedRows"), it.rowsSkipped),
    ...list(t("report.implausibleValues"), it.implausible),
    ...list(t("report.notes"), it.notes),
    ...list(t("report.replaced"), replaced),
    ...list(t("report.unused"), unused),
  ]);
}

/** @param {ModelFacts} model */
export function showFacts(model) {
  const { steps, columns, channels, stepHours } = model;
  const shape = { steps, hours: words.clinical(stepHours), columns, channels: channels.length };
  /** @type {[string, string][]} */
  const rows = [
    [t("facts.name"), model.name],
    [t("facts.file"), model.file],
    ...model.files.map((network) => /** @type {[string, string]} */ ([
      model.files.length > 1 ? `${t("facts.sha256")}, ${network.file}` : t("facts.sha256"),
      [network.sha256, committed(network)].filter(Boolean).join(": "),
    ])),
    [t("facts.manifest"), manifestOf(model)],
    [t("facts.input"), [t(model.hasOpenSteps ? "facts.shape.open" : "facts.shape", shape), words.assumed(model)].filter(Boolean).join(". ")],
    [t("facts.outputs"), model.outputs.join(", ")],
    [t("facts.parameters"), formatter({}).format(model.parameters)],
  ];
  const entries = rows.flatMap(([name, text]) => [make("dt", {}, name), make("dd", {}, text)]);
  const about = model.description ? [make("p", {}, model.description)] : [];
  const beside = [model.file, model.manifest.file && manifestOf(model), model.assumedLayout.length > 0 && t("facts.axes.short")];
  fill(facts, beside.filter(Boolean).join(", "), [...about, make("dl", { class: "facts" }, ...entries)]);
}

/** Whether a network is the one that its name promises. @param {ModelFacts["files"][number]} network */
function committed(network) {
  const is = isCommitted(network);
  return is === undefined ? "" : t(is ? "facts.committed" : "facts.notCommitted");
}

/** @param {ModelFacts} model */
function manifestOf({ manifest: { source, file } }) {
  return t(`facts.manifest.${source}`, { file: file ?? t("facts.manifest.given") });
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
    const where = [line ? t("report.line", { line }) : "", channel].filter(Boolean).join(", ");
    // The engine's own words are English, whatever the page speaks.
    return make("li", { lang: "en" }, where ? `${where}: ${message}` : message);
  });
  return [make("p", { class: "small" }, `${name} (${notes.length})`), scrolling(make("ul", {}, ...items))];
}

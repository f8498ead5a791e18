// How far the explanations of many stays can be believed: the checks of one stay, made of every stay that was read, and
// their means.

import { textOf } from "../files.js";
import { t } from "../messages.js";
import { act, engine } from "../page.js";
import { button, columns, make, say, scroller } from "./dom.js";
import * as methods from "./methods.js";
import * as numbersHelp from "./numbers-help.js";
import { save } from "./save.js";
import * as words from "./words.js";

/** A record with what is said of it. @typedef {{ file: File, options: StayOptions | undefined }} Given */
/** @import { StayOptions } from "../../pkg/vitrine.js" */
/** @import { Method, TrustCheck, TrustRow, TrustSummary, TrustVerdict } from "../protocol.js" */

const found = make("div", { class: "trust-found" });

/**
 * The section of the view.
 * @param {() => { files: Given[], method: Method | undefined }} read the records that were read, and how they were explained
 */
export function section(read) {
  const heading = say("h3", "cohort.trust");
  const press = () => act(t("trust.doing"), t("trust.failed"), (action) => check(read(), action));
  const ask = say("button", "cohort.trust.ask", { id: "cohort-trust-ask", press });
  const how = say("p", "cohort.trust.how", { class: "small quiet" });
  return make("section", { class: "trust", id: "cohort-trust" }, heading, make("div", { class: "trust-ask" }, ask, how), found);
}

/** By the names of the stays. @type {Map<string, TrustVerdict>} */
const verdicts = new Map();
let tellVerdicts = () => {};

/** Calls back when there are other verdicts. @param {() => void} listener */
export function onVerdicts(listener) {
  tellVerdicts = listener;
}

/** What the checks said of a stay, if they were made. @param {string} name */
export function verdictOf(name) {
  return verdicts.get(name);
}

/** Other stays were read: what was found of those before goes. */
export function clear() {
  found.replaceChildren();
  verdicts.clear();
}

/**
 * Checks one record after another. What was measured before a cancellation is shown.
 * @param {{ files: Given[], method: Method | undefined }} read
 * @param {import("../page.js").Action} action
 */
async function check({ files, method }, { signal, tell }) {
  if (files.length === 0) throw new Error(t("cohort.trust.none"));
  const name = methods.nameOf(methods.kindOf(method));
  /** @type {TrustRow[]} */
  const rows = [];
  clear();
  try {
    for (const { file, options } of files) {
      tell(t("cohort.progress", { done: rows.length, total: files.length }), rows.length / files.length);
      const record = { name: file.name, text: await textOf(file), options };
      rows.push(...(await engine.request("trustStays", { record, method }, { signal })));
    }
  } finally {
    for (const { name: stay, verdict } of rows) if (verdict) verdicts.set(stay, verdict);
    tellVerdicts();
    if (rows.length > 0) show(await engine.request("trustSummary", { rows, method }), name, files.length);
  }
}

/**
 * @param {TrustSummary} it
 * @param {string} method
 * @param {number} total
 */
function show(it, method, total) {
  const [holds, shaky, not] = it.verdicts;
  const said = make("p", { role: "status" }, t("cohort.trust.found", { method, count: it.stays, total, failed: it.failed, holds, shaky, not }));
  found.replaceChildren(said, scroller(t("cohort.trust"), "compare-scroll", table(it.checks)),
    make("p", { class: "small quiet" }, t("cohort.trust.interval", { resamples: it.resamples })),
    make("p", { class: "cohort-tools" },
      button("cohort.trust.csv", () => save("vitrine-trust.csv", "text/csv", it.csv)),
      button("cohort.trust.rowsCsv", () => save("vitrine-trust-stays.csv", "text/csv", it.rowsCsv)),
      numbersHelp.ask("cohort")));
}

/** @param {TrustCheck[]} checks */
function table(checks) {
  return make("table", { class: "trust-table" }, columns(["trust.check", "cohort.trust.mean", "trust.result"]), make("tbody", {}, ...checks.map(line)));
}

/** @param {TrustCheck} check */
function line({ question, mean: { value, interval: [low, high] }, decides }) {
  const name = make("th", { scope: "row" }, make("b", {}, t(`trust.${question}`)), make("br"), t(`trust.${question}.what`));
  const number = words.checked(question);
  const mean = t("cohort.interval", { value: number(value), low: number(low), high: number(high) });
  return make("tr", {}, name, ...[`${mean} ${t(`trust.${question}.unit`)}`, t(decides ? "trust.is.decides" : "trust.is.beside")].map((text) => make("td", {}, text)));
}

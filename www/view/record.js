// Records that leave something open: whose observations are read, what hour zero is, what the columns and names of a
// table are. Asked in a dialog, before or after the engine has said what it does not know.

import { textOf } from "../files.js";
import { t } from "../messages.js";
import { engine, open, shown } from "../page.js";
import * as controls from "./controls.js";
import { make } from "./dom.js";
import { addTaker } from "./drop.js";

/** @import { RecordTable, StayOptions } from "../../pkg/vitrine.js" */
/** @import { Action } from "../page.js" */

const LOOK = 4096;
const COLUMNS = /** @type {const} */ (["time", "variable", "value", "unit", "patient"]);
const LABELS = /** @type {const} */ ({ time: "record.time", variable: "record.variable", value: "record.value", unit: "record.unit", patient: "record.whose" });

export function start() {
  addTaker({ wants, take });
}

/** @param {File[]} files */
async function wants(files) {
  const file = files.length === 1 ? files[0] : undefined;
  if (!file || !/\.(json|ndjson|csv|txt|fhir)$/i.test(file.name)) return false;
  const start = await file.slice(0, LOOK).text();
  return /^\s*\uFEFF?[[{]/.test(start) ? start.includes('"resourceType"') : isTable(start);
}

/**
 * A table with one measurement a row: no column `Hours` beside those of the variables.
 * @param {string} start
 */
function isTable(start) {
  const header = (start.split(/\r?\n/, 1)[0] ?? "").toLowerCase().split(",");
  return header.length >= 3 && header.length <= 40 && !header.some((name) => /^"?hours"?$/.test(name.trim())) && !start.includes("\0");
}

/**
 * @param {File[]} files
 * @param {Action} action
 */
async function take([file], { signal }) {
  if (!file) return;
  const text = await textOf(file);
  const read = (/** @type {StayOptions} */ options) => {
    const stay = { name: file.name, text, options };
    return open(shown()?.method ? { stay } : { stay, method: controls.method() }, { signal });
  };
  const isJson = /^\s*\uFEFF?[[{]/.test(text);
  const patients = isJson ? await engine.request("recordPatients", { text }) : [];
  if (patients.length > 1 || (isJson && text.includes('"Encounter"'))) {
    const options = await ask([patientField(patients), zeroField()]);
    if (options) await read(options);
    return;
  }
  try {
    await read({});
  } catch (error) {
    // The engine's own words for a table that it does not know.
    const isOpen = error instanceof Error && (isJson ? /option patient/ : /mapping\.|option patient|no header with a column/).test(error.message);
    if (!isOpen) throw error;
    await askTable(text, read, error);
  }
}

/**
 * Asks for a table's columns first, and then for its names, which depend on them.
 * @param {string} text
 * @param {(options: StayOptions) => Promise<void>} read
 * @param {Error} first
 */
async function askTable(text, read, first) {
  const table = await engine.request("recordTable", { text });
  const chosen = await ask([columnsField(table)]);
  if (!chosen) throw first;
  const columns = chosen.mapping?.columns;
  const named = await engine.request("recordTable", { text, columns });
  const options = await ask([variablesField(named), whoseField(named), zeroField(false)]);
  if (!options) throw first;
  await read({ format: "long", ...options, mapping: { columns, variables: options.mapping?.variables } });
}

/** One part of the dialog: what it shows, and what it adds to the options. @typedef {{ element: HTMLElement, add: (options: StayOptions) => void }} Field */

/**
 * @param {Field[]} fields
 * @returns {Promise<StayOptions | undefined>} nothing where the reader gave up
 */
function ask(fields) {
  const dialog = make("dialog", { class: "record" });
  const form = make("form");
  form.method = "dialog";
  const give = make("button", {}, t("record.cancel"));
  Object.assign(give, { type: "submit", value: "cancel", formNoValidate: true });
  const go = make("button", {}, t("record.open"));
  Object.assign(go, { type: "submit", value: "open" });
  const heading = make("h2", {}, t("record.title"));
  heading.id = "record-title";
  dialog.setAttribute("aria-labelledby", heading.id);
  form.append(heading, ...fields.map(({ element }) => element), make("p", { class: "pair" }, go, give));
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue !== "open") return done(undefined);
      /** @type {StayOptions} */
      const options = {};
      for (const { add } of fields) add(options);
      done(options);
    });
  });
}

/**
 * A list to choose from, with its label.
 * @param {string} label
 * @param {[string, string][]} choices value and text
 * @param {string} [value]
 */
function choice(label, choices, value = "") {
  const select = make("select");
  select.append(...choices.map(([value, text]) => Object.assign(make("option", {}, text), { value })));
  select.value = value;
  return { select, element: make("label", { class: "choice" }, label, select) };
}

/** @param {import("../../pkg/vitrine.js").RecordPatient[]} patients @returns {Field} */
function patientField(patients) {
  const choices = patients.map(({ reference, observations }) => /** @type {[string, string]} */ ([reference, t("record.observations", { name: reference, count: observations })]));
  const { select, element } = choice(t("record.patient"), choices, patients[0]?.reference);
  return { element, add: (options) => (options.patient = select.value) };
}

/** @param {boolean} [encounters] whether the record may hold encounters @returns {Field} */
function zeroField(encounters = true) {
  /** @type {[string, string][]} */
  const choices = [["", t("record.zero.first")], ...(encounters ? [/** @type {[string, string]} */ (["encounter-start", t("record.zero.encounter")])] : []), ["given", t("record.zero.given")]];
  const { select, element } = choice(t("record.zero"), choices);
  const time = make("input");
  time.type = "datetime-local";
  time.ariaLabel = t("record.zero.given");
  time.hidden = true;
  select.addEventListener("change", () => {
    time.hidden = select.value !== "given";
    time.required = !time.hidden;
  });
  element.append(time);
  return {
    element,
    add: (options) => {
      if (select.value) options.timeZero = select.value === "given" ? time.value : select.value;
    },
  };
}

/** @param {RecordTable} table @returns {Field} */
function columnsField(table) {
  const element = make("fieldset", {}, make("legend", {}, t("record.columns")));
  const selects = COLUMNS.map((role) => {
    const choices = [/** @type {[string, string]} */ (["", t("record.none")]), ...table.columns.map((name) => /** @type {[string, string]} */ ([name, name]))];
    const { select, element: label } = choice(t(LABELS[role]), choices, table.roles[role] ?? "");
    select.required = role === "time" || role === "variable" || role === "value";
    element.append(label);
    return /** @type {const} */ ([role, select]);
  });
  return {
    element,
    add: (options) => {
      const columns = Object.fromEntries(selects.filter(([, { value }]) => value).map(([role, { value }]) => [role, value]));
      options.mapping = { ...options.mapping, columns };
    },
  };
}

/** @param {RecordTable} table @returns {Field} */
function variablesField(table) {
  const element = make("fieldset", {}, make("legend", {}, t("record.variables")));
  const channels = shown()?.model.channels ?? [];
  const choices = [/** @type {[string, string]} */ (["", t("record.none")]), ...channels.map(({ name, label }) => /** @type {[string, string]} */ ([name, label]))];
  const selects = table.variables.map(({ name, channel }) => {
    const { select, element: label } = choice(name, choices, channel ?? "");
    element.append(label);
    return /** @type {const} */ ([name, select]);
  });
  return {
    element,
    add: (options) => {
      options.mapping = { ...options.mapping, variables: Object.fromEntries(selects.map(([name, { value }]) => [name, value])) };
    },
  };
}

/** @param {RecordTable} table @returns {Field} */
function whoseField({ patients }) {
  if (patients.length < 2) return { element: make("span"), add: () => {} };
  const { select, element } = choice(t("record.patient"), patients.map((name) => [name, name]), patients[0]);
  return { element, add: (options) => (options.patient = select.value) };
}

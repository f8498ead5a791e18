// Records that leave something open: whose observations are read, what hour zero is, what the columns and names of a
// table are. Asked in a dialog, before or after the engine has said what it does not know.

import { EngineError } from "../engine.js";
import { isRecordName, textOf } from "../files.js";
import { t } from "../messages.js";
import { engine, open, shown } from "../page.js";
import * as cohort from "./cohort.js";
import * as controls from "./controls.js";
import { make } from "./dom.js";
import { addTaker } from "./drop.js";
import { save } from "./save.js";
import * as words from "./words.js";

/** @import { RecordQuestion, RecordTable, StayOptions } from "../../pkg/vitrine.js" */
/** @import { Action } from "../page.js" */

const LOOK = 4096;
/** So much of a table is shown where its columns are asked for. */
const [SHOWN_LINES, SHOWN_LETTERS] = [3, 200];
const MAPPING = "vitrine-mapping/1";
/** What a table of PhysioNet 2019 calls its hours: its columns are known, and nothing of it is guessed. */
const CHALLENGE_2019 = "ICULOS";
const COLUMNS = /** @type {const} */ (["time", "variable", "value", "unit", "patient", "encounter"]);
const LABELS = /** @type {const} */ ({
  time: "record.time",
  variable: "record.variable",
  value: "record.value",
  unit: "record.unit",
  patient: "record.whose",
  encounter: "record.ofStay",
});

export function start() {
  addTaker({ wants, take });
  addTaker({ wants: async (files) => (await Promise.all(files.map(isMapping))).includes(true), take: takeMapped, listsLeftOut: true }, true);
}

/** @param {File} file */
async function isMapping(file) {
  return /\.json$/i.test(file.name) && (await file.slice(0, 128).text()).includes(`"${MAPPING}"`);
}

/**
 * A table, or several, and what their columns and names are, as it was said of such a table before.
 * @param {File[]} files
 * @param {Action} action
 * @param {string[]} leftOut
 */
async function takeMapped(files, action, leftOut) {
  const which = await Promise.all(files.map(isMapping));
  const [mappings, tables] = [files.filter((_, index) => which[index]), files.filter((_, index) => !which[index])];
  const [mapping, table] = [mappings[0], tables[0]];
  if (!mapping || !table || mappings.length > 1) {
    const names = files.map(({ name }) => name).join(", ");
    throw new Error(`${names}: a mapping says what the columns of tables are; drop one together with the tables that it is for`);
  }
  const said = parsed(mapping.name, await textOf(mapping));
  delete said.format;
  /** @type {StayOptions} */
  const options = { format: "long", mapping: said };
  if (tables.length > 1 || leftOut.length > 0) return cohort.take(tables, action, leftOut, options);
  await readAsking(reader(table, await textOf(table), action), options);
}

/**
 * @param {string} name
 * @param {string} text
 * @returns {Record<string, unknown>}
 */
function parsed(name, text) {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${name}: not valid as JSON; save the mapping again`, { cause });
  }
}

/** @param {File[]} files */
async function wants(files) {
  const file = files.length === 1 ? files[0] : undefined;
  if (!file || !isRecordName(file)) return false;
  const start = await file.slice(0, LOOK).text();
  const isJson = /^\s*\uFEFF?[[{]/.test(start);
  return isJson ? /"(resourceType|\w*value\w*|\w*time\w*|\w*offset|hours?)"\s*:/i.test(start) && !start.includes('"vitrine-') : isTable(start);
}

/**
 * A table: of many stays' labels it is none.
 * @param {string} start
 */
function isTable(start) {
  const header = (start.split(/\r?\n/, 1)[0] ?? "").toLowerCase().split(/[,;\t|]/);
  return (
    header.length >= 2 &&
    header.length <= 400 &&
    !["y_true", "in-hospital_death"].some((name) => header.includes(name)) &&
    !start.includes("\0")
  );
}

/**
 * @param {File[]} files
 * @param {Action} action
 */
async function take([file], action) {
  if (!file) return;
  const text = await textOf(file);
  const read = reader(file, text, action);
  const guessed = await guessedTable(text);
  if (guessed) return confirmTable(guessed, text, read);
  try {
    await readAsking(read, {});
  } catch (error) {
    // The engine's own words for a table that it does not know.
    const isAsked = error instanceof EngineError && error.question;
    const isOpen = !isAsked && error instanceof Error && /mapping\.|no header with a column/.test(error.message);
    if (!isOpen || (/^\s*\uFEFF?[[{]/.test(text) && !/mapping\./.test(error.message))) throw error;
    await askTable(text, read);
  }
}

/** @typedef {(options: StayOptions) => Promise<void>} Read */

/**
 * @param {File} file
 * @param {string} text
 * @param {Action} action
 * @returns {Read}
 */
function reader(file, text, { signal }) {
  return async (options) => {
    const stay = { name: file.name, text, options };
    await open(shown()?.method ? { stay } : { stay, method: controls.method() }, { signal });
    // The form says how the picture was made: a number that was refused must not stand beside it.
    const method = shown()?.method;
    if (method) controls.show(method);
  };
}

/**
 * A table with a column for each variable, of which some are called otherwise than by the model: what they are is guessed.
 * @param {string} text
 */
async function guessedTable(text) {
  if (/^\s*\uFEFF?[[{]/.test(text)) return undefined;
  const table = await engine.request("recordTable", { text }).catch(() => undefined);
  if (!table?.isWide || table.columns.includes(CHALLENGE_2019)) return undefined;
  return table.variables.some(({ name, channel }) => channel && name !== channel) ? table : undefined;
}

/**
 * Reads a record, and asks for as long as the engine has a question.
 * @param {Read} read
 * @param {StayOptions} options
 * @returns {Promise<StayOptions | undefined>} with all answers; nothing where the reader gave up
 */
async function readAsking(read, options) {
  for (let known = options; ;) {
    try {
      await read(known);
      return known;
    } catch (error) {
      const question = error instanceof EngineError ? error.question : undefined;
      if (!question) throw error;
      const answer = await ask([questionField(question), ...(question.option === "timeZero" ? [] : [zeroField()])]);
      // Who gives the question up keeps what is open: that is no error.
      if (!answer) return undefined;
      const units = { ...known.mapping?.units, ...answer.mapping?.units };
      known = { ...known, ...answer, mapping: { ...known.mapping, ...answer.mapping, units } };
    }
  }
}

/**
 * Has the columns of a table confirmed that were guessed by their names, and reads it.
 * @param {RecordTable} table
 * @param {string} text
 * @param {Read} read
 */
async function confirmTable(table, text, read) {
  const keep = keepField();
  const note = { element: make("p", { class: "small" }, t("record.guessed")), add: () => {} };
  const options = await ask([note, startField(text), variablesField(table), keep]);
  if (!options) return;
  const mapping = { columns: { time: table.roles.time }, variables: options.mapping?.variables };
  await readKeeping(read, { format: "long", mapping }, keep.isWanted());
}

/**
 * Asks for a table's columns first, and then for its names, which depend on them.
 * @param {string} text
 * @param {Read} read
 */
async function askTable(text, read) {
  const table = await engine.request("recordTable", { text });
  const chosen = await ask([startField(text), columnsField(table)]);
  if (!chosen) return;
  const columns = chosen.mapping?.columns;
  const named = await engine.request("recordTable", { text, columns });
  const keep = keepField();
  const options = await ask([startField(text), variablesField(named), whoseField(named), zeroField(), keep]);
  if (!options) return;
  const mapping = { columns, variables: options.mapping?.variables };
  await readKeeping(read, { format: "long", ...options, mapping }, keep.isWanted());
}

/**
 * Reads a table, and saves what was said of it where that is wanted.
 * @param {Read} read
 * @param {StayOptions} options
 * @param {boolean} isKept
 */
async function readKeeping(read, options, isKept) {
  const known = await readAsking(read, options);
  if (!known || !isKept) return;
  save("vitrine-mapping.json", "application/json", `${JSON.stringify({ format: MAPPING, ...known.mapping }, null, 2)}\n`);
}

/** One part of the dialog: what it shows, and what it adds to the options. @typedef {{ element: HTMLElement, add: (options: StayOptions) => void }} Field */

/**
 * @param {Field[]} fields
 * @returns {Promise<StayOptions | undefined>} nothing where the reader gave up
 */
function ask(fields) {
  const dialog = make("dialog", { class: "record" });
  // A sandboxed frame submits no form; what is required of its fields can be asked all the same.
  const form = make("form");
  form.addEventListener("submit", (event) => event.preventDefault());
  const take = () => form.reportValidity() && dialog.close("open");
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    take();
  });
  const give = make("button", { press: () => dialog.close("cancel") }, t("record.cancel"));
  const go = make("button", { press: take }, t("record.open"));
  const heading = make("h2", { id: "record-title" }, t("record.title"));
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

/** Has the reader choose: nobody is taken for somebody else because a list had to begin. @param {HTMLSelectElement} select */
function unchosen(select) {
  select.selectedIndex = -1;
  select.required = true;
}

/** How a table begins, by which its columns can be told. @param {string} text @returns {Field} */
function startField(text) {
  const lines = text.split(/\r?\n/, SHOWN_LINES).map((line) => line.slice(0, SHOWN_LETTERS));
  return { element: make("pre", {}, lines.join("\n")), add: () => {} };
}

const ASKED = /** @type {const} */ ({
  patient: "record.patient",
  encounter: "record.encounter",
  timeZero: "record.zero",
});

/**
 * What the engine asks: its choices, each with its rows and times, none of them chosen beforehand.
 * @param {RecordQuestion} question
 * @returns {Field}
 */
function questionField({ option, choices }) {
  const isKnown = (/** @type {string} */ name) => Object.hasOwn(ASKED, name);
  const label = isKnown(option) ? t(ASKED[/** @type {keyof typeof ASKED} */ (option)]) : option;
  const { select, element } = choice(
    label,
    choices.map((one, index) => [String(index), choiceText(one)]),
  );
  unchosen(select);
  // A required list counts an empty value as none.
  return { element, add: (options) => setOption(options, option, choices[Number(select.value)]?.value ?? "") };
}

/** @param {RecordQuestion["choices"][number]} choice */
function choiceText({ value, name, rows, span }) {
  const who = name && name !== value ? `${name} (${value || t("record.nobody")})` : value || t("record.nobody");
  return [t("record.rows", { name: who, count: rows }), span].filter(Boolean).join(", ");
}

/**
 * Sets an option by its path, for example `mapping.columns.time`.
 * @param {StayOptions} options
 * @param {string} path
 * @param {string} value
 */
function setOption(options, path, value) {
  // The name of a table's variable may have points of its own.
  const [, ...names] = /^(mapping)\.(units)\.(.+)$/.exec(path) ?? ["", ...path.split(".")];
  const last = names.pop() ?? "";
  /** @type {Record<string, any>} */
  let at = options;
  for (const name of names) at = at[name] ??= {};
  at[last] = value;
}

/** @returns {Field} */
function zeroField() {
  /** @type {[string, string][]} */
  const choices = [
    ["", t("record.zero.auto")],
    ["first-observation", t("record.zero.first")],
    ["given", t("record.zero.given")],
  ];
  const { select, element } = choice(t("record.zero"), choices);
  const time = make("input", { type: "datetime-local", ariaLabel: t("record.zero.given"), hidden: true });
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
    const choices = [
      /** @type {[string, string]} */ (["", t("record.none")]),
      ...table.columns.map((name) => /** @type {[string, string]} */ ([name, name])),
    ];
    const { select, element: label } = choice(t(LABELS[role]), choices, table.roles[role] ?? "");
    // A table with a column for each variable has neither names nor one value.
    select.required = role === "time";
    element.append(label);
    return /** @type {const} */ ([role, select]);
  });
  return {
    element,
    add: (options) => {
      const columns = Object.fromEntries(
        selects.filter(([, { value }]) => value).map(([role, { value }]) => [role, value]),
      );
      options.mapping = { ...options.mapping, columns };
    },
  };
}

/** @param {RecordTable} table @returns {Field} */
function variablesField(table) {
  const element = make("fieldset", {}, make("legend", {}, t("record.variables")));
  const channels = shown()?.model.channels ?? [];
  const choices = [
    /** @type {[string, string]} */ (["", t("record.none")]),
    ...channels.map((it) => /** @type {[string, string]} */ ([it.name, words.channel(it)])),
  ];
  const selects = table.variables.map(({ name, channel }) => {
    const { select, element: label } = choice(name, choices, channel ?? "");
    element.append(label);
    return /** @type {const} */ ([name, select]);
  });
  return {
    element,
    add: (options) => {
      options.mapping = {
        ...options.mapping,
        variables: Object.fromEntries(selects.map(([name, { value }]) => [name, value])),
      };
    },
  };
}

/** Whether the choices are saved as a file. */
function keepField() {
  const box = make("input", { type: "checkbox" });
  return { element: make("label", { class: "keep" }, box, t("record.keep")), add: () => {}, isWanted: () => box.checked };
}

/** @param {RecordTable} table @returns {Field} */
function whoseField({ patients }) {
  if (patients.length < 2) return { element: make("span"), add: () => {} };
  const { select, element } = choice(
    t("record.patient"),
    patients.map((name) => [name, name]),
  );
  unchosen(select);
  return { element, add: (options) => (options.patient = select.value) };
}

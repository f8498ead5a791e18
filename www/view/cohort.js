// Many stays: a folder or a list of files, read one after another; a table to sort and to step through; pictures of the
// groups; and, where labels are there, how well the predictions hold.

import { isRecordName, textOf } from "../files.js";
import { onLanguage, t } from "../messages.js";
import { placeOf } from "../outputs.js";
import { act, addView, engine, onShow, open, shown, showView } from "../page.js";
import * as axis from "./axis.js";
import * as charts from "./cohort-charts.js";
import * as cohortTrust from "./cohort-trust.js";
import * as controls from "./controls.js";
import { button, choice, find, labelled, make, say } from "./dom.js";
import * as drop from "./drop.js";
import * as picker from "./picker.js";
import * as methods from "./methods.js";
import * as reference from "./reference.js";
import { draw } from "./grids.js";
import { save } from "./save.js";
import { keyOf } from "../standing.js";
import { explainAll, longestOf } from "./stays.js";
import { unpacked } from "./unpack.js";
import * as words from "./words.js";

/** @import { StayOptions } from "../../pkg/vitrine.js" */
/** @import { Key } from "../messages.js" */
/** @import { CohortPainted, CohortPicture, CohortRow, CohortSubgroups, LabelReport, Method, ModelFacts, Paint } from "../protocol.js" */
/** @import { Action } from "../page.js" */

/** While stays come in, the table is drawn anew at most so often, in milliseconds. */
const SHOWN_EVERY = 250;
/** So many of the files that are no records are named. */
const NAMED = 12;
/** Rows of the table that are in the page at a time. */
const PAGE = 100;

/** What there is to choose only where the output is a risk. */
const OF_RISK = ["above", "below", "wrong", "high", "low", "difference"];

/** @typedef {{ key: Key, of: (row: CohortRow) => string, by: (row: CohortRow) => number | string }} Column */
/** @type {Column[]} */
const COLUMNS = [
  { key: "cohort.name", of: ({ name }) => name, by: ({ name }) => name },
  { key: "cohort.risk", of: ({ probability }) => (probability === undefined ? "" : words.output(probability, { isProbability: charts.isRisk(), unit: charts.outcome()?.unit })), by: ({ probability }) => probability ?? -1 },
  { key: "cohort.predicted", of: (row) => ({ true: t("cohort.above"), false: t("cohort.below") })[String(charts.isAbove(row))] ?? "", by: (row) => Number(charts.isAbove(row) ?? -1) },
  { key: "cohort.label", of: ({ label }) => (label === undefined ? "" : words.became(label, charts.outcome()?.name)), by: ({ label }) => label ?? -1 },
  { key: "cohort.raised", of: ({ raising, raisingTogether }) => words.names(raising, raisingTogether), by: ({ raising, raisingTogether }) => raising[0]?.channel ?? raisingTogether?.channels[0] ?? "" },
  { key: "cohort.lowered", of: ({ lowering, loweringTogether }) => words.names(lowering, loweringTogether), by: ({ lowering, loweringTogether }) => lowering[0]?.channel ?? loweringTogether?.channels[0] ?? "" },
  { key: "cohort.coverage", of: rests, by: ({ coverage }) => (coverage ? coverage.charted + coverage.chartedSteps / (coverage.steps + 1) : -1) },
  { key: "cohort.verdict", of: ({ name }) => (cohortTrust.verdictOf(name) ? t(`cohort.verdict.${cohortTrust.verdictOf(name) ?? "holds"}`) : ""), by: ({ name }) => ["does not hold", "shaky", "holds"].indexOf(cohortTrust.verdictOf(name) ?? "") },
  { key: "cohort.problems", of: problems, by: ({ error, nSkipped, nImplausible }) => (error ? Infinity : nSkipped + nImplausible) },
];

/** The files by name: what is read again when a stay is opened, so that no text is kept. @type {Map<string, File>} */
const files = new Map();
/** What those are called by themselves that have another name here. @type {WeakMap<File, File>} */
const renamed = new WeakMap();
/** How those are read for which the mapping that was dropped with them is. @type {Map<string, StayOptions>} */
const readings = new Map();
/** The same for all that it fits. @type {StayOptions | undefined} */
let reading;
/** The lists of labels that were read with them. @type {File[]} */
let labelLists = [];
/** What of those that were given last came to nothing, and by what all of them tell stays apart. @type {{ reports: LabelReport[], subgroups: CohortSubgroups[] }} */
let labels = { reports: [], subgroups: [] };
/** @type {CohortRow[]} */
let rows = [];
/** @type {Key} */
let sortedBy = "cohort.risk";
let isRising = false;
let firstShown = 0;
/** The stay that was opened from the table, by its name. @type {string | undefined} */
let opened;
/**
 * How the stays were explained: what tells it from other ways, which output of which network, and the method.
 * @type {{ key: string, of: string, model: number, facts: ModelFacts, method: Method | undefined } | undefined}
 */
let made;
/** Whether the pictures are still those of another theme or other settings. */
let isStale = false;

const gist = make("p", { role: "status" });
/** What was given and is no record, by name. */
const unread = make("p", { class: "small cohort-unread" });
/** @type {string[]} */
let leftOut = [];
/** What of the lists of labels came to nothing. */
const unlabelled = make("p", { class: "small cohort-labels" });
/** For how many of the tables the mapping is. */
const mapped = make("p", { class: "small cohort-mapped" });
const outdated = make("p", { class: "strip", id: "cohort-outdated", hidden: true });
const head = make("thead");
const body = make("tbody");
const list = make("table", { class: "cohort-table" }, head, body);
const pager = make("p", { class: "pager" });
const pictures = make("div", { class: "cohort-pictures" });
/** Which of them the table shows: those whose name has this in it, of this kind. */
const wanted = make("input", { id: "cohort-wanted", type: "search", autocomplete: "off", spellcheck: false });
const kind = choice("cohort-kind", ["cohort.kind.all", "cohort.kind.above", "cohort.kind.below", "cohort.kind.wrong", "cohort.kind.sparse", "cohort.kind.problems"]);
/** Beside the stay that was opened from the table: where it stands there, and those before and after it. */
const stepper = make("p", { class: "stepper" });
const group = choice("cohort-group", ["cohort.group.high", "cohort.group.low", "cohort.group.difference", "cohort.group.all"]);
const average = choice("cohort-average", ["cohort.average.signed", "cohort.average.absolute"]);
const csv = button("cohort.csv", () => act(t("cohort.reading"), t("export.failed"), async () =>
  save("vitrine-stays.csv", "text/csv", await engine.request("cohortCsv", undefined))));
const demo = button("cohort.demo", () => act(t("cohort.reading"), t("failed.cohort"), async (action) => take(await demoStays(action.signal), action)));
/** What stands here before there are stays, and with them. */
const blank = make("div", { class: "cohort-blank" });
const filled = make("div", { class: "cohort-filled" });
const place = make("div", { class: "cohort" });

export function start() {
  place.id = "view-cohort";
  place.hidden = true;
  const heading = say("h2", "cohort");
  const how = say("p", "cohort.how", { class: "small quiet" });
  const some = pick("cohort.open", { id: "cohort-files", type: "file", multiple: true });
  const folder = pick("cohort.folder", { id: "cohort-folder", type: "file", multiple: true, webkitdirectory: true });
  list.addEventListener("keydown", step);
  for (const it of [wanted, kind]) it.addEventListener("input", () => {
    firstShown = 0;
    showRows();
  });
  cohortTrust.onVerdicts(showRows);
  stepper.hidden = true;
  find(".head-tools", HTMLElement).prepend(stepper);
  onShow(() => showStepper());
  for (const it of [group, average]) it.addEventListener("change", () => void paintPictures());
  blank.append(how, say("p", "cohort.blank", { class: "small quiet" }));
  filled.append(outdated, gist, mapped, unread, unlabelled, make("p", { class: "cohort-tools" }, labelled("cohort.wanted", wanted), labelled("cohort.kind", kind)), make("div", { class: "cohort-scroll" }, list), pager,
    make("p", { class: "cohort-tools" }, labelled("cohort.group", group), labelled("cohort.average", average)), pictures, charts.section(showRows),
    cohortTrust.section(() => ({ method: made?.method, files: [...files.values()].map((file) => ({ file, options: readings.get(file.name) })) })));
  place.append(heading, make("p", { class: "cohort-tools" }, ...some, ...folder, demo, csv), blank, filled);
  showWhatIsThere();
  addView({ id: "cohort", label: "view.cohort", element: place, onOpen: () => isStale && void paintPictures() });
  showView("stay");
  onLanguage(showAgain);
  // Another theme, other colours, other hours: the groups' pictures follow when they are looked at.
  onShow(() => {
    outdate();
    isStale = rows.length > 0;
    if (isStale && document.body.dataset.view === "cohort") void paintPictures();
  });
  const isReadable = (/** @type {File} */ { name }) => rows.some((row) => row.name === name && !row.error);
  reference.offer(() => (made?.model !== shown()?.of.model ? [] : [...files.values()].filter(isReadable)).map((file) => ({ name: `many:${file.name}`, label: file.name, load: async () => ({ name: file.name, text: await textOf(file), options: readings.get(file.name) }) })));
  const isMany = (/** @type {File[]} */ given) => given.filter(isRecordName).length > 1 && !given.some(({ name }) => /\.onnx$/i.test(name));
  drop.addTaker({ wants: isMany, take, listsLeftOut: true });
  drop.addTaker({ wants: async (given) => given.length === 1 && rows.length > 0 && isList(given[0]), take });
}

/**
 * A button that opens files, or a folder with all that lies in it.
 * @param {Key} key
 * @param {object} properties of the field
 */
function pick(key, properties) {
  const field = make("input", { class: "sr-only", ...properties });
  const label = say("label", key, { class: "button", htmlFor: field.id });
  field.addEventListener("change", () => {
    const chosen = [...(field.files ?? [])];
    field.value = "";
    if (chosen.length === 0) return;
    act(t("cohort.reading"), t("failed.cohort"), async (action) => {
      const inner = await unpacked(chosen, action.signal);
      await take(inner.files, action, inner.leftOut);
    });
  });
  return [field, label];
}

/** What the words and numbers of the rows are of. */
function readFor() {
  const { of, method } = shown() ?? {};
  return JSON.stringify([of?.model, method?.target ?? 0]);
}

/** Whether the rows are of the network and of the output that are shown. */
function isOfShown() {
  return rows.length > 0 && made?.of === readFor();
}

/**
 * Another network or method is in use than the stays were explained with: that is said, and one press reads them again. Of
 * another network or output nothing else is left in sight: its channels and outcomes have other names.
 */
function outdate() {
  const wasForeign = place.classList.contains("foreign");
  place.classList.toggle("foreign", rows.length > 0 && !isOfShown());
  if (wasForeign) showAgain();
  outdated.hidden = rows.length === 0 || made?.key === keyOf("network");
  if (outdated.hidden || !made) return;
  const isOther = made.model !== shown()?.of.model;
  const again = button("cohort.again", () => act(t("cohort.reading"), t("failed.cohort"), (action) => take([...[...files.values()].map((file) => renamed.get(file) ?? file), ...labelLists], action, [], reading)));
  outdated.replaceChildren(make("span", {}, t(isOther ? "cohort.otherModel" : "cohort.otherMethod", { model: made.facts.name, method: [methods.nameOf(methods.kindOf(made.method)), output(made)].filter(Boolean).join(", ") })), again);
}

/** Words and columns are of the output that is shown: while it is another, nothing of the table is in sight. */
function showAgain() {
  if (!isOfShown()) return;
  showRows();
  charts.again();
}

/** Of a network of several outputs, the one that the stays were explained for, and its hour. @param {NonNullable<typeof made>} made */
function output({ facts: { targets, stepHours }, method }) {
  const place = placeOf(targets, method?.target);
  if (!place || (targets.length < 2 && !place.output.isPerStep)) return "";
  return [words.outcome(place.output.name), ...(place.output.isPerStep ? [words.hoursOf(place.step, stepHours)] : [])].join(", ");
}

/** Before there are stays, only what opens some stands here. */
function showWhatIsThere() {
  blank.hidden = rows.length > 0;
  filled.hidden = csv.hidden = rows.length === 0;
}

/**
 * The demo stays, with a list of their labels.
 * @param {AbortSignal} signal
 */
async function demoStays(signal) {
  const stays = await Promise.all(picker.offers().map(({ load }) => load(signal)));
  const labels = stays.flatMap(({ name, trueLabel }) => (trueLabel === undefined ? [] : [`${name},${trueLabel}\n`]));
  return [...stays.map(({ name, text }) => new File([text], name)), new File(["stay,y_true\n", ...labels], "labels.csv")];
}

/** @param {File | undefined} file */
async function isList(file) {
  if (!file || file.size > 64e6) return false;
  const line = (await file.slice(0, 400).text()).split(/\r?\n/, 1)[0] ?? "";
  const columns = line.split(",").map((name) => name.replace(/[\ufeff"]/g, "").trim());
  return [["stay", "y_true"], ["RecordID", "In-hospital_death"]].some((both) => both.every((name) => columns.includes(name)));
}

/**
 * Reads records, some at a time, and lists of labels; what is neither is named.
 * @param {File[]} given
 * @param {Action} action
 * @param {string[]} [ofArchives] what was left out of archives among them
 * @param {StayOptions} [wanted] how tables are read that have all columns which its mapping names
 */
export async function take(given, { signal, tell }, ofArchives = [], wanted) {
  /** @type {File[]} */
  const lists = [];
  /** @type {File[]} */
  const found = [];
  for (const file of given.filter(isRecordName)) (await isList(file) ? lists : found).push(file);
  const others = [...given.filter((file) => !isRecordName(file)).map(drop.pathOf), ...ofArchives];
  if (lists.length + found.length === 0) throw new Error(`${others.join(", ")}: no record among them; open .csv, .tsv, .psv, .txt, .json, .ndjson or .parquet`);
  const records = apart(found);
  // All that can be refused is read before anything of the table that is there goes.
  const kept = records.length > 0 ? [] : labelLists;
  const texts = await Promise.all(lists.map(async (file) => ({ name: file.name, text: await textOf(file) })));
  const { method, model, of } = shown() ?? {};
  if (records.length > 0) await engine.request("cohortBegin", { method, longest: await longest(records, signal, wanted), lists: texts }, { signal });
  else await engine.request("cohortLabels", texts, { signal });
  leftOut = others;
  labelLists = [...kept, ...lists];
  if (records.length > 0) {
    made = model && { key: keyOf("network"), of: readFor(), model: of?.model ?? 0, facts: model, method };
    files.clear();
    readings.clear();
    reading = wanted;
    cohortTrust.clear();
    charts.begin();
    rows = [];
    opened = undefined;
    outdate();
    showView("cohort");
  }
  try {
    for (const file of records) files.set(file.name, file);
    let shownAt = 0;
    if (records.length > 0) await explainAll(records, {
      method,
      reading,
      signal,
      onMapped: (name) => reading && readings.set(name, reading),
      onRows(some, done) {
        rows.push(...some);
        tell(t("cohort.progress", { done, total: records.length }), done / records.length);
        if (performance.now() - shownAt < SHOWN_EVERY) return;
        shownAt = performance.now();
        showRows();
      },
    });
  } finally {
    // A line of a list may name several stays: which, is known once all are there.
    const all = await engine.request("cohortRows", undefined);
    rows = all.rows;
    labels = { reports: all.reports.slice(kept.length), subgroups: all.subgroups };
    showRows();
  }
  await paintPictures();
  await measure({ signal, tell });
}

/**
 * The longest record, where the network reads stays of any length: the pictures of the groups have as many hours.
 * @param {File[]} records
 * @param {AbortSignal} signal
 * @param {StayOptions} [wanted]
 */
async function longest(records, signal, wanted) {
  if (!shown()?.model.hasOpenSteps) return undefined;
  const found = await longestOf(records, signal, wanted);
  return found && { name: found.file.name, text: await textOf(found.file), options: found.isMapped ? wanted : undefined };
}

/**
 * Records of one name, from several folders, are called by their folders, too: the table opens them by name.
 * @param {File[]} given
 */
function apart(given) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { name } of given) counts.set(name, (counts.get(name) ?? 0) + 1);
  /** @type {Set<string>} */
  const taken = new Set();
  return given.map((file) => {
    const wanted = (counts.get(file.name) ?? 0) > 1 ? drop.pathOf(file) : file.name;
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted} (${number})`;
    taken.add(name);
    if (name === file.name) return file;
    const own = new File([file], name);
    renamed.set(own, file);
    return own;
  });
}

function showRows() {
  showWhatIsThere();
  unread.hidden = leftOut.length === 0;
  unread.textContent = t("cohort.left", { count: leftOut.length, names: leftOut.slice(0, NAMED).join(", ") + (leftOut.length > NAMED ? ", ..." : "") });
  mapped.hidden = !reading;
  mapped.textContent = t("cohort.mapped", { count: readings.size, total: rows.length });
  unlabelled.textContent = /** @type {const} */ (["missing", "strange", "several", "opposed"]).map(unheard).filter(Boolean).join(". ");
  unlabelled.hidden = unlabelled.textContent === "";
  offerKinds();
  const failed = rows.filter(({ error }) => error).length;
  gist.textContent = [t("cohort.gist", { count: rows.length, failed }), ...(made && output(made) ? [t("output.of", { outcome: output(made) })] : [])].join(". ");
  const at = words.thresholdPercent(charts.threshold());
  head.replaceChildren(make("tr", {}, ...columns().map(({ key }) => {
    const sort = make("button", { class: "link", press: () => sortBy(key) }, t(key === "cohort.coverage" && shown()?.model.stepHours !== 1 ? "cohort.coverageOfSteps" : key, { at }));
    return make("th", { scope: "col", ariaSort: key === sortedBy ? (isRising ? "ascending" : "descending") : "none" }, sort);
  })));
  const sorted = inOrder();
  if (sorted.length < rows.length) gist.textContent += `. ${t("cohort.filtered", { count: sorted.length })}`;
  firstShown = Math.min(firstShown, Math.max(0, sorted.length - 1));
  firstShown -= firstShown % PAGE;
  const page = sorted.slice(firstShown, firstShown + PAGE);
  const reached = page.find(isOpened) ?? page[0];
  body.replaceChildren(...page.map((row, index) => line(row, firstShown + index, row === reached)));
  turnPages(sorted.length);
  showStepper(sorted);
}

/** The columns that the output has: what is no risk has no threshold. */
function columns() {
  return COLUMNS.filter(({ key }) => charts.isRisk() || key !== "cohort.predicted");
}

/** Offers what the output has, as `columns` does. */
function offerKinds() {
  for (const it of [kind, group]) {
    for (const option of it.options) option.hidden = option.disabled = !charts.isRisk() && OF_RISK.includes(option.value);
    if (it.selectedOptions[0]?.disabled) it.value = "all";
  }
}

/** What is said of lines of the lists that were given last. @param {keyof LabelReport} why */
function unheard(why) {
  const some = labels.reports.map((list) => list[why]);
  const count = some.reduce((sum, it) => sum + it.count, 0);
  return count === 0 ? "" : t(`cohort.labels.${why}`, { count, name: some.find((it) => it.count > 0)?.name ?? "" });
}

/** @param {CohortRow} row */
function isOpened({ name }) {
  return name === opened;
}

/** Whether the table shows a stay. @param {CohortRow} row */
function isWanted(row) {
  if (!row.name.toLowerCase().includes(wanted.value.trim().toLowerCase())) return false;
  switch (kind.value) {
    case "above":
      return charts.isAbove(row) === true;
    case "below":
      return charts.isAbove(row) === false;
    case "wrong":
      return row.label !== undefined && charts.isAbove(row) === (row.label === 0);
    case "sparse":
      return row.coverage !== undefined && 2 * row.coverage.charted < row.coverage.channels;
    case "problems":
      return problems(row) !== "";
    default:
      return true;
  }
}

function inOrder() {
  const by = COLUMNS.find(({ key }) => key === sortedBy)?.by ?? (({ name }) => name);
  const order = (/** @type {CohortRow} */ a, /** @type {CohortRow} */ b) => {
    const [x, y] = [by(a), by(b)];
    return typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
  };
  const sorted = rows.filter(isWanted).sort(order);
  return isRising ? sorted : sorted.reverse();
}

/**
 * @param {CohortRow} row
 * @param {number} index
 * @param {boolean} isReached by the tabulator
 */
function line(row, index, isReached) {
  const cells = columns().map(({ of }, column) => {
    if (column > 0) return make("td", {}, of(row));
    const name = make("button", { class: "link", data: { index: String(index) }, tabIndex: isReached ? 0 : -1, press: () => openStay(row) }, of(row));
    return make("th", { scope: "row" }, name);
  });
  return make("tr", { class: isOpened(row) ? "at" : "" }, ...cells);
}

/** @param {number} count */
function turnPages(count) {
  const turn = (/** @type {Key} */ key, /** @type {number} */ to, /** @type {boolean} */ isThere) => {
    const press = () => {
      firstShown = to;
      showRows();
    };
    return make("button", { disabled: !isThere, press }, t(key));
  };
  pager.hidden = count <= PAGE;
  pager.replaceChildren(
    turn("cohort.back", firstShown - PAGE, firstShown > 0),
    make("span", {}, t("cohort.page", { from: firstShown + 1, to: Math.min(firstShown + PAGE, count), of: count })),
    turn("cohort.next", firstShown + PAGE, firstShown + PAGE < count),
  );
}

/** @param {Key} column */
function sortBy(column) {
  isRising = sortedBy === column ? !isRising : column === "cohort.name";
  [sortedBy, firstShown] = [column, 0];
  showRows();
}

/**
 * Arrow keys step through the table, Enter opens.
 * @param {KeyboardEvent} event
 */
function step(event) {
  const from = event.target instanceof HTMLElement ? Number(event.target.dataset.index) : NaN;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by === undefined || Number.isNaN(from)) return;
  event.preventDefault();
  const next = Math.max(0, Math.min(inOrder().length - 1, from + by));
  if (next < firstShown || next >= firstShown + PAGE) {
    firstShown = next - (next % PAGE);
    showRows();
  }
  const button = body.querySelector(`[data-index="${next}"]`);
  if (button instanceof HTMLElement) button.focus();
}

/** @param {CohortRow} row */
function openStay(row) {
  const file = files.get(row.name);
  if (!file) return;
  act(t("opening", { what: row.name }), t("failed.open"), async ({ signal }) => {
    await open({ stay: { name: row.name, text: await textOf(file), options: readings.get(row.name), trueLabel: row.label } }, { signal });
    opened = row.name;
    // The page of the table that it is on; `showRows` begins it at its first row.
    firstShown = Math.max(0, inOrder().findIndex(isOpened));
    showRows();
    showView("stay");
  });
}

/** The stay before and the one after that can be read, in the order of the table, as long as the one between is what is shown. */
function showStepper(all = inOrder()) {
  const [at, stay] = [all.findIndex(isOpened), shown()?.stay];
  stepper.hidden = at < 0 || stay?.isDemo !== false || stay.name !== opened || made?.model !== shown()?.of.model;
  if (stepper.hidden) return;
  const to = (/** @type {Key} */ key, /** @type {string} */ sign, /** @type {CohortRow | undefined} */ row) =>
    make("button", { ariaLabel: t(key), title: t(key), disabled: !row, press: () => row && openStay(row) }, sign);
  const isReadable = (/** @type {CohortRow} */ { error }) => !error;
  stepper.replaceChildren(to("cohort.before", "‹", all.slice(0, at).findLast(isReadable)), make("span", { class: "small" }, t("cohort.place", { at: at + 1, of: all.length })), to("cohort.after", "›", all.slice(at + 1).find(isReadable)));
}

/** The pictures of the group that is chosen. */
async function paintPictures() {
  if (!isOfShown()) return;
  isStale = false;
  const density = window.devicePixelRatio || 1;
  const names = parseFloat(getComputedStyle(place).getPropertyValue("--names"));
  const width = Math.round(Math.max(144, Math.min(960, place.clientWidth - names - 24)) * density);
  /** @type {CohortPicture} */
  const picture = { group: /** @type {CohortPicture["group"]} */ (group.value), average: /** @type {CohortPicture["average"]} */ (average.value) };
  const paint = /** @type {Paint} */ ({
    ...controls.picture(), width, cellHeight: Math.round(18 * density), groupGap: Math.round(6 * density), line: Math.max(1, Math.floor(density)),
    track: controls.hasTrack() ? Math.round(5 * density) : 0,
    barHeight: Math.round(10 * density), legendWidth: Math.round(192 * density), totalsWidth: 1, stepsHeight: 1,
  });
  const painted = await engine.request("cohortPicture", { picture, paint: { ...paint, limits: undefined, byRelevance: undefined } });
  if (!painted) return pictures.replaceChildren(make("p", { class: "quiet" }, t("cohort.empty")));
  const [canvas, legend] = [make("canvas"), make("canvas")];
  canvas.role = "img";
  // Whatever threshold the table has, the groups are by the network's own.
  const by = picture.group === "all" ? [] : [t("threshold", { at: words.thresholdPercent(charts.outcome()?.threshold ?? 0.5) })];
  canvas.ariaLabel = [t("cohort.picture", { group: t(`cohort.group.${picture.group}`), average: t(`cohort.average.${picture.average}`), count: painted.count }), ...by].join(", ");
  draw(canvas, painted.bitmap, density);
  draw(legend, painted.legend, density);
  const { channels = [], stepHours = 1 } = shown()?.model ?? {};
  const list = make("ol", { class: "cohort-rows" }, ...painted.layout.order.map((row) => {
    const name = make("li", {}, channels[row] ? words.channel(channels[row]) : "");
    name.style.top = `${(painted.layout.tops[row] ?? 0) / density}px`;
    return name;
  }));
  const hours = make("div", { class: "axis" });
  axis.show(hours, painted.layout, stepHours, density);
  pictures.replaceChildren(make("p", { class: "small quiet" }, canvas.ariaLabel),
    make("div", { class: "cohort-picture" }, list, make("div", {}, canvas, hours)),
    make("div", { class: "cohort-legend" }, legend, legendOf(picture, painted)));
}

/**
 * The numbers of the colours, and what their ends mean.
 * @param {CohortPicture} picture
 * @param {CohortPainted} painted
 */
function legendOf({ group, average }, { ticks, beyond, layout }) {
  const isSigned = average !== "absolute" || group === "difference";
  const spread = (/** @type {string[]} */ texts) => make("p", { class: "cohort-ticks" }, ...texts.map((text) => make("span", {}, text)));
  const ends = average === "absolute" || group === "difference" ? [] : [spread([t("legend.lrp.low"), t("legend.lrp.high")])];
  const track = layout.tracks.some((height) => height > 0) ? t("track.legend") : "";
  const note = [track, words.scale({ ticks, beyond }, { scaling: controls.scaling(), isSigned })].filter(Boolean).join(" ");
  return make("div", {}, spread(ticks.map(isSigned ? words.signedNumber : words.number)), ...ends, ...(note ? [make("p", { class: "small quiet" }, note)] : []));
}

/** @param {Action} action */
async function measure({ signal, tell }) {
  charts.clear();
  const onProgress = (/** @type {{ done: number, total: number }} */ { done, total }) =>
    tell(t("cohort.resamples", { done, total }), done / total);
  const it = await engine.request("cohortMeasures", undefined, { signal, onProgress });
  if (it) charts.show(it, rows, labels.subgroups);
  else charts.clear(t("cohort.unlabelled"));
}

/** What a stay's prediction rests on, as its head says it. @param {CohortRow} row */
function rests({ coverage }) {
  if (!coverage) return "";
  const { charted, channels, chartedSteps, steps } = coverage;
  return t("cohort.rests", { charted, channels, hours: chartedSteps, of: steps });
}

/** @param {CohortRow} row */
function problems({ error, nSkipped, nImplausible }) {
  if (error) return error;
  return [nSkipped ? t("cohort.skipped", { count: nSkipped }) : "", nImplausible ? t("cohort.implausible", { count: nImplausible }) : ""].filter(Boolean).join(", ");
}


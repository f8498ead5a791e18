// How to explain and how to paint, as chosen in the form.

import { formatter, parseNumber, t } from "../messages.js";
import { placeOf, targetOf } from "../outputs.js";
import * as settings from "../settings.js";
import { shown } from "../shown.js";
import * as arrangement from "./arrangement.js";
import { find, make, rewrite } from "./dom.js";
import { hex } from "./hex.js";
import { meaningShown } from "./meaning.js";
import * as methods from "./methods.js";
import * as reference from "./reference.js";
import * as words from "./words.js";

/** @import { Head } from "../../pkg/vitrine.js" */
/** @import { Glanced, GridName, Method, MethodKind, ModelFacts, Paint, Picture, StayView } from "../protocol.js" */

const form = find("#method", HTMLFormElement);
const target = find("#target", HTMLSelectElement);
const hour = find("#target-hour", HTMLSelectElement);

/** Fields that need only new paint; the others need a new explanation. */
/** A row that moved the log-odds by less moved the odds by less than a hundredth of them. */
const NEXT_TO_NONE = 0.01;
const OF_PICTURE = ["palette", "part", "categories", "track", "scaling", "scale", "inRows", "signs", "totals", "rows"];
/** Fields that are kept in the address. */
const KEPT = /** @type {const} */ (["method", "points", "samples", "noise", "takenAway", "players", "window", "orders", "seed", "reference", "referenceHours", "epsilon", "biasFactor", "rule", "gates", "explain", "palette", "part", "categories", "track", "scaling", "inRows", "signs", "totals", "rows"]);
/** What a new page has chosen. */
const DEFAULTS = new FormData(form);

/** Ends of the colour scales, while they are held. @type {Partial<Record<GridName, number>> | undefined} */
let held;
/** What the model says, of which one is explained. @type {Head[]} */
let offered = [];
/** The scales of the pictures that are shown. @type {Partial<Record<GridName, number>>} */
const ends = {};
/** The scales when all was last shown: since then single values may have been changed. @type {Partial<Record<GridName, number>>} */
let lastEnds = {};
/** Which opening of a network they are of. @type {number | undefined} */
let scaledFor;

/**
 * Reports changes: `method` needs a new explanation, `picture` only new paint.
 * @param {(what: "method" | "picture") => void} onChange
 */
export function watch(onChange) {
  for (const name of KEPT) setField(name, settings.get(name));
  // Another stay cannot stand in an address.
  if (text("reference") === "stay") setField("reference", "normal");
  reference.watch();
  offerFields();
  // A sandboxed frame submits no form: the button and Enter do it without.
  form.addEventListener("submit", (event) => event.preventDefault());
  find("#method-again", HTMLButtonElement).addEventListener("click", () => onChange("method"));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    // A value that was typed and not yet left is a change, which explains by itself.
    event.target.blur();
    event.target.focus();
  });
  form.addEventListener("change", ({ target: changed }) => {
    const name = changed instanceof HTMLElement ? (changed.getAttribute("name") ?? "") : "";
    if (name === "target") offerHours();
    offerFields();
    // Another method has another unit.
    if (name === "method" && held) release();
    if (name === "scale") held = text("scale") === "held" ? { ...ends } : undefined;
    if (name === "rows" && text("rows") !== "own") arrangement.setOrder([]);
    keep();
    onChange(OF_PICTURE.includes(name) ? "picture" : "method");
  });
  arrangement.onChange(() => {
    if (arrangement.isOwnOrder()) setField("rows", "own");
    else if (text("rows") === "own") setField("rows", "clinical");
    sayChosen();
  });
}

/** Shows the fields that belong to what is chosen. */
function offerFields() {
  methods.offerFields(kind());
  reference.showFields();
  offerTrack();
  sayChosen();
}

/** What is not there, or not shown together, cannot be told apart. */
function offerTrack() {
  const isOffered = part() === "both" && shown()?.model.hasMasks !== false;
  for (const it of form.querySelectorAll('[for="track"], #track')) if (it instanceof HTMLElement) it.hidden = !isOffered;
}

/** The fields that are always named where the form is closed; of the others what is not as a new page has it. */
const SAID = ["method", "target", "targetHour", "palette", "part"];

/** Says over the closed parts of the form what is chosen in them. */
function sayChosen() {
  for (const part of form.querySelectorAll("details")) {
    const fields = /** @type {NodeListOf<HTMLSelectElement | HTMLInputElement>} */ (part.querySelectorAll("select:not([hidden]), input:not([hidden], [type=file])"));
    const said = [...fields].filter(({ name, value }) => name && (SAID.includes(name) || plain(value) !== DEFAULTS.get(name)));
    rewrite(find("summary b", HTMLElement, part), said.map(inWords).join(", "));
  }
}

/** @param {HTMLSelectElement | HTMLInputElement} field */
function inWords(field) {
  if (field instanceof HTMLSelectElement) return field.selectedOptions[0]?.textContent ?? "";
  return `${form.querySelector(`label[for="${field.id}"]`)?.textContent ?? field.name} ${field.value}`;
}

/** A number with a point, whatever the language, and other text as it is. @param {string} value */
function plain(value) {
  return Number.isNaN(parseNumber(value)) ? value : String(parseNumber(value));
}

/** The method that is chosen, without its options. @returns {MethodKind} */
export function kind() {
  return /** @type {MethodKind} */ (text("method"));
}

/**
 * A method with the options that the form has for it: the one that is chosen, if none is named.
 * @param {MethodKind} [wanted]
 * @returns {Method}
 * @throws when a number is missing or out of range
 */
export function method(wanted = kind()) {
  return {
    method: wanted,
    target: chosen(),
    ...own(wanted),
    // Nothing chosen: the engine's default, which depends on the model.
    explain: /** @type {Method["explain"]} */ (text("explain") || undefined),
  };
}

/**
 * The options that are one method's own.
 * @param {MethodKind} kind
 * @returns {Method}
 */
function own(kind) {
  switch (kind) {
    case "lrp":
      return {
        epsilon: number("epsilon", Infinity),
        biasFactor: number("biasFactor", 1),
        rule: /** @type {Method["rule"]} */ (text("rule")),
        gates: /** @type {Method["gates"]} */ (text("gates")),
      };
    case "integrated-gradients":
      return { steps: whole("points"), ...reference.request(whole) };
    case "deep-shap":
      return reference.request(whole);
    case "occlusion":
      return groups("takenAway");
    case "shapley":
      return { ...groups("players"), orders: whole("orders"), seed: whole("seed") };
    case "smooth-grad":
      return { steps: whole("samples"), noise: number("noise", 1) };
    default:
      return {};
  }
}

/**
 * What is taken away as one.
 * @param {"takenAway" | "players"} field
 * @returns {Method}
 */
function groups(field) {
  const by = /** @type {Method["by"]} */ (text(field));
  return by?.includes("window") ? { by, window: Number(text("window")) } : { by };
}

/** Whether the pictures are those of the paper. */
export function isAsInPaper() {
  return kind() === "lrp" && part() === "value";
}

/** Sets the form to the paper's pictures, or back to what the page opens with. */
export function switchPaper() {
  const isPaper = isAsInPaper();
  setField("method", isPaper ? "deep-shap" : "lrp");
  setField("part", isPaper ? "both" : "value");
  setField("scaling", isPaper ? "root" : "linear");
  if (isPaper) setField("reference", "normal");
  offerFields();
  keep();
}

/** Lets the colour scales go. */
function release() {
  held = undefined;
  setField("scale", "own");
}

/**
 * Sets the form to a method.
 * @param {Method} method
 */
export function show(method) {
  const { steps, ...rest } = { ...method, method: methods.kindOf(method) };
  for (const [name, value] of Object.entries(rest)) {
    if (name !== "target") setField(name, String(value ?? ""));
  }
  aimAt(rest.target);
  if (steps !== undefined) setField(rest.method === "smooth-grad" ? "samples" : "points", String(steps));
  setField(rest.method === "shapley" ? "players" : "takenAway", method.by);
  reference.show(method);
  offerFields();
}

/**
 * Offers a model's outputs, where it has several, and the hours of one that it gives at every hour.
 * @param {ModelFacts} model
 * @param {Method | undefined} method
 */
export function offerTargets({ targets }, method) {
  offered = targets;
  target.replaceChildren(...targets.map(({ name }, index) => option(words.outcome(name), index)));
  hide(target, targets.length < 2);
  aimAt(method?.target);
  offerTrack();
  sayChosen();
}

/** Chooses what a model's number says. @param {number} [number] */
function aimAt(number) {
  const place = placeOf(offered, number);
  target.value = String(place ? offered.indexOf(place.output) : 0);
  offerHours(place?.step);
}

/** Offers the hours of the output that is chosen, of which the last is what the model says in the end. @param {number} [step] */
function offerHours(step) {
  const { isPerStep = false, targets = [] } = offered[Number(target.value)] ?? {};
  const steps = isPerStep ? targets.length : 0;
  const stepHours = shown()?.model.stepHours ?? 1;
  hour.replaceChildren(...Array.from({ length: steps }, (_, at) => option(words.hoursOf(at, stepHours), at)));
  hour.value = String(step ?? steps - 1);
  hide(hour, steps === 0);
}

/** The number of the model that is chosen, where there is a choice. */
function chosen() {
  const output = offered[Number(target.value)];
  if (!output || (target.hidden && hour.hidden)) return undefined;
  return targetOf(output, hour.hidden ? 0 : Number(hour.value));
}

/** @param {string} text @param {number} value */
function option(text, value) {
  return make("option", { value: String(value) }, text);
}

/** Hides a field with its label, or shows both. @param {HTMLElement} field @param {boolean} isHidden */
function hide(field, isHidden) {
  field.hidden = isHidden;
  find(`label[for="${field.id}"]`, HTMLElement, form).hidden = isHidden;
}

/**
 * Says of the colour scales which they are, so that none changes without a word. Those of another network are no scales to
 * compare with.
 * @param {StayView} stay
 * @param {number} model which opening of a network it is of
 */
export function noteScales({ pictures, isMagnitude, knownSteps }, model) {
  if (model !== scaledFor) lastEnds = {};
  scaledFor = model;
  noteEnds(pictures, isMagnitude, knownSteps);
  lastEnds = { ...ends };
}

/**
 * The same while a value is being changed: a scale is then compared with what it was before the first change.
 * @param {Glanced["scales"]} scales
 * @param {boolean} isMagnitude
 * @param {number} [knownSteps]
 */
export function noteEnds(scales, isMagnitude, knownSteps) {
  for (const name of /** @type {const} */ (["lrp", "gradient"])) {
    const scale = scales[name];
    if (!scale) continue;
    const { ticks: [, , end] } = scale;
    const before = lastEnds[name];
    const isSigned = name === "lrp" && !isMagnitude;
    // Without a stay nothing was there that could be compared.
    const isSame = !before || before === end;
    const own = isSame ? t("scale.note.own") : t("scale.note.was", { before: words.endOf(before, isSigned) });
    const notes = [held ? "" : own, scaleNote(scale, isSigned), words.counted(knownSteps)];
    rewrite(find(`.pane[data-pane="${name}"] .scale-note`, HTMLElement), notes.filter(Boolean).join(" "));
    ends[name] = end;
  }
}

/**
 * What a colour scale is, in words, where it is not in proportion up to the largest of its picture.
 * @param {Pick<Picture, "ticks" | "beyond">} scale
 * @param {boolean} isSigned
 */
export function scaleNote(scale, isSigned) {
  return words.scale(scale, { scaling: scaling(), isHeld: held !== undefined, isSigned, categories: categories() });
}

/**
 * The picture's choices, with the page's two colours as the engine wants them.
 * @returns {Pick<Paint, "palette" | "scaling" | "part" | "categories" | "trace" | "glyphs" | "byRelevance" | "limits" | "background" | "ink" | "order" | "collapsed" | "window">}
 */
export function picture() {
  const styles = getComputedStyle(document.body);
  return {
    ...arrangement.request(),
    palette: palette(),
    scaling: scaling(),
    part: part(),
    categories: categories(),
    trace: text("inRows") === "trace",
    glyphs: text("signs") === "glyphs",
    byRelevance: isByRelevance(),
    limits: held,
    background: hex(styles.backgroundColor),
    ink: hex(styles.color),
  };
}

/** The page's two colours as they are on paper, whatever the screen's theme. */
export function paper() {
  const probe = make("span");
  Object.assign(probe.style, { colorScheme: "light", backgroundColor: "var(--paper)", color: "var(--ink)" });
  document.body.append(probe);
  const { backgroundColor, color } = getComputedStyle(probe);
  const both = { background: hex(backgroundColor), ink: hex(color) };
  probe.remove();
  return both;
}

/** Whether the rows stand in the order of their relevance. */
export function isByRelevance() {
  return text("rows") === "relevance";
}

export function palette() {
  return /** @type {NonNullable<Paint["palette"]>} */ (text("palette"));
}

/** How relevance becomes strength of colour. */
export function scaling() {
  return /** @type {NonNullable<Paint["scaling"]>} */ (text("scaling"));
}

export function part() {
  return /** @type {NonNullable<Paint["part"]>} */ (text("part"));
}

/** How the slopes of a variable with categories become one number. */
export function categories() {
  return /** @type {NonNullable<Paint["categories"]>} */ (text("categories"));
}

/** Whether the foot of each row shows that it was measured, apart from what the value did. */
export function hasTrack() {
  return part() === "both" && text("track") === "foot";
}

/** How the totals beside the rows are written: those of magnitudes have no sign. */
export function totals() {
  const isPlain = text("totals") === "absolute" || meaningShown(shown()) === "magnitude";
  const least = words.countedIn() === "score" ? NEXT_TO_NONE : 0;
  const totalsOf = /** @type {"absolute" | "signed"} */ (isPlain ? "absolute" : "signed");
  return { totalsOf, least };
}

/**
 * Sets the form to how a picture was painted.
 * @param {Paint} paint
 */
export function showPicture(paint) {
  held = paint.limits;
  setField("scale", held ? "held" : "own");
  setField("palette", paint.palette);
  // Before there was a choice, it was in proportion.
  setField("scaling", paint.scaling ?? "linear");
  setField("part", paint.part);
  setField("categories", paint.categories ?? "sum");
  if (paint.part === "both") setField("track", paint.track ? "foot" : "none");
  offerTrack();
  setField("inRows", paint.trace ? "trace" : "fill");
  setField("signs", paint.glyphs ? "glyphs" : "none");
  setField("rows", paint.byRelevance ? "relevance" : paint.order?.length ? "own" : "clinical");
  arrangement.restore(paint);
  keep();
}

/** What can be chosen in a list of the form. @param {string} name */
export function choices(name) {
  const field = form.elements.namedItem(name);
  return field instanceof HTMLSelectElement ? [...field.options].map(({ value }) => value) : [];
}

/**
 * Chooses in a list as the reader would; what follows from it is the asker's to do.
 * @param {string} name
 * @param {string} value
 */
export function choose(name, value) {
  setField(name, value);
  offerTrack();
  keep();
}

/** Writes the numbers of the form as the page's language does. */
export function localise() {
  for (const field of form.querySelectorAll("input")) setField(field.name, field.value);
  sayChosen();
}

/** Starts from the theme that the address asks for. */
export function startTheme() {
  const theme = settings.get("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
}

/** Switches between light and dark, starting from what the system prefers. */
export function switchTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  settings.set({ theme: root.dataset.theme });
}

/** @param {string} name */
function text(name) {
  const field = form.elements.namedItem(name);
  return field instanceof HTMLInputElement || field instanceof HTMLSelectElement ? field.value : "";
}

/**
 * @param {string} name
 * @param {number} most
 */
function number(name, most) {
  const field = find(`[name="${name}"]`, HTMLInputElement, form);
  const label = form.querySelector(`label[for="${field.id}"]`)?.textContent?.toLowerCase() ?? name;
  const value = parseNumber(field.value);
  const isGood = value >= 0 && value <= most && Number.isFinite(value);
  field.setAttribute("aria-invalid", String(!isGood));
  if (!isGood) throw new Error(t(most === Infinity ? "number.least" : "number.range", { label, value: field.value, most }));
  return value;
}

/** @param {string} name of a field with a number of at least 1 */
function whole(name) {
  const value = number(name, 10_000);
  if (Number.isInteger(value) && value >= 1) return value;
  const field = find(`[name="${name}"]`, HTMLInputElement, form);
  field.setAttribute("aria-invalid", "true");
  throw new Error(t("number.whole", { label: form.querySelector(`label[for="${field.id}"]`)?.textContent?.toLowerCase() ?? name, value: field.value }));
}

/**
 * @param {string} name
 * @param {string | undefined} value
 */
function setField(name, value) {
  const field = form.elements.namedItem(name);
  if (value === undefined || !(field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) return;
  if (field instanceof HTMLInputElement) {
    const format = formatter({ useGrouping: false, maximumSignificantDigits: 12 });
    field.value = Number.isNaN(parseNumber(value)) ? value : format.format(parseNumber(value));
  } else if ([...field.options].some((option) => option.value === value)) {
    field.value = value;
  }
}

/** Puts what differs from a new page into the address: numbers with a point, whatever the language. */
export function keep() {
  sayChosen();
  const values = KEPT.map((name) => {
    const value = plain(text(name));
    const isOwn = value !== DEFAULTS.get(name) && !(name === "rows" && value === "own") && !(name === "reference" && value === "stay");
    return [name, isOwn ? value : undefined];
  });
  settings.set(Object.fromEntries(values));
}

// Numbers and facts as people read them. Every sentence that depends on data is made here, of the catalogue's messages.

import { formatter, language, name, t } from "../messages.js";
import { placeOf } from "../outputs.js";
import { shown as shownView } from "../shown.js";
import { meaningShown } from "./meaning.js";

/** @import { Key } from "../messages.js" */
/** @import { Meaning } from "./meaning.js" */
/** @import { FigureWords, JointFinding, ShownValue } from "../../pkg/vitrine.js" */
/** @import { Channel, Coverage, Doubt, EditLog, Finding, GridLayout, Inspection, ModelFacts, Paint, Picture, StayView, Summary, Total, TrustAnswer, TrustWord } from "../protocol.js" */

/** What the manifest of the demo networks calls their outcome. */
const MORTALITY = "in-hospital mortality";

/** What the engine's template of a manifest leaves for a person to write. */
export const TO_BE_FILLED = "to be filled";

/** @param {number} value */
export function number(value) {
  return minus(isFar(value) ? power(value, "auto") : formatter({ maximumSignificantDigits: 3 }).format(value));
}

/** @param {number} value in a channel's own unit */
export function clinical(value) {
  return minus(formatter({ maximumSignificantDigits: 5 }).format(value));
}

/** @param {number} value */
export function signedNumber(value) {
  const plain = formatter({ maximumSignificantDigits: 3, signDisplay: "exceptZero" });
  return minus(isFar(value) ? power(value, "exceptZero") : plain.format(value));
}

/**
 * A number where there is little room: two digits, and nothing of what is next to none.
 * @param {number} value
 * @param {{ signDisplay: "auto" | "exceptZero", least: number }} how least: what is below it is next to none
 */
export function brief(value, { signDisplay, least }) {
  if (value === 0) return number(0);
  if (Math.abs(value) < least) return `~${number(0)}`;
  const digits = { minimumSignificantDigits: 2, maximumSignificantDigits: 2 };
  return minus(isFar(value) ? power(value, signDisplay) : formatter({ ...digits, signDisplay }).format(value));
}

/**
 * A number among many others: few digits, all with the same unit.
 * @param {number} value
 * @param {"auto" | "exceptZero"} [signDisplay]
 */
export function tabular(value, signDisplay = "auto") {
  return minus(formatter({ minimumFractionDigits: 4, maximumFractionDigits: 4, signDisplay }).format(value));
}

/**
 * What was computed, in one form everywhere: "84.0%" beside "80.9%".
 * @param {number} share in 0..1
 */
export function percent(share) {
  if (share === 0 || share === 1) return wholePercent(share);
  const format = formatter({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  // What rounds to never or to always is neither.
  return share < 0.0005 ? `< ${format.format(0.001)}` : share >= 0.9995 ? `> ${format.format(0.999)}` : format.format(share);
}

/**
 * What somebody chose, in as many digits as it has.
 * @param {number} threshold in 0..1
 */
export function thresholdPercent(threshold) {
  return formatter({ style: "percent", maximumFractionDigits: 1 }).format(threshold);
}

/** @param {number} share in 0..1 */
export function wholePercent(share) {
  return minus(formatter({ style: "percent" }).format(share));
}

/** @param {number} share in 0..1 @returns {string} as a length of CSS, which knows no language */
export function cssPercent(share) {
  return `${Math.round(share * 1000) / 10}%`;
}

/**
 * @param {number} value
 * @param {"auto" | "exceptZero"} signDisplay
 */
function power(value, signDisplay) {
  return formatter({ notation: "scientific", maximumSignificantDigits: 2, signDisplay }).format(value);
}

/**
 * Whether a number needs a power of ten: too small to be told from zero, or too long to be read.
 * @param {number} value
 */
function isFar(value) {
  return value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6);
}

/** @param {string} text */
function minus(text) {
  return text.replaceAll("-", "−").replace("E", " × 10^").replace(/\^(−?\d+)/, (_, digits) => superscript(digits));
}

/** @param {string} digits */
function superscript(digits) {
  return [...digits].map((digit) => (digit === "−" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)])).join("");
}

/** @param {Channel} channel */
export function channel({ name: spelt, label }) {
  return name("channel", spelt, label);
}

/**
 * A channel of the open model, by its row.
 * @param {number} row
 * @param {string} label what it is called where no model is open
 */
export function channelAt(row, label) {
  const found = shownView()?.model.channels[row];
  return found ? channel(found) : label;
}

/** @param {string} group */
export function group(group) {
  const text = name("group", group);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * What a figure calls the channels, groups and hours of a model, and how it writes numbers.
 * @param {ModelFacts} model
 * @param {GridLayout} layout
 * @param {Summary} summary
 * @returns {FigureWords}
 */
export function figure({ channels }, { groups }, { doubts }) {
  const isDoubted = (/** @type {number} */ row) => doubts.some((it) => it.row === row);
  const named = channels.map((it, row) => [channel(it), unit(it.unit)].filter(Boolean).join(", ") + (isDoubted(row) ? " ⚠" : ""));
  const decimal = formatter({}).formatToParts(0.5).find(({ type }) => type === "decimal")?.value;
  return {
    channels: named,
    groups: Object.fromEntries(groups.filter(({ name }) => name).map((it) => [it.name, group(it.name)])),
    hour: hour(""),
    decimal,
    // The footer's own is English, like the names of methods and options in it: they are the same in every language.
    ...(language() === "en" ? {} : { notice: t("notice") }),
  };
}

/** @param {string} outcome */
export function outcome(outcome) {
  // Exporters number what nobody named; of several, the numbers tell them apart.
  const isNumbered = /^\d+$/.test(outcome) && shownView()?.model.targets.length === 1;
  return (isNumbered ? "" : name("outcome", outcome)) || t("outcome.unnamed");
}

/**
 * What became of the patient, as the record's label says. Those of the demo stays say who died, whatever a network predicts.
 * @param {Pick<StayView, "trueLabel" | "summary" | "isDemo">} stay
 */
export function outcomeOf({ trueLabel, summary, isDemo }) {
  return t("title.outcome", { label: trueLabel === undefined ? t("title.unknown") : became(trueLabel, isDemo ? MORTALITY : summary.outcome) });
}

/**
 * What a label says of an outcome.
 * @param {number} label
 * @param {string} [outcome]
 */
export function became(label, outcome) {
  return outcome === MORTALITY ? t(label === 1 ? "title.died" : "title.survived") : String(label);
}

/** @param {string} text a number of hours, as this language writes it */
export function hour(text) {
  return t("hour", { hour: text });
}

/**
 * @param {number} step
 * @param {number} stepHours
 */
export function hoursOf(step, stepHours) {
  return span([step, step + 1], stepHours);
}

/**
 * @param {[number, number]} steps the first, and the one after the last
 * @param {number} stepHours
 */
export function span([first, end], stepHours) {
  return t("hours", { from: clinical(first * stepHours), to: clinical(end * stepHours) });
}

/** @param {Inspection} cell */
export function hours(cell) {
  return t("hours", { from: clinical(cell.hours[0]), to: clinical(cell.hours[1]) });
}

/**
 * A value with its unit, or a category.
 * @param {Inspection} cell
 */
export function value(cell) {
  if (cell.category !== undefined) return category(cell.category);
  return cell.unit ? `${clinical(cell.value)} ${unit(cell.unit)}` : clinical(cell.value);
}

/** @param {string} text as records spell it */
export function category(text) {
  return name("category", text);
}

/**
 * UCUM's spelling as clinicians write it.
 * @param {string} code
 */
export function unit(code) {
  // A template that was not filled in says nothing.
  if (code === TO_BE_FILLED) return "";
  const plain = code.replace("mm[Hg]", "mmHg").replace("mm Hg", "mmHg").replace("Cel", "°C");
  return name("unit", plain);
}

/** @param {Inspection} cell */
export function origin(cell) {
  const { edited, origin: { kind } } = cell;
  if (!edited) return plainOrigin(cell);
  const had = edited.record ? t("origin.had", { value: shown(edited.record, cell.unit) }) : t("origin.hadNone");
  if (kind === "observed") return `${t("origin.edited")}; ${had}`;
  return `${plainOrigin(cell)}, ${t(edited.isHere ? "origin.takenAway" : "origin.edited")}; ${had}`;
}

/** @param {Inspection} cell */
function plainOrigin(cell) {
  switch (cell.origin.kind) {
    case "observed":
      return t("origin.observed");
    case "carried-forward":
      return t("origin.carried", { age: clinical(cell.origin.age * (cell.hours[1] - cell.hours[0])) });
    case "normal":
      return t("origin.normal");
  }
}

/** Marks of where a value comes from. @type {Record<Inspection["origin"]["kind"], string>} */
export const MARKS = { observed: "●", "carried-forward": "—", normal: "·" };

/** @param {number} relevance */
export function effect(relevance) {
  if (relevance === 0) return t("effect.none");
  return t(relevance > 0 ? "effect.raises" : "effect.lowers");
}

/** What the relevance that is shown is counted in: log-odds, a class's score or a probability; nothing where it is none of these. */
export function countedIn() {
  const view = shownView();
  const summary = view?.stay?.summary;
  // What a map from elsewhere counts in, nobody knows.
  if (meaningShown(view) !== "effect" || view?.foreign !== undefined || !summary?.isProbability) return undefined;
  if (view?.method?.explain === "probability" || summary.scoreUnit === "output") return "probability";
  return summary.scoreUnit === "class" ? "class" : "score";
}

const TOTALS = /** @type {const} */ ({ score: "totals.score", class: "totals.class", probability: "totals.probability" });

/**
 * What stands over the totals of the rows: their unit, where they have one; of some of the hours, which.
 * @param {[number, number]} steps the first that is counted, and the one after the last
 * @param {ModelFacts} model
 */
export function totals([first, end], { steps, stepHours }) {
  const unit = countedIn();
  if (end - first < steps) return `${t("totals")}, ${span([first, end], stepHours)}`;
  return t(unit === undefined ? "totals" : TOTALS[unit]);
}

/** What hatched cells mean, where several networks are shown as one. @param {Meaning} meaning of the picture */
export function hatching(meaning) {
  const view = shownView();
  const count = view?.model.networks ?? 1;
  return count > 1 && view?.foreign === undefined && meaning !== "magnitude" ? t("hatched.networks", { count }) : "";
}

/** @param {Total} total */
export function total({ signed, raising, lowering, share }) {
  const view = shownView();
  const meaning = meaningShown(view);
  const layout = view?.stay?.layout;
  // Of some of the hours, it is their sum and its share of theirs.
  const isPart = view && layout && layout.nSteps < view.model.steps;
  const when = isPart ? `${span([layout.firstStep, layout.firstStep + layout.nSteps], view.model.stepHours)}: ` : "";
  if (meaning === "magnitude") return when + t("total.magnitude", { amount: number(signed), share: percent(share) });
  return when + t(meaning === "slope" ? "total.slope" : "total", {
    signed: signedNumber(signed),
    raising: signedNumber(raising),
    lowering: signedNumber(lowering),
    share: percent(share),
  });
}

/**
 * One cell as a sentence, for the live region.
 * @param {Inspection} cell
 * @param {number} row
 */
export function sentence(cell, row) {
  const parts = [channelAt(row, cell.channel), hours(cell), value(cell), origin(cell)];
  if (cell.relevance && meaningShown(shownView()) === "effect") {
    const { value: amount, valueShare, mask } = cell.relevance;
    parts.push(t("spoken.relevance", { amount: signedNumber(amount), effect: effect(amount), share: percent(valueShare) }));
    if (mask !== 0) parts.push(t("spoken.measuring", { amount: signedNumber(mask) }));
  }
  return parts.join(", ");
}

/**
 * A clause of the sentence, and the cells that it speaks of.
 * @typedef {{ text: string, finding: Pick<Finding, "row" | "steps" | "until">, side: "raising" | "lowering" }} Clause
 */

/**
 * What raised and lowered the prediction, and what was assumed: the pieces of each sentence.
 * @param {Summary} summary
 * @returns {(string | Clause)[][]}
 */
export function sentences(summary) {
  const { raising, lowering, raisingTogether, loweringTogether, assumed } = summary;
  const said = [side("raised", "raising", raising, summary), side("lowered", "lowering", lowering, summary)];
  const told = assumed.map(({ row, channel: label, value: it, unit: code, relevance }) => [
    t(relevance > 0 ? "reading.assumed.raises" : "reading.assumed.lowers", {
      channel: channelAt(row, label), value: shown(it, code),
    }),
  ]);
  const jointly = [
    together("reading.raised.together", "raising", raisingTogether, summary),
    together("reading.lowered.together", "lowering", loweringTogether, summary),
  ];
  const found = [said[0], jointly[0], said[1], jointly[1]].filter((pieces) => pieces !== undefined && pieces.length > 0);
  return [...(found.length > 0 ? found : [[t("reading.none")]]), ...told].map((pieces) => pieces ?? []);
}

/**
 * "Most" is said where enough networks put the first one first.
 * @param {"raised" | "lowered"} word
 * @param {Clause["side"]} of
 * @param {Finding[]} some
 * @param {Summary} summary
 * @returns {(string | Clause)[]}
 */
function side(word, of, some, summary) {
  if (some.length === 0) return [];
  const isLed = some[0]?.isFirst ?? false;
  const [before = "", after = ""] = t(`reading.${word}${isLed ? ".most" : ""}`, { findings: "\u0000" }).split("\u0000");
  const separators = ["", isLed ? t("reading.also") : ", "];
  const clauses = some.flatMap((it, at) => [separators[at] ?? ", ", { text: finding(it, summary), finding: it, side: of }]);
  return [before, ...clauses, after];
}

/**
 * What several channels did together.
 * @param {Key} key
 * @param {Clause["side"]} of
 * @param {JointFinding | undefined} it
 * @param {Summary} summary
 * @returns {(string | Clause)[]}
 */
function together(key, of, it, summary) {
  if (!it) return [];
  const { steps } = summary.coverage;
  const [before = "", after = ""] = t(key, { findings: "\u0000", without: output(it.without, summary) }).split("\u0000");
  /** @type {(row: number) => Clause} */
  const clause = (row) => ({ text: channelAt(row, ""), finding: { row, steps: [0, steps], until: steps }, side: of });
  return [before, ...it.rows.flatMap((row, at) => [...(at ? [", "] : []), clause(row)]), after];
}

/**
 * The channels that moved an output, each alone or all together.
 * @param {Finding[]} alone
 * @param {JointFinding | undefined} together
 */
export function names(alone, together) {
  const channels = (/** @type {number[]} */ rows) => rows.map((row) => channelAt(row, "")).join(", ");
  return together ? t("cohort.together", { channels: channels(together.rows) }) : channels(alone.map(({ row }) => row));
}

/** The same as one text. @param {Summary} summary */
export function told(summary) {
  return sentences(summary).map((pieces) => pieces.map((piece) => (typeof piece === "string" ? piece : piece.text)).join("")).join(" ");
}

/** And with what it all rests on. @param {Summary} summary */
export function summed(summary) {
  return `${told(summary)} ${rests(summary.coverage)}`;
}

/**
 * What raised and lowered the prediction, where the method says so.
 * @param {Pick<StayView, "summary">} stay
 */
export function reading({ summary }) {
  const meaning = meaningShown(shownView());
  return meaning === "effect" ? summed(summary) : t(`reading.${meaning}`);
}

/**
 * @param {Finding} it
 * @param {Summary} summary
 */
function finding({ row, channel: label, unit: code, hours: when, range: [low, high], isOfMeasuring, without }, summary) {
  const [a, b] = [shown(low, ""), shown(high, "")];
  const value = a === b ? shown(low, code) : between(a, shown(high, code), low.value);
  const places = { channel: channelAt(row, label), value, without: output(without, summary) };
  if (!when) return t(isOfMeasuring ? "reading.measured.static" : "reading.finding.static", places);
  const [from, to] = when.map(clinical);
  return t(isOfMeasuring ? "reading.measured" : "reading.finding", { ...places, from, to });
}

/**
 * An output as people read it.
 * @param {number} it
 * @param {{ isProbability: boolean, unit?: string } | undefined} summary
 */
export function output(it, summary) {
  if (summary?.isProbability !== false) return percent(it);
  return summary.unit ? `${number(it)} ${unit(summary.unit)}` : signedNumber(it);
}

/** What the output is; of one that is said at every hour, at which. @param {Pick<Summary, "isProbability" | "outcome" | "mostLikely">} summary */
export function predicted({ isProbability, outcome: name, mostLikely }) {
  const kind = mostLikely ? "class.of" : isProbability ? "risk.of" : "output.of";
  const what = t(kind, { outcome: outcome(name) });
  const view = shownView();
  const place = view && placeOf(view.model.targets, view.method?.target);
  if (!view || !place?.output.isPerStep) return what;
  return t("output.atHour", { what, hours: hoursOf(place.step, view.model.stepHours) });
}

/** The same with the threshold, and with what each of several networks says. @param {Pick<StayView, "summary" | "spread">} stay */
export function headline({ summary, spread: of }) {
  const { isProbability } = summary;
  const parts = [isProbability ? standing(summary, "threshold") : "", isProbability && of ? spread(of) : ""];
  return [predicted(summary), ...parts].filter(Boolean).join(", ");
}

/**
 * Where a probability stands: beside its threshold, or, of a class, beside the most likely one.
 * @param {Pick<Summary, "mostLikely" | "threshold">} summary
 * @param {"threshold" | "title.above" | "title.below"} beside
 */
export function standing({ mostLikely, threshold }, beside) {
  if (!mostLikely) return t(beside, { at: thresholdPercent(threshold) });
  if (mostLikely.isExplained) return t("class.mostLikely", { count: mostLikely.nClasses });
  return t("class.lessLikely", { count: mostLikely.nClasses, outcome: outcome(mostLikely.outcome), at: percent(mostLikely.probability) });
}

/**
 * Why some of a finding's readings are hard to believe; nothing where they are not.
 * @param {Clause["finding"]} finding
 * @param {Summary} summary
 */
export function doubt({ row, steps: [from], until }, { doubts }) {
  const own = doubts.filter((it) => it.row === row && it.step >= from && it.step < until);
  return own.length > 0 ? doubted(own) : "";
}

/** What the mark of doubt beside names says, and of which; nothing where none has it. @param {Summary} summary */
export function doubtful({ doubts }) {
  /** @type {Map<string, string[]>} */
  const channels = new Map();
  for (const row of new Set(doubts.map((it) => it.row))) {
    const text = doubted(doubts.filter((it) => it.row === row));
    channels.set(text, [...(channels.get(text) ?? []), channelAt(row, "")]);
  }
  return channels.size > 0 ? `⚠ ${[...channels].map(([text, named]) => `${named.join(", ")}: ${text}`).join("; ")}` : "";
}

/**
 * @param {Doubt[]} doubts of one channel, at least one
 */
export function doubted(doubts) {
  const others = [...new Set(doubts.flatMap(({ contradicts }) => contradicts))];
  if (others.length === 0) return t("doubt.implausible");
  return t("doubt.contradicts", { others: others.map((row) => channelAt(row, "")).join(", ") });
}

/**
 * How often predictions like this came true, and what they leave open; nothing where nobody counted.
 * @param {Summary} summary
 */
export function sureness({ sureness: it, outcome }) {
  if (!it) return "";
  const isDeath = outcome === MORTALITY;
  const [from, to] = it.between.map(wholePercent);
  const often = it.ofHundred === 0
    ? t(isDeath ? "sure.died.few" : "sure.came.few", { from, to })
    : t(isDeath ? "sure.died" : "sure.came", { from, to, count: it.ofHundred });
  if (!it.set) return often;
  const { coverage, holds: [outcomeIn, absenceIn], missing } = it.set;
  const at = wholePercent(coverage);
  if (outcomeIn !== absenceIn) return `${often} ${t(isDeath ? (outcomeIn ? "sure.die" : "sure.live") : outcomeIn ? "sure.yes" : "sure.no", { at })}`;
  const never = missing.map((row) => channelAt(row, "")).join(", ");
  return `${often} ${t(never ? "sure.cannot.because" : "sure.cannot", { at, never })}`;
}

/** What several networks predict. @param {NonNullable<StayView["spread"]>} spread */
export function spread({ each, least, greatest }) {
  return t("risk.spread", { count: each.length, least: percent(least), greatest: percent(greatest) });
}

/**
 * Whether a measured value lies outside what is normal.
 * @param {Inspection} cell
 */
export function isOutside({ value: it, normalRange, origin: { kind } }) {
  return normalRange !== undefined && kind !== "normal" && (it < normalRange[0] || it > normalRange[1]);
}

/**
 * Where a value comes from, what is normal, and what it was before.
 * @param {Inspection} cell
 */
export function circumstances(cell) {
  const { normalRange, before, category: isCategory } = cell;
  const parts = [origin(cell)];
  if (normalRange && isCategory === undefined) parts.push(t("card.normal", { range: range(normalRange) }));
  if (before) parts.push(t("card.before", { hours: clinical(before.hoursAgo), value: shown(before, "") }));
  return parts.join("; ");
}

/** @param {[number, number]} range */
function range([low, high]) {
  return low === high ? clinical(low) : between(clinical(low), clinical(high), low);
}

/**
 * From one value to another: beside a minus a dash would be read as one.
 * @param {string} from
 * @param {string} to
 * @param {number} low the lower of them
 */
function between(from, to, low) {
  return low < 0 ? `${from} … ${to}` : `${from}–${to}`;
}

/**
 * What a cell does to the output, by its value and by its being measured.
 * @param {Inspection} cell
 */
export function share({ relevance }) {
  if (!relevance) return "";
  if (relevance.value === 0 && relevance.mask === 0) return effect(0);
  const { value: result, mask } = relevance;
  return t("card.effect", { effect: effect(larger(relevance)), amount: signedNumber(result), mask: signedNumber(mask) });
}

/** What value and measuring do together has the sign of the larger. @param {NonNullable<Inspection["relevance"]>} relevance */
function larger({ value: result, mask }) {
  return Math.abs(result) < Math.abs(mask) ? mask : result;
}

/**
 * What the network says without a cell's reading, and whether that goes against what the picture says of the cell.
 * @param {number} it
 * @param {Inspection} cell
 * @param {Summary | undefined} summary
 */
export function without(it, { relevance }, summary) {
  const said = output(it, summary);
  const isSeen = summary !== undefined && said !== output(summary.probability, summary);
  const effect = relevance && meaningShown(shownView()) === "effect" ? larger(relevance) : 0;
  // What raises it is missing, and yet it is higher; or the other way round.
  const isAgainst = isSeen && effect !== 0 && it > summary.probability === effect > 0;
  return t(isAgainst ? "card.without.against" : "card.without", { output: said });
}

/**
 * What a card says of a cell, line by line: the place, what stands there, where it comes from, what it does. At the foot of a
 * row it speaks of the measuring, and elsewhere of the value.
 * @param {Inspection} cell
 * @param {{ row: number, isFoot?: boolean }} where
 */
export function card(cell, { row, isFoot }) {
  const title = `${channelAt(row, cell.channel)}, ${hours(cell)}`;
  const hasEffect = meaningShown(shownView()) === "effect";
  if (!isFoot) return [title, value(cell), circumstances(cell), hasEffect ? share(cell) : ""];
  const amount = cell.relevance?.mask ?? 0;
  const does = amount === 0 ? effect(0) : t("card.measuring", { effect: effect(amount), amount: signedNumber(amount) });
  const isMeasured = cell.origin.kind === "observed";
  const measured = isMeasured && cell.edited && !cell.edited.record ? "card.entered" : isMeasured ? "card.measured" : "card.unmeasured";
  return [title, t(measured), `${value(cell)}: ${circumstances(cell)}`, hasEffect ? does : ""];
}

/** @param {Coverage} coverage */
export function rests({ charted, channels, chartedSteps, steps, assumedShare, goesOnTo }) {
  const stepHours = shownView()?.model.stepHours ?? 1;
  const counts = { charted: number(charted), channels: number(channels), hours: number(chartedSteps), of: number(steps) };
  const seen = stepHours === 1 ? t("reading.rests", counts) : t("reading.restsOfSteps", { ...counts, width: clinical(stepHours) });
  const text = goesOnTo === undefined ? seen : `${seen} ${t("reading.goesOn", { hour: clinical(goesOnTo) })}`;
  return assumedShare < 0.05 ? text : `${text} ${t("reading.unmeasured", { share: wholePercent(assumedShare) })}`;
}

/**
 * A value as it is shown, with its unit.
 * @param {ShownValue} it
 * @param {string} code the unit
 */
export function shown({ value: number, category: text }, code) {
  // A score is read as the number that it is.
  if (text !== undefined) return Number.isNaN(Number(text)) ? `“${category(text)}”` : category(text);
  return unit(code) ? `${clinical(number)} ${unit(code)}` : clinical(number);
}

/** @param {number} value in a channel's unit, as people would type it */
export function typed(value) {
  return formatter({ maximumSignificantDigits: 5, useGrouping: false }).format(value);
}

/** @param {number} change of a share, in percentage points */
export function points(change) {
  const percent = formatter({ style: "percent", maximumFractionDigits: 2, signDisplay: "exceptZero" }).format(change);
  return t("points", { change: minus(percent.replace(/\s*%/, "")) });
}

/** What a change did to an output. @param {number} change @param {Pick<Summary, "isProbability"> | undefined} summary */
export function moved(change, summary) {
  return summary?.isProbability === false ? signedNumber(change) : points(change);
}

/**
 * What all changes did to an output: they are of the whole record, whatever hours are shown.
 * @param {Pick<EditLog, "original" | "probability" | "change">} log
 * @param {StayView | undefined} stay
 */
export function changed({ original, probability, change }, stay) {
  const summary = stay?.summary;
  const places = { from: output(original, summary), to: output(probability, summary), change: moved(change, summary) };
  const text = t(summary?.isProbability === false ? "whatif.output" : "whatif.risk", places);
  return stay?.knownSteps === undefined ? text : t("whatif.ofAll", { text });
}

/**
 * The first and the last value of a change.
 * @param {[ShownValue, ShownValue]} values
 * @param {string} code the unit
 */
export function ends([first, last], code) {
  const [a, b] = [shown(first, code), shown(last, code)];
  return a === b ? a : `${a} … ${b}`;
}

/** The end of a colour scale. @param {number} end @param {boolean} isSigned */
export function endOf(end, isSigned) {
  return isSigned ? `±${number(end)}` : number(end);
}

/**
 * What a colour scale is, where it is not in proportion up to the largest of its picture: for legends and what leaves the page.
 * @param {Pick<Picture, "ticks" | "beyond">} scale
 * @param {{ scaling: Paint["scaling"], isHeld?: boolean, isSigned: boolean, categories?: Paint["categories"] }} how
 */
export function scale({ ticks: [, , last], beyond: count }, { scaling, isHeld, isSigned, categories }) {
  const end = endOf(last, isSigned);
  const ends = isHeld ? t("scale.note.held", { end, count }) : scaling === "percentile" ? t("scaling.note.percentile", { end, count }) : "";
  const isMean = !isSigned && categories === "mean";
  return [ends, scaling === "root" ? t("scaling.note.root") : "", isMean ? t("categories.note") : ""].filter(Boolean).join(" ");
}

/** Where relevance counts that stands on hours that are not known, where there is such. @param {number | undefined} knownSteps */
export function counted(knownSteps) {
  const model = shownView()?.model;
  return knownSteps === undefined || knownSteps === 0 || !model || model.hasOpenSteps ? "" : t("known.counted");
}

/** What a network's axes are taken for, where nothing tells. @param {Pick<ModelFacts, "assumedLayout">} model */
export function assumed({ assumedLayout }) {
  return assumedLayout.length === 0 ? "" : t("facts.axes", { axes: assumedLayout.map((axis) => `"${axis}"`).join(", ") });
}

/** What a network is called, or several that are shown as one. @param {Pick<ModelFacts, "name" | "networks">} model */
export function network({ name, networks }) {
  return networks > 1 ? t("model.networks", { name, count: networks }) : name;
}

/** What the marks in the cells of the record mean. */
export function marks() {
  return `● ${t("mark.observed")}  — ${t("mark.carried")}  · ${t("mark.normal")}; ${t("mark.aside")}.`;
}

/** What the tint of the record counts, and of which channels it counts something else. @param {ModelFacts} model */
export function tinted({ channels, withoutNormal }) {
  if (withoutNormal.length === channels.length) return t("tint.mean");
  const open = withoutNormal.map((row) => channelAt(row, "")).join(", ");
  return [t("tint.range"), open && t("tint.without", { channels: open })].filter(Boolean).join(" ");
}

/** @param {"puor" | "rdbu" | "seismic" | "vik"} palette */
export function colours(palette) {
  return t(`colours.${palette}`);
}

/**
 * The parts that a score is made of, by name; none where the method does not divide it.
 * @param {Pick<StayView, "ledger" | "effects">} stay
 * @returns {{ name: string, amount: number }[]}
 */
export function account({ ledger, effects }) {
  if (Number.isNaN(ledger.cells)) return [];
  // A measurement that is taken away takes its mask along: the two have one share.
  const inputs = effects ? [{ name: t("ledger.measurements"), amount: ledger.cells + ledger.masks }]
    : [{ name: t("ledger.values"), amount: ledger.cells }, { name: t("ledger.masks"), amount: ledger.masks }];
  // A difference from a reference stay begins at that stay's score, and leaves nothing on the way.
  if (ledger.reference !== 0) return [{ name: t("ledger.reference"), amount: ledger.reference }, ...inputs];
  return [
    ...inputs,
    { name: t("ledger.biases"), amount: ledger.biases },
    { name: t("ledger.initialStates"), amount: ledger.initialStates },
    { name: t("ledger.epsilon"), amount: ledger.epsilon },
  ];
}

/** How the numbers of a check are written: a correlation as it is, others as a share. @param {TrustAnswer["question"]} question */
export function checked(question) {
  return question === "shuffles" || question === "epsilon" ? number : wholePercent;
}

/** Whether an explanation holds. @param {Pick<TrustWord, "verdict" | "followed">} trust */
export function verdict({ verdict: it, followed }) {
  if (it !== "shaky") return t(`verdict.${it}`);
  if (followed < 0) return t("verdict.shaky.against");
  return followed > 0.75 && followed < 1.33 ? t("verdict.shaky.part") : t("verdict.shaky.share", { share: wholePercent(followed) });
}

// What groups of measurements do to the score, one a line: the largest first, with the standard error where values were
// sampled.

import { t } from "../messages.js";
import { addPanel, moveTo, onCursor, onShow, shown } from "../page.js";
import { columns, make, scroller, tableRow } from "./dom.js";
import * as methods from "./methods.js";
import * as numbersHelp from "./numbers-help.js";
import * as words from "./words.js";

/** @import { Cell } from "../page.js" */
/** @import { Key } from "../messages.js" */
/** @import { EffectsFacts, ModelFacts } from "../protocol.js" */

/** Lines that are shown, in a box that scrolls. */
const LINES = 500;

/** @typedef {EffectsFacts["groups"][number]} Group */

const place = make("section", { class: "effects" });
const at = make("p", { class: "small effects-at" });

export function start() {
  place.id = "effects";
  place.hidden = true;
  addPanel("under", place);
  onShow(show);
  onCursor(mark);
}

function show() {
  const { stay, model, method } = shown() ?? {};
  const effects = stay?.effects;
  place.hidden = !effects;
  if (!effects || !model) return place.replaceChildren();
  const heading = make("h2", {}, t(`effects.${effects.kind}`));
  const isSampled = effects.groups.some(({ error }) => error > 0);
  const keys = effects.kind === "shapley" ? [isSampled ? "effects.sampled" : "effects.exact"] : [];
  const how = make("p", { class: "small quiet" }, [t(`effects.${effects.kind}.how`), ...keys.map((key) => t(/** @type {Key} */ (key), { orders: method?.orders ?? 50, seed: method?.seed ?? 0 }))].join(" "));
  const lines = [...effects.strongest].slice(0, LINES).flatMap((index) => {
    const group = effects.groups[index];
    return group ? [line(group, model, isSampled)] : [];
  });
  const table = make("table", { class: "plain-table" }, columns(["effects.group", "effects.hours", "effects.effect", ...(isSampled ? /** @type {const} */ (["effects.error"]) : [])]), make("tbody", {}, ...lines));
  const scroll = scroller(`${methods.nameOf(effects.kind)}: ${t("effects.group")}`, "effects-list", table);
  const more = effects.groups.length > LINES ? [make("p", { class: "small quiet" }, t("effects.more", { count: effects.groups.length - LINES }))] : [];
  at.textContent = "";
  place.replaceChildren(heading, how, at, scroll, ...more, numbersHelp.ask("methods"));
}

/**
 * @param {Group} group
 * @param {ModelFacts} model
 * @param {boolean} isSampled
 */
function line(group, model, isSampled) {
  const button = make("button", { class: "link", press: () => moveTo({ row: group.channel ?? 0, step: group.from }) }, name(group, model));
  return tableRow(button, hours(group, model), words.signedNumber(group.effect), ...(isSampled ? [`± ${words.number(group.error)}`] : []));
}

/** Says what the group under the cursor does. @param {Cell} cell */
function mark({ row, step }) {
  const { stay, model } = shown() ?? {};
  const group = stay?.effects?.groups.find(({ channel, from, to }) => (channel ?? row) === row && from <= step && step < to);
  if (!stay?.effects || !model) return;
  if (!group) at.textContent = t("effects.none");
  else {
    const error = group.error > 0 ? ` ± ${words.number(group.error)}` : "";
    at.textContent = t("effects.at", { group: name(group, model), hours: hours(group, model), effect: words.signedNumber(group.effect) + error });
  }
}

/**
 * @param {Group} group
 * @param {ModelFacts} model
 */
function name({ channel }, model) {
  const found = channel === undefined ? undefined : model.channels[channel];
  return found ? words.channel(found) : t("effects.all");
}

/**
 * @param {Group} group
 * @param {ModelFacts} model
 */
function hours({ from, to }, { stepHours }) {
  return words.span([from, to], stepHours);
}

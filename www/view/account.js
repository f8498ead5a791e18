// Where the score went, channel by channel and hour by hour: values and masks apart, with signed and absolute sums. All
// sums are the engine's.

import { t } from "../messages.js";
import { addExport, addPanel, engine, shown } from "../page.js";
import { Standing } from "../standing.js";
import { columns, make, say, scroller, tableRow } from "./dom.js";
import * as numbersHelp from "./numbers-help.js";
import { save } from "./save.js";
import * as taking from "./taking.js";
import * as words from "./words.js";

/** @import { Key } from "../messages.js" */
/** @import { Account, AccountLine } from "../protocol.js" */

const panel = make("details");
const gist = make("span", { class: "quiet" });
const content = make("div");
/** @type {Standing<Account>} */
const answer = new Standing("explanation");

export function start() {
  panel.id = "account";
  const name = say("span", "sums");
  panel.append(make("summary", {}, name, gist), content);
  addPanel("panels", panel);
  addExport({ label: "export.account", run: async () => save(`${taking.name()}-account.csv`, "text/csv", await engine.request("takeAccount", undefined)) });
  panel.addEventListener("toggle", () => void look());
  answer.watch(() => void look());
}

/** Asks for the sums where they are in sight. */
async function look() {
  if (!answer.value) content.replaceChildren();
  if (!panel.open || !shown()?.stay) return;
  try {
    const account = await answer.ask(() => engine.request("account", undefined));
    if (account) show(account);
  } catch (error) {
    console.warn("the account could not be read", error);
  }
}

/** @param {Account} account */
function show(account) {
  const model = shown()?.model;
  if (!model) return;
  const channel = (/** @type {number} */ row) => (model.channels[row] ? words.channel(model.channels[row]) : "");
  const hour = (/** @type {number} */ step) => (step < account.hours.length ? words.hoursOf(step, model.stepHours) : t("sums.static"));
  const said = measuring(account, channel, hour);
  content.replaceChildren(
    make("p", { class: "small" }, [t(account.rest ? "sums.how" : "sums.how.none"), ...(shown()?.stay?.effects ? [t("sums.together")] : [])].join(" ")),
    ...(said ? [make("p", { class: "sums-measuring" }, said)] : []),
    make("p", { class: "small quiet" }, t("sums.criterion")),
    numbersHelp.ask("account"),
    table("sums.channels", "readout.channel", account.channels, channel, account),
    table("sums.hours", "readout.hour", inTime(account), hour, account),
  );
}

/** The hours, and last what is of none. @param {Account} account */
function inTime({ hours, static: fixed }) {
  return fixed ? [...hours, fixed] : hours;
}

/**
 * Where the model reacted to the measuring, in words.
 * @param {Account} account
 * @param {(row: number) => string} channel
 * @param {(step: number) => string} hour
 */
function measuring({ channels, hours, inputs }, channel, hour) {
  const named = (/** @type {AccountLine[]} */ lines, /** @type {(index: number) => string} */ name) =>
    lines.flatMap(({ isOfMeasuring }, index) => (isOfMeasuring ? [name(index)] : [])).join(", ");
  const [rows, steps] = [named(channels, channel), named(hours, hour)];
  return [
    inputs.isOfMeasuring ? t("sums.measuring.all") : "",
    rows ? t("sums.measuring", { where: rows }) : "",
    steps ? t("sums.measuring", { where: steps }) : "",
  ].filter(Boolean).join(" ");
}

/**
 * @param {Key} title
 * @param {Key} first
 * @param {AccountLine[]} lines
 * @param {(index: number) => string} name
 * @param {Account} account
 */
function table(title, first, lines, name, { inputs, rest }) {
  const parts = rest ? /** @type {[Key, number][]} */ ([
    ["ledger.biases", rest.biases], ["ledger.initialStates", rest.initialStates], ["ledger.epsilon", rest.epsilon],
    ["ledger.reference", rest.reference], ["ledger.residual", rest.residual],
  ]) : [];
  const foot = [line(t("sums.all"), inputs), ...parts.map(([key, amount]) => single(t(key), amount)), ...(rest ? [single(t("ledger.score"), rest.score, "sum")] : [])];
  const it = make("table", { class: "numbers sums" }, make("caption", {}, t(title)), columns([first, "sums.values", "sums.valuesAbsolute", "sums.masks", "sums.masksAbsolute", "readout.share"]),
    make("tbody", {}, ...lines.map((one, index) => line(name(index), one))), make("tfoot", {}, ...foot));
  return scroller(t(title), "compare-scroll", it);
}

/**
 * @param {string} name
 * @param {AccountLine} line
 */
function line(name, { values, masks, share, isOfMeasuring }) {
  const mark = isOfMeasuring ? [make("small", {}, ` ${t("sums.mark")}`)] : [];
  const it = tableRow(name, words.signedNumber(values.signed), words.number(values.absolute), words.signedNumber(masks.signed), words.number(masks.absolute), words.percent(share));
  it.cells[0]?.append(...mark);
  return it;
}

/**
 * What did not arrive at an input, or all of it: one number.
 * @param {string} name
 * @param {number} amount
 * @param {string} [className]
 */
function single(name, amount, className = "") {
  const it = tableRow(name, words.signedNumber(amount));
  it.className = className;
  it.append(make("td", { colSpan: 4 }));
  return it;
}

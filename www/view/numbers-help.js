// What each number means, in two sentences with its source: part of the help, and opened from where the numbers stand.
// docs/methods.md says the same at more length.

import { t } from "../messages.js";
import { make } from "./dom.js";

/** @import { Key } from "../messages.js" */

/** @typedef {"methods" | "account" | "compare" | "trust" | "cohort"} Group */

const LRP = "Bach 2015, 10.1371/journal.pone.0130140; Arras 2017, 10.18653/v1/W17-5221; Arras 2019, 10.1007/978-3-030-28954-6_11";
const DEEP_SHAP = "Shrikumar 2017, arXiv:1704.02685; Lundberg and Lee 2017, arXiv:1705.07874; Chen 2022, 10.1038/s41467-022-31384-3";
const KRISHNA = "Krishna 2022, arXiv:2202.01602";

/** The name that a number has on the page, what it means, its source; no source where the definition is ours. @type {Record<Group, [Key, Key, string][]>} */
const NUMBERS = {
  methods: [
    ["method.lrp", "numbers.n.lrp", LRP],
    ["method.gradient", "numbers.n.gradient", "Simonyan 2014, arXiv:1312.6034"],
    ["method.gradient-x-input", "numbers.n.gradient-x-input", "Shrikumar 2016, arXiv:1605.01713"],
    ["method.integrated-gradients", "numbers.n.integrated-gradients", "Sundararajan 2017, arXiv:1703.01365"],
    ["method.smooth-grad", "numbers.n.smooth-grad", "Smilkov 2017, arXiv:1706.03825"],
    ["method.deep-shap", "numbers.n.deep-shap", DEEP_SHAP],
    ["method.occlusion", "numbers.n.occlusion", "Zeiler and Fergus 2014, 10.1007/978-3-319-10590-1_53"],
    ["method.shapley", "numbers.n.shapley", "Shapley 1953, 10.1515/9781400881970-018; Castro 2009, 10.1016/j.cor.2008.04.004"],
  ],
  account: [
    ["account", "numbers.n.ledger", "Bach 2015, 10.1371/journal.pone.0130140"],
    ["ledger.residual", "numbers.n.residual", "Bach 2015, 10.1371/journal.pone.0130140"],
    ["sums", "numbers.n.sums", ""],
    ["sums.masks", "numbers.n.measuring", "Che 2018, 10.1038/s41598-018-24271-9"],
  ],
  compare: [
    ["compare.order", "numbers.n.order", "Spearman 1904, 10.2307/1412159"],
    ["compare.top", "numbers.n.top", KRISHNA],
    ["compare.signs", "numbers.n.signs", KRISHNA],
    ["compare.hatch", "numbers.n.hatched", ""],
  ],
  trust: [
    ["trust.follows", "numbers.n.follows", "Ancona 2018, arXiv:1711.06104; Covert and Lee 2021, arXiv:2012.01536"],
    ["trust.finds", "numbers.n.finds", ""],
    ["trust.curves.deletion", "numbers.n.curves", "Samek 2017, 10.1109/TNNLS.2016.2599820; Petsiuk 2018, arXiv:1806.07421"],
    ["trust.noise", "numbers.n.noise", "Yeh 2019, arXiv:1901.09392"],
    ["trust.shuffles", "numbers.n.shuffles", "Adebayo 2018, arXiv:1810.03292"],
    ["trust.epsilon", "numbers.n.epsilon", ""],
    ["trust.result", "numbers.n.verdict", ""],
  ],
  cohort: [["cohort.net", "numbers.n.net", "Vickers and Elkin 2006, 10.1177/0272989X06295361"], ["cohort.trust.mean", "numbers.n.mean", "Efron 1979, 10.1214/aos/1176344552"]],
};

/** Every number of the methods, group by group, folded. @param {Group} [open] the group that was asked for */
export function section(open) {
  const groups = /** @type {Group[]} */ (Object.keys(NUMBERS)).map((group) => {
    const lines = NUMBERS[group].flatMap(([name, what, source]) => [make("dt", {}, t(name)), make("dd", {}, t(what), " ", make("cite", { class: "quiet" }, source || t("numbers.ours")))]);
    const it = make("details", { data: { numbers: group } }, make("summary", {}, t(`numbers.${group}`)), make("dl", { class: "number-help" }, ...lines));
    it.open = group === open;
    return it;
  });
  return [make("h3", {}, t("numbers")), ...groups];
}

/** Who opens the help. @type {(group: Group) => void} */
let opener = () => {};

/** @param {(group: Group) => void} it */
export function onAsk(it) {
  opener = it;
}

/** A button beside numbers that opens what they mean. @param {Group} group */
export function ask(group) {
  return make("button", { class: "link small", data: { numbers: group }, press: () => opener(group) }, t("numbers.ask"));
}

// Numbers and facts as people read them. Every sentence that depends on data is made here.

/** @import { Driver, Inspection, Summary } from "../protocol.js" */

const LANGUAGE = "en";
const plain = new Intl.NumberFormat(LANGUAGE, { maximumSignificantDigits: 5 });
const short = new Intl.NumberFormat(LANGUAGE, { maximumSignificantDigits: 3 });
const powers = new Intl.NumberFormat(LANGUAGE, { notation: "scientific", maximumSignificantDigits: 2 });
const signed = new Intl.NumberFormat(LANGUAGE, { maximumSignificantDigits: 3, signDisplay: "exceptZero" });
const signedPowers = new Intl.NumberFormat(LANGUAGE, {
  notation: "scientific",
  maximumSignificantDigits: 2,
  signDisplay: "exceptZero",
});
const percents = new Intl.NumberFormat(LANGUAGE, { style: "percent", maximumFractionDigits: 1 });
const wholePercents = new Intl.NumberFormat(LANGUAGE, { style: "percent" });

/** @param {number} value */
export function number(value) {
  return minus((isFar(value) ? powers : short).format(value));
}

/** @param {number} value in a channel's own unit */
export function clinical(value) {
  return minus(plain.format(value));
}

/** @param {number} value */
export function signedNumber(value) {
  return minus((isFar(value) ? signedPowers : signed).format(value));
}

/** @param {number} share in 0..1 */
export function percent(share) {
  return share > 0 && share < 0.0005 ? `< ${percents.format(0.001)}` : percents.format(share);
}

/** @param {number} share in 0..1 */
export function wholePercent(share) {
  return wholePercents.format(share);
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

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function counted(count, one, many = `${one}s`) {
  return `${plain.format(count)} ${count === 1 ? one : many}`;
}

/** @param {Inspection} cell */
export function hours(cell) {
  return `${clinical(cell.hours[0])}–${clinical(cell.hours[1])} h`;
}

/**
 * A value with its unit, or a category with its place in the clinical order.
 * @param {Inspection} cell
 */
export function value(cell) {
  if (cell.category !== undefined) return cell.category;
  return cell.unit ? `${clinical(cell.value)} ${unit(cell.unit)}` : clinical(cell.value);
}

/**
 * UCUM's spelling as clinicians write it.
 * @param {string} code
 */
export function unit(code) {
  return code.replace("mm[Hg]", "mmHg").replace("mm Hg", "mmHg").replace("Cel", "°C");
}

/** @param {Inspection} cell */
export function origin(cell) {
  switch (cell.origin.kind) {
    case "observed":
      return "observed";
    case "carried-forward":
      return `carried forward, ${clinical(cell.origin.age * (cell.hours[1] - cell.hours[0]))} h old`;
    case "normal":
      return "filled with the normal value";
  }
}

/** @param {number} relevance */
export function effect(relevance) {
  if (relevance === 0) return "no effect on the score";
  return relevance > 0 ? "raises the predicted risk" : "lowers the predicted risk";
}

/**
 * One cell as a sentence, for the live region.
 * @param {Inspection} cell
 */
export function sentence(cell) {
  const parts = [cell.channel, hours(cell), value(cell), origin(cell)];
  if (cell.relevance) {
    const { value: amount, valueShare } = cell.relevance;
    parts.push(`relevance ${signedNumber(amount)}, ${effect(amount)}, ${percent(valueShare)} of all`);
  }
  return parts.join(", ");
}

/** What the shares of a reading are shares of. */
const WHOLE = {
  value: "all relevance of the values",
  mask: "all relevance of being measured",
  both: "all relevance",
};

/**
 * What drove the prediction, in one or two sentences.
 * @param {Summary} summary
 * @param {keyof typeof WHOLE} part the columns that the picture shows
 */
export function reading({ raising, lowering }, part) {
  const side = (/** @type {string} */ verb, /** @type {Driver[]} */ drivers) =>
    drivers.length === 0 ? "" : `${verb} most by ${drivers.map(driver).join(", ")}.`;
  const text = [side("Raised", raising), side("Lowered", lowering)].filter(Boolean).join(" ");
  return text ? `${text} (Shares of ${WHOLE[part]}.)` : "No channel stands out: the relevance is spread thinly.";
}

/** @param {Driver} driver */
function driver({ channel, share }) {
  return `${channel} (${wholePercent(share)})`;
}

/** What the two ends of each palette are called. */
const COLOURS = {
  puor: ["Orange", "purple"],
  rdbu: ["Red", "blue"],
  seismic: ["Red", "blue"],
};

/** @param {keyof typeof COLOURS} palette */
export function colours(palette) {
  const [raises, lowers] = COLOURS[palette];
  return `${raises} raised the predicted risk, ${lowers} lowered it; the stronger the colour, the more.`;
}

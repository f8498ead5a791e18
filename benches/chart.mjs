// The times of the bench as a picture: a bar for each subject from the left edge to its median, on a logarithmic axis, since
// the slowest takes hundreds of times as long as the fastest.

import { median, quantile } from "./statistics.mjs";

const NAMES = {
  predict: "Vitrine, predict",
  explain: "Vitrine, predict + LRP",
  gradient: "Vitrine, predict + gradient",
  tract: "tract as it is, predict",
  web: "onnxruntime-web, predict",
  tf: "TensorFlow.js, predict",
  native: "onnxruntime, native, predict",
};
const [LABELS, SIDE, ROW, HEAD, GAP, RIGHT] = [190, 260, 22, 34, 60, 56];

/** @param {Record<string, Record<string, number[]>>} panels by title: milliseconds a stay of each round, by subject */
export function chart(panels) {
  const all = Object.values(panels).flatMap((times) => Object.values(times).map(median));
  const [low, high] = [Math.floor(Math.log10(Math.min(...all))), Math.ceil(Math.log10(Math.max(...all)))];
  const x = (/** @type {number} */ ms) => ((Math.log10(ms) - low) / (high - low)) * SIDE;
  const keys = Object.keys(NAMES).filter((key) => Object.values(panels).some((times) => key in times));
  const height = HEAD + keys.length * ROW + 30;
  const width = LABELS + Object.keys(panels).length * (SIDE + GAP) - GAP + RIGHT;
  const names = keys.map(
    (key, k) => `<text class="y" x="${LABELS - 10}" y="${HEAD + k * ROW + 15}">${NAMES[key]}</text>`,
  );
  const drawn = Object.entries(panels).map(([title, times], k) =>
    panel(title, times, keys, { x, low, high, left: LABELS + k * (SIDE + GAP) }),
  );
  const said = Object.entries(panels).map(
    ([title, times]) =>
      `${title}: ${keys
        .filter((key) => times[key])
        .map((key) => `${NAMES[key]} ${short(median(times[key]))} ms`)
        .join(", ")}`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="milliseconds a stay. ${said.join(". ")}">
<style>
svg { color-scheme: light dark; background: #fff; font: 12px system-ui, sans-serif; --ink: #222; --line: #ddd; --own: #1f5f99; --other: #8a8f96; }
@media (prefers-color-scheme: dark) { svg { background: #15181c; --ink: #e6e6e6; --line: #3a3f46; --own: #7fb8ee; --other: #7d838b; } }
text { fill: var(--ink); } .title { font-weight: 600; } .x { text-anchor: middle; } .y { text-anchor: end; }
.grid { stroke: var(--line); fill: none; } .own { fill: var(--own); } .other { fill: var(--other); } .range { stroke: var(--ink); fill: none; }
</style>
${names.join("\n")}
${drawn.join("\n")}
</svg>
`;
}

/** Two figures, without a power of ten. @param {number} ms */
function short(ms) {
  return String(Number(ms.toPrecision(2)));
}

/** One machine's bars, with 80 % of the rounds as a line. */
function panel(title, times, keys, { x, low, high, left }) {
  const bottom = HEAD + keys.length * ROW;
  const decades = Array.from({ length: high - low + 1 }, (_, k) => low + k);
  const grid = decades.map(
    (it) =>
      `<path class="grid" d="M${x(10 ** it).toFixed(1)} ${HEAD}V${bottom}"/><text class="x" x="${x(10 ** it).toFixed(1)}" y="${bottom + 18}">${10 ** it}</text>`,
  );
  const bars = keys.flatMap((key, k) => {
    if (!times[key]) return [];
    const [top, end] = [HEAD + k * ROW, x(median(times[key]))];
    const [from, to] = [0.1, 0.9].map((share) => x(quantile(times[key], share)).toFixed(1));
    const kind = ["predict", "explain", "gradient"].includes(key) ? "own" : "other";
    return [
      `<rect class="${kind}" x="0" y="${top + 4}" width="${end.toFixed(1)}" height="${ROW - 8}"/>`,
      `<path class="range" d="M${from} ${top + ROW / 2}H${to}"/>`,
      `<text x="${(Math.max(end, Number(to)) + 5).toFixed(1)}" y="${top + 15}">${short(median(times[key]))}</text>`,
    ];
  });
  return `<g transform="translate(${left} 0)">
<text class="title" x="0" y="20">${title}, ms a stay</text>
${grid.join("\n")}
${bars.join("\n")}
</g>`;
}

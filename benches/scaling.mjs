// How the cost of an explanation grows with steps, channels and stays: least times in Node, on one thread, of synthetic
// channel-wise networks. Prints the times with the exponents fitted to them, and draws docs/scaling.svg.
//
//   node benches/scaling.mjs [--rounds 30]

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { channelWise } from "./channel-wise.mjs";
import { numbers } from "./write-onnx.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const PKG = resolve(ROOT, process.env.VITRINE_PKG ?? "pkg");
const [STEPS, CHANNELS] = [48, 16];
const WARM_UP = 20;

const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "30" } } });
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${options.rounds}: give a whole number from 1`);

const { initSync, Model } = await import(pathToFileURL(join(PKG, "vitrine.js")).href);
initSync({ module: readFileSync(join(PKG, "vitrine_bg.wasm")) });

const series = [
  grow("steps", [12, 24, 48, 96, 192, 384], (steps) => explainer(steps, CHANNELS)),
  grow("channels", [4, 8, 16, 32, 64, 128], (channels) => explainer(STEPS, channels)),
  grow("stays", [1, 4, 16, 64, 256], (stays) => explainer(STEPS, CHANNELS, stays)),
];
for (const { name, points, exponent } of series) {
  console.log(
    `${name}: exponent ${exponent.toFixed(2)}; ${points.map(([x, ms]) => `${x} ${ms.toFixed(3)} ms`).join(", ")}`,
  );
}
writeFileSync(join(ROOT, "docs/scaling.svg"), svg());

/** @param {string} name @param {number[]} sizes @param {(size: number) => { run: () => void, free: () => void }} make */
function grow(name, sizes, make) {
  const subjects = sizes.map(make);
  for (const { run } of subjects) for (let n = 0; n < WARM_UP; n++) run();
  const least = sizes.map(() => Infinity);
  // In turns, so that a machine that slows down slows all of them.
  for (let round = 0; round < rounds; round++) {
    subjects.forEach(({ run }, index) => {
      const start = performance.now();
      run();
      least[index] = Math.min(least[index] ?? Infinity, performance.now() - start);
    });
  }
  for (const { free } of subjects) free();
  const points = sizes.map((size, index) => /** @type {[number, number]} */ ([size, least[index] ?? NaN]));
  return { name, points, exponent: slope(points) };
}

/** @param {number} steps @param {number} channels @param {number} [stays] */
function explainer(steps, channels, stays = 1) {
  const model = new Model(channelWise(steps, channels));
  const random = numbers(1);
  const inputs = Float32Array.from({ length: stays * steps * model.columns }, () => random());
  return { run: () => model.explainBatch(inputs).free(), free: () => model.free() };
}

/** The exponent b of `time = a size^b`, by least squares of the logarithms. @param {[number, number][]} points */
function slope(points) {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)]);
  const mean = (/** @type {number} */ k) => logs.reduce((sum, it) => sum + (it[k] ?? 0), 0) / logs.length;
  const [mx, my] = [mean(0), mean(1)];
  const of = (/** @type {(x: number, y: number) => number} */ f) =>
    logs.reduce((sum, [x = 0, y = 0]) => sum + f(x - mx, y - my), 0);
  return of((x, y) => x * y) / of((x) => x * x);
}

/** Three charts with logarithmic axes, side by side, in the reader's colours. */
function svg() {
  const [side, gap, left, top] = [200, 60, 52, 34];
  const chart = (/** @type {typeof series[0]} */ { name, points, exponent }, /** @type {number} */ at) => {
    const [xs, ys] = [points.map(([x]) => Math.log10(x)), points.map(([, y]) => Math.log10(y))];
    const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
    const [y0, y1] = [Math.floor(Math.min(...ys)), Math.ceil(Math.max(...ys))];
    const x = (/** @type {number} */ it) => (((it - x0) / (x1 - x0)) * side).toFixed(1);
    const y = (/** @type {number} */ it) => (side - ((it - y0) / (y1 - y0)) * side).toFixed(1);
    const [mx, my] = [xs, ys].map((all) => all.reduce((a, b) => a + b) / all.length);
    const fit = (/** @type {number} */ it) => y((my ?? 0) + exponent * (it - (mx ?? 0)));
    const decades = Array.from({ length: y1 - y0 + 1 }, (_, k) => y0 + k);
    return `<g transform="translate(${left + at * (side + gap)} ${top})">
<text class="title" x="0" y="-14">${name}: exponent ${exponent.toFixed(2)}</text>
${decades.map((it) => `<path class="grid" d="M0 ${y(it)}h${side}"/><text class="y" x="-6" y="${Number(y(it)) + 4}">${10 ** it} ms</text>`).join("")}
${points.map(([size], k) => `<text class="x" x="${x(xs[k] ?? 0)}" y="${side + 18}">${size}</text>`).join("")}
<path class="fit" d="M0 ${fit(x0)}L${side} ${fit(x1)}"/>
${points.map((_, k) => `<circle cx="${x(xs[k] ?? 0)}" cy="${y(ys[k] ?? 0)}" r="3.5"/>`).join("")}
</g>`;
  };
  const [width, height] = [left + 3 * side + 2 * gap + 16, top + side + 34];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${series.map(({ name, exponent }) => `cost by ${name}: exponent ${exponent.toFixed(2)}`).join("; ")}">
<style>
svg { color-scheme: light dark; background: #fff; font: 12px system-ui, sans-serif; --ink: #222; --line: #ddd; --mark: #1f5f99; }
@media (prefers-color-scheme: dark) { svg { background: #15181c; --ink: #e6e6e6; --line: #3a3f46; --mark: #7fb8ee; } }
text { fill: var(--ink); } .title { font-weight: 600; } .x { text-anchor: middle; } .y { text-anchor: end; }
path { fill: none; } .grid { stroke: var(--line); } .fit { stroke: var(--mark); stroke-width: 1.5; } circle { fill: var(--mark); }
</style>
${series.map(chart).join("\n")}
</svg>
`;
}

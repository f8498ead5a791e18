// The engine on networks of many sizes as a picture: a row for each, and on it a mark for predict, with LRP and with a gradient, as
// ratios to onnxruntime-web's predict on a logarithmic axis.

const [LABELS, SIDE, ROW, HEAD, GAP, RIGHT] = [230, 270, 20, 52, 40, 20];
const [LOW, HIGH] = [0.1, 10];
const TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10];
const MARKS = /** @type {const} */ ([
  ["predict", "predict", "own"],
  ["explain", "with LRP", "lrp"],
  ["gradient", "with a gradient", "slope"],
]);

/** @param {Record<string, import("./sizes.mjs").Timed[]>} panels by title */
export function sizesChart(panels) {
  const [rows] = Object.values(panels);
  const bottom = HEAD + rows.length * ROW;
  const width = LABELS + Object.keys(panels).length * (SIDE + GAP) - GAP + RIGHT;
  const names = rows.map(
    ({ name }, k) => `<text class="y" x="${LABELS - 12}" y="${HEAD + k * ROW + 14}">${name}</text>`,
  );
  const key = MARKS.map(
    ([, label, kind], k) =>
      `<circle class="${kind}" cx="${LABELS + k * 110}" cy="14" r="4"/><text x="${LABELS + k * 110 + 9}" y="18">${label}</text>`,
  );
  const drawn = Object.entries(panels).map(([title, sizes], k) =>
    panel(title, sizes, LABELS + k * (SIDE + GAP), bottom),
  );
  const said = Object.entries(panels).map(
    ([title, sizes]) =>
      `${title}: ${sizes.map(({ name, predict, web }) => `${name} ${(predict / web).toFixed(2)}`).join(", ")}`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 26}" width="${width}" height="${bottom + 26}" role="img" aria-label="the time of a prediction as a ratio to onnxruntime-web's. ${said.join(". ")}">
<style>
svg { color-scheme: light dark; background: #fff; font: 12px system-ui, sans-serif; --ink: #222; --line: #ddd; --own: #1f5f99; --lrp: #b5651d; --slope: #8a8f96; }
@media (prefers-color-scheme: dark) { svg { background: #15181c; --ink: #e6e6e6; --line: #3a3f46; --own: #7fb8ee; --lrp: #e0a060; --slope: #7d838b; } }
text { fill: var(--ink); } .title { font-weight: 600; } .x { text-anchor: middle; } .y { text-anchor: end; }
.grid { stroke: var(--line); fill: none; } .even { stroke: var(--ink); fill: none; } .own { fill: var(--own); } .lrp { fill: var(--lrp); } .slope { fill: var(--slope); }
</style>
${[...key, ...names, ...drawn].join("\n")}
</svg>
`;
}

/** @param {string} title @param {import("./sizes.mjs").Timed[]} sizes @param {number} left @param {number} bottom */
function panel(title, sizes, left, bottom) {
  const x = (/** @type {number} */ ratio) => {
    const inside = Math.min(HIGH, Math.max(LOW, ratio));
    return ((Math.log(inside / LOW) / Math.log(HIGH / LOW)) * SIDE).toFixed(1);
  };
  const grid = TICKS.flatMap((it) => [
    `<path class="${it === 1 ? "even" : "grid"}" d="M${x(it)} ${HEAD}V${bottom}"/>`,
    `<text class="x" x="${x(it)}" y="${bottom + 17}">${it}</text>`,
  ]);
  const marks = sizes.flatMap((size, k) =>
    MARKS.map(
      ([what, , kind]) =>
        `<circle class="${kind}" cx="${x(size[what] / size.web)}" cy="${HEAD + k * ROW + 10}" r="4"/>`,
    ),
  );
  return `<g transform="translate(${left} 0)">
<text class="title" x="0" y="42">${title}, x onnxruntime-web's predict</text>
${[...grid, ...marks].join("\n")}
</g>`;
}

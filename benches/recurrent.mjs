// Recurrent networks of the sizes that people train, as ONNX: layers of LSTM, GRU or RNN over the hours, in one direction or in
// both, and a probability from the last state. The weights are drawn as PyTorch draws them.

import { floats, int, integers, ints, model, node, numbers, text, value } from "./write-onnx.mjs";

/** Gates of each cell. */
const GATES = { LSTM: 4, GRU: 3, RNN: 1 };

/**
 * @typedef {object} Size
 * @property {"LSTM" | "GRU" | "RNN"} cell
 * @property {number} units of each direction
 * @property {number} [steps]
 * @property {number} [columns]
 * @property {number} [layers]
 * @property {1 | 2} [directions]
 */

/** The networks that are timed. @type {Size[]} */
export const SIZES = [
  ...[10, 16, 64, 100, 128, 256, 512].map((units) => /** @type {Size} */ ({ cell: "LSTM", units })),
  ...[12, 192, 768, 3000].map((steps) => /** @type {Size} */ ({ cell: "LSTM", units: 64, steps })),
  { cell: "LSTM", units: 128, layers: 3 },
  { cell: "GRU", units: 64 },
  { cell: "GRU", units: 256 },
  { cell: "RNN", units: 256 },
  { cell: "LSTM", units: 256, layers: 2, directions: 1 },
  { cell: "LSTM", units: 128, columns: 714 },
];

/** All of a size, with what is usual where it says nothing. @param {Size} size */
export function whole({ cell, units, steps = 48, columns = 76, layers = 1, directions = 2 }) {
  return { cell, units, steps, columns, layers, directions };
}

/** What a size is called in a table. @param {Size} size */
export function nameOf(size) {
  const { cell, units, steps, columns, layers, directions } = whole(size);
  const others = [
    layers > 1 ? `${layers} layers` : "",
    directions === 1 ? "one direction" : "",
    steps === 48 ? "" : `${steps.toLocaleString("en-GB")} steps`,
    columns === 76 ? "" : `${columns} columns`,
  ];
  return [`${cell} ${units}`, ...others.filter(Boolean)].join(", ");
}

/** @param {Size} size @returns {Uint8Array} its input is `x`, [1, steps, columns], its output `risk`, [1, 1] */
export function recurrent(size) {
  const { cell, units, steps, columns, layers, directions } = whole(size);
  const random = numbers(units * 31 + steps);
  const weights = (/** @type {string} */ name, /** @type {number[]} */ dims) =>
    floats(
      name,
      dims,
      Array.from({ length: dims.reduce((a, b) => a * b) }, () => random() / Math.sqrt(units)),
    );
  const width = directions * units;
  const rows = GATES[cell] * units;
  const options = [
    int("hidden_size", units),
    text("direction", directions === 2 ? "bidirectional" : "forward"),
    // As PyTorch and Keras have it.
    ...(cell === "GRU" ? [int("linear_before_reset", 1)] : []),
  ];
  const nodes = [node("Transpose", ["x"], ["h0"], [ints("perm", [1, 0, 2])])];
  const initializers = [integers("row", [2], [1, width])];
  if (layers > 1) initializers.push(integers("rows", [3], [steps, 1, width]));
  for (let k = 1; k <= layers; k++) {
    const isLast = k === layers;
    const inputs = k === 1 ? columns : width;
    initializers.push(weights(`w${k}`, [directions, rows, inputs]));
    initializers.push(weights(`r${k}`, [directions, rows, units]), weights(`b${k}`, [directions, 2 * rows]));
    nodes.push(node(cell, [`h${k - 1}`, `w${k}`, `r${k}`, `b${k}`], isLast ? ["", "last"] : [`y${k}`], options));
    if (isLast) continue;
    nodes.push(node("Transpose", [`y${k}`], [`t${k}`], [ints("perm", [0, 2, 1, 3])]));
    nodes.push(node("Reshape", [`t${k}`, "rows"], [`h${k}`], []));
  }
  nodes.push(node("Reshape", ["last", "row"], ["h"], []), node("Gemm", ["h", "out.w", "out.b"], ["score"], []));
  nodes.push(node("Sigmoid", ["score"], ["risk"], []));
  initializers.push(weights("out.w", [width, 1]), weights("out.b", [1]));
  return model(cell, {
    nodes,
    initializers,
    inputs: [value("x", [1, steps, columns])],
    outputs: [value("risk", [1, 1])],
  });
}

// Channel-wise networks of any size as ONNX, for measuring how the cost grows: every channel of two columns has an LSTM of
// four units in both directions, and one of 32 units reads them all, as in the demo network.

import { floats, int, integers, ints, model, node, numbers, text, value } from "./write-onnx.mjs";

const [N_COLUMNS, N_UNITS, N_TOP] = [2, 4, 32];

/**
 * @param {number} steps
 * @param {number} channels
 */
export function channelWise(steps, channels) {
  const width = channels * N_COLUMNS;
  const random = numbers(steps * 31 + channels);
  const weights = (/** @type {string} */ name, /** @type {number[]} */ dims) =>
    floats(
      name,
      dims,
      Array.from({ length: dims.reduce((a, b) => a * b) }, () => random() * 0.4),
    );
  const lstm = (
    /** @type {string} */ name,
    /** @type {number} */ inputs,
    /** @type {number} */ units,
    /** @type {number} */ directions,
  ) => [
    weights(`${name}.w`, [directions, 4 * units, inputs]),
    weights(`${name}.r`, [directions, 4 * units, units]),
    weights(`${name}.b`, [directions, 8 * units]),
  ];
  const each = Array.from({ length: channels }, (_, k) => `c${k}`);
  const nodes = [
    node("Transpose", ["x"], ["by_step"], [ints("perm", [1, 0, 2])]),
    node("Split", ["by_step", "sizes"], each, [int("axis", 2)]),
    ...each.flatMap((c) => [
      node(
        "LSTM",
        [c, `${c}.w`, `${c}.r`, `${c}.b`],
        [`${c}.y`],
        [int("hidden_size", N_UNITS), text("direction", "bidirectional")],
      ),
      node("Transpose", [`${c}.y`], [`${c}.t`], [ints("perm", [0, 2, 1, 3])]),
      node("Reshape", [`${c}.t`, "rows"], [`${c}.h`], []),
    ]),
    node(
      "Concat",
      each.map((c) => `${c}.h`),
      ["all"],
      [int("axis", 2)],
    ),
    node("LSTM", ["all", "top.w", "top.r", "top.b"], ["", "last"], [int("hidden_size", N_TOP)]),
    node("Reshape", ["last", "row"], ["h"], []),
    node("Gemm", ["h", "out.w", "out.b"], ["score"], []),
    node("Sigmoid", ["score"], ["risk"], []),
  ];
  const initializers = [
    integers(
      "sizes",
      [channels],
      each.map(() => N_COLUMNS),
    ),
    integers("rows", [3], [steps, 1, 2 * N_UNITS]),
    integers("row", [2], [1, N_TOP]),
    ...each.flatMap((c) => lstm(c, N_COLUMNS, N_UNITS, 2)),
    ...lstm("top", channels * 2 * N_UNITS, N_TOP, 1),
    weights("out.w", [N_TOP, 1]),
    weights("out.b", [1]),
  ];
  return model("channel-wise", {
    nodes,
    initializers,
    inputs: [value("x", [1, steps, width])],
    outputs: [value("risk", [1, 1])],
  });
}

// Channel-wise networks of any size as ONNX, for measuring how the cost grows: every channel of two columns has an LSTM of
// four units in both directions, and one of 32 units reads them all, as in the demo network.

const [N_COLUMNS, N_UNITS, N_TOP] = [2, 4, 32];
const [FLOAT, INT64] = [1, 7];

/**
 * @param {number} steps
 * @param {number} channels
 */
export function channelWise(steps, channels) {
  const width = channels * N_COLUMNS;
  const random = numbers(steps * 31 + channels);
  const weights = (/** @type {string} */ name, /** @type {number[]} */ dims) =>
    tensor(name, dims, FLOAT, floats(Array.from({ length: dims.reduce((a, b) => a * b) }, () => random() * 0.4)));
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
    tensor("sizes", [channels], INT64, integers(each.map(() => N_COLUMNS))),
    tensor("rows", [3], INT64, integers([steps, 1, 2 * N_UNITS])),
    tensor("row", [2], INT64, integers([1, N_TOP])),
    ...each.flatMap((c) => lstm(c, N_COLUMNS, N_UNITS, 2)),
    ...lstm("top", channels * 2 * N_UNITS, N_TOP, 1),
    weights("out.w", [N_TOP, 1]),
    weights("out.b", [1]),
  ];
  const graph = message([
    ...nodes.map((it) => [1, it]),
    [2, "channel-wise"],
    ...initializers.map((it) => [5, it]),
    [11, value("x", [1, steps, width])],
    [12, value("risk", [1, 1])],
  ]);
  return message([
    [1, 8],
    [7, graph],
    [
      8,
      message([
        [1, ""],
        [2, 17],
      ]),
    ],
  ]);
}

/** Numbers in -1..1, the same every time. @param {number} seed */
export function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

// The protobuf wire format: a field is its number and type, then a whole number or bytes with their length.

/** @param {[number, number | string | Uint8Array][]} fields */
function message(fields) {
  const parts = fields.map(([field, it]) => {
    if (typeof it === "number") return Buffer.concat([varint(field << 3), varint(it)]);
    const bytes = Buffer.from(it);
    return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
  });
  return new Uint8Array(Buffer.concat(parts));
}

/** @param {number} n */
function varint(n) {
  const bytes = [];
  for (; n > 127; n = Math.floor(n / 128)) bytes.push((n % 128) | 128);
  return Buffer.from([...bytes, n]);
}

/** @param {string} op @param {string[]} inputs @param {string[]} outputs @param {Uint8Array[]} attributes */
function node(op, inputs, outputs, attributes) {
  return message([
    ...inputs.map((it) => /** @type {[number, string]} */ ([1, it])),
    ...outputs.map((it) => /** @type {[number, string]} */ ([2, it])),
    [3, outputs.at(-1) ?? op],
    [4, op],
    ...attributes.map((it) => /** @type {[number, Uint8Array]} */ ([5, it])),
  ]);
}

/** @param {string} name @param {number} it */
const int = (name, it) =>
  message([
    [1, name],
    [3, it],
    [20, 2],
  ]);
/** @param {string} name @param {string} it */
const text = (name, it) =>
  message([
    [1, name],
    [4, it],
    [20, 3],
  ]);
/** @param {string} name @param {number[]} all */
const ints = (name, all) =>
  message([[1, name], ...all.map((it) => /** @type {[number, number]} */ ([8, it])), [20, 7]]);

/** @param {string} name @param {number[]} dims @param {number} type @param {Uint8Array} data */
const tensor = (name, dims, type, data) =>
  message([...dims.map((it) => /** @type {[number, number]} */ ([1, it])), [2, type], [8, name], [9, data]]);
/** @param {number[]} all */
const floats = (all) => new Uint8Array(Float32Array.from(all).buffer);
/** @param {number[]} all */
const integers = (all) => new Uint8Array(BigInt64Array.from(all.map(BigInt)).buffer);

/** @param {string} name @param {number[]} dims */
function value(name, dims) {
  const shape = message(dims.map((it) => [1, message([[1, it]])]));
  return message([
    [1, name],
    [
      2,
      message([
        [
          1,
          message([
            [1, FLOAT],
            [2, shape],
          ]),
        ],
      ]),
    ],
  ]);
}

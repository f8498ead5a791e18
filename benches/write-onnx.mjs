// Writes what a bench needs of an ONNX file: nodes, their attributes, weights, and the graph around them.

const [FLOAT, INT64] = [1, 7];

/** Numbers in -1..1, the same every time. @param {number} seed */
export function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

// The protobuf wire format: a field is its number and type, then a whole number or bytes with their length.

/** @param {[number, number | string | Uint8Array][]} fields @returns {Uint8Array} */
function message(fields) {
  const parts = fields.flatMap(([field, it]) => {
    if (typeof it === "number") return [varint(field << 3), varint(it)];
    const bytes = typeof it === "string" ? new TextEncoder().encode(it) : it;
    return [varint((field << 3) | 2), varint(bytes.length), bytes];
  });
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** @param {number} n */
function varint(n) {
  const bytes = [];
  for (; n > 127; n = Math.floor(n / 128)) bytes.push((n % 128) | 128);
  return Uint8Array.from([...bytes, n]);
}

/** @param {string} op @param {string[]} inputs @param {string[]} outputs @param {Uint8Array[]} attributes */
export function node(op, inputs, outputs, attributes) {
  return message([
    ...inputs.map((it) => /** @type {[number, string]} */ ([1, it])),
    ...outputs.map((it) => /** @type {[number, string]} */ ([2, it])),
    [3, outputs.at(-1) ?? op],
    [4, op],
    ...attributes.map((it) => /** @type {[number, Uint8Array]} */ ([5, it])),
  ]);
}

/** @param {string} name @param {number} it */
export const int = (name, it) =>
  message([
    [1, name],
    [3, it],
    [20, 2],
  ]);
/** @param {string} name @param {string} it */
export const text = (name, it) =>
  message([
    [1, name],
    [4, it],
    [20, 3],
  ]);
/** @param {string} name @param {number[]} all */
export const ints = (name, all) =>
  message([[1, name], ...all.map((it) => /** @type {[number, number]} */ ([8, it])), [20, 7]]);

/** @param {string} name @param {number[]} dims @param {number} type @param {Uint8Array} data */
const tensor = (name, dims, type, data) =>
  message([...dims.map((it) => /** @type {[number, number]} */ ([1, it])), [2, type], [8, name], [9, data]]);
/** @param {string} name @param {number[]} dims @param {number[]} all */
export const floats = (name, dims, all) => tensor(name, dims, FLOAT, new Uint8Array(Float32Array.from(all).buffer));
/** @param {string} name @param {number[]} dims @param {number[]} all */
export const integers = (name, dims, all) =>
  tensor(name, dims, INT64, new Uint8Array(BigInt64Array.from(all.map(BigInt)).buffer));

/** @param {string} name @param {number[]} dims */
export function value(name, dims) {
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

/**
 * A model of one graph, of opset 17.
 * @param {string} name
 * @param {{ nodes: Uint8Array[], initializers: Uint8Array[], inputs: Uint8Array[], outputs: Uint8Array[] }} graph
 */
export function model(name, { nodes, initializers, inputs, outputs }) {
  const graph = message([
    ...nodes.map((it) => [1, it]),
    [2, name],
    ...initializers.map((it) => [5, it]),
    ...inputs.map((it) => [11, it]),
    ...outputs.map((it) => [12, it]),
  ]);
  const opset = message([
    [1, ""],
    [2, 17],
  ]);
  return message([
    [1, 8],
    [7, graph],
    [8, opset],
  ]);
}

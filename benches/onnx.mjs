// What a bench reads out of an ONNX file: its nodes, and its weights as numbers. The protobuf wire format is a row of
// fields, each with its number and type, and a whole number or bytes with their length after it.

/** Data types of ONNX tensors that are read. */
const [FLOAT, INT32, INT64] = [1, 6, 7];

/**
 * @param {Uint8Array} file
 * @returns {{ nodes: { operator: string, inputs: string[], outputs: string[] }[], tensors: Map<string, { dims: number[], numbers: Float32Array | number[] }> }}
 */
export function readOnnx(file) {
  const graph = all(file, 7)[0];
  if (!graph) throw new Error("the ONNX file holds no graph");
  const nodes = all(graph, 1).map((node) => ({
    operator: texts(node, 4)[0] ?? "",
    inputs: texts(node, 1),
    outputs: texts(node, 2),
  }));
  const tensors = new Map(
    all(graph, 5).map((tensor) => [texts(tensor, 8)[0] ?? "", { dims: dims(tensor), numbers: numbers(tensor) }]),
  );
  return { nodes, tensors };
}

/** @param {Uint8Array} tensor */
function numbers(tensor) {
  const name = texts(tensor, 8)[0];
  const [type] = all(tensor, 2);
  const [raw] = all(tensor, 9);
  if (!raw || ![FLOAT, INT32, INT64].includes(type))
    throw new Error(`tensor "${name}": neither floats nor whole numbers as raw bytes`);
  const bytes = Uint8Array.from(raw).buffer;
  if (type === FLOAT) return new Float32Array(bytes);
  return type === INT32 ? [...new Int32Array(bytes)] : Array.from(new BigInt64Array(bytes), Number);
}

/** Written one by one, or all in one field. @param {Uint8Array} tensor */
function dims(tensor) {
  return all(tensor, 1).flatMap((it) => {
    if (typeof it === "number") return [it];
    const found = [];
    for (let at = 0; at < it.length;) {
      const read = varint(it, at);
      found.push(read.value);
      at = read.next;
    }
    return found;
  });
}

/** @param {Uint8Array} message @param {number} field */
function texts(message, field) {
  return all(message, field).map((bytes) => new TextDecoder().decode(bytes));
}

/** Every value of a field, in order. @param {Uint8Array} message @param {number} field @returns {any[]} */
function all(message, field) {
  const found = [];
  for (let at = 0; at < message.length;) {
    const key = varint(message, at);
    const kind = key.value & 7;
    const { value, next } = take(message, key.next, kind);
    if (next > message.length) throw new Error("the ONNX file ends within a field");
    if (key.value >> 3 === field) found.push(value);
    at = next;
  }
  return found;
}

/** @param {Uint8Array} message @param {number} at @param {number} kind */
function take(message, at, kind) {
  if (kind === 0) return varint(message, at);
  if (kind === 2) {
    const length = varint(message, at);
    const next = length.next + length.value;
    return { value: message.subarray(length.next, next), next };
  }
  if (kind === 1 || kind === 5) return { value: undefined, next: at + (kind === 1 ? 8 : 4) };
  throw new Error(`byte ${at} of the ONNX file: ${kind} is no wire type`);
}

/** @param {Uint8Array} bytes @param {number} at */
function varint(bytes, at) {
  let value = 0;
  for (let place = 1; ; place *= 128, at++) {
    const byte = bytes[at];
    if (byte === undefined) throw new Error("the ONNX file ends within a number");
    value += (byte & 127) * place;
    if (byte < 128) return { value, next: at + 1 };
  }
}

// Messages to the embedded page, made up from a seed: sound ones, changed ones, and what is no message at all.

/** Marsaglia's xorshift, 32 bits: `below(n)` and `of(list)`. */
export function random(seed) {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  const below = (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 1) % Math.max(1, n);
  };
  return { below, of: (list) => list[below(list.length)] };
}

function cyclic() {
  const it = { name: "cyclic" };
  it.it = it;
  return it;
}

/** Values that a structured clone carries and code tends to get wrong. */
const ODD = [
  () => undefined,
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 0.5,
  () => NaN,
  () => Infinity,
  () => 1e308,
  () => 2 ** 53,
  () => 10n,
  () => "",
  () => " ",
  () => "\u0000",
  () => "x".repeat(100_000),
  () => "__proto__",
  () => "\ud800",
  () => "1",
  () => "{",
  () => "[]",
  () => ({}),
  () => [],
  () => [null],
  () => ({ length: 1e9 }),
  () => ({ toString: 1 }),
  () => ({ toJSON: 1 }),
  () => Object.create(null),
  () => new Map([["onnx", 1]]),
  () => new Set([1]),
  () => new Date(NaN),
  () => /x/g,
  () => new Error("odd"),
  cyclic,
  () => new ArrayBuffer(0),
  () => new ArrayBuffer(1000),
  () => new Uint8Array(100),
  () => new Float64Array([NaN]),
  () => JSON.parse("[".repeat(500) + "]".repeat(500)),
];

const TYPES = [
  "status.handshake",
  "vitrine.model.load",
  "vitrine.stay.load",
  "vitrine.method.set",
  "vitrine.theme.set",
  "vitrine.prediction.get",
  "vitrine.export",
  "vitrine.prediction",
  "toString",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "",
  "vitrine.everything",
];

/**
 * Makes messages.
 * @param {ReturnType<typeof random>} next
 * @param {{ handle: string, onnx: Uint8Array, records: string[], resources: object[] }} sound
 */
export function message(next, sound) {
  if (next.below(20) === 0) return next.of(ODD)();
  const envelope = {
    messagingHandle: sound.handle,
    messageId: `m${next.below(1e9)}`,
    messageType: next.of(TYPES),
    payload: undefined,
  };
  envelope.payload = payload(envelope.messageType, next, sound);
  for (let changes = next.below(3); changes > 0; changes--) change(next.below(4) ? envelope.payload : envelope, next);
  return envelope;
}

function payload(type, next, { onnx, records, resources }) {
  switch (type) {
    case "vitrine.model.load":
      return { name: "m.onnx", onnx: damaged(onnx, next).buffer, ...(next.below(4) ? {} : { manifest: "{}" }) };
    case "vitrine.stay.load":
      return next.below(2)
        ? { name: "s", text: cut(next.of(records), next) }
        : { resource: structuredClone(next.of(resources)), options: { format: "fhir" } };
    case "vitrine.method.set":
      return {
        target: 0,
        epsilon: next.of([0.01, 0, 1e-9]),
        biasFactor: next.of([0, 1]),
        rule: next.of(["arras2017", "arras2019"]),
        gates: next.of(["all", "half", "prop", "abs"]),
      };
    case "vitrine.theme.set":
      return { theme: next.of(["light", "dark", "system", "neon"]) };
    case "vitrine.export":
      return {
        kind: next.of(["risk-assessment", "csv", "svg", "view", "pdf", "constructor"]),
        recorded: "2024-01-01T00:00:00Z",
      };
    default:
      return {};
  }
}

/** Changes one field somewhere in an object. */
function change(object, next, depth = 0) {
  if (typeof object !== "object" || object === null || ArrayBuffer.isView(object)) return;
  const key = next.of(Object.keys(object));
  const inner = key === undefined ? undefined : object[key];
  if (depth < 8 && typeof inner === "object" && inner !== null && next.below(4)) change(inner, next, depth + 1);
  else if (key === undefined || next.below(8) === 0)
    object[next.of(["method", "steps", "options", "patient", "extra"])] = next.of(ODD)();
  else if (next.below(5) === 0) delete object[key];
  else object[key] = next.of(ODD)();
}

/** Whole, every second time; else shortened or with bytes changed. */
function damaged(bytes, next) {
  const copy = Uint8Array.from(bytes);
  if (next.below(2)) return copy;
  if (next.below(3) === 0) return copy.slice(0, next.below(copy.length));
  for (let k = 0; k < 3; k++) copy[next.below(copy.length)] = next.below(256);
  return copy;
}

function cut(text, next) {
  if (next.below(2)) return text;
  const at = next.below(text.length);
  return next.below(2)
    ? text.slice(0, at)
    : text.slice(0, at) + next.of(['"', ";", "nan", "\r", "-1"]) + text.slice(at + next.below(9));
}

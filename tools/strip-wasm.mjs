// Removes the custom sections that only debuggers read from a WebAssembly module.
//
// Not left to the compiler: wasm-bindgen needs `target_features`, which `strip = true` would take away.

const KEPT = new Set(["target_features"]);

/**
 * @param {Buffer} bytes a module
 * @param {string} file its name, for the error
 * @returns {Buffer} the module without its names, producers and debug sections
 */
export function stripWasm(bytes, file) {
  if (bytes.readUInt32BE(0) !== 0x0061736d) throw new Error(`${file}: not a WebAssembly module`);
  const kept = [bytes.subarray(0, 8)];
  let at = 8;
  while (at < bytes.length) {
    const start = at;
    const id = bytes[at];
    const size = leb128(bytes, at + 1);
    const end = size.next + size.value;
    const isCustom = id === 0;
    if (!isCustom || KEPT.has(nameOf(bytes, size.next))) kept.push(bytes.subarray(start, end));
    at = end;
  }
  return Buffer.concat(kept);
}

function nameOf(bytes, at) {
  const length = leb128(bytes, at);
  return bytes.toString("utf8", length.next, length.next + length.value);
}

/** An unsigned LEB128 number of at most 32 bits, and where the next byte is. */
function leb128(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7, at++) {
    value += (bytes[at] & 0x7f) * 2 ** shift;
    if (bytes[at] < 0x80) return { value, next: at + 1 };
  }
}

// The digests of `tests/study/determinism.rs`, from JavaScript; runs in Node and, sent there as text, in a browser.

/** Fails where a digest differs, or an output by more than 2e-7. */
export function compare(assert, found, golden) {
  assert.deepEqual(Object.keys(found).sort(), Object.keys(golden).sort());
  for (const [name, value] of Object.entries(found)) {
    if (name.endsWith("output")) assert.ok(Math.abs(Number(value) - Number(golden[name])) <= 2e-7, `${name}: ${value}`);
    else assert.equal(value, golden[name], name);
  }
}

/**
 * @param {typeof import("../../pkg/vitrine.js")} engine already started
 * @param {Uint8Array} onnx
 * @param {Record<string, string>} stays the records' texts by name
 * @returns {Record<string, string>}
 */
export function digests({ Model, Stay }, onnx, stays) {
  const model = new Model(onnx);
  const found = {};
  for (const [name, text] of Object.entries(stays)) {
    const stay = Stay.parse(text, model, { format: "mimic3", name });
    for (const method of ["lrp", "gradient"])
      found[`${name} ${method}`] = digest(model.explain(stay.input, { method }).relevance);
    found[`${name} output`] = String(model.predict(stay.input)[0]);
  }
  return found;

  /** FNV-1a of the numbers' bytes. @param {Float32Array} values */
  function digest(values) {
    let hash = 0xcbf29ce484222325n;
    for (const byte of new Uint8Array(values.buffer, values.byteOffset, values.byteLength)) {
      hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    }
    return hash.toString(16).padStart(16, "0");
  }
}

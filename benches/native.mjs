// The native onnxruntime of a Python, as a process of its own that takes its turns like the others.

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("native.py", import.meta.url));

/**
 * @param {string} python a Python that has onnxruntime
 * @param {string} model the file
 * @param {Float32Array[]} inputs
 * @param {{ steps: number, columns: number, scratch: string }} options scratch: a file for the inputs
 */
export async function native(python, model, inputs, { steps, columns, scratch }) {
  mkdirSync(dirname(scratch), { recursive: true });
  writeFileSync(scratch, Buffer.concat(inputs.map((input) => Buffer.from(input.buffer, input.byteOffset, input.byteLength))));
  const child = spawn(python, [PROGRAM, model, scratch, String(steps), String(columns)], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const hear = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${PROGRAM} ended early; see above`);
    return JSON.parse(value);
  };
  const { version, loads } = await hear();
  const ask = () => {
    child.stdin.write("\n");
    return hear();
  };
  return {
    version,
    loads,
    /** Milliseconds a stay. */
    take: async () => (await ask()).ms,
    probabilities: async () => /** @type {number[]} */ ((await ask()).probabilities),
    close: () => child.stdin.end(),
  };
}

// The native onnxruntime of a Python, as a process of its own that takes its turns like the others.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("native.py", import.meta.url));

/**
 * @param {string} python a Python that has onnxruntime
 * @param {string} model the file
 * @param {string} inputs the file of the stays' numbers
 * @param {{ steps: number, columns: number }} shape
 */
export async function native(python, model, inputs, { steps, columns }) {
  const child = spawn(python, [PROGRAM, model, inputs, String(steps), String(columns)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
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
    /** The probabilities, and bytes: the most that the process has held, and held before onnxruntime. */
    ask: async () => /** @type {{ probabilities: number[], most: number, before: number }} */ (await ask()),
    close: () => child.stdin.end(),
  };
}

// Files that are compressed, by their first bytes: what is in them takes their place. What cannot be read is named.

import { bytesOf, readable } from "../files.js";
import { engine } from "../page.js";

/** The first bytes of gzip and zip. */
const ARCHIVES = [
  [0x1f, 0x8b, 0x08],
  [0x50, 0x4b, 0x03, 0x04],
];

/**
 * The files, with the contents of archives in place of them, and what is left out, each with the reason. Of one file
 * alone the reason is the error.
 * @param {File[]} given
 * @param {AbortSignal} signal
 * @returns {Promise<{ files: File[], leftOut: string[] }>}
 */
export async function unpacked(given, signal) {
  /** @type {string[]} */
  const leftOut = [];
  const all = await Promise.all(given.map(async (file) => {
    try {
      const it = await contents(file, signal);
      leftOut.push(...it.leftOut);
      return it.files;
    } catch (error) {
      if (given.length === 1 || signal.aborted) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      leftOut.push(reason.startsWith(file.name) ? reason : `${file.name}: ${reason}`);
      return [];
    }
  }));
  return { files: all.flat(), leftOut };
}

/**
 * @param {File} file
 * @param {AbortSignal} signal
 */
async function contents(file, signal) {
  const start = new Uint8Array(await readable(file, (it) => it.slice(0, 4).arrayBuffer()));
  if (!ARCHIVES.some((signature) => signature.every((byte, index) => start[index] === byte))) return { files: [file], leftOut: [] };
  const request = { name: file.name, bytes: await bytesOf(file) };
  const { files, leftOut } = await engine.request("recordFiles", request, { signal });
  if (files.length === 0) throw new Error(`${file.name}: holds no text to read: ${leftOut.join("; ")}`);
  return { files: files.map(({ name, text }) => new File([text], name)), leftOut: leftOut.map((reason) => `${file.name}: ${reason}`) };
}

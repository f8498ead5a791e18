// Files that are compressed, by their first bytes: what is in them takes their place. What cannot be read is named.

import { bytesOf, readable } from "../files.js";
import { engine } from "../page.js";

/** The first bytes of gzip and zip. */
const ARCHIVES = [
  [0x1f, 0x8b, 0x08],
  [0x50, 0x4b, 0x03, 0x04],
];

/**
 * The files, with the contents of archives in place of them.
 * @param {File[]} files
 * @param {AbortSignal} signal
 * @returns {Promise<File[]>}
 */
export async function unpacked(files, signal) {
  const all = await Promise.all(files.map((file) => contents(file, signal)));
  return all.flat();
}

/**
 * @param {File} file
 * @param {AbortSignal} signal
 */
async function contents(file, signal) {
  const start = new Uint8Array(await readable(file, (it) => it.slice(0, 4).arrayBuffer()));
  if (!ARCHIVES.some((signature) => signature.every((byte, index) => start[index] === byte))) return [file];
  const request = { name: file.name, bytes: await bytesOf(file) };
  const { files, leftOut } = await engine.request("recordFiles", request, { signal });
  if (files.length === 0) throw new Error(`${file.name}: holds no text to read: ${leftOut.join("; ")}`);
  if (leftOut.length > 0) throw new Error(`${file.name}: ${leftOut.join("; ")}; unpack it, and open the records alone`);
  return files.map(({ name, text }) => new File([text], name));
}

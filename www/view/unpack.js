// Files that are compressed or no text in UTF-8, by their bytes: the text in them takes their place. What cannot be read is
// named.

import { LARGEST, bytesOf, isRecordName, readable } from "../files.js";
import { engine } from "../page.js";

/** The first bytes of gzip, zip and Parquet; and of what is no text whatever it is called: pictures, PDF, HDF5, old workbooks. */
const PACKED = [
  [0x1f, 0x8b, 0x08],
  [0x50, 0x4b, 0x03, 0x04],
  [0x50, 0x41, 0x52, 0x31],
  [0xff, 0xd8, 0xff],
  [0x89, 0x50, 0x4e, 0x47],
  [0x25, 0x50, 0x44, 0x46],
  [0x89, 0x48, 0x44, 0x46],
  [0xd0, 0xcf, 0x11, 0xe0],
];
/** Arrays of NumPy's are maps from elsewhere, whatever they are called. */
const NUMPY = [0x93, 0x4e, 0x55, 0x4d];

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
  const startsAs = (/** @type {number[]} */ signature) => signature.every((byte, index) => start[index] === byte);
  if (!PACKED.some(startsAs) && (startsAs(NUMPY) || (await isPlain(file)))) return { files: [file], leftOut: [] };
  const request = { name: file.name, bytes: await bytesOf(file) };
  const { files, leftOut } = await engine.request("recordFiles", request, { signal });
  if (files.length === 0) throw new Error(`${file.name}: holds no text to read: ${leftOut.join("; ")}`);
  return { files: files.map(({ name, text }) => new File([text], name)), leftOut: leftOut.map((reason) => `${file.name}: ${reason}`) };
}

/**
 * Whether a file is a text in UTF-8, or is not called one. Of any other the engine says what it is.
 * @param {File} file
 */
async function isPlain(file) {
  if (!isRecordName(file) || file.size > LARGEST.text) return true;
  const bytes = await readable(file, (it) => it.arrayBuffer());
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

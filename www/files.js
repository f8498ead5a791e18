// The content of files, whose size is looked at before anything is read: five gigabytes dropped by mistake would take the
// tab with them long before the engine could refuse them.

const MIB = 2 ** 20;
/** Bytes of the largest file that is read. The engine's own limits are narrower, by what a file holds. */
export const LARGEST = { text: 128 * MIB, model: 256 * MIB };

/** Whether a file is called what records are called. @param {{ name: string }} file */
export function isRecordName({ name }) {
  return /\.(csv|tsv|psv|txt|json|ndjson|jsonl|fhir|parquet|pq)$/i.test(name);
}

/** A file that is not read because of its size. */
export class TooLarge extends Error {
  /**
   * @param {Blob & { name?: string }} file
   * @param {number} most bytes
   */
  constructor({ name = "", size }, most) {
    super(`${name}: has ${Math.ceil(size / MIB)} MiB, and at most ${most / MIB} MiB are read; nothing of it was read; open a smaller file`);
    this.file = name;
    /** MiB, as the message says them. */
    this.size = Math.ceil(size / MIB);
    this.most = most / MIB;
  }
}

/** @param {File} file */
export async function textOf(file) {
  return readable(file, (it) => checked(it, LARGEST.text).text());
}

/** @param {File} file of a model: its ONNX, or weights beside it */
export async function bytesOf(file) {
  return readable(file, (it) => checked(it, LARGEST.model).arrayBuffer());
}

/**
 * Reads a file, and has the error name it: the browser's own does not.
 * @template T
 * @param {File} file
 * @param {(file: File) => Promise<T>} read
 */
export async function readable(file, read) {
  try {
    return await read(file);
  } catch (cause) {
    if (cause instanceof TooLarge) throw cause;
    throw new Error(`${file.name}: cannot be read; open files, not folders, and open it again if it has changed`, { cause });
  }
}

/**
 * @param {File} file
 * @param {number} most
 */
function checked(file, most) {
  if (file.size > most) throw new TooLarge(file, most);
  return file;
}

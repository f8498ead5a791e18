// A Parquet file as the text of a table: hyparquet decodes it, and this writes it as CSV, so that the engine reads it as it
// reads any table.

import { parquetMetadata, parquetRead } from "../vendor/hyparquet.js";

/** @import { Metadata, SchemaElement } from "../vendor/hyparquet.js" */

/** The engine's own limits, before anything is unpacked. */
const ROWS_MAX = 1_000_000;
const BYTES_MAX = 128 * 2 ** 20;

const REMEDY = "save the table as CSV, for example with pandas: read_parquet(...).to_csv(...)";

/**
 * @param {ArrayBuffer} file
 * @returns {Promise<string>} a line for each row, behind one with the names of the columns
 */
export async function tableOf(file) {
  try {
    const metadata = parquetMetadata(file);
    check(metadata);
    return await written(file, metadata);
  } catch (cause) {
    if (cause instanceof Unread) throw cause;
    throw new Error(`this Parquet file cannot be read (${cause instanceof Error ? cause.message : cause}); fetch it again, or ${REMEDY}`, { cause });
  }
}

/** Why a sound file is not read. */
class Unread extends Error {}

/** @param {Metadata} metadata */
function check({ num_rows: rows, row_groups: groups, schema }) {
  if (rows > ROWS_MAX) throw new Unread(`this Parquet file has ${rows} rows, and at most ${ROWS_MAX} are read; keep one stay a file`);
  const grouped = groups.reduce((sum, group) => sum + group.num_rows, 0n);
  if (grouped !== rows || groups.some((group) => group.num_rows < 0n)) throw new Error(`its groups hold ${grouped} rows of ${rows}`);
  const columns = groups.flatMap((group) => group.columns.flatMap((column) => column.meta_data ?? []));
  const size = columns.reduce((sum, column) => sum + Number(column.total_uncompressed_size), 0);
  if (size > BYTES_MAX) throw tooLarge();
  const packed = columns.find(({ codec }) => codec !== "UNCOMPRESSED" && codec !== "SNAPPY");
  if (packed) throw new Unread(`this Parquet file is compressed with ${packed.codec}, which is not read; save it again with compression="snappy", or ${REMEDY}`);
  if (schema.length < 2) throw new Unread(`this Parquet file has no columns; ${REMEDY}`);
}

function tooLarge() {
  return new Unread(`this Parquet file holds more than ${BYTES_MAX / 2 ** 20} MiB, the most that is read; keep one stay a file`);
}

/**
 * @param {ArrayBuffer} file
 * @param {Metadata} metadata
 */
async function written(file, metadata) {
  const columns = columnsOf(metadata.schema);
  /** @type {Set<string>} */
  const names = new Set();
  for (const { name } of columns) {
    if (names.has(name)) throw new Unread(`column "${name}" stands in this Parquet file twice; keep one`);
    names.add(name);
  }
  const lines = [columns.map(({ name }) => quoted(name)).join(",")];
  let length = 0;
  let rowStart = 0;
  // A group at a time, so that not all of a large table is unpacked at once.
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    /** @type {string[]} */
    let some = Array(rowEnd - rowStart).fill("");
    // And a column at a time: of several that are damaged hyparquet reports one, and leaves the others' errors to nobody.
    for (const [index, column] of columns.entries()) {
      const cells = await read(file, metadata, column, rowStart, rowEnd);
      some = some.map((line, row) => (index === 0 ? cells[row] : `${line},${cells[row]}`));
      length += cells.reduce((sum, text) => sum + text.length + 1, 0);
      if (length > BYTES_MAX) throw tooLarge();
    }
    for (const line of some) lines.push(line);
    rowStart = rowEnd;
  }
  return `${lines.join("\n")}\n`;
}

/**
 * The cells of a column.
 * @param {ArrayBuffer} file
 * @param {Metadata} metadata
 * @param {SchemaElement} column
 * @param {number} rowStart
 * @param {number} rowEnd
 * @returns {Promise<string[]>}
 */
async function read(file, metadata, column, rowStart, rowEnd) {
  /** @type {string[]} */
  let cells = [];
  const take = (/** @type {unknown[][]} */ rows) => { cells = rows.map(([value]) => cell(value, column)); };
  await parquetRead({ file, metadata, columns: [column.name], rowStart, rowEnd, parsers: PARSERS, onComplete: take });
  if (cells.length !== rowEnd - rowStart) throw new Error(`column "${column.name}" has ${cells.length} rows of ${rowEnd - rowStart}`);
  return cells;
}

/**
 * The columns of the table: what stands directly below the schema's root. What has parts is one column.
 * @param {SchemaElement[]} schema in depth-first order
 */
function columnsOf([root, ...elements]) {
  /** @type {SchemaElement[]} */
  const columns = [];
  let at = 0;
  const skip = () => {
    const { num_children: parts = 0 } = elements[at] ?? {};
    at += 1;
    for (let part = 0; part < parts; part += 1) skip();
  };
  for (let column = 0; column < (root?.num_children ?? 0); column += 1) {
    const element = elements[at];
    if (element) columns.push(element);
    skip();
  }
  return columns;
}

/** Times become text, as exact as they are stored. */
const PARSERS = {
  timestampFromMilliseconds: (/** @type {bigint} */ count) => instant(count, 3),
  timestampFromMicroseconds: (/** @type {bigint} */ count) => instant(count, 6),
  timestampFromNanoseconds: (/** @type {bigint} */ count) => instant(count, 9),
  dateFromDays: (/** @type {number} */ days) => instant(BigInt(days) * 86_400n, 0).slice(0, 10),
  jsonFromBytes: (/** @type {Uint8Array | undefined} */ bytes) => bytes && new TextDecoder().decode(bytes),
};

/**
 * @param {bigint} count since 1970
 * @param {number} digits of a second's fraction
 */
function instant(count, digits) {
  const second = 10n ** BigInt(digits);
  const rest = ((count % second) + second) % second;
  const date = new Date(Number((count - rest) / second) * 1000);
  const year = date.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) return "a time beyond the years 1 to 9999";
  const fraction = rest === 0n ? "" : `.${String(rest).padStart(digits, "0")}`;
  return date.toISOString().slice(0, 19).replace("T", " ") + fraction;
}

/**
 * @param {unknown} value
 * @param {SchemaElement} column
 */
function cell(value, { type, converted_type: converted, logical_type: logical }) {
  if (value === null || value === undefined) return "";
  if (logical?.type === "TIME" || converted?.startsWith("TIME_")) return clock(value, logical?.unit ?? converted ?? "");
  if (logical?.type === "TIMESTAMP" && logical.isAdjustedToUTC) return `${value}+00:00`;
  if (type === "FLOAT" && typeof value === "number") return single(value);
  return quoted(typeof value === "object" ? JSON.stringify(value, (_, part) => (typeof part === "bigint" ? String(part) : part)) : String(value));
}

/**
 * A time of day, which is no number of hours.
 * @param {unknown} value
 * @param {string} unit
 */
function clock(value, unit) {
  const digits = unit.endsWith("MILLIS") ? 3 : unit.endsWith("MICROS") ? 6 : 9;
  return instant(BigInt(/** @type {number | bigint} */ (value)), digits).slice(11);
}

/**
 * The shortest decimal number that a number of single precision is the nearest to: 36.6 and not 36.599998474121094.
 * @param {number} value
 */
function single(value) {
  const all = [6, 7, 8, 9].map((digits) => Number(value.toPrecision(digits)));
  return String(all.find((shorter) => Math.fround(shorter) === value) ?? value);
}

/** @param {string} text */
function quoted(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// What the page uses of hyparquet, whose own types come with the npm package.

/** A column of the schema, or a group of columns. */
export interface SchemaElement {
  name: string;
  type?: string;
  repetition_type?: string;
  num_children?: number;
  converted_type?: string;
  logical_type?: { type: string; isAdjustedToUTC?: boolean; unit?: string };
}

export interface Metadata {
  schema: SchemaElement[];
  num_rows: bigint;
  row_groups: { num_rows: bigint; columns: { meta_data?: { codec: string; total_uncompressed_size: bigint } }[] }[];
}

/** What a value of a type becomes. */
export interface Parsers {
  timestampFromMilliseconds(count: bigint): unknown;
  timestampFromMicroseconds(count: bigint): unknown;
  timestampFromNanoseconds(count: bigint): unknown;
  dateFromDays(days: number): unknown;
  jsonFromBytes(bytes: Uint8Array | undefined): unknown;
}

export function parquetMetadata(file: ArrayBuffer): Metadata;

export function parquetRead(options: {
  file: ArrayBuffer;
  metadata: Metadata;
  columns: string[];
  rowStart: number;
  rowEnd: number;
  parsers: Partial<Parsers>;
  onComplete(rows: unknown[][]): void;
}): Promise<void>;

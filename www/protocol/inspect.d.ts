// What stands under the cursor, in one channel, and in all cells.

import type { CourseFacts, Inspection } from "../../pkg/vitrine.js";

declare module "../protocol.js" {
  interface Requests {
    inspect: { request: { row: number; step: number }; answer: Inspection | undefined; progress: never };
    /** The output had the reading that stands in a cell, or is carried forward into it, not been taken. */
    without: { request: { row: number; step: number }; answer: number | undefined; progress: never };
    inspectAll: { request: undefined; answer: InspectedStay | undefined; progress: never };
    /** Every measured value that is a number, row by row: NaN elsewhere. */
    numbers: { request: undefined; answer: Float64Array; progress: never };
    course: { request: CourseRequest; answer: Course | undefined; progress: never };
  }
}

/** Every cell, row by row, and what the values of each row received over the steps that are shown. */
export interface InspectedStay {
  cells: Inspection[];
  relevance: number[];
  gradient: number[];
}

/** One channel's values over the hours that are shown. Lengths are device pixels. */
export interface CourseRequest {
  row: number;
  width: number;
  height: number;
  band: number;
  /** Room for other values than those that are there. */
  room?: boolean;
  /** The steps that are drawn, the last one left out; those that are shown where none are named. */
  window?: [number, number];
}

export interface Course {
  row: number;
  bitmap: ImageBitmap;
  facts: CourseFacts;
  firstStep: number;
}

export type { CourseFacts, Inspection };

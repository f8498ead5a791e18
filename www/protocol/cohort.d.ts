// Many stays.

import type { CohortPicture, CohortRow, CohortSubgroups, GridLayout, LabelReport, Measures, StayOptions } from "../../pkg/vitrine.js";
import type { Method, Paint } from "./open.js";
import type { Progress } from "./edit.js";

declare module "../protocol.js" {
  interface Requests {
    /** Begins anew, with the open model and its method; `longest`: of stays of any length, the one that has most steps. A list that is refused leaves what was there. */
    cohortBegin: { request: { method: Method | undefined; longest?: { name: string; text: string; options?: StayOptions }; lists: LabelFile[] }; answer: void; progress: never };
    /** How many steps each stay has. `reading`: how tables are read that have all columns which its mapping names. */
    cohortLengths: { request: { files: File[]; reading?: StayOptions }; answer: ({ value: { steps: number; isMapped: boolean } } | { error: string })[]; progress: never };
    /** Explains stays and keeps nothing of them: an outcome for each, in their order. */
    cohortExplain: { request: { files: File[]; method: Method | undefined; reading?: StayOptions }; answer: ({ value: CohortStay } | { error: string })[]; progress: never };
    /** Adds stays that were explained, and answers their rows with their labels. */
    cohortTake: { request: CohortStay[]; answer: CohortRow[]; progress: never };
    /** Further lists of labels, for the stays that are there; one that is refused leaves what was there. */
    cohortLabels: { request: LabelFile[]; answer: void; progress: never };
    /** All stays, and what their lists of labels say. */
    cohortRows: { request: undefined; answer: CohortStays; progress: never };
    cohortPicture: { request: CohortPictureRequest; answer: CohortPainted | undefined; progress: never };
    /** Absent where not both labels are there. */
    cohortMeasures: { request: undefined; answer: Measures | undefined; progress: Progress };
    /** The same for the stays of each value of a column of the lists of labels. */
    cohortSubgroups: { request: CohortSubgroups; answer: Subgroup[]; progress: Progress };
    cohortCsv: { request: undefined; answer: string; progress: never };
  }
}

/** A list of labels as it was given. */
export interface LabelFile {
  name: string;
  text: string;
}

export interface CohortStays {
  rows: CohortRow[];
  /** What of each list came to nothing, in the order in which they were given. */
  reports: LabelReport[];
  /** By what the lists tell stays apart. */
  subgroups: CohortSubgroups[];
}

/** What was measured of some of the stays; absent where they have not both labels. */
export interface Subgroup {
  value: string;
  nStays: number;
  nPositive: number;
  measures?: Measures;
}

/** A stay explained for a cohort; without relevance where it could not be read. */
export interface CohortStay {
  row: CohortRow;
  relevance?: Float64Array;
  /** Whether it was read as the mapping says that was given with the records. */
  isMapped?: boolean;
}

export interface CohortPictureRequest {
  picture: CohortPicture;
  paint: Paint;
}

export interface CohortPainted {
  bitmap: ImageBitmap;
  legend: ImageBitmap;
  ticks: [number, number, number];
  /** Cells beyond the end of the colour scale. */
  beyond: number;
  layout: GridLayout;
  /** Steps of the picture: those of the longest stay. */
  steps: number;
  /** Stays behind the picture. */
  count: number;
}

export type { CohortPicture, CohortRow, CohortSubgroups, LabelReport, Measures };

// Changing a stay, replaying it, and asking what would have to change.

import type { Counterfactual, CounterfactualPart, EditLog, Replay, StayEdit } from "../../pkg/vitrine.js";
import type { View } from "./open.js";

declare module "../protocol.js" {
  interface Requests {
    edit: { request: EditRequest; answer: View; progress: never };
    /** Makes changes again, of which each has been made before. */
    restore: { request: { changes: EditRequest[] }; answer: View; progress: never };
    /** The output as if only the first 1, 2, ... steps had been known. */
    replay: { request: undefined; answer: Replay; progress: Progress };
    /** Shows the stay as if only so many steps had been known; all of them where there is no number. */
    replayTo: { request: { steps: number | undefined }; answer: View; progress: never };
    counterfactual: { request: undefined; answer: Counterfactual; progress: Progress };
  }
}

/** One change of the stay that is open. */
export type EditRequest =
  /** In one step, or in so many from it on. */
  | { what: "type"; row: number; step: number; text: string; steps?: number }
  | { what: "nudge"; row: number; step: number; by: number }
  | { what: "clear"; row: number; step: number; steps: number }
  /** From one place of a course's picture to another, in device pixels from the top of its plot. */
  | { what: "drag"; row: number; from: DragPoint; to: DragPoint; plot: Plot; joins: boolean }
  /** What was measured of a channel from one step to before another, as something else. */
  | ({ what: "ask" } & Question)
  | { what: "edits"; edits: StayEdit[] }
  | { what: "undo" | "redo" | "reset" };

/** As usual in the well, or as half a day before. */
export interface Question {
  row: number;
  from: number;
  to: number;
  as: "normal" | "before";
}

export interface DragPoint {
  step: number;
  y: number;
}

/** Where the values of a course's picture stand: the pixels of the two values. */
export interface Plot {
  top: number;
  bottom: number;
  high: number;
  low: number;
}

export interface Progress {
  done: number;
  total: number;
}

export type { Counterfactual, CounterfactualPart, EditLog };

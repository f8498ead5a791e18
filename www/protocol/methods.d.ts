// Several methods side by side, and how far an explanation can be believed.

import type { GridLayout, MethodAgreement, Trust, TrustAnswer } from "../../pkg/vitrine.js";
import type { Progress } from "./edit.js";
import type { Method, Paint } from "./open.js";

declare module "../protocol.js" {
  interface Requests {
    compare: { request: CompareRequest; answer: Comparison | undefined; progress: Progress };
    /** The same cell by each of the methods that were compared last. */
    compareCell: { request: { row: number; step: number }; answer: number[]; progress: never };
    trust: { request: undefined; answer: Trust; progress: Progress };
  }
}

export interface CompareRequest {
  methods: Method[];
  paint: Paint;
  /** Whether all signed pictures have the scale of the one that reaches farthest. */
  isShared: boolean;
}

export interface Comparison {
  layout: GridLayout;
  /** In the order of the methods. */
  pictures: ComparedPicture[];
  /** Every two methods, by their places in the request. */
  pairs: (MethodAgreement & { first: number; second: number })[];
}

export interface ComparedPicture {
  bitmap: ImageBitmap;
  legend: ImageBitmap;
  ticks: [number, number, number];
  isMagnitude: boolean;
  /** Cells beyond the end of the colour scale. */
  beyond: number;
}

export type { MethodAgreement, Trust, TrustAnswer };

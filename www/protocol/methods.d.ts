// Several methods side by side, and how far an explanation can be believed.

import type { Account, AccountLine, GridLayout, MethodAgreement, FigureWords, PanelWords, Totals, Trust, TrustAnswer, TrustWord } from "../../pkg/vitrine.js";
import type { Progress } from "./edit.js";
import type { Method, Paint, View } from "./open.js";

declare module "../protocol.js" {
  interface Requests {
    compare: { request: CompareRequest; answer: Comparison | undefined; progress: Progress };
    /** What the pictures that were compared last show at a cell, or at its foot. */
    compareCell: { request: { row: number; step: number; isFoot?: boolean }; answer: number[]; progress: never };
    /** What was compared last, as one document. */
    compareSvg: { request: { heading: string[]; words: PanelWords[]; names: FigureWords; paint: Paint; density: number }; answer: string; progress: never };
    /** Where the score went, by channel and hour. */
    account: { request: undefined; answer: Account | undefined; progress: never };
    takeAccount: { request: undefined; answer: string; progress: never };
    /** Whether what is shown holds, or another method: what decides, and no more. */
    trust: { request: { method?: Method }; answer: TrustWord; progress: Progress };
    /** The same of what is shown, with all that decides nothing. */
    trustDetails: { request: undefined; answer: Trust; progress: Progress };
    /** A map from elsewhere, in place of what the method says. */
    openMap: { request: { name: string; bytes: ArrayBuffer; mapNumber?: number }; answer: View; progress: never };
  }
}

export interface CompareRequest {
  methods: Method[];
  paint: Paint;
  /** Whether all signed pictures have the scale of the one that reaches farthest. */
  isShared: boolean;
  /** Whether cells are hatched where methods point opposite ways. */
  isHatched: boolean;
}

export interface Comparison {
  layout: GridLayout;
  /** In the order of the methods. */
  pictures: ComparedPicture[];
  /** Every two methods, by their places in the request. */
  pairs: (MethodAgreement & { first: number; second: number })[];
  /** Cells of the stay where two of the methods point opposite ways. */
  disputed: number;
  /** What each method that says what raised and lowered the output says of the channels. */
  totals: Totals[];
}

export interface ComparedPicture {
  bitmap: ImageBitmap;
  legend: ImageBitmap;
  ticks: [number, number, number];
  isMagnitude: boolean;
  /** Cells beyond the end of the colour scale. */
  beyond: number;
}

/** In one word, how far the checks let an explanation be believed. */
export type TrustVerdict = TrustWord["verdict"];

export type { Account, AccountLine, MethodAgreement, Trust, TrustAnswer, TrustWord };

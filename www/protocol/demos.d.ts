// The text and the image demo: models of their own, beside the open stay.

import type { Colours, PaintedSentence } from "../../pkg/vitrine.js";

/** A model's file and the number it explains by; the worker reads it once. */
export interface DemoModel { name: string; onnx: ArrayBuffer }

/** How a sentence or an image is explained. */
export type DemoMethod = "lrp" | "gradient-x-input";

/** A sentence, read and explained. */
export interface ReadSentence {
  outcome: string; probability: number; score: number; residual: number; sentence: PaintedSentence;
}

/** A picture, and where its colours end. */
export interface DemoPicture { bitmap: ImageBitmap; limit: number }

/** An image, recognised and explained for one class. */
export interface ReadImage {
  classes: { name: string; probability: number }[];
  target: number; score: number; residual: number;
  ink: DemoPicture; relevance: DemoPicture; gradient: DemoPicture;
}

/** What the network would like to see for a class. */
export interface ClassPicture { picture: DemoPicture; probability: number; scores: [number, number] }

declare module "../protocol.js" {
  interface Requests {
    sentence: {
      request: { model: DemoModel; text: string; method: DemoMethod; colours: Colours };
      answer: ReadSentence; progress: never;
    };
    /** `ink` row by row, 0 to 16; without a target the most probable class is explained. */
    image: {
      request: { model: DemoModel; ink: number[]; target?: number; cell: number; line: number; colours: Colours };
      answer: ReadImage; progress: never;
    };
    classPicture: {
      request: { model: DemoModel; target: number; cell: number; colours: Colours };
      answer: ClassPicture; progress: never;
    };
  }
}

export {};

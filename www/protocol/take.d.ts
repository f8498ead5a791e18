// Taking away what is on screen, and opening it again.

import type { Paint, View } from "./open.js";

declare module "../protocol.js" {
  interface Requests {
    takeCsv: { request: undefined; answer: string; progress: never };
    /** `heading` and the pictures' titles in the reader's language; `scale` enlarges all lengths. */
    takeSvg: { request: FigureRequest; answer: Figure; progress: never };
    takeJson: { request: undefined; answer: string; progress: never };
    /** Opens a saved view. */
    openSaved: { request: { name: string; text: string }; answer: View & { paint: Paint }; progress: never };
    /** The footer of everything that is taken away. */
    provenance: { request: undefined; answer: string[]; progress: never };
  }
}

export interface FigureRequest {
  heading: string[];
  titles: { input: string; lrp: string; gradient: string };
  /** What to write over the rows' totals. */
  totals: string;
  /** Device pixels a CSS pixel: a figure's lengths are CSS pixels. */
  density: number;
}

export interface Figure {
  svg: string;
}

// Taking away what is on screen, and opening it again.

import type { FigureWords, PanelWords } from "../../pkg/vitrine.js";
import type { GridName, Paint, StayFile, View } from "./open.js";

declare module "../protocol.js" {
  interface Requests {
    takeCsv: { request: undefined; answer: string; progress: never };
    /** All words in the reader's language. */
    takeSvg: { request: FigureRequest; answer: Figure; progress: never };
    takeJson: { request: undefined; answer: string; progress: never };
    /** Opens a saved view; `demo` is the demo stay whose name it bears, if it bears one's. */
    openSaved: { request: { name: string; text: string; demo?: StayFile; recordNumber?: number }; answer: View & { paint: Paint }; progress: never };
    /** The footer of everything that is taken away. */
    provenance: { request: undefined; answer: string[]; progress: never };
  }
}

export interface FigureRequest {
  heading: string[];
  words: Record<GridName, PanelWords>;
  /** What channels, groups and hours are called. */
  names: FigureWords;
  /** Other colours than those of the screen: paper is light. */
  theme?: Pick<Paint, "background" | "ink">;
  /** Other sizes than those of the screen, in CSS pixels: a sheet of paper is as wide as it is. */
  size?: Pick<Paint, "width" | "cellHeight">;
  /** Device pixels a CSS pixel: a figure's lengths are CSS pixels. */
  density: number;
}

export interface Figure {
  svg: string;
}

// Opening models and records, and everything that the page shows of them.

import type { Coverage, Doubt, EditLog, Finding, GridLayout, GroupEffect, GroupOptions, Head, ImportReport, Ledger, Model, Note, PaintOptions, Spread, StayOptions, Summary, Total, Totals } from "../../pkg/vitrine.js";

import type { Progress } from "./edit.js";

declare module "../protocol.js" {
  interface Requests {
    open: { request: OpenRequest; answer: View; progress: Progress };
    /** Reads a network that is about to be opened. */
    prepare: { request: { name: string; onnx: ArrayBuffer }; answer: void; progress: never };
  }
}

/** The three pictures, by the names that the page's canvases carry. */
export type GridName = "input" | "lrp" | "gradient";

/** A model as opened: kept by the page, so that a restarted worker can be given it again. */
export interface ModelFile {
  name: string;
  onnx: ArrayBuffer;
  manifest?: string;
  /** What the file of the manifest is called, where it is one of its own. */
  manifestName?: string;
  externalData?: Record<string, Uint8Array>;
  /** Further networks with the same columns: all of them are shown as one. */
  others?: { name: string; onnx: ArrayBuffer }[];
}

/** A record as opened. */
export interface StayFile {
  name: string;
  /** The saved view that it came from, in place of a text; whether it has a demo stay's readings. */
  saved?: { file: string; version: string; isOfDemo: boolean };
  text: string;
  /** As the list of demo stays says, or unknown. */
  trueLabel?: number;
  /** Whether it came with the page. */
  isDemo?: boolean;
  /** How it is to be read, where the record leaves that open. */
  options?: StayOptions;
}

/** How the middle picture explains: what the page offers of the engine's methods; "map" is one from elsewhere, to be compared. */
export type MethodKind = "lrp" | "gradient" | "abs-gradient" | "gradient-x-input" | "integrated-gradients" | "smooth-grad" | "deep-shap" | "occlusion" | "shapley" | "map";

/** A method with its options; those of other methods are left out. */
export interface Method {
  /** Layer-wise relevance propagation if not given. */
  method?: MethodKind;
  /** Index of the explained output; the first one if not given. */
  target?: number;
  epsilon?: number;
  biasFactor?: number;
  rule?: "arras2017" | "arras2019";
  gates?: "all" | "half" | "prop" | "abs";
  explain?: "paper" | "score" | "probability";
  /** Most points of integrated gradients, or noisy inputs of SmoothGrad. */
  steps?: number;
  /** Of SmoothGrad, relative to the input's range. */
  noise?: number;
  /** Of occlusion and Shapley values: what is taken away as one; single measurements if not given. */
  by?: NonNullable<GroupOptions["by"]>;
  /** Length of their windows, in hours. */
  window?: number;
  /** Orders that Shapley values sample, and where their chance begins. */
  orders?: number;
  seed?: number;
  /** What differences are explained from: nothing observed if not given, the patient's own first hours, another stay. */
  reference?: "normal" | "own" | "stay";
  referenceHours?: number;
  referenceStay?: StayFile;
}

/** Groups of measurements with their effects; `strongest` has their places, largest effect first. */
export interface EffectsFacts {
  kind: "occlusion" | "shapley";
  groups: GroupEffect[];
  strongest: Uint32Array;
}

/** Options of the pictures: those of the engine, and what else is painted around them, in device pixels. */
export type Paint = Omit<PaintOptions, "limit"> & {
  /** Width of the record and of the gradient, where they are narrower than the relevance beside them. */
  sideWidth?: number;
  /** Width of the colour bars. */
  legendWidth: number;
  /** Width of the bars beside the rows, height of those below the hours. */
  totalsWidth: number;
  stepsHeight: number;
  /** Ends of the colour scales that are held; the others are each picture's own. */
  limits?: Partial<Record<"lrp" | "gradient", number>>;
  /** Rows from the most relevant to the least, in place of `order`. */
  byRelevance?: boolean;
};

/** Opens whatever is given, keeps the rest, explains and paints: all of it, or nothing. */
export interface OpenRequest {
  model?: ModelFile;
  stay?: StayFile;
  method?: Method;
  paint?: Paint;
  /** Numbers that the page's end of the worker gives to what is opened: no two openings have the same. */
  modelNumber?: number;
  recordNumber?: number;
  /** Whether a network without a record that fits it opens on the stay of which nothing is known, and is not refused. */
  isAlone?: boolean;
}

/** One picture and its colour bar, painted by the engine. */
export interface Picture {
  bitmap: ImageBitmap;
  legend: ImageBitmap;
  /** Numbers at the start, middle and end of the colour bar. */
  ticks: [number, number, number];
  /** Totals of the hours as bars. */
  steps: ImageBitmap;
  /** Totals of the rows as bars. */
  rows: ImageBitmap;
  totals: Totals;
  /** Cells beyond the end of the colour scale. */
  beyond: number;
}

/** One channel: one row of the pictures. */
export interface Channel {
  /** As records spell it; what translations go by. */
  name: string;
  /** As people read it, in the manifest's language. */
  label: string;
  group: string;
  unit: string;
}

export interface ModelFacts {
  file: string;
  /** Of the file, or of all files one after another, as hexadecimal digits. */
  sha256: string;
  /** Each network with its own digest. */
  files: { file: string; sha256: string }[];
  /** Where the manifest comes from, and what its file is called where it has one of its own. */
  manifest: { source: Model["manifestSource"]; file?: string };
  name: string;
  description: string;
  steps: number;
  columns: number;
  /** How many networks are shown as one. */
  networks: number;
  /** Whether a stay may have any number of steps: `steps` is then that of the one that is open. */
  hasOpenSteps: boolean;
  /** What the axes of the input are taken for, where nothing tells. */
  assumedLayout: string[];
  stepHours: number;
  /** How far back "as before" takes a value from. */
  hoursBack: number;
  outputs: string[];
  /** What can be chosen to be explained. */
  targets: Head[];
  /** Number of weights and biases. */
  parameters: number;
  /** Whether it is told what was measured, and when. */
  hasMasks: boolean;
  /** Rows of channels of which nothing says what is normal. */
  withoutNormal: number[];
  channels: Channel[];
}

/** Everything that the page shows. */
export interface View {
  /** Which of the worker's views it is: what is taken away is of the view that the page shows, or is refused. */
  id: string;
  /** Which opening of a network, of a record and of a map from elsewhere it is of: names may be the same, these are not. */
  of: { model: number; record: number; map: number };
  model: ModelFacts;
  /** How the stay was explained, if it was. */
  method?: Method;
  /** Why the method is another one than was asked for: the network cannot be explained by that. */
  fallback?: string;
  /** The file of a map from elsewhere that is shown in place of what the method says. */
  foreign?: string;
  /** Cells of the picture that this file does not name; they count 0. */
  unnamed: number;
  /**
   * There where no record is open: why the one that was does not fit; and why there is no stay either, where the network
   * gives no number for one of which nothing is known.
   */
  alone?: { why?: string; problem?: string };
  /** Absent as long as no stay is open. */
  stay?: StayView;
}

export interface StayView {
  name: string;
  isDemo: boolean;
  /** Whether it is no record's: nothing was observed. */
  isAlone: boolean;
  trueLabel?: number;
  /** The saved view that it came from, and the version that wrote it; its record is then not at hand. */
  saved?: { file: string; version: string; isOfDemo: boolean };
  report: ImportReport;
  /** What was changed, once something was. */
  log?: EditLog;
  /** Where the stay is shown as if only so many steps were known. */
  knownSteps?: number;
  /** What raised and lowered the prediction, what it assumed, and what it rests on. */
  summary: Summary;
  /** What each of several networks predicts. */
  spread?: Spread;
  score: number;
  residual: number;
  /** Whether the picture of the method shows magnitudes: it then says nothing of raising or lowering. */
  isMagnitude: boolean;
  ledger: Ledger;
  /** What groups of measurements do, where the picture was put together of that. */
  effects?: EffectsFacts;
  layout: GridLayout;
  /** The same rows and hours as the record and the gradient have them. */
  sides: GridLayout;
  pictures: Record<GridName, Picture>;
  /** Cells of the picture of relevance from the strongest on: `row * steps + step`. */
  strongest: Uint32Array;
}

export type { Coverage, Doubt, EditLog, Finding, GridLayout, Note, PaintOptions, Spread, StayOptions, Summary, Total, Totals };
